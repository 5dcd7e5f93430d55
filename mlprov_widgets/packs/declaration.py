"""What a ``pack.toml`` declares, with errors that name line and field."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import InvalidValueError, PackError
from mlprov_widgets.packs.choices import Choice
from mlprov_widgets.packs.conditions import Condition
from mlprov_widgets.packs.files import read_text
from mlprov_widgets.packs.model import Rule, WizardPage
from mlprov_widgets.packs.parameters import Parameter
from mlprov_widgets.packs.types import type_names, type_of
from mlprov_widgets.record.fields import DIRECTIONS, MEASURED_ON, Field, Metric
from mlprov_widgets.record.fields import KINDS as KINDS_OF_FIELDS
from mlprov_widgets.tables.roles import ROLES

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
TABLES = ("pack", "pages", "parameters", "rules", "metrics", "fields")


def _declared(kind: Any, *given: str) -> tuple[set[str], set[str]]:
    """What a table of this kind has to say, and what it may; `given` is what it need not either."""
    names = {one.name for one in fields(kind)}
    no_default = {one.name for one in fields(kind) if one.default is one.default_factory is MISSING}
    required = no_default - set(given)
    return required, names - required


FIELDS: dict[str, tuple[set[str], set[str]]] = {
    # table: required fields, optional fields
    "pack": ({"title", "summary", "version", "task_type"}, {"order"}),
    "pages": _declared(WizardPage),
    "parameters": _declared(Parameter, "default"),
    "choices": _declared(Choice),
    "rules": _declared(Rule),
    "metrics": ({"name", "label"}, {"unit", "direction", "headline", "part", "baseline_of"}),
    "fields": ({"name", "step", "label"}, {"unit", "kind"}),
}
_NUMBER = ((int, float), "a number")
# What a field has to be where it is no text; the type of a default is the parameter's.
KINDS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "choices": (list, "a list"),
    "steps": (list, "a list"),
    "roles": (list, "a list"),
    "constant": (bool, "true or false"),
    "error": (bool, "true or false"),
    "headline": (bool, "true or false"),
    "optional": (bool, "true or false"),
    "target": (bool, "true or false"),
    "order": (int, "a whole number"),
    "sets": (dict, "a table"),
    "minimum": _NUMBER,
    "maximum": _NUMBER,
    "exclusive_minimum": _NUMBER,
    "default": (object, ""),
}
# Of what is one of a few words, these.
WORDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("metrics", "direction"): DIRECTIONS,
    ("metrics", "part"): MEASURED_ON,
    ("fields", "kind"): KINDS_OF_FIELDS,
    ("parameters", "roles"): ROLES,
}
_MOST_DOTS = 100


def read_toml(file: Path, folder: Path) -> tuple[str, dict[str, Any]]:
    """A file's text, and what it says.

    Parameters
    ----------
    file, folder : Path
        The file, and the folder that it has to be in.

    Raises
    ------
    PackError
        If there is none, or it is not TOML.
    """
    try:
        text = read_text(file, folder)
        for number, row in enumerate(text.splitlines(), start=1):
            # tomllib takes quadratic time for a key of many names with dots between them.
            if row.count(".") > _MOST_DOTS:
                raise PackError("toml_too_many_dots", file, number, most=_MOST_DOTS)
        return text, tomllib.loads(text)
    except FileNotFoundError:
        raise PackError("pack_toml_missing", file) from None
    except tomllib.TOMLDecodeError as error:
        # Python 3.14 has the line as an attribute; before, only the sentence says it.
        found = re.search(r" \(at line (\d+)[^)]*\)$", str(error))
        reason = str(error)[: found.start()] if found else str(error)
        line = int(found[1]) if found else None
        raise PackError("toml_unreadable", file, line, reason=reason) from None
    except RecursionError:
        raise PackError("toml_too_deep", file) from None
    except ValueError:  # a whole number of more than 4,300 digits
        raise PackError("toml_number_too_long", file) from None


@dataclass(frozen=True)
class _Row:
    """One table of the file: what it says, and where.

    Parameters
    ----------
    file : Path
    text : str
        Of the whole file.
    table : str
        ``pack``, ``pages``, ``parameters`` or ``rules``.
    number : int
        Which of the tables of this name, from 0.
    field : str
        How errors call it.
    values : dict
    """

    file: Path
    text: str
    table: str
    number: int
    field: str
    values: dict[str, Any]

    def error(
        self, code: str, name: str = "", field: str = "", /, **arguments: object
    ) -> PackError:
        """An error about one of its fields; `field` is how to call it, by default its name."""
        called = field or (f"{self.field}.{name}" if name else self.field)
        return PackError(code, self.file, self._line(name), called, **arguments)

    def moved(self, error: PackError | InvalidValueError, name: str, field: str = "") -> PackError:
        """An error that something else found in one of its fields."""
        return self.error(error.code, name, field, **error.arguments)

    def check_fields(self, kind: str = "") -> None:
        """Refuse what is missing, unknown or of a wrong type."""
        required, optional = FIELDS[kind or self.table]
        for name in sorted(required - set(self.values)):
            raise self.error("field_missing", called=name)
        for name, value in self.values.items():
            if name not in required | optional:
                allowed = sorted(required | optional)
                raise self.error("field_unknown", name, called=name, allowed=", ".join(allowed))
            expected: Any
            expected, words = KINDS.get(name, (str, "a text"))
            if not isinstance(value, expected) or (
                isinstance(value, bool) and expected not in (bool, object)
            ):
                raise self.error("field_of_wrong_type", name, called=name, wanted=words)
            if name == "steps" and any(not isinstance(step, str) for step in value):
                raise self.error("steps_of_wrong_type", name)
            allowed_words = WORDS.get((kind or self.table, name))
            for word in value if isinstance(value, list) else [value]:
                if allowed_words and word not in allowed_words:
                    known = ", ".join(allowed_words)
                    raise self.error("word_unknown", name, word=str(word)[:80], allowed=known)

    def condition(self, names: set[str]) -> Condition:
        """Its ``when``, about parameters that there are."""
        try:
            when = Condition(self.values.get("when", ""))
        except PackError as error:
            raise self.moved(error, "when") from None
        for name in sorted(when.names - names):
            raise self.error("parameter_missing", "when", called=name)
        return when

    def _line(self, name: str) -> int | None:
        """Line of a field: tomllib forgets lines, so the table headers are counted again."""
        header = re.compile(r"\s*\[\[?\s*" + re.escape(self.table) + r"\s*\]\]?\s*(#.*)?$")
        lines = self.text.splitlines()
        starts = [index for index, line in enumerate(lines) if header.match(line)]
        if self.number >= len(starts):
            return None
        start = starts[self.number]
        field = re.compile(rf"\s*(?:{re.escape(name)}|\"{re.escape(name)}\")\s*=")
        for index in range(start + 1, len(lines)):
            if re.match(rf"\s*\[\[?\s*({'|'.join(TABLES)})\s*\]", lines[index]):
                break
            if name and field.match(lines[index]):
                return index + 1
        return start + 1


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

    def _row(self, table: str, number: int, field: str, values: dict[str, Any]) -> _Row:
        return _Row(self._file, self._text, table, number, field, values)

    def _rows(self, table: str) -> list[_Row]:
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

    def _named_rows(self, table: str) -> list[_Row]:
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

    def _parameter(self, row: _Row, types: dict[str, str]) -> Parameter:
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

    def _choices(self, row: _Row) -> tuple[Choice, ...]:
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

    def _rule(self, row: _Row) -> Rule:
        values = row.values
        if values["parameter"] not in self.parameters:
            raise row.error("parameter_missing", "parameter", called=values["parameter"])
        when = row.condition(set(self.parameters))
        return Rule(when, values["parameter"], values["message"], values.get("error", False))


def read_examples(file: Path, parameters: Mapping[str, Parameter]) -> dict[str, dict[str, Any]]:
    """Named value sets, checked; none where there is no such file.

    Parameters
    ----------
    file : Path
        The ``examples.toml`` of a pack.
    parameters : mapping of str to Parameter
        Of the pack.

    Raises
    ------
    PackError
        With file and field.
    """
    if not file.is_file():
        return {}
    _, examples = read_toml(file, file.parent)
    for name, values in examples.items():
        if not isinstance(values, dict):
            raise PackError("example_not_a_table", file, field=name)
        for key, value in values.items():
            field = f"{name}.{key}"
            if key not in parameters:
                raise PackError("parameter_missing", file, field=field, called=key)
            try:
                values[key] = parameters[key].check(value)
            except InvalidValueError as error:
                raise PackError(error.code, file, None, field, **error.arguments) from None
    return examples


def _check_table(row: _Row, types: dict[str, str]) -> None:
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
