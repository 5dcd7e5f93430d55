"""Groups that are too large to be read, split into parts by the names of what is in them."""

from __future__ import annotations

import math
import re
from collections import Counter

from mlprov_widgets.graph.document.model import MAX_CHILDREN, Group, Node
from mlprov_widgets.wording import one_line

_DIGITS = re.compile(r"(\d{1,18})")
# Beside the parts of a group's many similar members, so many others may stay as they are.
_MAX_OTHERS = MAX_CHILDREN // 2


def split_large(nodes: dict[str, Node], groups: dict[str, Group]) -> dict[str, Group]:
    """Split groups (and the top) until none has more than `MAX_CHILDREN` children.

    Parameters
    ----------
    nodes : dict
        Id to `Node`; the `group` of those in parts is set.
    groups : dict
        Id to `Group`; the `parent` of those in parts is set.

    Returns
    -------
    dict
        Id to `Group` with the parts, parents before their children.
    """
    children: dict[str, list[Node | Group]] = {"": [], **{id: [] for id in groups}}
    for group in groups.values():
        children[group.parent].append(group)
    for node in nodes.values():
        children[node.group].append(node)
    for id, inside in list(children.items()):
        if len(inside) > MAX_CHILDREN:
            _split(id, inside, groups)
    return _parents_first(groups)


def natural(title: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts titles as people do: "cell 9" before "cell 10"."""
    if title.isascii() and not any(map(title.__contains__, "0123456789")):
        return ((1, 0, title.casefold()),)
    return tuple(
        (0, int(part), "") if part.isdecimal() and part.isascii() else (1, 0, part.casefold())
        for part in _DIGITS.split(title)
        if part
    )


def _split(parent: str, inside: list[Node | Group], groups: dict[str, Group]) -> None:
    sizes = Counter(_class(child) for child in inside)
    largest, size = sizes.most_common(1)[0]
    rest = len(inside) - size
    if rest <= _MAX_OTHERS:
        similar = [child for child in inside if _class(child) == largest]
        _parts(parent, similar, groups, MAX_CHILDREN - rest)
        return
    if len(sizes) > MAX_CHILDREN // 2:
        _parts(parent, inside, groups, MAX_CHILDREN)
        return
    for kind, number in sizes.items():
        if number < 2:
            continue
        similar = [child for child in inside if _class(child) == kind]
        id = _new(f"{parent or 'group:'}#{len(groups) + 1}", groups)
        groups[id] = Group(id, _title_of(kind), parent)
        _put(similar, id)
        if number > MAX_CHILDREN:
            _split(id, similar, groups)


def _class(child: Node | Group) -> tuple[str, str]:
    return ("group", "") if isinstance(child, Group) else (child.kind, child.type)


def _title_of(kind: tuple[str, str]) -> str:
    return kind[1] or PLURALS.get(kind[0], kind[0])


PLURALS = {
    "entity": "Entities",
    "activity": "Activities",
    "agent": "Agents",
    "unknown": "Mentioned only",
    "group": "Groups",
    "step": "Steps",
}


def _parts(parent: str, inside: list[Node | Group], groups: dict[str, Group], room: int) -> None:
    _cut(parent, sorted(inside, key=lambda child: (natural(child.title), child.id)), groups, room)


def _cut(parent: str, inside: list[Node | Group], groups: dict[str, Group], room: int) -> None:
    leaves = math.ceil(len(inside) / MAX_CHILDREN)
    levels = 1
    while leaves > room * MAX_CHILDREN ** (levels - 1):
        levels += 1
    # As even as possible: no step on the way shows forty boxes and the next one two.
    number = leaves if levels == 1 else min(room, math.ceil(leaves ** (1 / levels)))
    for at in range(number):
        part = inside[at * len(inside) // number : (at + 1) * len(inside) // number]
        id = _new(f"{parent or 'group:'}#{at + 1}", groups)
        groups[id] = Group(id, _range(part, at, number), parent)
        _put(part, id)
        if len(part) > MAX_CHILDREN:
            _cut(id, part, groups, MAX_CHILDREN)


def _range(part: list[Node | Group], at: int, number: int) -> str:
    first, last = (one_line(child.title, 28) for child in (part[0], part[-1]))
    return f"{first} … {last}" if first != last else f"{first} ({at + 1} of {number})"


def _put(children: list[Node | Group], id: str) -> None:
    for child in children:
        if isinstance(child, Group):
            child.parent = id
        else:
            child.group = id


def _new(id: str, groups: dict[str, Group]) -> str:
    return f"{id}~{len(groups)}" if id in groups else id


def _parents_first(groups: dict[str, Group]) -> dict[str, Group]:
    inside: dict[str, list[Group]] = {}
    for group in groups.values():
        inside.setdefault(group.parent, []).append(group)
    found: dict[str, Group] = {}
    waiting = inside.get("", [])[::-1]
    while waiting:
        group = waiting.pop()
        found[group.id] = group
        waiting += inside.get(group.id, [])[::-1]
    return found
