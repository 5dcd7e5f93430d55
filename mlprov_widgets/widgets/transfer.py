"""A file from a person's computer or to it, byte by byte, wherever the wizard is shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from mlprov_widgets._files import asset
from mlprov_widgets.errors import MlprovError
from mlprov_widgets.widgets.guard import log, sentence
from mlprov_widgets.wording import format_size

_PAUSE = 0.5  # seconds, less than which nobody wants a file twice


class Upload(anywidget.AnyWidget):
    """A button that takes one file, in pieces that every server lets through.

    ipywidgets' own sends a file as one message; a server closes the connection over a message of
    more than 10 MB, and nobody is told.

    Parameters
    ----------
    label, accept : str
        Words on the button, and the kinds of file that the browser offers.
    limit : int
        Largest size, in bytes.
    on_file : callable
        Called as ``on_file(name, content)``; what it returns or raises is said beside the button.
    what : str
        What the file should hold, in a few words.

    Attributes
    ----------
    largest : int
        As `limit`, which a page can change for itself alone.
    """

    _esm = asset("widgets/upload.js")
    label = traitlets.Unicode("Upload…").tag(sync=True)
    accept = traitlets.Unicode("").tag(sync=True)
    limit = traitlets.Int(0).tag(sync=True)
    what = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        label: str,
        accept: str,
        limit: int,
        on_file: Callable[[str, bytes], str | None],
        what: str = "",
    ) -> None:
        super().__init__(label=label, accept=accept, limit=limit, what=what)
        self.largest = limit
        self.on_file = on_file
        self._forget()
        self.on_msg(self._received)

    def __repr__(self) -> str:
        return f"Upload({self.label!r}, at most {format_size(self.largest)})"

    def _received(self, _widget: Any, content: Any, buffers: Any) -> None:
        try:
            self._take(content, buffers)
        except Exception as error:
            log.warning("An upload failed.", exc_info=True)
            self._forget()
            self.send({"kind": "refused", "message": sentence(error)})

    def _take(self, content: Any, buffers: Any) -> None:
        kind = content.get("kind") if isinstance(content, dict) else None
        if kind == "begin":
            name, size = content.get("name"), content.get("size")
            if type(name) is not str or type(size) is not int or not 0 <= size <= self.largest:
                raise MlprovError("upload_too_large", size=format_size(self.largest))
            self._forget()
            self._name, self._size = name[:300], size
        elif kind == "piece" and self._name and len(buffers) == 1:
            before = len(self._content)
            self._content += buffers[0]
            if not before < len(self._content) <= self._size:
                raise MlprovError("upload_garbled")
        else:
            return
        if len(self._content) < self._size:
            self.send({"kind": "more", "got": len(self._content)})
            return
        name, whole = self._name, bytes(self._content)
        self._forget()
        words = self.on_file(name, whole)
        self.send({"kind": "done", "message": words} if words else {"kind": "done"})

    def _forget(self) -> None:
        self._name, self._size, self._content = "", 0, bytearray()


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

    _esm = asset("widgets/download.js")
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
