"""An earlier run to start from: choose its file, and see what was taken over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from mlprov_widgets.widgets.fields import hide
from mlprov_widgets.widgets.guard import guarded
from mlprov_widgets.widgets.inspection_view import facts_html
from mlprov_widgets.widgets.markup import escape
from mlprov_widgets.widgets.origin import Origin, run_values
from mlprov_widgets.widgets.run_file import RunFile
from mlprov_widgets.widgets.state import WizardState

if TYPE_CHECKING:
    from mlprov_widgets.inspection import Inspection


class RunStart:
    """A chooser for the file of a run, and what the wizard has taken over from it.

    Parameters
    ----------
    state : WizardState
    taken : callable
        Called with the inspected file when the choices have become those of the run.
    reproduce : callable
        Called with it when somebody wants the run again as it was.
    """

    def __init__(
        self,
        state: WizardState,
        taken: Callable[[Inspection], None],
        reproduce: Callable[[Inspection], None],
    ) -> None:
        self._state, self._taken = state, taken
        self.inspection: Inspection | None = None
        self.file = RunFile(state.place, self._chosen)
        self.summary = widgets.HTML()
        self.summary.add_class("mlprov-found")
        self.again = widgets.Button(
            description="Reproduce it instead",
            tooltip="See all that the file says, and write its notebook again",
        )

        def asked(_button: Any) -> None:
            if self.inspection is not None:
                reproduce(self.inspection)

        self.again.on_click(guarded(self.file.say)(asked))
        actions = widgets.HBox([self.again])
        actions.add_class("mlprov-actions")
        self._found = widgets.VBox([self.summary, actions])
        self._found.add_class("mlprov-run-found")
        self.widget = widgets.VBox([self.file.widget, self._found])
        self.widget.add_class("mlprov-run-start")

    def _chosen(self, path: Path) -> None:
        from mlprov_widgets.inspection import inspect_run

        inspection = inspect_run(path, folders=self._state.pack_folders)
        if not inspection.pack:
            # There is nothing to fill in, but its cells may still be written again.
            self.inspection = inspection
            hide(self._found, False)
            hide(self.again, False)
        self._state.begin_from(run_values(inspection))
        self._taken(inspection)

    def show(self, state: WizardState, choosing: bool) -> None:
        """Bring it up to date with the state; the chooser only while one is to be chosen."""
        if choosing:
            self.file.open()
        hide(self.file.widget, not choosing)
        html = _summary(state.origin, self.inspection) if state.origin is not None else ""
        if self.summary.value != html:
            self.summary.value = html
        hide(self._found, not html)
        hide(self.again, self.inspection is None)


def _summary(origin: Origin, inspection: Inspection | None) -> str:
    facts = ""
    if inspection is not None and inspection.source.name == origin.name:
        facts = facts_html(inspection, ("What", "When", "Who", "Result"))
        if inspection.data.state == "changed":
            facts += f'<p class="mlprov-note">{escape(inspection.data.note, 400)}</p>'
    left = ""
    if origin.unmapped:
        items = "".join(f"<li>{escape(text, 300)}</li>" for text in origin.unmapped)
        number = len(origin.unmapped)
        count = "1 thing was" if number == 1 else f"{number} things were"
        left = (
            f"<details{' open' if number <= 4 else ''}><summary>{count} not taken over</summary>"
            f"<ul>{items}</ul></details>"
        )
    return (
        f"<p><b>Filled in from {escape(origin.name, 120)}.</b> What you change from here on is "
        f"listed on the Review page, and the new run records it.</p>{facts}{left}"
    )
