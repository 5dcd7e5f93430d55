"""Where packs come from: this package, another one, the user's own folder, one that is named."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from mlprov_widgets._files import config_folder
from mlprov_widgets.hosting import hosted
from mlprov_widgets.messages import Note

GROUP = "mlprov.packs"
FOLDERS = "MLPROV_PACKS"
# A name that several packs have is that of the one whose place comes last here.
BUNDLED, INSTALLED, USER, NAMED = "bundled", "installed", "user", "named"
_TOLD = {
    BUNDLED: "pack_source_bundled",
    INSTALLED: "pack_source_installed",
    USER: "pack_source_user",
    NAMED: "pack_source_named",
}
_STRENGTH = (INSTALLED, USER, BUNDLED, NAMED)


@dataclass(frozen=True)
class PackSource:
    """A place with packs.

    Parameters
    ----------
    kind : str
        ``bundled``, ``installed``, ``user`` or ``named``.
    folder : Path
        A pack, or a folder of packs.
    distribution, version : str
        The installed package that it belongs to, if any.
    """

    kind: str
    folder: Path
    distribution: str = ""
    version: str = ""

    @property
    def is_bundled(self) -> bool:
        """Whether its packs come with this package."""
        return self.kind == BUNDLED

    @property
    def strength(self) -> int:
        """Which pack a name means where several have it: the one of the largest number."""
        return _STRENGTH.index(self.kind)

    @property
    def text(self) -> str:
        """Where its packs come from, in words that follow a pack's name."""
        return Note(
            _TOLD[self.kind],
            folder=self.folder,
            distribution=self.distribution,
            version=self.version,
        )

    def reference(self, pack: Path) -> str:
        """What a pack in this place is called so that no other one is meant."""
        if self.kind == NAMED:
            return str(pack)
        return f"{self.distribution or self.kind}:{pack.resolve().name}"


def bundled_folder() -> Path:
    """Where the bundled packs are: inside the installed package, or beside it in a source tree."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "cell_templates"
    return inside if inside.is_dir() else package.parent / "cell_templates"


def user_folder() -> Path:
    """The user's own folder of packs, which need not be there."""
    return config_folder() / "packs"


def pack_sources(folders: Iterable[Path | str] = ()) -> Iterator[PackSource]:
    """All places to look for packs, in the order in which packs are offered.

    In a hosted app only those of this package and those that the host has named count.

    Parameters
    ----------
    folders : iterable of Path or str
        Named by the caller. Those in the variable ``MLPROV_PACKS`` count as named, too.
    """
    yield PackSource(BUNDLED, bundled_folder())
    if not hosted():
        yield from _installed()
        own = user_folder()
        if own.is_dir():
            yield PackSource(USER, own)
    named = filter(None, os.environ.get(FOLDERS, "").split(os.pathsep))
    for folder in (*named, *folders):
        yield PackSource(NAMED, Path(folder))


def source_of(folder: Path) -> PackSource:
    """The place of a pack that somebody has named by its folder."""
    parent = folder.resolve().parent
    if parent == bundled_folder().resolve():
        return PackSource(BUNDLED, parent)
    return PackSource(NAMED, folder.resolve())


@lru_cache(maxsize=1)
def _installed() -> tuple[PackSource, ...]:
    """What installed packages offer, found without importing any of them."""
    # Nearly nobody has one, and everybody would wait for importlib.metadata.
    if not any(map(_may_offer, filter(os.path.isdir, sys.path))):
        return ()
    from importlib.metadata import entry_points

    found = []
    for point in entry_points(group=GROUP):
        folder = _folder_of(point.value)
        if folder is not None and point.dist is not None:
            found.append(PackSource(INSTALLED, folder, point.dist.name, point.dist.version))
    return tuple(found)


def _may_offer(place: str) -> bool:
    """Whether a package that is installed in this folder names the group at all."""
    with contextlib.suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            if entry.name.endswith((".dist-info", ".egg-info")):
                with contextlib.suppress(OSError):
                    if GROUP.encode() in Path(entry.path, "entry_points.txt").read_bytes():
                        return True
    return False


def _folder_of(value: str) -> Path | None:
    """The folder of a package such as ``my_package.packs``."""
    top, *rest = value.partition(":")[0].strip().split(".")
    if not all(map(str.isidentifier, (top, *rest))):
        return None
    # Finding the top level imports nothing; finding what is below would.
    spec = find_spec(top)
    places = spec.submodule_search_locations if spec is not None else None
    folders = (Path(place, *rest) for place in places or ())
    return next(filter(Path.is_dir, folders), None)
