"""What only the browser can do: scroll, move the focus, keep keys, name groups, copy."""

from __future__ import annotations

import anywidget
import traitlets

from mlprov_widgets.widgets.markup import asset


class Scroller(anywidget.AnyWidget):
    """Moves the part of the page it sits in, and nothing else.

    `target` is ``{"cell": id, "serial": number}``: the cell to bring to the top, or, with an
    empty id, the first marked line to bring into sight if none is; or ``{"head": True, ...}``:
    what is said at the head of the form.
    """

    _esm = asset("scroller.js")
    target = traitlets.Dict().tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self._serial = 0

    def __repr__(self) -> str:
        return "Scroller()"

    def to(self, cell: str) -> None:
        """Bring a cell to the top."""
        self._serial += 1
        self.target = {"cell": cell, "serial": self._serial}

    def to_head(self) -> None:
        """Bring the form's head into sight: what has just been said, else its title."""
        self._serial += 1
        self.target = {"head": True, "serial": self._serial}

    def to_marks(self) -> None:
        """Bring a marked line into sight, unless one is."""
        self.to("")


class Keyboard(anywidget.AnyWidget):
    """Leaves the keys that are pressed in the form around it to the form, not to JupyterLab."""

    _esm = asset("keyboard.js")

    def __repr__(self) -> str:
        return "Keyboard()"


class RadioGroups(anywidget.AnyWidget):
    """Makes the radio buttons beside it groups with a name and with arrow keys."""

    _esm = asset("groups.js")

    def __repr__(self) -> str:
        return "RadioGroups()"


class Copy(anywidget.AnyWidget):
    """A button that copies a text."""

    _esm = asset("copy.js")
    label = traitlets.Unicode("Copy").tag(sync=True)
    text = traitlets.Unicode("").tag(sync=True)

    def __repr__(self) -> str:
        return f"Copy({self.label!r})"
