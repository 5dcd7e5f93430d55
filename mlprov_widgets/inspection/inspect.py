"""Read a file that a run left, and say what could be made of it here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mlprov_widgets.comparison.differences import Difference
from mlprov_widgets.comparison.json_numbers import jsonable
from mlprov_widgets.deprecation import renamed_parameters
from mlprov_widgets.errors import RecordError
from mlprov_widgets.inspection.data_state import DataState, data_state
from mlprov_widgets.inspection.here import differences_today
from mlprov_widgets.inspection.steps import lines_of, operations_of, steps_of, told_finding
from mlprov_widgets.inspection.tables import differences_table, fields_table, unmapped_table
from mlprov_widgets.packs import readable_packs
from mlprov_widgets.present import blocks_to_html, blocks_to_text
from mlprov_widgets.present.blocks import Block, Bullets
from mlprov_widgets.rebuild.edited_cells import EditedCell
from mlprov_widgets.rebuild.edits import find_edits
from mlprov_widgets.rebuild.field_mapping import (
    FieldValue,
    Mapped,
    Unmapped,
    map_record,
    map_values,
)
from mlprov_widgets.rebuild.result import describe
from mlprov_widgets.rebuild.sources import Blueprint, read_source, source_path
from mlprov_widgets.record import Record
from mlprov_widgets.record.findings import LEAKS, TO_KNOW, leaks, others, sentence, without_leaks
from mlprov_widgets.record.story import Story
from mlprov_widgets.wording import one_line

MAX_LINE = 1000

# Rebuild the recorded cells; open the wizard with the recorded values.
EXACT, START = "exact", "start"


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
                **self._told(),
            }
        )
        return found

    def _told(self) -> dict[str, Any]:
        """What the record says of each step, and what a reader has to know of that."""
        record = self.record or Record("")
        return {
            "steps": steps_of(record),
            "findings": [told_finding(record, one) for one in others(record)],
            "leaks": [told_finding(record, one) for one in leaks(record)],
            "operations": operations_of(record),
            "parts": [asdict(one) for one in record.parts],
        }

    def to_text(self) -> str:
        """For a terminal: one part after the other, those without content left out."""
        return blocks_to_text(self._blocks())

    def to_html(self) -> str:
        """The same for a notebook, everything escaped."""
        return blocks_to_html(self._blocks(), "mlprov-inspection")

    def _blocks(self) -> list[Block]:
        parts = [(self.source.name, [f"{label}: {text}" for label, text in self.facts])]
        if self.record is not None:
            leaking = [sentence(one) for one in leaks(self.record)]
            parts += [
                (TO_KNOW, [sentence(one) for one in others(self.record)]),
                (LEAKS, leaking or without_leaks(self.record)),
                ("What was run", lines_of(self.record)),
            ]
        parts += [("Notes", self.notes), ("Data", [self.data.note])]
        tables = [
            fields_table(self.fields, f"Values, in fields of {self.pack}"),
            unmapped_table(self.unmapped, "Left out"),
            differences_table(self.differences, "Different today, the most important first"),
        ]
        own = "that are not what the pack here writes" if self.pack else "of somebody’s own"
        edits = [f"{describe(one)}, id {one.id}" for one in self.edits]
        return [
            *(_bullets(*part) for part in parts if part[1]),
            *(table for table in tables if table.rows),
            *([_bullets(f"Cells {own}", edits)] if edits else []),
        ]

    def _repr_html_(self) -> str:
        return self.to_html()

    def __repr__(self) -> str:
        return f"<Inspection of {self.source.name}: {self.kind}, {len(self.fields)} fields>"

    def __str__(self) -> str:
        return self.to_text()


@renamed_parameters(folders="packs", pack_folders="packs")
def inspect_run(source: Path | str, *, packs: Iterable[Path | str] = ()) -> Inspection:
    """Read what a file says of a run, without executing, importing or writing anything.

    Parameters
    ----------
    source : Path or str
        A provenance file of ours or of MLProvCodeGen 1.x, a generated notebook, run or not, or an
        exported script.
    packs : iterable of Path or str
        Further folders with packs.

    Returns
    -------
    Inspection

    Raises
    ------
    RecordError
        If the file is none of these or damaged; says what is wrong.
    """
    path = source_path(source)
    folders = list(packs)
    try:
        return _inspected(path, read_source(path), folders)
    except RecursionError:
        raise RecordError("file_too_deep", file=path.name) from None


def _inspected(path: Path, blueprint: Blueprint, folders: list[Path | str]) -> Inspection:
    readable, record = readable_packs(folders), blueprint.record
    edits: list[EditedCell] = []
    notes: list[str] = []
    if blueprint.has_code:
        edits, notes = find_edits(blueprint, folders)
        pack = readable.get(blueprint.manifest.pack.get("name", ""))
        counted = {row.get("name", "") for row in blueprint.manifest.parameters}
        mapped = map_values(pack, blueprint.manifest.values, record, counted)
    else:
        assert record is not None
        mapped = map_record(record, readable)
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
    yield "What", manifest.title or (mapped.pack.title if mapped.pack else "an experiment")
    if blueprint.name:
        yield "Notebook", blueprint.name
    if manifest.pack.get("name"):
        yield "Pack", f"{manifest.pack['name']} {manifest.pack.get('version', '')}".strip()
    if record is None:
        yield "Run", "none is known"
        return
    story = Story(record)
    metrics = ", ".join(f"{one.metric.term} {one.text}" for one in story.headlines)
    if metrics:
        # What has to be known together with numbers: on which rows, and of which training.
        metrics += f", measured on the {story.measured_on}" if story.measured_on else ""
        metrics += ", but training diverged" if story.is_diverged else ""
    commit = record.git.get("commit")
    commit = commit[:12] if isinstance(commit, str) else ""
    hardware = {one.where: one.text for one in story.group("hardware_info")}
    for label, text in (
        ("When", f"{story.began}{f', {story.duration}' if story.duration else ''}"),
        ("Run", story.ended),
        ("Who", story.agent),
        ("With", story.recorded_by),
        ("Where", hardware.get("hardware_info.Operating_System")),
        ("CPU", hardware.get("hardware_info.CPU")),
        ("RAM", hardware.get("hardware_info.RAM")),
        ("GPU", hardware.get("hardware_info.GPUs")),
        ("Python", story.python),
        ("Result", metrics),
        ("Git commit", f"{commit} with changes" if record.git.get("dirty") else commit),
    ):
        if text:
            yield label, text


def _bullets(title: str, lines: list[str]) -> Bullets:
    return Bullets(title, [one_line(line, MAX_LINE) for line in lines])
