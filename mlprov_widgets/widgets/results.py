"""After a notebook has been written: where it is, and what can be done with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from html import escape as html_escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting import hosted
from mlprov_widgets.widgets.download import Download
from mlprov_widgets.widgets.fields import hide
from mlprov_widgets.widgets.guard import guarded
from mlprov_widgets.widgets.host import check_room, server_path
from mlprov_widgets.widgets.markup import escape
from mlprov_widgets.widgets.outcome import reproduction_html
from mlprov_widgets.widgets.running import RunPanel

if TYPE_CHECKING:
    from mlprov_widgets.widgets.run_page import RunPage


_YOURS = (
    "Only you see what you make here, and it is removed soon after this page is closed: download "
    "what you want to keep."
)


class Results:
    """Open, download, run, reproduce.

    Parameters
    ----------
    path : Path
        The notebook or script.
    said : str
        What has just happened, for the heading.
    remark : str
        HTML to show underneath, its texts escaped.
    ended : callable, optional
        Called when a run that was started here has ended.
    original : Path, optional
        In a reproduction: the provenance file of the original run.
    folders : iterable of Path or str
        Further folders with packs.
    """

    def __init__(
        self,
        path: Path,
        said: str = "Notebook written",
        remark: str = "",
        ended: Callable[[], None] | None = None,
        original: Path | None = None,
        folders: Iterable[Path | str] = (),
    ) -> None:
        self.path, self._original, self._folders = path, original, tuple(folders)
        self._told = ended
        self._again: Results | RunPage | None = None
        self._record: Path | None = None
        refusal = _refusal(path, self._folders)
        self.heading = widgets.HTML(_heading(path, said) + remark + _remark(refusal))
        self.heading.add_class("mlprov-title")
        self.run_button = widgets.Button(
            description="Run here", tooltip="Run all cells in a kernel of their own"
        )
        self.run_button.add_class("mlprov-primary")
        self.run_button.on_click(guarded(self._say)(self._run))
        self.open = widgets.HTML(_open_button(path))
        hide(self.open, not self.open.value)
        self.download = Download("Download", self._file)
        self.record_download = Download("Download the provenance file", self._record_file)
        self.reproduce_button = widgets.Button(
            description="Reproduce", tooltip="Write the notebook of this run again, to compare"
        )
        self.reproduce_button.on_click(guarded(self._say)(self._reproduce))
        actions = widgets.HBox([self.run_button, self.open, self.download])
        actions.add_class("mlprov-actions")
        self.after = widgets.HBox([self.reproduce_button, self.record_download])
        self.after.add_class("mlprov-actions")
        hide(self.after, True)
        self.words = widgets.HTML()
        self.panel = widgets.VBox()
        self.again = widgets.VBox()
        parts = [self.heading, actions, self.words, self.panel, self.after, self.again]
        self.widget = widgets.VBox(parts)
        self.widget.add_class("mlprov-results")
        self._runs = path.suffix == ".ipynb" and not refusal
        hide(self.run_button, not self._runs)
        self.run: RunPanel | None = None

    @property
    def running(self) -> bool:
        """Whether a run that was started here is going on, that of a reproduction included."""
        own = self.run is not None and self.run.running
        return own or (self._again is not None and self._again.running)

    def _say(self, text: str) -> None:
        self.words.value = (
            f'<div class="mlprov-banner" role="alert">{escape(text, 900)}</div>' if text else ""
        )

    def _file(self) -> tuple[str, bytes]:
        return self.path.name, self.path.read_bytes()

    def _record_file(self) -> tuple[str, bytes]:
        if self._record is None:
            raise FileNotFoundError(2, "there is no provenance file")
        return self._record.name, self._record.read_bytes()

    def _run(self, _button: Any = None) -> None:
        if (self.run is not None and self.run.running) or not self._runs:
            return
        self._say("")
        self.run = RunPanel(self.path, self._ended, self._original, self._folders)
        self.run_button.disabled = True
        hide(self.after, True)
        try:
            self.run.start()
        except BaseException:
            self.run_button.disabled = False
            raise
        self.panel.children = [self.run.widget]

    def _ended(self, result: Any) -> None:
        self.run_button.disabled = False
        self.run_button.description = "Run again"
        self._record = result.provenance_file if result is not None else None
        hide(self.after, self._record is None)
        self.reproduce_button.disabled = False
        if self._told is not None:
            self._told()

    def _reproduce(self, _button: Any = None) -> None:
        from mlprov_widgets.inspection import inspect_run
        from mlprov_widgets.reproduction import reproduce
        from mlprov_widgets.widgets.run_page import RunPage

        if self._record is None or self.reproduce_button.disabled:
            return  # the second half of a double click
        if self._again is not None and self._again.running:
            raise MlprovError("The reproduction is still running; stop it first, or wait for it.")
        self._say("")
        check_room()
        inspection = inspect_run(self._record, folders=self._folders)
        if inspection.edits:
            # Cells that were changed before the run are to be read and decided upon first.
            self._again = RunPage(inspection, None, None, self._folders)
            self.again.children = [self._again.widget]
            self.reproduce_button.disabled = True
            return
        made = reproduce(self._record, folders=self._folders)
        again = Results(
            made.file,
            "The same notebook again",
            reproduction_html(made),
            ended=self._told,
            original=self._record,
            folders=self._folders,
        )
        self._again = again
        again.run_button.description = "Run and compare"
        self.again.children = [again.widget]
        self.reproduce_button.disabled = True


def _refusal(path: Path, folders: Iterable[Path | str]) -> str:
    """Why the notebook is not run here; empty where it is, or is no notebook."""
    if not hosted() or path.suffix != ".ipynb":
        return ""
    from mlprov_widgets.notebooks.execution import read_notebook
    from mlprov_widgets.notebooks.permission import check_permission

    try:
        check_permission(read_notebook(path), path, folders)
    except MlprovError as error:
        return str(error)
    return ""


def _remark(text: str) -> str:
    return f'<p class="mlprov-remark">{escape(text, 400)}</p>' if text else ""


def _heading(path: Path, said: str) -> str:
    # A visitor of a hosted app has no use for the server's folders.
    where = path.name if hosted() else str(path)
    return (
        f'<h2 class="mlprov-success">{escape(said)}</h2>'
        f'<p class="mlprov-path" role="status"><code>{escape(where, 500)}</code></p>'
        f"{_remark(_YOURS) if hosted() else ''}"
    )


def _open_button(path: Path) -> str:
    known = server_path(path)
    if known is None:
        return ""
    arguments = html_escape(json.dumps({"path": known}), quote=True)
    return (
        '<button type="button" class="mlprov-button mlprov-open" '
        'data-commandlinker-command="docmanager:open" '
        f'data-commandlinker-args="{arguments}">Open</button>'
    )
