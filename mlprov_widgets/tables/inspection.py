"""Look at a table before any code is written for it."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import TableError
from mlprov_widgets.tables.columns import Column, describe_column
from mlprov_widgets.tables.encoding import decode
from mlprov_widgets.tables.format import DEFAULTS, check_format
from mlprov_widgets.tables.layout import FEWEST_ROWS, Layout, find_layout
from mlprov_widgets.tables.names import listed, show
from mlprov_widgets.tables.reading import Reading, settle
from mlprov_widgets.tables.source import read_bytes
from mlprov_widgets.tables.table import Table

if TYPE_CHECKING:
    import pandas as pd

_WIDE = 200
_MOST_KEPT = 4
_kept: OrderedDict[tuple[Any, ...], Table] = OrderedDict()


def inspect_table(path: Path | str, *, format: dict[str, Any] | None = None) -> Table:
    """Look at a table of text (CSV) as a careful colleague would.

    Parameters
    ----------
    path : Path or str
        The file.
    format : dict, optional
        Some or all keys of `Table.format`, where they are known; the rest is found out.

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
    try:
        given = {} if format is None else check_format(format)
    except ValueError as error:
        raise TableError(str(error)) from None
    given = {key: given[key] for key in format or {}}
    try:
        status = path.stat()
        key = (path.absolute(), status.st_mtime_ns, status.st_size, json.dumps(given))
    except (OSError, ValueError):
        read_bytes(path)
        raise TableError(f"{show(str(path), 200)} cannot be read.") from None
    if key not in _kept:
        _kept[key] = _inspect(path, given)
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    return _kept[key]


def _inspect(path: Path, given: dict[str, Any]) -> Table:
    name = show(path.name, 60)
    data = read_bytes(path)
    notes: list[str] = []
    if "encoding" in given:
        encoding = given["encoding"]
        try:
            text = data.decode(encoding)
        except (UnicodeError, LookupError):
            raise TableError(f"{name} is not text in the encoding {encoding}.") from None
    else:
        text, encoding, notes = decode(data, name)
    layout = find_layout(text, name, given)
    del text
    for key in ("text", "floats", "numeric", "ignore"):
        for column in given.get(key, []):
            if column not in layout.columns:
                raise TableError(f"{name} has no column {show(column)}, which its format names.")
    reading = settle(data, {**layout.format, "encoding": encoding}, given, layout.columns)
    frame = reading.frame
    if len(frame) + reading.empty_rows != layout.rows:
        raise TableError(
            f"{name}: {layout.rows:,} rows can be counted, but pandas reads "
            f"{len(frame) + reading.empty_rows:,}. Are there stray quotes in it?"
        )
    if len(frame) < FEWEST_ROWS:
        raise TableError(
            f"{name} has only {len(frame)} rows that are not empty; at least {FEWEST_ROWS} are "
            "needed."
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
    notes += layout.notes + reading.notes + _notes(columns, reading, frame)
    return Table(
        path=path,
        rows=len(frame),
        columns=columns,
        format=format,
        notes=notes,
        preview=_preview(layout),
        sha256=hashlib.sha256(data).hexdigest(),
        _frame=frame,
        _data=data,
        _chosen_ignore=given.get("ignore"),
    )


def _preview(layout: Layout) -> list[list[str]]:
    width = len(layout.columns)
    return [
        [cell if len(cell) <= 80 else cell[:79] + "…" for cell in [*row, *[""] * width][:width]]
        for row in layout.preview
    ]


def _notes(columns: list[Column], reading: Reading, frame: pd.DataFrame) -> list[str]:
    notes = []
    if reading.empty_rows:
        rows = (
            "1 empty row is" if reading.empty_rows == 1 else f"{reading.empty_rows} empty rows are"
        )
        notes.append(f"{rows} left out.")
    if len(columns) > _WIDE:
        notes.append(
            f"The table has {len(columns):,} columns; only some are shown, and all that can be "
            "used are."
        )
    with_missing = [column for column in columns if column.missing and column.distinct]
    if with_missing:
        cells = [f"{show(column.name)} {column.missing}" for column in with_missing]
        more = f" and {len(cells) - 8} more columns" if len(cells) > 8 else ""
        words = sorted({text for texts in reading.spellings.values() for text in texts})
        also = f", also written {listed(words, 8)}" if words else ""
        notes.append(
            f"Missing cells: {', '.join(cells[:8])}{more}{also}. Features are filled in "
            "(imputed); rows without a label are left out."
        )
    for kinds, what in (
        (("empty",), "Empty"),
        (("date",), "Dates"),
        (("mixed",), "Numbers and text mixed"),
    ):
        left_out = [column for column in columns if column.kind in kinds]
        if left_out:
            reasons = "; ".join(f"{show(column.name)}: {column.note}" for column in left_out[:4])
            more = f"; and {len(left_out) - 4} more" if len(left_out) > 4 else ""
            notes.append(f"{what}, left out: {reasons}{more}.")
    odd = [column for column in columns if "far from all other values" in column.note]
    if odd:
        notes.append("; ".join(f"{show(column.name)}: {column.note}" for column in odd[:4]) + ".")
    if reading.format["numeric"]:
        notes.append(
            f"Blanks around the numbers in {listed(reading.format['numeric'])} are removed."
        )
    repeated = _duplicates(columns, frame)
    if repeated:
        rows = "1 row repeats" if repeated == 1 else f"{repeated:,} rows repeat"
        notes.append(
            f"{rows} an earlier one; the same row may end up in the training part and in the test "
            "part."
        )
    return notes


def _duplicates(columns: list[Column], frame: pd.DataFrame) -> int:
    """How many rows are the same as an earlier one, whatever identifiers say."""
    import pandas as pd

    names = [column.name for column in columns if column.kind not in ("identifier", "empty")]
    if not names:
        return 0
    hashes = pd.util.hash_pandas_object(frame[names], index=False)
    return int(hashes.duplicated().sum())
