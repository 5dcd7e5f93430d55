"""What an evaluation came to, as data: single numbers, numbers of classes, a matrix, curves."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeGuard

from mlprov_widgets.record.fields import Metric, Vocabulary, core
from mlprov_widgets.record.run import Value
from mlprov_widgets.wording import (
    capitalize,
    format_count,
    format_list,
    format_number,
    format_value,
    humanize,
    is_numeric,
    one_line,
)

MAX_FOLDS = 1000
# Of the numbers of folds in one line, and of columns in a table of trials.
MAX_LISTED = 20
MAX_COLUMNS = 24
MAX_POINTS = 600
_MAX_ROWS = 2000
_PART = re.compile(r"^(validation|val|test|train|training)_")
_PARTS = {"val": "validation", "train": "training"}
# What a history is counted by.
COUNTERS = ("epoch", "fold", "trial", "step")


@dataclass(frozen=True)
class MetricValue:
    """A metric with its value.

    Parameters
    ----------
    name : str
        As it is recorded.
    metric : Metric
        What it is; of one that nobody declared, only its name is known.
    value : Value
        A number, or the number of each fold.
    text : str
        The number for reading, or mean and deviation of the folds.
    recorded : str
        As it is recorded, to the last digit.
    baseline : str
        What the baseline came to, for reading; empty where there is none.
    """

    name: str
    metric: Metric
    value: Value
    text: str
    recorded: str
    baseline: str = ""

    @property
    def label(self) -> str:
        """What people call it."""
        return self.metric.label

    @property
    def described(self) -> str:
        """The label, of an error that a lower one is better, and what the baseline came to."""
        beside = f", baseline {self.baseline}" if self.baseline else ""
        return self._with_direction(self.label) + beside

    @property
    def term(self) -> str:
        """The same inside a line."""
        return self._with_direction(self.metric.term)

    def _with_direction(self, name: str) -> str:
        is_error = self.metric.direction == "minimize"
        return f"{name}, {self.metric.better}" if is_error else name


@dataclass(frozen=True)
class ClassTable:
    """Numbers of single classes.

    Parameters
    ----------
    classes : list of str
    columns : dict
        What is told to its text for each class; ``–`` where there is none.
    """

    classes: list[str]
    columns: dict[str, list[str]]


@dataclass(frozen=True)
class Matrix:
    """A confusion matrix: a row for each true class, a column for each predicted one."""

    label: str
    classes: list[str]
    rows: list[list[float]]


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether it is a number that can be drawn and reckoned with."""
    return is_numeric(value) and abs(value) < 1e100


def single_metrics(
    found: Mapping[str, Value], vocabulary: Vocabulary | None = None
) -> list[MetricValue]:
    """All metrics that are one number or one a fold: first those that most readers look for.

    Errors of the numbers of classes come last, for they say little.

    Parameters
    ----------
    found : mapping
        The metrics.
    vocabulary : Vocabulary, optional
        What they mean; by default as the core knows it.
    """
    known = vocabulary or core()
    told = []
    for name, value in found.items():
        metric = known.metric_of(str(name))
        if isinstance(value, dict) or _is_per_class(metric) or metric.form == "matrix":
            continue
        if isinstance(value, list):
            folds = [one for one in value if is_number(one)]
            if not folds or len(folds) != len(value) or len(folds) > MAX_FOLDS:
                continue
            text, recorded = _spread(folds), _listed(folds)
        else:
            is_plain = isinstance(value, int | float)
            text = format_number(value) if is_plain else format_value(value)
            recorded = repr(value) if isinstance(value, float) else format_value(value)
        text += f" {metric.unit}" if metric.unit else ""
        told.append(MetricValue(str(name), metric, value, text, one_line(recorded, 600)))
    baselines = {one.metric.baseline_of: one.text for one in told if one.metric.baseline_of}
    told = [replace(one, baseline=baselines.get(one.metric.name, "")) for one in told]
    order = [one.name for one in known.metrics if one.headline]
    place = {name: at for at, name in enumerate(order)}
    place |= dict.fromkeys(of_class_numbers(found, known), len(order) + 1)
    return sorted(told, key=lambda one: place.get(one.metric.name, len(order)))


