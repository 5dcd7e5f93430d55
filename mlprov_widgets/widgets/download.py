"""A file to a person's computer, byte by byte, wherever the wizard is shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from mlprov_widgets.widgets.guard import log, sentence
from mlprov_widgets.widgets.markup import asset

_PAUSE = 0.5  # seconds, less than which nobody wants a file twice


class Download(anywidget.AnyWidget):
    """A button that saves a file in the browser.

    Voilà serves no files and a data link is limited in size, so the bytes are sent when the
    button is clicked, and only then.

    Parameters
    ----------
    label : str
        Words on the button.
    provide : callable
        Returns the file's name and its bytes; what it raises is said beside the button.
    """

    _esm = asset("download.js")
    label = traitlets.Unicode("Download").tag(sync=True)

    def __init__(self, label: str, provide: Callable[[], tuple[str, bytes]]) -> None:
        super().__init__(label=label)
        self._provide = provide
        self._asked = -_PAUSE
        self.on_msg(self._received)

    def __repr__(self) -> str:
        return f"Download({self.label!r})"

    def _received(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if not isinstance(content, dict) or content.get("kind") != "wanted":
            return
        # A page that asks again and again would fill the memory of the server in between.
        now = time.monotonic()
        if now - self._asked < _PAUSE:
            return
        self._asked = now
        try:
            name, whole = self._provide()
        except Exception as error:
            log.warning("A download failed.", exc_info=True)
            self.send({"kind": "refused", "message": sentence(error)})
        else:
            self.send({"kind": "file", "name": name}, [whole])
