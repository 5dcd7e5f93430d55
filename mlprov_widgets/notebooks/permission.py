"""Whether a notebook may be run: asked right before its kernel is started, and decided here alone.

At their own computer people run what they like. For visitors of a hosted app only cells are run
that a pack of this machine writes for values it allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting import Place, current_session, hosted
from mlprov_widgets.notebooks.formats.ipynb import METADATA
from mlprov_widgets.notebooks.manifest import Manifest
from mlprov_widgets.notebooks.rendering import render_cells
from mlprov_widgets.packs import Pack, check_values, readable_packs


def check_permission(notebook: Any, path: Path, folders: Iterable[Path | str] = ()) -> None:
    """Check that a notebook may be run by whoever this process serves.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        What would be executed, as it was read: not a file, which may change in between.
    path : Path
        Its file.
    folders : iterable of Path or str
        Further folders with packs, named by the host.

    Raises
    ------
    MlprovError
        If it may not be run; says why, and what to do instead.
    """
    if not hosted():
        return
    place = current_session().place
    if not place.runs:
        raise MlprovError("run_not_offered")
    if path.parent.resolve() != place.folder.resolve() or not place.may_write(path):
        raise MlprovError("run_made_elsewhere")
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    if code != _rendered(notebook, path, place, folders):
        raise MlprovError("run_with_other_code")


def check_several() -> None:
    """Check that whoever this process serves may run many notebooks in one go.

    Raises
    ------
    MlprovError
        In a hosted app: its queue gives each visitor one run at a time.
    """
    if hosted():
        raise MlprovError("sweep_not_hosted")


def _rendered(
    notebook: Any, path: Path, place: Place, folders: Iterable[Path | str]
) -> list[str] | None:
    """The code that the packs here write for the values that a notebook names; None if none do."""
    try:
        manifest = Manifest.from_dict(notebook.metadata.get(METADATA))
        pack = readable_packs(folders).get(str(manifest.pack.get("name")))
        if pack is None or not _stays(pack, manifest.values, place):
            return None
        checked = check_values(pack, manifest.values, place.folder)
        if checked.problems:
            return None
        cells = render_cells(pack, checked.values, path.name)
    except MlprovError:
        return None
    return [cell.source for cell in cells if cell.kind == "code"]


def _stays(pack: Pack, values: Mapping[str, Any], place: Place) -> bool:
    """Whether all paths among the values lead to where the visitor may read and write."""
    for name, parameter in pack.parameters.items():
        value = values.get(name, parameter.default)
        if parameter.is_path and value:
            may = place.may_write if parameter.kind.is_filled else place.may_read
            if not isinstance(value, str) or not may(value):
                return False
    return True
