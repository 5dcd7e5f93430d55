"""What is worth knowing of an image folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

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
) -> Iterator[Note]:
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
    """
    if problems:
        files, words = len(problems), problems_in_words(problems, 4)
        yield Note("files_unusable", files=files, problems=words)
    yield from _about_classes(parts, classes)
    yield from _about_parts(found, parts, classes)
    yield from _about_pictures(good)
    yield from _about_strangers(found)
    if heads is not None:
        every = sum(1 for _ in found.every_file())
        yield Note("files_opened", files=every, opened=heads, decoded=decoded)
    elif decoded is not None:
        yield Note("files_decoded", decoded=decoded)


def most_common_size(pictures: Iterable[Picture]) -> tuple[int, int]:
    """Height and width in pixels that most images have; the larger ones if as many have others."""
    sizes = Counter((picture.height, picture.width) for picture in pictures)
    return max(sizes, key=lambda size: (sizes[size], size))


def problems_in_words(problems: dict[str, str], most: int) -> str:
    """The first files that cannot be used and why, then how many more there are."""
    return joined([f"{quote(file, 80)}: {why}" for file, why in problems.items()], most)


def _about_classes(parts: dict[str, _Counts], classes: list[str]) -> Iterator[Note]:
    learned = dict(parts.get("train", parts.get("", [])))
    if empty := [name for name, number in learned.items() if not number]:
        yield Note("classes_without_images", classes=empty)
    counts = [(name, learned[name]) for name in classes]
    if few := [name for name, number in counts if number < FEW]:
        yield Note("classes_of_few_images", fewest=FEW, classes=few)
    yield from uneven_classes(counts)
    spelled = Counter(map(str.casefold, classes))
    if alike := [name for name in classes if spelled[name.casefold()] > 1]:
        yield Note("classes_look_alike", classes=alike)


def uneven_classes(counts: _Counts) -> Iterator[Note]:
    """A note where one class has many times the images of another."""
    largest, most = max(counts, key=lambda item: item[1])
    smallest, least = min(counts, key=lambda item: item[1])
    if most >= _UNEVEN * least:
        yield Note("classes_uneven", most=most, largest=largest, least=least, smallest=smallest)


def _about_parts(found: Scan, parts: dict[str, _Counts], classes: list[str]) -> Iterator[Note]:
    for part, counts in parts.items():
        if part in ("", "train"):
            continue
        place, own = found.parts[part], {name for name, number in counts if number}
        if strange := sorted(own.difference(classes)):
            yield Note("part_of_strangers", count=len(strange), folders=strange, part=place)
        lacking = [name for name in classes if name not in own]
        if own and lacking:
            yield Note("part_lacks_classes", part=place, classes=lacking)
        if not own.intersection(classes):
            yield Note("part_without_images", part=place)
    if found.beside:
        yield Note("folders_beside_parts", folders=found.beside)


def _about_pictures(good: dict[str, Picture]) -> Iterator[Note]:
    sizes = Counter((picture.width, picture.height) for picture in good.values())
    if len(sizes) > 1:
        height, width = most_common_size(good.values())
        yield Note(
            "sizes_differ",
            smallest=pixels(*min(sizes, key=_area)),
            largest=pixels(*max(sizes, key=_area)),
            usual=pixels(width, height),
            most=sizes[width, height],
            images=len(good),
        )
    if tiny := [file for file, one in good.items() if min(one.width, one.height) < _TINY]:
        yield Note("images_tiny", images=len(tiny), fewest=_TINY, files=_files(tiny))
    modes = Counter(picture.mode for picture in good.values())
    if len(modes) > 1:
        kinds = [
            f"{number:,} {_MODE_WORDS.get(mode, mode)}" for mode, number in modes.most_common()
        ]
        gray = all(picture.gray for picture in good.values())
        yield Note("colours_differ", kinds=kinds, one="gray" if gray else "RGB")
    if deep := [file for file, picture in good.items() if picture.deep]:
        yield Note("images_deep", images=len(deep), files=_files(deep))
    if moving := [file for file, picture in good.items() if picture.animated]:
        yield Note("images_animated", images=len(moving), files=_files(moving))


def _about_strangers(found: Scan) -> Iterator[Note]:
    if found.others:
        yield Note("files_no_images", files=found.others.total(), names=_files(found.others))
    if found.loose:
        yield Note("images_outside_classes", images=found.loose)
    if found.hidden:
        yield Note("files_hidden", files=found.hidden)
    if found.linked:
        yield Note("folders_linked", folders=_files(found.linked))
    if found.nested and _are_all_nested(found):
        folders = sorted({file.rsplit("/", 1)[0] for file in found.every_file()})
        yield Note("folders_all_nested", classes=_classes_of(found), folders=folders)
    elif found.nested:
        yield Note("folders_nested", folder=found.nested[0])


def _classes_of(found: Scan) -> list[str]:
    return list(dict.fromkeys(name for classes in found.files.values() for name in classes))


def _are_all_nested(found: Scan) -> bool:
    """Whether no class folder holds an image itself, so that others may be meant."""
    above = 2 if found.parts else 1
    return all(file.count("/") > above for file in found.every_file())


def _area(size: tuple[int, int]) -> tuple[int, int]:
    return size[0] * size[1], size[0]


def _files(names: Iterable[str]) -> str:
    return format_list((quote(name, 60) for name in names), 3)
