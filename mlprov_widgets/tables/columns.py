"""What each column of a table is: its kind, and whether it is of use as a feature."""

from __future__ import annotations

import re
import statistics
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from mlprov_widgets.errors import TableError
from mlprov_widgets.messages import Note
from mlprov_widgets.tables.names import joined
from mlprov_widgets.tables.numbers import are_too_long, whole_numbers
from mlprov_widgets.tables.roles import ROLES, USED, Role
from mlprov_widgets.tables.values import (
    are_dates,
    are_digit_dates,
    decorated_numbers,
    is_any_number,
    is_boolean_pair,
    may_have_month_first,
    unlike_dates,
)
from mlprov_widgets.wording import quote

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["number", "integer", "boolean", "text", "date", "identifier", "empty", "mixed"]

# The kind of a column, whether it is usable, and why not or what is to be known.
_Found = tuple[Kind, bool, Note | Literal[""]]

MOST_CATEGORIES = 50
_IDENTIFIER_NAME = re.compile(
    r"(^|[^a-z])(id|ids|uuid|guid|idx|index|key|nr|no|row|rownames|serial)([^a-z]|$)|_?id$|number$",
    re.IGNORECASE,
)
# What several rows of one subject share.
_GROUP_NAME = re.compile(
    r"(?i:ids?|.*[_ -]ids?|(subject|patient|participant|person|household|family)s?)|.*[a-z]I[Dd]s?",
)
# Names of a column that only has the numbers of the rows, as software writes it.
_ROW_NAME = re.compile(r"unnamed: ?\d+|index|row|rownames?|column_1", re.IGNORECASE)
_SENTINELS = (-9, -99, -999, -9999, -99999, 999, 9999, 99999, 999999)
_SAMPLE = 2_000
# With fewer words on average, a text that no other row has is a name.
_FEWEST_WORDS = 4
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
    usable : bool
        Whether it is a feature by default.
    note : str
        Why it is not, or what is to be known about it; may be empty.
    reason : str
        The code of that, such as ``column_sentinel``; may be empty.
    role : str
        What it is for: one of `mlprov_widgets.tables.roles.ROLES`.
    guessed : str
        What was guessed that it is for, before a person said it.
    """

    name: str
    kind: Kind
    missing: int
    distinct: int
    usable: bool
    note: str
    reason: str = ""
    role: Role = "none"
    guessed: Role = "none"


def with_role(column: Column, role: str, is_number: bool) -> Column:
    """The column with the role that a person gives it.

    Raises
    ------
    TableError
        If it cannot be that.
    """
    if role == "number" and not is_number:
        raise TableError("role_no_number", column=column.name, kind=column.kind)
    if role in USED and not column.distinct:
        raise TableError("role_of_nothing", column=column.name, role=role)
    given = next(one for one in ROLES if one == role)
    note = Note("role_chosen", role=given)
    return replace(column, role=given, usable=given in USED, note=note, reason=note.code)


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
    if distinct == 0:
        found: _Found = "empty", False, Note("column_empty")
    elif is_numeric_dtype(values.dtype):
        found = _describe_numbers(name, present, distinct)
        if not found[2] and any(re.fullmatch(r"0\d+", cell.strip()) for cell in first_cells):
            found = found[0], found[1], Note("column_zeros_in_front")
    else:
        found = _describe_text(name, present, distinct)
    kind, usable, reason = found
    if usable and len(present) < _FEWEST_VALUES * len(values):
        usable, reason = False, Note("column_sparse", values=len(present))
    elif distinct == 1 and usable:
        first = present.iloc[0]
        # Whole numbers are floating-point numbers where some are missing.
        value = f"{first:.15g}" if isinstance(first, float) else quote(str(first))[1:-1]
        code = "column_constant_where_known" if missing else "column_constant"
        usable, reason = False, Note(code, value=value)
    role = _role(kind, usable, reason)
    cells = ""
    if missing and distinct:
        cells = Note("column_missing_cells", missing=missing, spellings=sorted(spellings))
    note = "; ".join(filter(None, (reason, cells)))
    code = reason and reason.code
    return Column(name, kind, missing, distinct, usable, note, code, role, role)


def _role(kind: Kind, usable: bool, reason: Note | Literal[""]) -> Role:
    """What a column is for, by what it holds."""
    code = reason and reason.code
    if usable:
        return "number" if kind in ("number", "integer") else "class"
    if kind == "date":
        return "time"
    if code in ("column_many_texts", "column_all_texts"):
        return "text"
    if code == "column_groups_rows":
        return "group"
    return "id" if kind == "identifier" else "none"


def _describe_numbers(name: str, present: pd.Series, distinct: int) -> _Found:
    from pandas.api.types import is_integer_dtype

    whole = is_integer_dtype(present.dtype) or bool((present % 1 == 0).all())
    if not whole:
        return "number", True, _sentinel(present)
    if distinct == len(present) and len(present) >= 10:
        steps = present.diff().iloc[1:]
        counts_up = bool((steps == 1).all()) and present.iloc[0] in (0, 1)
        # The row numbers of a filtered table have gaps.
        rows = _ROW_NAME.fullmatch(name) and bool((steps > 0).all())
        if counts_up or rows or _IDENTIFIER_NAME.search(name):
            return "identifier", False, Note("column_numbers_rows")
    if _is_group(name, present, distinct):
        return "integer", False, Note("column_groups_rows", distinct=distinct)
    if are_digit_dates([str(int(value)) for value in present.unique()[:_SAMPLE]]):
        return "date", False, Note("column_digit_dates", example=str(int(present.iloc[0])))
    return "integer", True, _sentinel(present)


def _describe_long(name: str, present: pd.Series, distinct: int) -> _Found:
    """Numbers that a model could not tell apart: they name something, rather than count it."""
    if _is_group(name, present, distinct):
        return "text", False, Note("column_groups_rows", distinct=distinct)
    kind: Kind = "identifier" if distinct == len(present) else "text"
    return kind, False, Note("column_numbers_long", example=str(present.iloc[0]))


def _is_group(name: str, present: pd.Series, distinct: int) -> bool:
    """Whether several rows have one value of a column that is called like a subject's."""
    return bool(_GROUP_NAME.fullmatch(name)) and 2 <= distinct <= len(present) / 2


