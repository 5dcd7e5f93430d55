"""The wizard with one pack, for its author."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from mlprov_widgets.errors import PackError
from mlprov_widgets.hosting import Limits
from mlprov_widgets.packs.trust import PREVIEW
from mlprov_widgets.server.application import serve


def serve_preview(folder: Path, port: int = 8867) -> None:
    """Serve the wizard with a pack, which follows its files, until the process is ended.

    Parameters
    ----------
    folder : Path
        The pack, or a folder of packs.
    port : int

    Raises
    ------
    PackError
        If there is no such folder.
    MlprovError
        If the port is taken.
    """
    if not folder.is_dir():
        raise PackError("pack_folder_missing", folder)
    task = folder.name if (folder / "pack.toml").is_file() else None
    code = (
        "from mlprov_widgets import wizard\n\n"
        f"wizard({task!r}, packs=[{str(folder)!r}], follow=True)"
    )
    os.environ[PREVIEW] = "1"
    with tempfile.TemporaryDirectory(prefix="mlprov-preview-") as there:
        page = Path(there) / "preview.ipynb"
        notebook = new_notebook(cells=[new_code_cell(code)], metadata={"title": folder.name})
        nbformat.write(notebook, page)
        serve(page, Limits(visitors=4, runs=1), port=port)
