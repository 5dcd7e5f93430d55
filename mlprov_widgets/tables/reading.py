"""Read a table with pandas as the generated notebook will, and find out what that needs."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import TableError
from mlprov_widgets.messages import Note
from mlprov_widgets.tables.format import read_csv_options
from mlprov_widgets.tables.values import (
    PANDAS_MISSING,
    are_groups,
    is_comma_number,
    is_missing,
    is_missing_among_numbers,
    is_point_number,
)
from mlprov_widgets.wording import format_list, quote

if TYPE_CHECKING:
    import pandas as pd

# Larger numbers overflow 32-bit floating point as soon as a model computes with them.
LARGEST_NUMBER = 1e30
# pandas takes tables with more cells in pieces, and may give each piece of a column another type.
_CELLS_IN_ONE_PIECE = 200_000
_MOST_SPELLINGS = 200


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
    """

    data: bytes
    columns: list[str]
    format: dict[str, Any]
    frame: pd.DataFrame
    empty_rows: int = 0
    spellings: dict[str, set[str]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    grouped: set[str] = field(default_factory=set)

    def texts(self, names: list[str]) -> dict[str, list[str]]:
        """The different cells of some columns as they are in the file."""
        if not names:
            return {}
        raw = read_raw(self.data, self.format, [self.columns.index(name) for name in names])
        return {name: list(raw[name].unique()) for name in names}

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
    bare = {**format, "text": [], "floats": [], "numeric": [], "na_values": []}
    return read_frame(
        data, bare, usecols=columns, dtype="str", keep_default_na=False, na_filter=False
    )


def to_numbers(column: pd.Series) -> pd.Series:
    """What the notebook does with the columns in ``numeric``."""
    import pandas as pd

    return pd.to_numeric(column.str.strip())


def read_table(
    data: bytes, layout: dict[str, Any], given: dict[str, Any], columns: list[str]
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

    Raises
    ------
    TableError
        If pandas finds another table than the one that was looked at.
    """
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    format = {**layout, "decimal": ".", "na_values": [], "text": [], "floats": [], "numeric": []}
    format |= given
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
    kinds = {name: frame[name].dtype for name in columns}
    values = reading.texts(
        [name for name, kind in kinds.items() if is_bool_dtype(kind) or not is_numeric_dtype(kind)]
    )
    if "decimal" not in given:
        _find_decimal(reading, values)
        if format["decimal"] == ".":
            _note_point_groups(reading)
    number = is_comma_number if format["decimal"] == "," else is_point_number
    either = {
        name
        for name, texts in values.items()
        if name not in reading.grouped and _are_numbers(texts, number)
    }
    spellings = {name: _missing_texts(texts, name in either) for name, texts in values.items()}
    reading.spellings = {name: texts for name, texts in spellings.items() if texts}
    _find_infinite(reading, values, either)
    if "na_values" not in given:
        format["na_values"] = _na_values(reading.spellings, values)
    # What pandas read as numbers may become text when a spelling of "missing" is taken away.
    either |= set(columns) - set(values)
    _read_typed(reading, either)
    return reading


def _filled(texts: list[str]) -> list[str]:
    return [text for text in texts if not is_missing_among_numbers(text)]


def _are_numbers(texts: list[str], number: Callable[[str], bool]) -> bool:
    """Whether all cells are numbers with one decimal sign, or say that there is none."""
    filled = _filled(texts)
    # Where the sign is a comma, a column may have points instead, but not both.
    if number is is_comma_number and any("." in text for text in filled):
        number = is_point_number
    return bool(filled) and all(map(number, filled))


def _missing_texts(texts: list[str], among_numbers: bool) -> set[str]:
    """The cells that mean "missing" and that pandas does not take for missing by itself."""
    test = is_missing_among_numbers if among_numbers else is_missing
    return {text for text in texts if text not in PANDAS_MISSING and test(text)}


def _find_decimal(reading: Reading, values: dict[str, list[str]]) -> None:
    """Set the decimal sign: a comma if numbers are written with one that is not for thousands."""
    filled = {name: _filled(texts) for name, texts in values.items()}
    with_commas = {
        name: texts
        for name, texts in filled.items()
        if all(map(is_comma_number, texts)) and any("," in text for text in texts)
    }
    if not with_commas:
        return
    every_comma = [text for texts in with_commas.values() for text in texts]
    pointed = {
        name: texts
        for name, texts in reading.texts(reading.floats()).items()
        if any("." in text for text in texts)
    }
    if are_groups(every_comma, ","):
        if reading.format["sep"] == "," or pointed:
            return
        example = next(text for text in every_comma if "," in text)
        reading.notes.append(Note("comma_is_decimal", columns=list(with_commas), example=example))
    reading.format["decimal"] = ","
    values |= pointed
    reading.grouped = {
        name
        for name, texts in (filled | pointed).items()
        if name not in with_commas and are_groups(_filled(texts), ".")
    }
    if mixed := [name for name in pointed if name not in reading.grouped]:
        reading.notes.append(Note("decimal_signs_mixed", commas=list(with_commas), points=mixed))


def _note_point_groups(reading: Reading) -> None:
    """Say where points were read as decimal signs that look like signs between thousands."""
    suspects = []
    for name in reading.floats():
        present = reading.frame[name].dropna().abs()
        broken = present[present % 1 != 0]
        # Cheap, and enough to pass over nearly all columns: 1.037 is 1037 thousandths.
        if len(broken) > 2 and broken.min() >= 1 and broken.max() < 1000:
            thousandths = broken * 1000
            if bool(((thousandths - thousandths.round()).abs() < 1e-6).all()):
                suspects.append(name)
    found = {}
    for name, texts in reading.texts(suspects).items():
        filled = _filled(texts)
        whole = [text for text in filled if "." not in text]
        # A column of 1.037 alone is often one of thousandths; beside 950 it seldom is.
        if are_groups(filled, ".") and whole and all(len(text.strip("+- ")) < 4 for text in whole):
            found[name] = next(text for text in filled if "." in text)
    if found:
        example = next(iter(found.values()))
        reading.notes.append(Note("point_is_decimal", columns=list(found), example=example))


def _find_infinite(reading: Reading, values: dict[str, list[str]], numbers: set[str]) -> None:
    """Take numbers without bound, or too large to compute with, for missing values."""
    frame = reading.frame
    texts = reading.texts(
        [name for name in reading.floats() if (frame[name].abs() > LARGEST_NUMBER).any()]
    )
    texts |= {name: cells for name, cells in values.items() if name in numbers}
    found: list[str] = []
    for name, cells in texts.items():
        large = {cell for cell in cells if _is_too_large(cell)}
        if len(large) > min(_MOST_SPELLINGS, max(2, len(cells) // 2)):
            # Not a few odd cells but what the column is: as text it does no harm.
            reading.format["text"] = [*reading.format["text"], name]
            numbers.discard(name)
            example = min(large, key=len)
            reading.notes.append(Note("numbers_too_large", column=name, example=example))
        elif large:
            reading.spellings.setdefault(name, set()).update(large)
            found.append(f"{quote(name)} ({format_list(map(quote, sorted(large)), 3)})")
    if found:
        reading.notes.append(Note("numbers_taken_for_missing", columns=found))


def _is_too_large(cell: str) -> bool:
    try:
        return abs(float(cell.strip().replace(",", "."))) > LARGEST_NUMBER
    except ValueError:
        return False


def _na_values(
    spellings: dict[str, set[str]], values: dict[str, list[str]]
) -> list[str] | dict[str, list[str]]:
    """One list for the whole table, unless a text means "missing" in some columns only."""
    every = set().union(*spellings.values())
    for name, texts in values.items():
        if every.intersection(texts) - spellings.get(name, set()):
            return {name: sorted(texts) for name, texts in spellings.items()}
    return sorted(every)


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
            if name in format["numeric"] or name in format["text"]:
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


def _converts(column: pd.Series) -> bool:
    from pandas.api.types import is_numeric_dtype

    try:
        return bool(is_numeric_dtype(to_numbers(column).dtype))
    except (ValueError, TypeError, OverflowError):
        return False
