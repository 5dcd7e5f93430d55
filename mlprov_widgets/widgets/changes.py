"""Which lines of a text a change has touched."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

# Beyond this the exact answer would cost more than it is worth while somebody types.
_MOST_LINES = 400


def changed_lines(before: str, after: str) -> frozenset[int]:
    """Numbers, from 0, of the lines in `after` that are new or differ from `before`.

    Parameters
    ----------
    before, after : str
        Text of the same cell before and after the change.

    Returns
    -------
    frozenset of int
    """
    if before == after:
        return frozenset()
    old, new = before.splitlines(), after.splitlines()
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
    if max(len(middle_old), len(middle_new)) > _MOST_LINES:
        return frozenset(range(start, start + len(middle_new)))
    matcher = SequenceMatcher(None, middle_old, middle_new, autojunk=False)
    return frozenset(
        start + line
        for kind, _, _, low, high in matcher.get_opcodes()
        if kind in ("replace", "insert")
        for line in range(low, high)
    )


def lines_with(names: Iterable[str], source: str) -> frozenset[int]:
    """Numbers, from 0, of the lines in which one of these names stands as a word."""
    wanted = "|".join(re.escape(name) for name in names)
    if not wanted:
        return frozenset()
    word = re.compile(rf"\b(?:{wanted})\b")
    return frozenset(number for number, line in enumerate(source.splitlines()) if word.search(line))
