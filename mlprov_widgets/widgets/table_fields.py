"""Fields about a person's own table: the file, its target, its features."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from mlprov_widgets.packs import Parameter
from mlprov_widgets.widgets.fields import Answer, Field, hide, said
from mlprov_widgets.widgets.files import folder_chooser
from mlprov_widgets.widgets.guard import guarded
from mlprov_widgets.widgets.host import store
from mlprov_widgets.widgets.state import WizardState
from mlprov_widgets.widgets.table_view import column_label, table_html
from mlprov_widgets.widgets.upload import Upload

LARGEST_UPLOAD = 100 * 2**20
LARGEST_HOSTED_UPLOAD = 20 * 2**20


class CsvField(Field):
    """A table: typed, picked or uploaded; then what was found in it."""

    def __init__(self, parameter: Parameter, answer: Answer, state: WizardState) -> None:
        self._folder, self._confined = state.folder, state.confined
        self._chooser: widgets.Widget | None = None
        super().__init__(parameter, answer)
        self.widget.add_class("mlprov-wide")

    def _make_control(self) -> Any:
        return widgets.Text(
            description=self.parameter.label,
            placeholder="data/table.csv",
            continuous_update=False,
        )

    def _parts(self) -> list[widgets.Widget]:
        self.browse = widgets.Button(description="Browse…", tooltip="Pick a file from the folder")
        self.upload = Upload(
            label="Upload…",
            accept=".csv,.tsv,.txt,.data,text/csv",
            limit=LARGEST_HOSTED_UPLOAD if self._confined else LARGEST_UPLOAD,
            on_file=self._uploaded,
        )
        self.place = widgets.VBox()
        self.place.add_class("mlprov-chooser")
        hide(self.place, True)
        self.summary = widgets.HTML()
        self.summary.add_class("mlprov-table")
        self._shown_table: Any = None
        self.browse.on_click(guarded(self._say)(self._open_chooser))
        buttons = widgets.HBox([self.browse, self.upload])
        buttons.add_class("mlprov-file-buttons")
        return [self.row, buttons, self.place, self.said, self.summary]

    def _say(self, text: str) -> None:
        self.said.value = self._words = said([text], [])

    def _changed(self, change: Any) -> None:
        if not self._quiet:
            self._take(change["new"])

    def _take(self, path: str) -> None:
        # A large file takes seconds to look at, and a form that says nothing looks broken.
        self._words = '<p class="mlprov-remark" role="status">Looking at the file…</p>'
        self.said.value = self._words
        self._answer(self.parameter.name, path, False)

    def _open_chooser(self, _button: Any) -> None:
        if self._chooser is None:
            self._chooser = folder_chooser(
                self._folder, self._confined, guarded(self._say)(self._picked)
            )
            self.place.children = [self._chooser]
            hide(self.place, False)
        else:
            hide(self.place, "mlprov-hidden" not in self.place._dom_classes)

    def _picked(self, path: str) -> None:
        hide(self.place, True)
        self._take(_short(Path(path), self._folder))

    def _uploaded(self, name: str, content: bytes) -> None:
        hide(self.place, True)
        path = store(self._folder, name, content)
        self._take(path.name)

    def _show_value(self, state: WizardState) -> None:
        # A file that was refused stays there to be corrected.
        typed = state.given.get(self.parameter.name, "")
        if self.control.value != typed and self.parameter.name not in state.wrong:
            self.control.value = typed

    def show(self, state: WizardState) -> None:
        """Bring the field up to date with the state."""
        super().show(state)
        table = state.checked.table if self.parameter.name in state.checked.shown else None
        key = (table.sha256, state.checked.values.get(self._target(state))) if table else None
        if key != self._shown_table:
            self._shown_table = key
            hide(self.place, self._chooser is None or table is not None)
            target = state.checked.values.get(self._target(state), "")
            self.summary.value = table_html(table, target) if table else ""

    def _target(self, state: WizardState) -> str:
        return next(
            (
                p.name
                for p in state.pack.parameters.values()
                if p.table == self.parameter.name and p.type == "column"
            ),
            "",
        )


class ColumnField(Field):
    """One column of the table."""

    def _make_control(self) -> Any:
        self._names: list[str] = []
        return widgets.Dropdown(options=[], description=self.parameter.label)

    def _show_value(self, state: WizardState) -> None:
        table = state.checked.table
        hide(self.widget, table is None)
        if table is None:
            return
        names = [column.name for column in table.columns]
        if names != self._names:
            self._names = names
            self.control.options = [(column_label(column), column.name) for column in table.columns]
        value = state.checked.values[self.parameter.name]
        self.control.value = value if value in names else None

    def _changed(self, change: Any) -> None:
        if change["new"] is not None:
            super()._changed(change)


class ColumnsField(Field):
    """Any number of columns, out of possibly thousands: with none picked, all that are usable."""

    def _make_control(self) -> Any:
        self._names: list[str] = []
        self._picked: list[str] = []
        self._options: list[tuple[str, str]] = []
        return widgets.SelectMultiple(options=[], rows=8, description=self.parameter.label)

    def _parts(self) -> list[widgets.Widget]:
        self.filter = widgets.Text(placeholder="Filter columns by name")
        self.filter.add_class("mlprov-filter")
        self.every = widgets.Button(description="Pick all shown")
        self.none = widgets.Button(description="Pick none")
        self.filter.observe(guarded(self._say)(self._list_again), "value")
        self.every.on_click(guarded(self._say)(self._pick_all))
        self.none.on_click(guarded(self._say)(self._pick_none))
        tools = widgets.HBox([self.filter, self.every, self.none])
        tools.add_class("mlprov-file-buttons")
        self.widget_tools = tools
        return [self.row, tools, self.said]

    def _say(self, text: str) -> None:
        self.said.value = self._words = said([text], [])

    def _list_again(self, _change: Any = None) -> None:
        wanted = self.filter.value[:100].casefold()
        shown = [(label, name) for label, name in self._options if wanted in name.casefold()]
        self._quiet = True
        try:
            self.control.options = shown
            visible = {name for _, name in shown}
            self.control.value = [name for name in self._picked if name in visible]
        finally:
            self._quiet = False

    def _pick_all(self, _button: Any) -> None:
        visible = [name for _, name in self.control.options]
        self._take([*self._picked, *visible])

    def _pick_none(self, _button: Any) -> None:
        self._take([])

    def _changed(self, change: Any) -> None:
        if not self._quiet:
            visible = {name for _, name in self.control.options}
            kept = [name for name in self._picked if name not in visible]
            self._take([*kept, *change["new"]])

    def _take(self, names: list[str]) -> None:
        chosen = set(names)
        self._answer(self.parameter.name, [n for n in self._names if n in chosen], False)

    def _show_value(self, state: WizardState) -> None:
        table = state.checked.table
        hide(self.widget, table is None)
        if table is None:
            return
        target = _target_of(self.parameter, state)
        names = [column.name for column in table.columns if column.name != target]
        picked = list(state.checked.values[self.parameter.name])
        if names != self._names:
            self._names = names
            self._options = [
                (column_label(column), column.name)
                for column in table.columns
                if column.name != target
            ]
            self._picked = picked
            self._list_again()
        elif picked != self._picked or tuple(self.control.value) != tuple(picked):
            self._picked = picked
            self._list_again()

    def _remark(self, state: WizardState) -> str:
        table = state.checked.table
        if table is None:
            return ""
        how = "Ctrl or ⌘ and a click picks several, Shift a range."
        if self._picked:
            return f"{len(self._picked):,} of {len(self._names):,} columns picked. {how}"
        used = len(table.features(_target_of(self.parameter, state)))
        left = len(self._names) - used
        rest = f", {left:,} left out as not usable" if left else ""
        return f"None picked: {used:,} usable columns are taken{rest}. {how}"


def _target_of(parameter: Parameter, state: WizardState) -> str:
    for other in state.pack.parameters.values():
        if other.type == "column" and other.table == parameter.table:
            return str(state.checked.values.get(other.name, ""))
    return ""


def _short(path: Path, folder: Path) -> str:
    """A path as somebody in the folder would write it."""
    try:
        return path.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return os.fspath(path)
