"""Which runs, in which order: conditions, words, sorting, a page at a time."""

from __future__ import annotations

import ast
import contextlib
import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mlprov_widgets.errors import MlprovError, PackError
from mlprov_widgets.packs import Condition
from mlprov_widgets.record.results import is_number
from mlprov_widgets.store.index import COLUMNS, MOMENTS, NUMBERS, TEXTS, Index

_OPERATORS = {
    ast.Eq: "=", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="
}  # fmt: skip
DEFAULT_SORT = "started"


@dataclass(frozen=True)
class Query:
    """Which runs are asked for.

    Parameters
    ----------
    where : str
        A condition such as ``status == 'finished' and accuracy > 0.9``, in the grammar of a pack's
        ``when``: names are the columns of the table, metrics and parameters.
    words : str
        Words that all have to occur in what is known of a run; large or small.
    sort : str
        A column, a metric or a parameter.
    descending : bool
        Whether the largest comes first; what has no value comes last in either case.
    below : bool
        Whether runs in folders below that of the store count.
    """

    where: str = ""
    words: str = ""
    sort: str = DEFAULT_SORT
    descending: bool = True
    below: bool = True


@dataclass(frozen=True)
class _Part:
    """A piece of SQL and the values for its question marks."""

    sql: str
    values: tuple[object, ...] = ()


class Names:
    """What a name in a condition or a sorting stands for.

    Parameters
    ----------
    index : Index
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self.dialect = index.dialect

    def kind(self, name: str) -> str:
        """``column``, ``metric`` or ``parameter``.

        Raises
        ------
        MlprovError
            If no run has such a thing; names what there is that is spelt alike.
        """
        if name in COLUMNS:
            return "column"
        for table, kind in (("metrics", "metric"), ("parameters", "parameter")):
            if self._index.rows(f"select 1 from {table} where name = ? limit 1", (name,)):
                return kind
        near = difflib.get_close_matches(name, self.all(), 1)
        raise MlprovError("run_column_unknown", name=name, near=near)

    def all(self) -> list[str]:
        """Every column, metric and parameter that there is."""
        return [*COLUMNS, *self.of("metrics"), *self.of("parameters")]

    def of(self, table: str) -> list[str]:
        """Every name in ``metrics`` or in ``parameters``."""
        rows = self._index.rows(f"select distinct name from {table} order by name")
        return [name for (name,) in rows]


def conditions(query: Query, stores: Sequence[str], names: Names) -> tuple[str, tuple[object, ...]]:
    """What a run has to fulfil, as SQL over the table ``runs``.

    Raises
    ------
    MlprovError
        If the condition cannot be read, or names something that no run has.
    """
    marks = ", ".join("?" * len(stores))
    dialect = names.dialect
    parts = [_Part(f"{dialect.any_index}store in ({marks})", tuple(stores))]
    if not query.below:
        parts.append(_Part(f"{dialect.position}(path, '/') = 0"))
    if query.where.strip():
        parts.append(_condition(query.where, names))
    for word in query.words.lower().split():
        found = f"{dialect.position}(words, ?) > 0"
        found += f" or {dialect.position}(coalesce(note_words, ''), ?) > 0"
        parts.append(_Part(found, (word, word)))
    sql = " and ".join(f"({one.sql})" for one in parts)
    return sql, tuple(value for one in parts for value in one.values)


def _condition(text: str, names: Names) -> _Part:
    try:
        condition = Condition(text)
    except PackError as error:
        raise MlprovError("run_condition_unreadable", reason=error) from None
    return _translated(condition.body, names)


def _translated(node: ast.expr, names: Names) -> _Part:
    match node:
        case ast.BoolOp(op=op, values=parts):
            word = " and " if isinstance(op, ast.And) else " or "
            translated = [_translated(one, names) for one in parts]
            values = tuple(value for one in translated for value in one.values)
            return _Part(word.join(f"({one.sql})" for one in translated), values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _translated(operand, names)
            return _Part(f"not coalesce(({inner.sql}), false)", inner.values)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            if isinstance(left, ast.Name):
                return _compared(left.id, op, _constant(right), names)
            flipped = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}
            if isinstance(right, ast.Name) and not isinstance(op, ast.In | ast.NotIn):
                other = flipped.get(type(op), type(op))()
                return _compared(right.id, other, _constant(left), names)
        case ast.Name(id=name):
            return _compared(name, ast.Eq(), True, names)
    raise MlprovError("run_condition_too_much", part=ast.unparse(node))


def _constant(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise MlprovError("run_condition_too_much", part=ast.unparse(node)) from None


def _compared(name: str, op: ast.cmpop, value: object, names: Names) -> _Part:
    kind = names.kind(name)
    if isinstance(op, ast.In | ast.NotIn):
        options = list(value) if isinstance(value, list | tuple) else [value]
        parts = [_one(name, kind, "=", option, names) for option in options]
        sql = " or ".join(f"({one.sql})" for one in parts) or "false"
        found = _Part(sql, tuple(value for one in parts for value in one.values))
        return found if isinstance(op, ast.In) else _Part(f"not ({found.sql})", found.values)
    if isinstance(op, ast.NotEq):
        same = _one(name, kind, "=", value, names)
        return _Part(f"not coalesce(({same.sql}), false)", same.values)
    return _one(name, kind, _OPERATORS[type(op)], value, names)


def _one(name: str, kind: str, operator: str, value: object, names: Names) -> _Part:
    if kind == "column" and value is None:
        return _Part(f"{name} is null" if operator == "=" else "false")
    if kind == "column":
        asked = _number(name, value) if name in NUMBERS else str(value)
        return _Part(f"{names.dialect.any_index}{name} {operator} ?", (asked,))
    if kind == "metric":
        value = _number(name, value)
        where = f"name = ? and value {operator} ?"
        return _Part(
            f"exists (select 1 from metrics where run = runs.id and {where})", (name, value)
        )
    asked = value if is_number(value) else json.dumps(value, ensure_ascii=False, default=str)
    where = f"rank {operator} ? and rank < {TEXTS}" if is_number(value) else f"text {operator} ?"
    found = f"select 1 from parameters where run = runs.id and name = ? and {where}"
    return _Part(f"exists ({found})", (name, asked))


def _number(name: str, value: object) -> float:
    """What a column of numbers is compared with; a day or a moment where it holds moments."""
    if isinstance(value, int | float):
        return value
    if name in MOMENTS and isinstance(value, str):
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(value).timestamp()
    code = "run_moment_expected" if name in MOMENTS else "run_number_expected"
    raise MlprovError(code, name=name, value=value)
