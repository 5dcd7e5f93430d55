"""Which cells are not what the pack writes for these values, how that is undone, and then told."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from mlprov_widgets.errors import PackError, RecordError
from mlprov_widgets.messages import Note
from mlprov_widgets.notebooks import Manifest, SourceCell, make_manifest, render_cells
from mlprov_widgets.packs import Pack, check_values
from mlprov_widgets.rebuild.edited_cells import (
    UNCHECKED,
    EditedCell,
    compare,
    moved_cells,
    paired,
    unchecked,
)
from mlprov_widgets.rebuild.pack_versions import (
    attributed_to_pack,
    has_changed,
    pack_of,
    version_notes,
)
from mlprov_widgets.rebuild.sources import Blueprint

_STRING = r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'"
_START = re.compile(rf"\bstart_run\(\s*({_STRING})")


def find_edits(
    blueprint: Blueprint, folders: Iterable[Path | str] = ()
) -> tuple[list[EditedCell], list[str]]:
    """Compare a blueprint's code cells with what the pack here writes for its values.

    Only the pack's own rendering is believed, not what the source says was generated.

    Returns
    -------
    list of EditedCell, list of str
        The cells that differ, and notes for a person.
    """
    pack, notes = pack_of(blueprint, folders)
    if pack is None:
        return attributed_to_pack(unchecked(blueprint.cells), blueprint), notes
    # The table is not looked at: its path comes from a file that somebody may have sent.
    checked = check_values(pack, blueprint.manifest.values, look=False)
    try:
        rendered = rendered_cells(pack, blueprint)
    except (PackError, KeyError) as error:
        edits = attributed_to_pack(unchecked(blueprint.cells), blueprint)
        notes = version_notes(pack, blueprint, checked, edits)
        return edits, [*notes, Note("pack_cells_not_written", reason=error)]
    edits = compare(rendered, blueprint.cells)
    if has_changed(pack, blueprint):
        edits = attributed_to_pack(edits, blueprint)
    return edits, version_notes(pack, blueprint, checked, edits)


def restored(
    blueprint: Blueprint, edits: Iterable[EditedCell], pack: Pack | None
) -> list[SourceCell]:
    """The blueprint's cells with some of its edits undone.

    An edited cell gets the source that the pack here writes, an added one is left out, and a
    removed or moved one stands where the pack has it.

    Raises
    ------
    RecordError
        If there is no pack to write them.
    """
    undone = {edit.id: edit for edit in edits}
    if not undone:
        return blueprint.cells
    if pack is None or any(edit.change == UNCHECKED for edit in undone.values()):
        raise RecordError("pack_missing_for_cells")
    rendered = rendered_cells(pack, blueprint)
    pairs, _ = paired(rendered, blueprint.cells)
    moved = moved_cells(pairs)
    kept: list[tuple[int, SourceCell]] = []  # with the place that the pack has for it, or -1
    back = {row for row, cell in enumerate(rendered) if cell.id in undone}
    texts = {cell.id: row for row, cell in enumerate(rendered) if cell.kind != "code"}
    for number, cell in enumerate(blueprint.cells, start=1):
        row = pairs.get(number, texts.get(cell.id, -1) if cell.kind != "code" else -1)
        if cell.id not in undone:
            kept.append((row, cell))
        elif row >= 0 and number not in moved:
            kept.append((row, replace(cell, source=rendered[row].source)))
        elif row >= 0:
            back.add(row)
    for row in sorted(back - {row for row, _ in kept}):
        places = [place for place, (other, _) in enumerate(kept, start=1) if 0 <= other < row]
        kept.insert(max(places, default=0), (row, rendered[row]))
    return [cell for _, cell in kept]


def manifest_after(
    blueprint: Blueprint,
    restored: Collection[str],
    accepted: Collection[str],
    pack: Pack | None,
) -> Manifest:
    """The manifest of the notebook in which these cells were restored, and those accepted.

    What the pack here writes counts as generated, whatever the source says was: so that a run of
    the notebook tells its edited cells from the others.
    """
    manifest = blueprint.manifest
    if pack is None:
        return manifest
    checked = check_values(pack, manifest.values, look=False)
    try:
        made = make_manifest(pack, checked.values, rendered_cells(pack, blueprint))
    except (PackError, KeyError):
        return manifest
    if not has_changed(pack, blueprint):
        return replace(
            manifest,
            generated=made.generated,
            parameters=manifest.parameters or made.parameters,
        )
    if not restored:
        return manifest
    if not accepted:
        # All of it is what the pack here writes, so it is a notebook of this pack.
        return replace(made, original=manifest.original, started_from=manifest.started_from)
    here = {row["id"]: row for row in made.generated if row["id"] in restored}
    rows = [here.pop(row.get("id", ""), row) for row in manifest.generated]
    known = {row["id"] for row in made.generated}
    kept = [row for row in rows if row.get("id") not in restored or row.get("id") in known]
    return replace(manifest, generated=[*kept, *here.values()])


def rendered_cells(pack: Pack, blueprint: Blueprint) -> list[SourceCell]:
    """What the pack writes for a blueprint's values.

    Raises
    ------
    PackError, KeyError
        If it cannot.
    """
    # The table is not looked at: its path comes from a file that somebody may have sent.
    checked = check_values(pack, blueprint.manifest.values, look=False)
    return render_cells(pack, checked.values, _name_at_generation(blueprint))


def _name_at_generation(blueprint: Blueprint) -> str:
    """The notebook's name in its start cell; the file may have been renamed since."""
    for cell in blueprint.cells:
        found = _START.search(cell.source) if cell.kind == "code" else None
        if found:
            try:
                return str(ast.literal_eval(found[1]))
            except (SyntaxError, ValueError):
                continue
    return blueprint.name
