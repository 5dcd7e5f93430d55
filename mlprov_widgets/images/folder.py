"""Look at a folder of images before any code is written for it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlprov_widgets._files import stamp_of
from mlprov_widgets.errors import ImageError
from mlprov_widgets.images.findings import most_common_size, notes_on, problems_in_words
from mlprov_widgets.images.format import (
    FEWEST,
    LARGEST_NUMBER,
    MOST_UNREADABLE,
    SMALLEST_NUMBER,
    is_plain_name,
)
from mlprov_widgets.images.pictures import (
    PREVIEW_CLASSES,
    PREVIEW_IMAGES,
    Decoded,
    Picture,
    decode_pixels,
    look,
    thumbnail,
)
from mlprov_widgets.images.repeats import file_repeats
from mlprov_widgets.images.scanning import Scan, scan
from mlprov_widgets.images.values import fitting
from mlprov_widgets.messages import Note
from mlprov_widgets.tables.recent import Recent

# Beyond these numbers a sample has to do: the answer must be there in seconds.
MOST_HEADS = 40_000
MOST_DECODED = 1_000
MOST_DECODED_PIXELS = 60_000_000
_MOST_WATCHED = 2_000
_MOST_LEVELS = 50
_DEEPEST_HINT = 4

_Stamp = tuple[tuple[str, int, int], ...]
_recent: Recent[tuple[_Stamp, ImageFolder]] = Recent()


@dataclass(frozen=True)
class ImageFolder:
    """A folder with one folder of images for each class, as it was found.

    Parameters
    ----------
    path : Path
    format : dict
        What generated code needs to read the same images, as plain JSON values:

        ``classes``
            names of the class folders, in the order of their numbers;
        ``parts``
            the folders of ``train`` and, where there are any, ``val`` and ``test``; empty if the
            class folders are in the folder itself;
        ``channels``
            1 if all images are gray, else 3;
        ``size``
            the most common height and width, in pixels;
        ``levels``
            what is black and what is white in images with more than 8 bits in a channel; nothing
            where there are none;
        ``unreadable``
            paths, relative to the folder, of files to be skipped.

        The images of a class are the files below its folder whose name ends as `IMAGE_SUFFIXES`
        says, in small letters or capitals, unless they are unreadable or hidden (the name of the
        file, or of a folder below the class folder, begins with a dot). Linked folders are not
        entered.
    classes : list of (str, int)
        Each class with its number of images, over all parts.
    parts : dict of str to list of (str, int)
        The same for each part; a folder that is not divided has one part, ``""``.
    notes : list of Note
        What is worth knowing.
    preview : list of (str, list of bytes)
        A few small images, as PNG, for each of the first classes.
    examples : int
        Number of images.
    """

    path: Path
    format: dict[str, Any]
    classes: list[tuple[str, int]]
    parts: dict[str, list[tuple[str, int]]]
    notes: list[Note]
    preview: list[tuple[str, list[bytes]]] = field(repr=False)
    examples: int = 0


def inspect_image_folder(path: Path | str) -> ImageFolder:
    """Look at a folder of images as a careful colleague would.

    Parameters
    ----------
    path : Path or str
        Holds one folder for each class, or the folders ``train`` and, if there are any, ``val``
        (``valid``, ``validation``) and ``test`` that do.

    Returns
    -------
    ImageFolder
        The same object is returned again as long as no folder, and none of the files that are
        watched (2,000 at most), has changed.

    Raises
    ------
    ImageError
        If the folder cannot be used, with the reason.
    """
    path = Path(path)
    if "\0" in str(path):
        raise ImageError("image_folder_name_not_allowed")

    def make() -> tuple[_Stamp, ImageFolder]:
        found = scan(path)
        files = [path / file for file in found.every_file()]
        stamp = _stamp([*found.folders, *_spread(files)])
        return stamp, _inspect(path, found)

    def is_current(kept: tuple[_Stamp, ImageFolder]) -> bool:
        return _stamp(Path(place) for place, _, _ in kept[0]) == kept[0]

    return _recent.get(path.absolute(), make, is_current)[1]


def _stamp(places: Iterable[Path]) -> _Stamp:
    return tuple((str(place), *stamp_of(place)) for place in places)


def _spread(items: list[Any], most: int = _MOST_WATCHED) -> list[Any]:
    """At most so many items, taken evenly."""
    if len(items) <= most:
        return items
    return [items[number * len(items) // most] for number in range(most)]


def _inspect(path: Path, found: Scan) -> ImageFolder:
    everything = list(found.every_file())
    looked_at = _spread(everything, MOST_HEADS)
    pictures = {file: look(path / file) for file in looked_at}
    good = {file: picture for file, picture in pictures.items() if not picture.problem}
    whole, decoded = len(good), _decode_some(path, good)
    levels, told = _levels(path, good, decoded)
    problems = dict(found.skipped)
    problems |= {file: picture.problem for file, picture in pictures.items() if picture.problem}
    problems |= {file: one.problem for file, one in decoded.items() if one.problem}
    good = {file: picture for file, picture in good.items() if file not in problems}
    if len(problems) > MOST_UNREADABLE:
        examples = problems_in_words(dict(list(problems.items())[:3]), 3)
        raise ImageError(
            "files_unusable_many", files=len(problems), folder=path.name, examples=examples
        )
    parts = {
        part: [(name, sum(file not in problems for file in files)) for name, files in own.items()]
        for part, own in found.files.items()
    }
    classes = _classes(path, found, parts)
    counted = {
        part: [(name, n) for name, n in own if name in classes] for part, own in parts.items()
    }
    # A part without images is none: it is split off the training part like any other.
    counted = {part: own for part, own in counted.items() if any(n for _, n in own)}
    images = sum(number for _, number in counted["train" if found.parts else ""])
    if images < FEWEST:
        place = {"folder": path.name or str(path), "part": found.parts.get("train")}
        raise ImageError("images_too_few", images=images, **place, fewest=FEWEST)
    total: Counter[str] = Counter()
    for own in counted.values():
        total.update(dict(own))
    format = {
        "classes": classes,
        "parts": {part: top for part, top in found.parts.items() if part in counted},
        "channels": 1 if all(picture.gray for picture in good.values()) else 3,
        "size": list(most_common_size(good.values())),
        "levels": levels,
        "unreadable": sorted(problems),
    }
    heads = None if len(looked_at) == len(everything) else len(looked_at)
    sample = None if len(decoded) == whole else len(decoded)
    return ImageFolder(
        path=path,
        format=format,
        classes=[(name, total[name]) for name in classes],
        parts=counted,
        notes=[
            *notes_on(found, parts, classes, good, problems, heads, sample),
            *told,
            *file_repeats(path, found.files, good, _digests(good, decoded)),
        ],
        preview=_preview(path, found, classes, good, levels),
        examples=sum(total.values()),
    )


def _decode_some(path: Path, good: dict[str, Picture]) -> dict[str, Decoded]:
    """Decode all pixels of as many files as a few seconds allow, taken from everywhere."""
    files = list(good)
    random.Random(0).shuffle(files)
    # What is black and what is white in deep images is known from their pixels alone.
    files.sort(key=lambda file: not good[file].deep)
    deep = sum(good[file].deep for file in files)
    files = [
        *files[: min(deep, MOST_DECODED // 2)],
        *files[deep:],
        *files[MOST_DECODED // 2 : deep],
    ]
    done: dict[str, Decoded] = {}
    pixels = 0
    for file in files[:MOST_DECODED]:
        pixels += good[file].width * good[file].height
        if done and pixels > MOST_DECODED_PIXELS:
            break
        done[file] = decode_pixels(path / file)
    return done


def _digests(good: dict[str, Picture], decoded: dict[str, Decoded]) -> dict[str, bytes]:
    return {file: one.digest for file, one in decoded.items() if file in good and one.digest}


def _levels(
    path: Path, good: dict[str, Picture], decoded: dict[str, Decoded]
) -> tuple[list[float] | None, list[Note]]:
    """What is black and what is white in images with more than 8 bits, and what to say of it."""
    files = [file for file, picture in good.items() if picture.deep]
    if not any(file in decoded for file in files):
        decoded = {file: decode_pixels(path / file) for file in _spread(files, _MOST_LEVELS)}
    deep = [decoded[file] for file in files if file in decoded and not decoded[file].problem]
    if not deep:
        return None, []
    low, high = min(one.low for one in deep), max(one.high for one in deep)
    if low == high and len(files) == len(good):
        raise ImageError("pixels_all_equal", array=path.name, value=low)
    if low == high:
        low, high = min(low, 0.0), max(high, 1.0)
    if max(-low, high) > LARGEST_NUMBER or high - low < SMALLEST_NUMBER:
        given = {"low": f"{low:g}", "high": f"{high:g}"}
        raise ImageError("pixels_out_of_range", array=path.name, **given)
    modes = {good[file].mode for file in files}
    black, scale = fitting(low, high, "F" in modes)
    if (black, scale) == (0, 65535) and all(mode.startswith("I;16") for mode in modes):
        return None, []  # what 16 bits are taken for anyhow
    white = black + scale
    shown = {"low": f"{low:g}", "high": f"{high:g}", "black": f"{black:g}", "white": f"{white:g}"}
    return [black, white], [Note("pixels_of_unusual_range", **shown)]


def _classes(path: Path, found: Scan, parts: dict[str, list[tuple[str, int]]]) -> list[str]:
    """The classes that can be learned: those with images to learn from."""
    learned = parts.get("train", parts.get("", []))
    names = [label for label, _ in learned]
    classes = [label for label, count in learned if count and is_plain_name(label)]
    if len(classes) >= 2:
        return classes
    given: dict[str, object] = {
        "folder": path.name or str(path),
        "part": found.parts.get("train"),
        "hint": None if found.parts else _hint(path, names),
    }
    if not learned:
        raise ImageError(
            "class_folders_missing", **given, loose=found.loose or None, linked=found.linked
        )
    if not classes:
        raise ImageError("class_folders_without_images", **given, folders=names)
    empty = [label for label, count in learned if not count]
    raise ImageError("class_folder_only_one", **given, label=classes[0], empty=empty)


def _hint(path: Path, names: list[str]) -> str | None:
    """The folder that was probably meant: the nearest one that holds folders of its own."""
    waiting = names[:20]
    for _ in range(_DEEPEST_HINT):
        below: list[str] = []
        for name in waiting:
            try:
                inside = sorted(entry.name for entry in (path / name).iterdir() if entry.is_dir())
            except OSError:
                continue
            shown = [
                one for one in inside if is_plain_name(one) and not one.startswith((".", "__"))
            ]
            if len(shown) >= 2:
                return name
            below += [f"{name}/{one}" for one in shown]
        waiting = below[:20]
    return None


def _preview(
    path: Path,
    found: Scan,
    classes: list[str],
    good: dict[str, Picture],
    levels: list[float] | None,
) -> list[tuple[str, list[bytes]]]:
    files = found.files.get("train", found.files.get("", {}))
    made = []
    for name in classes[:PREVIEW_CLASSES]:
        known = _spread([file for file in files[name] if file in good], PREVIEW_IMAGES)
        small = (
            thumbnail(path / file, (levels[0], levels[1]) if levels else None) for file in known
        )
        made.append((name, list(filter(None, small))))
    return made
