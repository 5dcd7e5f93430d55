"""Read a file that a run left, and say what could be made of it here."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import RecordError
from mlprov_widgets.inspection.data_state import DataState, data_state
from mlprov_widgets.inspection.here import differences_today
from mlprov_widgets.packs import Pack, readable_packs
from mlprov_widgets.provenance.record import Record
from mlprov_widgets.reproduction.differences import EditedCell
from mlprov_widgets.reproduction.edits import find_edits
from mlprov_widgets.reproduction.factors import Difference
from mlprov_widgets.reproduction.mapping import (
    FieldValue,
    Mapped,
    Unmapped,
    map_record,
    map_values,
)
from mlprov_widgets.reproduction.outcome import jsonable
from mlprov_widgets.reproduction.rebuilt import describe
from mlprov_widgets.reproduction.report import readable
from mlprov_widgets.reproduction.sources import Blueprint, read_source, source_path

# Rebuild the recorded cells; open the wizard with the recorded values.
EXACT, START = "exact", "start"

_NUMBER = re.compile(r"\d+(\.\d+)+")
_SHOWN_METRICS = ("accuracy", "balanced_accuracy", "f1_macro", "roc_auc", "loss")
_ENDED = {"finished": "finished", "failed": "failed", "interrupted": "was interrupted"}


@dataclass(frozen=True)
class Inspection:
    """What a file says of a run, and how this machine differs.

    Parameters
    ----------
    source : Path
    kind : str
        ``run`` (a provenance file of ours), ``notebook``, ``script`` or ``MLProvCodeGen``.
    record : Record or None
        The run; None for a notebook without one.
    facts : list of tuple of str and str
        What, when, who, where: a label and a text each.
    pack : str
        Name of the pack here that fits; empty if none does.
    fields : list of FieldValue
        Which value goes into which field.
    unmapped : list of Unmapped
        What no field takes, and why.
    values : dict
        For the wizard; valid for the pack.
    differences : list of Difference
        Today's packages and hardware (``new``) against those of the run (``original``), the most
        important first.
    data : DataState
        Whether the data are still the same.
    edits : list of EditedCell
        Cells that are not what the pack here writes; somebody else's code.
    notes : list of str
    ways : tuple of str
        ``exact`` where there are cells to rebuild, ``start`` where a pack fits.
    """

    source: Path
    kind: str
    record: Record | None
    facts: list[tuple[str, str]]
    pack: str
    fields: list[FieldValue]
    unmapped: list[Unmapped]
    values: dict[str, Any]
    differences: list[Difference]
    data: DataState
    edits: list[EditedCell] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ways: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values, without the record itself."""
        found: dict[str, Any] = jsonable(
            {
                "source": str(self.source),
                "kind": self.kind,
                "facts": dict(self.facts),
                "pack": self.pack,
                "fields": [vars(one) for one in self.fields],
                "unmapped": [vars(one) for one in self.unmapped],
                "values": self.values,
                "differences": [vars(one) for one in self.differences],
                "data": vars(self.data),
                "edits": [vars(one) for one in self.edits],
                "notes": self.notes,
                "ways": list(self.ways),
            }
        )
        return found

    def to_text(self) -> str:
        """For a terminal: one section after the other, those without content left out."""
        return "\n\n".join(
            f"{title}\n" + "\n".join(f"  {line}" for line in lines)
            for title, lines in self._sections()
            if lines
        )

    def to_html(self) -> str:
        """The same for a notebook, everything escaped."""
        parts = []
        for title, lines in self._sections():
            if lines:
                items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
                parts.append(f"<p><b>{html.escape(title)}</b></p><ul>{items}</ul>")
        return f'<div class="mlprov-inspection">{"".join(parts)}</div>'

    def _sections(self) -> Iterator[tuple[str, list[str]]]:
        yield (
            f"{self.source.name}",
            [f"{label}: {readable_line(text)}" for label, text in self.facts],
        )
        yield "Notes", [readable_line(note) for note in self.notes]
        yield "Data", [readable_line(self.data.note)]
        title = f"Values, in fields of {self.pack}" if self.pack else "Values"
        yield title, [f"{one.parameter}: {_pair(one)}" for one in self.fields]
        left = [f"{one.name} = {readable(one.value)}: {one.reason}" for one in self.unmapped]
        yield "Left out", [readable_line(line) for line in left]
        yield (
            "Different today, the most important first",
            [
                f"{one.kind}: {readable(one.name)}: {readable(one.original)} then, "
                f"{readable(one.new)} today"
                for one in self.differences
            ],
        )
        yield (
            "Cells that are not what the pack here writes",
            [f"{describe(one)}, id {readable(one.id)}" for one in self.edits],
        )

    def _repr_html_(self) -> str:
        return self.to_html()

    def __repr__(self) -> str:
        return f"<Inspection of {self.source.name}: {self.kind}, {len(self.fields)} fields>"

    def __str__(self) -> str:
        return self.to_text()


