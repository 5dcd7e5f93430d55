"""What was found in a person's table, as HTML in which every text of theirs is escaped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlprov_widgets.widgets.markup import counts, escape, facts, plain
from mlprov_widgets.wording import format_count

if TYPE_CHECKING:
    from mlprov_widgets.tables import Column, Table

MOST_COLUMNS = 30
MOST_CLASSES = 12
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "blank"}


def column_label(column: Column) -> str:
    """A column in a list: its name, its kind, and what is missing."""
    missing = f", {column.missing:,} missing" if column.missing else ""
    return f"{plain(column.name, 48) or '(no name)'} · {column.kind}{missing}"


def table_html(table: Table, target: str) -> str:
    """Format, size, classes and first rows of a table."""
    return (
        '<div class="mlprov-found">'
        f"{_facts(table)}{_classes(table, target)}{_rows(table, target)}</div>"
    )


def _facts(table: Table) -> str:
    form = table.format
    separator = str(form.get("sep", ","))
    pairs = [
        ("Rows", f"{table.rows:,}"),
        ("Columns", f"{len(table.columns):,}"),
        ("Separator", _SEPARATORS.get(separator, separator)),
        ("Encoding", str(form.get("encoding", "utf-8"))),
        ("Decimal sign", {".": "point", ",": "comma"}.get(str(form.get("decimal", ".")), "")),
    ]
    skipped = form.get("skiprows") or 0
    if form.get("header", True):
        pairs.append(("Header", "yes"))
    elif all(re.fullmatch(r"column_\d+", column.name) for column in table.columns):
        pairs.append(("Header", "none: names were made up"))
    else:
        # The header's own line is skipped too where its names could not be used as they are.
        pairs.append(("Header", "yes, some names changed"))
        skipped -= 1
    if skipped > 0:
        pairs.append(("Lines skipped", f"{skipped:,}"))
    return facts(pairs, "mlprov-facts")


def _classes(table: Table, target: str) -> str:
    counted: list[tuple[str, int]] = []
    if target in {column.name for column in table.columns}:
        counted = table.classes(target)
    if not counted:
        return ""
    classes = format_count(len(counted), "class", "classes")
    return (
        f'<div class="mlprov-classes"><b>{classes}</b> in '
        f"{escape(target, 60)}{counts(counted, MOST_CLASSES)}</div>"
    )


def _rows(table: Table, target: str) -> str:
    columns = table.columns[:MOST_COLUMNS]
    head = "".join(_head(column, column.name == target) for column in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell, 60)}</td>" for cell in row[:MOST_COLUMNS]) + "</tr>"
        for row in table.preview
    )
    more = len(table.columns) - len(columns)
    rest = f"<p>{more:,} more columns are not shown here.</p>" if more else ""
    return (
        '<div class="mlprov-scroll" tabindex="0" role="region" aria-label="The first rows">'
        f"<table><caption>The first {len(table.preview)} rows</caption><thead><tr>{head}</tr>"
        f"</thead><tbody>{body}</tbody></table></div>{rest}"
    )


def _head(column: Column, is_target: bool) -> str:
    missing = f"<small>{column.missing:,} missing</small>" if column.missing else ""
    mark = "<small><b>target</b></small>" if is_target else ""
    return (
        f'<th scope="col">{escape(column.name, 40) or "(no name)"}'
        f"<small>{escape(column.kind)}</small>{missing}{mark}</th>"
    )
