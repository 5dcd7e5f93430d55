"""What an evaluation came to, as data: single numbers, numbers of classes, a matrix, curves."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from mlprov_widgets.record.fields import Metric, metric_of, metrics
from mlprov_widgets.record.run import Value
from mlprov_widgets.wording import (
    format_count,
    format_number,
    format_value,
    humanize,
    is_numeric,
    one_line,
)

MAX_FOLDS = 1000
MAX_POINTS = 600
_MAX_ROWS = 2000
_PART = re.compile(r"^(validation|val|test|train|training)_")
_PARTS = {"val": "validation", "train": "training"}


@dataclass(frozen=True)
class MetricValue:
    """A metric with its value.

    Parameters
    ----------
    metric : Metric
        What it is; of one that nobody declared, only its name is known.
    value : Value
        A number, or the number of each fold.
    text : str
        The number for reading, or mean and deviation of the folds.
    recorded : str
        As it is recorded, to the last digit.
    """

    metric: Metric
    value: Value
    text: str
    recorded: str

    @property
    def label(self) -> str:
        """What people call it."""
        return self.metric.label


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


def single_metrics(found: Mapping[str, Value]) -> list[MetricValue]:
    """All metrics that are one number or one a fold: first those that most readers look for.

    Errors of the numbers of classes come last, for they say little.
    """
    told = []
    for name, value in found.items():
        if isinstance(value, dict) or "per_class" in str(name) or name == "confusion_matrix":
            continue
        if isinstance(value, list):
            folds = [one for one in value if is_number(one)]
            if not folds or len(folds) != len(value) or len(folds) > MAX_FOLDS:
                continue
            text, recorded = _spread(folds), format_value(value)
        else:
            is_plain = isinstance(value, int | float)
            text = format_number(value) if is_plain else format_value(value)
            recorded = repr(value) if isinstance(value, float) else format_value(value)
        told.append(MetricValue(metric_of(str(name)), value, text, one_line(recorded, 400)))
    order = [one.name for one in metrics() if one.headline]
    place = {name: at for at, name in enumerate(order)}
    place |= dict.fromkeys(of_class_numbers(found), len(order) + 1)
    return sorted(told, key=lambda one: place.get(one.metric.name, len(order)))


def headline_metrics(found: Mapping[str, Value]) -> list[MetricValue]:
    """The few numbers that a reader looks for; where none of them is there, the first ones."""
    numbers = [one for one in single_metrics(found) if isinstance(one.value, int | float)]
    little = of_class_numbers(found)
    telling = (one for one in numbers if one.metric.headline and one.metric.name not in little)
    return list(telling) or numbers[:4]


def of_class_numbers(found: Mapping[str, Value]) -> list[str]:
    """Names of the errors that were made of the numbers of classes; none of a regression."""
    known = {str(name): metric_of(str(name)) for name in found}
    if not any(one.whole for one in known.values()):
        return []
    return [one.name for one in known.values() if one.error]


def class_table(found: Mapping[str, Value], known: Sequence[str] = ()) -> ClassTable | None:
    """What is told class by class; None where nothing is.

    Parameters
    ----------
    found : mapping
        The metrics.
    known : sequence of str, optional
        Names of the classes, where they are recorded apart from the metrics.
    """
    columns: dict[str, dict[str, Value]] = {}
    for name, value in list(found.items())[:60]:
        if isinstance(value, list) and "per_class" in str(name):
            value = dict(zip(class_names(found, len(value), known), value, strict=True))
        if isinstance(value, dict) and value:
            label = metric_of(str(name)).label.removesuffix(" per class")
            columns[label] = {one_line(key, 60): one for key, one in value.items()}
    if not columns:
        return None
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    told = {
        label: [_number(column[name]) if name in column else "–" for name in names]
        for label, column in list(columns.items())[:8]
    }
    matrix = confusion_matrix(found, known)
    if matrix and len(matrix.rows) == len(names):
        told["Samples"] = [format_number(_whole(math.fsum(row))) for row in matrix.rows]
    return ClassTable(names, told)


def confusion_matrix(found: Mapping[str, Value], known: Sequence[str] = ()) -> Matrix | None:
    """The confusion matrix; None where there is none, or what is called so is not square."""
    rows = found.get("confusion_matrix")
    if not isinstance(rows, list) or not 0 < len(rows) <= _MAX_ROWS:
        return None
    for row in rows:
        if not isinstance(row, list) or len(row) != len(rows) or not all(map(is_number, row)):
            return None
    return Matrix(metric_of("confusion_matrix").label, class_names(found, len(rows), known), rows)


def class_names(found: Mapping[str, Value], classes: int, known: Sequence[str] = ()) -> list[str]:
    """Names of so many classes: known ones, else those that metrics have, else numbers."""
    for names in (known, *(one for one in found.values() if isinstance(one, dict))):
        if len(names) == classes:
            return [one_line(name, 60) for name in names]
    return [str(row) for row in range(classes)]


def curves(history: list[Any]) -> Iterator[tuple[str, list[float], dict[str, list[float | None]]]]:
    """What was recorded at each epoch, a chart a quantity: its title, the epochs, and its values.

    The values are by the part on which they were measured; None where one is unknown.

    Parameters
    ----------
    history : list of dict
        An epoch each: name of a quantity, with the part before it, to its value.
    """
    epochs = [epoch for epoch in history if isinstance(epoch, dict)]
    if len(epochs) < 2:
        return
    left_out, total = "", len(epochs)
    if total > MAX_POINTS:
        every = math.ceil(total / MAX_POINTS)
        left_out = f" (every {every}th of {total:,})"
        epochs = [*epochs[::every], epochs[-1]]
    x = _places([epoch.get("epoch") for epoch in epochs])
    charts: dict[str, dict[str, list[float | None]]] = {}
    for key in dict.fromkeys(key for epoch in epochs[:3] for key in list(epoch)[:40]):
        values = [epoch.get(key) for epoch in epochs]
        if key == "epoch" or not any(map(is_number, values)):
            continue
        found = _PART.match(str(key))
        part = _PARTS.get(found[1], found[1]) if found else "training"
        quantity = metric_of(_PART.sub("", str(key))).label
        charts.setdefault(quantity, {})[part] = [
            float(one) if is_number(one) else None for one in values
        ]
    for quantity, series in charts.items():
        yield f"{quantity} by epoch{left_out}", x, series


def remarks(found: Mapping[str, Value]) -> list[str]:
    """Sentences for below a table of these metrics: of which numbers, over which classes."""
    told = []
    if of_class_numbers(found):
        told.append(
            "Mean absolute and mean squared error are those of the numbers of the classes: they "
            "mean something only where the classes have an order."
        )
    return told + _absent_classes(found)


def _absent_classes(found: Mapping[str, Value]) -> list[str]:
    """What macro F1 does with classes of which there was no row, where its parts show that."""
    parts, macro, matrix = found.get("f1_per_class"), found.get("f1_macro"), confusion_matrix(found)
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
        told = [f"Macro F1 counts as 0 {_classes(zero)}, of which no row was there."]
        return told + ([_left_out(without)] if without else [])
    return [_left_out([name for name, _ in absent])] if _is_mean(macro, there) else []


def _left_out(names: list[str]) -> str:
    return f"Macro F1 leaves out {_classes(names)}, of which no row was there."


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
