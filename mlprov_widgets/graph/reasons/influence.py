"""What led to an element of a document, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from mlprov_widgets.graph.document.model import Edge, Model
from mlprov_widgets.graph.document.values import first

# Ways to get from what was influenced to what influenced it.
PLAIN, UP, DOWN, FIELD = 1, 2, 4, 8
# Pairs of ways (towards the cause) that are not taken one after the other:
# - A collection is what its members are, and a member inherits where its collection came from: so
#   membership is followed both ways, but never there and back, because then all members of a
#   collection, such as all packages of an environment, would have led to each of them.
# - A recorded field says something of one element, such as the kernel's name of a notebook; the
#   members of that element did not come of it.
_NOT_AFTER = {UP: DOWN | FIELD, DOWN: UP, PLAIN: 0, FIELD: 0}
_WAYS = (PLAIN, UP, DOWN, FIELD)


class Link(NamedTuple):
    """One influence, seen from one of its ends."""

    way: int
    id: str
    edge: Edge


def causes(model: Model, id: str) -> Iterator[Link]:
    """Nodes that influenced a node directly."""
    for edge in model.outgoing.get(id, ()):
        if edge.flow < 0 and _counts(model, edge):
            yield Link(_way(model, edge, DOWN), edge.target, edge)
    for edge in _both_ways(model)[1].get(id, ()):
        yield Link(PLAIN if edge.flow > 0 else UP, edge.source, edge)


def effects(model: Model, id: str) -> Iterator[Link]:
    """Nodes that a node influenced directly."""
    for edge in model.incoming.get(id, ()):
        if edge.flow < 0 and _counts(model, edge):
            yield Link(_way(model, edge, DOWN), edge.source, edge)
    for edge in _both_ways(model)[0].get(id, ()):
        yield Link(PLAIN if edge.flow > 0 else UP, edge.target, edge)


def _both_ways(model: Model) -> tuple[dict[str, list[Edge]], dict[str, list[Edge]]]:
    """The arrows that run with the flow, and memberships, by their sources and by their targets.

    Found once for a model: of a hub with thousands of other arrows not all are looked at each time.
    """
    found: tuple[dict[str, list[Edge]], dict[str, list[Edge]]] | None
    found = model.__dict__.get("both_ways")
    if found is None:
        found = {}, {}
        for edge in model.edges:
            if edge.flow > 0 or edge.kind == "hadMember":
                found[0].setdefault(edge.source, []).append(edge)
                found[1].setdefault(edge.target, []).append(edge)
        model.__dict__["both_ways"] = found
    return found


def _counts(model: Model, edge: Edge) -> bool:
    if edge.kind == "wasInvalidatedBy":
        return False  # what ended an entity did not make it
    if edge.kind == "alternateOf":
        return False  # two views of one thing, neither of which came of the other
    # Whom somebody acted for is a cause; for which activity they did is none of the agent.
    return not (edge.kind == "actedOnBehalfOf" and model.nodes[edge.target].kind == "activity")


def _way(model: Model, edge: Edge, member: int) -> int:
    if edge.kind == "hadMember":
        return member
    if edge.kind == "wasDerivedFrom":
        field = first(model.nodes[edge.target], "mlprov:field")
        # A field of a whole group, such as the list of packages, is that group.
        if isinstance(field, str) and "." in field:
            return FIELD
    return PLAIN


def before(model: Model, id: str) -> set[str]:
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
    return _closure(model, id, causes, lambda last, way: bool(_NOT_AFTER[last] & way))


def after(model: Model, id: str) -> set[str]:
    """Everything that came of a node, or of any node of a group; parameters as for `before`."""
    return _closure(model, id, effects, lambda last, way: bool(_NOT_AFTER[way] & last))


def inside(model: Model, group: str) -> set[str]:
    """Ids of the nodes in a group, at any depth."""
    found: set[str] = set()
    left = [group]
    while left:
        at = left.pop()
        found.update(model.members.get(at, ()))
        left += model.subgroups.get(at, ())
    return found


def _closure(
    model: Model,
    id: str,
    links: Callable[[Model, str], Iterable[Link]],
    forbidden: Callable[[int, int], bool],
) -> set[str]:
    starts = {id} if id in model.nodes else inside(model, id)
    banned = {last: sum(way for way in _WAYS if forbidden(last, way)) for last in _WAYS}
    # Whoever looks at one element looks at the next: links are found once for a model.
    known: dict[str, list[str | tuple[int, str]]] = model.__dict__.setdefault(links.__name__, {})
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
