"""What was found among a person's images, as HTML in which every text of theirs is escaped."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from mlprov_widgets.widgets.markup import counts, escape, facts

if TYPE_CHECKING:
    from mlprov_widgets.images import ArrayFile, ImageFolder

MOST_NAMES = 40
_PARTS = {"train": "To train", "val": "To validate", "test": "To test"}
_LAYOUTS = {"NHWC": "colours last", "NCHW": "colours first", "NHW": "no colour axis"}


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
    return _found(pairs, folder.classes, folder.preview)


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
    return _found(pairs, arrays.classes, arrays.preview)


def _colours(channels: int) -> str:
    return "gray" if channels == 1 else "RGB"


def _found(
    pairs: list[tuple[str, str]],
    classes: list[tuple[str, int]],
    preview: list[tuple[str, list[bytes]]],
) -> str:
    return (
        f'<div class="mlprov-found">{facts(pairs, "mlprov-facts")}'
        f"{_thumbnails(classes, preview)}{_others(classes[len(preview) :])}</div>"
    )


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


def _others(classes: list[tuple[str, int]]) -> str:
    if not classes:
        return ""
    return f'<div class="mlprov-classes">{counts(classes, MOST_NAMES)}</div>'
