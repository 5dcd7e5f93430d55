"""What a ``pack.toml`` declares, with errors that name line and field."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import InvalidValueError, PackError
from mlprov_widgets.packs.choices import Choice
from mlprov_widgets.packs.model import Rule, WizardPage
from mlprov_widgets.packs.parameters import Parameter
from mlprov_widgets.packs.rows import NAME, TABLES, Row, read_toml
from mlprov_widgets.packs.types import type_names, type_of
from mlprov_widgets.record.fields import Field, Metric


class Declaration:
    """A ``pack.toml``, read and checked.

    Parameters
    ----------
    folder : Path
        Of the pack.

    Attributes
    ----------
    head : dict
        The ``[pack]`` table.
    pages : tuple of WizardPage
    parameters : dict of str to Parameter
    rules : tuple of Rule
    metrics : tuple of Metric
    fields : tuple of Field

    Raises
    ------
    PackError
        With file, line and field.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "pack.toml"
        self._text, self._tables = read_toml(self._file, folder)
        for name in sorted(set(self._tables) - set(TABLES)):
            raise PackError("table_unknown", self._file, field=name, name=name)
        self.head: dict[str, Any] = self._tables.get("pack", {})
        if not isinstance(self.head, dict) or not self.head:
            raise PackError("pack_table_missing", self._file, field="pack", table="[pack]")
        self._row("pack", 0, "pack", self.head).check_fields()
        self.pages = tuple(
            WizardPage(**{**row.values, "steps": tuple(row.values.get("steps", ()))})
            for row in self._named_rows("pages")
        )
        self.parameters = self._parameters()
        self.rules = tuple(map(self._rule, self._rows("rules")))
        self.metrics = tuple(Metric(**row.values) for row in self._named_rows("metrics"))
        self.fields = tuple(Field(**row.values) for row in self._named_rows("fields"))

    def error(
        self, table: str, row: str | int, name: str, code: str, /, **arguments: object
    ) -> PackError:
        """An error about a field, with its line.

        Parameters
        ----------
        table : str
            ``pages``, ``parameters`` or ``rules``.
        row : str or int
            Name of the row, or its number, from 0.
        name : str
            Of the field.
        code : str
            Of the error.
        **arguments : object
            What its sentence is made of.
        """
        rows = self._rows(table)
        names = [one.values.get("name") for one in rows]
        number = names.index(row) if isinstance(row, str) else row
        return rows[number].error(code, name, **arguments)

    def _row(self, table: str, number: int, field: str, values: dict[str, Any]) -> Row:
        return Row(self._file, self._text, table, number, field, values)

    def _rows(self, table: str) -> list[Row]:
        found = self._tables.get(table, [])
        if not isinstance(found, list) or any(not isinstance(row, dict) for row in found):
            raise PackError("table_not_listed", self._file, field=table, table=f"[[{table}]]")
        rows = []
        for number, values in enumerate(found):
            name = values.get("name")
            label = name if isinstance(name, str) else number + 1
            if table == "parameters" and "above" in values:
                # Deprecated: what bounds were called before they had the name of JSON Schema.
                values.setdefault("exclusive_minimum", values.pop("above"))
            rows.append(self._row(table, number, f"{table}.{label}", values))
            rows[-1].check_fields()
        return rows

    def _named_rows(self, table: str) -> list[Row]:
        rows = self._rows(table)
        seen: set[str] = set()
        for row in rows:
            name = row.values["name"]
            if not NAME.match(name):
                field = f"{table}.{row.number + 1}.name"
                raise row.error("name_not_allowed", "name", field, name=name)
            if name in seen:
                raise row.error("name_taken", "name", name=name)
            seen.add(name)
        return rows

    def _parameters(self) -> dict[str, Parameter]:
        rows = self._named_rows("parameters")
        types = {row.values["name"]: row.values["type"] for row in rows}
        found = {row.values["name"]: self._parameter(row, types) for row in rows}
        for row, parameter in zip(rows, found.values(), strict=True):
            for choice in parameter.choices:
                for name, value in choice.sets.items():
                    field = f"{row.field}.choices.{choice.value}.sets.{name}"
                    if name not in found:
                        raise row.error("parameter_missing", "choices", field, called=name)
                    try:
                        found[name].check(value)
                    except InvalidValueError as error:
                        raise row.moved(error, "choices", field) from None
        return found

    def _parameter(self, row: Row, types: dict[str, str]) -> Parameter:
        values = row.values
        if values["type"] not in type_names():
            known = ", ".join(type_names())
            raise row.error("type_unknown", "type", name=values["type"], types=known)
        pages = sorted(page.name for page in self.pages)
        if values["page"] not in pages:
            known = ", ".join(pages)
            raise row.error("page_missing", "page", name=values["page"], pages=known)
        kind = type_of(values["type"])
        choices = self._choices(row)
        if (kind.choices == "always") != bool(choices) and kind.choices != "maybe":
            raise row.error("choices_not_allowed", "choices")
        _check_table(row, types)
        if "default" not in values and kind.needs_default:
            raise row.error("default_missing", "default")
        when = row.condition(set(types))
        roles = tuple(values.get("roles", kind.roles))
        given = {"choices": choices, "when": when, "roles": roles}
        parameter = Parameter(**{"default": kind.empty, **values, **given})
        if "default" not in values:
            return parameter
        try:
            return replace(parameter, default=parameter.check(values["default"]))
        except InvalidValueError as error:
            raise row.error("default_not_allowed", "default", reason=error) from None

    def _choices(self, row: Row) -> tuple[Choice, ...]:
        choices: list[Choice] = []
        for number, entry in enumerate(row.values.get("choices", []), start=1):
            if not isinstance(entry, dict):
                raise row.error("choice_not_a_table", "choices")
            field = f"{row.field}.choices.{number}"
            self._row("parameters", row.number, field, entry).check_fields("choices")
            choices.append(Choice(**entry))
        if len({choice.value for choice in choices}) < len(choices):
            raise row.error("choice_twice", "choices")
        return tuple(choices)

    def _rule(self, row: Row) -> Rule:
        values = row.values
        if values["parameter"] not in self.parameters:
            raise row.error("parameter_missing", "parameter", called=values["parameter"])
        when = row.condition(set(self.parameters))
        return Rule(when, values["parameter"], values["message"], values.get("error", False))


def _check_table(row: Row, types: dict[str, str]) -> None:
    """Whether ``table`` names a parameter of the type that this one belongs to."""
    own, table = row.values["type"], row.values.get("table", "")
    if table and table not in types:
        raise row.error("parameter_missing", "table", called=table)
    wanted = type_of(own).belongs_to
    if wanted and not table:
        raise row.error("table_needed", "type", type=own, wanted=wanted)
    if wanted and types[table] != wanted:
        raise row.error(
            "table_of_wrong_type", "table", name=table, found=types[table], type=own, wanted=wanted
        )
