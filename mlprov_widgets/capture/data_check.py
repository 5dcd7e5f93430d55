"""Whether a data file is the one that the notebook was generated for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlprov_widgets._files import file_hash
from mlprov_widgets.errors import TableError
from mlprov_widgets.wording import format_count, format_list, quote

_MOST_NAMED = 5


def changes_of(path: Path, known: Mapping[str, Any], separator: str) -> list[str]:
    """What has changed in a data file since a notebook was generated for it, in a few words each.

    Parameters
    ----------
    path : Path
    known : mapping
        What it was then, as `Manifest.data` has it.
    separator : str
        What parted the cells of the table; empty where that is not known.

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

    table = inspect_table(path)
    if separator and table.format["sep"] != separator:
        raise TableError(
            "data_separator_changed", file=path.name, now=table.format["sep"], then=separator
        )
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


def _differences(now: list[str], then: list[str], one: str, several: str) -> Iterator[str]:
    for word, names, others in (("new", now, then), ("missing", then, now)):
        known = set(others)
        if found := [quote(name) for name in names if name not in known]:
            count = format_count(len(found), f"{word} {one}", f"{word} {several}")
            yield f"{count} ({format_list(found, _MOST_NAMED)})"
