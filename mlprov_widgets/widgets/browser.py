"""What only the browser can do: scroll, move the focus, keep keys, name groups, copy."""

from __future__ import annotations

import anywidget
import traitlets

from mlprov_widgets._files import asset


class _Helper(anywidget.AnyWidget):
    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Scroller(_Helper):
    """Moves the part of the page it sits in, and nothing else.

    `target` is ``{"cell": id, "serial": number}``: the cell to bring to the top, or, with an
    empty id, the first marked line to bring into sight if none is; or ``{"head": True, ...}``:
    what is said at the head of the form; or with ``field``, the field to bring into sight and to.
    """

    _esm = asset("widgets/scroller.js")
    target = traitlets.Dict().tag(sync=True)

    _serial = 0

    def to(self, cell: str) -> None:
        """Bring a cell to the top."""
        self._move(cell=cell)

    def to_head(self) -> None:
        """Bring the form's head into sight: what has just been said, else its title."""
        self._move(head=True)

    def to_field(self, name: str) -> None:
        """Bring a field of the form into sight, and the focus into it."""
        # A page that has just been turned to has its own cell brought to the top as well.
        cell = str(self.target.get("cell", ""))
        self._move(cell=cell, field=name)

    def to_marks(self) -> None:
        """Bring a marked line into sight, unless one is."""
        self.to("")

    def _move(self, **target: str | bool) -> None:
        self._serial += 1
        self.target = {**target, "serial": self._serial}


class Keyboard(_Helper):
    """Gives the form around it its keys: before JupyterLab, and arrow keys in radio buttons."""

    _esm = asset("widgets/keyboard.js")


class Copy(anywidget.AnyWidget):
    """A button that copies a text."""

    _esm = asset("widgets/copy.js")
    label = traitlets.Unicode("Copy").tag(sync=True)
    text = traitlets.Unicode("").tag(sync=True)

    def __repr__(self) -> str:
        return f"Copy({self.label!r})"
