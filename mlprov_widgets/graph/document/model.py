"""A provenance document as a graph of elements in groups: what every view of it starts from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from mlprov_widgets.record.pipeline import StepStory

_Derived = TypeVar("_Derived")
_Key = TypeVar("_Key")
_Item = TypeVar("_Item")


@dataclass(slots=True)
class Node:
    """One element of the document, one box of the pipeline, or a group that can be folded into one.

    Parameters
    ----------
    id : str
        Unique among the nodes and groups of the model.
    kind : str
        ``entity``, ``activity``, ``agent``, ``step``, ``group``, or ``unknown`` (mentioned only).
    title : str
        What people call it, in one line.
    type : str
        Its most telling type, in one word; may be empty.
    parent : str
        Id of the group that it is in; empty at the top.
    name : str
        Qualified name in the document; empty for a group, and a step that stands for several
        elements.
    headline, headline_label : str
        The value that matters most, and what it is; may be empty.
    lines : tuple of tuple of str
        Label (may be empty) and value of the few values worth reading in the box.
    state : str
        Empty, ``done``, ``result``, ``failed`` or ``missing``.
    note : str
        Such as ``edited``.
    body : dict
        Its attributes as in PROV-JSON; shared with the document, never changed.
    bundle : str
        Name of the bundle that it is in; empty outside of bundles.
    change : str
        Where two runs are shown as one, ``same``, ``changed``, ``added`` or ``removed``; else
        empty.
    """

    id: str
    kind: str
    title: str
    type: str = ""
    parent: str = ""
    name: str = ""
    headline: str = ""
    headline_label: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    state: str = ""
    note: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    bundle: str = ""
    change: str = ""


@dataclass(slots=True)
class Edge:
    """One relation, in the direction of its arrow.

    Parameters
    ----------
    source, target : str
        Ids of nodes.
    kind : str
        PROV's name of the relation; empty in the pipeline.
    role : str
        PROV's role, or what else labels the arrow; may be empty.
    flow : int
        1 where the source comes first, -1 where the target does, as with PROV's arrows.
    """

    source: str
    target: str
    kind: str
    role: str = ""
    flow: int = -1


@dataclass
class Model:
    """All elements of one level, in groups.

    Parameters
    ----------
    level : str
        ``analyst`` or ``engineer``.
    nodes : dict
        Id to `Node`, in the document's order.
    edges : list of Edge
        Both ends are ids of nodes.
    groups : dict
        Id to the `Node` of a group, parents before their children; none has more than
        `MAX_CHILDREN` children.
    stands_for : dict
        On the engineer's level: node or group to the analyst's box that shows it.
    """

    level: str
    nodes: dict[str, Node]
    edges: list[Edge]
    groups: dict[str, Node] = field(default_factory=dict)
    stands_for: dict[str, str] = field(default_factory=dict)
    _derived: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def derived(self, name: str, make: Callable[[], _Derived]) -> _Derived:
        """What `make` gives, which is asked once and then kept under this name."""
        if name not in self._derived:
            self._derived[name] = make()
        found: _Derived = self._derived[name]
        return found

    def __contains__(self, id: str) -> bool:
        return id in self.nodes or id in self.groups

    def get(self, id: str) -> Node | None:
        """The node or group of this id; None where there is none."""
        return self.nodes.get(id) or self.groups.get(id)

    def targets(self, id: str, kind: str) -> list[Node]:
        """Nodes to which arrows of a kind go from a node."""
        return [self.nodes[edge.target] for edge in self.outgoing.get(id, ()) if edge.kind == kind]

    def sources(self, id: str, kind: str) -> list[Node]:
        """Nodes from which arrows of a kind come to a node."""
        return [self.nodes[edge.source] for edge in self.incoming.get(id, ()) if edge.kind == kind]

    @cached_property
    def outgoing(self) -> dict[str, list[Edge]]:
        """Node to the edges that start there."""
        return collected((edge.source, edge) for edge in self.edges)

    @cached_property
    def incoming(self) -> dict[str, list[Edge]]:
        """Node to the edges that end there."""
        return collected((edge.target, edge) for edge in self.edges)

    @cached_property
    def members(self) -> dict[str, list[str]]:
        """Group to the nodes that are directly in it, in the document's order; "" is the top."""
        return collected((node.parent, id) for id, node in self.nodes.items())

    @cached_property
    def subgroups(self) -> dict[str, list[str]]:
        """Group to the groups that are directly in it; "" is the top."""
        return collected((group.parent, id) for id, group in self.groups.items())

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Group to the number of nodes in it, at any depth."""
        found = {id: len(self.members.get(id, ())) for id in self.groups}
        for group in reversed(self.groups.values()):
            if group.parent:
                found[group.parent] += found[group.id]
        return found

    def path(self, id: str) -> list[str]:
        """Ids of the groups around a node or a group, outermost first."""
        at = self.nodes.get(id) or self.groups[id]
        found: list[str] = []
        while at.parent:
            found.append(at.parent)
            at = self.groups[at.parent]
        return found[::-1]

    def hidden(self, opened: Container[str]) -> dict[str, str]:
        """Group to the folded group that stands for it; empty where its nodes are seen."""
        found = {"": ""}
        for id, group in self.groups.items():
            found[id] = found[group.parent] or ("" if id in opened else id)
        return found

    def inside(self, group: str) -> list[str]:
        """Ids of the nodes in a group, at any depth."""
        found: list[str] = []
        left = [group]
        while left:
            at = left.pop()
            found += self.members.get(at, ())
            left += self.subgroups.get(at, ())
        return found


# An opened group of hundreds is an unreadable strip: larger ones are split into parts.
MAX_CHILDREN = 40

# Kinds of elements, several of them.
PLURALS = {"entity": "entities", "activity": "activities", "agent": "agents"}

# Ids travel to the browser with every arrow.
MAX_ID = 200


def collected(pairs: Iterable[tuple[_Key, _Item]]) -> dict[_Key, list[_Item]]:
    """Key to everything that comes with it, in the order in which it comes."""
    found: defaultdict[_Key, list[_Item]] = defaultdict(list)
    for key, item in pairs:
        found[key].append(item)
    return dict(found)


def fit_to_travel(id: str) -> str:
    """An id without halves of surrogate pairs, which no message to the browser can hold."""
    return id.encode("utf-8", "replace").decode()


def step_box(kind: str, step: StepStory) -> Node:
    """A step of the pipeline as a ``step``, or as the ``group`` of its elements."""
    return Node(
        step_id(step.step),
        kind,
        step.title,
        headline=step.headline,
        headline_label=step.headline_label,
        lines=tuple(step.lines),
        state=step.state,
        note=step.note,
    )


def step_id(step: str) -> str:
    """Id of a pipeline step's box, and of its group."""
    return fit_to_travel(f"step:{step[:MAX_ID]}")
