"""What is compared, as rows of tables."""

from __future__ import annotations

import re

from mlprov_widgets.comparison.differences import Difference
from mlprov_widgets.comparison.items import IDENTICAL, ComparedItem
from mlprov_widgets.comparison.words import MAX_WIDTH, digits, figures, shown
from mlprov_widgets.record import Value
from mlprov_widgets.wording import format_number, one_line

MAX_NOTE = 160
_HASH = re.compile(r"[0-9a-f]{64}")


def item_cells(item: ComparedItem) -> tuple[str, str, str, str]:
    """Name, both values and verdict of an item."""
    note = f" ({one_line(item.note, MAX_NOTE)})" if item.note else ""
    return item.words, *_both(item), item.verdict + note


def _both(item: ComparedItem) -> tuple[str, str]:
    """Both values, with as many digits as it takes to see the difference."""
    if item.kind == "fingerprint":
        return _short_hash(item.new), _short_hash(item.original)
    if isinstance(item.new, float) and isinstance(item.original, float):
        if item.verdict == IDENTICAL:
            return figures(item.new, 6), figures(item.original, 6)
        return digits(item.new, item.original)
    return _shape(item.new) or shown(item.new), _shape(item.original) or shown(item.original)


def _shape(value: Value) -> str:
    """``3 × 3 numbers`` of a matrix: its entries do not fit, and the note says which differs."""
    if not isinstance(value, list) or not value or not all(isinstance(row, list) for row in value):
        return ""
    widths = {len(row) for row in value}
    numbers = all(isinstance(one, int | float) for row in value for one in row)
    if len(widths) != 1 or not numbers:
        return ""
    return f"{format_number(len(value))} × {format_number(widths.pop())} numbers"


def _short_hash(value: Value) -> str:
    return shown(value[:12] if isinstance(value, str) else value)


def difference_cells(difference: Difference) -> tuple[str, str, str]:
    """Name and both values of a difference."""
    new, original = difference.new, difference.original
    if difference.kind == difference.name == "data":
        return "data", _short_hash(new), _short_hash(original)
    name = one_line(f"{difference.kind}: {difference.name.replace('_', ' ')}", MAX_WIDTH)
    if all(isinstance(one, str) and _HASH.fullmatch(one) for one in (new, original)):
        return name, _short_hash(new), _short_hash(original)
    told = shown(new), shown(original)
    if told[0] == told[1]:  # they part beyond what is shown
        return name, f"{told[0]} (not the same)", told[1]
    return name, *told
