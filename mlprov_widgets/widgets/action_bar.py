"""Below form and preview: back, on, undo, the notebook at once, and what keeps one from that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from mlprov_widgets.widgets.history import History
from mlprov_widgets.widgets.markup import plain
from mlprov_widgets.widgets.parts import button, hbox, hide, mark, update
from mlprov_widgets.widgets.state import REVIEW, TASK, WizardState
from mlprov_widgets.widgets.stepper import short_title

FILE = "file-name"  # no parameter can be called that


class Wanted(NamedTuple):
    """An answer that has to be changed: its page, its field's name, and the words for it."""

    page: str
    name: str
    text: str


def wanted(state: WizardState) -> list[Wanted]:
    """What has to be changed before a notebook can be written: first what is on the page shown."""
    found = [
        Wanted(one.page, one.name, f"{one.label}: {message}") for one, message in state.all_problems
    ]
    if state.named_file_problem:
        found.append(Wanted(REVIEW, FILE, f"File name: {state.named_file_problem}"))
    return sorted(found, key=lambda one: one.page != state.page)


class ActionBar:
    """Back, what is wrong, undo and redo, Generate and Next.

    Parameters
    ----------
    back, go_on, generate, undo, redo : callable
        Called with the button that was clicked.
    lead : callable
        Called with what has to be changed, when somebody wants to see it.
    """

    def __init__(
        self,
        back: Callable[[Any], None],
        go_on: Callable[[Any], None],
        generate: Callable[[Any], None],
        lead: Callable[[Wanted], None],
        undo: Callable[[Any], None],
        redo: Callable[[Any], None],
    ) -> None:
        self._wanted: list[Wanted] = []
        self.back_button = button("Back", back)
        self.problem_button = button(
            "", lambda _button: lead(self._wanted[0]), "mlprov-problem", "mlprov-hidden"
        )
        self.undo_button = button("Undo", undo, tooltip="Take the last change back")
        self.redo_button = button("Redo", redo, tooltip="Make it again")
        self.generate_button = button(
            "Generate", generate, tooltip="Write the notebook now, as the preview shows it"
        )
        self.next_button = button("Next", go_on, "mlprov-primary")
        self.changes = hbox([self.undo_button, self.redo_button], "mlprov-undo")
        on = [self.generate_button, self.next_button]
        self.widget = hbox(
            [self.back_button, self.problem_button, self.changes, *on], "mlprov-footer"
        )

    def show(self, state: WizardState, history: History, leave: str) -> None:
        """Bring it up to date with the state, or offer only to leave what is shown instead."""
        # Whoever has changed nothing has no use for them.
        hide(self.changes, bool(leave) or not (history.can_undo or history.can_redo))
        update(self.undo_button, disabled=not history.can_undo)
        update(self.redo_button, disabled=not history.can_redo)
        page = state.page
        self._wanted = [] if leave else wanted(state)
        update(self.back_button, description=leave or "Back")
        hide(self.back_button, page == TASK and not leave)
        hide(self.next_button, bool(leave))
        hide(self.generate_button, bool(leave) or page == REVIEW)
        if page == REVIEW:
            update(self.next_button, description="Generate", tooltip="Write the notebook")
        else:
            names = [one.name for one in state.pages]
            after = state.pages[names.index(page) + 1]
            update(self.next_button, description="Next", tooltip=f"On to {after.title}")
        self._show_problem(state)

    def _show_problem(self, state: WizardState) -> None:
        hide(self.problem_button, not self._wanted)
        mark(self.generate_button, "mlprov-waits", bool(self._wanted))
        if not self._wanted:
            return
        first, more = self._wanted[0], len(self._wanted) - 1
        page = state.page_called(first.page)
        where = f"{short_title(page)}, " if first.page != state.page else ""
        text = plain(where + first.text, 110) + (f" (and {more} more)" if more else "")
        update(
            self.problem_button,
            description=text,
            tooltip=plain(f"Show it: {where}{first.text}", 900),
        )
