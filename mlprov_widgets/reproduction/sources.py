"""What there is to rebuild a notebook from: a provenance file, a notebook, or a script."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from mlprov_widgets.errors import RecordError
from mlprov_widgets.notebooks import Manifest, RenderedCell, read_manifest
from mlprov_widgets.notebooks.execution import read_notebook
from mlprov_widgets.notebooks.manifest import KEY, SCRIPT_MARK, read_text
from mlprov_widgets.provenance import read_record
from mlprov_widgets.provenance.beside import records_in, shown_run
from mlprov_widgets.provenance.files import read_container
from mlprov_widgets.provenance.legacy import is_legacy, legacy_record
from mlprov_widgets.provenance.record import Cell, Record, source_hash
from mlprov_widgets.reproduction.outcome import Outcome

# What there is to read: only the last has values, but no code.
KINDS = ("run", "notebook", "script", "MLProvCodeGen")

MAX_CELLS = 10_000
MAX_SOURCE = 10_000_000

_ENDED = {"failed": "failed", "interrupted": "was interrupted"}
_VALID_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_CELL_MARK = re.compile(r"# %%(?P<rest>.*)")


@dataclass
class Blueprint:
    """All that it takes to write the notebook again; nothing in it is to be trusted.

    Parameters
    ----------
    name : str
        File name of the notebook or script, as the source has it.
    cells : list of RenderedCell
        In notebook order, with the sources that ran last.
    manifest : Manifest
        How the notebook was generated; its ``original`` is what the run left behind.
    notes : list of str
        What a person should know about the rebuilt notebook.
    kind : str
        One of `KINDS`: what the source is.
    record : Record, optional
        The run that it is about, where there is one.
    """

    name: str
    cells: list[RenderedCell]
    manifest: Manifest
    notes: list[str] = field(default_factory=list)
    kind: str = "run"
    record: Record | None = None

    def __post_init__(self) -> None:
        # What is written and compared cell by cell and line by line has to come to an end.
        size = sum(len(cell.source) for cell in self.cells)
        if len(self.cells) > MAX_CELLS or size > MAX_SOURCE:
            raise RecordError(
                f"{self.name or 'The notebook'} has {len(self.cells):,} cells with {size:,} "
                f"characters; up to {MAX_CELLS:,} cells and {MAX_SOURCE:,} characters are rebuilt."
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
        raise RecordError(f"{str(source)[:200]!r} is not a path: {error}.") from None


def read_source(path: Path) -> Blueprint:
    """Read a provenance file of ours or of MLProvCodeGen 1.x, a generated notebook, or a script.

    Raises
    ------
    RecordError
        If the file is none of them, or damaged.
    """
    if os.path.isdir(path):  # noqa: PTH112  (a name that is too long is no error)
        raise RecordError(f"{path} is a folder; choose a provenance file or a notebook in it.")
    if path.suffix.lower() == ".py":
        return _from_script(path)
    if path.suffix.lower() == ".ipynb":
        return _from_notebook(path)
    try:
        container = read_container(path)
        if is_legacy(container):
            return _from_legacy(legacy_record(container), path.name)
        if "nbformat" in container:
            raise RecordError("It is a notebook; give it a name that ends in .ipynb.")
        return blueprint_of(read_record(container), path.name)
    except RecordError as error:
        if path.name in str(error):
            raise
        raise RecordError(f"{path.name}: {error}") from None


def _from_legacy(record: Record, file: str) -> Blueprint:
    """Without cells: such a file has the values of a run, but none of its code."""
    title = str(record.experiment_info.get("title", ""))[:200]
    original = Outcome.from_record(record, file).to_dict()
    manifest = Manifest(title, "", {}, {}, original=original)
    name = str(record.notebook.get("name", ""))
    task = str(record.experiment_info.get("task_type", ""))
    if "image" in task.lower() and "multiclass" in name.lower():
        # Notebooks for images wrote the name of the other ones into their files.
        name = f"{task}.ipynb"
    return Blueprint(name, [], manifest, [], "MLProvCodeGen", record)


def blueprint_of(record: Record, file: str = "") -> Blueprint:
    """What a record holds of its notebook; `file` is the name of its provenance file.

    Raises
    ------
    RecordError
        If it holds no cells.
    """
    if not record.cells:
        raise RecordError("The provenance file holds no cells, so there is no notebook to rebuild.")
    ids = _valid_ids(cell.id for cell in record.cells)
    pairs = list(zip(ids, record.cells, strict=True))
    manifest = Manifest(
        title=str(record.experiment_info.get("title", "")),
        task_type=str(record.experiment_info.get("task_type", "")),
        pack=dict(record.pack),
        values=dict(record.values),
        parameters=[dict(row) for row in record.parameters],
        generated=[
            {
                "id": name,
                "kind": cell.kind,
                "step": cell.step,
                "sha256": sha256_of(cell.generated),
                "source": cell.generated,
            }
            for name, cell in pairs
            if cell.generated is not None
        ],
        original=Outcome.from_record(record, file).to_dict(),
    )
    cells = [
        RenderedCell(name, name, cell.kind, cell.step, cell.source)
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
        what = _ENDED.get(record.status, "did not come to its end")
        yield f"The original run {what}: what it left behind is not complete."
    code = [cell for cell in record.cells if cell.kind == "code" and cell.source.strip()]
    idle = sum(map(_is_idle, code))
    if idle and left_out:
        yield f"{_cells(idle)} did not run in the original run: the notebook as it ran is without."
    elif idle:
        yield f"{_cells(idle)} did not run in the original run, but will in this one."
    again = sum(len(cell.executions) > 1 for cell in code)
    if again:
        yield (
            f"{_cells(again)} ran more than once; the notebook has the source that ran last, and "
            "runs it once, so the results may be others."
        )
    order = [count for cell in code if (count := _last_count(cell)) is not None]
    if order != sorted(order):
        yield (
            "The cells ran in another order than they have in the notebook, so the results may be "
            "others."
        )


def _last_count(cell: Cell) -> int | None:
    return cell.executions[-1].count if cell.executions else None


def _cells(number: int) -> str:
    return f"{number} code cell{'s' if number != 1 else ''}"


def _from_notebook(path: Path) -> Blueprint:
    manifest = _manifest(path)
    notebook = read_notebook(path)
    kept = [cell for cell in notebook.cells if cell.cell_type in {"code", "markdown"}]
    ids = _valid_ids(cell.get("id", "") for cell in kept)
    steps = {row.get("id"): row.get("step", "") for row in manifest.generated}
    cells = []
    for name, cell in zip(ids, kept, strict=True):
        own = cell.metadata.get(KEY)
        step = own.get("step") if isinstance(own, dict) else None
        step = step if isinstance(step, str) else steps.get(name, "")
        cells.append(RenderedCell(name, name, cell.cell_type, step, cell.source))
    return _with_run_beside(path, Blueprint(path.name, cells, manifest, kind="notebook"))


def _from_script(path: Path) -> Blueprint:
    manifest = _manifest(path)
    parts = _split_script(read_text(path))
    rows = manifest.generated
    # A script has no ids: cells are told by their source, and else by their place.
    by_hash = {row.get("sha256"): row for row in reversed(rows)}
    in_place = len(parts) == len(rows)
    found = [
        by_hash.get(sha256_of(source)) or (rows[number] if in_place else {})
        for number, (_, source) in enumerate(parts)
    ]
    ids = _valid_ids(row.get("id", "") for row in found)
    cells = [
        RenderedCell(name, name, kind, row.get("step", ""), source)
        for name, row, (kind, source) in zip(ids, found, parts, strict=True)
    ]
    return _with_run_beside(path, Blueprint(path.name, cells, manifest, kind="script"))


def _manifest(path: Path) -> Manifest:
    try:
        manifest = read_manifest(path)
        if manifest is None:
            raise RecordError(
                f"{path.name} was not generated by mlprov-widgets, so it cannot be reproduced; "
                "a provenance file of a run of it can."
            )
        # The end of the new run could not compare itself with a damaged one.
        Outcome.from_dict(manifest.original)
    except RecordError as error:
        if path.name in str(error):
            raise
        raise RecordError(f"{path.name}: {error}") from None
    return manifest


def _split_script(text: str) -> list[tuple[str, str]]:
    """Kind and source of each cell of a script in the percent format."""
    parts: list[tuple[str, list[str]]] = [("code", [])]
    for line in text.split("\n"):
        mark = _CELL_MARK.fullmatch(line)
        if mark:
            parts.append(("markdown" if "[markdown]" in mark["rest"] else "code", []))
        elif not line.startswith(SCRIPT_MARK):
            parts[-1][1].append(line)
    cells = []
    for kind, lines in parts:
        if kind == "markdown":
            lines = [re.sub(r"^# ?", "", line) for line in lines]
        source = "\n".join(lines).strip("\n")
        if source.strip():
            cells.append((kind, source))
    return cells


def _with_run_beside(path: Path, blueprint: Blueprint) -> Blueprint:
    """Add what the last run of just these cells left behind, if its file lies beside the notebook.

    Without it, what the notebook itself reproduces stays what its reproduction is compared with.
    """
    sources = _code_hashes((cell.kind, cell.source) for cell in blueprint.cells)
    with contextlib.suppress(OSError):
        shown = shown_run(path)
        for record, file in records_in(path.parent, "" if shown else path.stem):
            known = _code_hashes((cell.kind, cell.source) for cell in record.cells)
            ran = _code_hashes((one.kind, one.source) for one in record.cells if one.executions)
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
        blueprint.notes.append(
            "Beside the notebook there is no provenance file of a run of just these cells, so "
            "there is nothing to compare the new run with."
        )
    return blueprint


def _has_in_order(many: list[str], few: list[str]) -> bool:
    """Whether `few` are among `many`, in the same order."""
    left = iter(many)
    return all(one in left for one in few)


def _code_hashes(cells: Iterable[tuple[str, str]]) -> list[str]:
    return [source_hash(source) for kind, source in cells if kind == "code" and source.strip()]


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


def sha256_of(text: str) -> str:
    """SHA-256 of a cell's source as a manifest has it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
