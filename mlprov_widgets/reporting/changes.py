"""Which cells of a run a person wrote, for its report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.present.blocks import Block, CodeBlock, Paragraph
from mlprov_widgets.rebuild.edited_cells import REMOVED, UNCHECKED, EditedCell
from mlprov_widgets.rebuild.edits import find_edits
from mlprov_widgets.rebuild.pack_versions import BY_PACK
from mlprov_widgets.rebuild.result import describe
from mlprov_widgets.rebuild.sources import blueprint_of
from mlprov_widgets.record import Record
from mlprov_widgets.record.story import Story
from mlprov_widgets.wording import one_line, paragraphs

MAX_CELLS = 60
MAX_DIFF = 8000


def changes(record: Record, folders: Iterable[Path | str] = ()) -> tuple[list[Block], int | None]:
    """The cells that are not as the pack writes them; their number is None if nobody can say."""
    if not record.cells:
        text = "The record holds the values of the run, but none of its code."
        return [Paragraph(text, "fair")], None
    try:
        # What the run came to may be large, and is not looked at here.
        blueprint = blueprint_of(replace(record, steps={}, environment={}, hardware_info={}))
        edits, notes = find_edits(blueprint, folders)
    except MlprovError as error:
        return [Paragraph(f"The code could not be compared: {one_line(str(error))}", "fair")], None
    notes += blueprint.notes
    idle = {cell.id for cell in record.cells if cell.kind == "code" and not cell.executions}
    not_run = [edit for edit in edits if edit.change == REMOVED and edit.id in idle]
    edits = [edit for edit in edits if edit not in not_run]
    by_hand = [edit for edit in edits if edit.change not in (UNCHECKED, *BY_PACK)]
    by_pack = [edit for edit in edits if edit.change in BY_PACK]
    pack = Story(record).pack
    if any(edit.change == UNCHECKED for edit in edits):
        return _on_its_word(record, notes)
    blocks: list[Block] = []
    if by_hand:
        text = f"{_not_written(by_hand)} the pack {pack} writes for these values:"
        blocks.append(Paragraph(text, "fair"))
    if by_pack:
        text = (
            f"{_not_written(by_pack)} the pack writes here today. By the record’s own word the "
            f"pack has changed since, and no {'other ' if by_hand else ''}cell was changed by hand."
        )
        blocks.append(Paragraph(text, "fair"))
    if not edits and not_run:
        text = f"No code cell that ran was changed by hand: each is as the pack {pack} writes it."
        blocks.append(Paragraph(text))
    elif not edits:
        text = f"No code cell was changed by hand: each is as the pack {pack} writes it."
        blocks.append(Paragraph(text, "good"))
    if any(edit.by_hand for edit in by_hand):
        notes.append("Of edited cells, the change to what was generated then is shown.")
    blocks += [Paragraph(one_line(note, 600)) for note in notes]
    return [*blocks, *_diffs([*by_hand, *by_pack])], len(by_hand)


def _not_written(edits: list[EditedCell]) -> str:
    return "1 code cell is not what" if len(edits) == 1 else f"{len(edits)} code cells are not what"


def _on_its_word(record: Record, notes: list[str]) -> tuple[list[Block], int | None]:
    """Without the pack there is only what the record itself says was generated."""
    changed = [cell for cell in record.cells if cell.kind == "code" and cell.origin != "generated"]
    known = any(cell.generated is not None for cell in record.cells)
    blocks: list[Block] = [Paragraph(one_line(note, 600)) for note in notes]
    if not known:
        text = "The notebook was not generated, so all of its code was written by hand."
        return [Paragraph(text), *(blocks if record.pack else [])], None
    text = f"By the record’s own word, {len(changed)} of its code cells were changed by hand."
    blocks.insert(0, Paragraph(text, "fair" if changed else ""))
    edits = [
        EditedCell(0, one.id, one.step, one.origin, _own_diff(one.generated or "", one.source))
        for one in changed
    ]
    return [*blocks, *_diffs(edits)], len(changed)


def _own_diff(before: str, after: str) -> str:
    import difflib

    old, new = (paragraphs(text, MAX_DIFF).split("\n") if text else [] for text in (before, after))
    return "\n".join(difflib.unified_diff(old, new, "as generated", "as it ran", lineterm=""))


def _diffs(edits: list[EditedCell]) -> list[Block]:
    blocks: list[Block] = []
    for edit in edits[:MAX_CELLS]:
        shown = paragraphs(edit.by_hand or edit.diff, MAX_DIFF)
        blocks.append(CodeBlock(shown, "diff", describe(edit)))
    if len(edits) > MAX_CELLS:
        blocks.append(Paragraph(f"… and {len(edits) - MAX_CELLS:,} more cells."))
    return blocks
