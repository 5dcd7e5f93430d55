"""All runs of a folder, and from each of them on to its graph, its notebook and the wizard."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.store import RunStore
from mlprov_widgets.store.facts import MLFLOW
from mlprov_widgets.store.paging import Row
from mlprov_widgets.widgets.browser import Keyboard, Scroller
from mlprov_widgets.widgets.guard import explained_to_visitors, guarded
from mlprov_widgets.widgets.host import working_place
from mlprov_widgets.widgets.markup import banner, escape, plain, style
from mlprov_widgets.widgets.parts import button, classed, hbox, hide, html_widget, update, vbox
from mlprov_widgets.widgets.runs_table import RunsTable
from mlprov_widgets.widgets.saved import SavedBox

if TYPE_CHECKING:
    from mlprov_widgets.widgets.compare_widget import ComparisonView
    from mlprov_widgets.widgets.run_page import RunPage
    from mlprov_widgets.widgets.wizard_widget import Wizard

_WORDS = (
    "<h2>Runs</h2><p>All runs whose records lie in <b>{folder}</b>. Click a time to open its run, "
    "a heading to sort; tick runs to compare them.</p>"
)


class RunsWidget(SavedBox):
    """The runs of some folders.

    Parameters
    ----------
    *folders : Path or str
        By default that of the notebook. In a hosted app each visitor sees their own.
    packs : iterable of Path or str
        Further folders with packs, for runs that were made with them.

    Attributes
    ----------
    table : RunsTable
    run : RunPage or None
        The run that was opened.
    note_field : Textarea or None
        What is said of that run.
    wizard : Wizard or None
        The wizard that was opened with its values.
    comparison : ComparisonView or None
        The runs that were compared, below the table.
    back_button : Button
        Back to the table.
    """

    saved_title = "All runs"

    def __init__(self, *folders: Path | str, packs: Iterable[Path | str] = ()) -> None:
        self._place = working_place()
        self._packs = tuple(packs)
        places = folders if folders and not self._place.confined else (self._place.folder,)
        self.run: RunPage | None = None
        self.note_field: widgets.Textarea | None = None
        self.wizard: Wizard | None = None
        guard = guarded(self._say)
        self.message = html_widget("", "mlprov-words")
        self.table = RunsTable(RunStore(*places), self._open, compared=self._compare)
        self.comparison: ComparisonView | None = None
        self._compared = vbox((), "mlprov-compared-runs")
        names = ", ".join(escape(Path(one).resolve().name, 80) for one in places)
        title = html_widget(_WORDS.format(folder=names), "mlprov-title")
        self._list = vbox([title, self.table.widget, self._compared], "mlprov-page")
        self.back_button = button("Back to all runs", guard(self._back))
        self._head = hbox([self.back_button], "mlprov-actions", "mlprov-head", "mlprov-hidden")
        self._shown = vbox()
        self._scroller = Scroller()
        sheet = html_widget(style(), "mlprov-hidden")
        tools = (self._scroller, Keyboard())
        super().__init__([sheet, self._head, self.message, self._list, self._shown, *tools])
        classed(self, "mlprov", "mlprov-all-runs")

    def __repr__(self) -> str:
        folders = ", ".join(repr(str(one)) for one in self.table.store.folders)
        return f"RunsWidget({folders})"

    def _say(self, text: str) -> None:
        update(self.message, value=banner(text))

    def _open(self, row: Row) -> None:
        from mlprov_widgets.inspection import inspect_run
        from mlprov_widgets.packs import readable_packs
        from mlprov_widgets.widgets.run_page import RunPage
        from mlprov_widgets.widgets.viewer import view

        if row.facts.format == MLFLOW:
            raise MlprovError("run_of_mlflow", file=row.facts.path)
        file = self.table.store.file(row)
        if not self._place.may_read(file):
            raise MlprovError("run_gone")
        inspection = inspect_run(file, packs=self._packs)
        packs = readable_packs(self._packs)
        out = self._place.folder if self._place.confined else None
        pack = packs.get(inspection.pack)
        start = (lambda: self._start(inspection)) if pack is not None else None
        self.run = RunPage(inspection, pack, out, self._packs, start)
        graph = vbox([view(file)], "mlprov-graph")
        self.note_field = self._note_field(row)
        notebook = self._notebook(row, file)
        self._turn([self.run.widget, notebook, self.note_field, graph])

    def _compare(self, rows: list[Row]) -> None:
        from mlprov_widgets.widgets.compare_widget import view_of_rows

        if not all(self._place.may_read(self.table.store.file(row)) for row in rows):
            raise MlprovError("run_gone")
        self.comparison, self._compared.children = None, ()
        self.comparison = view_of_rows(rows)
        self._compared.children = (self.comparison.widget,)

    def _notebook(self, row: Row, file: Path) -> widgets.Widget:
        """The notebook that the run is of, to be opened and taken home."""
        from mlprov_widgets.widgets.results import open_button
        from mlprov_widgets.widgets.transfer import Download

        name = Path(row.facts.notebook).name
        path = file.with_name(name)
        if not name:
            return html_widget()
        if not self._place.may_read(path) or not path.is_file():
            return html_widget(_said(f"Its notebook, {name}, is not beside the record."))
        told = html_widget(_said(f"Its notebook, {name}, as it is now."))
        download = Download("Download", lambda: (name, path.read_bytes()))
        return hbox([told, html_widget(open_button(path)), download], "mlprov-actions")

    def _note_field(self, row: Row) -> widgets.Textarea:
        made = widgets.Textarea(
            row.facts.note,
            description="Note",
            placeholder="What to remember of this run; kept in a file beside the records",
            continuous_update=False,
            rows=2,
            disabled=not row.facts.run_id,
        )

        def written(change: Any) -> None:
            now = self.table.store.row(row.id)
            self.table.store.note(now, now.facts.marked, change["new"].strip())

        made.observe(guarded(self._say)(written), "value")
        return classed(made, "mlprov-control", "mlprov-run-note")

    def _start(self, inspection: Any) -> None:
        from mlprov_widgets.packs import readable_packs
        from mlprov_widgets.widgets.opening import wizard_from

        self.wizard = wizard_from(inspection, readable_packs(self._packs), self._place)
        self._turn([self.wizard])

    def _turn(self, shown: list[widgets.Widget]) -> None:
        self._say("")
        self._shown.children = shown
        hide(self._list, True)
        hide(self._head, False)
        self._scroller.to_head()

    def _back(self, _button: Any = None) -> None:
        if self.run is not None and self.run.running:
            raise MlprovError("run_still_going")
        self._say("")
        self.run, self.wizard, self._shown.children = None, None, ()
        hide(self._list, False)
        hide(self._head, True)
        self.table.refresh()


def _said(text: str) -> str:
    return f"<p>{plain(text)}</p>"


@explained_to_visitors
def runs(*folders: Path | str, packs: Iterable[Path | str] = ()) -> RunsWidget:
    """Show all runs whose records lie in some folders, and in those below.

    Parameters
    ----------
    *folders : Path or str
        By default that of the notebook. In a hosted app each visitor sees their own.
    packs : iterable of Path or str
        Further folders with packs, for runs that were made with them.

    Returns
    -------
    RunsWidget

    Raises
    ------
    MlprovError
        If a folder is not there, or there is no place for an index.
    """
    return RunsWidget(*folders, packs=packs)