def headline_metrics(
    found: Mapping[str, Value], vocabulary: Vocabulary | None = None
) -> list[MetricValue]:
    """The few numbers that a reader looks for; where none of them is there, the first ones.

    Parameters as of `single_metrics`.
    """
    every = single_metrics(found, vocabulary)
    numbers = [
        one for one in every if isinstance(one.value, int | float) and not one.metric.baseline_of
    ]
    little = of_class_numbers(found, vocabulary)
    telling = (one for one in numbers if one.metric.headline and one.metric.name not in little)
    # Where nothing was measured in one go, the folds tell.
    return list(telling) or numbers[:4] or [one for one in every if one.metric.part == "folds"][:4]


def of_class_numbers(found: Mapping[str, Value], vocabulary: Vocabulary | None = None) -> list[str]:
    """Names of the errors that were made of the numbers of classes; none of a regression.

    Parameters as of `single_metrics`.
    """
    known = [(vocabulary or core()).metric_of(str(name)) for name in found]
    if not any(one.whole for one in known):
        return []
    return [one.name for one in known if one.error]


def _is_per_class(metric: Metric) -> bool:
    return metric.form == "per_class" or metric.name.endswith("_per_class")


def class_table(
    found: Mapping[str, Value], known: Sequence[str] = (), vocabulary: Vocabulary | None = None
) -> ClassTable | None:
    """What is told class by class; None where nothing is.

    Parameters
    ----------
    found : mapping
        The metrics.
    known : sequence of str, optional
        Names of the classes, where they are recorded apart from the metrics.
    vocabulary : Vocabulary, optional
        What the metrics mean; by default as the core knows it.
    """
    columns: dict[str, dict[str, Value]] = {}
    for name, value in list(found.items())[:60]:
        metric = (vocabulary or core()).metric_of(str(name))
        if isinstance(value, list) and _is_per_class(metric):
            value = dict(zip(class_names(found, len(value), known), value, strict=True))
        if isinstance(value, dict) and value:
            label = metric.label.removesuffix(" per class")
            columns[label] = {one_line(key, 60): one for key, one in value.items()}
    if not columns:
        return None
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    told = {
        label: [_number(column[name]) if name in column else "–" for name in names]
        for label, column in list(columns.items())[:8]
    }
    matrix = confusion_matrix(found, known, vocabulary)
    if matrix and len(matrix.rows) == len(names):
        told["Samples"] = [format_number(_whole(math.fsum(row))) for row in matrix.rows]
    return ClassTable(names, told)


def confusion_matrix(
    found: Mapping[str, Value], known: Sequence[str] = (), vocabulary: Vocabulary | None = None
) -> Matrix | None:
    """The confusion matrix; None where there is none, or what is called so is not square.

    Parameters as of `class_table`.
    """
    metrics = ((vocabulary or core()).metric_of(str(name)) for name in found)
    metric = next((one for one in metrics if one.form == "matrix"), None)
    rows = _find(found, metric)
    if metric is None or not isinstance(rows, list) or not 0 < len(rows) <= _MAX_ROWS:
        return None
    for row in rows:
        if not isinstance(row, list) or len(row) != len(rows) or not all(map(is_number, row)):
            return None
    return Matrix(metric.label, class_names(found, len(rows), known), rows)


def _find(found: Mapping[str, Value], metric: Metric | None) -> Value:
    """What a metric came to, under whichever of its names it is recorded."""
    names = (metric.name, *metric.aliases) if metric else ()
    return next((found[name] for name in names if name in found), None)


def class_names(found: Mapping[str, Value], classes: int, known: Sequence[str] = ()) -> list[str]:
    """Names of so many classes: known ones, else those that metrics have, else numbers."""
    for names in (known, *(one for one in found.values() if isinstance(one, dict))):
        if len(names) == classes:
            return [one_line(name, 60) for name in names]
    return [str(row) for row in range(classes)]


