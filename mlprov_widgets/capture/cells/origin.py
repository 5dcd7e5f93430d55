"""Where the running code comes from: its notebook or script, and what that says about itself."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mlprov_widgets._files import newest_files, stamp_of
from mlprov_widgets.errors import RecordError
from mlprov_widgets.notebooks.formats import (
    DEFAULT,
    SCRIPT,
    SourceCell,
    is_notebook,
    read_document,
)
from mlprov_widgets.notebooks.manifest import Manifest, manifest_in
from mlprov_widgets.record import source_hash

_MAX_RUNNERS = 4  # programs, each started by the one before
_MAX_FOLDERS = 300  # that are looked into for a notebook of that name
_MAX_NEIGHBOURS = 40  # notebooks in the folder that are looked into
_MAX_NEIGHBOUR_BYTES = 10_000_000  # all together


@dataclass
class CodeOrigin:
    """A notebook or script, and how it was generated; empty where none was found.

    Parameters
    ----------
    path : Path or None
    cells : list of SourceCell
        As they are in the file.
    generated : list of SourceCell
        As they were generated.
    kernel : str
        The kernel that a notebook asks for.
    manifest : Manifest
        How it was generated; of one that was not, or whose manifest is damaged, nothing.
    stamp : tuple of int
        Time of the last change and size of the file when it was read.
    """

    path: Path | None = None
    cells: list[SourceCell] = field(default_factory=list)
    generated: list[SourceCell] = field(default_factory=list)
    kernel: str = ""
    manifest: Manifest = field(default_factory=lambda: Manifest("", "", {}, {}))
    stamp: tuple[int, int] = (0, 0)

    def refreshed(self) -> CodeOrigin:
        """The same with the cells of the file as it is now: a person may have saved it since."""
        if self.path is None or stamp_of(self.path) == self.stamp:
            return self
        found = read_origin(self.path)
        return self if found is None else replace(self, cells=found.cells, stamp=found.stamp)


def read_origin(path: Path) -> CodeOrigin | None:
    """Read a notebook or script; None where it is no such thing. Never raises for its content."""
    stamp = stamp_of(path)
    try:
        found = read_document(path, otherwise=SCRIPT)
    except RecordError:
        return None
    origin = CodeOrigin(path, found.cells, kernel=found.kernel, stamp=stamp)
    # The file may be anybody's, and what runs is recorded whatever it says of itself.
    with contextlib.suppress(RecordError):
        if manifest := manifest_in(found, path):
            origin.manifest = manifest
            origin.generated = list(_generated(manifest, found.cells))
    return origin


def find_notebook(name: str, running: str, names: Mapping[str, Any], folder: Path) -> CodeOrigin:
    """The notebook that runs.

    Parameters
    ----------
    name : str
        The name that the notebook gave.
    running : str
        Source of the cell that runs now: only a file with such a cell can be the one. A kernel
        inherits the environment of whatever started it, so a variable alone proves nothing.
    names : mapping
        The notebook's global names.
    folder : Path
        The working directory.

    Returns
    -------
    CodeOrigin
        An empty one where no file fits.
    """
    weaker: CodeOrigin | None = None
    for path in _candidates(name, names, folder):
        origin = read_origin(path)
        if origin is None:
            continue
        if _holds(origin, running):
            return origin
        # Edited since the last save: it still calls start_run somewhere.
        if weaker is None and any("start_run" in cell.source for cell in origin.cells):
            weaker = origin
    if weaker is not None:
        return weaker
    for path in newest_files(folder, is_notebook, _MAX_NEIGHBOURS, _MAX_NEIGHBOUR_BYTES):
        origin = read_origin(path)
        if origin is not None and origin.generated and _holds(origin, running):
            return origin
    return CodeOrigin()


def _holds(origin: CodeOrigin, running: str) -> bool:
    digest = source_hash(running)
    return any(source_hash(cell.source) == digest for cell in origin.cells)


def _candidates(name: str, names: Mapping[str, Any], folder: Path) -> Iterator[Path]:
    runners = list(_runners())
    told = (
        os.environ.get("MLPROV_NOTEBOOK"),
        names.get("__vsc_ipynb_file__"),
        os.environ.get("JPY_SESSION_NAME"),
        # A copy still gives the old name; who runs it, as nbconvert does, was told the new one.
        *(place for _, words in runners for place in words),
    )
    name = name if is_notebook(name) else f"{name}{DEFAULT.suffix}"
    folders = list(dict.fromkeys([folder, *(place for place, _ in runners)]))
    places = [folder / place for place in told if isinstance(place, str) and place]
    places += [place / Path(name).name for place in folders]
    seen = set()
    for path in (*places, *_below(folders[1:], Path(name).name)):
        if is_notebook(path) and path not in seen and path.is_file():
            seen.add(path)
            yield path


def _runners() -> Iterator[tuple[Path, list[str]]]:
    """Working folders of the programs that started this one, and notebooks that they were told."""
    import psutil

    try:
        process = psutil.Process()
        for parent in process.parents()[:_MAX_RUNNERS]:
            words = [word for word in parent.cmdline() if is_notebook(word)]
            # A program may have changed its folder since it was told.
            for told in dict.fromkeys((parent.environ().get("PWD", ""), parent.cwd())):
                place = Path(told)
                if told and place != Path(place.anchor):  # a service's says nothing
                    yield place, [str(place / word) for word in words]
    except (psutil.Error, OSError):
        return


def _below(folders: Iterable[Path], name: str) -> Iterator[Path]:
    """Files of a name in the folders below others, as far as there are few."""
    left = _MAX_FOLDERS
    for top in folders:
        for place, inner, files in os.walk(top):
            depth = len(Path(place).relative_to(top).parts)
            inner[:] = [one for one in inner if not one.startswith(".")] if depth < 3 else []
            if name in files:
                yield Path(place) / name
            left -= 1
            if left <= 0:
                return


def _generated(manifest: Manifest, cells: list[SourceCell]) -> Iterator[SourceCell]:
    by_hash: dict[str, list[str]] = {}
    for cell in cells:
        by_hash.setdefault(source_hash(cell.source), []).append(cell.source)
    for row in manifest.generated:
        source = row.get("source")
        if source is None:
            # A script has each source only once: in itself, unless it was edited there.
            source = (by_hash.get(row.get("sha256", "")) or [""]).pop(0)
        kind = "markdown" if row.get("kind") == "markdown" else "code"
        yield SourceCell(row.get("id", ""), kind, source, row.get("step", ""))
