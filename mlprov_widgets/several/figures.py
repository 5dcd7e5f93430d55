"""Pictures of several runs: what repeats came to, curves, parallel coordinates, matrices."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mlprov_widgets.present.blocks import (
    Axis,
    Beside,
    Block,
    DataTable,
    DotRow,
    Dots,
    Line,
    Overlay,
    Paragraph,
    Parallel,
)
from mlprov_widgets.present.plot import MOST_LABELLED
from mlprov_widgets.record import results
from mlprov_widgets.record.fields import Metric
from mlprov_widgets.reporting.results import matrix_table
from mlprov_widgets.several.answer import Answer, spread
from mlprov_widgets.several.columns import Column
from mlprov_widgets.several.fields import CHOSEN, DATA, FieldRow
from mlprov_widgets.several.metrics import metric_in
from mlprov_widgets.several.runs import ComparedRun
from mlprov_widgets.store.repeats import Repeats
from mlprov_widgets.wording import format_count, format_number

MAX_ROWS = 12
MAX_CHARTS = 8
MAX_AXES = 8
MAX_LINES = 200
MAX_CLASSES = 12
# Points of percent from which on a change has the deepest colour.
_DEEPEST = 25
LEAST_LINES = 4


def axis_of(metric: Metric, part: str = "") -> str:
    """A metric as an axis is labelled: with unit, part, and which way is better."""
    unit = f" ({metric.unit})" if metric.unit else ""
    told = [f"{metric.label}{unit}", part, metric.better]
    return ", ".join(one for one in told if one)


def dots_of(answer: Answer, metric: Metric, part: str) -> Dots | None:
    """What each configuration came to, run by run; None where there is nothing."""
    shown = answer.ranked[:MAX_ROWS]
    if not shown:
        return None
    rows = [_dot_row(column, one, metric) for column, one in shown]
    told = []
    if any(len(row.values) > 1 for row in rows):
        told.append(
            "A mark is a run, the upright bar the mean, the line its 95 % interval"
            " (with an arrow where it goes on)."
        )
        told.append(
            "Whether two differ is tested on pairs of runs, and cannot be read off the lines."
        )
    left = len(answer.ranked) - len(shown)
    if left > 0:
        told.append(f"{format_count(left, 'configuration')} with worse means not drawn.")
    return Dots("", axis_of(metric, part), rows, " ".join(told))


def _dot_row(column: Column, one: Repeats, metric: Metric) -> DotRow:
    interval = one.interval
    text = (
        spread(one, metric.unit)
        if one.deviation is not None
        else f"{spread(one, metric.unit)}, run once"
    )
    return DotRow(column.key, column.name, one.values, one.mean, interval, text)


# -- curves -----------------------------------------------------------------------------------


def curves_of(columns: Sequence[Column]) -> list[Overlay]:
    """How each quantity went, a picture a quantity and part, a line a column."""
    found: dict[tuple[str, str], dict[str, list[dict[float, float]]]] = {}
    counters: dict[tuple[str, str], str] = {}
    for column in columns:
        for run in column.ended if len(column.runs) > 1 else column.runs:
            for title, part, counter, course in _courses(run):
                key = (title, part)
                counters.setdefault(key, counter)
                found.setdefault(key, {}).setdefault(column.key, []).append(course)
    charts = []
    for key, courses in list(found.items())[:MAX_CHARTS]:
        lines = [_line(column, courses[column.key]) for column in columns if column.key in courses]
        counter = counters[key]
        joined = counter in ("epoch", "step")
        title = f"{key[0]}, {key[1]}" if key[1] else key[0]
        charts.append(Overlay(title, lines, counter, joined))
    return charts


def _courses(run: ComparedRun) -> Iterator[tuple[str, str, str, dict[float, float]]]:
    if run.story is None or run.outcome is None:
        return
    for title, places, series, counter in results.curves(run.outcome.history, run.story.vocabulary):
        # What is left out of a long history is no other quantity.
        quantity = title.partition(f" by {counter}")[0]
        for part, values in series.items():
            course = {x: y for x, y in zip(places, values, strict=True) if y is not None}
            finite = {x: y for x, y in course.items() if math.isfinite(y)}
            if finite:
                yield quantity, part, counter, finite


def _line(column: Column, courses: Sequence[dict[float, float]]) -> Line:
    """A run's course; of several runs their mean, as far as all of them went, and their range."""
    if len(courses) == 1:
        return Line(column.key, column.name, sorted(courses[0].items()))
    shared = sorted(set.intersection(*(set(one) for one in courses)))
    values = {x: [one[x] for one in courses] for x in shared}
    points = [(x, statistics.fmean(values[x])) for x in shared]
    band = [(x, min(values[x]), max(values[x])) for x in shared]
    return Line(column.key, column.name, points, band)


# -- parallel coordinates ---------------------------------------------------------------------


def parallel_of(
    configurations: Sequence[Column],
    rows: Sequence[FieldRow],
    place: Callable[[ComparedRun], int],
    names: Sequence[str],
) -> Parallel | None:
    """What was chosen and what came of it; None where there are too few lines or axes."""
    shown = configurations[:MAX_LINES]
    if len(shown) < LEAST_LINES:
        return None
    different = [row for row in rows if row.group in (CHOSEN, DATA) and row.differs]
    different = [row for row in different if not row.aside]
    made = (_axis(row, shown, place) for row in different)
    axes = [axis for axis in made if axis is not None][: MAX_AXES - 2]
    results_ = [one for one in (_result_axis(name, shown) for name in names[:2]) if one is not None]
    if not axes or not results_:
        return None
    # What it was ranked by stands last, where the letters are.
    every = [*axes, *reversed(results_)]
    left = len(configurations) - len(shown)
    few = len(shown) <= MOST_LABELLED
    note = "" if few else "The three best are drawn in colour, with their letters."
    note += f" {format_count(left, 'configuration')} not drawn." if left > 0 else ""
    return Parallel("", every, [(one.key, one.name) for one in shown], note.strip())


