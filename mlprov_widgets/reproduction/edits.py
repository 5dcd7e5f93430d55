"""Which cells are not what the pack writes for these values, and what in them is not."""

from __future__ import annotations

import ast
import bisect
import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from mlprov_widgets.errors import PackError, RecordError
from mlprov_widgets.notebooks import RenderedCell, render_cells
from mlprov_widgets.packs import Pack, check_values, discover_packs
from mlprov_widgets.provenance.record import source_hash
from mlprov_widgets.reproduction.sources import Blueprint, sha256_of

EDITED, ADDED, REMOVED, UNCHECKED = "edited", "added", "removed", "not checked"
MOVED = "moved"
# Not what the pack here writes, but what another version of it wrote, as the source says.
OTHER_PACK = "as another version of the pack wrote it"

# Lining up takes quadratic time; what is longer is shown whole, the old above the new.
MAX_LINES = 2000
# What is longer still is not shown, so nobody is asked to accept it.
MAX_SHOWN_LINES = 20_000
MAX_CHARACTERS = 500_000

_STRING = r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'"
_START = re.compile(rf"\bstart_run\(\s*({_STRING})")


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
        here), or ``as another version of the pack wrote it``, which only the source says.
    diff : str
        Unified diff from the generated source to this one; characters that do not print are
        written as escapes, so that nothing in it can hide.
    sha256 : str
        Of the source that would be kept, also where it is too long to be shown.
    shown : bool, default True
        Whether the diff shows all of it; what it does not show cannot be accepted on sight.
    """

    number: int
    id: str
    step: str
    change: str
    diff: str
    sha256: str = ""
    shown: bool = True


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
    name = blueprint.manifest.pack.get("name", "")
    pack = discover_packs(folders).get(name)
    if pack is None:
        note = f"The pack {name[:80]!r} is not here, so no cell could be compared with it."
        return _unchecked(blueprint), [note]
    notes = []
    if pack.sha256 != blueprint.manifest.pack.get("sha256"):
        version = blueprint.manifest.pack.get("version", "unknown")[:40]
        now = "the same number now" if version == pack.version else f"now {pack.version}"
        notes.append(
            f"The pack {name} has changed since (version {version}, {now}); "
            "a difference may be its."
        )
    try:
        rendered = _render(pack, blueprint)
    except (PackError, KeyError) as error:
        return _unchecked(blueprint), [*notes, f"The pack could not write its cells: {error}"]
    edits = _compare(rendered, blueprint.cells)
    if pack.sha256 != blueprint.manifest.pack.get("sha256"):
        said = {row.get("id"): row.get("sha256") for row in blueprint.manifest.generated}
        sources = {cell.id: cell.source for cell in blueprint.cells}
        edits = [
            replace(edit, change=OTHER_PACK)
            if edit.change == EDITED and said.get(edit.id) == sha256_of(sources[edit.id])
            else edit
            for edit in edits
        ]
    return edits, notes


def restored(
    blueprint: Blueprint, edits: Iterable[EditedCell], folders: Iterable[Path | str] = ()
) -> list[RenderedCell]:
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
    pack = discover_packs(folders).get(blueprint.manifest.pack.get("name", ""))
    if pack is None or any(edit.change == UNCHECKED for edit in undone.values()):
        raise RecordError(
            "Without its pack no cell can be written as the pack has it: name the pack's folder "
            "with folders=[…], or accept the cell."
        )
    rendered = _render(pack, blueprint)
    pairs, _ = _paired(rendered, blueprint.cells)
    moved = _moved(pairs)
    kept: list[tuple[int, RenderedCell]] = []  # with the place that the pack has for it, or -1
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


def _render(pack: Pack, blueprint: Blueprint) -> list[RenderedCell]:
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


def _compare(rendered: list[RenderedCell], cells: list[RenderedCell]) -> list[EditedCell]:
    pairs, left = _paired(rendered, cells)
    moved = _moved(pairs)
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


def _paired(
    rendered: list[RenderedCell], cells: list[RenderedCell]
) -> tuple[dict[int, int], list[int]]:
    """Number of each code cell that the pack has to its place there, and the places left over."""
    left = {cell.id: row for row, cell in enumerate(rendered) if cell.kind == "code"}
    pairs: dict[int, int] = {}
    unknown: list[tuple[int, RenderedCell]] = []
    for number, cell in enumerate(cells, start=1):
        if cell.kind != "code":
            continue  # it runs nothing
        if cell.id in left:
            pairs[number] = left.pop(cell.id)
        else:
            unknown.append((number, cell))
    for number, cell in unknown:
        # Not every front end tells the ids of cells; then the source says which one it is.
        same = [name for name, row in left.items() if rendered[row].source == cell.source.rstrip()]
        if same:
            pairs[number] = left.pop(same[0])
    return pairs, list(left.values())


def _moved(pairs: dict[int, int]) -> set[int]:
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


def _unchecked(blueprint: Blueprint) -> list[EditedCell]:
    return [
        _edit(number, cell, UNCHECKED, "", cell.source)
        for number, cell in enumerate(blueprint.cells, start=1)
        if cell.kind == "code" and cell.source.strip()
    ]


def _edit(number: int, cell: RenderedCell, change: str, before: str, after: str) -> EditedCell:
    long = max(len(before), len(after)) > MAX_CHARACTERS
    shown = not long and max(before.count("\n"), after.count("\n")) < MAX_SHOWN_LINES
    diff = _diff(before, after) if shown else _too_long(after)
    return EditedCell(number, cell.id, cell.step, change, diff, sha256_of(after), shown)


def _too_long(source: str) -> str:
    lines = source.count("\n") + 1
    return f"({len(source):,} characters in {lines:,} lines: too long to be shown)"


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
    return [_visible(line) for line in source.split("\n")] if source else []


def _visible(line: str) -> str:
    return "".join(
        char if char.isprintable() or char == "\t" else ascii(char)[1:-1] for char in line
    )
