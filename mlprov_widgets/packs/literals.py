"""Values as Python literals: the only form in which a value reaches generated code."""

from __future__ import annotations

import math
from typing import Any

# A longer list is written one item a line; the rest of a line of 88 is for the name before it.
LIST_WIDTH = 60
_BRACKETS: dict[type, tuple[str, str]] = {list: ("[", "]"), tuple: ("(", ")"), dict: ("{", "}")}


class Symbol:
    """A name or expression that stands in generated code as it is; only packs can declare one.

    Parameters
    ----------
    code : str
    blank : str
        What is written where there is no code.
    """

    __slots__ = ("blank", "code")

    def __init__(self, code: str, blank: str = "") -> None:
        self.code, self.blank = code, blank

    @property
    def written(self) -> str:
        """What stands in the notebook."""
        return self.code or self.blank

    def __repr__(self) -> str:
        return f"Symbol({self.code!r})"


def literal(value: Any, indent: int = 0) -> str:
    """Python source that evaluates to `value` and to nothing else.

    Parameters
    ----------
    value : None, bool, int, float, str, or lists, tuples and dicts of them
    indent : int
        Columns before the literal on its line, for deciding whether it has to be broken.

    Returns
    -------
    str
        In the style of Black: double quotes, and one item a line where it is too long for one.

    Raises
    ------
    TypeError
        For any other type, also for subclasses: their ``repr`` could be anything.
    """
    text = _one_line(value)
    if len(text) + indent <= LIST_WIDTH or type(value) not in _BRACKETS or not value:
        return text
    if isinstance(value, dict):
        rows = [f"{_one_line(key)}: {literal(item, indent + 4)}" for key, item in value.items()]
    else:
        rows = [literal(item, indent + 4) for item in value]
    start, end = _BRACKETS[type(value)]
    inner = " " * (4 + indent)
    return "\n".join([start, *(f"{inner}{row}," for row in rows), " " * indent + end])


def _one_line(value: Any) -> str:
    kind = type(value)
    if value is None or kind in (bool, int):
        return repr(value)
    if kind is float:
        return repr(value) if math.isfinite(value) else f'float("{value}")'
    if kind is str:
        return _string(value)
    if kind not in _BRACKETS:
        raise TypeError(f"a {kind.__name__} cannot be written as a literal")
    rows = [_one_line(one) for one in value]
    if kind is dict:
        rows = [f"{key}: {_one_line(one)}" for key, one in zip(rows, value.values(), strict=True)]
    start, end = _BRACKETS[kind]
    comma = "," if kind is tuple and len(value) == 1 else ""
    return f"{start}{', '.join(rows)}{comma}{end}"


def _string(text: str) -> str:
    quoted = repr(str(text))
    # repr prefers single quotes; where neither quote occurs inside, both spell the same text.
    if quoted[0] == "'" and '"' not in text and "'" not in text:
        return f'"{quoted[1:-1]}"'
    return quoted