def _sentinel(present: pd.Series) -> Note | Literal[""]:
    """A value such as -999 that lies far from all others stands for "missing", perhaps."""
    for value in {present.min(), present.max()} & set(_SENTINELS):
        times = int((present == value).sum())
        others = present[present != value].astype("float64")
        if times < 2 or others.nunique() < 3:
            continue
        spread = float(others.max() - others.min())
        distance = min(abs(float(value) - others.max()), abs(float(value) - others.min()))
        if distance > 5 * spread:
            return Note("column_sentinel", value=f"{value:g}", times=times)
    return ""


def _describe_text(name: str, present: pd.Series, distinct: int) -> _Found:
    texts = [str(value) for value in present.unique()[:_SAMPLE]]
    example = texts[0]
    if is_boolean_pair(texts) and distinct == 2:
        return "boolean", True, ""
    if are_dates(texts):
        if unlike := unlike_dates(texts):
            return "date", False, Note("column_dates_mixed", example=example, other=unlike)
        code = "column_dates_ambiguous" if may_have_month_first(texts) else "column_dates"
        return "date", False, Note(code, example=example)
    if are_too_long(whole_numbers(texts)):
        return _describe_long(name, present, distinct)
    decorated, one = decorated_numbers(texts)
    if decorated:
        return "text", False, Note("column_decorated", what=decorated, example=one)
    numbers = list(filter(is_any_number, texts))
    many = distinct > MOST_CATEGORIES or distinct > 0.5 * len(present)
    if numbers and len(numbers) >= 0.5 * len(texts) and (many or len(numbers) == len(texts)):
        other = next((text for text in texts if text not in set(numbers)), None)
        if other is None:
            comma = next((text for text in texts if "," in text), texts[-1])
            point = next((text for text in texts if "." in text), texts[0])
            return "mixed", False, Note("column_mixed_numbers", point=point, comma=comma)
        return "mixed", False, Note("column_mixed", example=other)
    if distinct == len(present) and distinct >= 10:
        if statistics.fmean(len(text.split()) for text in texts) >= _FEWEST_WORDS:
            return "text", False, Note("column_all_texts", example=example)
        return "identifier", False, Note("column_all_different", example=example)
    if _is_group(name, present, distinct):
        return "text", False, Note("column_groups_rows", distinct=distinct)
    if many:
        return "text", False, Note("column_many_texts", distinct=distinct, example=example)
    return "text", True, ""


def reasons(columns: list[Column], most: int) -> str:
    """What is to be known of the first columns, then how many more there are."""
    return joined(
        [f"{quote(column.name)}: {column.note or 'it tells the label'}" for column in columns], most
    )
