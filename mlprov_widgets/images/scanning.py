"""The files of an image folder: which parts and classes there are, and what does not belong."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mlprov_widgets._files import reason
from mlprov_widgets.errors import ImageError
from mlprov_widgets.images.format import IMAGE_SUFFIXES, MOST_CLASSES, PARTS, is_unicode

# What people call the parts of a data set that comes divided.
_PART_OF = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "val"),
    **dict.fromkeys(("test", "testing"), "test"),
}
MOST_FILES = 1_000_000
_DEEPEST = 32


@dataclass
class Scan:
    """What lies in an image folder, by name only: no file was opened.

    Parameters
    ----------
    root : Path
    parts : dict of str to str
        Folder of ``train``, ``val`` and ``test``; empty if the data set is not divided.
    files : dict of str to dict of str to list of str
        Part (``""`` if there are none), class, and paths relative to the root.
    skipped : dict of str to str
        Paths that are called like images and are none, and why.
    """

    root: Path
    parts: dict[str, str] = field(default_factory=dict)
    files: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    hidden: int = 0
    loose: int = 0
    nested: list[str] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    beside: list[str] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    seen: int = 0

    def every_file(self) -> Iterator[str]:
        """All paths, part by part and class by class."""
        for classes in self.files.values():
            for paths in classes.values():
                yield from paths


def scan(root: Path) -> Scan:
    """Find parts, classes and files.

    Raises
    ------
    ImageError
        If the folder is not there, cannot be listed, or is laid out in another way.
    """
    name = root.name or str(root)
    try:
        mode = root.stat().st_mode
    except (OSError, ValueError):
        raise ImageError("image_folder_missing", folder=name, above=root.parent) from None
    if not stat.S_ISDIR(mode):
        raise ImageError("image_folder_is_file", file=name)
    found = Scan(root)
    tops = _class_folders(found, root, "")
    candidates = {top: part for top in tops if (part := _PART_OF.get(top.lower()))}
    divided = {top: part for top, part in candidates.items() if _is_divided(found, root / top)}
    if candidates and not divided and len(candidates) == len(tops) > 1:
        raise ImageError("parts_without_classes", parts=sorted(candidates), folder=name)
    if "train" in divided.values():
        for top, part in sorted(divided.items()):
            if part in found.parts:
                raise ImageError("part_twice", folder=name, parts=[found.parts[part], top])
            found.parts[part] = top
        found.parts = {part: found.parts[part] for part in PARTS if part in found.parts}
        found.beside = [top for top in tops if top not in divided]
        for part, top in found.parts.items():
            classes = _class_folders(found, root / top, f"{top}/")
            found.files[part] = {c: _images(found, f"{top}/{c}") for c in classes}
    elif divided and len(divided) == len(tops):
        raise ImageError("part_train_missing", folder=name, parts=sorted(divided))
    else:
        found.files[""] = {top: _images(found, top) for top in tops}
    return found


def _entries(found: Scan, folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            made = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise ImageError("folder_not_listed", folder=folder.name, reason=reason(error)) from None
    found.folders.append(folder)
    found.seen += len(made)
    if found.seen > MOST_FILES:
        raise ImageError("files_too_many", most=MOST_FILES, folder=found.root.name)
    return made


def _is_image_name(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES  # noqa: PTH122 - 100,000s of names


def _check_name(name: str) -> None:
    if not is_unicode(name):
        raise ImageError("name_no_text", name=name)
    if "\\" in name:
        raise ImageError("name_with_backslash", name=name)


def _leads_out(found: Scan, path: str | Path) -> bool:
    """Whether a link leads elsewhere, back to the whole folder, or nowhere at all."""
    try:
        target, root = Path(path).resolve(), found.root.resolve()
        return target == root or not target.is_relative_to(root)
    except (OSError, RuntimeError):
        return True


def _is(kind: Callable[[], bool]) -> bool:
    """Whether an entry is of a kind; one of which that cannot be said is of none."""
    try:
        return kind()
    except OSError:  # a link that leads to itself
        return False


def _class_folders(found: Scan, folder: Path, place: str) -> list[str]:
    """Names of the folders in a folder; what else is there is counted."""
    names = []
    for entry in _entries(found, folder):
        if entry.name.startswith("."):
            found.hidden += 1
        elif _is(entry.is_dir):
            _check_name(entry.name)
            if entry.is_symlink() and _leads_out(found, entry.path):
                found.linked.append(place + entry.name)
            else:
                names.append(entry.name)
        elif _is_image_name(entry.name):
            found.loose += 1
        else:
            found.others[entry.name] += 1
    if len(names) > MOST_CLASSES:
        raise ImageError(
            "classes_too_many", folder=folder.name, classes=len(names), most=MOST_CLASSES
        )
    return names


def _is_divided(found: Scan, folder: Path) -> bool:
    """Whether a folder holds folders and hardly an image: a part, and not a class of that name."""
    entries = [entry for entry in _entries(found, folder) if not entry.name.startswith(".")]
    folders = sum(_is(entry.is_dir) for entry in entries)
    images = sum(_is_image_name(entry.name) and not _is(entry.is_dir) for entry in entries)
    return folders > 0 and images <= folders


def _images(found: Scan, place: str) -> list[str]:
    """Paths of the images below a class folder; folders in it are entered, linked ones are not."""
    paths: list[str] = []
    waiting = [(place, 0)]
    while waiting:
        folder, depth = waiting.pop()
        for entry in _entries(found, found.root / folder):
            path = f"{folder}/{entry.name}"
            if entry.name.startswith("."):
                found.hidden += 1
            elif _is(entry.is_dir):
                _check_name(entry.name)
                if entry.is_symlink() or depth >= _DEEPEST:
                    found.linked.append(path)
                else:
                    found.nested.append(path)
                    waiting.append((path, depth + 1))
            elif not _is_image_name(entry.name):
                found.others[entry.name] += 1
            else:
                _check_name(entry.name)
                if entry.is_symlink() and not Path(entry.path).exists():
                    found.skipped[path] = "it is a link that leads nowhere"
                elif entry.is_symlink() and _leads_out(found, entry.path):
                    found.skipped[path] = "it is a link that leads out of the folder"
                elif not _is(entry.is_file):
                    found.skipped[path] = "it is not an ordinary file"
                else:
                    paths.append(path)
    return sorted(paths)
