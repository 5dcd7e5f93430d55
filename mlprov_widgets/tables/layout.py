"""Which lines of a text are the table: what stands before it, its header, and rows of one width."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mlprov_widgets.errors import TableError
from mlprov_widgets.tables.dialect import (
    COMMENT,
    LONGEST_CELL,
    Dialect,
    find_dialect,
    iterate_rows,
    sample_lines,
    split_line,
    usual_width,
)
from mlprov_widgets.tables.format import BLANKS
from mlprov_widgets.tables.header import has_header, is_header_like, names_row, second_header_row
from mlprov_widgets.tables.names import listed, repair_names, show
from mlprov_widgets.tables.source import line_of

MOST_COLUMNS = 10_000
FEWEST_ROWS = 10
_SHOWN_ROWS = 6
# At such a place pandas 2 goes round in a circle until the memory is full.
_ENDLESS = re.compile(r"\r[ \t]*\r[ \t]")


@dataclass
class Layout:
    """Where the table is in its file.

    Parameters
    ----------
    format : dict
        The keys of `Table.format` that say so: ``sep, skipinitialspace, skiprows, header, names``.
    columns : list of str
        The names of the columns, all different.
    rows : int
        How many rows there are below the header; rows of empty cells count, blank lines do not.
    preview : list of list of str
        The cells of the first rows.
    notes : list of str
        What was skipped or repaired.
    """

    format: dict[str, Any]
    columns: list[str]
    rows: int
    preview: list[list[str]]
    notes: list[str] = field(default_factory=list)


def find_layout(text: str, name: str, given: dict[str, Any]) -> Layout:
    """Find the table in a text and check that all of its rows have the same width.

    Parameters
    ----------
    text : str
        The whole file.
    name : str
        The file's name for messages, in quotes.
    given : dict
        Keys of a format that are known already and not to be found out.

    Raises
    ------
    TableError
        If rows differ in width, quotes are wrong, a cell is endless, or there are too few rows.
    """
    trap = _ENDLESS.search(text)
    if trap:
        raise TableError(
            f"{name}, line {line_of(text, trap.end())}: the lines end as on an old Macintosh (a "
            "bare carriage return), and a blank line stands before a line that begins with a "
            "blank, which some versions of pandas cannot read. Remove blank lines, or save the "
            "table with ordinary line ends."
        )
    if "sep" in given:
        dialect = Dialect(given["sep"], given.get("skipinitialspace", False))
    else:
        dialect = find_dialect(text, name)
    notes: list[str] = []
    if "skiprows" in given:
        skiprows, commented = given["skiprows"], False
        rest = "\n".join(sample_lines(_skip_lines(text, skiprows)[0]))
    else:
        skiprows, commented, rest = _skip_preamble(sample_lines(text), dialect, notes)
    # Only rows that are whole: the last one may be cut off, or run into an open quote.
    rows = list(iterate_rows(rest, dialect, strict=False))[:200]
    if not rows:
        raise TableError(f"{name} is empty: it has no rows.")
    cells = [row for _, row in rows]
    width = max(len(cells[0]), usual_width(cells), len(given.get("names") or ()))
    if width > MOST_COLUMNS:
        raise TableError(
            f"{name} has {width:,} columns; at most {MOST_COLUMNS:,} can be looked at."
        )
    header: list[str] | None = None
    names: list[str] | None
    if given.get("names"):
        names = list(given["names"])
    elif given.get("header", False) or ("header" not in given and has_header(cells, notes)):
        header = cells[0]
        names, skipped = _names_from_header(rows, skiprows, commented, notes)
        if names:
            skiprows += skipped
    else:
        names = [f"column_{number}" for number in range(1, usual_width(cells) + 1)]
        notes.append(
            "The file has no header line: its columns are called "
            f"{listed([names[0], names[-1]]).replace(', ', ' to ')} here."
        )
    columns = names or repair_names(cells[0])[0]
    in_header = header is not None and not names
    checked = _checked_rows(text, dialect, name, skiprows, columns, header)
    if in_header:
        next(checked, None)
    count = 0
    preview: list[list[str]] = []
    for row in checked:
        count += 1
        if len(preview) < _SHOWN_ROWS:
            preview.append(row)
    if count == 0:
        raise TableError(f"{name} has a header but no rows below it.")
    if count < FEWEST_ROWS:
        rows_have = "row" if count == 1 else "rows"
        raise TableError(
            f"{name} has only {count} {rows_have}; at least {FEWEST_ROWS} are needed to train a "
            "model and to test it."
        )
    if len(columns) < 2:
        raise TableError(
            f"{name} has only one column; a column with labels and at least one other are needed."
        )
    format = {
        "sep": dialect.sep,
        "skipinitialspace": dialect.skipinitialspace,
        "skiprows": skiprows,
        "header": not names,
        "names": names or None,
    }
    return Layout(format, columns, count, preview, notes)


def _skip_preamble(lines: list[str], dialect: Dialect, notes: list[str]) -> tuple[int, bool, str]:
    """How many lines stand before the table, whether its header is a comment, and its lines."""
    plain = [line for line in lines if not COMMENT.match(line)]
    width = usual_width([split_line(line, dialect) for line in plain if line.strip()])
    skipped: list[str] = []
    number, commented = 0, False
    while number < len(lines):
        line = lines[number]
        cells = split_line(line, dialect)
        filled = sum(bool(cell.strip()) for cell in cells)
        following = [split_line(later, dialect) for later in lines[number + 1 : number + 12]]
        following = [row for row in following if row]
        if not cells:
            pass
        elif line.strip().strip('"').lower().startswith("sep=") and not skipped:
            skipped.append("")
        elif COMMENT.match(line):
            # A header may be written as a comment: then rows of data follow at once.
            marked = not COMMENT.match(_next_line(lines, number))
            if marked and _is_commented_header(cells, following, width, dialect):
                commented = lines[number].lstrip()[:1] != '"'
                break
            skipped.append(line)
        elif line.count('"') % 2:
            break
        elif filled <= max(1, width // 2) and (
            (len(cells) < width and width > 1)
            or (filled < width and any(is_header_like(row, width) for row in following))
        ):
            skipped.append(line)
        else:
            break
        number += 1
    if number == len(lines):
        number = 0
    shown = [line.strip() for line in skipped if line]
    if shown and number:
        what = "A line" if len(shown) == 1 else f"{len(shown)} lines"
        notes.append(f"{what} before the table left out: {listed(shown, 3)}.")
    if not (skipped and number):
        # pandas passes over blank lines by itself.
        return 0, commented, "\n".join(lines)
    return number, commented, "\n".join(lines[number:])


def _next_line(lines: list[str], number: int) -> str:
    return next((line for line in lines[number + 1 :] if line.strip()), "")


def _is_commented_header(
    cells: list[str], following: list[list[str]], width: int, dialect: Dialect
) -> bool:
    if dialect.sep == BLANKS and len(cells) == width + 1 and cells[0] in ("#", "%", "//"):
        cells = cells[1:]
    if len(cells) != width or not following or len(following[0]) != width:
        return False
    return not is_header_like(following[0], width) and is_header_like(cells, width)


def _names_from_header(
    rows: list[tuple[int, list[str]]], before: int, commented: bool, notes: list[str]
) -> tuple[list[str] | None, int]:
    """The names if the header cannot be used as it is, and how many lines it then takes.

    The numbers of `rows` count from behind the `before` lines that are skipped already.
    """
    first_line, header = rows[0]
    cells = [row for _, row in rows]
    width = usual_width(cells[1:]) or len(header)
    lines = first_line
    original = list(header)
    if commented:
        original[0] = original[0].lstrip().lstrip("#%/").strip() or original[0]
        if not original[0].strip("#%/ ") and len(original) == width + 1:
            original = original[1:]
        notes.append("The header is written as a comment; it was taken as the header all the same.")
    second = second_header_row(cells)
    if second:
        kept, left = names_row(original, cells[1])
        original, lines = kept, rows[1][0] - sum(cell.count("\n") for cell in header)
        notes.append(
            f"Line {before + rows[1][0]} is no row of data: {listed(left, 4)} (units, or a "
            "second header line) left out."
        )
    if len(original) == width + 1 and not original[-1].strip():
        original = original[:-1]
        notes.append("Only the header ends in a separator, which was left out.")
    elif len(original) == width - 1:
        if all(not row[-1].strip() for row in cells[1 + second :]):
            original = [*original, ""]
        else:
            original = ["row", *original]
            notes.append(
                "The header has one name less than the rows have cells: the first column was "
                f"taken for names of rows and is called {show('row')} here."
            )
    names, changes = repair_names(original)
    notes += changes
    if names == header and not second:
        return None, 0
    return names, lines


def _skip_lines(text: str, count: int) -> tuple[str, int]:
    """The text after some lines as pandas counts them, and how many lines that really were.

    A line break between quotes ends no line for pandas, also where it passes over lines.
    """
    position = lines = 0
    quoted = False
    while count and position < len(text):
        ends = [end for end in (text.find("\n", position), text.find("\r", position)) if end >= 0]
        end = min(ends, default=len(text))
        quoted ^= text.count('"', position, end) % 2 == 1
        position = end + (2 if text.startswith("\r\n", end) else 1)
        lines += 1
        count -= not quoted
    return text[position:], lines


def _checked_rows(
    text: str,
    dialect: Dialect,
    name: str,
    skiprows: int,
    columns: list[str],
    header: list[str] | None,
) -> Iterator[list[str]]:
    """Yield the rows after some lines and refuse those of another width; only the first are split.

    A text without quotes, which is what large tables are, needs no parser: its lines are counted.
    """
    text, offset = _skip_lines(text, skiprows)
    width, shown = len(columns), 0
    ragged: list[tuple[int, int]] = []
    repeated: list[int] = []
    last_line = 0
    if '"' not in text and dialect.sep != BLANKS:
        source: Iterator[tuple[int, int, Any]] = _plain_rows(text, dialect, name, offset, columns)
        again: Any = None if header is None else dialect.sep.join(header)
    else:
        source = _parsed_rows(text, dialect, name, offset, width)
        again = header
    for line, count, row in source:
        last_line = line
        if count != width:
            ragged.append((line, count))
            continue
        if shown and row == again:
            repeated.append(line)
        shown += 1
        first = shown <= _SHOWN_ROWS + 1
        yield (split_line(row, dialect) if isinstance(row, str) else row) if first else []
    if ragged:
        raise _ragged(ragged, width, name, shown, last_line)
    if repeated:
        lines = ", ".join(map(str, repeated[:5])) + (" …" if len(repeated) > 5 else "")
        raise TableError(
            f"{name}, line {lines}: the header is repeated among the rows. Were several tables "
            "put together? Remove the header lines in between."
        )


def _plain_rows(
    text: str, dialect: Dialect, name: str, offset: int, columns: list[str]
) -> Iterator[tuple[int, int, str]]:
    """Line, number of cells, and the line itself, of a text that has no quotes."""
    sep = dialect.sep
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, start=offset + 1):
        if not line or (sep not in line and not line.strip()):
            continue
        if len(line) > LONGEST_CELL:
            lengths = [len(cell) for cell in line.split(sep)]
            if max(lengths) > LONGEST_CELL:
                column = lengths.index(max(lengths))
                where = f", column {show(columns[column])}" if column < len(columns) else ""
                raise TableError(
                    f"{name}, line {number}{where}: a cell has more than {LONGEST_CELL:,} "
                    "characters. Is this column meant for a table?"
                )
        yield number, line.count(sep) + 1, line


def _parsed_rows(
    text: str, dialect: Dialect, name: str, offset: int, width: int
) -> Iterator[tuple[int, int, list[str]]]:
    """Line, number of cells, and the cells, of a text with quotes."""
    for line, row in iterate_rows(text, dialect, name, offset):
        for cell in row:
            if "\n" in cell or "\r" in cell:
                _refuse_swallowed_rows(cell, dialect, name, line + offset, width)
        yield line + offset, len(row), row


def _refuse_swallowed_rows(cell: str, dialect: Dialect, name: str, line: int, width: int) -> None:
    """Two stray quotes can make one cell of all rows between them; nothing else notices."""
    inner = cell.replace("\r\n", "\n").replace("\r", "\n").split("\n")[1:-1]
    alike = [row for row in inner if row.strip() and len(split_line(row, dialect)) == width]
    if len(alike) >= 2 and len(alike) >= 0.8 * len(inner):
        raise TableError(
            f'{name}, line {line}: a quote (") opens in the row that begins here, and the cell '
            f"goes on over {len(inner) + 1} lines that look like rows of their own. Is a closing "
            "quote missing?"
        )


def _ragged(
    ragged: list[tuple[int, int]], width: int, name: str, regular: int, last_line: int
) -> TableError:
    if len(ragged) > regular:
        return TableError(
            f"{name}: the rows differ in their number of cells (line {ragged[0][0]} has "
            f"{ragged[0][1]}, but {width} are expected). Is this a table with one separator?"
        )
    shown = ", ".join(
        f"line {line} has {count} cell{'s' if count > 1 else ''}" for line, count in ragged[:5]
    )
    more = f" (and {len(ragged) - 5} more lines)" if len(ragged) > 5 else ""
    if all(count == 1 for _, count in ragged) and ragged[-1][0] == last_line:
        advice = "Remove remarks and totals that stand below or between the rows."
    else:
        advice = (
            "Complete or remove these rows; a cell that holds the separator itself must be in "
            "quotes."
        )
    return TableError(f"{name}, {shown}{more}, but the table has {width} columns. {advice}")
