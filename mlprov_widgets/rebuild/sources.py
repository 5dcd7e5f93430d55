"""What there is to rebuild a notebook from: a provenance file, a notebook, or a script."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from mlprov_widgets._files import naming
from mlprov_widgets.comparison.outcome import Outcome
from mlprov_widgets.errors import RecordError
from mlprov_widgets.messages import Note
from mlprov_widgets.notebooks import Manifest, SourceCell, read_manifest
from mlprov_widgets.notebooks.beside import records_in, shown_run
from mlprov_widgets.notebooks.formats import DEFAULT, format_of, read_document
from mlprov_widgets.provenance import read_record
from mlprov_widgets.provenance.files import read_container
from mlprov_widgets.provenance.legacy import legacy_notebook, legacy_record
from mlprov_widgets.record import Cell, Record, Step, source_hash, text_hash

MAX_CELLS = 10_000
MAX_SOURCE = 10_000_000

_ENDED = {"failed": "original_failed", "interrupted": "original_interrupted"}
_VALID_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@dataclass
class Blueprint:
    """All that it takes to write the notebook again; nothing in it is to be trusted.

    Parameters
    ----------
    name : str
        File name of the notebook or script, as the source has it.
    cells : list of SourceCell
        In notebook order, with the sources that ran last.
    manifest : Manifest
        How the notebook was generated; its ``original`` is what the run left behind.
    notes : list of str
        What a person should know about the rebuilt notebook.
    kind : str
        ``run``, what a file of its format is called, such as ``notebook``, or the software whose
        records have values alone.
    record : Record, optional
        The run that it is about, where there is one.
    has_code : bool
        Whether there are cells to rebuild, and not only values to start from.
    """

    name: str
    cells: list[SourceCell]
    manifest: Manifest
    notes: list[str] = field(default_factory=list)
    kind: str = "run"
    record: Record | None = None
    has_code: bool = True

    def __post_init__(self) -> None:
        # What is written and compared cell by cell and line by line has to come to an end.
        size = sum(len(cell.source) for cell in self.cells)
        if len(self.cells) > MAX_CELLS or size > MAX_SOURCE:
            raise RecordError(
                "notebook_too_large",
                file=self.name or "The notebook",
                cells=len(self.cells),
                characters=size,
                most_cells=MAX_CELLS,
                most_characters=MAX_SOURCE,
            )


def source_path(source: Path | str) -> Path:
    """The path that somebody named, with links followed and ``~`` filled in.

    Raises
    ------
    RecordError
        If it is no path at all.
    """
    try:
        return Path(source).expanduser().resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise RecordError("source_is_no_path", source=str(source), reason=error) from None


def read_source(path: Path) -> Blueprint:
    """Read a provenance file of ours or of MLProvCodeGen 1.x, a generated notebook, or a script.

    Raises
    ------
    RecordError
        If the file is none of them, or damaged.
    """
    if os.path.isdir(path):  # noqa: PTH112  (a name that is too long is no error)
        raise RecordError("record_is_folder", file=path)
    one = format_of(path)
    if one is not None:
        return _from_cells(path, one.noun)
    with naming(path):
        container = read_container(path)
        foreign = legacy_record(container)
        if foreign is not None:
            return _of_values(foreign, path.name)
        if "nbformat" in container:
            raise RecordError("notebook_suffix_missing", suffix=DEFAULT.suffix)
        return blueprint_of(read_record(container), path.name)


def _of_values(record: Record, file: str) -> Blueprint:
    """Without cells: such a file has the values of a run, but none of its code."""
    title = str(record.experiment_info.get("title", ""))[:200]
    original = Outcome.from_record(record, file).to_dict()
    manifest = Manifest(title, "", {}, {}, original=original)
    name = legacy_notebook(record, DEFAULT.suffix)
    return Blueprint(name, [], manifest, [], record.software, record, has_code=False)


def _data_of(record: Record) -> dict[str, dict[str, str]]:
    """The data file of the run, to be known again by the notebook that is made again."""
    found = record.steps.get("data_ingestion", Step()).values
    place, digest = found.get("root_location"), found.get("source_sha256")
    return {str(place): {"sha256": digest}} if isinstance(digest, str) and digest else {}


def blueprint_of(record: Record, file: str = "") -> Blueprint:
    """What a record holds of its notebook; `file` is the name of its provenance file.

    Raises
    ------
    RecordError
        If it holds no cells.
    """
    if not record.cells:
        raise RecordError("record_without_cells")
    ids = _valid_ids(cell.id for cell in record.cells)
    pairs = list(zip(ids, record.cells, strict=True))
    manifest = Manifest(
        title=str(record.experiment_info.get("title", "")),
        task_type=str(record.experiment_info.get("task_type", "")),
        pack=dict(record.pack),
        values=dict(record.values),
        parameters=[dict(row) for row in record.parameters],
        data=_data_of(record),
        declared={name: list(rows) for name, rows in record.declared.items()},
        generated=[
            {
                "id": name,
                "kind": cell.kind,
                "step": cell.step,
                "sha256": text_hash(cell.generated),
                "source": cell.generated,
            }
            for name, cell in pairs
            if cell.generated is not None
        ],
        original=Outcome.from_record(record, file).to_dict(),
    )
    cells = [
        SourceCell(name, cell.kind, cell.source, cell.step)
        for name, cell in pairs
        # A run that came to its end ran without the cells that were deleted or passed over.
        if not (record.status == "finished" and _is_idle(cell))
    ]
    name = str(record.notebook.get("name", ""))
    notes = list(_history_notes(record, left_out=record.status == "finished"))
    return Blueprint(name, cells, manifest, notes, "run", record)


def _is_idle(cell: Cell) -> bool:
    """Whether a code cell did not run that would have done anything."""
    if cell.kind != "code" or cell.executions:
        return False
    lines = [line.strip() for line in cell.source.splitlines()]
    return not all(line.startswith("#") for line in lines if line)


def _history_notes(record: Record, left_out: bool = False) -> Iterable[str]:
    if record.status != "finished":
        yield Note(_ENDED.get(record.status, "original_unfinished"))
    code = [cell for cell in record.cells if cell.kind == "code" and cell.source.strip()]
    idle = sum(map(_is_idle, code))
    if idle and left_out:
        yield Note("idle_cells_left_out", cells=idle)
    elif idle:
        yield Note("idle_cells_will_run", cells=idle)
    repeated = sum(len(cell.executions) > 1 for cell in code)
    if repeated:
        yield Note("cells_ran_repeatedly", cells=repeated)
    counts = [cell.executions[-1].count for cell in code if cell.executions]
    order = [count for count in counts if count is not None]
    if order != sorted(order):
        yield Note("cells_ran_in_other_order")


def _from_cells(path: Path, noun: str) -> Blueprint:
    """What a notebook or script holds, and the run of it that lies beside."""
    manifest = read_manifest(path)
    if manifest is None:
        raise RecordError("notebook_not_generated", file=path.name)
    # The end of the new run could not compare itself with a damaged one.
    with naming(path):
        Outcome.from_dict(manifest.original)
    found = read_document(path, strict=True).cells
    rows = manifest.generated
    # A script has no ids: its cells are told by their source, and else by their place.
    by_id = {row.get("id"): row for row in reversed(rows)}
    by_hash = {row.get("sha256"): row for row in reversed(rows)}
    in_place = len(found) == len(rows)
    names, steps = [], []
    for number, cell in enumerate(found):
        row = by_id.get(cell.id) if cell.id else by_hash.get(text_hash(cell.source))
        if row is None:
            row = rows[number] if in_place and not cell.id else {}
        names.append(cell.id or row.get("id", ""))
        steps.append(cell.step or row.get("step", ""))
    cells = [
        SourceCell(name, cell.kind, cell.source, step)
        for name, step, cell in zip(_valid_ids(names), steps, found, strict=True)
    ]
    return _with_run_beside(path, Blueprint(path.name, cells, manifest, kind=noun))


def _with_run_beside(path: Path, blueprint: Blueprint) -> Blueprint:
    """Add what the last run of just these cells left behind, if its file lies beside the notebook.

    Without it, what the notebook itself reproduces stays what its reproduction is compared with.
    """
    sources = _code_hashes(blueprint.cells)
    with contextlib.suppress(RecordError):
        shown = shown_run(path)
        for record, file in records_in(path.parent, "" if shown else path.stem):
            known = _code_hashes(record.cells)
            ran = _code_hashes(cell for cell in record.cells if cell.executions)
            # The record also has cells that were deleted, and that never ran.
            just_these = _has_in_order(sources, ran) and _has_in_order(known, sources)
            # Outputs say which run they are of; without them it is any that names the notebook.
            named = record.notebook.get("name") == path.name
            if just_these and (record.run_id == shown.run_id if shown else named):
                blueprint.manifest.original = Outcome.from_record(record, file.name).to_dict()
                blueprint.notes += _history_notes(record)
                blueprint.record = record
                return blueprint
    if not blueprint.manifest.original:
        blueprint.notes.append(Note("run_of_cells_missing"))
    return blueprint


def _has_in_order(many: list[str], few: list[str]) -> bool:
    """Whether `few` are among `many`, in the same order."""
    left = iter(many)
    return all(one in left for one in few)


def _code_hashes(cells: Iterable[Cell | SourceCell]) -> list[str]:
    return [source_hash(one.source) for one in cells if one.kind == "code" and one.source.strip()]


def _valid_ids(names: Iterable[str]) -> list[str]:
    """Ids as nbformat allows them, each only once."""
    taken: set[str] = set()
    ids = []
    for number, name in enumerate(names, start=1):
        candidate = name if _VALID_ID.fullmatch(name) else f"cell-{number}"
        while candidate in taken:
            candidate = f"cell-{number}-{len(taken)}"
        taken.add(candidate)
        ids.append(candidate)
    return ids
