"""Compare one run with another: was it really the same, and where do the two part?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlprov_widgets.provenance.record import Record, Value
from mlprov_widgets.reproduction.factors import Difference, find_differences
from mlprov_widgets.reproduction.items import Item
from mlprov_widgets.reproduction.outcome import Outcome, jsonable
from mlprov_widgets.reproduction.report import to_html, to_text

IDENTICAL, CLOSE, DIFFERENT, MISSING = "identical", "within tolerance", "different", "missing"

# Verdicts from best to worst.
VERDICTS = ("bit-identical", "metric-identical", "within tolerance", "different")

# In the order of the pipeline, so that the first that differs is where the runs part.
FINGERPRINTS = ("data", "split", "initial_weights", "weights", "predictions")

# A run without these cannot be called bit-identical, whatever its metrics are.
_DECISIVE = ("data", "weights", "predictions")


@dataclass(frozen=True)
class Verification:
    """The comparison of a run with an earlier one.

    Parameters
    ----------
    new_name, original_name : str
        The notebooks that the two runs ran.
    items : list of Item
        In the order of the pipeline: data to predictions, history, then each metric.
    verdict : str
        ``bit-identical``: all fingerprints (of data, weights and predictions at least), history and
        all metrics are the same. ``metric-identical``: all metrics are the same to the last digit.
        ``within tolerance``: each metric is the same or within the tolerance. ``different``: at
        least one metric is not, or only one run has it, or there is nothing to compare.
    differences : list of Difference
        What differed in data, values, code, environment, packages and hardware, the most likely
        cause first.
    relative, absolute : float
        The tolerance that was applied.
    """

    new_name: str
    original_name: str
    items: list[Item]
    verdict: str
    differences: list[Difference] = field(default_factory=list)
    relative: float = 1e-6
    absolute: float = 1e-8

    @property
    def first_difference(self) -> Item | None:
        """The first thing along the pipeline that is not the same; None where all of it is."""
        unlike = (item for item in self.items if item.verdict in {CLOSE, DIFFERENT})
        return next(unlike, None)

    def is_at_least(self, verdict: str) -> bool:
        """Whether this verdict is as good as `verdict`, or better."""
        return VERDICTS.index(self.verdict) <= VERDICTS.index(verdict)

    def to_text(self) -> str:
        """An aligned table that ends in the verdict."""
        return to_text(self.verdict, self.items, self.differences)

    def to_html(self) -> str:
        """A table in HTML, everything escaped, for light and dark pages."""
        return to_html(self.verdict, self.items, self.differences)

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        first = self.first_difference
        return jsonable(
            {
                "verdict": self.verdict,
                "new": self.new_name,
                "original": self.original_name,
                "tolerance": {"relative": self.relative, "absolute": self.absolute},
                "first_difference": first.name if first else None,
                "items": [vars(item) for item in self.items],
                "differences": [vars(difference) for difference in self.differences],
            }
        )

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"<Verification: {self.verdict}, {len(self.items)} items>"

    def _repr_html_(self) -> str:
        return self.to_html()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self) if cycle else self.to_text())


def verify(
    new: Outcome | Record | Mapping[str, Any] | str | Path,
    original: Outcome | Record | Mapping[str, Any] | str | Path,
    *,
    relative: float = 1e-6,
    absolute: float = 1e-8,
) -> Verification:
    """Compare a run with an earlier one, number by number.

    Parameters
    ----------
    new, original : Record, path or mapping
        A record, a provenance file, or what a reproduction's manifest holds as ``original``.
    relative, absolute : float
        Numbers that are not equal are within tolerance if they differ by no more than `relative`
        times the larger of them, or by no more than `absolute` (`math.isclose`). NaN equals NaN.

    Returns
    -------
    Verification

    Raises
    ------
    RecordError
        If a file cannot be read as a provenance file of ours.
    ValueError
        If a tolerance is negative.
    """
    if not (relative >= 0 and absolute >= 0):
        raise ValueError("A tolerance cannot be negative.")
    this, other = Outcome.of(new), Outcome.of(original)
    compare = _Comparison(relative, absolute)
    items = [
        *_fingerprints(this, other),
        *compare.histories(this.history, other.history),
        *compare.metrics(this.metrics, other.metrics),
    ]
    return Verification(
        this.name,
        other.name,
        items,
        _verdict(items),
        find_differences(this, other),
        relative,
        absolute,
    )


def _fingerprints(new: Outcome, original: Outcome) -> Iterator[Item]:
    present = {**original.fingerprints, **new.fingerprints}
    names = [name for name in FINGERPRINTS if name in present or name in _DECISIVE]
    for name in [*names, *sorted(present.keys() - set(names))]:
        mine, theirs = new.fingerprints.get(name), original.fingerprints.get(name)
        verdict = IDENTICAL if mine == theirs else DIFFERENT
        if not mine or not theirs:
            verdict = MISSING
        yield Item(name, mine, theirs, verdict, "fingerprint")


def _verdict(items: list[Item]) -> str:
    metrics = {item.verdict for item in items if item.kind == "metric"}
    if metrics & {DIFFERENT, MISSING}:
        return "different"
    if CLOSE in metrics:
        return "within tolerance"
    if all(item.verdict == IDENTICAL for item in items):
        return "bit-identical"
    # Without a metric there is nothing that could be called the same.
    return "metric-identical" if metrics else "different"


@dataclass(frozen=True)
class _Comparison:
    relative: float
    absolute: float

    def histories(self, new: list[Value], original: list[Value]) -> Iterator[Item]:
        if not new and not original:
            return
        verdict, note = IDENTICAL, ""
        for epoch, (mine, theirs) in enumerate(zip(new, original, strict=False), start=1):
            found, place = self.values(mine, theirs)
            if found != IDENTICAL and not note:
                note = f"from epoch {epoch}{place}"
            verdict = _worse(verdict, found)
        if len(new) != len(original):
            verdict = DIFFERENT if new and original else MISSING
            note = note or (
                f"after epoch {min(len(new), len(original))}" if verdict != MISSING else ""
            )
        yield Item("history", _length(new), _length(original), verdict, "history", note)

    def metrics(self, new: Mapping[str, Value], original: Mapping[str, Value]) -> Iterator[Item]:
        mine, theirs = dict(_flat(new)), dict(_flat(original))
        for name in [*mine, *(name for name in theirs if name not in mine)]:
            if name not in mine or name not in theirs:
                yield Item(name, mine.get(name), theirs.get(name), MISSING, "metric")
                continue
            verdict, place = self.values(mine[name], theirs[name])
            note = f"first{place}" if place else ""
            yield Item(name, mine[name], theirs[name], verdict, "metric", note)

    def values(self, new: Value, original: Value) -> tuple[str, str]:
        """The verdict, and where inside the two values they part first."""
        leaves, others = _leaves(new), _leaves(original)
        if leaves.keys() != others.keys():
            return DIFFERENT, ""
        worst, place = IDENTICAL, ""
        for key, leaf in leaves.items():
            verdict = self.scalars(leaf, others[key])
            if verdict != IDENTICAL and worst == IDENTICAL:
                place = f" at {', '.join(map(str, key))}" if key else ""
            worst = _worse(worst, verdict)
        return worst, place

    def scalars(self, new: Value, original: Value) -> str:
        if new == original or (_is_nan(new) and _is_nan(original)):
            return IDENTICAL
        if not (isinstance(new, int | float) and isinstance(original, int | float)):
            return DIFFERENT
        try:
            close = math.isclose(new, original, rel_tol=self.relative, abs_tol=self.absolute)
        except OverflowError:  # an int beyond the range of floats
            close = False
        return CLOSE if close else DIFFERENT


def _worse(one: str, other: str) -> str:
    order = (IDENTICAL, CLOSE, DIFFERENT, MISSING)
    return max(one, other, key=order.index)


def _is_nan(value: Value) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _length(history: list[Value]) -> str | None:
    return f"{len(history)} epoch{'s' if len(history) != 1 else ''}" if history else None


def _flat(metrics: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    """One value a class (``f1: setosa``), but a matrix whole: its entries alone say nothing."""
    for name, value in metrics.items():
        if isinstance(value, Mapping) and not any(
            isinstance(part, Mapping | list) for part in value.values()
        ):
            for key, part in value.items():
                yield f"{name}: {key}", part
        else:
            yield str(name), value


def _leaves(value: Value, path: tuple[Any, ...] = ()) -> dict[tuple[Any, ...], Value]:
    """The single values in nested lists and dicts, by their place; lists are counted from 1."""
    found: dict[tuple[Any, ...], Value] = {}
    pending = [(path, value)]
    while pending:
        place, part = pending.pop()
        if isinstance(part, Mapping):
            pending.extend(((*place, key), item) for key, item in reversed(list(part.items())))
        elif isinstance(part, list | tuple):
            numbered = reversed(list(enumerate(part, start=1)))
            pending.extend(((*place, number), item) for number, item in numbered)
        else:
            found[place] = part
    return found
