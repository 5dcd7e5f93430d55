"""Conditions such as ``early_stopping > 0``: read once, then evaluated without calling anything."""

from __future__ import annotations

import ast
import contextlib
import operator
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from mlprov_widgets.errors import PackError

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
}
_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "==", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_ALLOWED = (
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.Compare,
    ast.Name, ast.Load, ast.Constant, ast.List, ast.Tuple, ast.BinOp,
    *_COMPARISONS, *_ARITHMETIC,
)  # fmt: skip
# Longer ones could be nested deeper than Python can follow.
LONGEST = 1_000


class Condition:
    """A yes-or-no question about the values of parameters.

    Only names, plain constants, comparisons, ``in``, ``and``, ``or``, ``not``, ``+`` and ``-``
    are understood: a pack is somebody else's text, so nothing in it may be called or looked up.

    Parameters
    ----------
    text : str
        The expression; empty means always true.

    Attributes
    ----------
    body : ast.expr
        What Python reads in it.
    names : frozenset of str
        The parameters that it asks about.

    Raises
    ------
    PackError
        If the text is not such an expression.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.body, self.names = _parsed(text)

    @property
    def comparisons(self) -> list[tuple[str, str, Any]]:
        """Names with what they are compared with: name, operator, constant.

        Being one of several, or none of them, is a comparison by ``==`` with each.
        """
        found: list[tuple[str, str, Any]] = []
        for node in ast.walk(self.body):
            if isinstance(node, ast.Compare):
                sides = [node.left, *node.comparators]
                for left, op, right in zip(sides, node.ops, sides[1:], strict=False):
                    found += _compared(left, op, right)
        return found

    def __call__(self, values: Mapping[str, Any]) -> bool:
        """Whether it holds for these values; values that cannot be compared make it false."""
        try:
            return bool(_evaluate(self.body, values))
        except TypeError:
            return False

    def __repr__(self) -> str:
        return f"Condition({self.text!r})"


@lru_cache(maxsize=1024)
def _parsed(text: str) -> tuple[ast.expr, frozenset[str]]:
    """An expression and the names in it; many parameters have the same, or none."""
    if len(text) > LONGEST:
        raise PackError("condition_too_long", length=len(text), most=LONGEST)
    try:
        tree = ast.parse(text.strip() or "True", mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise PackError("condition_unreadable", text=text) from None
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED):
            raise PackError("condition_not_allowed", text=text, what=type(node).__name__)
    names = frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    return tree.body, names


def _compared(left: ast.expr, op: ast.cmpop, right: ast.expr) -> Iterator[tuple[str, str, Any]]:
    if isinstance(right, ast.Name) and type(op) in _SIGNS:
        sign = _SIGNS[type(op)]
        left, right, sign = right, left, _TURNED.get(sign, sign)
    elif isinstance(left, ast.Name):
        sign = _SIGNS.get(type(op), "==")
    else:
        return
    for side in right.elts if isinstance(right, ast.List | ast.Tuple) else [right]:
        if not any(isinstance(one, ast.Name) for one in ast.walk(side)):
            with contextlib.suppress(TypeError):
                yield left.id, sign, _evaluate(side, {})


def _evaluate(node: ast.expr, values: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return values[name]
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_evaluate(item, values) for item in items]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _evaluate(operand, values)
        case ast.UnaryOp(operand=operand):
            return -_evaluate(operand, values)
        case ast.BinOp(left=left, op=op, right=right):
            return _ARITHMETIC[type(op)](_evaluate(left, values), _evaluate(right, values))
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_evaluate(part, values) for part in parts)
        case ast.BoolOp(values=parts):
            return any(_evaluate(part, values) for part in parts)
        case ast.Compare(left=left, ops=ops, comparators=rest):
            sides = [_evaluate(side, values) for side in (left, *rest)]
            return all(
                _COMPARISONS[type(op)](a, b)
                for op, a, b in zip(ops, sides, sides[1:], strict=False)
            )
    raise TypeError(type(node).__name__)
