"""The notebook of an earlier run again, from its provenance file or from the notebook itself."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from mlprov_widgets.errors import MlprovError, RecordError
from mlprov_widgets.notebooks import (
    Manifest,
    as_text,
    free_name,
    make_manifest,
    render_cells,
    write_new,
)
from mlprov_widgets.packs import check_values, discover_packs
from mlprov_widgets.reproduction.edits import (
    ADDED,
    EDITED,
    OTHER_PACK,
    REMOVED,
    EditedCell,
    find_edits,
    restored,
)
from mlprov_widgets.reproduction.mapping import map_record
from mlprov_widgets.reproduction.outcome import jsonable
from mlprov_widgets.reproduction.sources import Blueprint, read_source

_SUFFIX = "-reproduction"
_MAX_NAME_BYTES = 120

_STYLE = """
.mlprov-reproduction { color: var(--jp-ui-font-color1, CanvasText);
  font: var(--jp-ui-font-size1, 13px)/1.5 var(--jp-ui-font-family, system-ui, sans-serif); }
.mlprov-reproduction code, .mlprov-reproduction pre {
  font-family: var(--jp-code-font-family, monospace); overflow-x: auto; }
.mlprov-reproduction .warning { border-left: 3px solid var(--jp-warn-color1, #d9822b);
  padding-left: .6em; }
.mlprov-reproduction p { margin: .2em 0; }
"""


@dataclass(frozen=True)
class Reproduction:
    """A rebuilt notebook; nothing in it has been run.

    It stands for its file wherever a path is expected.

    Parameters
    ----------
    file : Path
        The new notebook or script.
    source : Path
        What it was rebuilt from.
    edited : list of EditedCell
        Code cells in it that are not what the pack writes for the recorded values, and were
        accepted: they are to be read before they are run.
    notes : list of str
        What else a person should know.
    requirements : Path, optional
        The file with the recorded versions, where one was asked for.
    """

    file: Path
    source: Path
    edited: list[EditedCell] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    requirements: Path | None = None

    @property
    def warning(self) -> str:
        """One sentence if there is code that no pack here has written; else empty."""
        counts = _counted(self.edited)
        return f"{counts}; read them before running." if counts else ""

    def __fspath__(self) -> str:
        return os.fspath(self.file)

    def __str__(self) -> str:
        return str(self.file)

    def _repr_html_(self) -> str:
        parts = [
            f'<div class="mlprov-reproduction"><style>{_STYLE}</style>',
            f"<p>Rebuilt from <code>{html.escape(self.source.name)}</code>, not run: "
            f"<code>{html.escape(str(self.file))}</code></p>",
        ]
        if self.warning:
            parts.append(f'<p class="warning">{html.escape(self.warning)}</p>')
        parts += [f"<p>{html.escape(note)}</p>" for note in self.notes]
        for cell in self.edited:
            title = html.escape(describe(cell))
            parts.append(
                f"<details><summary>{title}</summary><pre>{html.escape(cell.diff)}</pre></details>"
            )
        return "".join([*parts, "</div>"])


def describe(cell: EditedCell) -> str:
    """Which cell, and what has become of it, in a few words."""
    where = f"Cell {cell.number}" if cell.number else "A cell"
    step = "".join(char for char in cell.step.replace("_", " ") if char.isprintable())[:60]
    return f"{where}{f' ({step})' if step else ''}: {cell.change}"


class EditsNotAcceptedError(RecordError):
    """Cells that no pack here writes, and that nobody has accepted; nothing was written.

    Parameters
    ----------
    source : str
        Name of the file.
    edited : list of EditedCell
        Those that are neither accepted nor restored.
    notes : list of str
        What else a person should know.

    Attributes
    ----------
    counts : str
        ``2 cells were edited by hand and 1 cell was removed``.
    """

    def __init__(self, source: str, edited: list[EditedCell], notes: list[str]) -> None:
        self.source, self.edited, self.notes = source, edited, notes
        self.counts = _counted(edited)
        super().__init__(
            f"{source}: {self.counts}. It is somebody else's code, so nothing was written. "
            "Read what differs; then accept it with accept=True, or name the cells with "
            "accept=[…] to keep and restore=[…] to have them as the pack writes them."
        )

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the sentence, and below it each difference."""
        diffs = [f"{describe(cell)}, id {cell.id!r}\n{cell.diff}" for cell in self.edited]
        return [str(self), *(f"\n{text}" for text in [*self.notes, *diffs])]


def reproduce(
    source: str | Path,
    out: str | Path | None = None,
    *,
    accept: bool | Iterable[str] = False,
    restore: Iterable[str] = (),
    folders: Iterable[Path | str] = (),
    requirements: bool = False,
) -> Reproduction:
    """Rebuild the notebook of an earlier run; nothing is executed, imported or unpickled.

    The code cells are byte for byte those that ran last (of a notebook: those it has); cells that
    never ran are as generated. The new notebook holds what the earlier run came to, so that its
    last cell can say whether the second run was the same.

    A file of MLProvCodeGen 1.x has values but no code: it gives today's notebook for them.

    Parameters
    ----------
    source : str or Path
        A provenance file of ours or of MLProvCodeGen 1.x, a generated notebook (run or not, edited
        or not), or an exported script. For a notebook or a script, the run is looked for in the
        provenance files beside it.
    out : str or Path, optional
        A new file ending in ``.ipynb`` or ``.py``, or a folder; by default the folder of `source`,
        where relative paths to data still hold. A file that exists is never written over.
    accept : bool or iterable of str
        Cells that are not what the pack here writes are somebody else's code. True takes all of
        them over as they ran, a list of ids only these; `inspect_run` shows them.
    restore : iterable of str
        Ids of such cells that are to be as the pack writes them: an edited one with the pack's
        source, an added one left out, a removed one put back.
    folders : iterable of Path or str
        Further folders with packs, to compare the cells with.
    requirements : bool
        Whether to write the recorded versions beside the notebook, for ``pip install -r``.

    Returns
    -------
    Reproduction
        The new file, and the cells in it that are not what the pack writes.

    Raises
    ------
    EditsNotAcceptedError
        If there are such cells that are neither accepted nor restored; nothing is written.
    RecordError
        If the source cannot be read as one of these.
    MlprovError
        If the new file exists or cannot be written.
    """
    try:
        path = Path(source).expanduser().resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise RecordError(f"{str(source)[:200]!r} is not a path: {error}.") from None
    folders = list(folders)
    try:
        blueprint = read_source(path)
        if blueprint.kind == "MLProvCodeGen":
            edited: list[EditedCell] = []
            notes = _generate_anew(blueprint, folders)
        else:
            edited, notes = _decided(path.name, blueprint, accept, list(restore), folders)
        place = path.parent if out is None else Path(out).expanduser().resolve()
        file = free_name(place, _new_stem(blueprint.name))
        text = _text(blueprint, _manifest(blueprint, folders), file.suffix)
    except RecursionError:
        raise RecordError(f"{path.name} is nested too deeply to be one of our files.") from None
    write_new(file, text)
    notes += blueprint.notes
    versions = None
    if requirements and blueprint.record is not None:
        from mlprov_widgets.reproduction.requirements import write_requirements

        versions = write_requirements(blueprint.record, file)
    elif requirements:
        notes.append("No run of this notebook is known, so there are no versions to write down.")
    return Reproduction(file, path, edited, notes, versions)


def _decided(
    name: str,
    blueprint: Blueprint,
    accept: bool | Iterable[str],
    restore: list[str],
    folders: list[Path | str],
) -> tuple[list[EditedCell], list[str]]:
    """Undo the edits that are to be undone; what is left has to be accepted."""
    edited, notes = find_edits(blueprint, folders)
    known = {edit.id for edit in edited}
    accepted = known if accept is True else set() if accept is False else _ids(accept)
    unknown = sorted((accepted | set(restore)) - known)
    if unknown:
        named = ", ".join(repr(one[:60]) for one in unknown[:5])
        raise MlprovError(f"{name}: no cell that differs from the pack has the id {named}.")
    left = [edit for edit in edited if edit.id not in restore]
    undecided = [edit for edit in left if edit.id not in accepted]
    if undecided:
        raise EditsNotAcceptedError(name, undecided, notes)
    undone = [edit for edit in edited if edit.id in restore]
    blueprint.cells = restored(blueprint, undone, folders)
    if undone:
        notes.append(f"{_cells(len(undone))} as the pack writes them, not as they were.")
    return left, notes


def _ids(names: bool | Iterable[str]) -> set[str]:
    return {names} if isinstance(names, str) else {str(name) for name in names}  # type: ignore[union-attr]


def _generate_anew(blueprint: Blueprint, folders: list[Path | str]) -> list[str]:
    """Fill in a blueprint of values alone with the cells that the pack here writes for them."""
    assert blueprint.record is not None
    mapped = map_record(blueprint.record, discover_packs(folders))
    if mapped.pack is None:
        raise RecordError("There is no pack here for the experiment of this file.")
    checked = check_values(mapped.pack, mapped.values, look=False)
    if checked.problems:
        problem = checked.problems[0].message
        raise RecordError(f"No notebook can be written with the values of this file: {problem}")
    name = f"{_new_stem(blueprint.name)}.ipynb"
    blueprint.cells = render_cells(mapped.pack, checked.values, name)
    original = blueprint.manifest.original
    blueprint.manifest = make_manifest(mapped.pack, checked.values, blueprint.cells)
    blueprint.manifest.original = original
    notes = [
        "The file has the values of a run of MLProvCodeGen, but none of its code: this is what the "
        f"pack {mapped.pack.name} writes for them today, so the results will differ."
    ]
    return notes + [f"{one.name} was left out: {one.reason}" for one in mapped.unmapped]


def _text(blueprint: Blueprint, manifest: Manifest, suffix: str) -> str:
    import nbformat

    try:
        text = as_text(blueprint.cells, manifest, suffix)
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise RecordError(
            "The source holds characters that no file can hold (half of a surrogate pair)."
        ) from error
    except nbformat.ValidationError as error:
        reason = str(error).partition("\n")[0]
        raise RecordError(f"No valid notebook can be made of the source: {reason}") from error
    return text


def _manifest(blueprint: Blueprint, folders: list[Path | str]) -> Manifest:
    manifest = blueprint.manifest
    pack = discover_packs(folders).get(manifest.pack.get("name", ""))
    parameters = manifest.parameters
    if not parameters and pack is not None and pack.sha256 == manifest.pack.get("sha256"):
        shown = check_values(pack, manifest.values, look=False).shown
        parameters = [
            {
                "name": parameter.name,
                "constant": parameter.symbol if parameter.constant else "",
                "step": parameter.step,
                "term": parameter.term,
            }
            for parameter in pack.parameters.values()
            if parameter.name in shown
        ]
    data = jsonable({**manifest.to_dict(), "parameters": parameters})
    return Manifest.from_dict(data)


def _new_stem(name: str) -> str:
    """A file name made of a recorded one, of which nothing but letters and the like survives."""
    last = re.split(r"[\\/]", name)[-1]
    stem = re.sub(r"\.(ipynb|py)$", "", last, flags=re.IGNORECASE)
    stem = re.sub(r"[^\w-]+", "-", stem).strip("-_") or "notebook"
    stem = re.sub(rf"({_SUFFIX})(-\d+)?$", "", stem) or "notebook"
    return stem.encode()[:_MAX_NAME_BYTES].decode(errors="ignore") + _SUFFIX


def _counted(edited: list[EditedCell]) -> str:
    """How many cells were edited, removed, …: ``2 cells were edited by hand``; empty for none."""
    changes = [cell.change for cell in edited]
    numbers = {
        "edited by hand": sum(change in {EDITED, ADDED} for change in changes),
        "removed": changes.count(REMOVED),
        "written by another version of the pack, as the file says": changes.count(OTHER_PACK),
    }
    numbers["not checked, for want of the pack"] = len(changes) - sum(numbers.values())
    return " and ".join(f"{_count(number)} {what}" for what, number in numbers.items() if number)


def _count(number: int) -> str:
    return f"{number} cell was" if number == 1 else f"{number} cells were"


def _cells(number: int) -> str:
    return f"{number} cell is" if number == 1 else f"{number} cells are"
