"""Compare one run with another: was it really the same, and where do the two part?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mlprov_widgets.provenance.beside import is_record_of
from mlprov_widgets.provenance.record import Record
from mlprov_widgets.reproduction.comparing import (
    AFTER_TRAINING,
    BEFORE_TRAINING,
    Comparison,
    compare_fingerprints,
)
from mlprov_widgets.reproduction.conclusion import Conclusion, conclude
from mlprov_widgets.reproduction.factors import Difference, find_differences, ranked
from mlprov_widgets.reproduction.items import CLOSE, DIFFERENT, IDENTICAL, MISSING, Item
from mlprov_widgets.reproduction.numbers import jsonable
from mlprov_widgets.reproduction.outcome import Outcome, tolerance_of
from mlprov_widgets.reproduction.report import TITLES, to_html, to_text

# How closely numbers are compared where nothing else was asked for.
RELATIVE, ABSOLUTE = 1e-6, 1e-8

# Verdicts from best to worst.
VERDICTS = ("bit-identical", "metric-identical", "within tolerance", "different")

Source = Outcome | Record | Mapping[str, Any] | str | Path


@dataclass(frozen=True)
class Verification:
    """The comparison of a run with an earlier one.

    Parameters
    ----------
    new_name, original_name : str
        The notebooks that the two runs ran.
    items : list of Item
        In the order of the pipeline: data, split, initial weights, history, weights, predictions,
        then each metric.
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
    conclusion : Conclusion
        What it comes to, in sentences.
    new_file, original_file : Path or None
        The two provenance files, where they are known and there; `mlprov_widgets.view` opens them.
    original_file_name : str
        What the original's provenance file is called, also where it is not at hand; may be empty.
    original_run_id : str
        The id that is recorded in it.
    """

    new_name: str
    original_name: str
    items: list[Item]
    verdict: str
    differences: list[Difference] = field(default_factory=list)
    relative: float = RELATIVE
    absolute: float = ABSOLUTE
    conclusion: Conclusion = field(default_factory=lambda: Conclusion(""))
    new_file: Path | None = None
    original_file: Path | None = None
    original_file_name: str = ""
    original_run_id: str = ""

    @property
    def title(self) -> str:
        """The verdict as a heading says it."""
        return TITLES[self.verdict]

    @property
    def first_difference(self) -> Item | None:
        """The first thing along the pipeline that is not the same; None where all of it is."""
        unlike = (item for item in self.items if item.verdict in {CLOSE, DIFFERENT})
        return next(unlike, None)

    def is_at_least(self, verdict: str) -> bool:
        """Whether this verdict is as good as `verdict`, or better."""
        return VERDICTS.index(self.verdict) <= VERDICTS.index(verdict)

    def beside(self, new_file: Path) -> Verification:
        """The same, with the new run's file and that of the original where it lies beside it."""
        name = self.original_file_name
        original = self.original_file
        # A file of that name may be of another run by now.
        if original is None and name and is_record_of(new_file.parent / name, self.original_run_id):
            original = new_file.parent / name
        return replace(self, new_file=new_file, original_file=original)

    def to_text(self) -> str:
        """An aligned table that ends in the verdict."""
        return to_text(self)

    def to_html(self) -> str:
        """The verdict and what it rests on, everything escaped, for light and dark pages."""
        return to_html(self)

    def to_record(self) -> dict[str, Any]:
        """What a run records of it: verdict, tolerance, first difference and likely cause."""
        first = self.first_difference
        found: dict[str, Any] = {
            "verdict": self.verdict,
            "tolerance": {"relative": self.relative, "absolute": self.absolute},
        }
        if first is not None:
            found["first_difference"] = first.name
            if first.note:
                found["first_difference_at"] = first.note
            found["cause"] = self.conclusion.cause
        if self.original_file_name:
            found["provenance_file"] = self.original_file_name
        return found

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        first = self.first_difference
        return jsonable(
            {
                "verdict": self.verdict,
                "conclusion": self.conclusion.sentences,
                "new": self.new_name,
                "original": self.original_name,
                "new_file": str(self.new_file) if self.new_file else None,
                "original_file": str(self.original_file) if self.original_file else None,
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
    compare = Comparison(relative, absolute)
    items = [
        *compare_fingerprints(this.fingerprints, other.fingerprints, BEFORE_TRAINING),
        *compare.histories(this.history, other.history),
        *compare_fingerprints(this.fingerprints, other.fingerprints, AFTER_TRAINING),
        *compare_fingerprints(this.fingerprints, other.fingerprints, _further(this, other)),
        *compare.metrics(this.metrics, other.metrics),
    ]
    verdict, differences = _verdict(items), ranked(find_differences(this, other), items)
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
    )
    file = _file(new, this)
    return found if file is None else found.beside(file)


def _further(new: Outcome, original: Outcome) -> tuple[str, ...]:
    known = {*BEFORE_TRAINING, *AFTER_TRAINING}
    return tuple(sorted({*new.fingerprints, *original.fingerprints} - known))


def _file(source: Source, outcome: Outcome) -> Path | None:
    """The provenance file that a source is, or that lies beside the notebook that it is."""
    if not isinstance(source, str | Path) or not outcome.file:
        return None
    file = Path(source).with_name(outcome.file)
    return file if file.is_file() else None


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
