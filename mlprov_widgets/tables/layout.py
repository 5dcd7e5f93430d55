"""Which lines of a text are the table: what stands before it, its header, and rows of one width."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from mlprov_widgets.errors import TableError
from mlprov_widgets.messages import Note
from mlprov_widgets.tables.dialect import (
    COMMENT,
    LONGEST_CELL,
    Dialect,
    find_dialect,
    iterate_rows,
    other_quotings,
    sample_lines,
    split_line,
    usual_width,
)
from mlprov_widgets.tables.format import BLANKS
from mlprov_widgets.tables.header import has_header, is_header_like, names_row, second_header_row
from mlprov_widgets.tables.names import repair_names
from mlprov_widgets.tables.source import line_of
from mlprov_widgets.wording import format_count

MOST_COLUMNS = 10_000
FEWEST_ROWS = 10
_SHOWN_ROWS = 6
_DIALECT = tuple(Dialect().format)
# At such a place pandas 2 goes round in a circle until the memory is full.
_ENDLESS = re.compile(r"\r[ \t]*\r[ \t]")


@dataclass
class Layout:
    """Where the table is in its file.

    Parameters
    ----------
    format : dict
        The keys of `Table.format` that say so: ``sep, skipinitialspace, quotechar, escapechar,
        skiprows, header, names``.
    columns : list of str
        The names of the columns, all different.
    rows : int
        How many rows there are below the header; rows of empty cells count, blank lines do not.
    preview : list of list of str
        The cells of the first rows.
    notes : list of Note
        What was skipped or repaired.
    """

    format: dict[str, Any]
    columns: list[str]
    rows: int
    preview: list[list[str]]
    notes: list[Note] = field(default_factory=list)


def find_layout(text: str, file: str, given: dict[str, Any]) -> Layout:
    """Find the table in a text and check that all of its rows have the same width.

    Parameters
    ----------
    text : str
        The whole file.
    file : str
        The file's name for messages.
    given : dict
        Keys of a format that are known already and not to be found out.

    Raises
    ------
    TableError
        If rows differ in width, quotes are wrong, a cell is endless, or there are too few rows.
    """
    if trap := _ENDLESS.search(text):
        raise TableError("table_bare_returns", file=file, line=line_of(text, trap.end()))
    if "sep" in given:
        return _find(text, file, given, Dialect(**{k: given[k] for k in _DIALECT if k in given}))
    dialect = find_dialect(text, file)
    try:
        return _find(text, file, given, dialect)
    except TableError as error:
        # What is quoted in another manner may stand far below what was looked at.
        for other in other_quotings(text, dialect, error):
            with suppress(TableError):
                return _find(text, file, given, other)
        raise


def _find(text: str, file: str, given: dict[str, Any], dialect: Dialect) -> Layout:
    """Find the table where it is known what splits its lines into cells."""
    notes: list[Note] = []
    if "skiprows" in given:
        lines = sample_lines(_skip_lines(text, given["skiprows"], dialect.quotechar)[0])
        skiprows, commented, rest = given["skiprows"], False, "\n".join(lines)
    else:
        skiprows, commented, rest = _skip_preamble(sample_lines(text), dialect, notes)
    # Only rows that are whole: the last one may be cut off, or run into an open quote.
    rows = list(iterate_rows(rest, dialect, strict=False))[:200]
    if not rows:
        raise TableError("table_without_rows", file=file)
    cells = [row for _, row in rows]
    width = max(len(cells[0]), usual_width(cells), len(given.get("names") or ()))
    if width > MOST_COLUMNS:
        raise TableError("table_too_wide", file=file, columns=width, most=MOST_COLUMNS)
    names, header = list(given.get("names") or ()), None
    if not names and (given["header"] if "header" in given else has_header(cells, notes)):
        header = cells[0]
        names, skipped = _names_from_header(rows, skiprows, commented, notes)
        skiprows += skipped
    elif not names:
        names = [f"column_{number}" for number in range(1, usual_width(cells) + 1)]
        notes.append(Note("header_absent", first=names[0], last=names[-1]))
    columns = names or repair_names(cells[0])[0]
    checked = _checked_rows(text, dialect, file, skiprows, columns, header)
    count, preview = _counted(checked, file, has_header=not names)
    if len(columns) < 2:
        raise TableError("table_one_column", file=file)
    format = {
        **dialect.format,
        "skiprows": skiprows,
        "header": not names,
        "names": names or None,
    }
    return Layout(format, columns, count, preview, notes)


def _counted(rows: Iterator[list[str]], file: str, has_header: bool) -> tuple[int, list[list[str]]]:
    """How many rows there are below the header, and the first of them."""
    if has_header:
        next(rows, None)
    preview = list(islice(rows, _SHOWN_ROWS))
    count = len(preview) + sum(1 for _ in rows)
    if count == 0:
        raise TableError("table_only_header", file=file)
    if count < FEWEST_ROWS:
        raise TableError("table_too_few_rows", file=file, rows=count, fewest=FEWEST_ROWS)
    return count, preview


def _skip_preamble(lines: list[str], dialect: Dialect, notes: list[Note]) -> tuple[int, bool, str]:
    """How many lines stand before the table, whether its header is a comment, and its lines."""
    plain = [line for line in lines if not COMMENT.match(line)]
    width = usual_width([split_line(line, dialect) for line in plain if line.strip()])
    skipped: list[str] = []
    commented = False
    for number, line in enumerate(lines):
        cells = split_line(line, dialect)
        filled = sum(bool(cell.strip()) for cell in cells)
        following = [split_line(later, dialect) for later in lines[number + 1 : number + 12]]
        following = [row for row in following if row]
        if not cells:
            continue
        if line.strip().strip('"').lower().startswith("sep=") and not skipped:
            skipped.append("")
        elif COMMENT.match(line):
            # A header may be written as a comment: then rows of data follow at once.
            after = next((later for later in lines[number + 1 :] if later.strip()), "")
            marked = not COMMENT.match(after)
            if marked and _is_commented_header(cells, following, width, dialect):
                commented = line.lstrip()[:1] != dialect.quotechar
                break
            skipped.append(line)
        elif line.count(dialect.quotechar) % 2:
            break
        elif filled <= max(1, width // 2) and (
            (len(cells) < width and width > 1)
            # A title stands in the first cell; above names of rows there may be none.
            or (
                filled < width
                and (cells[0].strip() or not filled)
                and any(is_header_like(row, width) for row in following)
            )
        ):
            skipped.append(line)
        else:
            break
    else:
        number = 0
    if not skipped:
        number = 0  # pandas passes over blank lines by itself
    shown = [line.strip() for line in skipped if line]
    if shown and number:
        notes.append(Note("lines_left_out", count=len(shown), lines=shown))
    return number, commented, "\n".join(lines[number:])


def _is_commented_header(
    cells: list[str], following: list[list[str]], width: int, dialect: Dialect
) -> bool:
    if dialect.sep == BLANKS and len(cells) == width + 1 and cells[0] in ("#", "%", "//"):
        cells = cells[1:]
    if len(cells) != width or not following or len(following[0]) != width:
        return False
    return not is_header_like(following[0], width) and is_header_like(cells, width)


def _names_from_header(
    rows: list[tuple[int, list[str]]], before: int, commented: bool, notes: list[Note]
) -> tuple[list[str], int]:
    """The names if the header cannot be used as it is, and how many lines it then takes.

    The numbers of `rows` count from behind the `before` lines that are skipped already.
    """
    first_line, header = rows[0]
    cells = [row for _, row in rows]
    width = usual_width(cells[1:]) or len(header)
    lines, original = first_line, list(header)
    if commented:
        original[0] = original[0].lstrip().lstrip("#%/").strip() or original[0]
        if not original[0].strip("#%/ ") and len(original) == width + 1:
            original = original[1:]
        notes.append(Note("header_commented"))
    if second := second_header_row(cells):
        original, left = names_row(original, cells[1])
        lines = rows[1][0] - sum(cell.count("\n") for cell in header)
        notes.append(Note("header_second_line", line=before + rows[1][0], cells=left))
    if len(original) == width + 1 and not original[-1].strip():
        original = original[:-1]
        notes.append(Note("header_ends_in_separator"))
    elif len(original) == width - 1:
        if all(not row[-1].strip() for row in cells[1 + second :]):
            original = [*original, ""]
        else:
            original = ["row", *original]
            notes.append(Note("header_one_name_less"))
    names, changes = repair_names(original)
    notes += changes
    return ([], 0) if names == header and not second else (names, lines)


def _skip_lines(text: str, count: int, quotechar: str) -> tuple[str, int]:
    """The text after some lines as pandas counts them, and how many lines that really were.

    A line break between quotes ends no line for pandas, also where it passes over lines.
    """
    position = lines = 0
    quoted = False
    while count and position < len(text):
        ends = [end for end in (text.find("\n", position), text.find("\r", position)) if end >= 0]
        end = min(ends, default=len(text))
        quoted ^= text.count(quotechar, position, end) % 2 == 1
        position = end + (2 if text.startswith("\r\n", end) else 1)
        lines += 1
        count -= not quoted
    return text[position:], lines


def _checked_rows(
    text: str,
    dialect: Dialect,
    file: str,
    skiprows: int,
    columns: list[str],
    header: list[str] | None,
) -> Iterator[list[str]]:
    """Yield the rows after some lines and refuse those of another width; only the first are split.

    A text without quotes, which is what large tables are, needs no parser: its lines are counted.
    """
    text, offset = _skip_lines(text, skiprows, dialect.quotechar)
    width, shown, line = len(columns), 0, 0
    ragged: list[tuple[int, int]] = []
    repeated: list[int] = []
    again: Any = header
    if dialect.quotechar not in text and not dialect.escapechar and dialect.sep != BLANKS:
        source: Iterator[tuple[int, int, Any]] = _plain_rows(text, dialect, file, offset, columns)
        again = None if header is None else dialect.sep.join(header)
    else:
        source = _parsed_rows(text, dialect, file, offset, width)
    for line, count, row in source:
        if count != width:
            ragged.append((line, count))
            continue
        if shown and row == again:
            repeated.append(line)
        shown += 1
        first = shown <= _SHOWN_ROWS + 1
        yield (split_line(row, dialect) if isinstance(row, str) else row) if first else []
    if ragged:
        raise _ragged(ragged, width, file, shown, line)
    if repeated:
        raise TableError("header_repeated", file=file, lines=repeated)


def _plain_rows(
    text: str, dialect: Dialect, file: str, offset: int, columns: list[str]
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
                raise TableError(
                    "cell_too_long",
                    file=file,
                    line=number,
                    column=columns[column] if column < len(columns) else None,
                    most=LONGEST_CELL,
                )
        yield number, line.count(sep) + 1, line


def _parsed_rows(
    text: str, dialect: Dialect, file: str, offset: int, width: int
) -> Iterator[tuple[int, int, list[str]]]:
    """Line, number of cells, and the cells, of a text with quotes."""
    for line, row in iterate_rows(text, dialect, file, offset):
        for cell in row:
            if "\n" in cell or "\r" in cell:
                _refuse_swallowed_rows(cell, dialect, file, line + offset, width)
        yield line + offset, len(row), row


def _refuse_swallowed_rows(cell: str, dialect: Dialect, file: str, line: int, width: int) -> None:
    """Two stray quotes can make one cell of all rows between them; nothing else notices."""
    inner = cell.replace("\r\n", "\n").replace("\r", "\n").split("\n")[1:-1]
    alike = [row for row in inner if row.strip() and len(split_line(row, dialect)) == width]
    if len(alike) >= 2 and len(alike) >= 0.8 * len(inner):
        raise TableError(
            "quote_swallows_rows",
            file=file,
            line=line,
            lines=len(inner) + 1,
            quote=dialect.quotechar,
        )


def _ragged(
    ragged: list[tuple[int, int]], width: int, file: str, regular: int, last_line: int
) -> TableError:
    if width == 1:
        return TableError("table_without_separator", file=file)
    if len(ragged) > regular:
        line, cells = ragged[0]
        return TableError("rows_differ", file=file, line=line, cells=cells, columns=width)
    places = ", ".join(f"line {line} has {format_count(n, 'cell')}" for line, n in ragged[:5])
    places += f" (and {len(ragged) - 5:,} more lines)" if len(ragged) > 5 else ""
    remarks = all(count == 1 for _, count in ragged) and ragged[-1][0] == last_line
    code = "rows_with_remarks" if remarks else "rows_ragged"
    return TableError(code, file=file, places=places, columns=width)
