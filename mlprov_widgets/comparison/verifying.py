"""Compare one run with another: was it really the same, and where do the two part?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlprov_widgets.comparison.comparer import (
    AFTER_TRAINING,
    BEFORE_TRAINING,
    Comparer,
    compare_fingerprints,
)
from mlprov_widgets.comparison.conclusion import UNFINISHED, conclude
from mlprov_widgets.comparison.differences import find_differences, ranked
from mlprov_widgets.comparison.items import CLOSE, DIFFERENT, IDENTICAL, MISSING, ComparedItem
from mlprov_widgets.comparison.outcome import Outcome, tolerance_of
from mlprov_widgets.comparison.verification import ABSOLUTE, RELATIVE, Verification
from mlprov_widgets.record import Record

Source = Outcome | Record | Mapping[str, Any] | str | Path


def verify(
    new: Source,
    original: Source,
    *,
    relative: float | None = None,
    absolute: float | None = None,
) -> Verification:
    """Compare a run with an earlier one, number by number.

    Parameters
    ----------
    new, original : Record, path or mapping
        A record; a provenance file of ours or of MLProvCodeGen; a notebook that was run and has its
        provenance file beside it; or what a reproduction's manifest holds as ``original``.
    relative, absolute : float, optional
        Numbers that are not equal are within tolerance if they differ by no more than `relative`
        times the larger of them, or by no more than `absolute` (`math.isclose`). NaN equals NaN. By
        default what the reproduction was written with, else 1e-6 and 1e-8.

    Returns
    -------
    Verification

    Raises
    ------
    RecordError
        If a file holds no record of a run.
    ValueError
        If a tolerance is negative or no number.
    """
    given = tolerance_of(relative, absolute)
    this, other = Outcome.of(new), Outcome.of(original)
    asked = {"relative": RELATIVE, "absolute": ABSOLUTE, **other.tolerance, **given}
    relative, absolute = asked["relative"], asked["absolute"]
    items = _compared(this, other, Comparer(relative, absolute))
    differences = ranked(find_differences(this, other), items)
    unfinished = bool({this.status, other.status} & UNFINISHED)
    # What a run did not come to cannot be the same.
    verdict = "different" if unfinished else _verdict(items)
    to_know = {"this run": this.to_know, "the original": other.to_know}
    found = Verification(
        this.name,
        other.name,
        items,
        verdict,
        differences,
        relative,
        absolute,
        conclude(verdict, items, differences, (this, other), (relative, absolute)),
        original_file=_file(original, other),
        original_file_name=other.file,
        original_run_id=other.run_id,
        unfinished=unfinished,
        to_know={which: told for which, told in to_know.items() if told},
    )
    file = _file(new, this)
    return found if file is None else found.beside(file)


def _compared(new: Outcome, original: Outcome, compare: Comparer) -> list[ComparedItem]:
    """Everything that both runs came to, along the pipeline."""
    reasons = {**original.incomparable, **new.incomparable}
    prints = (new.fingerprints, original.fingerprints)
    known = {*BEFORE_TRAINING, *AFTER_TRAINING}
    further = sorted({*new.fingerprints, *original.fingerprints} - known)
    return [
        *compare_fingerprints(*prints, BEFORE_TRAINING, reasons),
        *compare.histories(new.history, original.history),
        *compare_fingerprints(*prints, (*AFTER_TRAINING, *further), reasons),
        *_called(compare.metrics(new.metrics, original.metrics), new.labels | original.labels),
    ]


def _called(items: Iterable[ComparedItem], labels: Mapping[str, str]) -> Iterator[ComparedItem]:
    """Metrics with the words of their packs; a class stands behind a colon."""
    for item in items:
        yield replace(item, label=labels.get(item.name.partition(": ")[0], ""))


def _file(source: Source, outcome: Outcome) -> Path | None:
    """The provenance file that a source is, or that lies beside the notebook that it is."""
    if not isinstance(source, str | Path) or not outcome.file:
        return None
    file = Path(source).with_name(outcome.file)
    return file if file.is_file() else None


def _verdict(items: list[ComparedItem]) -> str:
    metrics = {item.verdict for item in items if item.kind == "metric"}
    if metrics & {DIFFERENT, MISSING}:
        return "different"
    if CLOSE in metrics:
        return "within tolerance"
    if all(item.verdict == IDENTICAL for item in items):
        return "bit-identical"
    # Without a metric there is nothing that could be called the same.
    return "metric-identical" if metrics else "different"
