"""What led to an element of a document, and what came of it.

A page without Python walks the same way (viewer/src/local/lineage.ts), and a live viewer cannot: it
has only what is drawn. Which relation counts is said here alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from mlprov_widgets.graph.document.model import Edge, Model, collected
from mlprov_widgets.graph.document.ways import NOT_AFTER, PLAIN, UP, WAYS, way_of


class Link(NamedTuple):
    """One influence, seen from one of its ends."""

    way: int
    id: str
    edge: Edge


def causes(model: Model, id: str) -> Iterator[Link]:
    """Nodes that influenced a node directly."""
    for edge in model.outgoing.get(id, ()):
        if edge.flow < 0 and (way := way_of(edge.kind, model.nodes[edge.target])):
            yield Link(way, edge.target, edge)
    for edge in _both_ways(model)[1].get(id, ()):
        yield Link(PLAIN if edge.flow > 0 else UP, edge.source, edge)


def effects(model: Model, id: str) -> Iterator[Link]:
    """Nodes that a node influenced directly."""
    for edge in model.incoming.get(id, ()):
        if edge.flow < 0 and (way := way_of(edge.kind, model.nodes[edge.target])):
            yield Link(way, edge.source, edge)
    for edge in _both_ways(model)[0].get(id, ()):
        yield Link(PLAIN if edge.flow > 0 else UP, edge.target, edge)


def _both_ways(model: Model) -> tuple[dict[str, list[Edge]], dict[str, list[Edge]]]:
    """The arrows that run with the flow, and memberships, by their sources and by their targets.

    Found once for a model: of a hub with thousands of other arrows not all are looked at each time.
    """

    def find() -> tuple[dict[str, list[Edge]], dict[str, list[Edge]]]:
        edges = [edge for edge in model.edges if edge.flow > 0 or edge.kind == "hadMember"]
        by_source = collected((edge.source, edge) for edge in edges)
        return by_source, collected((edge.target, edge) for edge in edges)

    return model.derived("both_ways", find)


def ancestors(model: Model, id: str) -> set[str]:
    """Everything that led to a node, or to any node of a group.

    Parameters
    ----------
    model : Model
        Cycles are allowed.
    id : str
        Of a node or group.

    Returns
    -------
    set of str
        Ids of nodes, without those that it started from.
    """
    return _closure(model, id, causes, lambda last, way: bool(NOT_AFTER[last] & way))


def descendants(model: Model, id: str) -> set[str]:
    """Everything that came of a node, or of any node of a group; parameters as for `ancestors`."""
    return _closure(model, id, effects, lambda last, way: bool(NOT_AFTER[way] & last))


def _closure(
    model: Model,
    id: str,
    links: Callable[[Model, str], Iterable[Link]],
    forbidden: Callable[[int, int], bool],
) -> set[str]:
    starts = {id} if id in model.nodes else set(model.inside(id))
    banned = {last: sum(way for way in WAYS if forbidden(last, way)) for last in WAYS}
    # Whoever looks at one element looks at the next: links are found once for a model.
    known: dict[str, list[str | tuple[int, str]]] = model.derived(links.__name__, dict)
    # Node to the ways by which it was reached; each is walked on from once.
    reached: dict[str, int] = {}
    left: list[tuple[str, int]] = [(start, PLAIN) for start in starts]
    while left:
        at, last = left.pop()
        not_now = banned[last]
        following = known.get(at)
        if following is None:
            # Of most only the id is kept: that is a third of the memory.
            following = known[at] = [
                other if way == PLAIN else (way, other) for way, other, _ in links(model, at)
            ]
        for one in following:
            way, other = (PLAIN, one) if isinstance(one, str) else one
            if way & not_now:
                continue
            ways = reached.get(other, 0)
            if not ways & way:
                reached[other] = ways | way
                left.append((other, way))
    return reached.keys() - starts
