"""From a folder to a `Pack`, with errors that name file, line and field."""

from __future__ import annotations

import hashlib
import os
import re
from functools import lru_cache
from pathlib import Path

from mlprov_widgets.errors import PackError
from mlprov_widgets.packs.declaration import Declaration
from mlprov_widgets.packs.examples import read_examples
from mlprov_widgets.packs.files import MOST_BYTES, check_link, pack_files
from mlprov_widgets.packs.model import CellTemplate, Pack
from mlprov_widgets.packs.rows import NAME
from mlprov_widgets.packs.sources import PackSource, bundled_folder, source_of

_CELL = re.compile(r"(\d{3})_([a-z][a-z0-9_]*?)(?:-[a-z0-9-]+)?\.(py|md)\.jinja\Z")
_MOST_TEMPLATES = 500_000  # bytes; compiling them takes some seconds


def load_pack(
    folder: Path | str, common: Path | None = None, source: PackSource | None = None
) -> Pack:
    """Read and check a pack.

    Parameters
    ----------
    folder : Path or str
        Holds ``pack.toml``, the cell templates and, if there are any, ``examples.toml``.
    common : Path, optional
        Files that packs share; by default what `common_folder` gives.
    source : PackSource, optional
        The place that it was found in; by default the folder was named by somebody.

    Returns
    -------
    Pack

    Raises
    ------
    PackError
        With file, line and field.
    """
    folder = Path(folder)
    try:
        common = common_folder(folder) if common is None else common
        declared = Declaration(folder)
        cells = _cells(folder)
        name = folder.resolve().name
        if not NAME.match(name):
            raise PackError("pack_name_not_allowed", folder)
        return Pack(
            name=name,
            **declared.head,
            folder=folder,
            common=common,
            sha256=files_sha256(folder, common),
            source=source or source_of(folder),
            pages=declared.pages,
            parameters=declared.parameters,
            rules=declared.rules,
            metrics=declared.metrics,
            fields=declared.fields,
            cells=cells,
            examples=read_examples(folder / "examples.toml", declared.parameters),
        )
    except OSError as error:
        raise PackError("pack_unreadable", folder, reason=error.strerror) from None


def common_folder(folder: Path) -> Path:
    """The files that a pack shares with others: in ``_common`` beside it, else the bundled ones.

    So a copy of all packs, of an earlier release say, is read with the cells of its own time.

    Raises
    ------
    PackError
        If it is a link that leads elsewhere.
    """
    beside = folder.resolve().parent / "_common"
    check_link(beside, beside.parent)
    return beside if beside.is_dir() else bundled_folder() / "_common"


def _cells(folder: Path) -> tuple[CellTemplate, ...]:
    cells = []
    left = _MOST_TEMPLATES
    for file in sorted(folder.glob("[!_]*.jinja")):
        found = _CELL.match(file.name)
        if not found:
            raise PackError("cell_name_not_allowed", file)
        check_link(file, folder)
        left -= file.stat().st_size
        if left < 0:
            raise PackError("templates_too_large", file, most=_MOST_TEMPLATES // 1000)
        kind = "code" if found.group(3) == "py" else "markdown"
        name = file.name.removesuffix(f".{found.group(3)}.jinja")
        cells.append(CellTemplate(name, kind, found.group(2), file))
    if not any(cell.kind == "code" for cell in cells):
        raise PackError("code_cell_missing", folder)
    return tuple(cells)


def own_sha256(pack: Pack) -> str:
    """SHA-256 over the files of a pack as they are now, without the shared ones of this package.

    Raises
    ------
    PackError
        If there are too many, or one leads out of the folder.
    OSError
        If they cannot be read.
    """
    shared = [] if pack.common.is_relative_to(bundled_folder()) else [pack.common]
    return files_sha256(pack.folder, *shared)


def files_sha256(*folders: Path) -> str:
    """SHA-256 over the names and bytes of all files of some folders."""
    digest = hashlib.sha256()
    left = MOST_BYTES
    for folder in folders:
        for name, file in pack_files(folder).items():
            stat = file.stat()
            left -= stat.st_size
            if left < 0:
                raise PackError("pack_too_large", file, most=MOST_BYTES // 2**20)
            digest.update(os.fsencode(name) + b"\0")
            digest.update(_digest(file, stat.st_mtime_ns, stat.st_size))
    return digest.hexdigest()


@lru_cache(maxsize=4096)
def _digest(file: Path, time: int, size: int) -> bytes:
    """SHA-256 of a file that has not changed since; several packs share some."""
    return hashlib.sha256(file.read_bytes()).digest()
