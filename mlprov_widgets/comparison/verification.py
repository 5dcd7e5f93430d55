"""Whether a run was the same as an earlier one, where the two part, and how that is told."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mlprov_widgets.comparison.cells import difference_cells, item_cells
from mlprov_widgets.comparison.conclusion import Conclusion
from mlprov_widgets.comparison.differences import Difference
from mlprov_widgets.comparison.items import CLOSE, DIFFERENT, IDENTICAL, MISSING, ComparedItem
from mlprov_widgets.comparison.json_numbers import jsonable
from mlprov_widgets.notebooks.beside import is_record_of
from mlprov_widgets.present import blocks_to_html, blocks_to_text
from mlprov_widgets.present.blocks import Block, Bullets, DataTable, Folded, Paragraph
from mlprov_widgets.record.findings import TO_KNOW
from mlprov_widgets.wording import format_number, one_line

# How closely numbers are compared where nothing else was asked for.
RELATIVE, ABSOLUTE = 1e-6, 1e-8

# Verdicts from best to worst.
VERDICTS = ("bit-identical", "metric-identical", "within tolerance", "different")

MAX_ROWS = 200
_SENTENCE = 600
# Of values that are the same for each of many classes, a page shows only how many they are.
_MANY = 8
_TITLES = {
    "bit-identical": "Bit-identical to the original run",
    "metric-identical": "Metric-identical to the original run",
    "within tolerance": "Within tolerance of the original run",
    "different": "Different from the original run",
}
_SIGNS = {"good": "✓", "fair": "≈", "bad": "✗"}


@dataclass(frozen=True)
class Verification:
    """The comparison of a run with an earlier one.

    Parameters
    ----------
    new_name, original_name : str
        The notebooks that the two runs ran.
    items : list of ComparedItem
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
    unfinished : bool
        Whether a run did not come to its end, so that there is no verdict better than ``different``
        and neither run can be said to reproduce the other.
    to_know : dict
        ``this run`` and ``the original`` to what has to be known before its numbers are believed,
        a sentence each; only those of which there is something.
    """

    new_name: str
    original_name: str
    items: list[ComparedItem]
    verdict: str
    differences: list[Difference] = field(default_factory=list)
    relative: float = RELATIVE
    absolute: float = ABSOLUTE
    conclusion: Conclusion = field(default_factory=lambda: Conclusion(""))
    new_file: Path | None = None
    original_file: Path | None = None
    original_file_name: str = ""
    original_run_id: str = ""
    unfinished: bool = False
    to_know: dict[str, list[str]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The verdict as a heading says it."""
        why = self.why_uncomparable
        return f"Not to be compared: {why}" if why else _TITLES[self.verdict]

    @property
    def why_uncomparable(self) -> str:
        """Why ``different`` means no more than that nothing could be compared; empty otherwise."""
        if self.unfinished:
            return "a run did not finish"
        metrics = [item for item in self.items if item.kind == "metric"]
        return "" if any(one.verdict != MISSING for one in metrics) else "no metric is in both runs"

    @property
    def tone(self) -> str:
        """How the verdict is to be taken: ``good``, ``fair`` or ``bad``."""
        return tone_of(self.verdict)

    @property
    def first_difference(self) -> ComparedItem | None:
        """The first thing along the pipeline that is not the same; None where all of it is."""
        unlike = (item for item in self.items if item.verdict in {CLOSE, DIFFERENT})
        return next(unlike, None)

    def is_at_least(self, verdict: str) -> bool:
        """Whether this verdict is as good as another, or better.

        Parameters
        ----------
        verdict : str
            One of `VERDICTS`.

        Returns
        -------
        bool
        """
        return VERDICTS.index(self.verdict) <= VERDICTS.index(verdict)

    def beside(self, new_file: Path) -> Verification:
        """The same, with the new run's file, and that of the original where it lies beside it.

        Parameters
        ----------
        new_file : Path

        Returns
        -------
        Verification
        """
        name = self.original_file_name
        original = self.original_file
        # A file of that name may be of another run by now.
        if original is None and name and is_record_of(new_file.parent / name, self.original_run_id):
            original = new_file.parent / name
        return replace(self, new_file=new_file, original_file=original)

    def to_text(self) -> str:
        """An aligned table that ends in the verdict."""
        why = f" ({self.why_uncomparable})" if self.why_uncomparable else ""
        verdict = Paragraph(f"Verdict: {self.verdict}{why}")
        told = map(Paragraph, self.conclusion.sentences)
        tables = self.tables(fold=False)
        return blocks_to_text([*tables, *self.to_know_blocks(), *told, verdict])

    def to_html(self) -> str:
        """The verdict and what it rests on, everything escaped, for light and dark pages."""
        name = f" {one_line(self.original_name)}" if self.original_name else ""
        blocks = [
            Paragraph(f"{_SIGNS[self.tone]} {self.title}{name}", self.tone),
            *map(Paragraph, self.conclusion.sentences),
            *self.to_know_blocks(),
            *self.tables(),
        ]
        hint = self._opening_hint()
        blocks += [Paragraph(hint)] if hint else []
        return blocks_to_html(blocks, "mlprov-verification")

    def to_know_blocks(self) -> list[Block]:
        """What has to be known of either run before its numbers are believed; of both once."""
        this, original = (self.to_know.get(which, []) for which in ("this run", "the original"))
        if this and this == original:
            told = {"both runs": this}
        else:
            told = {"this run": this, "the original": original}
        return [
            Bullets(f"{TO_KNOW} of {which}", [one_line(one, _SENTENCE) for one in sentences])
            for which, sentences in told.items()
            if sentences
        ]

    def tables(self, *, fold: bool = True) -> list[Block]:
        """What was compared, number by number, and what differed besides.

        Parameters
        ----------
        fold : bool, default True
            Whether values of many classes that are the same stand behind a line of their own.

        Returns
        -------
        list of Block
        """
        rows, note = self.items, f"Tolerance: {self.relative:g} of a number, or {self.absolute:g}."
        if len(rows) > MAX_ROWS:
            # Of very many those that are not the same, and as many others as there is room for.
            note = f"{format_number(len(rows) - MAX_ROWS)} more were compared. {note}"
            ranked = sorted(range(len(rows)), key=lambda row: rows[row].verdict == IDENTICAL)
            rows = [rows[row] for row in sorted(ranked[:MAX_ROWS])]
        folded = [one for one in rows if ": " in one.name and one.verdict == IDENTICAL]
        if not fold or len(folded) < _MANY:
            folded = []
        hidden = set(map(id, folded))
        blocks: list[Block] = [
            _item_table("Number by number", [one for one in rows if id(one) not in hidden], note)
        ]
        if folded:
            summary = f"{len(folded)} values of single classes, all identical"
            blocks.append(Folded(summary, [_item_table("", folded)]))
        if self.differences:
            cells = [difference_cells(one) for one in self.differences[:MAX_ROWS]]
            blocks.append(DataTable(self._what_differed(), ("", "this run", "original"), cells))
        return blocks

    def _what_differed(self) -> str:
        if all(item.verdict == IDENTICAL for item in self.items):
            return "What differed between the two runs, without changing any result"
        if not any(one.is_likely for one in self.differences):
            return "What differed between the two runs, though it hardly ever changes a result"
        return "What differed between the two runs, the most likely cause first"

    def _opening_hint(self) -> str:
        """How the graphs of both runs are opened; empty where no file is known."""
        calls = [
            f"view({_quoted(_near(file))})"
            for file in (self.new_file, self.original_file)
            if file is not None
        ]
        if not calls:
            return ""
        if len(calls) == 2:
            return f"The graphs of both runs: {calls[0]} and {calls[1]}."
        lost = ""
        if self.original_file is None and self.original_file_name:
            name = one_line(self.original_file_name)
            lost = f" The original’s file, {name}, is not in this folder."
        return f"The graph of {'this' if self.new_file else 'the original'} run: {calls[0]}.{lost}"

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
        found: dict[str, Any] = jsonable(
            {
                "verdict": self.verdict,
                "conclusion": self.conclusion.sentences,
                "to_know": self.to_know,
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
        return found

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"<Verification: {self.verdict}, {len(self.items)} items>"

    def _repr_html_(self) -> str:
        return self.to_html()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self) if cycle else self.to_text())


def _item_table(title: str, items: Sequence[ComparedItem], note: str = "") -> DataTable:
    head = ("", "this run", "original", "")
    tones = [tone_of(one.verdict) for one in items]
    return DataTable(title, head, [item_cells(one) for one in items], note, tones=tones)


def tone_of(verdict: str) -> str:
    """How good a verdict is: ``good``, ``fair`` or ``bad``."""
    if verdict in {"identical", "bit-identical"}:
        return "good"
    return "bad" if verdict == "different" else "fair"


def _quoted(name: str) -> str:
    # Names of files may hold what no page can; Python reads these escapes.
    return json.dumps(name, ensure_ascii=not name.isprintable())


def _near(file: Path) -> str:
    """The file as seen from the working directory, if it is in there."""
    try:
        near = os.path.relpath(file)
    except (OSError, ValueError):  # another drive, or a directory that has gone
        return str(file)
    return str(file) if near.startswith("..") else near