def counter_of(history: Value) -> str:
    """What a history is counted by: the first of `COUNTERS` that its rows have, else ``epoch``."""
    first = next(iter(history), None) if isinstance(history, list) else None
    names = first if isinstance(first, dict) else {}
    return next((name for name in COUNTERS if name in names), COUNTERS[0])


_Curve = tuple[str, list[float], dict[str, list[float | None]], str]


def curves(history: list[Any], vocabulary: Vocabulary | None = None) -> Iterator[_Curve]:
    """What was recorded at each epoch, fold or trial, a chart a quantity.

    Of each its title, the epochs, the values by the part on which they were measured, None where
    one is unknown, and what they are counted by.

    Parameters
    ----------
    history : list of dict
        An epoch, fold, trial or step each: name of a quantity, with the part before it, to its
        value.
    vocabulary : Vocabulary, optional
        What the quantities mean; by default as the core knows it.
    """
    rows = [row for row in history if isinstance(row, dict)]
    if len(rows) < 2:
        return
    left_out, total, counter = "", len(rows), counter_of(rows)
    if total > MAX_POINTS:
        every = math.ceil(total / MAX_POINTS)
        left_out = f" (every {every}th of {total:,})"
        rows = [*rows[::every], rows[-1]]
    x = _places([row.get(counter) for row in rows])
    charts: dict[str, dict[str, list[float | None]]] = {}
    for key in dict.fromkeys(key for row in rows[:3] for key in list(row)[:40]):
        values = [row.get(key) for row in rows]
        if key == counter or not any(map(is_number, values)):
            continue
        found = _PART.match(str(key))
        # What a fold or a trial came to is measured on rows that it was not trained on.
        own = "training" if counter in ("epoch", "step") else f"each {counter}"
        part = _PARTS.get(found[1], found[1]) if found else own
        quantity = (vocabulary or core()).metric_of(_PART.sub("", str(key))).label
        charts.setdefault(quantity, {})[part] = [
            float(one) if is_number(one) else None for one in values
        ]
    for quantity, series in charts.items():
        yield f"{quantity} by {counter}{left_out}", x, series, counter


class HistoryTable(NamedTuple):
    """A history as a table: what the rounds are called, the columns, the texts of each row, and
    how many columns are left out.
    """

    title: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]]
    left_columns: int = 0


def history_table(
    history: list[Value], vocabulary: Vocabulary | None = None
) -> HistoryTable | None:
    """What was recorded at each fold or trial, settings and results beside each other.

    Parameters as of `curves`; None where there is nothing of it.
    """
    known, counter = vocabulary or core(), counter_of(history)
    rows = [row for row in history if isinstance(row, dict)]
    keys = [key for key in dict.fromkeys(key for row in rows for key in row) if key != counter]
    left, keys = max(len(keys) - MAX_COLUMNS, 0), keys[:MAX_COLUMNS]
    if not keys:
        return None
    head = (capitalize(counter), *(_column_label(str(key), known) for key in keys))
    texts = [
        (format_value(row.get(counter, at)), *(_cell(row.get(key)) for key in keys))
        for at, row in enumerate(rows, start=1)
    ]
    return HistoryTable(capitalize(f"{counter}s"), head, texts, left)


def _column_label(key: str, vocabulary: Vocabulary) -> str:
    part = _PART.match(key)
    label = vocabulary.metric_of(_PART.sub("", key)).label
    return f"{label}, {_PARTS.get(part[1], part[1])}" if part else label


def _cell(value: Value) -> str:
    return format_number(value) if is_number(value) else one_line(format_value(value), 60)


def _listed(folds: list[float]) -> str:
    """Numbers to the last digit; of many the first, and how many more there are."""
    more = len(folds) - MAX_LISTED
    text = ", ".join(map(repr, folds[:MAX_LISTED]))
    return f"{text}, … and {more} more" if more > 0 else text


