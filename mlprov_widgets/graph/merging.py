"""Two runs as one graph to walk through: what only one of them has, and what is not the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

from mlprov_widgets.graph.document.model import Model, Node
from mlprov_widgets.graph.document.sources import Opened, Source, open_source
from mlprov_widgets.graph.levels.merged import (
    ADDED,
    CHANGED,
    MARKS,
    REMOVED,
    SAME,
    MergedStep,
    merged_steps,
    step_lines,
)
from mlprov_widgets.graph.levels.two_levels import ENGINEER, Levels
from mlprov_widgets.graph.viewing import StaticView
from mlprov_widgets.provenance.schema import ARROWS, ELEMENTS, RELATIONS
from mlprov_widgets.record.pipeline import StepStory
from mlprov_widgets.wording import format_count, one_line

_NAME = 60
# Is never the same, and says nothing of what was done.
_NEVER_SAME = ("took",)


class MergedLevels(Levels):
    """Two runs as one document, as an analyst and as an engineer look at it.

    An element of both is the one of the same name.

    Parameters
    ----------
    first, second : Opened
    one, two : str
        What the two are called.
    """

    def __init__(self, first: Opened, second: Opened, one: str, two: str) -> None:
        self._first, self._second = Levels(first), Levels(second)
        self._one, self._two = one, two
        united = _united(first.container, second.container)
        super().__init__(replace(first, _container=united))
        self.steps = merged_steps(self._first.boxes, self._second.boxes)
        self.boxes = tuple(self._story(step) for step in self.steps)
        # What it says of a step would be said of the first run alone.
        self.record = None

    def _story(self, step: MergedStep) -> StepStory:
        note = self.mark(step.change)
        return StepStory(step.step, step.title, step_lines(step), state=step.state, note=note)

    def mark(self, change: str) -> str:
        """A change in a few words.

        Parameters
        ----------
        change : str
            ``same``, ``changed``, ``added`` or ``removed``.
        """
        return MARKS[change].format(first=self._one, second=self._two)

    @cached_property
    def changes(self) -> dict[str, str]:
        """Id of each element to how the second run differs from the first in it."""
        here, there = (one.model(ENGINEER).nodes for one in (self._first, self._second))
        found = {}
        for id in [*here, *(id for id in there if id not in here)]:
            if id not in here or id not in there:
                found[id] = ADDED if id not in here else REMOVED
            else:
                found[id] = SAME if _said(here[id]) == _said(there[id]) else CHANGED
        return found

    @cached_property
    def _elements(self) -> Model:
        model = super()._elements
        here, there = (one.model(ENGINEER).nodes for one in (self._first, self._second))
        for id, node in model.nodes.items():
            node.change = self.changes.get(id, SAME)
            node.note = self.mark(node.change) if node.change != SAME else node.note
            if id in here and id in there:
                node.body = _bodies(here[id].body, there[id].body)
            if node.change != SAME:
                node.body = {"compared": node.note, **node.body}
            if node.change == CHANGED:
                node.title, node.lines = _told(here[id], there[id])
                node.headline = node.headline_label = ""
        self._mark_groups(model)
        for group, step in ((model.groups.get(f"step:{one.step}"), one) for one in self.steps):
            if group is not None:
                group.change = step.change
        return model

    @cached_property
    def _analyst(self) -> Model:
        model = super()._analyst
        for step in self.steps:
            if (node := model.nodes.get(f"step:{step.step}")) is not None:
                node.change = step.change
        return model

    def _mark_groups(self, model: Model) -> None:
        """Say of each folded group how many elements in it are not the same."""
        signs = {CHANGED: "≠", ADDED: "+", REMOVED: "−"}
        for id, group in model.groups.items():
            counts = Counter(model.nodes[one].change for one in model.inside(id))
            told = [
                f"{sign} {counts[change]:,}" for change, sign in signs.items() if counts[change]
            ]
            if told and not group.note:
                group.note = ", ".join(told)


def _said(node: Node) -> tuple[object, ...]:
    lines = tuple(line for line in node.lines if line[0] not in _NEVER_SAME)
    return node.title, node.headline, lines, node.state


def _bodies(one: dict[str, Any], two: dict[str, Any]) -> dict[str, Any]:
    """The attributes of both, those that are not the same each with its run."""
    found: dict[str, Any] = {}
    for key in dict.fromkeys([*one, *two]):
        if key in one and key in two and one[key] == two[key]:
            found[key] = one[key]
            continue
        for body, which in ((one, "first"), (two, "second")):
            if key in body:
                found[f"{key}, {which} run"] = body[key]
    return found


def _told(one: Node, two: Node) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Title and lines of an element of both, what is not the same with an arrow between."""
    title = one.title if one.title == two.title else f"{one.title} → {two.title}"
    before, after = dict(_values(one)), dict(_values(two))
    lines = []
    for label in dict.fromkeys([*before, *after]):
        if before.get(label) == after.get(label):
            lines.append((label[0], before[label]))
        else:
            lines.append((label[0], f"{before.get(label, '–')} → {after.get(label, '–')}"))
    return one_line(title, 2 * _NAME), tuple(lines)


