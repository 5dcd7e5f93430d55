"""The analyst's level: what was done, in its order, with the values that matter."""

from __future__ import annotations

import heapq
from dataclasses import replace
from itertools import islice, pairwise, product

from mlprov_widgets.graph.document.description import value_of
from mlprov_widgets.graph.document.model import (
    MAX_CHILDREN,
    Edge,
    Model,
    Node,
    collected,
    step_box,
    step_id,
)
from mlprov_widgets.graph.document.values import first_text
from mlprov_widgets.graph.levels.grouping import ACTIVITY_GROUP, group_any
from mlprov_widgets.graph.levels.splitting import split_large
from mlprov_widgets.provenance.literals import parse_time
from mlprov_widgets.record.pipeline import StepStory
from mlprov_widgets.wording import one_line

MAX_LINES = 4
# Of an entity that hundreds made and hundreds used, not every pair.
_MAX_PAIRS = 2000
_MAX_READ = 40


def pipeline_of(boxes: tuple[StepStory, ...]) -> Model:
    """Give the steps of a run, in order, as the analyst's level.

    Parameters
    ----------
    boxes : tuple of StepStory
        As `Story.steps` gives them.

    Returns
    -------
    Model
        Its ids are ``step:`` and the step's name, as those of the steps' groups.
    """
    nodes = {step_id(box.step): step_box("step", box) for box in boxes}
    if not nodes:
        nothing = (("", "no step of the pipeline was reached"),)
        nodes["step:"] = Node("step:", "step", "Run", lines=nothing, state="missing")
    edges = [Edge(first, second, "", flow=1) for first, second in pairwise(nodes)]
    return Model("analyst", nodes, edges)


def activities_of(engineer: Model) -> Model:
    """Give the analyst's level of any document: what was done, and what led to what.

    Parameters
    ----------
    engineer : Model
        All of the document. Its `stands_for` is filled.

    Returns
    -------
    Model
        The activities in the order of the flow, with values of what they made; without activities,
        the entities by derivation; without either, everything. The ids are those of the elements.
    """
    nodes, edges = engineer.nodes, engineer.edges
    chosen = {id for id, node in nodes.items() if node.kind == "activity"}
    if chosen:
        arrows, stands_for = _flow(nodes, edges, chosen)
    else:
        derived = [edge for edge in edges if edge.kind in _DERIVED]
        chosen = {id for edge in derived for id in (edge.source, edge.target)}
        arrows = dict.fromkeys((e.target, e.source) for e in derived if e.target != e.source)
        stands_for = {}
    if not chosen:
        engineer.stands_for.update({id: id for id in nodes})
        return Model("analyst", nodes, edges, engineer.groups)
    boxes = {id: _box(nodes[id], engineer) for id in _in_order(nodes, chosen, arrows)}
    flow = [Edge(source, target, "", flow=1) for source, target in arrows]
    groups: dict[str, Node] = {}
    if len(boxes) > MAX_CHILDREN:
        if any(node.bundle for node in boxes.values()) or len(boxes) > MAX_CHILDREN**2:
            group_any(boxes, flow, groups)
        groups = split_large(boxes, groups)
    stands_for.update({id: id for id in boxes})
    for id in engineer.groups:
        if id.startswith(ACTIVITY_GROUP) and id.removeprefix(ACTIVITY_GROUP) in boxes:
            stands_for[id] = id.removeprefix(ACTIVITY_GROUP)
    engineer.stands_for.update(stands_for)
    return Model("analyst", boxes, flow, groups)


_USE = ("used", "wasStartedBy", "wasEndedBy")
_FLOW = (*_USE, "wasInformedBy", "wasInfluencedBy")
_DERIVED = frozenset({"wasDerivedFrom", "specializationOf", "alternateOf", "wasInfluencedBy"})


def _flow(
    nodes: dict[str, Node], edges: list[Edge], chosen: set[str]
) -> tuple[dict[tuple[str, str], None], dict[str, str]]:
    """Arrows from activity to activity, and each entity's activity."""
    makers: dict[str, list[str]] = {}
    users: dict[str, list[str]] = {}
    derived: list[tuple[str, str]] = []
    arrows: dict[tuple[str, str], None] = {}
    for edge in edges:
        if edge.kind == "wasGeneratedBy" and edge.target in chosen:
            makers.setdefault(edge.source, []).append(edge.target)
        elif edge.kind in _FLOW and edge.source in chosen and edge.target in chosen:
            arrows[edge.target, edge.source] = None
        elif edge.kind in _USE and edge.source in chosen:
            users.setdefault(edge.target, []).append(edge.source)
        elif edge.kind == "wasDerivedFrom":
            derived.append((edge.target, edge.source))
    pairs = [(makers.get(entity, []), several) for entity, several in users.items()]
    # Some documents say what came of what, but not which activity used it.
    pairs += [(makers.get(before, []), makers.get(after, [])) for before, after in derived]
    for sources, targets in pairs:
        for pair in islice(product(sources, targets), _MAX_PAIRS):
            arrows[pair] = None
    stands_for = {
        entity: several[0] for entity, several in (users | makers).items() if entity not in chosen
    }
    return {pair: None for pair in arrows if pair[0] != pair[1]}, stands_for


def _in_order(
    nodes: dict[str, Node], chosen: set[str], arrows: dict[tuple[str, str], None]
) -> list[str]:
    """What comes first in the flow first; of several the one that started first, else as written.

    A cycle is broken where it starts first.
    """
    rank = {id: (_start(nodes[id]), at) for at, id in enumerate(nodes) if id in chosen}
    after = collected(arrows)
    waiting = dict.fromkeys(rank, 0)
    for _, target in arrows:
        waiting[target] += 1
    ready = [(rank[id], id) for id, number in waiting.items() if not number]
    heapq.heapify(ready)
    rest = sorted(waiting, key=rank.__getitem__, reverse=True)
    found: list[str] = []
    done: set[str] = set()
    while len(found) < len(rank):
        if ready:
            _, id = heapq.heappop(ready)
        else:
            while rest[-1] in done:
                rest.pop()
            id = rest[-1]
        if id in done:
            continue
        done.add(id)
        found.append(id)
        for target in after.get(id, ()):
            waiting[target] -= 1
            if not waiting[target]:
                heapq.heappush(ready, (rank[target], target))
    return found


def _start(node: Node) -> float:
    try:
        return parse_time(first_text(node, "prov:startTime")).timestamp()
    except (ValueError, OverflowError, OSError):
        return float("inf")


def _box(node: Node, engineer: Model) -> Node:
    """An activity with values of what it made and used; an entity as it is."""
    if node.kind != "activity":
        return replace(node, parent="")
    made = engineer.sources(node.id, "wasGeneratedBy")
    used = engineer.targets(node.id, "used")
    told = {node.id: node for node in (*made[:_MAX_READ], *used[:_MAX_READ])}
    values = ((one, value_of(one)) for one in told.values())
    telling = islice(((one, value) for one, value in values if value), MAX_LINES)
    lines = [*node.lines, *((one_line(one.title, 24), value) for one, value in telling)]
    titles = [one_line(one.title, 24) for one in made[:3]]
    if titles and len(lines) < MAX_LINES:
        lines.append(("made", one_line(", ".join(titles), 60) + (", …" if made[3:] else "")))
    return replace(node, kind="step", parent="", lines=tuple(lines[:MAX_LINES]))
