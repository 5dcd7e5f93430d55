"""Which differences come from another version of the pack, as far as the source says so itself.

It may lie: what is laid to the pack here is called something else, but it is shown and has to be
accepted like every other difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from mlprov_widgets.errors import PackError
from mlprov_widgets.messages import Note
from mlprov_widgets.packs import Checked, Pack, is_trusted, pack_as_recorded
from mlprov_widgets.rebuild.edited_cells import (
    ADDED,
    EDITED,
    MOVED,
    REMOVED,
    UNCHECKED,
    EditedCell,
    moved_cells,
    shown_diff,
)
from mlprov_widgets.rebuild.sources import Blueprint
from mlprov_widgets.record import text_hash
from mlprov_widgets.wording import format_value

OTHER_PACK = "as another version of the pack wrote it"
ONLY_OTHER = "written by another version of the pack only"
ONLY_HERE = "not written by another version of the pack"
OTHER_PLACE = "where another version of the pack had it"
BY_PACK = (OTHER_PACK, ONLY_OTHER, ONLY_HERE, OTHER_PLACE)


def pack_of(
    blueprint: Blueprint, folders: Iterable[Path | str] = ()
) -> tuple[Pack | None, list[str]]:
    """The pack to compare a blueprint's cells with, or a note that says why there is none.

    Raises
    ------
    PackError
        If there is no such folder of packs.
    """
    told = blueprint.manifest.pack
    name = told.get("name", "")
    folders = list(folders)
    pack_as_recorded("", "", folders)  # refuses a folder that is not there
    if not name:
        return None, [Note("pack_not_named")]
    try:
        pack = pack_as_recorded(name, told.get("sha256", ""), folders)
    except PackError as error:
        return None, [Note("pack_not_comparable", pack=name, reason=error)]
    if pack is None:
        return None, [Note("pack_not_here", pack=name)]
    # Cells as a stranger's pack has them are a stranger's cells, to be shown and accepted.
    if not is_trusted(pack):
        return None, [Note("pack_here_not_trusted", pack=name, folder=pack.folder)]
    return pack, []


def has_changed(pack: Pack, blueprint: Blueprint) -> bool:
    """Whether the pack here is not the one that the source names."""
    return pack.sha256 != blueprint.manifest.pack.get("sha256")


def attributed_to_pack(edits: Iterable[EditedCell], blueprint: Blueprint) -> list[EditedCell]:
    """Tell the differences that another version of the pack made from those made by hand.

    A cell that was edited as well also gets the difference to what was generated then.
    """
    rows = [row for row in blueprint.manifest.generated if row.get("kind", "code") == "code"]
    by_id = {row.get("id", ""): place for place, row in enumerate(rows)}
    by_hash = {row.get("sha256", ""): place for place, row in enumerate(rows)}
    places: dict[int, int] = {}  # of the cells among those that were generated, by their number
    for number, cell in enumerate(blueprint.cells, start=1):
        place = by_id.get(cell.id, by_hash.get(text_hash(cell.source)))
        if cell.kind == "code" and place is not None:
            places[number] = place
    moved = moved_cells(places)

    def told(edit: EditedCell) -> EditedCell:
        if not edit.number:
            by_pack = rows and edit.change == REMOVED and edit.id not in by_id
            return replace(edit, change=ONLY_HERE) if by_pack else edit
        if edit.number not in places:
            return edit
        row, source = rows[places[edit.number]], blueprint.cells[edit.number - 1].source
        if edit.change == MOVED:
            return edit if edit.number in moved else replace(edit, change=OTHER_PLACE)
        if row.get("sha256") == text_hash(source):
            now = {EDITED: OTHER_PACK, ADDED: ONLY_OTHER}.get(edit.change, edit.change)
            return replace(edit, change=now)
        if edit.change in (EDITED, ADDED, UNCHECKED) and "source" in row:
            by_hand = shown_diff(row["source"], source)
            # Where the pack has not changed this cell, both are the same.
            return replace(edit, by_hand=by_hand if by_hand != edit.diff else "")
        return edit

    return [told(edit) for edit in edits]


def version_notes(
    pack: Pack, blueprint: Blueprint, checked: Checked, edits: list[EditedCell]
) -> list[str]:
    """What a person should know of the pack before reading the differences."""
    is_other = has_changed(pack, blueprint)
    notes: list[str] = [_changed_note(pack, blueprint, edits)] if is_other else []
    if not edits:
        return notes
    # What is no question for these values counted for nothing, whatever it is.
    counted = {row.get("name") for row in blueprint.manifest.parameters}
    refused = {problem.parameter for problem in checked.problems} | {
        note.parameter for note in checked.notes if note.parameter not in checked.shown
    }
    values = blueprint.manifest.values
    left_out = [name for name in values if name in refused and (name in counted or not counted)]
    if left_out:
        notes.append(Note("pack_values_refused", names=left_out))
    defaults = [
        f"{name} ({format_value(checked.values[name], 40)})"
        for name, parameter in pack.parameters.items()
        if name in checked.shown and name not in values and not parameter.is_hidden
    ]
    if defaults and is_other:
        notes.append(Note("pack_asks_further", names=defaults))
    return notes


def _changed_note(pack: Pack, blueprint: Blueprint, edits: list[EditedCell]) -> Note:
    version = blueprint.manifest.pack.get("version", "unknown")
    said = {
        "pack": pack.name,
        "version": version,
        "now": "the same number now" if version == pack.version else f"now {pack.version}",
    }
    changes = {edit.change for edit in edits}
    numbers = {edit.number for edit in edits if edit.change in (ADDED, ONLY_OTHER)}
    code = {
        number
        for number, cell in enumerate(blueprint.cells, start=1)
        if cell.kind == "code" and cell.source.strip()
    }
    if code and code <= numbers:
        return Note("pack_changed_wholly", **said)
    if changes & {EDITED, *BY_PACK}:
        return Note("pack_changed_perhaps", **said)
    return Note("pack_changed" if UNCHECKED in changes else "pack_changed_elsewhere", **said)
