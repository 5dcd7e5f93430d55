"""Whether the first row of a table is its header, and which row it is where there are two."""

from __future__ import annotations

from collections import Counter

from mlprov_widgets.messages import Note
from mlprov_widgets.tables.values import are_dates, is_any_number, is_missing_among_numbers

Row = list[str]
# A header with so many numbers in it may be none.
_NOTED_NUMBERS = 0.25


def _is_filled(cell: str) -> bool:
    return not is_missing_among_numbers(cell)


def is_header_like(row: Row, width: int) -> bool:
    """Whether a row has a name for every column: filled, no numbers, all different."""
    return (
        len(row) == width
        and all(cell.strip() and not is_any_number(cell) for cell in row)
        and len(set(row)) == width
    )


def _columns_below(rows: list[Row], first: int) -> list[list[str]]:
    """The filled cells of each column from a row on, of rows as wide as the last of them."""
    width = max(Counter(len(row) for row in rows[first:]).items(), key=lambda item: item[1])[0]
    body = [row for row in rows[first:] if len(row) == width]
    return [[cell for cell in column if _is_filled(cell)] for column in zip(*body, strict=True)]


def _is_numeric_column(cells: list[str]) -> bool:
    return bool(cells) and sum(map(is_any_number, cells)) >= 0.9 * len(cells)


def _counts_up(row: Row) -> bool:
    """Whether a row's numbers are consecutive whole numbers, as the names 0, 1, 2 are."""
    numbers = [cell.strip() for cell in row if is_any_number(cell)]
    if len(numbers) < 2 or not all(number.isascii() and number.isdigit() for number in numbers):
        return False
    values = [int(number) for number in numbers]
    return values == list(range(values[0], values[0] + len(values)))


def has_header(rows: list[Row], notes: list[Note]) -> bool:
    """Whether the first row holds names; in doubt it does, with a note where numbers are names.

    A name above numbers is no number; a value above text occurs again below, if values do at all.
    """
    if len(rows) < 2:
        return not any(is_any_number(cell) for row in rows for cell in row)
    first, columns = rows[0], _columns_below(rows, 1)
    if len(first) != len(columns):
        return True
    again = [row for row in rows[1:] if row != first]
    votes = numbers = 0
    if len(first) > 1 and not first[0].strip() and all(row[0].strip() for row in rows[1:] if row):
        votes += 3  # the names of rows have no name themselves
    for position, (cell, below) in enumerate(zip(first, columns, strict=True)):
        if not below or not _is_filled(cell):
            continue
        if _is_numeric_column(below):
            if is_any_number(cell):
                numbers += 1
            else:
                votes += 3
        elif are_dates(below):
            votes += -1 if are_dates([cell]) else 3
        elif is_any_number(cell):
            numbers += 1
        else:
            values = Counter(row[position] for row in again if len(row) > position)
            if values[cell]:
                votes -= 3
            elif len(values) <= 0.5 * len(below):
                # A class with one row only would read the same, but that is rare.
                votes += 3 if min(values.values(), default=0) > 1 else 1
    counting = _counts_up(first)
    if numbers and not counting:
        votes -= min(numbers, 2)
    decision = votes > 0 or (votes == 0 and (counting or not numbers))
    if decision and numbers >= max(1, _NOTED_NUMBERS * len(first)):
        notes.append(Note("header_has_numbers", cells=first))
    return decision


def second_header_row(rows: list[Row]) -> int:
    """1 if the row below the header holds units or names too, else 0."""
    if len(rows) < 4:
        return 0
    columns = _columns_below(rows, 2)
    second = rows[1]
    if len(second) != len(columns) or any(is_any_number(cell) for cell in second):
        return 0
    numeric = [position for position, below in enumerate(columns) if _is_numeric_column(below)]
    filled = [position for position in numeric if _is_filled(second[position])]
    # A data row may lack a number or two; it does not lack all of them.
    return int(bool(numeric) and bool(filled) and len(filled) >= 0.5 * len(numeric))


def names_row(first: Row, second: Row) -> tuple[Row, Row]:
    """Which of two header rows holds the names (all filled and different), and the other one."""

    def faults(row: Row) -> int:
        return len(row) - len({cell for cell in row if cell.strip()})

    return (second, first) if faults(second) < faults(first) else (first, second)
