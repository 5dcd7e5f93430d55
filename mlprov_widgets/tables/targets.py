"""Whether a column of a table can be predicted, and which one is most likely meant to be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mlprov_widgets.errors import TableError
from mlprov_widgets.messages import Note
from mlprov_widgets.tables.columns import MOST_CATEGORIES, Column, reasons
from mlprov_widgets.tables.layout import FEWEST_ROWS
from mlprov_widgets.tables.values import is_any_number, is_point_number

if TYPE_CHECKING:
    from mlprov_widgets.tables.table import Table

_TARGET_NAMES = re.compile(
    r"(label|labels|target|targets|class|classes|y|species|category|outcome|diagnosis|klasse|classe"
    r"|label_?encoded|class_?label|target_?class|class_?name)(\.\d+)?",
    re.IGNORECASE,
)
_NUMBER_NAMES = re.compile(
    r"(target|y|label|output|response|outcome|value|price|cost|amount|sales|revenue|score|rating"
    r"|(.*_)?(price|value|cost|target|score|rating|consumption|strength|yield))(\.\d+)?",
    re.IGNORECASE,
)
# Where something is, which is seldom what is asked for.
_PLACES = re.compile(r"(x|y|z|lat|lon|long|lng|latitude|longitude|easting|northing)", re.IGNORECASE)
_MOST_ONE_HOT = 5_000
_MOST_TRIED = 20


def guess_target(table: Table, roles: Sequence[str]) -> str:
    """The column that is most likely to be predicted; one that can be, if there is any.

    Parameters
    ----------
    table : Table
    roles : sequence of str
        What it may be: ``class``, ``number`` or both.
    """
    candidates: list[Column] = []
    if "class" in roles:
        candidates += _classes_first(table)
    if "number" in roles:
        candidates += _numbers_first(table)
    names = {column.name.casefold() for column in table.columns}
    places = {name for name in names if _PLACES.fullmatch(name)}
    # An y alone is a target; beside an x it is a place.
    places = places if len(places) > 1 else set()
    candidates.sort(key=lambda column: column.name.casefold() in places)
    for column in list(dict.fromkeys(candidates))[:_MOST_TRIED]:
        if _passes(table, column.name, roles):
            return column.name
    return (candidates or table.columns)[0 if candidates else -1].name


def _passes(table: Table, name: str, roles: Sequence[str]) -> bool:
    try:
        check_target(table, name, None, roles, ())
    except TableError:
        return False
    return True


def _classes_first(table: Table) -> list[Column]:
    """Candidates for a class: those called so, the last and the first, words, then all others."""
    named = [column for column in table.columns if _TARGET_NAMES.fullmatch(column.name)]
    suited = [column for column in named if _is_suited(table, column)]
    ends = [one for one in (table.columns[-1], table.columns[0]) if _is_suited(table, one)]
    words = [
        column
        for column in table.columns
        if column.kind in ("text", "boolean") and _is_suited(table, column)
    ]
    words.sort(key=lambda column: column.distinct)
    others = [column for column in table.columns[::-1] if _is_suited(table, column)]
    return [*suited[::-1], *named[::-1], *ends, *words, *others, table.columns[-1]]


def _numbers_first(table: Table) -> list[Column]:
    """Candidates for a quantity: those called so, then the others, the last one first."""
    numbers = [one for one in table.columns[::-1] if one.role == "number"]
    # Of numbers with a few values, most are classes or counts.
    many = [one for one in numbers if one.distinct > 10]
    named = [one for one in many if _NUMBER_NAMES.fullmatch(one.name)]
    return [*named, *many, *numbers]


def _is_suited(table: Table, column: Column) -> bool:
    return (
        column.kind in ("text", "boolean", "integer")
        and 2 <= column.distinct <= min(MOST_CATEGORIES, table.rows // 2)
        and column.missing < table.rows // 2
    )


def check_target(
    table: Table,
    target: str,
    features: Sequence[str] | None,
    roles: Sequence[str],
    others: Sequence[str],
) -> list[Note]:
    """What a person should know of a column that is predicted; as `Table.check_target`."""
    notes, labelled = check_target_alone(table, target, roles)
    chosen = list(features) if features else table.features(target, roles, others)
    if target in chosen:
        raise TableError("target_among_features", column=target)
    columns = _with_values(table, chosen, {target, *others})
    copies = table.copies(target, table.target_role(target, roles))
    used = {target, *others}
    return [*notes, *_feature_notes(table, columns, labelled, bool(features), used, copies)]


def check_target_alone(table: Table, target: str, roles: Sequence[str]) -> tuple[list[Note], int]:
    """What a person should know of a column itself that is predicted; and rows that have it."""
    column = table.column(target)
    if table.target_role(target, roles) == "class":
        counts = table.classes(target)
        labelled = sum(count for _, count in counts)
        _refuse_labels(column, counts, labelled)
        return list(_label_notes(table, column.name, counts, labelled)), labelled
    labelled = table.rows - column.missing
    _refuse_numbers(table, column, labelled)
    return list(_number_notes(table, column, labelled)), labelled


def check_features(table: Table, features: Sequence[str], others: Sequence[str]) -> list[Note]:
    """What a person should know of the columns to learn from; as `Table.check_features`."""
    chosen = list(features) or table.features(others=others)
    columns = _with_values(table, chosen, set(others))
    return [*_feature_notes(table, columns, table.rows, bool(features), set(others))]


def _with_values(table: Table, names: list[str], used: set[str]) -> list[Column]:
    columns = [table.column(name) for name in names]
    if not any(column.distinct for column in columns):
        left = [other for other in table.columns if other.name not in used][:6]
        raise TableError("table_without_features", file=table.path.name, reasons=reasons(left, 6))
    return columns


def _refuse_labels(column: Column, counts: list[tuple[str, int]], labelled: int) -> None:
    given: dict[str, object] = {
        "column": column.name,
        "classes": len(counts),
        "rows": labelled,
        "fewest": FEWEST_ROWS,
    }
    if not counts:
        raise TableError("target_empty", **given)
    if len(counts) == 1:
        raise TableError("target_of_one_class", label=counts[0][0], **given)
    if labelled < FEWEST_ROWS:
        raise TableError("target_too_few_labels", **given)
    numbers, whole = _are_numbers(counts)
    if numbers and len(counts) > (max(100, labelled // 50) if whole else 20):
        raise TableError("target_is_quantity", **given)
    if max(count for _, count in counts) == 1:
        raise TableError("target_all_different", **given)
    if len(counts) > labelled / 2:
        raise TableError("target_too_many_classes", **given)


def _label_notes(
    table: Table, target: str, counts: list[tuple[str, int]], labelled: int
) -> Iterator[Note]:
    if labelled < table.rows:
        yield Note(
            "labels_missing",
            missing=table.rows - labelled,
            rows=table.rows,
            column=target,
            spellings=table.spellings_of_missing(target),
        )
    if rare := [label for label, count in counts if count == 1]:
        yield Note("classes_of_one_row", count=len(rare), classes=rare)
    if scarce := [label for label, count in counts if count == 2]:
        yield Note("classes_of_two_rows", classes=scarce)
    yield from _look_alike_labels(counts, target)
    numbers, whole = _are_numbers(counts)
    if numbers and not whole:
        yield Note("labels_are_numbers", column=target, example=counts[0][0])
    elif len(counts) > MOST_CATEGORIES:
        yield Note("classes_many", column=target, classes=len(counts))


def _refuse_numbers(table: Table, column: Column, present: int) -> None:
    given: dict[str, object] = {"column": column.name, "rows": present, "fewest": FEWEST_ROWS}
    if not present:
        raise TableError("numbers_empty", **given)
    if not table.is_number(column.name) and column.name not in table.format["numeric"]:
        example = str(table.values(column.name).iloc[0])
        raise TableError("target_no_number", example=example, **given)
    if column.distinct == 1:
        raise TableError("numbers_constant", **given)
    if present < FEWEST_ROWS:
        raise TableError("numbers_too_few", **given)


def _number_notes(table: Table, column: Column, present: int) -> Iterator[Note]:
    if present < table.rows:
        missing = table.rows - present
        yield Note("numbers_missing", missing=missing, rows=table.rows, column=column.name)
    if column.distinct <= 10:
        yield Note("numbers_few", column=column.name, distinct=column.distinct)
    if column.role in ("id", "time"):
        yield Note("numbers_doubtful", column=column.name, reason=column.note)


def copies_of_number(table: Table, target: str) -> list[str]:
    """Columns of numbers that are the target but for a factor and a shift."""
    if not table.is_number(target):
        return []  # what is no number has none; that it cannot be predicted is said elsewhere
    wanted = table.values(target).astype("float64")
    found = []
    for column in table.columns:
        if column.name == target or column.distinct < 2 or not table.is_number(column.name):
            continue
        values = table.values(column.name).astype("float64")
        values = values[values.index.isin(wanted.index)]
        same = wanted.reindex(values.index)
        if len(values) < max(3, 0.9 * len(wanted)) or same.nunique() < 3 or values.nunique() < 3:
            continue
        if abs(values.corr(same)) > 1 - 1e-12:
            found.append(column.name)
    return found


def _feature_notes(
    table: Table,
    features: list[Column],
    labelled: int,
    chosen: bool,
    used: set[str],
    copies: Sequence[str] = (),
) -> Iterator[Note]:
    """What a person should know of the columns to learn from.

    Parameters
    ----------
    table : Table
    features : list of Column
    labelled : int
        How many rows can be learned from.
    chosen : bool
        Whether a person chose them.
    used : set of str
        Columns with another use.
    copies : sequence of str
        Columns that tell the target.

    Raises
    ------
    TableError
        If their texts would become too many columns.
    """
    names = {column.name for column in features}
    if telling := [name for name in copies if name in names]:
        yield Note("features_tell_label", columns=telling, count=len(telling))
    unused = [name for name in copies if name not in names | used]
    if unused and not chosen:
        yield Note("features_tell_label_left_out", columns=unused, count=len(unused))
    yield from _encoding_notes(table, features)
    known = {*used, *names, *copies}
    doubtful = [c for c in features if not c.usable and c.name not in copies]
    left = [
        column
        for column in table.columns
        if column.kind not in ("empty", "date", "mixed")
        and not column.usable
        and column.name not in known
    ]
    if chosen and doubtful:
        yield Note("features_doubtful", reasons=reasons(doubtful[:6], 6))
    elif left and not chosen:
        yield Note("features_left_out", reasons=reasons(left, 6))
    if len(features) > labelled:
        yield Note("features_many", features=len(features), rows=labelled)


def _encoding_notes(table: Table, features: list[Column]) -> Iterator[Note]:
    words = [
        column
        for column in features
        if (column.role == "class" or column.kind not in ("number", "integer", "empty"))
        and not table.is_number(column.name)
    ]
    named = [column.name for column in words]
    width = sum(column.distinct for column in words)
    if width > _MOST_ONE_HOT:
        raise TableError("one_hot_too_wide", columns=named, width=width)
    if words:
        yield Note("features_one_hot", columns=named)
    if codes := [one.name for one in features if one.reason == "column_zeros_in_front"]:
        yield Note("features_are_codes", columns=codes)


def _are_numbers(counts: list[tuple[str, int]]) -> tuple[bool, bool]:
    """Whether all labels are numbers, and whether all of these are whole."""
    numbers = all(is_any_number(label) for label, _ in counts)
    return numbers, numbers and all(re.fullmatch(r"[+-]?\d+", label) for label, _ in counts)


def _look_alike_labels(counts: list[tuple[str, int]], name: str) -> Iterator[Note]:
    """Labels that are different texts but may be meant to be the same."""
    by_number: dict[float, list[str]] = {}
    by_letters: dict[str, list[str]] = {}
    for label, _ in counts:
        if is_point_number(label):
            by_number.setdefault(float(label), []).append(label)
        else:
            by_letters.setdefault(" ".join(label.casefold().split()), []).append(label)
    if equal := [label for labels in by_number.values() if len(labels) > 1 for label in labels]:
        yield Note("labels_equal_as_numbers", labels=equal, column=name)
    if alike := [label for labels in by_letters.values() if len(labels) > 1 for label in labels]:
        yield Note("labels_look_alike", labels=alike, column=name)
