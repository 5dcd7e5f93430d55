"""Which cell of the notebook an execution belongs to, and the cells in the notebook's order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import SequenceMatcher
from functools import lru_cache

from mlprov_widgets.capture.cells.names import names_of
from mlprov_widgets.capture.cells.origin import CodeOrigin
from mlprov_widgets.notebooks.formats import SourceCell
from mlprov_widgets.record import Cell, Execution, Value, Version, source_hash

_EDITED = 0.5  # similarity from which a cell in the right place counts as an edited one
_EDITED_ANYWHERE = 0.8
_LONG = 3_000  # characters above which sources are compared line by line
_COMMON_WORDS = 0.3  # share of words below which sources are not compared further
_WORD = re.compile(r"\w+")
_ID = re.compile(r"^[A-Za-z0-9_-]{1,64}$")  # nbformat 4.5


@dataclass(eq=False)
class CapturedExecution:
    """One execution as it was captured, before it is known where it belongs.

    Parameters
    ----------
    execution : Execution
    cell_id : str or None
        As the front end gave it; many give none, and some one of their own making.
    steps : list of str
        Steps that the cell recorded, in the order of its calls.
    parsed : str
        The source as Python, without magics.
    known : dict
        Global names that it may read, to the versions of what they meant when it began.
    used : list of Version
        Those that it could really reach.
    constants : dict
        Named constants that it read, by name.
    """

    execution: Execution
    cell_id: str | None = None
    steps: list[str] = field(default_factory=list)
    parsed: str = ""
    known: dict[str, Version] = field(default_factory=dict)
    used: list[Version] = field(default_factory=list)
    constants: dict[str, Value] = field(default_factory=dict)


def begin_execution(
    source: str, parsed: str, id: str, count: int | None = None, start: datetime | None = None
) -> CapturedExecution:
    """A cell that begins to run; `parsed` is its source as Python, without magics."""
    names = names_of(parsed)
    reads, binds = list(names.reads), list(names.binds)
    execution = Execution(source, count, start, reads=reads, binds=binds, id=id)
    return CapturedExecution(execution, parsed=parsed)


@dataclass(eq=False)
class _Slot:
    """A cell of the notebook; `place` is its number, or that of the cell it was added after."""

    id: str
    kind: str
    step: str = ""
    generated: str | None = None
    file: str | None = None
    place: int = -1
    captured: list[CapturedExecution] = field(default_factory=list)

    @property
    def sources(self) -> list[str]:
        return [source for source in (self.generated, self.file) if source is not None]

    def similarity(self, source: str) -> float:
        return max((_likeness(text, source) for text in self.sources), default=0.0)


def _likeness(generated: str, source: str) -> float:
    # An empty text is an edited cell of a script, whose generated source nobody kept.
    return similarity(generated, source) if generated else _EDITED


@lru_cache(maxsize=4096)
def similarity(one: str, other: str) -> float:
    """How alike two sources are, from 0 to 1; 0 for any that are less than half alike."""
    few, many = sorted((_words(one), _words(other)), key=len)
    # Most pairs have little in common, and this says so in microseconds.
    if len(few & many) < _COMMON_WORDS * len(many):
        return 0.0
    if max(len(one), len(other)) > _LONG:
        return SequenceMatcher(None, one.splitlines(), other.splitlines(), autojunk=False).ratio()
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.real_quick_ratio() < _EDITED or matcher.quick_ratio() < _EDITED:
        return 0.0
    return matcher.ratio()


@lru_cache(maxsize=1024)
def _words(source: str) -> frozenset[str]:
    return frozenset(_WORD.findall(source))


def align(cells: Sequence[SourceCell], generated: Sequence[SourceCell]) -> dict[int, int]:
    """Places of cells to the places of the generated cells that they were.

    Cells with the same id belong together, then those with the same source, in order; between
    these, an edited cell belongs to the generated one that it resembles most.
    """
    by_id = {cell.id: place for place, cell in enumerate(generated) if cell.id}
    if any(cell.id in by_id for cell in cells):
        return {at: by_id[cell.id] for at, cell in enumerate(cells) if cell.id in by_id}
    ours = [cell.kind + source_hash(cell.source) for cell in cells]
    theirs = [cell.kind + source_hash(cell.source) for cell in generated]
    pairs: dict[int, int] = {}
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    for tag, start, end, place, stop in matcher.get_opcodes():
        if tag == "equal":
            pairs.update(zip(range(start, end), range(place, stop), strict=True))
            continue
        for at in range(start, end):
            rated = [
                (_likeness(generated[other].source, cells[at].source), -other)
                for other in range(place, stop)
                if generated[other].kind == cells[at].kind
            ]
            best, other = max(rated, default=(0.0, 0))
            if best >= _EDITED:
                pairs[at] = -other
                place = -other + 1
    return pairs


def arrange(origin: CodeOrigin, captured: Sequence[CapturedExecution]) -> list[Cell]:
    """The record's cells, in notebook order.

    Parameters
    ----------
    origin : CodeOrigin
        Generated cells, and the cells of the file as it is now.
    captured : sequence of CapturedExecution
        In the order in which they ran.

    Returns
    -------
    list of Cell
        Every generated cell, also one that never ran, and every other cell that ran.
    """
    cells = []
    taken: set[str] = set()
    for slot in _slots_with(origin, captured):
        if slot.generated is None and not slot.captured:
            continue
        recorded = [step for one in slot.captured for step in one.steps]
        cell_id, number = slot.id, 2
        while cell_id in taken:
            cell_id, number = f"{slot.id[:56]}-{number}", number + 1
        taken.add(cell_id)
        executions = [one.execution for one in slot.captured]
        step = slot.step or (recorded[-1] if recorded else "")
        cells.append(Cell(cell_id, slot.kind, step, slot.generated, executions))
    return cells


def places(
    origin: CodeOrigin, captured: Sequence[CapturedExecution]
) -> dict[CapturedExecution, int]:
    """Executions to the places of their cells in the notebook's order."""
    slots = _slots_with(origin, captured)
    return {one: at for at, slot in enumerate(slots) for one in slot.captured}


