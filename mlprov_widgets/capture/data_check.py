"""Whether a data file is the one that the notebook was generated for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets._files import file_hash
from mlprov_widgets.errors import TableError
from mlprov_widgets.wording import format_count, format_list, quote

if TYPE_CHECKING:
    from mlprov_widgets.tables import Table

_MOST_NAMED = 5


# Keys of a format that say how cells are told apart and how numbers are written.
_MANNERS = ("quotechar", "escapechar", "decimal", "thousands", "skiprows")


def changes_of(path: Path, known: Mapping[str, Any], format: Mapping[str, Any]) -> list[str]:
    """What has changed in a data file since a notebook was generated for it, in a few words each.

    Parameters
    ----------
    path : Path
    known : mapping
        What it was then, as `Manifest.data` has it.
    format : mapping
        As in `Table.format`, how the notebook reads the table; empty where that is not known.

    Raises
    ------
    TableError
        If the notebook cannot use the file as it is now, with the reason and what to do.
    """
    if not path.is_file():
        raise TableError("data_file_gone", file=path.name, folder=path.parent)
    if file_hash(path) == known.get("sha256"):
        return []
    columns = known.get("columns")
    if not isinstance(columns, list):
        return ["its content"]
    from mlprov_widgets.tables import inspect_table

    table = inspect_table(path, words=known.get("words", ""))
    _refuse_format(table, format, columns)
    if gone := [name for name in known.get("needed", columns) if name not in table.names]:
        raise TableError("data_columns_gone", file=path.name, columns=gone)
    told = list(_differences(table.names, columns, "column", "columns"))
    if table.rows != known.get("rows"):
        told.append(f"{table.rows:,} rows instead of {known.get('rows', 0):,}")
    for target, labels in dict(known.get("classes", {})).items():
        there = [label for label, _ in table.classes(target)]
        if len(there) < 2:
            raise TableError("data_of_one_class", file=path.name, column=target, label=there)
        told += _differences(there, labels, "class", "classes")
    return told or ["other values"]


def _refuse_format(table: Table, format: Mapping[str, Any], columns: list[str]) -> None:
    """Refuse a table that the notebook would not read as it is written now."""
    file, now = table.path.name, table.format
    separator = format.get("sep", now["sep"])
    if now["sep"] != separator:
        raise TableError("data_separator_changed", file=file, now=now["sep"], then=separator)
    changed = [key for key in _MANNERS if key in format and _matters(key, table, format[key])]
    told = [f"{key} {now[key]!r} instead of {format[key]!r}" for key in changed]
    if not told:
        found = [name for name in _no_more_numbers(table, format) if name in columns]
        told = [f"numbers in {quote(name, 40)} that it would take for text" for name in found]
    if told:
        raise TableError("data_format_changed", file=file, changes=told)


def _no_more_numbers(table: Table, format: Mapping[str, Any]) -> Iterator[str]:
    """Columns of numbers that a notebook would read as text, by how it reads the table."""
    from mlprov_widgets.tables import inspect_table

    try:
        as_before = inspect_table(table.path, format=dict(format))
    except TableError:
        return  # columns that are gone are told by name
    left = {*format.get("text", ()), *format.get("ignore", ())}
    for name in table.names:
        if name in left or name not in as_before.names or not table.is_number(name):
            continue
        if not as_before.is_number(name):
            yield name


def _matters(key: str, table: Table, then: Any) -> bool:
    """Whether a table is read wrongly with what a notebook has for a key."""
    now = table.format[key]
    if key in ("escapechar", "thousands"):
        return now not in (None, then)  # one that nothing needs any more does no harm
    if key == "decimal" and now != then and now == ".":
        return any(one.kind == "number" for one in table.columns)  # none of whole numbers
    return bool(now != then)


def _differences(now: list[str], then: list[str], one: str, several: str) -> Iterator[str]:
    for word, names, others in (("new", now, then), ("missing", then, now)):
        known = set(others)
        if found := [quote(name) for name in names if name not in known]:
            count = format_count(len(found), f"{word} {one}", f"{word} {several}")
            yield f"{count} ({format_list(found, _MOST_NAMED)})"
