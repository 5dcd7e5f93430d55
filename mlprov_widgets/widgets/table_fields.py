"""Fields about a person's own table: the file, its target, its features."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from mlprov_widgets.widgets.data_view import column_label, table_html
from mlprov_widgets.widgets.fields import FormField
from mlprov_widgets.widgets.guard import guarded
from mlprov_widgets.widgets.parts import button, classed, hbox, hide
from mlprov_widgets.widgets.path_fields import PathField
from mlprov_widgets.widgets.state import WizardState


class CsvField(PathField):
    """A table: typed, picked or uploaded; then what was found in it."""

    placeholder = "data/table.csv"
    looking = "Looking at the file…"
    endings = (".csv", ".tsv", ".txt", ".data", ".dat", ".tab")

    def _also(self, state: WizardState) -> Any:
        return _target_of(self.parameter.name, state)

    def _summary(self, data: Any, state: WizardState) -> str:
        return table_html(data, self._also(state))


class ColumnField(FormField):
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

    def _changed(self, value: str | None) -> None:
        if value is not None:
            super()._changed(value)


class ColumnsField(FormField):
    """Any number of columns, out of possibly thousands: with none picked, all that are usable."""

    def _make_control(self) -> Any:
        self._names: list[str] = []
        self._picked: list[str] = []
        self._options: list[tuple[str, str]] = []
        return widgets.SelectMultiple(options=[], rows=8, description=self.parameter.label)

    def _parts(self) -> list[widgets.Widget]:
        self.filter = classed(widgets.Text(placeholder="Filter columns by name"), "mlprov-filter")
        guard = guarded(self._say)
        self.filter.observe(guard(self._list_again), "value")
        self.every = button("Pick all shown", guard(self._pick_all))
        self.none = button("Pick none", guard(lambda _button: self._take([])))
        tools = hbox([self.filter, self.every, self.none], "mlprov-file-buttons")
        return [self.row, tools, self.messages]

    def _list_again(self, _change: Any = None) -> None:
        wanted = self.filter.value[:100].casefold()
        shown = [(label, name) for label, name in self._options if wanted in name.casefold()]
        with self.quietly():
            self.control.options = shown
            visible = {name for _, name in shown}
            self.control.value = [name for name in self._picked if name in visible]

    def _pick_all(self, _button: Any) -> None:
        visible = [name for _, name in self.control.options]
        self._take([*self._picked, *visible])

    def _changed(self, value: tuple[str, ...]) -> None:
        visible = {name for _, name in self.control.options}
        kept = [name for name in self._picked if name not in visible]
        self._take([*kept, *value])

    def _take(self, names: list[str]) -> None:
        chosen = set(names)
        self._answer(self.parameter.name, [n for n in self._names if n in chosen], False)

    def _show_value(self, state: WizardState) -> None:
        table = state.checked.table
        hide(self.widget, table is None)
        if table is None:
            return
        target = _target_of(self.parameter.table, state)
        names = [column.name for column in table.columns if column.name != target]
        picked = list(state.checked.values[self.parameter.name])
        is_new = names != self._names
        if is_new:
            self._names = names
            columns = (column for column in table.columns if column.name != target)
            self._options = [(column_label(column), column.name) for column in columns]
        if is_new or picked != self._picked or list(self.control.value) != picked:
            self._picked = picked
            self._list_again()

    def _remark(self, state: WizardState) -> str:
        table = state.checked.table
        if table is None:
            return ""
        how = "Ctrl or ⌘ and a click picks several, Shift a range."
        if self._picked:
            return f"{len(self._picked):,} of {len(self._names):,} columns picked. {how}"
        used = len(table.features(_target_of(self.parameter.table, state)))
        left = len(self._names) - used
        rest = f", {left:,} left out as not usable" if left else ""
        return f"None picked: {used:,} usable columns are taken{rest}. {how}"


def _target_of(table: str, state: WizardState) -> str:
    for parameter in state.pack.parameters.values():
        if parameter.type == "column" and parameter.table == table:
            return str(state.checked.values.get(parameter.name, ""))
    return ""
