"""Pictures that are there more than once, perhaps in two classes or in two parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path

from mlprov_widgets._files import file_hash
from mlprov_widgets.messages import Note
from mlprov_widgets.wording import quote

# So many bytes are read to compare files; more would take too long.
_MOST_BYTES = 2**30


class Repeats:
    """Pictures by what is in them, one after another."""

    def __init__(self) -> None:
        self._first: dict[bytes, tuple[str, Hashable, str]] = {}
        self._counts: Counter[str] = Counter()
        self._pairs: dict[str, tuple[str, str]] = {}

    def add(self, digest: bytes, name: str, label: Hashable, part: str = "") -> None:
        """Take note of a picture.

        Parameters
        ----------
        digest : bytes
            The same for the same picture.
        name : str
            What it is called in a sentence.
        label : hashable
            Its class.
        part : str
            The part that it is in, where the data are divided.
        """
        first, its_label, its_part = self._first.setdefault(digest, (name, label, part))
        if first == name:
            return
        kinds = ["again"]
        if label != its_label:
            kinds.append("class")
        if part != its_part:
            kinds.append("part")
        for kind in kinds:
            self._counts[kind] += 1
            self._pairs.setdefault(kind, (first, name))

    def notes(self) -> Iterator[Note]:
        """What is worth saying of them."""
        codes = {
            "again": "images_repeated",
            "class": "images_of_two_classes",
            "part": "images_of_two_parts",
        }
        for kind, code in codes.items():
            if kind in self._counts:
                one, other = self._pairs[kind]
                yield Note(code, images=self._counts[kind], one=one, other=other)


def file_repeats(
    root: Path,
    files: Mapping[str, Mapping[str, list[str]]],
    good: Mapping[str, object],
    digests: Mapping[str, bytes],
) -> Iterator[Note]:
    """What is worth saying of image files that are there more than once.

    Parameters
    ----------
    root : Path
        What their paths are relative to.
    files : mapping
        Part and class to paths.
    good : mapping
        By the paths of those that can be used.
    digests : mapping of str to bytes
        By what is in them, of those of which all pixels are known; if that is not known of all,
        the bytes of the files are compared.
    """
    known = digests if len(digests) == len(good) else _digests_of_files(root, list(good))
    found = Repeats()
    for part, classes in files.items():
        for label, paths in classes.items():
            for path in paths:
                if path in known and path in good:
                    found.add(known[path], quote(path, 60), label, part)
    return found.notes()


def _digests_of_files(root: Path, files: list[str]) -> dict[str, bytes]:
    """Of files that have the same size as another, which is where the same picture can be."""
    sizes: dict[str, int] = {}
    for file in files:
        try:
            sizes[file] = (root / file).stat().st_size
        except OSError:
            continue
    often = Counter(sizes.values())
    found: dict[str, bytes] = {}
    left = _MOST_BYTES
    for file, size in sizes.items():
        if often[size] > 1 and left >= size:
            left -= size
            try:
                found[file] = bytes.fromhex(file_hash(root / file))
            except OSError:
                continue
    return found
