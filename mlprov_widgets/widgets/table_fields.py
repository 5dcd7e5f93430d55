"""Fields about a person's own table: the file, its target, its features."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ipywidgets as widgets

from mlprov_widgets.packs import Parameter
from mlprov_widgets.tables import Column, Table
from mlprov_widgets.tables.roles import ROLES
from mlprov_widgets.tables.words import WORDS
from mlprov_widgets.widgets.data_view import column_label, role_html, table_html
from mlprov_widgets.widgets.fields import FormField
from mlprov_widgets.widgets.guard import guarded
from mlprov_widgets.widgets.markup import escape, plain
from mlprov_widgets.widgets.parts import button, classed, hbox, hide, html_widget, vbox
from mlprov_widgets.widgets.path_fields import PathField
from mlprov_widgets.widgets.state import WizardState

# Of more columns, those that are looked for by name.
_MOST_ROLES = 25


class CsvField(PathField):
    """A table: typed, picked or uploaded; then what was found in it."""

    placeholder = "data/table.csv"
    looking = "Looking at the file…"
    endings = (".csv", ".tsv", ".txt", ".data", ".dat", ".tab")

    def _also(self, state: WizardState) -> Any:
        return _targets_of(self.parameter.name, state)

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
            columns = [(column_label(column), column.name) for column in table.columns]
            self.control.options = [("none", ""), *columns] if self.parameter.optional else columns
        value = state.checked.values[self.parameter.name]
        is_there = value in names or (self.parameter.optional and not value)
        self.control.value = value if is_there else None

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
        taken = _taken(self.parameter, state)
        columns = [column for column in table.columns if column.name not in taken]
        names = [column.name for column in columns]
        picked = list(state.checked.values[self.parameter.name])
        is_new = names != self._names
        if is_new:
            self._names = names
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
        targets = [*_targets_of(self.parameter.table, state).items()]
        target, role = targets[0] if targets else ("", "class")
        others = _taken(self.parameter, state) - {target}
        used = len(table.features(target, (role,), [*others]))
        left = len(self._names) - used
        rest = f", {left:,} left out as not usable" if left else ""
        all_of = f"All {used:,} usable columns are" if used != 1 else "The only usable column is"
        return f"{all_of} taken{rest}; pick some to take only those. {how}"


class RolesField(FormField):
    """What each column is for, with the reason: as guessed, or as a person says."""

    def _make_control(self) -> Any:
        self._roles: dict[str, str] = {}
        self._used: dict[str, str] = {}
        self._choices: dict[str, widgets.Dropdown] = {}
        self._table: Table | None = None
        return widgets.Text(description=self.parameter.label, placeholder="Filter columns by name")

    def _parts(self) -> list[widgets.Widget]:
        self.list = vbox((), "mlprov-roles")
        return [self.row, self.list, self.messages]

    def _changed(self, value: str) -> None:
        self._list_again()

    def _show_value(self, state: WizardState) -> None:
        table = state.checked.table
        hide(self.widget, table is None)
        roles = dict(state.checked.values[self.parameter.name])
        used = dict.fromkeys(_targets_of(self.parameter.table, state), "target")
        used |= {name: "in use" for name in _taken(self.parameter, state) if name not in used}
        if table is not None and (table, roles, used) != (self._table, self._roles, self._used):
            self._table, self._roles, self._used = table, roles, used
            self._list_again()

    def _list_again(self) -> None:
        if self._table is None:
            return
        wanted = self.control.value[:100].casefold()
        columns = [one for one in self._table.columns if wanted in one.name.casefold()]
        shown = columns[:_MOST_ROLES]
        rows: list[widgets.Widget] = [hbox(self._row(one), "mlprov-role") for one in shown]
        if left := len(columns) - len(shown):
            text = f"{left:,} more columns: filter them by name."
            rows.append(html_widget(f"<p>{escape(text)}</p>", "mlprov-remark"))
        self.list.children = rows

    def _row(self, column: Column) -> list[widgets.Widget]:
        choice = self._choices.get(column.name)
        if choice is None:
            choice = widgets.Dropdown(layout={"width": "168px"})
            name = column.name
            self.on_change(choice, lambda role: self._choose(name, role))
            self._choices[column.name] = choice
        guessed = f"{column.guessed} (guessed)"
        options = [(guessed if role == column.guessed else role, role) for role in ROLES]
        with self.quietly():
            choice.options = options
            choice.value = column.role
            choice.tooltip = f"What {plain(column.name, 48)} is for"
        return [html_widget(role_html(column, self._used.get(column.name, ""))), choice]

    def _choose(self, name: str, role: str) -> None:
        assert self._table is not None
        others = {one: given for one, given in self._roles.items() if one != name}
        is_guess = role == self._table.column(name).guessed
        self._answer(self.parameter.name, others if is_guess else {**others, name: role}, False)


class WordsField(FormField):
    """What NA, None and the like are; there is no such question where the table has none."""

    def _make_control(self) -> Any:
        options = [(self.parameter.describe(value), value) for value in WORDS]
        return widgets.Dropdown(options=options, description=self.parameter.label)

    def _show_value(self, state: WizardState) -> None:
        super()._show_value(state)
        table = state.checked.table
        hide(self.widget, table is None or not table.doubtful_words)


def _of_table(table: str, state: WizardState) -> Iterator[tuple[Parameter, list[str]]]:
    """The parameters about columns of a table that matter, each with the columns it names."""
    for parameter in state.pack.parameters.values():
        if parameter.table == table and parameter.type in ("column", "columns"):
            value = state.checked.values.get(parameter.name) or []
            yield parameter, [value] if isinstance(value, str) else list(value)


def _targets_of(table: str, state: WizardState) -> dict[str, str]:
    """The columns of a table that are predicted, each with its role."""
    found = state.checked.table
    return {
        name: found.target_role(name, parameter.roles)
        for parameter, names in _of_table(table, state)
        for name in names
        if found is not None and parameter.is_target and name in found.names
    }


def _taken(about: Parameter, state: WizardState) -> set[str]:
    """The columns of its table that another parameter has a use of its own for."""
    return {
        name
        for parameter, names in _of_table(about.table, state)
        if parameter is not about and (parameter.type == "column" or parameter.is_target)
        for name in names
    }
