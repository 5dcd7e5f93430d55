"""How the lines of a text fall into cells: the separator, and rows with their line numbers."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import chain, islice
from typing import Any

from mlprov_widgets.errors import TableError
from mlprov_widgets.tables.format import BLANKS
from mlprov_widgets.tables.header import is_header_like
from mlprov_widgets.tables.values import is_point_number

# Python's csv module allows no longer cell, and no table of features needs one.
LONGEST_CELL = 131_072
_SEPARATORS = (",", ";", "\t", "|")
_SAMPLE_LINES = 400
_SAMPLE_CHARACTERS = 2_000_000
_SAMPLE_CELLS = 100_000
_FEWEST_LINES = 10
COMMENT = re.compile(r"\s*(#|%|//)")
# A cell between single quotes, which stand beside separators, blanks and ends of lines only.
_SINGLE_QUOTED = re.compile(r"(?<![^,;\t| \r\n])'[^'\n]*'(?![^,;\t| \r\n])")
# With a separator that leaves the first row whole, although another one makes names of it.
_HEADER_NOT_SPLIT = 0.3
# Errors that the rows of another manner of quoting may not have.
_WRONG_QUOTES = (
    "text_after_quote",
    "quote_not_closed",
    "quote_swallows_rows",
    "rows_ragged",
    "rows_differ",
    "rows_with_remarks",
    "cell_too_long_in_row",
)


@dataclass(frozen=True)
class Dialect:
    """What splits a line into cells.

    Parameters
    ----------
    sep : str
        One character, or `BLANKS` for any run of blanks and tabs.
    skipinitialspace : bool
        Whether blanks after a separator do not belong to the cell.
    quotechar : str
        What stands around a cell that holds the separator.
    escapechar : str, optional
        What stands before a quote that is part of a cell.
    """

    sep: str = ","
    skipinitialspace: bool = False
    quotechar: str = '"'
    escapechar: str | None = None

    @property
    def format(self) -> dict[str, Any]:
        """The same as keys of `Table.format`."""
        return asdict(self)


def sample_lines(text: str) -> list[str]:
    """The first lines of a text, without their ends, a few hundred at most."""
    head = text[:_SAMPLE_CHARACTERS]
    lines = head.replace("\r\n", "\n").replace("\r", "\n").split("\n", _SAMPLE_LINES)
    whole = len(head) == len(text) and len(lines) <= _SAMPLE_LINES
    return lines if whole or len(lines) == 1 else lines[:-1]


def _reader(text: str, dialect: Dialect, strict: bool) -> Any:
    lines: Iterable[str] = io.StringIO(text, newline="")
    blanks = dialect.sep == BLANKS
    if blanks:
        lines = (line.replace("\t", " ").strip(" \r\n") + "\n" for line in lines)
    return csv.reader(
        lines,
        delimiter=" " if blanks else dialect.sep,
        skipinitialspace=blanks or dialect.skipinitialspace,
        quotechar=dialect.quotechar,
        escapechar=dialect.escapechar,
        strict=strict,
    )


def iterate_rows(
    text: str, dialect: Dialect, file: str = "", offset: int = 0, *, strict: bool = True
) -> Iterator[tuple[int, list[str]]]:
    """Yield the line, from 1, on which a row begins, and the row's cells; blank lines are left out.

    Parameters
    ----------
    text : str
        The table, or lines of it.
    dialect : Dialect
        What splits lines into cells.
    file : str
        The file's name for messages.
    offset : int, default 0
        How many lines of the file stand before the text; for messages only.
    strict : bool, default True
        Whether wrong quotes and endless cells are refused; else the rows end there.

    Raises
    ------
    TableError
        If `strict`, and quotes are wrong or a cell is too long.
    """
    reader = _reader(text, dialect, strict)
    line = 1
    try:
        for row in reader:
            if len(row) > 1 or (row and row[0].strip()):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        if strict:
            lines = line, reader.line_num
            raise _explain(error, text, file, offset, lines, dialect) from None


def split_line(line: str, dialect: Dialect) -> list[str]:
    """The cells of one line; an open quote ends with it, and a blank line has none."""
    return next((row for _, row in iterate_rows(line, dialect, strict=False)), [])


def _rows_of_sample(lines: list[str], dialect: Dialect) -> list[list[str]]:
    kept = "\n".join(line for line in lines if not COMMENT.match(line))
    return [row for _, row in iterate_rows(kept, dialect, strict=False)]


def _is_clean(cell: str, sep: str) -> bool:
    """Whether nothing in a cell looks like another separator; a decimal comma does not."""
    if sum(map(is_point_number, cell.split()[:3])) > 1:
        return False
    if any(other in cell for other in _SEPARATORS[1:] if other != sep):
        return False
    return sep == "," or "," not in cell or is_point_number(cell.replace(",", "."))


def usual_width(rows: list[list[str]]) -> int:
    """How many cells most rows have."""
    widths = Counter(len(row) for row in rows)
    return max(widths, key=lambda width: (widths[width], width)) if widths else 0


def find_dialect(text: str, file: str) -> Dialect:
    """Find the separator of a table, and how its cells are quoted.

    Parameters
    ----------
    text : str
        The whole table.
    file : str
        The file's name for messages.

    Raises
    ------
    TableError
        If no separator gives rows of equal length.
    """
    lines = sample_lines(text)
    first = next((line.strip() for line in lines if line.strip()), "")
    # Excel writes such a line, and reads it; what stands after it may be a tab, which is stripped.
    declared = re.fullmatch(r"sep=([^\"]?)", first.strip('"'), re.IGNORECASE)
    if declared:
        lines = lines[next(n for n, line in enumerate(lines) if line.strip()) + 1 :]
    seps = ((declared[1] or "\t"),) if declared else _SEPARATORS
    best, most = Dialect(""), (-1.0, 0.0)
    for quoting in _quotings("\n".join(lines)):
        found = replace(quoting, sep=seps[0] if declared else _best_separator(lines, quoting))
        # In doubt cells are quoted as they are nearly everywhere.
        if found.sep and (fit := _fit(lines, found)) > most:
            best, most = found, fit
    if not best.sep:
        raise TableError("table_without_separator", file=file)
    return replace(best, skipinitialspace=_has_leading_blanks(lines, best))


def other_quotings(text: str, dialect: Dialect, error: TableError) -> list[Dialect]:
    """Further manners of quoting, one of which may read what failed with an error."""
    if error.code not in _WRONG_QUOTES:
        return []
    return [
        replace(dialect, quotechar=one.quotechar, escapechar=one.escapechar)
        for one in _quotings(text)
        if (one.quotechar, one.escapechar) != (dialect.quotechar, dialect.escapechar)
    ]


def _quotings(text: str) -> Iterator[Dialect]:
    """The manners in which the cells of a text may be quoted, the usual one first."""
    escapes = re.search(r"\\[\"',;\t|]", text) is not None
    single = _SINGLE_QUOTED.search(text) is not None
    yield Dialect()
    if escapes:
        yield Dialect(escapechar="\\")
    if single:
        yield Dialect(quotechar="'")
    if escapes and single:
        yield Dialect(quotechar="'", escapechar="\\")


def _fit(lines: list[str], dialect: Dialect) -> tuple[float, float]:
    """How well a manner of reading fits: the share of regular rows, and that of clean columns."""
    kept = "\n".join(line for line in lines if not COMMENT.match(line))
    blanks = replace(dialect, skipinitialspace=True)
    rows = [row for _, row in iterate_rows(kept, blanks, strict=False)]
    width = usual_width(rows)
    regular = [row for row in rows if len(row) == width]
    fit = len(regular) / max(1, len(rows))
    if rows and len(rows[0]) < width:
        fit -= 0.05
    try:
        for _ in iterate_rows(kept, blanks):
            pass
    except TableError as error:
        # The sample may end in the middle of a quoted cell.
        fit -= error.code != "quote_not_closed"
    columns = list(zip(*regular, strict=True))
    wrapped = sum(_is_wrapped(column) for column in columns)
    names = bool(rows) and all(map(_is_in_single_quotes, rows[0]))
    return round(fit, 2), -1.0 if names else -wrapped / max(1, len(columns))


def _is_in_single_quotes(cell: str) -> bool:
    return len(cell) > 1 and cell[0] == cell[-1] == "'"


def _is_wrapped(column: Iterable[str]) -> bool:
    """Whether single quotes still stand around the cells of a column."""
    filled = [cell.strip() for cell in islice(column, 1, None) if cell.strip()]
    return len(filled) > 2 and sum(map(_is_in_single_quotes, filled)) >= 0.9 * len(filled)


def _best_separator(lines: list[str], quoting: Dialect) -> str:
    """The one with the most rows of one width and the cleanest cells; empty where there is none."""
    best, most, cleanest = "", 0.0, 0.0
    found = []
    for sep in _SEPARATORS:
        rows = _rows_of_sample(lines, replace(quoting, sep=sep, skipinitialspace=True))
        width = usual_width([row for row in rows if len(row) > 1])
        regular = [row for row in rows if len(row) == width]
        if not regular:
            continue
        cells = list(islice(chain.from_iterable(regular[:100]), _SAMPLE_CELLS))
        clean = sum(_is_clean(cell, sep) for cell in cells) / len(cells)
        score = len(regular) / len(rows) * (0.3 + 0.7 * clean)
        # Below a title there is no row yet.
        whole = all(len(row) == width for row in rows[:2])
        found.append((sep, score, clean, whole and is_header_like(rows[0], width)))
    names = any(has_names for *_, has_names in found)
    for sep, score, clean, has_names in found:
        if names and not has_names:
            score *= _HEADER_NOT_SPLIT
        if score > most:
            best, most, cleanest = sep, score, clean
    if not names and _is_all_split_by_blanks(lines, quoting):
        return BLANKS
    blanks = cleanest < 0.7 and _is_split_by_blanks(lines, quoting, header=names)
    return BLANKS if blanks else best


def _has_leading_blanks(lines: list[str], dialect: Dialect) -> bool:
    if dialect.sep in (" ", BLANKS):
        return False
    kept = [line for line in lines if f"{dialect.sep} " in line and not COMMENT.match(line)]
    return any(cell.startswith(" ") for row in _rows_of_sample(kept, dialect) for cell in row[1:])


def _is_all_split_by_blanks(lines: list[str], quoting: Dialect) -> bool:
    """Whether blanks, and they alone, make names of the first row and as many cells of each."""
    rows = _rows_of_sample(lines, replace(quoting, sep=BLANKS))
    widths = {len(row) for row in rows}
    return (
        len(rows) > _FEWEST_LINES
        and len(widths) == 1
        and widths != {1}
        and is_header_like(rows[0], len(rows[0]))
        and not rows[0][-1].endswith((".", "!", "?", ":"))
    )


def _is_split_by_blanks(lines: list[str], quoting: Dialect, *, header: bool) -> bool:
    """Whether blanks part numbers, and, if it has to be, the header."""
    rows = _rows_of_sample(lines, replace(quoting, sep=BLANKS))
    width = usual_width(rows)
    if header and len(rows[0]) != width:
        return False
    regular = [row for row in rows if len(row) == width]
    if width < 2 or len(regular) < max(2, 0.9 * len(rows)):
        return False
    cells = [cell for row in regular for cell in row]
    quoted = sum(
        f"{quoting.quotechar} " in line or f" {quoting.quotechar}" in line for line in lines
    )
    # Words alone may be a text, unless some in each line are in quotes.
    return quoted >= 0.8 * len(rows) or sum(map(is_point_number, cells)) >= 0.4 * len(cells)


def _opening_quote(text: str, first_line: int, dialect: Dialect) -> int:
    """The line on which the quote opens that is still open at the end of the text."""
    lines = islice(io.StringIO(text, newline=None), first_line - 1, None)
    rest = "".join(lines).rstrip("\n") + "\n"
    # The last cell has all that stands behind that quote.
    row: list[str] = list(_reader(rest, dialect, strict=False))[-1]
    return first_line + rest.count("\n") - row[-1].count("\n")


def _explain(
    error: csv.Error, text: str, file: str, offset: int, lines: tuple[int, int], dialect: Dialect
) -> TableError:
    """What the csv module found wrong in the row between two lines; it has words for it only."""
    first_line, last_line = lines[0] + offset, lines[1] + offset
    if "field larger" in str(error):
        return TableError("cell_too_long_in_row", file=file, line=first_line, most=LONGEST_CELL)
    if "unexpected end" in str(error):
        line = _opening_quote(text, lines[0], dialect) + offset
        return TableError("quote_not_closed", file=file, line=line, quote=dialect.quotechar)
    return TableError(
        "text_after_quote",
        file=file,
        line=last_line,
        first_line=first_line if first_line != last_line else None,
        quote=dialect.quotechar,
        backslash="\\" if f"\\{dialect.quotechar}" in text else "",
    )
