"""Choose a file of an earlier run, read what it says, and get the run's notebook again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.packs import readable_packs
from mlprov_widgets.widgets.browser import Keyboard, Scroller
from mlprov_widgets.widgets.guard import explained_to_visitors, guarded
from mlprov_widgets.widgets.host import working_place
from mlprov_widgets.widgets.markup import style
from mlprov_widgets.widgets.parts import button, classed, hbox, hide, html_widget, vbox
from mlprov_widgets.widgets.run_file import RunFile
from mlprov_widgets.widgets.run_page import RunPage
from mlprov_widgets.widgets.saved import SavedBox

if TYPE_CHECKING:
    from mlprov_widgets.inspection import Inspection
    from mlprov_widgets.widgets.wizard_widget import Wizard

_WORDS = (
    "<h2>Reproduce a run</h2><p>Choose the provenance file that a run has written (its name ends "
    "in .prov.json), or the notebook itself. You first see what it says; nothing is written or run "
    "until you ask for it.</p>"
)


class ReproduceWidget(SavedBox):
    """A file of a run: chosen or uploaded, read, and made a notebook or a wizard of.

    Parameters
    ----------
    folder : Path or str, optional
        Where the rebuilt notebook is written, by default where the current notebook is.
    packs : iterable of Path or str
        Further folders with packs.

    Attributes
    ----------
    file : RunFile
        Where the file is chosen.
    run : RunPage or None
        What it says.
    wizard : Wizard or None
        The wizard that was opened with its values.
    back_button : Button
        Back from that wizard.
    """

    saved_title = "Reproduce a run"

    def __init__(self, folder: Path | str | None = None, packs: Iterable[Path | str] = ()) -> None:
        self._space = working_place(folder)
        # Without a folder of its own choice, a notebook is written beside the file it is made from.
        self._out = self._space.folder if folder is not None or self._space.confined else None
        self.packs = tuple(packs)
        self.run: RunPage | None = None
        self.wizard: Wizard | None = None
        title = html_widget(_WORDS, "mlprov-title")
        self.file = RunFile(self._space, self._chosen)
        self._place, self._wizard_place = vbox(), vbox()
        self._scroller = Scroller()
        page = vbox([title, self.file.widget], "mlprov-page")
        self._form = vbox([page, self._place], "mlprov-form")
        self.back_button = button(
            "Back to the run",
            guarded(self.file.say)(self._leave_wizard),
            tooltip="Leave the wizard",
        )
        self._back = hbox([self.back_button], "mlprov-actions", "mlprov-head", "mlprov-hidden")
        sheet = html_widget(style(), "mlprov-hidden")
        tools = (self._scroller, Keyboard())
        super().__init__([sheet, self._form, self._back, self._wizard_place, *tools])
        classed(self, "mlprov", "mlprov-reproduce")
        self.file.open()

    def __repr__(self) -> str:
        return f"ReproduceWidget({str(self._space.folder)!r})"

    def _chosen(self, path: Path) -> None:
        from mlprov_widgets.inspection import inspect_run

        if self.run is not None and self.run.running:
            raise MlprovError("run_still_going")
        self.run, self._place.children = None, ()
        inspection = inspect_run(path, packs=self.packs)
        pack = readable_packs(self.packs).get(inspection.pack)
        self.run = RunPage(
            inspection, pack, self._out, self.packs, start=lambda: self._start(inspection)
        )
        self._place.children = (self.run.widget,)

    def _start(self, inspection: Inspection) -> None:
        from mlprov_widgets.widgets.opening import wizard_from

        self.wizard = wizard_from(inspection, readable_packs(self.packs), self._space)
        self._wizard_place.children = (self.wizard,)
        hide(self._form, True)
        hide(self._back, False)
        self._scroller.to_head()

    def _leave_wizard(self, _button: Any = None) -> None:
        self.wizard, self._wizard_place.children = None, ()
        hide(self._form, False)
        hide(self._back, True)
        self._scroller.to_head()


# What asks for the file of a run.
choose_run = explained_to_visitors(ReproduceWidget)
