"""Look at a table before any code is written for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import TableError
from mlprov_widgets.messages import Note
from mlprov_widgets.tables.columns import Column, describe_column, reasons
from mlprov_widgets.tables.encoding import decode_table
from mlprov_widgets.tables.format import DEFAULTS, check_format
from mlprov_widgets.tables.layout import FEWEST_ROWS, Layout, find_layout
from mlprov_widgets.tables.prose import is_prose
from mlprov_widgets.tables.reading import Reading, read_table
from mlprov_widgets.tables.recent import Recent
from mlprov_widgets.tables.source import table_bytes
from mlprov_widgets.tables.table import Table
from mlprov_widgets.tables.words import Words
from mlprov_widgets.wording import format_list, quote, shorten

if TYPE_CHECKING:
    import pandas as pd

_WIDE = 200
# What is said of a text that is no table, and is no help where it is not meant for one.
_OF_PROSE = (
    "rows_differ",
    "rows_ragged",
    "rows_with_remarks",
    "table_one_column",
    "table_only_header",
    "table_too_few_rows",
    "table_without_separator",
    "text_after_quote",
    "quote_not_closed",
)
_recent: Recent[Table] = Recent()


def inspect_table(
    path: Path | str, *, format: dict[str, Any] | None = None, words: Words = ""
) -> Table:
    """Look at a table of text (CSV) as a careful colleague would.

    Parameters
    ----------
    path : Path or str
        The file.
    format : dict, optional
        Some or all keys of `Table.format`, where they are known; the rest is found out.
    words : str
        What NA, None and the like are in columns of text: ``words`` or ``missing``; by default as
        it seems, column by column.

    Returns
    -------
    Table
        What the notebook will read, column by column. The same object is returned again as long
        as the file does not change.

    Raises
    ------
    TableError
        If the file cannot be used, with the reason, the line and the column where there are any.
    """
    path = Path(path)
    given = {} if format is None else check_format(format)
    given = {key: given[key] for key in format or {}}
    try:
        status = path.stat()
        key = (path.absolute(), status.st_mtime_ns, status.st_size, json.dumps(given), words)
    except (OSError, ValueError):
        table_bytes(path)
        raise TableError("table_gone", file=path) from None
    return _recent.get(key, lambda: _inspect(path, given, words))


def _inspect(path: Path, given: dict[str, Any], words: Words) -> Table:
    file = path.name
    data = table_bytes(path)
    text, encoding, notes = _decoded(data, file, given)
    layout = _layout(text, file, given)
    del text
    for key in ("text", "floats", "numeric", "amounts", "ignore"):
        for column in given.get(key, []):
            if column not in layout.columns:
                raise TableError("table_column_of_format_missing", file=file, column=column)
    found_so_far = {**layout.format, "encoding": encoding}
    reading = read_table(data, found_so_far, given, layout.columns, words)
    frame = reading.frame
    found = len(frame) + reading.empty_rows
    if found != layout.rows:
        raise TableError("table_rows_uncertain", file=file, rows=layout.rows, found=found)
    if len(frame) < FEWEST_ROWS:
        raise TableError(
            "table_too_few_filled_rows", file=file, rows=len(frame), fewest=FEWEST_ROWS
        )
    columns = [
        describe_column(
            column,
            frame[column],
            reading.spellings.get(column, set()),
            [row[position] for row in layout.preview if position < len(row)],
        )
        for position, column in enumerate(layout.columns)
    ]
    format = {key: reading.format.get(key, default) for key, default in DEFAULTS.items()}
    if "ignore" not in given:
        format["ignore"] = [column.name for column in columns if not column.usable]
    width = len(columns)
    return Table(
        path=path,
        rows=len(frame),
        columns=columns,
        format=format,
        notes=[*notes, *layout.notes, *reading.notes, *_notes(columns, reading)],
        preview=[
            [shorten(cell, 80) for cell in [*row, *[""] * width][:width]] for row in layout.preview
        ],
        doubtful_words=reading.doubtful,
        sha256=hashlib.sha256(data).hexdigest(),
        _frame=frame,
        _data=data,
        _chosen_ignore=given.get("ignore"),
    )


def _decoded(data: bytes, file: str, given: dict[str, Any]) -> tuple[str, str, list[Note]]:
    """The text of a file, in the encoding that is given or found out."""
    if "encoding" not in given:
        return decode_table(data, file)
    encoding = given["encoding"]
    try:
        return data.decode(encoding), encoding, []
    except (UnicodeError, LookupError):
        raise TableError("table_not_in_encoding", file=file, encoding=encoding) from None


def _layout(text: str, file: str, given: dict[str, Any]) -> Layout:
    """Where the table is in a text; of running text it is said that it is none."""
    try:
        return find_layout(text, file, given)
    except TableError as error:
        if error.code in _OF_PROSE and is_prose(text):
            start = " ".join(text.split())
            raise TableError("table_is_prose", file=file, start=start) from None
        raise


def _notes(columns: list[Column], reading: Reading) -> Iterator[Note]:
    if reading.empty_rows:
        yield Note("empty_rows_left_out", rows=reading.empty_rows)
    if len(columns) > _WIDE:
        yield Note("columns_many", columns=len(columns))
    cells = [
        f"{quote(one.name)} {one.missing:,}" for one in columns if one.missing and one.distinct
    ]
    if cells:
        spellings = sorted(set().union(*reading.spellings.values()))
        yield Note("cells_missing", cells=format_list(cells, 8), spellings=spellings)
    for kind, what in (("empty", "Empty"), ("date", "Dates"), ("mixed", "Numbers and text mixed")):
        if left_out := [column for column in columns if column.kind == kind]:
            yield Note("columns_left_out", what=what, reasons=reasons(left_out, 4))
    if odd := [column for column in columns if column.reason == "column_sentinel"]:
        yield Note("columns_with_sentinels", reasons=reasons(odd, 4))
    if reading.format["numeric"]:
        yield Note("blanks_removed", columns=reading.format["numeric"])
    naming = [column.name for column in columns if column.kind == "identifier"]
    if repeated := _duplicates(reading.frame.drop(columns=naming)):
        yield Note("rows_repeated", rows=repeated, columns=naming)


def _duplicates(frame: pd.DataFrame) -> int:
    """How many rows are the same as an earlier one."""
    import pandas as pd

    names = [name for name in frame.columns if frame[name].notna().any()]
    if not names:
        return 0
    hashes = pd.util.hash_pandas_object(frame[names], index=False)
    return int(hashes.duplicated().sum())
