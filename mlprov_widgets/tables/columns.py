"""What each column of a table is: its kind, and whether it is of use as a feature."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mlprov_widgets.tables.names import show
from mlprov_widgets.tables.values import (
    are_dates,
    are_digit_dates,
    decorated_numbers,
    is_boolean_pair,
    is_comma_number,
    is_number,
)

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["number", "integer", "boolean", "text", "date", "identifier", "empty", "mixed"]

MOST_CATEGORIES = 50
ZEROS_IN_FRONT = "zeros in front"
_IDENTIFIER_NAME = re.compile(
    r"(^|[^a-z])(id|ids|uuid|guid|idx|index|key|nr|no|row|rownames|serial)([^a-z]|$)|_?id$|number$",
    re.IGNORECASE,
)
_SENTINELS = (-9, -99, -999, -9999, -99999, 999, 9999, 99999, 999999)
_SAMPLE = 2_000
# With a smaller share of values the training part may have none at all.
_FEWEST_VALUES = 0.05


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        Its name in the notebook.
    kind : str
        ``number``, ``integer``, ``boolean`` (yes and no, in words), ``text``, ``date``,
        ``identifier`` (a different value in each row), ``empty`` or ``mixed`` (numbers and text).
    missing : int
        How many cells have no value, of the rows that are not wholly empty.
    distinct : int
        How many different values there are.
    example : str
        One value as text, shortened.
    usable : bool
        Whether it is a feature by default.
    note : str
        Why it is not, or what is to be known about it; may be empty.
    """

    name: str
    kind: Kind
    missing: int
    distinct: int
    example: str
    usable: bool
    note: str


def describe_column(
    name: str, values: pd.Series, spellings: set[str], first_cells: list[str]
) -> Column:
    """Describe a column as the notebook has it.

    Parameters
    ----------
    name : str
        Its name.
    values : pandas.Series
        Numbers or text, with missing values.
    spellings : set of str
        The texts in the file that were taken for missing, beyond those that pandas knows.
    first_cells : list of str
        The first cells of the column as they are in the file.
    """
    from pandas.api.types import is_numeric_dtype

    missing = int(values.isna().sum())
    distinct = int(values.nunique())
    present = values.dropna()
    example = "" if present.empty else show(str(present.iloc[0]))[1:-1]
    kind: Kind
    if distinct == 0:
        kind, usable, note = "empty", False, "it has no values"
    elif is_numeric_dtype(values.dtype):
        kind, usable, note = _describe_numbers(name, present, distinct)
        if not note and any(re.fullmatch(r"0\d+", cell.strip()) for cell in first_cells):
            note = ZEROS_IN_FRONT
    else:
        kind, usable, note = _describe_text(present, distinct)
    if usable and len(present) < _FEWEST_VALUES * len(values):
        usable, note = False, f"only {len(present)} of its cells have a value"
    elif distinct == 1 and usable:
        usable, note = False, f"it has the same value ({show(example)}) in all rows"
    if missing and distinct:
        spelled = ", ".join(show(text, 20) for text in sorted(spellings)[:8])
        cells = f"{missing} missing" + (f" (also written {spelled})" if spelled else "")
        note = f"{note}; {cells}" if note else cells
    return Column(name, kind, missing, distinct, example, usable, note)


def _describe_numbers(name: str, present: pd.Series, distinct: int) -> tuple[Kind, bool, str]:
    from pandas.api.types import is_integer_dtype

    whole = is_integer_dtype(present.dtype) or bool((present % 1 == 0).all())
    if not whole:
        return "number", True, _sentinel(present)
    if distinct == len(present) and len(present) >= 10:
        first = present.iloc[0]
        counts_up = bool((present.diff().iloc[1:] == 1).all()) and first in (0, 1)
        if counts_up or _IDENTIFIER_NAME.search(name):
            return "identifier", False, "it only numbers the rows"
    if are_digit_dates([str(int(value)) for value in present.unique()[:_SAMPLE]]):
        return "date", False, f"its numbers are days, such as {int(present.iloc[0])}"
    return "integer", True, _sentinel(present)


def _sentinel(present: pd.Series) -> str:
    """A value such as -999 that lies far from all others stands for "missing", perhaps."""
    for value in {present.min(), present.max()} & set(_SENTINELS):
        times = int((present == value).sum())
        others = present[present != value].astype("float64")
        if times < 2 or others.nunique() < 3:
            continue
        spread = float(others.max() - others.min())
        distance = min(abs(float(value) - others.max()), abs(float(value) - others.min()))
        if distance > 5 * spread:
            return (
                f"{value:g} occurs {times} times, far from all other values: is it missing there?"
            )
    return ""


def _describe_text(present: pd.Series, distinct: int) -> tuple[Kind, bool, str]:
    texts = [str(value) for value in present.unique()[:_SAMPLE]]
    example = show(texts[0])
    if is_boolean_pair(texts) and distinct == 2:
        return "boolean", True, ""
    if are_dates(texts):
        return "date", False, f"its dates, such as {example}, may be written in several ways"
    decorated, one = decorated_numbers(texts)
    if decorated:
        why = f"its numbers have {decorated}, as in {show(one)}, and are read as text"
        return "text", False, why
    numbers = [text for text in texts if is_number(text) or is_comma_number(text)]
    many = distinct > MOST_CATEGORIES or distinct > 0.5 * len(present)
    if numbers and len(numbers) >= 0.5 * len(texts) and (many or len(numbers) == len(texts)):
        other = next((text for text in texts if text not in set(numbers)), None)
        if other is None:
            comma = next((text for text in texts if "," in text), texts[-1])
            point = next((text for text in texts if "." in text), texts[0])
            return (
                "mixed",
                False,
                f"its numbers are written in several ways, such as {show(point)} and {show(comma)}",
            )
        return "mixed", False, f"most of it is numbers, but there is text such as {show(other)}"
    if distinct == len(present) and distinct >= 10:
        return "identifier", False, f"it has another text in each row, such as {example}"
    if many:
        return "text", False, f"it has {distinct:,} different texts, such as {example}"
    return "text", True, ""
