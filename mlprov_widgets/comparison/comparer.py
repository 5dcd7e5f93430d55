"""Fingerprints, histories and metrics of two runs, held against each other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlprov_widgets.comparison.items import (
    CLOSE,
    DIFFERENT,
    IDENTICAL,
    MISSING,
    ComparedItem,
    worse,
)
from mlprov_widgets.comparison.json_numbers import as_number
from mlprov_widgets.comparison.words import digits
from mlprov_widgets.record import Value
from mlprov_widgets.record.results import counter_of
from mlprov_widgets.wording import format_count, format_number

# In the order of the pipeline, so that the first that differs is where the runs part.
BEFORE_TRAINING = ("data", "split", "initial_weights")
AFTER_TRAINING = ("weights", "predictions")

# A run without these cannot be called bit-identical, whatever its metrics are.
DECISIVE = ("data", "weights", "predictions")

_Rows = dict[int, Value]


def compare_fingerprints(
    new: Mapping[str, str],
    original: Mapping[str, str],
    names: tuple[str, ...],
    reasons: Mapping[str, str],
) -> Iterator[ComparedItem]:
    """Those of `names` that a run has, or must have; `reasons` say why one has none."""
    for name in names:
        mine, theirs = new.get(name), original.get(name)
        if mine and theirs:
            verdict = IDENTICAL if mine == theirs else DIFFERENT
            yield ComparedItem(name, mine, theirs, verdict, "fingerprint")
        elif mine or theirs or name in DECISIVE:
            why = f"not comparable: {reasons[name]}" if name in reasons else ""
            yield ComparedItem(name, mine, theirs, MISSING, "fingerprint", why)


@dataclass(frozen=True)
class Comparer:
    """Compares numbers, and lists and dicts of them.

    Parameters
    ----------
    relative, absolute : float
        The tolerance, as `math.isclose` takes it.
    """

    relative: float
    absolute: float

    def histories(self, new: list[Value], original: list[Value]) -> Iterator[ComparedItem]:
        """One item, unless neither run has a history."""
        if not new and not original:
            return
        sizes = _length(new), _length(original)
        if not new or not original:
            yield ComparedItem("history", *sizes, MISSING, "history")
            return
        counter = counter_of(new)
        mine, theirs = _by_number(new, original, counter)
        verdict, notes = IDENTICAL, []
        first: tuple[int | None, str] = (None, "")
        for epoch in sorted(mine.keys() & theirs.keys()):
            found, quantity, values = self._epoch(mine[epoch], theirs[epoch])
            if found != IDENTICAL and verdict == IDENTICAL:
                first = epoch, quantity
                told = f": {quantity.replace('_', ' ')}{values}" if quantity else ""
                notes.append(f"from {counter} {epoch}{told}")
            elif found == DIFFERENT and verdict == CLOSE:
                notes.append(f"beyond the tolerance from {counter} {epoch}")
            verdict = worse(verdict, found)
        for rows, others, run in ((mine, theirs, "this run"), (theirs, mine, "the original")):
            alone = sorted(rows.keys() - others.keys())
            if alone:
                verdict = DIFFERENT
                first = first if first[0] is not None else (alone[0], "")
                notes.append(f"{_places(alone, counter)} only in {run}")
        yield ComparedItem("history", *sizes, verdict, "history", "; ".join(notes), *first)

    def _epoch(self, new: Value, original: Value) -> tuple[str, str, str]:
        """The verdict on one epoch, the first quantity that is not the same, and its values."""
        if not isinstance(new, Mapping) or not isinstance(original, Mapping):
            return self.values(new, original)[0], "", ""
        verdict, quantity, values = IDENTICAL, "", ""
        for name in [*new, *(name for name in original if name not in new)]:
            if name not in new or name not in original:
                found = DIFFERENT
                told = " only in this run" if name in new else " only in the original"
            else:
                found, _ = self.values(new[name], original[name])
                told = _instead(new[name], original[name])
            if found != IDENTICAL and verdict == IDENTICAL:
                quantity, values = str(name), told
            verdict = worse(verdict, found)
        return verdict, quantity, values

    def metrics(
        self, new: Mapping[str, Value], original: Mapping[str, Value]
    ) -> Iterator[ComparedItem]:
        """One item a metric, and one a class where a metric has a value for each."""
        new, original = dict(new), dict(original)
        for name in new.keys() & original.keys():
            # Other tools have a plain list where ours has the classes' names.
            new[name] = _named(new[name], original[name])
            original[name] = _named(original[name], new[name])
        mine, theirs = dict(_flat(new)), dict(_flat(original))
        for name in [*mine, *(name for name in theirs if name not in mine)]:
            if name not in mine or name not in theirs:
                yield ComparedItem(name, mine.get(name), theirs.get(name), MISSING, "metric")
                continue
            verdict, place = self.values(mine[name], theirs[name])
            note = f"first{place}" if place else ""
            yield ComparedItem(name, mine[name], theirs[name], verdict, "metric", note)

    def values(self, new: Value, original: Value) -> tuple[str, str]:
        """The verdict, and where inside the two values they part first."""
        leaves, others = dict(_leaves(new)), dict(_leaves(original))
        if leaves.keys() != others.keys():
            return DIFFERENT, ""
        worst, place = IDENTICAL, ""
        for key, leaf in leaves.items():
            verdict = self.scalars(leaf, others[key])
            if verdict != IDENTICAL and worst == IDENTICAL:
                place = f" at {', '.join(map(str, key))}" if key else ""
            worst = worse(worst, verdict)
        return worst, place

    def scalars(self, new: Value, original: Value) -> str:
        """The verdict on two single values; NaN equals NaN, also where JSON wrote it as text."""
        new, original = as_number(new), as_number(original)
        if new == original or (_is_nan(new) and _is_nan(original)):
            return IDENTICAL
        if not (isinstance(new, int | float) and isinstance(original, int | float)):
            return DIFFERENT
        try:
            close = math.isclose(new, original, rel_tol=self.relative, abs_tol=self.absolute)
        except OverflowError:  # an int beyond the range of floats
            close = False
        return CLOSE if close else DIFFERENT


def _by_number(new: list[Value], original: list[Value], counter: str) -> tuple[_Rows, _Rows]:
    """Epoch to row: by the epochs' own numbers where both have them, else by their places."""
    mine, theirs = _numbered(new, counter), _numbered(original, counter)
    if mine is not None and theirs is not None:
        return mine, theirs
    return dict(enumerate(new, start=1)), dict(enumerate(original, start=1))


