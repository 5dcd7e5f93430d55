"""Where one is, what is done, and which page wants something: across the top."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets

from mlprov_widgets.packs import WizardPage
from mlprov_widgets.widgets.parts import button, hbox, html_widget, update
from mlprov_widgets.widgets.state import REVIEW, WizardState
from mlprov_widgets.wording import format_count

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
        self._pages: list[WizardPage] = []
        self.buttons: dict[str, widgets.Button] = {}
        self.words = html_widget("", "mlprov-sr")
        self.widget = hbox((), "mlprov-stepper")

    def show(self, state: WizardState, written: bool = False) -> None:
        """Bring it up to date with the state, or say that all is done: the file is written."""
        if self._pages != state.pages:
            self._pages = state.pages
            self.buttons = {page.name: self._button(page) for page in self._pages}
            self.widget.children = (*self.buttons.values(), self.words)
        words = ""
        for number, page in enumerate(self._pages, 1):
            problems = len(state.problems(page.name))
            if page.name == REVIEW and state.file_problem and not written:
                problems += 1
            current = page.name == (REVIEW if written else state.page)
            kinds = {
                "current": current,
                "problem": problems > 0,
                "done": written or (page.name in state.visited and not current and not problems),
            }
            kinds["todo"] = not any(kinds.values())
            shown = self.buttons[page.name]
            # Set at once, as each class that is added or removed is a message to the browser.
            classes = [c for c in shown._dom_classes if not c.startswith("mlprov-is-")]
            classes += [f"mlprov-is-{kind}" for kind in _KINDS if kinds[kind]]
            wants = format_count(problems, "answer needs", "answers need") + " attention"
            tooltip = f"{page.title}: {wants}" if problems else page.title
            update(shown, _dom_classes=tuple(classes), tooltip=tooltip)
            if current:
                words = f"Step {number} of {len(self._pages)}: {page.title}."
                words += f" {wants}." if problems else ""
        update(self.words, value=f'<span role="status">{words}</span>')

    def _button(self, page: WizardPage) -> widgets.Button:
        return button(short_title(page), lambda _button: self._go(page.name), "mlprov-step")


def short_title(page: WizardPage) -> str:
    """What a page is called where there is little room; all its words stand over the page."""
    return page.title.partition(" & ")[0]
