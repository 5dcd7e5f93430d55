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
    say: Callable[[str], None] = lambda _text: None,
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
    say : callable
        Takes a sentence on a folder that cannot be opened; an empty one when all is well.

    Returns
    -------
    Chooser
    """
    from mlprov_widgets.widgets.chooser import Chooser

    root = folder.resolve()
    chooser = Chooser(root, confined, patterns, folders, say)

    def picked(chosen: Chooser) -> None:
        path = Path(chosen.selected or "")
        if (path.is_dir() if folders else path.is_file()) and (not confined or inside(root, path)):
            on_pick(str(path))

    chooser.register_callback(picked)
    return chooser