def _slots_with(origin: CodeOrigin, captured: Sequence[CapturedExecution]) -> list[_Slot]:
    slots = _slots(origin)
    _Matching(slots).match(captured)
    return slots


def _slots(origin: CodeOrigin) -> list[_Slot]:
    """The cells of the file, with generated cells that are no longer in it at their old place."""
    generated = [
        _Slot(cell.id or f"generated-{at}", cell.kind, cell.step, cell.source)
        for at, cell in enumerate(origin.generated)
    ]
    pairs = align(origin.cells, origin.generated)
    slots: list[_Slot] = []
    used: set[int] = set()
    for at, cell in enumerate(origin.cells):
        place = pairs.get(at)
        if place is not None and place not in used:
            used.add(place)
            generated[place].file = cell.source
            slots.append(generated[place])
        else:
            slots.append(_Slot(cell.id or f"cell-{at}", cell.kind, file=cell.source))
    for place, slot in enumerate(generated):
        if place not in used:
            before = slots.index(generated[place - 1]) + 1 if place else 0
            slots.insert(before, slot)
    return slots


class _Matching:
    """Executions to slots: by id, by source, by likeness to what stands in the same place."""

    def __init__(self, slots: list[_Slot]) -> None:
        self.slots = slots
        self.known = [slot for slot in slots if slot.kind == "code"]
        self.by_id = {slot.id: slot for slot in slots}
        self.by_source: dict[str, list[_Slot]] = {}
        for place, slot in enumerate(slots):
            slot.place = place
        for slot in self.known:
            for source in slot.sources:
                self._remember(source, slot)

    def match(self, captured: Sequence[CapturedExecution]) -> None:
        found: list[_Slot | None] = []
        last = -1
        for one in captured:
            slot = self.by_id.get(one.cell_id or "") or self._same_source(one, last)
            found.append(slot)
            if slot is not None:
                self._put(one, slot)
                last = slot.place
        for at, one in enumerate(captured):
            if found[at] is not None:
                continue
            added = self.by_source.get(source_hash(one.execution.source), ())
            slot = (
                self.by_id.get(one.cell_id or "")
                or self._edited(one, found, at)
                or next(iter(added), None)  # the same added cell once more
                or self._add(one, next((s for s in reversed(found[:at]) if s), None))
            )
            found[at] = slot
            self._put(one, slot)
        order = {one: at for at, one in enumerate(captured)}
        for slot in self.slots:
            slot.captured.sort(key=order.__getitem__)

    def _remember(self, source: str, slot: _Slot) -> None:
        same = self.by_source.setdefault(source_hash(source), [])
        if slot not in same:
            same.append(slot)

    def _put(self, one: CapturedExecution, slot: _Slot) -> None:
        slot.captured.append(one)
        slot.kind = "code"  # also where the file, not saved since, has a markdown cell
        self._remember(one.execution.source, slot)
        if one.cell_id:
            # A front end with ids of its own: from now on this one means that cell.
            self.by_id.setdefault(one.cell_id, slot)

    def _same_source(self, one: CapturedExecution, last: int) -> _Slot | None:
        same = self.by_source.get(source_hash(one.execution.source), [])
        # Down the notebook where possible; otherwise the same cell once more.
        later = [slot for slot in same if slot.place > last]
        return later[0] if later else same[-1] if same else None

    def _edited(self, one: CapturedExecution, found: list[_Slot | None], at: int) -> _Slot | None:
        source = one.execution.source
        before = next((slot.place for slot in reversed(found[:at]) if slot is not None), -1)
        after = next(
            (slot.place for slot in found[at + 1 :] if slot is not None and slot.place > before),
            len(self.slots),
        )
        between = [s for s in self.known if before < s.place < after and not s.captured]
        for candidates, least in ((between, _EDITED), (self.known, _EDITED_ANYWHERE)):
            rated = [(slot.similarity(source), -slot.place, slot) for slot in candidates]
            best = max(rated, key=lambda row: row[:2], default=None)
            if best is not None and best[0] >= least:
                return best[2]
        return None

    def _add(self, one: CapturedExecution, before: _Slot | None) -> _Slot:
        known = one.cell_id if one.cell_id and _ID.match(one.cell_id) else ""
        made_up = f"added-{source_hash(one.execution.source)[:8]}"
        slot = _Slot(known or made_up, "code", place=before.place if before else -1)
        self.slots.insert(self.slots.index(before) + 1 if before else 0, slot)
        return slot


def with_ids(origin: CodeOrigin) -> CodeOrigin:
    """The origin with the ids of generated cells also where its file has none (a script)."""
    pairs = align(origin.cells, origin.generated)
    ids = {at: origin.generated[place].id for at, place in pairs.items()}
    cells = [
        replace(cell, id=cell.id or ids.get(at, f"cell-{at + 1}"))
        for at, cell in enumerate(origin.cells)
    ]
    return replace(origin, cells=cells)
