"""What is drawn: the elements in open groups, each folded group as one box, arrows bundled.

A page without Python folds by itself (viewer/src/local/scene.ts); here it is done for pictures, and
for documents that are too large to travel as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

from mlprov_widgets.graph.document.model import Edge, Model, Node
from mlprov_widgets.graph.document.ways import PLAIN, way_of
from mlprov_widgets.graph.wire import (
    Condition,
    Difference,
    Kind,
    Level,
    Scene,
    SceneEdge,
    SceneNode,
)
from mlprov_widgets.wording import shorten_middle

MAX_NODES = 400
# A first picture with fewer boxes says too little, one with more is not read.
FEW, MANY = 5, 40


def scene(model: Model, opened: Sequence[str] = ()) -> Scene:
    """Give what is to be drawn of a level.

    Parameters
    ----------
    model : Model
        The level.
    opened : sequence of str
        Ids of the groups that are open; unknown ones do not matter. Where not all of them can be
        shown, the last ones are.

    Returns
    -------
    Scene
        At most `MAX_NODES` boxes, with one arrow for each pair of boxes and direction; the same for
        the same model and groups.
    """
    shown, left = _shown(model, opened)
    nodes: list[SceneNode] = []
    for parent in ("", *shown):
        folded = [id for id in model.subgroups.get(parent, ()) if id not in shown]
        nodes += [box_of(model, model.groups[id]) for id in folded]
        nodes += [box_of(model, model.nodes[id]) for id in model.members.get(parent, ())]
    note = ""
    if left:
        groups = "One group stays" if left == 1 else f"{left} groups stay"
        note = f"{groups} folded: no more than {MAX_NODES} boxes are drawn at once."
    return {
        "level": cast("Level", model.level),
        "nodes": nodes,
        "groups": [
            {"id": id, "parent": group.parent, "title": group.title, "count": model.sizes[id]}
            for id, group in shown.items()
        ],
        "edges": _edges(model, shown),
        "note": note,
    }


def default_opened(model: Model) -> list[str]:
    """Give the groups that are open at first.

    None where the groups alone make a picture; else, the outer ones first, those that may be opened
    with no more than `MANY` boxes; all of them in a small document.
    """
    opened: list[str] = []
    boxes = _children(model, "")
    small = len(model.nodes) + len(model.groups) <= MANY
    for id, group in model.groups.items():
        more = boxes - 1 + _children(model, id)
        parent_open = not group.parent or group.parent in opened
        if parent_open and (small or (boxes < FEW and more <= MANY)):
            opened.append(id)
            boxes = more
    return opened


def path_groups(model: Model, ids: Iterable[str]) -> list[str]:
    """Give the groups that have to be open for nodes and groups to be seen, parents first."""
    found: dict[str, None] = {}
    for id in ids:
        if id in model:
            found.update(dict.fromkeys(model.path(id)))
    return list(found)


def _children(model: Model, group: str) -> int:
    return len(model.members.get(group, ())) + len(model.subgroups.get(group, ()))


def _shown(model: Model, opened: Sequence[str]) -> tuple[dict[str, Node], int]:
    """Open groups whose parents are open too, as far as there is room; the number of the others."""
    known = [id for id in dict.fromkeys(opened) if id in model.groups]
    wanted, shown = set(known), set[str]()
    boxes, left = _children(model, ""), 0
    for id in reversed(known):
        path = [*model.path(id), id]
        if not wanted.issuperset(path):
            continue
        new = [one for one in path if one not in shown]
        more = sum(_children(model, one) - 1 for one in new)
        if boxes + more <= MAX_NODES:
            boxes += more
            shown.update(new)
        else:
            left += id not in shown
    return {id: group for id, group in model.groups.items() if id in shown}, left


def box_of(model: Model, node: Node) -> SceneNode:
    """Give the box of an element, a step or a folded group."""
    box: SceneNode = {
        "id": node.id,
        "parent": node.parent,
        "kind": cast("Kind", node.kind),
        # A box is narrow, and the names of notebooks tend to begin alike.
        "title": shorten_middle(node.title, 26) if node.type == "Notebook" else node.title,
        "type": node.type,
        "headline": node.headline,
        "headline_label": node.headline_label,
        "lines": list(node.lines),
        "state": cast("Condition", node.state),
        "note": node.note,
        "count": model.sizes.get(node.id, 0),
    }
    if node.change:
        box["change"] = cast("Difference", node.change)
    return box


@dataclass(slots=True)
class _Arrow:
    flow: int
    role: str
    count: int = 0
    kinds: dict[str, int] = field(default_factory=dict)


_Pairs = dict[tuple[str, str], _Arrow]


def _between(model: Model) -> _Pairs:
    """Arrows from group to group; counted once, because folding asks for them again and again."""

    def count() -> _Pairs:
        found: _Pairs = {}
        nodes = model.nodes
        for edge in model.edges:
            pair = (nodes[edge.source].parent, nodes[edge.target].parent)
            if pair[0] != pair[1]:
                _add(found, pair, edge.kind, 1, edge.role, edge.flow)
        return found

    return model.derived("arrows_between_groups", count)


def _add(
    pairs: _Pairs, pair: tuple[str, str], kind: str, number: int, role: str, flow: int
) -> None:
    arrow = pairs.get(pair)
    if arrow is None:
        arrow = pairs[pair] = _Arrow(flow, role)
    arrow.role = role if role == arrow.role else ""
    arrow.count += number
    arrow.kinds[kind] = arrow.kinds.get(kind, 0) + number


def _edges(model: Model, shown: dict[str, Node]) -> list[SceneEdge]:
    folded = model.hidden(shown)
    pairs: _Pairs = {}
    for (source, target), arrow in _between(model).items():
        source, target = folded[source], folded[target]
        if source and target and source != target:
            for kind, number in arrow.kinds.items():
                _add(pairs, (source, target), kind, number, arrow.role, arrow.flow)
    nodes = model.nodes

    def single(edge: Edge) -> None:
        source = folded[nodes[edge.source].parent] or edge.source
        target = folded[nodes[edge.target].parent] or edge.target
        _add(pairs, (source, target), edge.kind, 1, edge.role, edge.flow)

    for place in ("", *shown):
        for id in model.members.get(place, ()):
            for edge in model.outgoing.get(id, ()):
                single(edge)
            for edge in model.incoming.get(id, ()):
                # The others have been counted where they start.
                if folded[nodes[edge.source].parent]:
                    single(edge)
    return [_edge(model, source, target, arrow) for (source, target), arrow in pairs.items()]


def _edge(model: Model, source: str, target: str, arrow: _Arrow) -> SceneEdge:
    kind = next(iter(arrow.kinds)) if len(arrow.kinds) == 1 else ""
    return {
        # The length keeps apart what odd names could make equal.
        "id": f"{len(source)}:{source}>{target}",
        "source": source,
        "target": target,
        "kind": kind,
        "kinds": arrow.kinds,
        "count": arrow.count,
        "role": arrow.role,
        "flow": arrow.flow,
        "way": way_of(kind, model.nodes.get(target)) if arrow.flow < 0 else PLAIN,
    }
