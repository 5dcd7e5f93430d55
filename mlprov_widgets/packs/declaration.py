"""What a ``pack.toml`` declares, with errors that name line and field."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import InvalidValueError, PackError
from mlprov_widgets.packs.choices import Choice
from mlprov_widgets.packs.model import Rule, WizardPage
from mlprov_widgets.packs.parameters import Parameter
from mlprov_widgets.packs.rows import NAME, TABLES, Row, header_of, key_of, read_toml
from mlprov_widgets.packs.types import type_names, type_of
from mlprov_widgets.record.fields import Field, Metric

# What other languages and tools call a type.
_MEANT = {
    **dict.fromkeys(("float", "double", "real", "decimal"), "number"),
    **dict.fromkeys(("int", "long", "count"), "integer"),
    **dict.fromkeys(("bool", "boolean", "switch", "checkbox"), "flag"),
    **dict.fromkeys(("str", "string"), "text"),
    **dict.fromkeys(("enum", "select", "choices", "options"), "choice"),
    **dict.fromkeys(("csv", "table", "dataframe"), "csv_file"),
    **dict.fromkeys(("path", "directory", "dir"), "folder"),
}


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
            line = _line_of_table(self._text, name)
            near = difflib.get_close_matches(name, TABLES, 1)
            raise PackError("table_unknown", self._file, line, name, name=name, near=near)
        self.head: dict[str, Any] = self._tables.get("pack", {})
        if not isinstance(self.head, dict) or not self.head:
            line = _line_of_table(self._text, "pack")
            raise PackError("pack_table_missing", self._file, line, "pack", table="[pack]")
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
            ``pack``, ``pages``, ``parameters``, ``rules``, ``metrics`` or ``fields``.
        row : str or int
            Name of the row, or its number, from 0.
        name : str
            Of the field.
        code : str
            Of the error.
        **arguments : object
            What its sentence is made of.
        """
        head = self._row("pack", 0, "pack", self.head)
        rows = [head] if table == "pack" else self._rows(table)
        names = [one.values.get("name") for one in rows]
        number = names.index(row) if isinstance(row, str) else row
        return rows[number].error(code, name, **arguments)

    def of_choice(
        self, parameter: str, number: int, name: str, code: str, /, **arguments: object
    ) -> PackError:
        """An error about a field of a choice, counted from 0, with its line."""
        row = next(row for row in self._rows("parameters") if row.values["name"] == parameter)
        field = f"{row.field}.choices.{row.values['choices'][number]['value']}.{name}"
        return replace(row, choice=number).error(code, name, field, **arguments)

    def given(self, parameter: str) -> list[str]:
        """The fields that the file gives a parameter, in its order."""
        rows = self._rows("parameters")
        return next(list(row.values) for row in rows if row.values["name"] == parameter)

    def choices_without(self, parameter: str, field: str) -> set[str]:
        """The values of the choices of a parameter to which the file does not give a field."""
        rows = self._rows("parameters")
        row = next(row for row in rows if row.values["name"] == parameter)
        return {one["value"] for one in row.values.get("choices", []) if field not in one}

    @property
    def every(self) -> list[tuple[str, int, dict[str, Any]]]:
        """All that the file says: table, number of the row in it, and what the row says."""
        listed = [(name, row) for name in TABLES if name != "pack" for row in self._rows(name)]
        return [("pack", 0, self.head), *((name, row.number, row.values) for name, row in listed)]

    def _row(self, table: str, number: int, field: str, values: dict[str, Any]) -> Row:
        return Row(self._file, self._text, table, number, field, values)

    def _rows(self, table: str) -> list[Row]:
        found = self._tables.get(table, [])
        if not isinstance(found, list) or any(not isinstance(row, dict) for row in found):
            line = _line_of_table(self._text, table)
            raise PackError("table_not_listed", self._file, line, table, table=f"[[{table}]]")
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
            for number, choice in enumerate(parameter.choices):
                at = replace(row, choice=number)
                for name, value in choice.sets.items():
                    field = f"{row.field}.choices.{choice.value}.sets.{name}"
                    if name not in found:
                        raise at.missing_parameter("choices", name, found, field)
                    try:
                        found[name].check(value)
                    except InvalidValueError as error:
                        raise at.moved(error, "choices", field) from None
        return found

    def _parameter(self, row: Row, types: dict[str, str]) -> Parameter:
        values = row.values
        if values["type"] not in type_names():
            known = ", ".join(type_names())
            meant = _MEANT.get(values["type"].lower())
            raise row.error("type_unknown", "type", name=values["type"], meant=meant, types=known)
        pages = sorted(page.name for page in self.pages)
        if values["page"] not in pages:
            known = ", ".join(pages)
            raise row.error("page_missing", "page", name=values["page"], pages=known)
        kind = type_of(values["type"])
        choices = self._choices(row)
        if (kind.choices == "always") != bool(choices) and kind.choices != "maybe":
            raise row.error("choices_not_allowed", "choices")
        _check_table(row, types)
        _check_bounds(row)
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
            replace(row, field=field, values=entry, choice=number - 1).check_fields()
            choices.append(Choice(**entry))
        if len({choice.value for choice in choices}) < len(choices):
            raise row.error("choice_twice", "choices")
        return tuple(choices)

    def _rule(self, row: Row) -> Rule:
        values = row.values
        if values["parameter"] not in self.parameters:
            raise row.missing_parameter("parameter", values["parameter"], self.parameters)
        when = row.condition(set(self.parameters))
        return Rule(when, values["parameter"], values["message"], values.get("error", False))


