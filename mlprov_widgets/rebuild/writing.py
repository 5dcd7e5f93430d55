"""The notebook of an earlier run again, from its provenance file or from the notebook itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mlprov_widgets._files import cut_name, reason
from mlprov_widgets.comparison.json_numbers import jsonable
from mlprov_widgets.comparison.outcome import tolerance_of
from mlprov_widgets.deprecation import renamed_parameters
from mlprov_widgets.errors import MlprovError, RecordError
from mlprov_widgets.messages import Note
from mlprov_widgets.notebooks import (
    Manifest,
    as_text,
    free_name,
    make_manifest,
    render_cells,
    write_free,
    write_new,
)
from mlprov_widgets.notebooks.formats import DEFAULT, stem_of
from mlprov_widgets.packs import Pack, check_trust, check_values, readable_packs
from mlprov_widgets.provenance.legacy import EXPECTED
from mlprov_widgets.rebuild.edited_cells import EditedCell
from mlprov_widgets.rebuild.edits import find_edits, manifest_after, restored
from mlprov_widgets.rebuild.field_mapping import map_record
from mlprov_widgets.rebuild.pack_versions import BY_PACK, pack_of
from mlprov_widgets.rebuild.result import EditsNotAcceptedError, Reproduction
from mlprov_widgets.rebuild.sources import Blueprint, read_source, source_path

_Cell = str | EditedCell

_SUFFIX = "-reproduction"
_MAX_NAME_BYTES = 120
_PATH = re.compile(r"(^|_)(path|folder|file)$")
_ABSOLUTE = re.compile(r"[/~\\]|[A-Za-z]:|[a-z]+://")


@renamed_parameters(folders="packs", pack_folders="packs")
def reproduce(
    source: str | Path,
    out: str | Path | None = None,
    *,
    accept: bool | Iterable[str | EditedCell] = False,
    restore: Iterable[str | EditedCell] = (),
    packs: Iterable[Path | str] = (),
    requirements: bool = False,
    relative: float | None = None,
    absolute: float | None = None,
) -> Reproduction:
    """Rebuild the notebook of an earlier run; nothing is executed, imported or unpickled.

    The code cells are byte for byte those that ran last (of a notebook: those it has); cells that
    a finished run did without are left out, those that another did not get to are as generated.
    The new notebook holds what the earlier run came to, so that its last cell can compare the two.
    A file of MLProvCodeGen 1.x has values but no code: it gives today's notebook for them.

    Parameters
    ----------
    source : str or Path
        A provenance file of ours or of MLProvCodeGen 1.x, a generated notebook (run or not, edited
        or not), or an exported script. For a notebook or a script, the run is looked for in the
        provenance files beside it.
    out : str or Path, optional
        A new file that ends as notebooks or scripts do, or a folder; by default that of `source`,
        where relative paths to data still hold. A file that exists is never written over.
    accept : bool or iterable of str or EditedCell
        Cells that are not what the pack here writes are somebody else's code (`inspect_run` shows
        them): True takes all over as they ran, a list only these. A cell named by its id is taken
        whatever it holds by now, one named by what `inspect_run` gave only if it is still that.
    restore : iterable of str or EditedCell
        Such cells that are to be as the pack writes them: an edited one with the pack's source, an
        added one left out, a removed or moved one put back.
    packs : iterable of Path or str
        Further folders with packs, to compare the cells with.
    requirements : bool
        Whether to write the recorded versions beside the notebook, for ``pip install -r``.
    relative, absolute : float, optional
        The tolerance of the comparison at its end, as `verify` takes it.

    Returns
    -------
    Reproduction

    Raises
    ------
    EditsNotAcceptedError
        If there are such cells that are neither accepted nor restored; nothing is written.
    RecordError
        If the source cannot be read as one of these.
    ValueError
        If a tolerance is negative or no number.
    MlprovError
        If a named cell is not there or has changed, or the new file exists or cannot be written.
    """
    path, folders = source_path(source), list(packs)
    tolerance = tolerance_of(relative, absolute)
    return _rebuilt(path, out, accept, restore, folders, requirements, tolerance)


def _rebuilt(
    path: Path,
    out: str | Path | None,
    accept: bool | Iterable[_Cell],
    restore: Iterable[_Cell],
    folders: list[Path | str],
    requirements: bool,
    tolerance: dict[str, float],
) -> Reproduction:
    edited: list[EditedCell] = []
    try:
        blueprint = read_source(path)
        if blueprint.has_code:
            edited, notes = _decided(path.name, blueprint, accept, restore, folders)
        else:
            notes = _generate_anew(blueprint, folders)
        if blueprint.manifest.original:
            # Not that of an earlier reproduction: how closely is asked anew each time.
            blueprint.manifest.original["tolerance"] = tolerance
        file = _written(blueprint, path.parent if out is None else out)
    except RecursionError:
        raise RecordError("source_too_deep", file=path.name) from None
    notes += blueprint.notes
    if file.parent != path.parent and (paths := _relative_paths(blueprint.manifest)):
        notes.append(Note("path_from_other_folder", paths=paths, file=path.name))
    versions = None
    if requirements and blueprint.record is not None:
        from mlprov_widgets.rebuild.requirements import write_requirements

        versions = write_requirements(blueprint.record, file)
    elif requirements:
        notes.append(Note("versions_unknown"))
    return Reproduction(file, path, edited, notes, versions)


def _relative_paths(manifest: Manifest) -> list[str]:
    """The values that name a file or folder from the folder of the notebook."""
    return [
        value
        for name, value in manifest.values.items()
        if _PATH.search(name) and isinstance(value, str) and value and not _ABSOLUTE.match(value)
    ]


def _written(blueprint: Blueprint, out: str | Path) -> Path:
    """Write a blueprint's notebook to a new file, or into a folder."""
    stem = new_stem(blueprint.name)
    try:
        place = Path(out).expanduser().resolve()
        file = free_name(place, stem)
    except (OSError, ValueError, RuntimeError) as error:
        raise MlprovError("output_is_no_path", out=str(out), reason=reason(error)) from None
    manifest = Manifest.from_dict(jsonable(blueprint.manifest.to_dict()))
    text = as_text(blueprint.cells, manifest, file)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise RecordError("source_not_encodable") from error
    target = file.parent if place.is_dir() else file
    return write_free(target, stem, lambda new: write_new(new, text))


