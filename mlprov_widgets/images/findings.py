"""What is worth knowing of an image folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from mlprov_widgets.images.pictures import Picture, pixels
from mlprov_widgets.images.scanning import Scan
from mlprov_widgets.messages import Note
from mlprov_widgets.tables.names import joined
from mlprov_widgets.wording import format_list, quote

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
) -> list[Note]:
    """What is worth knowing of a folder.

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
    list of Note
    """
    return [
        *_about_problems(problems),
        *_about_classes(parts, classes),
        *_about_parts(found, parts, classes),
        *_about_pictures(good),
        *_about_strangers(found),
        *_about_sample(found, heads, decoded),
    ]


def most_common_size(pictures: Iterable[Picture]) -> tuple[int, int]:
    """Height and width in pixels that most images have; the larger ones if as many have others."""
    sizes = Counter((picture.height, picture.width) for picture in pictures)
    return max(sizes, key=lambda size: (sizes[size], size))


def problems_in_words(problems: dict[str, str], most: int) -> str:
    """The first files that cannot be used and why, then how many more there are."""
    return joined([f"{quote(file, 80)}: {why}" for file, why in problems.items()], most)


def _about_problems(problems: dict[str, str]) -> list[Note]:
    if not problems:
        return []
    return [Note("files_unusable", files=len(problems), problems=problems_in_words(problems, 4))]


def _about_classes(parts: dict[str, _Counts], classes: list[str]) -> list[Note]:
    notes = []
    learned = dict(parts.get("train", parts.get("", [])))
    empty = [name for name, number in learned.items() if not number]
    if empty:
        notes.append(Note("classes_without_images", classes=empty))
    numbers = {name: learned[name] for name in classes}
    few = [name for name, number in numbers.items() if number < FEW]
    if few:
        notes.append(Note("classes_of_few_images", fewest=FEW, classes=few))
    notes += uneven_classes(list(numbers.items()))
    alike = [name for name, number in Counter(map(str.casefold, classes)).items() if number > 1]
    if alike:
        both = [name for name in classes if name.casefold() in alike]
        notes.append(Note("classes_look_alike", classes=both))
    return notes


def uneven_classes(counts: _Counts) -> list[Note]:
    """A note where one class has many times the images of another."""
    largest = max(counts, key=lambda item: item[1])
    smallest = min(counts, key=lambda item: item[1])
    if largest[1] < _UNEVEN * smallest[1]:
        return []
    return [
        Note(
            "classes_uneven",
            most=largest[1],
            largest=largest[0],
            least=smallest[1],
            smallest=smallest[0],
        )
    ]


def _about_parts(found: Scan, parts: dict[str, _Counts], classes: list[str]) -> list[Note]:
    notes = []
    for part, counts in parts.items():
        if part in ("", "train"):
            continue
        place, own = found.parts[part], {name for name, number in counts if number}
        strange = [name for name in sorted(own) if name not in classes]
        if strange:
            notes.append(Note("part_of_strangers", count=len(strange), folders=strange, part=place))
        lacking = [name for name in classes if name not in own]
        if own and lacking:
            notes.append(Note("part_lacks_classes", part=place, classes=lacking))
        if not own.intersection(classes):
            notes.append(Note("part_without_images", part=place))
    if found.beside:
        notes.append(Note("folders_beside_parts", folders=found.beside))
    return notes


def _about_pictures(good: dict[str, Picture]) -> list[Note]:
    notes = []
    sizes = Counter((picture.width, picture.height) for picture in good.values())
    if len(sizes) > 1:
        height, width = most_common_size(good.values())
        notes.append(
            Note(
                "sizes_differ",
                smallest=pixels(*min(sizes, key=_area)),
                largest=pixels(*max(sizes, key=_area)),
                usual=pixels(width, height),
                most=sizes[width, height],
                images=len(good),
            )
        )
    tiny = [f for f, picture in good.items() if min(picture.width, picture.height) < _TINY]
    if tiny:
        notes.append(Note("images_tiny", images=len(tiny), fewest=_TINY, files=_files(tiny)))
    modes = Counter(picture.mode for picture in good.values())
    if len(modes) > 1:
        kinds = [
            f"{number:,} {_MODE_WORDS.get(mode, mode)}" for mode, number in modes.most_common()
        ]
        gray = all(picture.gray for picture in good.values())
        notes.append(Note("colours_differ", kinds=kinds, one="gray" if gray else "RGB"))
    deep = [file for file, picture in good.items() if picture.deep]
    if deep:
        notes.append(Note("images_deep", images=len(deep), files=_files(deep)))
    moving = [file for file, picture in good.items() if picture.animated]
    if moving:
        notes.append(Note("images_animated", images=len(moving), files=_files(moving)))
    return notes


def _about_strangers(found: Scan) -> list[Note]:
    notes = []
    if found.others:
        others = found.others.total()
        notes.append(Note("files_no_images", files=others, names=_files(found.others)))
    if found.loose:
        notes.append(Note("images_outside_classes", images=found.loose))
    if found.hidden:
        notes.append(Note("files_hidden", files=found.hidden))
    if found.linked:
        notes.append(Note("folders_linked", folders=_files(found.linked)))
    if found.nested:
        notes.append(Note("folders_nested", folder=found.nested[0]))
    return notes


def _about_sample(found: Scan, heads: int | None, decoded: int | None) -> list[Note]:
    if heads is None and decoded is None:
        return []
    if heads is None:
        return [Note("files_decoded", decoded=decoded)]
    every = sum(1 for _ in found.every_file())
    return [Note("files_opened", files=every, opened=heads, decoded=decoded)]


def _area(size: tuple[int, int]) -> tuple[int, int]:
    return size[0] * size[1], size[0]


def _files(names: Iterable[str]) -> str:
    return format_list((quote(name, 60) for name in names), 3)