def remarks(found: Mapping[str, Value], vocabulary: Vocabulary | None = None) -> list[str]:
    """Sentences for below a table of these metrics: of which numbers, over which classes.

    Parameters as of `single_metrics`.
    """
    remark = class_number_remark(found, vocabulary)
    return ([remark] if remark else []) + mean_remarks(found, vocabulary)


def class_number_remark(found: Mapping[str, Value], vocabulary: Vocabulary | None = None) -> str:
    """What errors of the numbers of classes mean, in a sentence; empty where there are none.

    Parameters as of `single_metrics`.
    """
    known = vocabulary or core()
    errors = of_class_numbers(found, known)
    if not errors:
        return ""
    names = format_list([known.metric_of(name).label for name in errors])
    are, they_mean = ("is that", "it means") if len(errors) == 1 else ("are those", "they mean")
    return (
        f"{names} {are} of the numbers of the classes: {they_mean} something only where the "
        "classes have an order."
    )


def mean_remarks(found: Mapping[str, Value], vocabulary: Vocabulary | None = None) -> list[str]:
    """Over which classes means go, where some class had no row.

    Parameters as of `single_metrics`.
    """
    known, told = vocabulary or core(), []
    for metric in dict.fromkeys(map(known.metric_of, map(str, found))):
        if metric.mean_of:
            told += _absent_classes(found, metric, known)
    return told


def _absent_classes(found: Mapping[str, Value], mean: Metric, vocabulary: Vocabulary) -> list[str]:
    """What a mean does with classes of which there was no row, where its parts show that."""
    parts = _find(found, vocabulary.metric_of(mean.mean_of))
    macro, matrix = _find(found, mean), confusion_matrix(found, (), vocabulary)
    if isinstance(parts, list):
        parts = dict(enumerate(parts))
    if not isinstance(parts, dict) or not is_number(macro) or matrix is None:
        return []
    if len(parts) != len(matrix.rows):
        return []
    classes = list(zip(map(str, parts), parts.values(), map(sum, matrix.rows), strict=True))
    absent = [(name, value) for name, value, count in classes if count == 0]
    if not absent:
        return []
    there = [value for _, value, count in classes if count and is_number(value)]
    every = [value for _, value, _ in classes if is_number(value)]
    zero = [name for name, value in absent if value == 0]
    without = [name for name, value in absent if not is_number(value)]
    if zero and _is_mean(macro, every) and not _is_mean(macro, there):
        told = [f"{mean.label} counts as 0 {_classes(zero)}, of which no row was there."]
        return told + ([_left_out(mean, without)] if without else [])
    return [_left_out(mean, [name for name, _ in absent])] if _is_mean(macro, there) else []


def _left_out(mean: Metric, names: list[str]) -> str:
    return f"{mean.label} leaves out {_classes(names)}, of which no row was there."


def _classes(names: list[str]) -> str:
    if len(names) > 5:
        return format_count(len(names), "class", "classes")
    listed = ", ".join(one_line(name, 60) for name in names)
    return f"the class {listed}" if len(names) == 1 else f"the classes {listed}"


def _is_mean(value: float, of: list[float]) -> bool:
    return bool(of) and math.isclose(value, statistics.fmean(of), rel_tol=1e-9, abs_tol=1e-9)


def _spread(folds: list[int | float]) -> str:
    mean = format_number(statistics.fmean(folds))
    if len(folds) == 1:
        return mean
    return f"{mean} ± {format_number(statistics.stdev(folds))} (n = {len(folds)})"


def _number(value: Value) -> str:
    return format_number(value) if isinstance(value, int | float) else humanize(value, 40)


def _whole(value: float) -> float:
    return int(value) if value == int(value) else value


def _places(recorded: list[Value]) -> list[float]:
    """Where on the axis the epochs are: as recorded if that rises, else one after the other."""
    numbers = [float(one) for one in recorded if is_number(one)]
    rising = len(numbers) == len(recorded) and numbers == sorted(numbers)
    return numbers if rising else [float(place) for place in range(1, len(recorded) + 1)]