def _values(node: Node) -> Iterator[tuple[tuple[str, int], str]]:
    """What a box says, each value under its label; those of one label are counted."""
    lines = [(node.headline_label, node.headline)] if node.headline else []
    seen: Counter[str] = Counter()
    for label, value in [*lines, *node.lines]:
        if label not in _NEVER_SAME:
            yield (label, seen[label]), value
            seen[label] += 1


def _united(one: dict[str, Any], two: dict[str, Any]) -> dict[str, Any]:
    """The elements and relations of both documents, those of both once, as the first has them."""
    found = {kind: dict(section) for kind, section in one.items() if isinstance(section, dict)}
    for kind in ELEMENTS:
        found[kind] = {**_section(two, kind), **_section(one, kind)}
    for kind in RELATIONS:
        section = found.setdefault(kind, {})
        there = {_ends(kind, body) for body in section.values()}
        fresh = [body for body in _section(two, kind).values() if _ends(kind, body) not in there]
        # Names of relations may be the same and stand for others.
        section |= {f"_:second{kind}{at}": body for at, body in enumerate(fresh)}
    found["prefix"] = {**_section(two, "prefix"), **_section(one, "prefix")}
    return found


def _section(container: dict[str, Any], kind: str) -> dict[str, Any]:
    section = container.get(kind)
    return section if isinstance(section, dict) else {}


def _ends(kind: str, body: Any) -> tuple[str, ...]:
    bodies = body if isinstance(body, list) else [body]
    names = [f"prov:{name}" for name in ARROWS[kind]]
    return tuple(str(one.get(name)) for one in bodies if isinstance(one, dict) for name in names)


class MergedView(StaticView):
    """Two runs as one graph, without scripts; `view` walks through it.

    Parameters
    ----------
    first, second : Opened
    one, two : str
        What the two are called.
    """

    def __init__(self, first: Opened, second: Opened, one: str, two: str) -> None:
        levels = MergedLevels(first, second, one, two)
        super().__init__(levels.opened)
        self.levels: MergedLevels = levels
        # It is that of no single run.
        self.record = None
        self.name = ""
        counts = Counter(levels.changes.values())
        facts = [
            (f"only in {two}", f"{counts[ADDED]:,}"),
            (f"only in {one}", f"{counts[REMOVED]:,}"),
            ("changed", f"{counts[CHANGED]:,}"),
            ("the same", f"{counts[SAME]:,}"),
        ]
        self.summary = {
            "title": one_line(f"{one} and {two} in one graph", 120),
            "facts": facts,
            "failed": False,
            "note": f"{one} is the first run, {two} the second.",
        }

    def to_text(self) -> str:
        """Give the steps with what changed in them, a line each."""
        levels = self.levels
        total = format_count(len(levels.changes), "element")
        lines = [f"{self.summary['title']}, {total}"]
        for step in levels.steps:
            values = ", ".join(f"{label} {value}".strip() for label, value in step_lines(step))
            lines.append(f"  {step.title} ({levels.mark(step.change)}): {values}".rstrip(": "))
        return "\n".join(lines)


def merged_view(first: Source, second: Source, one: str = "A", two: str = "B") -> MergedView:
    """Look at two runs as one graph.

    Parameters
    ----------
    first, second : Path, str, dict, Record, prov.model.ProvDocument or finished run
    one, two : str
        What the two are called.

    Returns
    -------
    MergedView
        `mlprov_widgets.view` takes it.

    Raises
    ------
    RecordError
        If one of them cannot be read.
    """
    return MergedView(open_source(first), open_source(second), one, two)
