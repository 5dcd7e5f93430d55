"""Groups that are too large to be read, split into parts by the names of what is in them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from mlprov_widgets.graph.document.model import MAX_CHILDREN, PLURALS, Node, collected
from mlprov_widgets.wording import one_line

_DIGITS = re.compile(r"(\d{1,18})")
# Beside the parts of a group's many similar members, so many others may stay as they are.
_MAX_OTHERS = MAX_CHILDREN // 2


def split_large(nodes: dict[str, Node], groups: dict[str, Node]) -> dict[str, Node]:
    """Split groups (and the top) until none has more than `MAX_CHILDREN` children.

    Parameters
    ----------
    nodes : dict
        Id to `Node`; the `parent` of those in parts is set.
    groups : dict
        The same of groups.

    Returns
    -------
    dict
        The groups with the parts, parents before their children.
    """
    children = collected((one.parent, one) for one in (*groups.values(), *nodes.values()))
    for id in ("", *groups):
        if len(inside := children.get(id, [])) > MAX_CHILDREN:
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


def _split(parent: str, inside: list[Node], groups: dict[str, Node]) -> None:
    kinds = collected(((child.kind, child.type), child) for child in inside)
    largest = max(kinds.values(), key=len)
    rest = len(inside) - len(largest)
    if rest <= _MAX_OTHERS:
        _parts(parent, largest, groups, MAX_CHILDREN - rest)
        return
    if len(kinds) > MAX_CHILDREN // 2:
        _parts(parent, inside, groups, MAX_CHILDREN)
        return
    for (kind, type), similar in kinds.items():
        if len(similar) < 2:
            continue
        id, title = f"{parent or 'group:'}#{len(groups) + 1}", type or TITLES[kind]
        group = add_group(id, title, parent, similar, groups)
        if len(similar) > MAX_CHILDREN:
            _split(group.id, similar, groups)


TITLES = {
    **{kind: plural.capitalize() for kind, plural in PLURALS.items()},
    "unknown": "Mentioned only",
    "group": "Groups",
    "step": "Steps",
}


def _parts(parent: str, inside: list[Node], groups: dict[str, Node], room: int) -> None:
    inside = sorted(inside, key=lambda child: (natural(child.title), child.id))
    leaves = math.ceil(len(inside) / MAX_CHILDREN)
    levels = 1
    while leaves > room * MAX_CHILDREN ** (levels - 1):
        levels += 1
    # As even as possible: no step on the way shows forty boxes and the next one two.
    number = leaves if levels == 1 else min(room, math.ceil(leaves ** (1 / levels)))
    for at in range(number):
        part = inside[at * len(inside) // number : (at + 1) * len(inside) // number]
        first, last = (one_line(child.title, 28) for child in (part[0], part[-1]))
        title = f"{first} … {last}" if first != last else f"{first} ({at + 1} of {number})"
        group = add_group(f"{parent or 'group:'}#{at + 1}", title, parent, part, groups)
        if len(part) > MAX_CHILDREN:
            _parts(group.id, part, groups, MAX_CHILDREN)


def add_group(
    id: str, title: str, parent: str, members: Iterable[Node], groups: dict[str, Node]
) -> Node:
    """A new group with these in it; its id is another one where that is taken."""
    if id in groups:
        id = f"{id}~{len(groups)}"
    groups[id] = group = Node(id, "group", title, parent=parent)
    for member in members:
        member.parent = id
    return group


def _parents_first(groups: dict[str, Node]) -> dict[str, Node]:
    inside = collected((group.parent, group) for group in groups.values())
    found: dict[str, Node] = {}
    waiting = inside.get("", [])[::-1]
    while waiting:
        group = waiting.pop()
        found[group.id] = group
        waiting += inside.get(group.id, [])[::-1]
    return found
