"""What an inspection found, as tables for pages and terminals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mlprov_widgets.comparison.differences import Difference
from mlprov_widgets.comparison.words import shown
from mlprov_widgets.present.blocks import DataTable
from mlprov_widgets.rebuild.field_mapping import RECORDED_VALUES, FieldValue, Unmapped
from mlprov_widgets.wording import format_number, one_line

_MOST_ROWS = 300
_HASH = 64


def fields_table(fields: Sequence[FieldValue], title: str = "") -> DataTable:
    """Which value goes into which field, and where in the file it stands."""
    # Where all are what was chosen, saying so of each is only noise.
    if all(one.source == RECORDED_VALUES for one in fields):
        return _table(title, ("Field", "Value"), ((one.label, _value(one)) for one in fields))
    sources = ("what was chosen" if one.source == RECORDED_VALUES else one.source for one in fields)
    rows = ((one.label, _value(one), source) for one, source in zip(fields, sources, strict=True))
    return _table(title, ("Field", "Value", "From"), rows)


def unmapped_table(unmapped: Iterable[Unmapped], title: str = "") -> DataTable:
    """What no field takes, and why."""
    rows = ((one.name, _short(shown(one.value)), one.reason) for one in unmapped)
    return _table(title, ("In the file", "Value", "Why it was left out"), rows)


def differences_table(differences: Iterable[Difference], title: str = "") -> DataTable:
    """How today's packages and hardware differ from those of the run."""
    return _table(title, ("What", "Then", "Today"), map(_difference, differences))


def _table(title: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> DataTable:
    lines = [tuple(one_line(text, 300) for text in row) for row in rows]
    more = len(lines) - _MOST_ROWS
    note = f"{format_number(more)} more are in the file." if more > 0 else ""
    return DataTable(title, head, lines[:_MOST_ROWS], note)


def _value(one: FieldValue) -> str:
    if one.recorded == one.value:
        return one.text
    return f"{one.text} (in the file: {_short(shown(one.recorded))})"


def _difference(one: Difference) -> tuple[str, str, str]:
    name = one.name if one.kind == one.name else f"{one.kind}: {one.name}"
    then, today = (
        "not there" if value is None else _short(shown(value)) for value in (one.original, one.new)
    )
    return name, then, f"{today} (not the same)" if then == today else today


def _short(text: str) -> str:
    """A hash by its beginning; anything else as it is."""
    return text[:12] if len(text) == _HASH and text.isalnum() else text