def inspect_run(source: Path | str, *, folders: Iterable[Path | str] = ()) -> Inspection:
    """Read what a file says of a run, without executing, importing or writing anything.

    Parameters
    ----------
    source : Path or str
        A provenance file of ours or of MLProvCodeGen 1.x, a generated notebook, run or not, or an
        exported script.
    folders : iterable of Path or str
        Further folders with packs.

    Raises
    ------
    RecordError
        If the file is none of these or damaged; says what is wrong.
    """
    path = source_path(source)
    folders = list(folders)
    try:
        return _inspected(path, read_source(path), folders)
    except RecursionError:
        raise RecordError(f"{path.name} is nested too deeply to be one of our files.") from None


def _inspected(path: Path, blueprint: Blueprint, folders: list[Path | str]) -> Inspection:
    packs, record = readable_packs(folders), blueprint.record
    edits: list[EditedCell] = []
    notes: list[str] = []
    if blueprint.kind != "MLProvCodeGen":
        edits, notes = find_edits(blueprint, folders)
        pack = packs.get(blueprint.manifest.pack.get("name", ""))
        counted = {row.get("name", "") for row in blueprint.manifest.parameters}
        mapped = map_values(pack, blueprint.manifest.values, record, counted)
    else:
        assert record is not None
        mapped = map_record(record, packs)
        notes.append(
            "The file has the values of a run, but none of its code: it can be a starting point, "
            "but not be run exactly as it was."
        )
    values = {**(record.values if record else {}), **mapped.values}
    ways = (*([EXACT] if blueprint.cells else []), *([START] if mapped.pack else []))
    return Inspection(
        path,
        blueprint.kind,
        record,
        list(_facts(blueprint, mapped)),
        mapped.pack.name if mapped.pack else "",
        mapped.fields,
        mapped.unmapped,
        mapped.values,
        differences_today(record) if record else [],
        data_state(record, values, path.parent),
        edits,
        [*notes, *blueprint.notes],
        ways,
    )


def _facts(blueprint: Blueprint, mapped: Mapped) -> Iterator[tuple[str, str]]:
    record, manifest = blueprint.record, blueprint.manifest
    yield "What", _what(manifest.title, mapped.pack)
    if blueprint.name:
        yield "Notebook", blueprint.name
    if manifest.pack.get("name"):
        yield "Pack", f"{manifest.pack['name']} {manifest.pack.get('version', '')}".strip()
    if record is None:
        yield "Run", "none is known"
        return
    if record.start:
        yield "When", f"{record.start:%Y-%m-%d %H:%M}" + _lasted(record)
    yield "Run", _ENDED.get(record.status, "did not come to its end")
    if record.agent.get("name"):
        yield "Who", record.agent["name"]
    software = record.software
    yield "With", f"mlprov-widgets {software}" if _NUMBER.match(software) else software
    hardware = record.hardware_info
    for label, name in (
        ("Where", "Operating_System"),
        ("CPU", "CPU"),
        ("RAM", "RAM"),
        ("GPU", "GPUs"),
    ):
        value = hardware.get(name)
        if value not in (None, "", []):
            yield label, ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    python = str(record.notebook.get("programming_language_version", ""))
    found = _NUMBER.match(python)
    if found:
        yield "Python", found.group()
    metrics = [
        f"{name.replace('_', ' ')} {_figure(record.metrics[name])}"
        for name in _SHOWN_METRICS
        if isinstance(record.metrics.get(name), int | float)
    ]
    if metrics:
        yield "Result", ", ".join(metrics)
    commit = record.git.get("commit")
    if isinstance(commit, str) and commit:
        yield "Git commit", commit[:12] + (" with changes" if record.git.get("dirty") else "")


def _figure(value: int | float) -> str:
    try:
        return f"{value:.4g}"
    except OverflowError:  # a whole number without end
        return readable(value)


def _what(title: str, pack: Pack | None) -> str:
    return title or (pack.title if pack else "an experiment")


def _lasted(record: Record) -> str:
    if not (record.start and record.end):
        return ""
    try:
        seconds = (record.end - record.start).total_seconds()
    except TypeError:  # one time has a zone, the other none
        return ""
    if seconds < 0:
        return ""
    return f", {seconds:.3g} s" if seconds < 60 else f", {seconds / 60:.3g} min"


def readable_line(text: str) -> str:
    """`text` in one line of printable characters."""
    return "".join(char if char.isprintable() else "�" for char in text)[:1000]


def _pair(one: FieldValue) -> str:
    said = readable(one.value)
    if one.recorded != one.value:
        said += f" (in the file: {readable(one.recorded)})"
    return f"{said}, from {readable(one.source)}"
