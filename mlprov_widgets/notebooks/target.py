"""Where an executed notebook goes: over itself, to a new file, or to a second place."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from mlprov_widgets._files import check_room, cut_name, reason, second_places, write_new, write_over
from mlprov_widgets.errors import MlprovError, NotSavedError
from mlprov_widgets.notebooks.assembly import free_name


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
        self._stamp = _stamp(path)
        folder = self.file.parent
        try:
            if self.file != path and self.file.exists():
                raise MlprovError(
                    f"{self.file} exists already; choose another name for the output."
                )
            if not folder.is_dir():
                raise MlprovError(f"There is no folder {folder} to write the output to.")
            check_room(folder, self._stamp[1])
        except OSError as error:
            raise NotSavedError(
                f"{self.file} cannot be written ({reason(error)}), so the run would be for nothing "
                "and was not begun; make room there, or have the output written to another folder."
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
        import nbformat

        try:
            text = nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"
        except Exception as error:  # an output may hold anything
            return None, f"{self.file.name} could not be saved: its outputs are no JSON ({error})."
        why = ""
        for file in self._places():
            try:
                (write_over if file == self.path else write_new)(file, text.encode())
            except (OSError, ValueError) as error:
                why = why or reason(error)
                continue
            told = f"{self.file.name} could not be saved ({why})"
            return file, f"{told}; with its outputs it is in {file}." if why else ""
        return None, f"{self.file.name} could not be saved anywhere ({why})."

    def _places(self) -> Iterator[Path]:
        # Somebody may have saved the notebook while it ran; their edits are not ours to discard.
        if self.file != self.path or _stamp(self.path) == self._stamp:
            yield self.file
        stem = f"{self.file.stem}-executed"
        for folder in chain([self.file.parent], second_places()):
            try:
                yield free_name(folder, stem)
            except (OSError, MlprovError):  # no folder any more
                yield folder / f"{cut_name(stem)}.ipynb"


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
