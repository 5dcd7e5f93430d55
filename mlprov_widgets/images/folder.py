"""Look at a folder of images before any code is written for it."""

from __future__ import annotations

import random
from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import ImageError
from mlprov_widgets.images.findings import count, most_common_size, notes_on
from mlprov_widgets.images.format import FEWEST, MOST_UNREADABLE, is_plain_name
from mlprov_widgets.images.pictures import Picture, decode, look, thumbnail
from mlprov_widgets.images.scanning import Scan, scan
from mlprov_widgets.tables.names import listed, show

# Beyond these numbers a sample has to do: the answer must be there in seconds.
MOST_HEADS = 40_000
MOST_DECODED = 1_000
MOST_DECODED_PIXELS = 60_000_000
PREVIEW_CLASSES = 10
PREVIEW_IMAGES = 4
_MOST_WATCHED = 2_000
_MOST_KEPT = 4

_Stamp = tuple[tuple[str, int, int], ...]
_kept: OrderedDict[str, tuple[_Stamp, ImageFolder]] = OrderedDict()


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
    notes : list of str
        What is worth knowing, in sentences.
    preview : list of (str, list of bytes)
        A few small images, as PNG, for each of the first classes.
    examples : int
        Number of images.
    """

    path: Path
    format: dict[str, Any]
    classes: list[tuple[str, int]]
    parts: dict[str, list[tuple[str, int]]]
    notes: list[str]
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
    key = str(path.absolute()) if "\0" not in str(path) else ""
    if not key:
        raise ImageError("The name of the folder has a character that no name can have.")
    if key in _kept:
        stamp, folder = _kept[key]
        if _stamp(Path(place) for place, _, _ in stamp) == stamp:
            _kept.move_to_end(key)
            return folder
        del _kept[key]
    found = scan(path)
    watched = [*found.folders, *_spread([path / file for file in found.every_file()])]
    stamp = _stamp(watched)
    folder = _inspect(path, found)
    _kept[key] = (stamp, folder)
    while len(_kept) > _MOST_KEPT:
        _kept.popitem(last=False)
    return folder


def _stamp(places: Iterable[Path]) -> _Stamp:
    made = []
    for place in places:
        try:
            status = place.stat()
            made.append((str(place), status.st_mtime_ns, status.st_size))
        except OSError:
            made.append((str(place), 0, -1))
    return tuple(made)


def _spread(items: list[Any], most: int = _MOST_WATCHED) -> list[Any]:
    """At most so many items, taken evenly."""
    if len(items) <= most:
        return items
    return [items[number * len(items) // most] for number in range(most)]


def _inspect(path: Path, found: Scan) -> ImageFolder:
    everything = list(found.every_file())
    looked_at = _spread(everything, MOST_HEADS)
    pictures = {file: look(path / file) for file in looked_at}
    problems = dict(found.skipped)
    problems |= {file: picture.problem for file, picture in pictures.items() if picture.problem}
    good = {file: picture for file, picture in pictures.items() if not picture.problem}
    whole = len(good)
    decoded = _decode_some(path, good)
    for file, problem in decoded.items():
        if problem:
            problems[file] = problem
            del good[file]
    if len(problems) > MOST_UNREADABLE:
        examples = "; ".join(f"{show(file, 80)}: {why}" for file, why in list(problems.items())[:3])
        raise ImageError(
            f"{len(problems):,} files in {show(path.name, 60)} cannot be used as images "
            f"({examples}). Clean the folder up first."
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
    _check_enough(path, found, counted)
    total: Counter[str] = Counter()
    for own in counted.values():
        total.update(dict(own))
    format = {
        "classes": classes,
        "parts": {part: top for part, top in found.parts.items() if part in counted},
        "channels": 1 if all(picture.gray for picture in good.values()) else 3,
        "size": list(most_common_size(good.values())),
        "unreadable": sorted(problems),
    }
    heads = None if len(looked_at) == len(everything) else len(looked_at)
    sample = None if len(decoded) == whole else len(decoded)
    return ImageFolder(
        path=path,
        format=format,
        classes=[(name, total[name]) for name in classes],
        parts=counted,
        notes=notes_on(found, parts, classes, good, problems, heads, sample),
        preview=_preview(path, found, classes, good),
        examples=sum(total.values()),
    )


def _decode_some(path: Path, good: dict[str, Picture]) -> dict[str, str]:
    """Decode all pixels of as many files as a few seconds allow, taken from everywhere."""
    files = list(good)
    random.Random(0).shuffle(files)
    done: dict[str, str] = {}
    pixels = 0
    for file in files[:MOST_DECODED]:
        pixels += good[file].width * good[file].height
        if done and pixels > MOST_DECODED_PIXELS:
            break
        done[file] = decode(path / file)
    return done


def _classes(path: Path, found: Scan, parts: dict[str, list[tuple[str, int]]]) -> list[str]:
    """The classes that can be learned: those with images to learn from."""
    name = show(path.name or str(path), 60)
    learned = parts.get("train", parts.get("", []))
    classes = [label for label, count in learned if count and is_plain_name(label)]
    if len(classes) >= 2:
        return classes
    place = f"{name}, in {show(found.parts['train'])}," if found.parts else name
    hint = "" if found.parts else _hint(path, [label for label, _ in learned])
    if not learned:
        loose = f" It holds {count(found.loose, 'image')} without a folder." if found.loose else ""
        links = (
            f" {listed(found.linked)}: links out of the folder are left out."
            if found.linked
            else ""
        )
        raise ImageError(
            f"There are no folders in {place}: one folder of images is needed for each class."
            f"{loose}{links}{hint}"
        )
    if not classes:
        raise ImageError(
            f"No folder in {place} holds an image that can be read; there are "
            f"{listed(label for label, _ in learned)}.{hint}"
        )
    empty = [label for label, count in learned if not count]
    without = f" {listed(empty)}: no images there." if empty else ""
    raise ImageError(
        f"There is only one class in {place}: {show(classes[0])}. At least two are needed, each "
        f"in its own folder.{without}{hint}"
    )


def _check_enough(path: Path, found: Scan, counted: dict[str, list[tuple[str, int]]]) -> None:
    part = "train" if found.parts else ""
    images = sum(number for _, number in counted[part])
    if images < FEWEST:
        place = f"{show(found.parts[part])} of " if part else ""
        raise ImageError(
            f"There {'is' if images == 1 else 'are'} only {count(images, 'image')} in "
            f"{place}{show(path.name or str(path), 60)}; at least {FEWEST} are needed to "
            "train and test a model."
        )


def _hint(path: Path, names: list[str]) -> str:
    """The folder that was probably meant: one that holds folders of its own."""
    for name in names[:20]:
        try:
            inside = [entry for entry in (path / name).iterdir() if entry.is_dir()]
        except OSError:
            continue
        if len(inside) >= 2:
            return f" Did you mean the folder {show(name)} in it?"
    return ""


def _preview(
    path: Path, found: Scan, classes: list[str], good: dict[str, Picture]
) -> list[tuple[str, list[bytes]]]:
    files = found.files.get("train", found.files.get("", {}))
    made = []
    for name in classes[:PREVIEW_CLASSES]:
        known = [file for file in files[name] if file in good]
        small = (thumbnail(path / file) for file in _spread(known, PREVIEW_IMAGES))
        made.append((name, [image for image in small if image is not None]))
    return made
