"""Read a table with pandas as the generated notebook will, and find out what that needs."""

from __future__ import annotations

import copy
import io
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import TableError
from mlprov_widgets.messages import Note
from mlprov_widgets.tables.amounts import Style, to_amounts
from mlprov_widgets.tables.format import DEFAULTS, read_csv_options
from mlprov_widgets.tables.missing import (
    ESCAPED_NULL,
    PANDAS_NULL,
    find_words,
    has_escaped_nulls,
    missing_texts,
    set_missing,
)
from mlprov_widgets.tables.numbers import (
    are_numbers,
    find_amounts,
    find_decimal,
    find_infinite,
    find_long,
    note_point_groups,
)
from mlprov_widgets.tables.values import is_comma_number, is_point_number
from mlprov_widgets.tables.words import Words

if TYPE_CHECKING:
    import pandas as pd

# pandas takes tables with more cells in pieces, and may give each piece of a column another type.
_CELLS_IN_ONE_PIECE = 200_000


@dataclass
class Reading:
    """A table as the notebook will have it.

    Parameters
    ----------
    data : bytes
        The whole file.
    columns : list of str
        The names of the columns.
    format : dict
        All keys of `Table.format` but ``ignore``, which is left as it was.
    frame : pandas.DataFrame
        Without empty rows. Columns are numbers (float64, int64, uint64) or text, never else.
    empty_rows : int
        How many rows were left out because all of their cells are empty.
    spellings : dict
        Column to the texts that mean "missing" there, beyond those that pandas knows.
    notes : list of Note
        What is unusual about numbers and decimal signs.
    grouped : set of str
        Columns whose points are signs between thousands.
    styles : dict of str to Style
        Columns whose numbers are written in a style of their own.
    doubtful : dict of str to list of str
        Columns of text to the words in them that might mean that there is no value.
    has_escaped_nulls : bool
        Whether a cell without a value is written as a backslash and N.
    """

    data: bytes
    columns: list[str]
    format: dict[str, Any]
    frame: pd.DataFrame
    empty_rows: int = 0
    spellings: dict[str, set[str]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    grouped: set[str] = field(default_factory=set)
    styles: dict[str, Style] = field(default_factory=dict)
    doubtful: dict[str, list[str]] = field(default_factory=dict)
    has_escaped_nulls: bool = False

    def texts(self, names: list[str]) -> dict[str, list[str]]:
        """The different cells of some columns as they are in the file."""
        if not names:
            return {}
        raw = read_raw(self.data, self.format, [self.columns.index(name) for name in names])
        return {name: self._as_written(list(raw[name].unique())) for name in names}

    def cells(self, name: str) -> list[str]:
        """All cells of a column as they are in the file."""
        return self._as_written(
            list(read_raw(self.data, self.format, [self.columns.index(name)])[name])
        )

    def _as_written(self, cells: list[str]) -> list[str]:
        r"""Cells with \N, of which pandas leaves N where a backslash escapes what follows it."""
        if not self.has_escaped_nulls:
            return cells
        return [ESCAPED_NULL if cell == PANDAS_NULL else cell for cell in cells]

    def floats(self) -> list[str]:
        """The columns that pandas read as floating-point numbers."""
        from pandas.api.types import is_float_dtype

        return [name for name in self.columns if is_float_dtype(self.frame[name].dtype)]


def read_frame(
    data: bytes, format: dict[str, Any], target: str | None = None, **more: Any
) -> pd.DataFrame:
    """Read a table with the very options that the notebook uses; `more` overrides some."""
    import pandas as pd

    options = read_csv_options(format, target) | more
    with warnings.catch_warnings():
        # A column with several types is found by looking at it, not by this warning.
        warnings.simplefilter("ignore", pd.errors.DtypeWarning)
        warnings.simplefilter("ignore", pd.errors.ParserWarning)
        try:
            return pd.read_csv(io.BytesIO(data), **options)
        except (ValueError, TypeError, OverflowError, LookupError, UnicodeError) as error:
            first = (str(error).splitlines() or [type(error).__name__])[0]
            raise TableError("pandas_cannot_read", reason=first) from None


def read_raw(data: bytes, format: dict[str, Any], columns: list[int]) -> pd.DataFrame:
    """The cells of some columns (by position) as the text that they are, nothing missing."""
    bare = {**format, "text": [], "floats": [], "numeric": [], "na_values": [], "thousands": None}
    bare["keep_default_na"] = False
    return read_frame(data, bare, usecols=columns, dtype="str", na_filter=False)


def to_numbers(column: pd.Series) -> pd.Series:
    """What the notebook does with the columns in ``numeric``."""
    import pandas as pd

    return pd.to_numeric(column.str.strip())


def read_table(
    data: bytes,
    layout: dict[str, Any],
    given: dict[str, Any],
    columns: list[str],
    words: Words = "",
) -> Reading:
    """Find decimal sign, missing values and types, so that every column is numbers or text.

    Parameters
    ----------
    data : bytes
        The whole file.
    layout : dict
        The keys of a format that say where the table is, and its encoding.
    given : dict
        Keys of a format that are known already and not to be found out.
    columns : list of str
        The names that are expected.
    words : str
        How words such as NA are taken in columns of text: ``words``, ``missing``, or as it seems.

    Raises
    ------
    TableError
        If pandas finds another table than the one that was looked at.
    """
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    format = {**copy.deepcopy(DEFAULTS), **layout, **given}
    frame = read_frame(data, format, low_memory=False)
    found = list(map(str, frame.columns))
    if found != columns:
        raise TableError(
            "columns_uncertain",
            found=len(found),
            found_names=found,
            wanted=len(columns),
            wanted_names=columns,
        )
    reading = Reading(data, columns, format, frame)
    reading.has_escaped_nulls = format["escapechar"] is not None and has_escaped_nulls(data)
    kinds = {name: frame[name].dtype for name in columns}
    values = reading.texts(
        [name for name, kind in kinds.items() if is_bool_dtype(kind) or not is_numeric_dtype(kind)]
    )
    numbers = _find_numbers(reading, values, given)
    kept = find_words(reading, values, numbers, words) if "na_values" not in given else {}
    spellings = {
        name: missing_texts(texts, name in numbers) - kept.get(name, set())
        for name, texts in values.items()
    }
    reading.spellings = {name: texts for name, texts in spellings.items() if texts}
    find_infinite(reading, values, numbers)
    if "na_values" not in given:
        set_missing(reading, values, kept)
    # What pandas read as numbers may become text when a spelling of "missing" is taken away.
    _read_typed(reading, numbers | (set(columns) - set(values)))
    return reading


def _find_numbers(
    reading: Reading, values: dict[str, list[str]], given: dict[str, Any]
) -> set[str]:
    """Find how numbers are written, and the columns that are numbers although pandas sees text."""
    format = reading.format
    if "decimal" not in given:
        find_decimal(reading, values)
    if "text" not in given:
        find_long(reading, values)
    number = is_comma_number if format["decimal"] == "," else is_point_number
    plain = {
        name
        for name, texts in values.items()
        if name not in reading.grouped and are_numbers(texts, number)
    }
    if not {"decimal", "thousands", "amounts"} & set(given):
        find_amounts(reading, values, plain)
    if "decimal" not in given and format["decimal"] == ".":
        note_point_groups(reading)
    return plain | set(reading.styles) | set(format["amounts"])


def _read_typed(reading: Reading, numbers: set[str]) -> None:
    """Read with the recipe until each column is numbers or text, and keep the result."""
    from pandas.api.types import infer_dtype, is_bool_dtype, is_numeric_dtype

    format, columns = reading.format, reading.columns
    large = len(reading.frame) * len(columns) > _CELLS_IN_ONE_PIECE
    for _ in range(6):
        try:
            frame = read_frame(reading.data, format)
        except TableError:
            if not format["floats"]:
                raise
            format["text"], format["floats"] = [*format["text"], *format["floats"]], []
            continue
        changed = False
        for name in columns:
            column = frame[name]
            if is_numeric_dtype(column.dtype) and not is_bool_dtype(column.dtype):
                continue
            if any(name in format[key] for key in ("numeric", "text", "amounts")):
                continue
            if name in reading.styles:
                format["amounts"] = {**format["amounts"], name: reading.styles[name].format}
                changed = True
                continue
            kind = infer_dtype(column, skipna=True)
            if name in numbers and kind == "string" and _converts(column):
                key = "numeric"
            elif name in numbers or kind in ("integer", "floating", "mixed-integer-float"):
                key = "floats"
            elif kind not in ("string", "empty") or large:
                key = "text"
            else:
                continue
            format[key] = [*format[key], name]
            changed = True
        if not changed:
            break
    for name in format["numeric"]:
        if not is_numeric_dtype(frame[name].dtype):
            if not _converts(frame[name]):
                raise TableError("column_not_numeric", column=name)
            frame[name] = to_numbers(frame[name])
    for name, style in format["amounts"].items():
        if not _converts(frame[name], Style(**style)):
            raise TableError("column_not_numeric", column=name)
        frame[name] = to_amounts(frame[name], Style(**style))
    kept = frame.dropna(how="all")
    reading.empty_rows, reading.frame = len(frame) - len(kept), kept
    infinite = [
        name
        for name in columns
        if is_numeric_dtype(kept[name].dtype)
        and (kept[name].astype("float64").abs() == float("inf")).any()
    ]
    if infinite:
        raise TableError("column_infinite", columns=infinite)


def _converts(column: pd.Series, style: Style | None = None) -> bool:
    from pandas.api.types import is_numeric_dtype

    try:
        found = to_amounts(column, style) if style else to_numbers(column)
        return bool(is_numeric_dtype(found.dtype))
    except (ValueError, TypeError, OverflowError, AttributeError):
        return False
