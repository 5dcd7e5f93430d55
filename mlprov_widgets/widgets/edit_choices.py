"""Cells of a file that are not as generated: shown as diffs, and decided upon one by one."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets

from mlprov_widgets.rebuild.edited_cells import ADDED, EDITED, MOVED, REMOVED, UNCHECKED, EditedCell
from mlprov_widgets.rebuild.pack_versions import ONLY_HERE, ONLY_OTHER, OTHER_PACK, OTHER_PLACE
from mlprov_widgets.rebuild.result import BY_HAND
from mlprov_widgets.widgets.inspection_view import diff_html
from mlprov_widgets.widgets.markup import escape
from mlprov_widgets.widgets.parts import button, classed, hbox, hide, html_widget, vbox
from mlprov_widgets.wording import format_count, humanize

ACCEPT, RESTORE = "accept", "restore"
_AT_ONCE = 10

# What to do with a cell: as the file has it, or as it is generated.
_OPTIONS = {
    EDITED: ("Use the recorded cell", "Use the generated cell"),
    ADDED: ("Keep the added cell", "Leave it out"),
    REMOVED: ("Leave it out, as in the run", "Put it back"),
    MOVED: ("Leave it where it is", "Put it where it was generated"),
    UNCHECKED: ("Use the recorded cell", ""),
    OTHER_PACK: ("Use the recorded cell", "Use the cell of the pack here"),
    ONLY_OTHER: ("Keep the recorded cell", "Leave it out"),
    ONLY_HERE: ("Leave it out, as in the run", "Put it in"),
    OTHER_PLACE: ("Leave it where it is", "Put it where the pack here has it"),
}
_SAYS = {
    EDITED: "was edited after it had been generated",
    ADDED: "was added by hand",
    REMOVED: "was removed after it had been generated",
    MOVED: "stands elsewhere than it was generated",
    UNCHECKED: "could not be compared, because no pack here writes it",
    OTHER_PACK: "is from another version of the pack, says the file",
    ONLY_OTHER: (
        "is from another version of the pack, says the file; the pack here has no such cell"
    ),
    ONLY_HERE: ("is of the pack here, and was not in another version of it, says the file"),
    OTHER_PLACE: "stands where another version of the pack had it, says the file",
}
_UNSEEN = (
    "What cannot be read here cannot be accepted here. Read it in the file; "
    "<code>reproduce(path, accept=[id])</code> then takes it."
)


class EditChoices:
    """A choice for each cell, none of them made beforehand: it is somebody else's code.

    Parameters
    ----------
    edits : list of EditedCell
    decided : callable
        Called whenever a choice has been made.

    Attributes
    ----------
    controls : dict
        The choice for each cell that is shown, by its id.
    more, accept_all, restore_all : Button
        Show further cells; choose the same for all of them.
    """

    def __init__(self, edits: list[EditedCell], decided: Callable[[], None]) -> None:
        self._edits, self._decided = edits, decided
        self.controls: dict[str, widgets.RadioButtons] = {}
        self._shown = 0
        self._list = vbox((), "mlprov-edits")
        self.more = button("", lambda _button: self._show_more())
        self.accept_all = button("Use all recorded cells", lambda _button: self._decide(ACCEPT))
        self.restore_all = button("Use all generated cells", lambda _button: self._decide(RESTORE))
        at_once = hbox([self.more, self.accept_all, self.restore_all], "mlprov-actions")
        parts = [html_widget(_heading(edits)), self._list, at_once]
        self.widget = vbox(parts, "mlprov-decide")
        hide(self.widget, not edits)
        self._show_more()

    @property
    def open(self) -> int:
        """How many cells are still to be decided upon."""
        decided = sum(control.value is not None for control in self.controls.values())
        return len(self._edits) - decided

    def chosen(self, what: str) -> list[EditedCell]:
        """The cells to `ACCEPT`, as the file has them, or to `RESTORE`, as they are generated."""
        shown = self._edits[: self._shown]
        return [edit for edit in shown if self.controls[edit.id].value == what]

    def _show_more(self) -> None:
        added = []
        for edit in self._edits[self._shown : self._shown + _AT_ONCE]:
            control = self.controls[edit.id] = self._control(edit)
            added.append(vbox([html_widget(_cell(edit)), control], "mlprov-edit"))
        self._shown += len(added)
        self._list.children = (*self._list.children, *added)
        left = len(self._edits) - self._shown
        self.more.description = f"Show the next {min(left, _AT_ONCE)} of {left}"
        hide(self.more, not left)
        # Nobody accepts at once what has not been shown yet.
        for one in (self.accept_all, self.restore_all):
            hide(one, bool(left) or len(self._edits) < 2)
        if not any(_OPTIONS[edit.change][1] for edit in self._edits):
            hide(self.restore_all, True)

    def _control(self, edit: EditedCell) -> widgets.RadioButtons:
        accept, restore = _OPTIONS[edit.change]
        # Nobody is asked to run what cannot be read here.
        options = [(accept, ACCEPT)] if edit.shown else []
        options += [(restore, RESTORE)] if restore else []
        control = widgets.RadioButtons(options=options, value=None, description="Your choice")
        classed(control, "mlprov-radios", "mlprov-control")
        control.observe(lambda _change: self._decided(), "value")
        return control

    def _decide(self, what: str) -> None:
        if self._shown < len(self._edits):
            return
        for control in self.controls.values():
            if what in [value for _label, value in control.options]:
                control.value = what
        self._decided()


def _heading(edits: list[EditedCell]) -> str:
    one = len(edits) == 1
    what = format_count(len(edits), "cell is", "cells are")
    return (
        f"<h3>{what} not what is generated here</h3>"
        f"<p>{'It holds' if one else 'They hold'} code that somebody has written, and running it "
        f"does whatever it says. Read {'it' if one else 'each'}, and choose which to use. "
        "Lines with + are those of the file, lines with - are those that are generated here.</p>"
    )


def _cell(edit: EditedCell) -> str:
    where = f"Cell {edit.number}" if edit.number else "A cell"
    step = escape(humanize(edit.step), 60)
    title = f"{where}{f' · {step}' if step else ''}"
    note = "" if edit.shown else f"<p>{_UNSEEN}</p>"
    change = f"<small>{escape(_SAYS[edit.change])}</small>"
    if edit.by_hand:
        note += f"<p>{BY_HAND}:</p>{diff_html(edit.by_hand)}"
    return f"<h4>{title} {change}</h4>{diff_html(edit.diff)}{note}"
