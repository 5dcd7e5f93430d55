"""An earlier run to start from: choose its file, and see what was taken over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets.widgets.guard import guarded
from mlprov_widgets.widgets.inspection_view import facts_html
from mlprov_widgets.widgets.markup import escape, folded, note
from mlprov_widgets.widgets.origin import StartingRun
from mlprov_widgets.widgets.parts import button, hbox, hide, html_widget, update, vbox
from mlprov_widgets.widgets.run_file import RunFile
from mlprov_widgets.widgets.state import WizardState
from mlprov_widgets.wording import format_count

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
        self._state, self._on_run = state, taken
        self.inspection: Inspection | None = None
        self.file = RunFile(state.place, self._chosen)
        self.summary = html_widget("", "mlprov-found")

        def asked(_button: Any) -> None:
            if self.inspection is not None:
                reproduce(self.inspection)

        self.reproduce_button = button(
            "Reproduce it instead",
            guarded(self.file.say)(asked),
            tooltip="See all that the file says, and write its notebook again",
        )
        actions = hbox([self.reproduce_button], "mlprov-actions")
        self._found = vbox([self.summary, actions], "mlprov-run-found")
        self.widget = vbox([self.file.widget, self._found], "mlprov-run-start")

    def _chosen(self, path: Path) -> None:
        from mlprov_widgets.inspection import inspect_run

        inspection = inspect_run(path, packs=self._state.pack_folders)
        if not inspection.pack:
            # There is nothing to fill in, but its cells may still be written again.
            self.inspection = inspection
            hide(self._found, False)
            hide(self.reproduce_button, False)
        self._state.begin_from(inspection)
        self._on_run(inspection)

    def show(self, state: WizardState, choosing: bool) -> None:
        """Bring it up to date with the state; the chooser only while one is to be chosen."""
        if choosing:
            self.file.open()
        hide(self.file.widget, not choosing)
        html = _summary(state.origin, self.inspection) if state.origin is not None else ""
        update(self.summary, value=html)
        hide(self._found, not html)
        hide(self.reproduce_button, self.inspection is None)


def _summary(origin: StartingRun, inspection: Inspection | None) -> str:
    facts = ""
    if inspection is not None and inspection.source.name == origin.name:
        from mlprov_widgets.widgets.outcome import findings_html

        facts = facts_html(inspection, ("What", "When", "Who", "Run", "Result"))
        facts += findings_html(inspection.record)
        if inspection.data.state == "changed":
            facts += note(inspection.data.note, 400)
    left = ""
    if number := len(origin.unmapped):
        items = "".join(f"<li>{escape(text, 300)}</li>" for text in origin.unmapped)
        count = format_count(number, "thing was", "things were")
        left = folded(f"{count} not taken over", f"<ul>{items}</ul>", number <= 4)
    return (
        f"<p><b>Filled in from {escape(origin.name, 120)}.</b> What you change from here on is "
        f"listed on the Review page, and the new run records it.</p>{facts}{left}"
    )
