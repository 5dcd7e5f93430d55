"""Which packs there are: the bundled ones and those in folders that the user names."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from mlprov_widgets.errors import PackError
from mlprov_widgets.packs.model import Pack
from mlprov_widgets.packs.reading import bundled_folder, load_pack


@lru_cache(maxsize=64)
def _load(folder: Path, stamp: int) -> Pack:
    return load_pack(folder)


def _load_cached(folder: Path) -> Pack:
    """A pack, read again only when one of its files has changed."""
    stamp = max((file.stat().st_mtime_ns for file in folder.iterdir()), default=0)
    return _load(folder.resolve(), stamp)


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
    packs: dict[str, Pack] = {}
    for folder in (bundled_folder(), *(Path(folder) for folder in folders)):
        if not folder.is_dir():
            raise PackError("there is no such folder of packs", folder)
        if (folder / "pack.toml").is_file():
            found = [folder]
        else:
            found = sorted(file.parent for file in folder.glob("*/pack.toml"))
        loaded = [_load_cached(place) for place in found]
        for pack in sorted(loaded, key=lambda pack: (pack.order, pack.name)):
            packs[pack.name] = pack
    return packs


def find_pack(name: Path | str, folders: Iterable[Path | str] = ()) -> Pack:
    """The pack of this name, or the one in this folder.

    Raises
    ------
    PackError
        If there is none; the message names those that there are.
    """
    text = str(name)
    if ("/" in text or "\\" in text) and Path(name).is_dir():
        return load_pack(name)
    packs = discover_packs(folders)
    if text not in packs:
        raise PackError(f"there is no pack {text!r}; there are {', '.join(sorted(packs))}")
    return packs[text]
