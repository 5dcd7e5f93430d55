"""Choose a file of an earlier run, read what it says, and get the run's notebook again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.packs import Pack, readable_packs
from mlprov_widgets.widgets.browser import Keyboard, Scroller
from mlprov_widgets.widgets.fields import hide
from mlprov_widgets.widgets.guard import guarded, told_to_visitors
from mlprov_widgets.widgets.host import working_place
from mlprov_widgets.widgets.markup import style
from mlprov_widgets.widgets.origin import run_values
from mlprov_widgets.widgets.run_file import RunFile
from mlprov_widgets.widgets.run_page import RunPage

if TYPE_CHECKING:
    from mlprov_widgets.inspection import Inspection

_WORDS = (
    "<h2>Reproduce a run</h2><p>Choose the provenance file that a run has written (its name ends "
    "in .prov.json), or the notebook itself. You first see what it says; nothing is written or run "
    "until you ask for it.</p>"
)


class ReproduceWidget(widgets.VBox):
    """A file of a run: chosen or uploaded, read, and made a notebook or a wizard of.

    Parameters
    ----------
    folder : Path or str, optional
        Where the rebuilt notebook is written, by default where the current notebook is.
    pack_folders : iterable of Path or str
        Further folders with packs.
    """

    def __init__(
        self, folder: Path | str | None = None, pack_folders: Iterable[Path | str] = ()
    ) -> None:
        self._space = working_place(folder)
        # Without a folder of its own choice, a notebook is written beside the file it is made from.
        self._out = self._space.folder if folder is not None or self._space.confined else None
        self._pack_folders = tuple(pack_folders)
        self.run: RunPage | None = None
        title = widgets.HTML(_WORDS)
        title.add_class("mlprov-title")
        self.file = RunFile(self._space, self._chosen)
        self._place = widgets.VBox()
        self._scroller = Scroller()
        page = widgets.VBox([title, self.file.widget])
        page.add_class("mlprov-page")
        self._form = widgets.VBox([page, self._place])
        self._form.add_class("mlprov-form")
        self._wizard_place = widgets.VBox()
        back = widgets.Button(description="Back to the run", tooltip="Leave the wizard")
        back.on_click(guarded(self.file.say)(self._leave_wizard))
        self._back = widgets.HBox([back])
        self._back.add_class("mlprov-actions")
        self._back.add_class("mlprov-head")
        hide(self._back, True)
        sheet = widgets.HTML(style())
        sheet.add_class("mlprov-hidden")
        tools = (self._scroller, Keyboard())
        super().__init__([sheet, self._form, self._back, self._wizard_place, *tools])
        self.add_class("mlprov")
        self.add_class("mlprov-reproduce")
        self.file.open()

    def __repr__(self) -> str:
        return f"ReproduceWidget({str(self._space.folder)!r})"

    def _chosen(self, path: Path) -> None:
        from mlprov_widgets.inspection import inspect_run

        if self.run is not None and self.run.running:
            raise MlprovError("The notebook is still running; stop it first, or wait for its end.")
        self.run, self._place.children = None, ()
        inspection = inspect_run(path, folders=self._pack_folders)
        pack = self._packs().get(inspection.pack)
        self.run = RunPage(
            inspection,
            pack,
            self._out,
            self._pack_folders,
            start=lambda: self._start(inspection),
        )
        self._place.children = (self.run.widget,)

    def _packs(self) -> dict[str, Pack]:
        return readable_packs(self._pack_folders)

    def _start(self, inspection: Inspection) -> None:
        from mlprov_widgets.widgets.state import WizardState
        from mlprov_widgets.widgets.wizard_widget import Wizard

        state = WizardState(self._packs(), self._space)
        state.begin_from(run_values(inspection))
        wizard = Wizard(state)
        wizard.begun(inspection)
        self._wizard_place.children = (wizard,)
        hide(self._form, True)
        hide(self._back, False)
        self._scroller.to_head()

    def _leave_wizard(self, _button: Any = None) -> None:
        self._wizard_place.children = ()
        hide(self._form, False)
        hide(self._back, True)
        self._scroller.to_head()


@told_to_visitors
def choose_run(
    folder: Path | str | None = None, pack_folders: Iterable[Path | str] = ()
) -> ReproduceWidget:
    """The widget in which the file of a run is chosen."""
    return ReproduceWidget(folder, pack_folders)