def _decided(
    name: str,
    blueprint: Blueprint,
    accept: bool | Iterable[_Cell],
    restore: Iterable[_Cell],
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
    pack, _ = pack_of(blueprint, folders)
    cells = restored(blueprint, undone, pack)
    manifest = manifest_after(blueprint, undo, accepted - undo, pack)
    blueprint.cells, blueprint.manifest = cells, manifest
    if undone and any(edit.change in BY_PACK for edit in left):
        notes.append(Note("cells_of_two_versions"))
    if undone:
        notes.append(Note("cells_restored", cells=len(undone)))
    return left, notes


def _named(name: str, cells: Iterable[_Cell], edited: list[EditedCell]) -> set[str]:
    """Ids of the cells that somebody has decided upon, which have to be there."""
    cells = [cells] if isinstance(cells, str) else list(cells)
    there = {edit.id: edit for edit in edited}
    if any(isinstance(cell, EditedCell) and there.get(cell.id) != cell for cell in cells):
        raise MlprovError("source_changed", file=name)
    ids = {cell.id if isinstance(cell, EditedCell) else str(cell) for cell in cells}
    unknown = sorted(ids - there.keys())
    if unknown:
        raise MlprovError("edited_cell_unknown", file=name, ids=unknown)
    return ids


def _generate_anew(blueprint: Blueprint, folders: list[Path | str]) -> list[str]:
    """Fill in a blueprint of values alone with the cells that the pack here writes for them."""
    assert blueprint.record is not None
    mapped = map_record(blueprint.record, readable_packs(folders))
    if mapped.pack is None:
        raise RecordError("pack_missing_for_record")
    check_trust(mapped.pack)
    checked = check_values(mapped.pack, mapped.values, look=False)
    if checked.problems:
        raise RecordError("record_values_refused", reason=checked.problems[0].message)
    name = f"{new_stem(blueprint.name)}{DEFAULT.suffix}"
    blueprint.cells = render_cells(mapped.pack, checked.values, name)
    original = blueprint.manifest.original
    blueprint.manifest = make_manifest(mapped.pack, checked.values, blueprint.cells)
    blueprint.manifest.original = original
    notes: list[str] = [Note("values_without_code", pack=mapped.pack.name)]
    return notes + [
        Note(
            "field_left_out",
            name=one.name,
            reason=one.reason,
            instead=_instead(one.name, mapped.pack, checked.values),
        )
        for one in mapped.unmapped
        if one.reason not in EXPECTED
    ]


def _instead(name: str, pack: Pack, values: Mapping[str, Any]) -> str | None:
    """What the notebook has where a value of the file was left out."""
    for parameter in pack.parameters.values():
        places = (parameter.name, f"{parameter.step}.{parameter.term or parameter.name}")
        if name in places and parameter.name in values:
            return repr(values[parameter.name])
    return None


def new_stem(name: str) -> str:
    """A file name made of a recorded one, of which nothing but letters and the like survives."""
    last = re.split(r"[\\/]", name)[-1]
    stem = re.sub(r"[^\w-]+", "-", stem_of(last)).strip("-_") or "notebook"
    stem = re.sub(rf"({_SUFFIX})(-\d+)?$", "", stem) or "notebook"
    return cut_name(stem, _MAX_NAME_BYTES) + _SUFFIX
