"""A file chooser that stays where it is told to."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mlprov_widgets.hosting import Place
from mlprov_widgets.messages import message

TABLES = ("*.csv", "*.tsv", "*.txt", "*.data", "*.dat", "*.CSV", "*.TSV")


def folder_chooser(
    place: Place,
    on_pick: Callable[[str], None],
    patterns: Sequence[str] = TABLES,
    folders: bool = False,
    say: Callable[[str], None] = lambda _text: None,
    hint: Callable[[str], None] | None = None,
) -> Any:
    """A file chooser that begins in a folder.

    Parameters
    ----------
    place : Place
        Where it begins; what may not be read there is neither listed nor picked.
    on_pick : callable
        Called with the absolute path; whoever uses the file checks it again.
    patterns : sequence of str
        Names of files that are offered.
    folders : bool
        Whether a folder is picked instead of a file.
    say : callable
        Takes a sentence on a folder that cannot be opened; an empty one when all is well.
    hint : callable, optional
        Takes a sentence that is no problem, such as how many files are not shown.

    Returns
    -------
    Chooser
    """
    from mlprov_widgets.widgets.chooser import Chooser

    chooser = Chooser(place, patterns, folders, say, hint or say)

    def picked(chosen: Chooser) -> None:
        path = Path(chosen.selected or "")
        # Path.is_file raises where the folder may be listed but not entered.
        there = os.path.isdir(path) if folders else os.path.isfile(path)  # noqa: PTH112, PTH113
        if there and place.may_read(path):
            on_pick(str(path))
            return
        chosen.unfold()
        kind = "folder" if folders else "file"
        say(message("chosen_path_outside", {"name": path.name, "kind": kind}))

    chooser.register_callback(picked)
    return chooser
