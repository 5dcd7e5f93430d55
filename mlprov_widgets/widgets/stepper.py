"""Where one is, what is done, and which page wants something: across the top."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from mlprov_widgets.widgets.state import REVIEW, Stop, WizardState

_KINDS = ("todo", "done", "current", "problem")


class Stepper:
    """A button for each page.

    Parameters
    ----------
    go : callable
        Called with the name of the page that was clicked.
    """

    def __init__(self, go: Callable[[str], None]) -> None:
        self._go = go
        self._stops: list[Stop] = []
        self.buttons: dict[str, widgets.Button] = {}
        self.words = widgets.HTML()
        self.words.add_class("mlprov-sr")
        self.widget = widgets.HBox()
        self.widget.add_class("mlprov-stepper")

    def show(self, state: WizardState, written: bool = False) -> None:
        """Bring it up to date with the state, or say that all is done: the file is written."""
        if self._stops != state.stops:
            self._stops = state.stops
            self.buttons = {stop.name: self._button(stop) for stop in self._stops}
            self.widget.children = (*self.buttons.values(), self.words)
        words = ""
        for number, stop in enumerate(self._stops, 1):
            problems = len(state.problems(stop.name))
            if stop.name == REVIEW and state.file_problem and not written:
                problems += 1
            current = stop.name == state.page
            kinds = {
                "current": current,
                "problem": problems > 0,
                "done": written or (stop.name in state.visited and not current and not problems),
            }
            kinds["todo"] = not any(kinds.values())
            button = self.buttons[stop.name]
            classes = [c for c in button._dom_classes if not c.startswith("mlprov-is-")]
            classes += [f"mlprov-is-{kind}" for kind in _KINDS if kinds[kind]]
            if list(button._dom_classes) != classes:
                button._dom_classes = tuple(classes)
            wants = "1 answer needs" if problems == 1 else f"{problems} answers need"
            tooltip = f"{stop.title}: {wants} attention" if problems else stop.title
            if button.tooltip != tooltip:
                button.tooltip = tooltip
            if current:
                where = f"Step {number} of {len(self._stops)}: {stop.title}."
                words = where + (f" {wants} attention." if problems else "")
        html = f'<span role="status">{words}</span>'
        if html != self.words.value:
            self.words.value = html

    def _button(self, stop: Stop) -> widgets.Button:
        button = widgets.Button(description=stop.title)
        button.add_class("mlprov-step")

        def clicked(_button: Any) -> None:
            self._go(stop.name)

        button.on_click(clicked)
        return button
