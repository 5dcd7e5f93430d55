"""Which elements belong together, so that a document can be looked at a few boxes at a time."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import Any

from mlprov_widgets.graph.document.description import name_title, value_of
from mlprov_widgets.graph.document.model import MAX_ID, Edge, Node, collected, fit_to_travel
from mlprov_widgets.graph.levels.runs import group_legacy, group_run
from mlprov_widgets.graph.levels.splitting import TITLES, add_group, split_large
from mlprov_widgets.record import Record
from mlprov_widgets.record.pipeline import StepStory
from mlprov_widgets.wording import one_line

# So few elements are read at once.
SMALL = 30
_MANY_TYPES = 40
_MANY_ACTIVITIES = 40
# What an activity made is in a group whose id is this and the activity's.
ACTIVITY_GROUP = "group:activity/"


def group_elements(
    container: dict[str, Any],
    nodes: dict[str, Node],
    edges: list[Edge],
    is_run: bool = False,
    record: Record | None = None,
    boxes: tuple[StepStory, ...] = (),
) -> dict[str, Node]:
    """Put elements into groups; sets the `parent` of the nodes.

    Parameters
    ----------
    container : dict
        PROV-JSON that the elements are of.
    nodes, edges : dict, list
        As `elements_of` gives them.
    is_run : bool, default False
        Whether it is a document of ours.
    record : Record, optional
        What the document says of a run; of MLProvCodeGen, where it is none of ours. Any other
        document is grouped by its bundles, and what is in them by the activities that made it, by
        type, or by kind and namespace, whichever tells most.
    boxes : tuple of StepStory
        The steps of that run's pipeline; their groups have the same ids and values.

    Returns
    -------
    dict
        Id to the `Node` of a group, parents before their children. None has more than
        `MAX_CHILDREN` children.
    """
    groups: dict[str, Node] = {}
    if is_run:
        groups = group_run(container, nodes, edges, record, boxes)
    elif record is not None:
        groups = group_legacy(nodes, edges, record, boxes)
    else:
        group_any(nodes, edges, groups)
    return split_large(nodes, groups)


def group_any(nodes: dict[str, Node], edges: list[Edge], groups: dict[str, Node]) -> None:
    """Put the elements of any document into groups: bundles, and what tells most inside them.

    Groups of any size are added to `groups`; `split_large` makes them readable.
    """
    own = collected(
        (nodes[edge.source].bundle, edge)
        for edge in edges
        if nodes[edge.source].bundle == nodes[edge.target].bundle
    )
    for bundle, members in collected((node.bundle, node) for node in nodes.values()).items():
        parent = ""
        if bundle:
            parent = _add(groups, f"group:bundle/{bundle}", name_title(bundle), members, "").id
        if len(members) > SMALL:
            _arrange(members, own.get(bundle, []), groups, parent)


def _arrange(members: list[Node], edges: list[Edge], groups: dict[str, Node], parent: str) -> None:
    """Put many elements of any document into groups of `parent`, by whatever tells most."""
    owners = _owners(members, edges)
    activities = sum(node.kind == "activity" for node in members)
    entities = sum(node.kind == "entity" for node in members)
    made = activities >= 2 and len(owners) >= 0.5 * entities and entities >= 1.5 * activities
    types_tell = _types_tell(members)
    if made and (activities <= _MANY_ACTIVITIES or not types_tell):
        rest = _by_activity(members, owners, groups, parent)
    elif types_tell:
        rest = _by_type(members, groups, parent)
    else:
        rest = members
    if len(rest) > SMALL // 2 or rest is members:
        _by_kind(rest, groups, parent)


def _owners(members: list[Node], edges: list[Edge]) -> dict[str, str]:
    """Entity to the activity that made it, or to the only one that used it."""
    kinds = {node.id: node.kind for node in members}
    made: dict[str, str] = {}
    users: dict[str, set[str]] = {}
    for edge in edges:
        if edge.kind == "wasGeneratedBy" and kinds.get(edge.target) == "activity":
            if kinds.get(edge.source) == "entity":
                made.setdefault(edge.source, edge.target)
        elif edge.kind == "used" and kinds.get(edge.source) == "activity":
            users.setdefault(edge.target, set()).add(edge.source)
    for entity, who in users.items():
        if len(who) == 1 and entity not in made and kinds.get(entity) == "entity":
            made[entity] = next(iter(who))
    return made


def _by_activity(
    members: list[Node], owners: dict[str, str], groups: dict[str, Node], parent: str
) -> list[Node]:
    inside: dict[str, list[Node]] = {node.id: [node] for node in members if node.kind == "activity"}
    for node in members:
        if node.id in owners:
            inside[owners[node.id]].append(node)
    grouped: set[str] = set()
    for activity, several in inside.items():
        if len(several) < 2:
            continue
        first = several[0]
        group = _add(groups, f"{ACTIVITY_GROUP}{activity}", first.title, several, parent)
        group.state = first.state
        group.lines = (first.lines + _values(several[1:]))[:3] or _titles(several[1:])
        grouped |= {node.id for node in several}
    return [node for node in members if node.id not in grouped]


def _types_tell(members: list[Node]) -> bool:
    types = Counter(node.type for node in members)
    untyped = types.pop("", 0)
    if untyped > 0.4 * len(members) or not 2 <= len(types) <= _MANY_TYPES:
        return False
    return max(types.values()) <= 0.95 * len(members)


def _by_type(members: list[Node], groups: dict[str, Node], parent: str) -> list[Node]:
    rest: list[Node] = []
    types = collected(((node.kind, node.type), node) for node in members)
    for (kind, type), several in types.items():
        if not type or len(several) < 2:
            rest += several
            continue
        group = _add(groups, f"{parent or 'group:type'}/{kind}/{type}", type, several, parent)
        group.lines = _values(several) or _titles(several)
    return rest


def _by_kind(members: list[Node], groups: dict[str, Node], parent: str) -> None:
    kinds = collected(
        ((node.kind, node.name.partition(":")[0] if ":" in node.name else ""), node)
        for node in members
    )
    spread = Counter(kind for kind, _ in kinds)
    for (kind, prefix), several in kinds.items():
        if len(several) < 2:
            continue
        title = TITLES[kind]
        if spread[kind] > 1:
            title = f"{title}: {one_line(prefix, 30) or 'no namespace'}"
        group = _add(groups, f"{parent or 'group:kind'}/{kind}/{prefix}", title, several, parent)
        group.lines = _values(several) or _titles(several)


def _add(groups: dict[str, Node], id: str, title: str, members: list[Node], parent: str) -> Node:
    return add_group(fit_to_travel(id[: MAX_ID + 50]), title, parent, members, groups)


def _values(members: list[Node]) -> tuple[tuple[str, str], ...]:
    """Members that have a value of their own, which is what a folded group may show."""
    found = (
        (one_line(node.title, 24), one_line(value, 32))
        for node in members[:200]
        if (value := value_of(node))
    )
    return tuple(islice(found, 3))


def _titles(members: list[Node]) -> tuple[tuple[str, str], ...]:
    titles = [one_line(node.title, 24) for node in members[:3]]
    return (("", ", ".join(titles) + (", …" if len(members) > 3 else "")),) if titles else ()
