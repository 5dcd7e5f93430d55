"""Where a run comes from: a file that is chosen in the folder, or uploaded."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from mlprov_widgets.errors import MlprovError, RecordError
from mlprov_widgets.hosting import Place
from mlprov_widgets.widgets.fields import hide, said
from mlprov_widgets.widgets.files import folder_chooser
from mlprov_widgets.widgets.guard import guarded
from mlprov_widgets.widgets.host import store
from mlprov_widgets.widgets.markup import escape, plain
from mlprov_widgets.widgets.upload import Upload

ENDINGS = (".json", ".ipynb", ".py", ".provn", ".xml", ".ttl", ".trig", ".rdf")
LARGEST = 50 * 10**6


class RunFile:
    """A file chooser and an upload button; nothing is taken from outside of a confined folder.

    Parameters
    ----------
    place : Place
        Where the chooser begins, where uploads are kept, and what may be read.
    taken : callable
        Called with the path; an upload that it refuses, by raising, is not kept.
    """

    def __init__(self, place: Place, taken: Callable[[Path], None]) -> None:
        self._space, self._taken = place, taken
        self._chooser: Any = None
        self._uploads: dict[str, Path] = {}
        self.words = widgets.HTML()
        self.words.add_class("mlprov-said")
        self.place = widgets.VBox()
        self.place.add_class("mlprov-chooser")
        limit = place.largest_upload(LARGEST)
        self.upload = Upload(
            "Upload a file…", ",".join(ENDINGS), limit, self._uploaded, "from your computer"
        )
        tools = widgets.HBox([self.upload])
        tools.add_class("mlprov-file-buttons")
        self.widget = widgets.VBox([self.place, tools, self.words])
        self.widget.add_class("mlprov-run-file")

    def open(self) -> None:
        """List the folder, which is not looked at before somebody wants to choose."""
        if self._chooser is None:
            patterns = [f"*{ending}" for ending in ENDINGS]
            picked = guarded(self._refuse)(self.take)
            self._chooser = folder_chooser(
                self._space, picked, patterns, say=self.say, hint=self._remark
            )
            # Before a first file there is nothing to go back to.
            hide(self._chooser._cancel, True)
            self.place.children = [self._chooser]
        else:
            self._chooser._show_dialog()

    def say(self, text: str) -> None:
        """Say what is wrong; nothing if the text is empty."""
        self.words.value = said([text], []) if text else ""
        hide(self.words, not text)

    def _remark(self, text: str) -> None:
        self.words.value = said([], [], text)
        hide(self.words, False)

    def _refuse(self, text: str) -> None:
        # Another one can be chosen at once, beside the words on this one.
        self._chooser._show_dialog()
        self.say(text)

    def take(self, path: Path | str) -> None:
        """Use this file.

        Raises
        ------
        MlprovError
            If it may not be read, or is refused.
        """
        if not self._space.may_read(path):
            raise MlprovError("Only files in the folder of this app can be used; upload yours.")
        # The first file of a kernel takes a moment, and a page that says nothing looks broken.
        self.words.value = '<p class="mlprov-remark" role="status">Reading the file…</p>'
        hide(self.words, False)
        try:
            self._taken(Path(path))
        except RecordError as error:
            # The file is known by its name to whoever has just chosen it.
            raise RecordError(str(error).replace(f"{Path(path).parent}{os.sep}", "")) from None
        finally:
            self.say("")
        name = escape(Path(path).name, 120)
        # Only heard: whoever sees the page sees what has appeared below.
        self.words.value = f'<p class="mlprov-sr" role="status">{name} was read; see below.</p>'
        self.words.remove_class("mlprov-hidden")
        if self._chooser is not None:
            self._chooser.fold()
            hide(self._chooser._cancel, False)

    def _uploaded(self, name: str, content: bytes) -> None:
        if Path(name).suffix.lower() not in ENDINGS:
            raise MlprovError(f"The file has to end in {', '.join(ENDINGS)}.")
        key = hashlib.sha256(content).hexdigest()
        kept = self._uploads.get(key)
        # Who uploads a file twice needs no second copy, unless the first one is another by now.
        if kept is not None and kept.is_file() and kept.read_bytes() == content:
            self.take(kept)
            return
        path = store(self._space, name, content, ENDINGS)
        try:
            self.take(path)
        except Exception as error:
            with contextlib.suppress(OSError):
                path.unlink()
            if isinstance(error, RecordError):
                # Nobody knows the name under which it was kept for a moment.
                raise RecordError(str(error).replace(path.name, plain(name, 80))) from None
            raise
        self._uploads[key] = path
