"""The cells of a notebook against those that a pack writes: which differ, and in what."""

from __future__ import annotations

import bisect
import difflib
from dataclasses import dataclass, replace

from mlprov_widgets.comparison.same_cells import same_cells
from mlprov_widgets.notebooks import SourceCell
from mlprov_widgets.record import source_hash, text_hash
from mlprov_widgets.wording import visible

EDITED, ADDED, REMOVED, UNCHECKED = "edited", "added", "removed", "not checked"
MOVED = "moved"

# Lining up takes quadratic time; what is longer is shown whole, the old above the new.
MAX_LINES = 2000
# What is longer still is not shown, so nobody is asked to accept it.
MAX_SHOWN_LINES = 20_000
MAX_CHARACTERS = 500_000


@dataclass(frozen=True)
class EditedCell:
    """A code cell that is not what the pack writes.

    Parameters
    ----------
    number : int
        Its number among all cells of the rebuilt notebook, from 1; 0 for a removed one.
    id, step : str
        Its nbformat id and the pipeline step it belongs to.
    change : str
        ``edited``, ``added``, ``removed``, ``moved``, ``not checked`` (there is no such pack
        here), or one of `versions.BY_PACK`: by another version of the pack, which only the source
        says.
    diff : str
        Unified diff from the generated source to this one; characters that do not print are
        written as escapes, so that nothing in it can hide.
    sha256 : str
        Of the source that would be kept, also where it is too long to be shown.
    shown : bool, default True
        Whether the diff shows all of it; what it does not show cannot be accepted on sight.
    by_hand : str
        Where the pack has changed since and the cell was edited as well: unified diff from what,
        by the source's own word, was generated then. Only `diff` is to be relied upon.
    """

    number: int
    id: str
    step: str
    change: str
    diff: str
    sha256: str = ""
    shown: bool = True
    by_hand: str = ""


def compare(rendered: list[SourceCell], cells: list[SourceCell]) -> list[EditedCell]:
    """The code cells that are not as rendered, in their order; at the end those that are gone."""
    pairs, left = paired(rendered, cells)
    moved = moved_cells(pairs)
    edits: list[EditedCell] = []
    for number, cell in enumerate(cells, start=1):
        if cell.kind != "code":
            continue
        if number not in pairs:
            if cell.source.strip():
                edits.append(_edit(number, cell, ADDED, "", cell.source))
            continue
        other = rendered[pairs[number]]
        if source_hash(other.source) != source_hash(cell.source):
            edits.append(_edit(number, cell, EDITED, other.source, cell.source))
        elif number in moved:
            edit = _edit(number, cell, MOVED, cell.source, cell.source)
            edits.append(replace(edit, diff=_shown(cell.source)))
    return edits + [_edit(0, rendered[row], REMOVED, rendered[row].source, "") for row in left]


def paired(rendered: list[SourceCell], cells: list[SourceCell]) -> tuple[dict[int, int], list[int]]:
    """Number of each code cell that the pack has to its place there, and the places left over."""
    code = (
        {
            place: (cell.id, source_hash(cell.source))
            for place, cell in enumerate(several, start)
            if cell.kind == "code"  # any other runs nothing
        }
        for several, start in ((cells, 1), (rendered, 0))
    )
    return same_cells(*code)


def moved_cells(pairs: dict[int, int]) -> set[int]:
    """The fewest cells that stand elsewhere than the pack has them."""
    ends: list[int] = []  # last places of the best rows of cells in order, by their length
    tails: list[int] = []
    before: dict[int, int | None] = {}
    for number in sorted(pairs):
        length = bisect.bisect_left(ends, pairs[number])
        before[number] = tails[length - 1] if length else None
        ends[length : length + 1] = [pairs[number]]
        tails[length : length + 1] = [number]
    in_order: set[int] = set()
    last = tails[-1] if tails else None
    while last is not None:
        in_order.add(last)
        last = before[last]
    return set(pairs) - in_order


def unchecked(cells: list[SourceCell]) -> list[EditedCell]:
    """Every cell with code as one that nothing could be compared with."""
    return [replace(edit, change=UNCHECKED) for edit in compare([], cells)]


def _edit(number: int, cell: SourceCell, change: str, before: str, after: str) -> EditedCell:
    shown, lines = _can_be_shown(before, after), after.count("\n") + 1
    too_long = f"({len(after):,} characters in {lines:,} lines: too long to be shown)"
    diff = _diff(before, after) if shown else too_long
    return EditedCell(number, cell.id, cell.step, change, diff, text_hash(after), shown)


def shown_diff(before: str, after: str) -> str:
    """The difference of two sources; empty where they are too long to be shown."""
    return _diff(before, after) if _can_be_shown(before, after) else ""


def _can_be_shown(before: str, after: str) -> bool:
    if max(len(before), len(after)) > MAX_CHARACTERS:
        return False
    return max(before.count("\n"), after.count("\n")) < MAX_SHOWN_LINES


def _diff(before: str, after: str) -> str:
    old, new = _lines(before), _lines(after)
    if len(old) > MAX_LINES or len(new) > MAX_LINES:
        head = ["--- as generated", "+++ as it ran", f"@@ -1,{len(old)} +1,{len(new)} @@"]
        return "\n".join([*head, *(f"-{line}" for line in old), *(f"+{line}" for line in new)])
    return "\n".join(difflib.unified_diff(old, new, "as generated", "as it ran", lineterm=""))


def _shown(source: str) -> str:
    """A cell's source as a diff in which no line differs."""
    lines = _lines(source)[:MAX_LINES] if len(source) <= MAX_CHARACTERS else []
    return "\n".join(
        ["@@ the source is as generated, its place is not @@", *(f" {x}" for x in lines)]
    )


def _lines(source: str) -> list[str]:
    # Python also ends a line at \r and \f hides what follows; as escapes they can be seen.
    return [visible(line) for line in source.split("\n")] if source else []
