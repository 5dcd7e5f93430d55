"""A provenance document as a graph of elements in groups: what every view of it starts from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

_Derived = TypeVar("_Derived")


@dataclass(slots=True)
class Node:
    """One element of the document, or one box of the pipeline.

    Parameters
    ----------
    id : str
        Unique in the model.
    kind : str
        ``entity``, ``activity``, ``agent``, ``step``, or ``unknown`` (mentioned only).
    title : str
        What people call it, in one line.
    type : str
        Its most telling type, in one word; may be empty.
    group : str
        Id of the group that it is in; empty at the top.
    name : str
        Qualified name in the document; empty for a step that stands for several elements.
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
    """

    id: str
    kind: str
    title: str
    type: str = ""
    group: str = ""
    name: str = ""
    headline: str = ""
    headline_label: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    state: str = ""
    note: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    bundle: str = ""


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


@dataclass(slots=True)
class Group:
    """Nodes and groups that can be folded into one box.

    Parameters
    ----------
    id : str
        Unique among groups and nodes.
    title : str
        What people call it.
    parent : str
        Id of the group around it; empty at the top.
    lines : tuple of tuple of str
        Label and value, to be read in the box of the folded group.
    """

    id: str
    title: str
    parent: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    headline: str = ""
    headline_label: str = ""
    state: str = ""
    note: str = ""


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
        Id to `Group`, parents before their children; none has more than `MAX_CHILDREN` children.
    stands_for : dict
        On the engineer's level: node or group to the analyst's box that shows it.
    """

    level: str
    nodes: dict[str, Node]
    edges: list[Edge]
    groups: dict[str, Group] = field(default_factory=dict)
    stands_for: dict[str, str] = field(default_factory=dict)
    _derived: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def derived(self, name: str, make: Callable[[], _Derived]) -> _Derived:
        """What `make` gives, which is asked once and then kept under this name."""
        if name not in self._derived:
            self._derived[name] = make()
        found: _Derived = self._derived[name]
        return found

    @cached_property
    def outgoing(self) -> dict[str, list[Edge]]:
        """Node to the edges that start there."""
        found: dict[str, list[Edge]] = {}
        for edge in self.edges:
            found.setdefault(edge.source, []).append(edge)
        return found

    @cached_property
    def incoming(self) -> dict[str, list[Edge]]:
        """Node to the edges that end there."""
        found: dict[str, list[Edge]] = {}
        for edge in self.edges:
            found.setdefault(edge.target, []).append(edge)
        return found

    @cached_property
    def members(self) -> dict[str, list[str]]:
        """Group to the nodes that are directly in it, in the document's order; "" is the top."""
        found: dict[str, list[str]] = {}
        for node in self.nodes.values():
            found.setdefault(node.group, []).append(node.id)
        return found

    @cached_property
    def subgroups(self) -> dict[str, list[str]]:
        """Group to the groups that are directly in it; "" is the top."""
        found: dict[str, list[str]] = {}
        for group in self.groups.values():
            found.setdefault(group.parent, []).append(group.id)
        return found

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
        at = self.nodes[id].group if id in self.nodes else self.groups[id].parent
        found: list[str] = []
        while at:
            found.append(at)
            at = self.groups[at].parent
        return found[::-1]


# An opened group of hundreds is an unreadable strip: larger ones are split into parts.
MAX_CHILDREN = 40

# Ids travel to the browser with every arrow.
MAX_ID = 200


def fit_to_travel(id: str) -> str:
    """An id without halves of surrogate pairs, which no message to the browser can hold."""
    return id.encode("utf-8", "replace").decode()


def step_id(step: str) -> str:
    """Id of a pipeline step's box, and of its group."""
    return fit_to_travel(f"step:{step[:MAX_ID]}")
