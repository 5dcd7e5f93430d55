"""Choose a provenance file, and get the notebook of that run again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.reproduction import reproduce
from mlprov_widgets.widgets.fields import said
from mlprov_widgets.widgets.files import folder_chooser
from mlprov_widgets.widgets.guard import guarded
from mlprov_widgets.widgets.host import hosted, inside, notebook_folder, store
from mlprov_widgets.widgets.markup import style
from mlprov_widgets.widgets.outcome import reproduction_html
from mlprov_widgets.widgets.results import Results
from mlprov_widgets.widgets.upload import Upload

_ENDINGS = (".json", ".ipynb", ".py", ".provn", ".xml", ".ttl", ".trig", ".rdf")
_LARGEST = 50 * 2**20


class ReproduceWidget(widgets.VBox):
    """A file chooser for a provenance file or a generated notebook, and what comes of it.

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
        self._out = Path(folder).expanduser() if folder is not None else None
        self._folder = self._out or notebook_folder()
        if not self._folder.is_dir():
            raise MlprovError(f"There is no folder {self._folder}; make it first.")
        self._pack_folders = tuple(pack_folders)
        self._confined = hosted()
        title = widgets.HTML(
            "<h2>Reproduce a run</h2><p>Choose the provenance file that a run has written "
            "(its name ends in .prov.json), or the notebook itself. Nothing is run until you "
            "ask for it.</p>"
        )
        title.add_class("mlprov-title")
        patterns = [f"*{ending}" for ending in _ENDINGS]
        self._chooser = folder_chooser(
            self._folder, self._confined, guarded(self._say)(self._chosen), patterns
        )
        place = widgets.VBox([self._chooser])
        place.add_class("mlprov-chooser")
        self._upload = Upload("Upload…", ",".join(_ENDINGS), _LARGEST, self._uploaded)
        tools = widgets.HBox([self._upload])
        tools.add_class("mlprov-file-buttons")
        self._words = widgets.HTML()
        self._words.add_class("mlprov-said")
        self._results = widgets.VBox()
        page = widgets.VBox([title, place, tools, self._words, self._results])
        page.add_class("mlprov-page")
        form = widgets.VBox([page])
        form.add_class("mlprov-form")
        sheet = widgets.HTML(style())
        sheet.add_class("mlprov-hidden")
        super().__init__([sheet, form])
        self.add_class("mlprov")
        self.add_class("mlprov-reproduce")

    def __repr__(self) -> str:
        return f"ReproduceWidget({str(self._folder)!r})"

    def _say(self, text: str) -> None:
        self._words.value = said([text], []) if text else ""

    def _uploaded(self, name: str, content: bytes) -> None:
        if Path(name).suffix.lower() not in _ENDINGS:
            raise MlprovError(f"The file has to end in {', '.join(_ENDINGS)}.")
        self._chosen(str(store(self._folder, name, content, _ENDINGS)))

    def _chosen(self, path: Any) -> None:
        if self._confined and not inside(self._folder, path):
            raise MlprovError("Only files in the folder of this app can be used; upload yours.")
        self._say("")
        made = reproduce(Path(path), self._out, folders=self._pack_folders)
        # A visitor's file may hold any code, and a hosted app must not run it for them.
        results = Results(
            made.file, "Notebook rebuilt", reproduction_html(made), runs=not self._confined
        )
        self._results.children = [results.widget]
