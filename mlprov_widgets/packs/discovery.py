"""Which packs there are: the bundled ones and those in folders that the user names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from pathlib import Path

from mlprov_widgets.errors import PackError
from mlprov_widgets.packs.files import check_link, pack_files
from mlprov_widgets.packs.model import Pack
from mlprov_widgets.packs.reading import bundled_folder, common_folder, load_pack

_Stamp = tuple[tuple[str, int, int], ...]


@lru_cache(maxsize=64)
def _load(folder: Path, stamp: tuple[_Stamp, _Stamp]) -> Pack:
    return load_pack(folder)


def _load_cached(folder: Path) -> Pack:
    """A pack, read again only when one of its files has changed, come or gone.

    Raises
    ------
    PackError
        If it cannot be read.
    """
    try:
        check_link(folder, folder.parent)
        folder = folder.resolve()
        return _load(folder, (_stamp(folder), _stamp(common_folder(folder))))
    except OSError as error:
        raise PackError("pack_unreadable", folder, reason=error.strerror) from None


def _stamp(folder: Path) -> _Stamp:
    """Name, time and size of each file: a file put back may be older than what it replaces."""
    files = [(file, file.stat()) for file in pack_files(folder)]
    return tuple((str(file), stat.st_mtime_ns, stat.st_size) for file, stat in files)


def discover_packs(folders: Iterable[Path | str] = ()) -> dict[str, Pack]:
    """All packs by name.

    Parameters
    ----------
    folders : iterable of Path or str
        Packs, or folders that hold packs; a pack here hides a bundled one of the same name.

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

    A pack that cannot be read still hides those of its name in the folders before it.

    Raises
    ------
    PackError
        If a folder is not there.
    """
    packs: dict[str, Pack] = {}
    errors: dict[str, PackError] = {}
    for places in _places(folders):
        loaded = []
        for place in places:
            try:
                loaded.append(_load_cached(place))
            except PackError as error:
                name = place.resolve().name
                errors[name] = error
                packs.pop(name, None)
        for pack in sorted(loaded, key=lambda pack: (pack.order, pack.name)):
            packs[pack.name] = pack
            errors.pop(pack.name, None)
    return packs, errors


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
    for place in chain.from_iterable(_places(folders)):
        if place.resolve().name == name:
            try:
                found = _load_cached(place)
            except PackError as error:
                found = error
            else:
                if found.sha256 == sha256:
                    return found
    if isinstance(found, PackError):
        raise found
    return found


def _places(folders: Iterable[Path | str]) -> Iterator[list[Path]]:
    """The folders of packs, those in one folder together."""
    for folder in (bundled_folder(), *(Path(folder) for folder in folders)):
        try:
            if not folder.is_dir():
                raise PackError("pack_folder_missing", folder)
            if (folder / "pack.toml").is_file():
                # One that somebody names may be a link; one that lies in a folder may not lead out.
                yield [folder.resolve()]
            else:
                yield sorted(file.parent for file in folder.glob("*/pack.toml"))
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
