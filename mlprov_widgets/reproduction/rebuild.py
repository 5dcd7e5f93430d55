"""The notebook of an earlier run again, from its provenance file or from the notebook itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import MlprovError, RecordError
from mlprov_widgets.notebooks import (
    Manifest,
    as_text,
    free_name,
    make_manifest,
    render_cells,
    write_free,
    write_new,
)
from mlprov_widgets.packs import Pack, check_values, readable_packs
from mlprov_widgets.reproduction.differences import EditedCell
from mlprov_widgets.reproduction.edits import find_edits, restored
from mlprov_widgets.reproduction.legacy_fields import EXPECTED
from mlprov_widgets.reproduction.mapping import map_record
from mlprov_widgets.reproduction.outcome import jsonable, tolerance_of
from mlprov_widgets.reproduction.rebuilt import EditsNotAcceptedError, Reproduction
from mlprov_widgets.reproduction.remade import remade_manifest
from mlprov_widgets.reproduction.sources import Blueprint, read_source, source_path
from mlprov_widgets.reproduction.versions import BY_PACK

_SUFFIX = "-reproduction"
_MAX_NAME_BYTES = 120
_PATH = re.compile(r"(^|_)(path|folder|file)$")
_ABSOLUTE = re.compile(r"[/~\\]|[A-Za-z]:|[a-z]+://")


def reproduce(
    source: str | Path,
    out: str | Path | None = None,
    *,
    accept: bool | Iterable[str | EditedCell] = False,
    restore: Iterable[str | EditedCell] = (),
    folders: Iterable[Path | str] = (),
    requirements: bool = False,
    relative: float | None = None,
    absolute: float | None = None,
) -> Reproduction:
    """Rebuild the notebook of an earlier run; nothing is executed, imported or unpickled.

    The code cells are byte for byte those that ran last (of a notebook: those it has); cells that
    a run which came to its end did without are left out, those that another did not get to are as
    generated. The new notebook holds what the earlier run came to, so that its
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
    accept : bool or iterable of str or EditedCell
        Cells that are not what the pack here writes are somebody else's code; `inspect_run` shows
        them. True takes all of them over as they ran, a list only these. A cell named by its id is
        taken whatever it holds by now, one named by what `inspect_run` gave only if it is still
        that.
    restore : iterable of str or EditedCell
        Such cells that are to be as the pack writes them: an edited one with the pack's source, an
        added one left out, a removed or moved one put back.
    folders : iterable of Path or str
        Further folders with packs, to compare the cells with.
    requirements : bool
        Whether to write the recorded versions beside the notebook, for ``pip install -r``.
    relative, absolute : float, optional
        The tolerance of the comparison at its end, as `verify` takes it.

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
    ValueError
        If a tolerance is negative or no number.
    MlprovError
        If a cell that is named is not there or no longer what it was, or if the new file exists or
        cannot be written.
    """
    path = source_path(source)
    folders = list(folders)
    tolerance = tolerance_of(relative, absolute)
    try:
        blueprint = read_source(path)
        if blueprint.kind == "MLProvCodeGen":
            edited: list[EditedCell] = []
            notes = _generate_anew(blueprint, folders)
        else:
            edited, notes = _decided(path.name, blueprint, accept, restore, folders)
        if blueprint.manifest.original:
            # Not that of an earlier reproduction: how closely is asked anew each time.
            blueprint.manifest.original["tolerance"] = tolerance
        place = path.parent if out is None else out
        file = _new_file(place, new_stem(blueprint.name))
        manifest = Manifest.from_dict(jsonable(blueprint.manifest.to_dict()))
        text = _text(blueprint, manifest, file.suffix)
    except RecursionError:
        raise RecordError(f"{path.name} is nested too deeply to be one of our files.") from None
    folder = Path(place).expanduser().resolve()
    target = file.parent if folder.is_dir() else file
    file = write_free(target, new_stem(blueprint.name), lambda new: write_new(new, text))
    notes += blueprint.notes
    if file.parent != path.parent and (paths := _relative_paths(blueprint.manifest)):
        notes.append(
            f"{paths} in the notebook starts from its folder, which is not that of {path.name}: "
            "put the data there too."
        )
    versions = None
    if requirements and blueprint.record is not None:
        from mlprov_widgets.reproduction.requirements import write_requirements

        versions = write_requirements(blueprint.record, file)
    elif requirements:
        notes.append("No run of this notebook is known, so there are no versions to write down.")
    return Reproduction(file, path, edited, notes, versions)


def _relative_paths(manifest: Manifest) -> str:
    """The values that name a file or folder from the folder of the notebook."""
    found = [
        value
        for name, value in manifest.values.items()
        if _PATH.search(name) and isinstance(value, str) and value and not _ABSOLUTE.match(value)
    ]
    return " and ".join(one if one.isprintable() else ascii(one) for one in found)[:200]


def _new_file(out: str | Path, stem: str) -> Path:
    try:
        return free_name(Path(out).expanduser().resolve(), stem)
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise MlprovError(f"{str(out)[:200]!r} is no place for a new file: {reason}.") from None


def _decided(
    name: str,
    blueprint: Blueprint,
    accept: bool | Iterable[str | EditedCell],
    restore: Iterable[str | EditedCell],
    folders: list[Path | str],
) -> tuple[list[EditedCell], list[str]]:
    """Undo the edits that are to be undone; what is left has to be accepted."""
    edited, notes = find_edits(blueprint, folders)
    undo = _named(name, restore, edited)
    accepted = _named(name, edited if accept is True else accept or (), edited)
    left = [edit for edit in edited if edit.id not in undo]
    undecided = [edit for edit in left if edit.id not in accepted]
    if undecided:
        raise EditsNotAcceptedError(name, undecided, [*notes, *blueprint.notes])
    undone = [edit for edit in edited if edit.id in undo]
    cells = restored(blueprint, undone, folders)
    manifest = remade_manifest(blueprint, undo, accepted - undo, folders)
    blueprint.cells, blueprint.manifest = cells, manifest
    if undone and any(edit.change in BY_PACK for edit in left):
        notes.append(
            "Some cells are as the pack here writes them, and some as another version of it did: "
            "see that they fit together."
        )
    if undone:
        notes.append(f"As the pack writes it, not as it was: {_cells(len(undone))}.")
    return left, notes


def _named(name: str, cells: Iterable[str | EditedCell], edited: list[EditedCell]) -> set[str]:
    """Ids of the cells that somebody has decided upon, which have to be there."""
    cells = [cells] if isinstance(cells, str) else list(cells)
    there = {edit.id: edit for edit in edited}
    if any(isinstance(cell, EditedCell) and there.get(cell.id) != cell for cell in cells):
        raise MlprovError(f"{name} has been changed since it was read; read it again.")
    ids = {cell.id if isinstance(cell, EditedCell) else str(cell) for cell in cells}
    unknown = sorted(ids - there.keys())
    if unknown:
        said = ", ".join(repr(one[:60]) for one in unknown[:5])
        raise MlprovError(
            f"{name}: no cell that differs from the pack has the id {said}; "
            "inspect_run tells those that do."
        )
    return ids


def _generate_anew(blueprint: Blueprint, folders: list[Path | str]) -> list[str]:
    """Fill in a blueprint of values alone with the cells that the pack here writes for them."""
    assert blueprint.record is not None
    mapped = map_record(blueprint.record, readable_packs(folders))
    if mapped.pack is None:
        raise RecordError(
            "There is no pack here for the experiment of this file; name its folder with "
            "folders=[…]."
        )
    checked = check_values(mapped.pack, mapped.values, look=False)
    if checked.problems:
        problem = checked.problems[0].message
        raise RecordError(f"No notebook can be written with the values of this file: {problem}")
    name = f"{new_stem(blueprint.name)}.ipynb"
    blueprint.cells = render_cells(mapped.pack, checked.values, name)
    original = blueprint.manifest.original
    blueprint.manifest = make_manifest(mapped.pack, checked.values, blueprint.cells)
    blueprint.manifest.original = original
    notes = [
        "The file has the values of a run of MLProvCodeGen, but none of its code: this is what the "
        f"pack {mapped.pack.name} writes for them today, so the results will differ."
    ]
    left_out = [one for one in mapped.unmapped if one.reason not in EXPECTED]
    return notes + [
        f"{one.name} was left out: {one.reason}{_instead(one.name, mapped.pack, checked.values)}"
        for one in left_out
    ]


def _instead(name: str, pack: Pack, values: Mapping[str, Any]) -> str:
    """What the notebook has where a value of the file was left out."""
    for parameter in pack.parameters.values():
        places = (parameter.name, f"{parameter.step}.{parameter.term or parameter.name}")
        if name in places and parameter.name in values:
            return f" The notebook has {values[parameter.name]!r}."
    return ""


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


def new_stem(name: str) -> str:
    """A file name made of a recorded one, of which nothing but letters and the like survives."""
    last = re.split(r"[\\/]", name)[-1]
    stem = re.sub(r"\.(ipynb|py)$", "", last, flags=re.IGNORECASE)
    stem = re.sub(r"[^\w-]+", "-", stem).strip("-_") or "notebook"
    stem = re.sub(rf"({_SUFFIX})(-\d+)?$", "", stem) or "notebook"
    return stem.encode()[:_MAX_NAME_BYTES].decode(errors="ignore") + _SUFFIX


def _cells(number: int) -> str:
    return f"{number} cell" if number == 1 else f"{number} cells"
