"""The results of a run for its report: metrics, classes, confusion matrix, and curves."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from mlprov_widgets.provenance.record import Value
from mlprov_widgets.reporting.blocks import (
    Block,
    Curves,
    Paragraph,
    Table,
    count,
    is_number,
    number,
    plain,
    say,
)
from mlprov_widgets.reporting.facts import RunFacts, class_names
from mlprov_widgets.reproduction.outcome import Outcome

MAX_METRICS = 60
MAX_CLASSES = 120
MAX_MATRIX = 24
MAX_CHARTS = 6
MAX_POINTS = 600

_ENDED = {
    "failed": "A cell failed before there were results.",
    "interrupted": "A person stopped the run before there were results.",
    "unfinished": "The run did not come to its end.",
}
_SPELT = {"roc_auc": "ROC AUC", "f1_macro": "F1 (macro)", "f1_per_class": "F1", "f1": "F1"}
_PART = re.compile(r"^(validation|val|test|train|training)_")


def results(facts: RunFacts) -> list[Block]:
    """All that the evaluation recorded, then how the training went."""
    record = facts.record
    metrics = dict(list(record.metrics.items())[: 2 * MAX_METRICS])
    blocks: list[Block] = []
    tested = count(facts.value("model_evaluation", "number_of_predictions"))
    if metrics:
        of = f"of the evaluation ({tested} predictions)" if tested else "of the evaluation"
        blocks.append(_single(metrics, of))
        blocks += _by_class(facts, metrics)
        blocks += _matrix(facts, metrics.get("confusion_matrix"))
    else:
        why = _ENDED.get(record.status, "The record holds no metrics.")
        blocks.append(Paragraph(f"There are no results to report. {why}", "fair"))
    blocks += _charts(Outcome.from_record(record).history)
    return blocks


def spelt(name: object) -> str:
    """The name of a metric as people write it."""
    told = _SPELT.get(str(name)[:60], plain(str(name), 80).replace("_", " "))
    return told[:1].upper() + told[1:]


def _single(metrics: dict[str, Value], of: str) -> Table:
    rows = []
    for name, value in metrics.items():
        if name == "confusion_matrix" or isinstance(value, dict) or "per_class" in str(name):
            continue
        if isinstance(value, list):
            numbers = [one for one in value if is_number(one)]
            if not numbers or len(numbers) != len(value) or len(numbers) > 1000:
                continue
            rows.append((spelt(name), _spread(numbers), say(value)))
        else:
            rows.append((spelt(name), number(value), _recorded(value)))
    note = f"{len(rows) - MAX_METRICS} more are in the record." if len(rows) > MAX_METRICS else ""
    head = ("Metric", "Value", "As recorded")
    return Table(f"Metrics {of}", head, rows[:MAX_METRICS], note, numbers=True)


def _recorded(value: Value) -> str:
    # Python writes no integer of thousands of digits; say() tells how long such a one is.
    return plain(repr(value), 40) if isinstance(value, float) else plain(say(value), 40)


def _spread(numbers: list[Value]) -> str:
    mean = math.fsum(numbers) / len(numbers)
    if len(numbers) == 1:
        return number(float(mean))
    deviation = math.sqrt(math.fsum((one - mean) ** 2 for one in numbers) / (len(numbers) - 1))
    return f"{number(float(mean))} ± {number(float(deviation))} (n = {len(numbers)})"


def _by_class(facts: RunFacts, metrics: dict[str, Value]) -> Iterator[Block]:
    columns: dict[str, dict[str, Value]] = {}
    for name, value in list(metrics.items()):
        if isinstance(value, list) and "per_class" in str(name):
            value = dict(zip(class_names(facts.record, len(value)), value, strict=True))
        if isinstance(value, dict) and value:
            columns[spelt(name).removesuffix(" per class")] = {
                plain(key, 60): one for key, one in value.items()
            }
    if not columns:
        return
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    matrix = _square(metrics.get("confusion_matrix"))
    support: list[str] = []
    if matrix and len(matrix) == len(names):
        support = [count(sum(row)) for row in matrix]
    rows = [
        (
            name,
            *(number(column[name]) if name in column else "–" for column in columns.values()),
            *([support[row]] if support else []),
        )
        for row, name in enumerate(names[:MAX_CLASSES])
    ]
    head = ("Class", *list(columns)[:8], *(["Samples"] if support else []))
    if len(columns) > 8:
        rows = [(*row[:9], *([row[-1]] if support else [])) for row in rows]
    left = len(names) - MAX_CLASSES
    note = f"{left} more classes are in the record." if left > 0 else ""
    yield Table("By class", head, rows, note, numbers=True)


def _matrix(facts: RunFacts, value: Value) -> Iterator[Block]:
    matrix = _square(value)
    if not matrix:
        return
    size = len(matrix)
    if size > MAX_MATRIX:
        right = sum(matrix[row][row] for row in range(size))
        yield Paragraph(
            f"The confusion matrix has {size} rows and is in the record; {count(right)} of "
            f"{count(sum(map(sum, matrix)))} samples are on its diagonal."
        )
        return
    names = class_names(facts.record, size)
    head = ("true ↓   predicted →", *names)
    rows = [(names[row], *(_entry(one) for one in line)) for row, line in enumerate(matrix)]
    shades = []
    for line in matrix:
        total = sum(abs(one) for one in line) or 1
        shades.append([min(1.0, abs(one) / total) for one in line])
    yield Table("Confusion matrix", head, rows, shades=shades, numbers=True)


def _entry(value: Value) -> str:
    return count(value) if isinstance(value, int) else number(value)


def _square(value: Value) -> list[list[Value]]:
    if not isinstance(value, list) or not 0 < len(value) <= 2000:
        return []
    whole = all(
        isinstance(row, list) and len(row) == len(value) and all(map(is_number, row))
        for row in value
    )
    return value if whole else []


def _charts(history: list[Value]) -> Iterator[Block]:
    epochs = [epoch for epoch in history if isinstance(epoch, dict)]
    if len(epochs) < 2:
        return
    left_out = ""
    if len(epochs) > MAX_POINTS:
        step = math.ceil(len(epochs) / MAX_POINTS)
        left_out = f" (every {step}th of {len(epochs):,})"
        epochs = [*epochs[::step], epochs[-1]]
    keys = list(dict.fromkeys(key for epoch in epochs[:3] for key in list(epoch)[:40]))
    x = _places([epoch.get("epoch") for epoch in epochs])
    charts: dict[str, dict[str, list[float | None]]] = {}
    for key in keys:
        values = [epoch.get(key) for epoch in epochs]
        if key == "epoch" or not any(map(is_number, values)):
            continue
        found = _PART.match(str(key))
        name = {"val": "validation", "train": "training"}.get(found[1], found[1]) if found else ""
        quantity = spelt(_PART.sub("", str(key)))
        series = charts.setdefault(quantity, {})
        series[name or "training"] = [_point(one) for one in values]
    for quantity, series in list(charts.items())[:MAX_CHARTS]:
        yield Curves(f"{quantity.capitalize()} by epoch{left_out}", x, series)


def _places(recorded: list[Value]) -> list[float]:
    """Where on the axis the epochs are: as recorded if that rises, else one after the other."""
    found = [_point(one) for one in recorded]
    numbers = [one for one in found if one is not None]
    if len(numbers) == len(recorded) and numbers == sorted(numbers):
        return numbers
    return [float(place) for place in range(1, len(recorded) + 1)]


def _point(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) and is_number(value) else None
