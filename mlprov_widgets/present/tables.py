"""What pictures show, as tables: for Markdown and for terminals, which have no pictures."""

from __future__ import annotations

from mlprov_widgets.present.blocks import DataTable, Dots, Overlay, Parallel
from mlprov_widgets.wording import format_count, format_number


def dots_table(block: Dots) -> DataTable:
    """Mean, interval and values of each."""
    rows = [
        (f"{row.key}  {row.name}".strip(), row.text, ", ".join(map(format_number, row.values)))
        for row in block.rows
    ]
    return DataTable(block.title, ("", block.axis, "Single runs"), rows, block.note)


def overlay_table(block: Overlay) -> DataTable:
    """First and last value of each course, its range, and where that is."""
    head = ("", "First", "Last", "Lowest", "Highest", f"At {block.counter}")
    rows = []
    for one in block.lines:
        if not one.points:
            continue
        values = [y for _, y in one.points]
        told = (values[0], values[-1], min(values), max(values))
        places = f"{one.points[0][0]:g} to {one.points[-1][0]:g}"
        rows.append((f"{one.key}  {one.name}", *map(format_number, told), places))
    return DataTable(block.title, head, rows, block.note, numbers=True)


def parallel_table(block: Parallel, most: int = 40) -> DataTable:
    """A row for each line, a column for each axis."""

    def told(value: float | str | None) -> str:
        if value is None:
            return "not recorded"
        return value if isinstance(value, str) else format_number(value)

    rows = [
        (f"{key}  {name}", *(told(axis.values[at]) for axis in block.axes))
        for at, (key, name) in enumerate(block.lines[:most])
    ]
    left = len(block.lines) - most
    note = f"{format_count(left, 'more line')} not shown here. " if left > 0 else ""
    return DataTable(block.title, ("", *(a.label for a in block.axes)), rows, note + block.note)
