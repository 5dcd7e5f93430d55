"""A file chooser that stays where it is told to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mlprov_widgets.widgets.host import inside

TABLES = ("*.csv", "*.tsv", "*.txt", "*.data", "*.dat", "*.CSV", "*.TSV")


def folder_chooser(
    folder: Path,
    confined: bool,
    on_pick: Callable[[str], None],
    patterns: Sequence[str] = TABLES,
    folders: bool = False,
) -> Any:
    """A file chooser that begins in a folder.

    Parameters
    ----------
    folder : Path
    confined : bool
        Whether nothing outside the folder may be listed or picked.
    on_pick : callable
        Called with the absolute path; whoever uses the file checks it again.
    patterns : sequence of str
        Names of files that are offered.
    folders : bool
        Whether a folder is picked instead of a file.

    Returns
    -------
    ipyfilechooser.FileChooser
    """
    from ipyfilechooser import FileChooser

    root = folder.resolve()

    class Chooser(FileChooser):
        # The library writes the chosen name into HTML as it is; this one writes none.
        _LBL_TEMPLATE = "<span></span>"

        def _set_form_values(self, path: str, filename: str) -> None:
            # Its own sandbox can be left by message, which would list any folder to a visitor.
            if confined and not inside(root, path):
                return
            if len(filename) > 255 or not filename.isprintable():
                return
            super()._set_form_values(path, filename)

        def _on_dircontent_select(self, change: Any) -> None:
            if change["new"] is not None:
                super()._on_dircontent_select(change)

    chooser = Chooser(
        path=str(root),
        filter_pattern=None if folders else list(patterns),
        show_only_dirs=folders,
        select_desc="Choose",
        change_desc="Choose",
        sandbox_path=str(root) if confined else None,
    )
    chooser.layout.width = "auto"
    # Two fixed shares and a gap between them are more than there is room for.
    chooser._gb.layout.grid_template_columns = "minmax(0, 3fr) minmax(0, 2fr)"
    chooser._filename.placeholder = "File"
    chooser._show_dialog()

    def picked(chosen: FileChooser) -> None:
        path = Path(chosen.selected or "")
        if (path.is_dir() if folders else path.is_file()) and (not confined or inside(root, path)):
            on_pick(str(path))

    chooser.register_callback(picked)
    return chooser
