"""What was found in an image folder, in sentences for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from mlprov_widgets.images.pictures import Picture
from mlprov_widgets.images.scanning import Scan
from mlprov_widgets.tables.names import listed, show

FEW = 5
_TINY = 8
_UNEVEN = 10
_MODE_WORDS = {
    "1": "black and white",
    "L": "gray",
    "LA": "gray with transparency",
    "P": "with a palette",
    "RGB": "RGB",
    "RGBA": "RGB with transparency",
    "CMYK": "CMYK",
    "I;16": "gray with 16 bits",
}
_Counts = list[tuple[str, int]]


def notes_on(
    found: Scan,
    parts: dict[str, _Counts],
    classes: list[str],
    good: dict[str, Picture],
    problems: dict[str, str],
    heads: int | None,
    decoded: int | None,
) -> list[str]:
    """Sentences about a folder.

    Parameters
    ----------
    found : Scan
    parts : dict of str to list of (str, int)
        Readable images of each class in each part.
    classes : list of str
        Those that can be learned.
    good : dict of str to Picture
        Files that can be used.
    problems : dict of str to str
        Files that cannot, and why.
    heads : int or None
        How many files were opened; None if all were.
    decoded : int or None
        How many of them were decoded to the last pixel; None if all were.

    Returns
    -------
    list of str
    """
    return [
        *_about_problems(problems),
        *_about_classes(parts, classes),
        *_about_parts(found, parts, classes),
        *_about_pictures(good),
        *_about_strangers(found),
        *_about_sample(found, heads, decoded),
    ]


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: ``1 image``, ``2,000 images``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def most_common_size(pictures: Iterable[Picture]) -> tuple[int, int]:
    """Height and width in pixels that most images have; the larger ones if as many have others."""
    sizes = Counter((picture.height, picture.width) for picture in pictures)
    return max(sizes, key=lambda size: (sizes[size], size))


def _about_problems(problems: dict[str, str]) -> list[str]:
    if not problems:
        return []
    shown = "; ".join(f"{show(file, 80)}: {why}" for file, why in list(problems.items())[:4])
    more = f"; and {len(problems) - 4:,} more" if len(problems) > 4 else ""
    verb = "is" if len(problems) == 1 else "are"
    return [f"{count(len(problems), 'file')} cannot be used and {verb} left out ({shown}{more})."]


def _about_classes(parts: dict[str, _Counts], classes: list[str]) -> list[str]:
    notes = []
    learned = dict(parts.get("train", parts.get("", [])))
    empty = [name for name, number in learned.items() if not number]
    if empty:
        notes.append(f"No images are in {listed(empty)}: left out.")
    numbers = {name: learned[name] for name in classes}
    few = [name for name, number in numbers.items() if number < FEW]
    if few:
        notes.append(
            f"Fewer than {FEW} images are in {listed(few)}: too few to learn from and be tested on."
        )
    most, least = max(numbers.values()), min(numbers.values())
    if most >= _UNEVEN * least:
        largest = next(name for name, number in numbers.items() if number == most)
        smallest = next(name for name, number in numbers.items() if number == least)
        notes.append(
            f"The classes are uneven: {count(most, 'image')} in {show(largest)}, {least:,} in "
            f"{show(smallest)}."
        )
    alike = [name for name, number in Counter(map(str.casefold, classes)).items() if number > 1]
    if alike:
        both = [name for name in classes if name.casefold() in alike]
        notes.append(f"{listed(both)} differ in capitals only; each is a class of its own.")
    return notes


def _about_parts(found: Scan, parts: dict[str, _Counts], classes: list[str]) -> list[str]:
    notes = []
    for part, counts in parts.items():
        if part in ("", "train"):
            continue
        place, own = show(found.parts[part]), {name for name, number in counts if number}
        strange = [name for name in sorted(own) if name not in classes]
        if strange:
            verb = "is" if len(strange) == 1 else "are"
            notes.append(f"{listed(strange)} in {place} {verb} not among the classes: left out.")
        lacking = [name for name in classes if name not in own]
        if own and lacking:
            notes.append(f"{place} has no images of {listed(lacking)}.")
        if not own.intersection(classes):
            notes.append(
                f"{place} holds no image that can be used: that part is taken from the training "
                "images instead."
            )
    if found.beside:
        notes.append(f"Beside the parts, {listed(found.beside)} is left out.")
    return notes


def _about_pictures(good: dict[str, Picture]) -> list[str]:
    notes = []
    sizes = Counter((picture.width, picture.height) for picture in good.values())
    if len(sizes) > 1:
        height, width = most_common_size(good.values())
        most = sizes[width, height]
        least, largest = min(sizes, key=_area), max(sizes, key=_area)
        notes.append(
            f"Sizes differ: from {_size(*least)} to {_size(*largest)} pixels, most often "
            f"{_size(width, height)} ({most:,} of {len(good):,}). All are brought to one size."
        )
    tiny = [f for f, picture in good.items() if min(picture.width, picture.height) < _TINY]
    if tiny:
        notes.append(
            f"{count(len(tiny), 'image')} with fewer than {_TINY} pixels on a side: {_files(tiny)}."
        )
    modes = Counter(picture.mode for picture in good.values())
    if len(modes) > 1:
        kinds = ", ".join(f"{n:,} {_MODE_WORDS.get(mode, mode)}" for mode, n in modes.most_common())
        gray = all(picture.gray for picture in good.values())
        notes.append(f"Colours differ: {kinds}. All become {'gray' if gray else 'RGB'}.")
    deep = [file for file, picture in good.items() if picture.deep]
    if deep:
        notes.append(
            f"{count(len(deep), 'image')} with more than 8 bits a channel: {_files(deep)}."
        )
    moving = [file for file, picture in good.items() if picture.animated]
    if moving:
        notes.append(
            f"{count(len(moving), 'animated image')}, of which the first frame counts: "
            f"{_files(moving)}."
        )
    return notes


def _about_strangers(found: Scan) -> list[str]:
    notes = []
    if found.others:
        verb = "is" if found.others.total() == 1 else "are"
        notes.append(
            f"{count(found.others.total(), 'file')} without the ending of an image {verb} left "
            f"out: {_files(found.others)}."
        )
    if found.loose:
        verb = "lies" if found.loose == 1 else "lie"
        notes.append(f"{count(found.loose, 'image')} {verb} outside the class folders: left out.")
    if found.hidden:
        notes.append(f"Hidden files are left out ({found.hidden:,}).")
    if found.linked:
        notes.append(
            f"Linked folders are left out where they are inside a class or lead elsewhere: "
            f"{_files(found.linked)}."
        )
    if found.nested:
        notes.append(
            f"There are folders inside class folders, such as {show(found.nested[0], 60)}; their "
            "images count for the class."
        )
    return notes


def _about_sample(found: Scan, heads: int | None, decoded: int | None) -> list[str]:
    if heads is None and decoded is None:
        return []
    if heads is None:
        return [
            f"All files were opened, and {decoded:,} of them, taken at random, decoded to the last "
            "pixel."
        ]
    every = sum(1 for _ in found.every_file())
    rest = "" if decoded is None else f", and {decoded:,} decoded to the last pixel"
    return [f"There are {every:,} files; {heads:,} of them, taken evenly, were opened{rest}."]


def _area(size: tuple[int, int]) -> tuple[int, int]:
    return size[0] * size[1], size[0]


def _size(width: int, height: int) -> str:
    return f"{width:,} × {height:,}"


def _files(names: Iterable[str]) -> str:
    names = list(names)
    shown = ", ".join(show(name, 60) for name in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3:,} more"
