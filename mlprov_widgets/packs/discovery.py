"""Which packs there are, and what each is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from mlprov_widgets.errors import PackError
from mlprov_widgets.packs.files import check_link, pack_files
from mlprov_widgets.packs.model import Pack
from mlprov_widgets.packs.reading import common_folder, load_pack
from mlprov_widgets.packs.sources import NAMED, PackSource, pack_sources

_Stamp = tuple[tuple[str, int, int], ...]


@lru_cache(maxsize=64)
def _load(folder: Path, source: PackSource, stamp: tuple[_Stamp, _Stamp]) -> Pack:
    return load_pack(folder, source=source)


def _load_cached(folder: Path, source: PackSource) -> Pack:
    """A pack, read again only when one of its files has changed, come or gone.

    Raises
    ------
    PackError
        If it cannot be read.
    """
    try:
        check_link(folder, folder.parent)
        folder = folder.resolve()
        return _load(folder, source, (files_stamp(folder), files_stamp(common_folder(folder))))
    except OSError as error:
        raise PackError("pack_unreadable", folder, reason=error.strerror) from None


def files_stamp(folder: Path) -> _Stamp:
    """Name, time and size of each file: a file put back may be older than what it replaces.

    Raises
    ------
    PackError, OSError
        As `pack_files` does.
    """
    files = [(file, file.stat()) for file in pack_files(folder).values()]
    return tuple((str(file), stat.st_mtime_ns, stat.st_size) for file, stat in files)


def discover_packs(folders: Iterable[Path | str] = ()) -> dict[str, Pack]:
    """All packs by name.

    Parameters
    ----------
    folders : iterable of Path or str
        Packs, or folders that hold packs; for two of one name see `packs_and_errors`.

    Returns
    -------
    dict of str to Pack
        The bundled ones first, then folder by folder; in each by their `order`, then by name.

    Raises
    ------
    PackError
        If a folder is not there or one of its packs cannot be read.
    """
    packs, errors = packs_and_errors(folders)
    for error in errors.values():
        raise error
    return packs


def readable_packs(folders: Iterable[Path | str] = ()) -> dict[str, Pack]:
    """The packs of `packs_and_errors` alone.

    Raises
    ------
    PackError
        If a folder is not there.
    """
    return packs_and_errors(folders)[0]


def packs_and_errors(
    folders: Iterable[Path | str] = (),
) -> tuple[dict[str, Pack], dict[str, PackError]]:
    """All packs that can be read, and what is wrong with the others, both by name.

    Of several with one name, that in the last of the folders has it, or else the bundled one, that
    in the user's folder, an installed one; the others are called ``bundled:name``, ``user:name``,
    ``distribution:name``, or by their folder. One that cannot be read keeps its name.

    Raises
    ------
    PackError
        If a folder is not there.
    """
    found = _found(folders)
    # Of equal ones the last.
    holders = {
        place.name: place for source, place, _ in sorted(found, key=lambda one: one[0].strength)
    }
    packs: dict[str, Pack] = {}
    errors: dict[str, PackError] = {}
    for source, place, one in found:
        name = place.name if holders[place.name] == place else source.reference(place)
        if isinstance(one, Pack):
            packs[name] = one
        else:
            errors[name] = one
    return packs, errors


def _found(folders: Iterable[Path | str]) -> list[tuple[PackSource, Path, Pack | PackError]]:
    """All packs, in the order in which they are offered, each once."""
    found: dict[Path, tuple[PackSource, Path, Pack | PackError]] = {}
    for source in pack_sources(folders):
        loaded = {place.resolve(): _load_or_error(place, source) for place in _places(source)}
        for place, one in sorted(loaded.items(), key=lambda row: _order(*row)):
            # Of two namings the last counts; what is known anyway need not be named.
            if place not in found or found[place][0].kind == NAMED:
                found.pop(place, None)
                found[place] = (source, place, one)
    return list(found.values())


def _order(place: Path, one: Pack | PackError) -> tuple[int, str]:
    return (one.order if isinstance(one, Pack) else 0, place.name)


def _load_or_error(place: Path, source: PackSource) -> Pack | PackError:
    try:
        return _load_cached(place, source)
    except PackError as error:
        return error


def name_in(packs: Mapping[str, Pack], pack: Pack) -> str:
    """What a pack is called among those of `packs_and_errors`."""
    return next((name for name, one in packs.items() if one is pack), pack.name)


def pack_as_recorded(name: str, sha256: str, folders: Iterable[Path | str] = ()) -> Pack | None:
    """The pack with this name that a run was made with, or the one that is here instead of it.

    Of several with the name, one with this SHA-256 comes first, also where another hides it.

    Returns
    -------
    Pack or None
        None where there is none of this name.

    Raises
    ------
    PackError
        If a folder is not there, or if the pack that is here cannot be read.
    """
    found: Pack | PackError | None = None
    for source in sorted(pack_sources(folders), key=lambda source: source.strength):
        for place in _places(source):
            if place.resolve().name == name:
                found = _load_or_error(place, source)
                if isinstance(found, Pack) and found.sha256 == sha256:
                    return found
    if isinstance(found, PackError):
        raise found
    return found


def _places(source: PackSource) -> list[Path]:
    """The folders of the packs in one place, in the order in which they are offered."""
    folder = source.folder
    try:
        if not folder.is_dir():
            raise PackError("pack_folder_missing", folder)
        if (folder / "pack.toml").is_file():
            # One that somebody names may be a link; one that lies in a folder may not lead out.
            return [folder.resolve()]
        return sorted(file.parent for file in folder.glob("*/pack.toml"))
    except OSError as error:
        raise PackError("pack_folder_unreadable", folder, reason=error.strerror) from None


def find_pack(name: Path | str, folders: Iterable[Path | str] = ()) -> Pack:
    """The pack of this name, or the one in this folder.

    Raises
    ------
    PackError
        If it cannot be read, or there is none; the message names those that there are.
    """
    text = str(name)
    if ("/" in text or "\\" in text) and Path(name).is_dir():
        return load_pack(name)
    packs, errors = packs_and_errors(folders)
    if text not in packs:
        raise errors.get(text) or PackError("pack_unknown", name=text, packs=sorted(packs))
    return packs[text]
