"""All that can be found out about a pack without running what it writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mlprov_widgets.authoring.declared import declared_faults
from mlprov_widgets.authoring.written import written_faults
from mlprov_widgets.errors import PackError
from mlprov_widgets.notebooks.template_names import template_faults
from mlprov_widgets.packs import Pack, load_pack, readable_packs
from mlprov_widgets.packs.declaration import row_faults
from mlprov_widgets.packs.files import pack_files

# What a pack may hold beside its declaration and its cells.
_OTHERS = (".md", ".txt", ".rst", ".png", ".svg")
_OWN = ("pack.toml", "examples.toml", "LICENSE")


@dataclass
class PackCheck:
    """What is wrong with a pack.

    Parameters
    ----------
    folder : Path
    pack : Pack or None
        None where it cannot be read.
    faults : list of PackError
        Each with its file and, where they are known, line and field.
    notebooks : int
        How many notebooks were written, in memory, to find them.
    """

    folder: Path
    pack: Pack | None = None
    faults: list[PackError] = field(default_factory=list)
    notebooks: int = 0


def check_pack(folder: Path | str) -> PackCheck:
    """Look for everything that is wrong with a pack; nothing of it is executed.

    Parameters
    ----------
    folder : Path or str
        With its ``pack.toml``, or that file.

    Returns
    -------
    PackCheck
    """
    folder = Path(folder)
    found = PackCheck(folder.parent if folder.name == "pack.toml" and folder.is_file() else folder)
    try:
        found.pack = pack = load_pack(found.folder)
    except PackError as error:
        further = {str(one): one for one in row_faults(found.folder)}
        found.faults = list({str(error): error, **further}.values())
        return found
    found.faults += template_faults(pack)
    found.faults += _files(pack)
    found.faults += declared_faults(pack)
    faults, found.notebooks = written_faults(pack)
    # What cannot be read cannot be rendered either.
    places = {(one.file, one.line) for one in found.faults}
    found.faults += [
        one
        for one in faults
        if one.code != "cell_not_written" or (one.file, one.line) not in places
    ]
    return found


def _files(pack: Pack) -> Iterator[PackError]:
    """Files that no door leads to, and a name that hides another pack."""
    cells = {cell.file.resolve() for cell in pack.cells}
    for file in pack_files(pack.folder).values():
        included = file.name.startswith("_") and file.suffix == ".jinja"
        if file.resolve() in cells or included or file.suffix in _OTHERS:
            continue
        if file.parent != pack.folder or file.name not in _OWN:
            yield PackError("pack_file_unused", file)
    bundled = readable_packs().get(pack.name)
    if bundled is not None and bundled.folder.resolve() != pack.folder.resolve():
        yield PackError("pack_hides_bundled", pack.folder, name=pack.name)
