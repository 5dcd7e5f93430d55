"""Where an executed notebook goes: over itself, to a new file, or to a second place."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from mlprov_widgets._files import (
    check_room,
    cut_name,
    reason,
    second_places,
    stamp_of,
    write_new,
    write_over,
)
from mlprov_widgets.errors import MlprovError, NotSavedError
from mlprov_widgets.hosting import hosted
from mlprov_widgets.messages import message
from mlprov_widgets.notebooks.formats import DEFAULT
from mlprov_widgets.notebooks.formats.ipynb import read_node, write_node
from mlprov_widgets.notebooks.new_files import free_name


class Target:
    """The file that a run's notebook is saved to.

    Parameters
    ----------
    path : Path
        The notebook that is run.
    out : Path or None
        A new file for the executed one; None for `path` itself.

    Raises
    ------
    NotSavedError
        If its folder cannot be written.
    MlprovError
        If `out` exists already, or its folder does not.
    """

    def __init__(self, path: Path, out: Path | None) -> None:
        self.path, self.file = path, out or path
        self._stamp = stamp_of(path)
        folder = self.file.parent
        try:
            if self.file != path and self.file.exists():
                raise MlprovError("executed_exists", file=self.file)
            if not folder.is_dir():
                raise MlprovError("executed_folder_missing", folder=folder)
            check_room(folder, self._stamp[1])
        except OSError as error:
            raise NotSavedError(
                "executed_not_writable", file=self.file, reason=reason(error)
            ) from None

    def save(self, notebook: Any) -> tuple[Path | None, str]:
        """Save the executed notebook, if anywhere.

        Returns
        -------
        Path or None
            Where it is.
        str
            Why it is not where it belongs, in a sentence; else empty.
        """
        try:
            text = write_node(notebook)
        except Exception as error:  # an output may hold anything
            return None, message("executed_no_json", {"file": self.file.name, "reason": error})
        why = ""
        for file in self._places():
            try:
                (write_over if file == self.path else write_new)(file, text.encode())
            except (OSError, ValueError) as error:
                why = why or reason(error)
                continue
            _trust(text)
            where = {"file": self.file.name, "reason": why, "place": file}
            return file, message("executed_elsewhere", where) if why else ""
        return None, message("executed_nowhere", {"file": self.file.name, "reason": why})

    def _places(self) -> Iterator[Path]:
        # Somebody may have saved the notebook while it ran; their edits are not ours to discard.
        if self.file != self.path or stamp_of(self.path) == self._stamp:
            yield self.file
        stem = f"{self.file.stem}-executed"
        for folder in chain([self.file.parent], second_places()):
            try:
                yield free_name(folder, stem)
            except (OSError, MlprovError):  # no folder any more
                yield folder / f"{cut_name(stem)}{DEFAULT.suffix}"


def _trust(text: str) -> None:
    """Sign a notebook whose outputs were all made here, as Jupyter does with what is run in it."""
    if hosted():
        return
    # Without a place for signatures it opens as one that is not trusted, as before.
    with contextlib.suppress(Exception):
        from nbformat.sign import NotebookNotary

        notary = NotebookNotary()
        notary.sign(read_node(text))
        notary.store.close()