def _axis(
    row: FieldRow, columns: Sequence[Column], place: Callable[[ComparedRun], int]
) -> Axis | None:
    """A field that has one value for each configuration."""
    values: list[float | str | None] = []
    for column in columns:
        found = list(dict.fromkeys(row.values[place(run)] for run in column.runs))
        if len(found) > 1:
            return None
        known = found[0]
        values.append(_number(known.raw, known.text) if known is not None else None)
    if len({str(one) for one in values if one is not None}) < 2:
        return None
    numeric = all(isinstance(one, float) for one in values if one is not None)
    return Axis(row.label, values if numeric else [None if v is None else _text(v) for v in values])


def _text(value: float | str) -> str:
    return value if isinstance(value, str) else format_number(value)


def _number(raw: str, text: str) -> float | str:
    try:
        value = float(raw)
    except ValueError:
        return text
    return value if math.isfinite(value) and abs(value) < 1e100 else text


def _result_axis(name: str, columns: Sequence[Column]) -> Axis | None:
    means: list[float | str | None] = []
    for column in columns:
        values = [run.facts.metrics[name] for run in column.ended if name in run.facts.metrics]
        finite = [one for one in values if math.isfinite(one)]
        means.append(statistics.fmean(finite) if finite else None)
    if len({one for one in means if one is not None}) < 2:
        return None
    metric = metric_in(name, [run for one in columns for run in one.runs])
    several = any(len(one.runs) > 1 for one in columns)
    arrow = {"maximize": " ↑", "minimize": " ↓"}.get(metric.direction, "")
    return Axis(f"{'Mean ' + metric.term if several else metric.label}{arrow}", means)


# -- confusion matrices -----------------------------------------------------------------------


def matrices_of(columns: Sequence[Column]) -> list[Block]:
    """The confusion matrix of each column, of several runs their sum; of two, how they differ."""
    found = [(column, matrix) for column in columns if (matrix := _added_up(column)) is not None]
    if not found:
        return []
    large = [one for one in found if len(one[1].rows) > MAX_CLASSES]
    blocks: list[Block] = [_in_words(column, matrix) for column, matrix in large]
    small = [one for one in found if one not in large]
    tables: list[Block] = [
        matrix_table(matrix, f"{column.key}  {column.name}{_of_runs(column)}")
        for column, matrix in small
    ]
    if len(small) == 2 and small[0][1].classes == small[1][1].classes:
        tables.append(_difference(*small))
    wide = any(len(one.classes) > 6 for _, one in small)
    return [*blocks, *([Beside(tables, wide)] if tables else [])]


def _of_runs(column: Column) -> str:
    return f" (sum of {len(column.ended)} runs)" if len(column.ended) > 1 else ""


def _in_words(column: Column, matrix: results.Matrix) -> Paragraph:
    total = sum(map(sum, matrix.rows))
    right = sum(row[at] for at, row in enumerate(matrix.rows))
    size = len(matrix.rows)
    return Paragraph(
        f"{column.head}: {size} × {size} classes, {format_number(right)} of "
        f"{format_number(total)} on the diagonal."
    )


def _added_up(column: Column) -> results.Matrix | None:
    """The matrices of a column's runs, one over the other; None where they have not one each."""
    found = []
    for run in column.ended:
        story = run.story
        if story is None:
            return None
        of_run = story.record.metrics, story.class_names, story.vocabulary
        matrix = results.confusion_matrix(*of_run)
        if matrix is None:
            return None
        found.append(matrix)
    if not found or any(one.classes != found[0].classes for one in found):
        return None
    size = range(len(found[0].rows))
    rows: list[list[Any]] = [[sum(one.rows[r][c] for one in found) for c in size] for r in size]
    return results.Matrix(found[0].label, found[0].classes, rows)


def _difference(
    first: tuple[Column, results.Matrix], second: tuple[Column, results.Matrix]
) -> DataTable:
    """The second less the first, in percent of each true class."""
    (one, before), (two, after) = first, second
    rows: list[tuple[str, ...]] = []
    shades: list[list[float]] = []
    for name, mine, theirs in zip(before.classes, before.rows, after.rows, strict=True):
        totals = sum(mine) or 1, sum(theirs) or 1
        shares = [100 * (b / totals[1] - a / totals[0]) for a, b in zip(mine, theirs, strict=True)]
        rows.append((name, *map(_signed, shares)))
        better = [share if at == len(shades) else -share for at, share in enumerate(shares)]
        shades.append([max(-1.0, min(1.0, one / _DEEPEST)) for one in better])
    head = ("true ↓   predicted →", *before.classes)
    title = f"{two.key} less {one.key}, in points of percent of each true class"
    note = "On the diagonal + is better, beside it −. Blue is better, orange worse."
    return DataTable(title, head, rows, note, shades=shades, numbers=True, signed=True)


def _signed(share: float) -> str:
    return "0" if abs(share) < 0.05 else f"{share:+.1f}".replace("-", "−")
