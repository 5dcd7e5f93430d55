"""What was found in a person's data, as HTML in which every text of theirs is escaped."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mlprov_widgets.widgets.markup import counts, escape, facts, plain
from mlprov_widgets.wording import format_count, format_number

if TYPE_CHECKING:
    from mlprov_widgets.images import ArrayFile, ImageFolder
    from mlprov_widgets.tables import Column, Table

MOST_COLUMNS = 30
MOST_CLASSES = 12
MOST_NAMES = 40
_PARTS = {"train": "To train", "val": "To validate", "test": "To test"}
_LAYOUTS = {"NHWC": "colours last", "NCHW": "colours first", "NHW": "no colour axis"}
_THOUSANDS = {",": "comma", ".": "point", " ": "blank"}
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "blank"}


def column_label(column: Column) -> str:
    """A column in a list: its name, its kind, and what is missing."""
    missing = f", {column.missing:,} missing" if column.missing else ""
    return f"{plain(column.name, 48) or '(no name)'} · {column.kind}{missing}"


def table_html(table: Table, targets: Mapping[str, str]) -> str:
    """Format, size, what is predicted, and the first rows of a table.

    Parameters
    ----------
    table : Table
    targets : mapping of str to str
        Columns that are predicted, each with its role: ``class`` or ``number``.
    """
    told = [
        _numbers(table, name) if role == "number" else _classes(table, name)
        for name, role in targets.items()
    ]
    return _found(_facts(table), *told, _rows(table, set(targets)))


def role_html(column: Column, use: str) -> str:
    """A column in a list of what columns are for: its name, what it holds, and why it is that.

    Parameters
    ----------
    column : Column
    use : str
        Such as ``target``; may be empty.
    """
    note = f"<small>{escape(column.note, 200)}</small>" if column.note else ""
    mark = f" <b>{escape(use)}</b>" if use else ""
    held = f"{column.kind}, {format_count(column.distinct, 'different value')}"
    return (
        f'<div class="mlprov-role-of"><span>{escape(column.name, 48) or "(no name)"}{mark}</span>'
        f"<small>{escape(held)}</small>{note}</div>"
    )


def _found(*parts: str) -> str:
    return f'<div class="mlprov-found">{"".join(parts)}</div>'


def _counted(words: str, classes: list[tuple[str, int]], most: int) -> str:
    if not classes:
        return ""
    return f'<div class="mlprov-classes">{words}{counts(classes, most)}</div>'


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
    if form.get("quotechar") == "'":
        pairs.append(("Quotes", "single"))
    if form.get("escapechar"):
        pairs.append(("Before quotes in cells", "a backslash"))
    if thousands := form.get("thousands"):
        pairs.append(("Between thousands", _THOUSANDS.get(thousands, thousands)))
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


def _numbers(table: Table, target: str) -> str:
    """From where to where the numbers of a column go."""
    values = table.values(target)
    if not table.is_number(target) or not len(values):
        return ""
    numbers = {"Least": values.min(), "Mean": values.mean(), "Most": values.max()}
    pairs = [(name, format_number(float(one))) for name, one in numbers.items()]
    pairs.append(("Rows with a number", f"{len(values):,}"))
    words = f"<b>Numbers</b> in {escape(target, 60)}"
    return f'<div class="mlprov-classes">{words}{facts(pairs, "mlprov-facts")}</div>'


def _classes(table: Table, target: str) -> str:
    counted = table.classes(target)
    if len(counted) > table.rows / 2:
        return ""  # what is wrong with that is said beside the target
    words = f"<b>{format_count(len(counted), 'class', 'classes')}</b> in {escape(target, 60)}"
    return _counted(words, counted, MOST_CLASSES)


def _rows(table: Table, targets: set[str]) -> str:
    columns = table.columns[:MOST_COLUMNS]
    head = "".join(_head(column, column.name in targets) for column in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell, 60)}</td>" for cell in row[:MOST_COLUMNS]) + "</tr>"
        for row in table.preview
    )
    more = len(table.columns) - len(columns)
    rest = f"<p>{more:,} more columns are not shown here.</p>" if more else ""
    return (
        f"<details><summary>The first {len(table.preview)} rows</summary>"
        '<div class="mlprov-scroll" tabindex="0" role="region" aria-label="The first rows">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{rest}</details>"
    )


def _head(column: Column, is_target: bool) -> str:
    missing = f"<small>{column.missing:,} missing</small>" if column.missing else ""
    mark = "<small><b>target</b></small>" if is_target else ""
    return (
        f'<th scope="col">{escape(column.name, 40) or "(no name)"}'
        f"<small>{escape(column.kind)}</small>{missing}{mark}</th>"
    )


def folder_html(folder: ImageFolder) -> str:
    """Size, parts, classes and a few small images of an image folder."""
    height, width = folder.format["size"]
    pairs = [
        ("Images", f"{folder.examples:,}"),
        ("Classes", f"{len(folder.classes):,}"),
        *(
            (_PARTS[part], f"{sum(count for _, count in folder.parts[part]):,}")
            for part in folder.format["parts"] or ()
        ),
        ("Most common size", f"{width:,} × {height:,}"),
        ("Colours", _colours(folder.format["channels"])),
    ]
    if skipped := len(folder.format["unreadable"]):
        pairs.append(("Unreadable files", f"{skipped:,}"))
    return _images(pairs, folder.classes, folder.preview)


def arrays_html(arrays: ArrayFile) -> str:
    """Names, type, layout, classes and a few small images of arrays."""
    form = arrays.format
    height, width = form["size"]
    scale = f"divided by {form['scale']:g}" if form["scale"] != 1 else "taken as they are"
    pairs = [
        ("Images", f"{arrays.examples:,}"),
        ("Classes", f"{form['classes']:,}"),
        ("Size", f"{width:,} × {height:,}"),
        ("Colours", _colours(form["channels"])),
        ("Values", f"{form['dtype']}, {scale}"),
        ("Layout", f"{form['layout']}, {_LAYOUTS[form['layout']]}"),
        ("Images in", form["images"] or arrays.path.name),
        ("Labels in", form["labels"]),
    ]
    return _images(pairs, arrays.classes, arrays.preview)


def _colours(channels: int) -> str:
    return "gray" if channels == 1 else "RGB"


def _images(
    pairs: list[tuple[str, str]],
    classes: list[tuple[str, int]],
    preview: list[tuple[str, list[bytes]]],
) -> str:
    others = _counted("", classes[len(preview) :], MOST_NAMES)
    return _found(facts(pairs, "mlprov-facts"), _thumbnails(classes, preview), others)


def _thumbnails(classes: list[tuple[str, int]], preview: list[tuple[str, list[bytes]]]) -> str:
    number = dict(classes)
    items = "".join(
        f'<li><p title="{escape(name, 200)}"><b>{escape(name, 100) or "(empty)"}</b> '
        f"<span>{number.get(name, 0):,}</span></p>"
        f"<div>{''.join(_image(image) for image in images)}</div></li>"
        for name, images in preview
    )
    return f'<ul class="mlprov-thumbnails" aria-label="Some images of each class">{items}</ul>'


def _image(image: bytes) -> str:
    return f'<img alt="" src="data:image/png;base64,{b64encode(image).decode()}">'