def _numbered(history: list[Value], counter: str) -> _Rows | None:
    rows: _Rows = {}
    for row in history:
        number = row.get(counter) if isinstance(row, Mapping) else None
        if type(number) is not int or number in rows:
            return None
        rows[number] = row
    return rows


def _places(numbers: list[int], counter: str) -> str:
    if len(numbers) == 1:
        return f"{counter} {numbers[0]} is"
    if numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{counter}s {numbers[0]} to {numbers[-1]} are"
    return f"{format_number(len(numbers))} {counter}s are"


def _length(history: list[Value]) -> str | None:
    return format_count(len(history), counter_of(history)) if history else None


def _instead(new: Value, original: Value) -> str:
    if not (isinstance(new, int | float) and isinstance(original, int | float)):
        return ""
    return " {} instead of {}".format(*digits(new, original))


def _is_nan(value: Value) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _named(value: Value, other: Value) -> Value:
    if not isinstance(value, list) or not isinstance(other, Mapping) or not value:
        return value
    nested = any(isinstance(part, Mapping | list) for part in (*value, *other.values()))
    return value if nested or len(value) != len(other) else dict(zip(other, value, strict=True))


def _flat(metrics: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    """One value a class (``f1: setosa``), but a matrix whole: its entries alone say nothing."""
    for name, value in metrics.items():
        if (
            isinstance(value, Mapping)
            and value
            and not any(isinstance(part, Mapping | list) for part in value.values())
        ):
            for key, part in value.items():
                yield f"{name}: {key}", part
        else:
            yield str(name), value


def _leaves(value: Value, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Value]]:
    """The single values in nested lists and dicts, by their place; lists are counted from 1."""
    if not value or not isinstance(value, Mapping | list):
        yield place, value
        return
    parts = value.items() if isinstance(value, Mapping) else enumerate(value, start=1)
    for key, part in parts:
        yield from _leaves(part, (*place, key))


def same(new: Value, original: Value) -> bool:
    """Whether two values are equal; NaN equals NaN."""
    if new is original or new == original:
        return True
    return Comparer(0, 0).values(new, original)[0] == IDENTICAL