def row_faults(folder: Path) -> Iterator[PackError]:
    """What is wrong with single fields of a ``pack.toml``, whatever else is.

    Parameters
    ----------
    folder : Path
        Of the pack.

    Yields
    ------
    PackError
        Nothing where the file cannot be read at all.
    """
    file = folder / "pack.toml"
    try:
        text, tables = read_toml(file, folder)
    except PackError:
        return
    for table in TABLES:
        found = tables.get(table)
        listed = [found] if table == "pack" else found
        for number, values in enumerate(listed if isinstance(listed, list) else ()):
            if not isinstance(values, dict):
                continue
            name = values.get("name")
            label = name if isinstance(name, str) else number + 1
            called = table if table == "pack" else f"{table}.{label}"
            row = Row(file, text, table, number, called, values)
            yield from row.faults()
            choices = values.get("choices")
            for place, one in enumerate(choices if isinstance(choices, list) else ()):
                if isinstance(one, dict):
                    field = f"{called}.choices.{place + 1}"
                    yield from replace(row, field=field, values=one, choice=place).faults()


def _line_of_table(text: str, name: str) -> int | None:
    """The first line of a table, or of what is written in its place."""
    lines = enumerate(text.splitlines(), 1)
    return next((at for at, one in lines if name in (*header_of(one)[:1], key_of(one))), None)


def _check_bounds(row: Row) -> None:
    """Whether there is a number between them."""
    low, above, high = map(row.values.get, ("minimum", "exclusive_minimum", "maximum"))
    if high is not None and low is not None and low > high:
        raise row.error("bounds_crossed", "minimum", minimum=low, maximum=high)
    if high is not None and above is not None and above >= high:
        raise row.error("bounds_without_room", "exclusive_minimum", above=above, maximum=high)


def _check_table(row: Row, types: dict[str, str]) -> None:
    """Whether ``table`` names a parameter of the type that this one belongs to."""
    own, table = row.values["type"], row.values.get("table", "")
    if table and table not in types:
        raise row.missing_parameter("table", table, types)
    wanted = type_of(own).belongs_to
    if wanted and not table:
        raise row.error("table_needed", "type", type=own, wanted=wanted)
    if wanted and types[table] != wanted:
        raise row.error(
            "table_of_wrong_type", "table", name=table, found=types[table], type=own, wanted=wanted
        )
