"""The notebook of an earlier run again, from its provenance file or from the notebook itself."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from mlprov_widgets.errors import RecordError
from mlprov_widgets.notebooks import Manifest, as_text, free_name, write_new
from mlprov_widgets.packs import check_values, discover_packs
from mlprov_widgets.reproduction.edits import ADDED, EDITED, REMOVED, EditedCell, find_edits
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
        Code cells that are not what the pack writes for the recorded values: a person wrote them,
        and they are to be read before they are run.
    notes : list of str
        What else a person should know.
    """

    file: Path
    source: Path
    edited: list[EditedCell] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def warning(self) -> str:
        """One sentence if there is code that no pack here has written; else empty."""
        changes = [cell.change for cell in self.edited]
        by_hand = sum(change in {EDITED, ADDED} for change in changes)
        removed, unchecked = changes.count(REMOVED), len(changes) - by_hand
        unchecked -= removed
        parts = []
        if by_hand:
            parts.append(f"{_count(by_hand)} edited by hand")
        if removed:
            parts.append(f"{_count(removed)} removed")
        if unchecked:
            parts.append(f"{_count(unchecked)} not checked, for want of the pack")
        return f"{' and '.join(parts)}; read them before running." if parts else ""

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


def reproduce(
    source: str | Path,
    out: str | Path | None = None,
    *,
    folders: Iterable[Path | str] = (),
) -> Reproduction:
    """Rebuild the notebook of an earlier run; nothing is executed, imported or unpickled.

    The code cells are byte for byte those that ran last (of a notebook: those it has); cells that
    never ran are as generated. The new notebook holds what the earlier run came to, so that its
    last cell can say whether the second run was the same.

    Parameters
    ----------
    source : str or Path
        A provenance file of ours, a generated notebook (run or not, edited or not), or an exported
        script. For a notebook or a script, the run is looked for in the provenance files beside
        it.
    out : str or Path, optional
        A new file ending in ``.ipynb`` or ``.py``, or a folder; by default the folder of `source`,
        where relative paths to data still hold. A file that exists is never written over.
    folders : iterable of Path or str
        Further folders with packs, to compare the cells with.

    Returns
    -------
    Reproduction
        The new file, and the cells that are not what the pack writes for the recorded values.

    Raises
    ------
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
        edited, notes = find_edits(blueprint, folders)
        place = path.parent if out is None else Path(out).expanduser().resolve()
        file = free_name(place, _new_stem(blueprint.name))
        text = _text(blueprint, _manifest(blueprint, folders), file.suffix)
    except RecursionError:
        raise RecordError(f"{path.name} is nested too deeply to be one of our files.") from None
    write_new(file, text)
    return Reproduction(file, path, edited, [*notes, *blueprint.notes])


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


def _count(number: int) -> str:
    return f"{number} cell was" if number == 1 else f"{number} cells were"
