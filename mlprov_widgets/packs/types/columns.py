"""One column of a table, any number of them, and what columns are for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from mlprov_widgets.errors import InvalidValueError
from mlprov_widgets.packs.types.base import ParameterType, register
from mlprov_widgets.tables.roles import ROLES
from mlprov_widgets.wording import format_list

if TYPE_CHECKING:
    from mlprov_widgets.packs.model import Pack
    from mlprov_widgets.packs.parameters import Parameter

_MOST_SHOWN = 8


@register
class ColumnName(ParameterType):
    """The name of one column of a table: its target, or one with another role."""

    name = "column"
    belongs_to = "csv_file"
    roles = ("class",)
    tells_nothing = False

    def describe(self, parameter: Parameter, value: str) -> str:
        return value or "none"


@register
class ColumnNames(ParameterType):
    """The names of columns of a table: its features; none means all that can be used."""

    name = "columns"
    words = "a list of column names"
    empty: ClassVar[list[str]] = []
    belongs_to = "csv_file"

    def check(self, parameter: Parameter, value: object) -> list[str]:
        if not isinstance(value, list | tuple) or any(type(name) is not str for name in value):
            raise self.refuse(parameter, value)
        return list(dict.fromkeys(value))

    def schema(self, parameter: Parameter) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string"}}

    def parse(self, parameter: Parameter, text: str) -> list[str]:
        return self.check(parameter, _listed(text.strip()))

    def write(self, value: list[str]) -> str:
        return json.dumps(value, ensure_ascii=False)

    def describe(self, parameter: Parameter, value: list[str]) -> str:
        return format_list(value, _MOST_SHOWN) or "all"


@register
class ColumnRoles(ParameterType):
    """What columns are for, of those for which a person says something else than was guessed."""

    name = "column_roles"
    words = "a table of column names and roles"
    empty: ClassVar[dict[str, str]] = {}
    tells_nothing = False
    belongs_to = "csv_file"

    def template_names(self, parameter: Parameter) -> set[str]:
        return set()  # what it changes is how the table is read

    def check(self, parameter: Parameter, value: object) -> dict[str, str]:
        if not isinstance(value, dict) or any(type(name) is not str for name in value):
            raise self.refuse(parameter, value)
        for name, role in value.items():
            if role not in ROLES:
                raise InvalidValueError(
                    "role_unknown", parameter=parameter.name, column=name, role=role, roles=ROLES
                )
        return dict(value)

    def render(
        self, pack: Pack, parameter: Parameter, values: Mapping[str, Any]
    ) -> dict[str, object]:
        return {}

    def schema(self, parameter: Parameter) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": {"enum": list(ROLES)}}

    def parse(self, parameter: Parameter, text: str) -> dict[str, str]:
        try:
            found = json.loads(text or "{}")
        except ValueError:
            raise self.refuse(parameter, text) from None
        return self.check(parameter, found)

    def write(self, value: dict[str, str]) -> str:
        return json.dumps(value, ensure_ascii=False)

    def describe(self, parameter: Parameter, value: dict[str, str]) -> str:
        told = [f"{name}: {role}" for name, role in value.items()]
        return format_list(told, _MOST_SHOWN) or "as guessed"


def _listed(text: str) -> list[object]:
    """Names from one line: a JSON list, else separated by commas."""
    if text.startswith("["):
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if isinstance(found, list):
            return found
    return [name.strip() for name in text.split(",") if name.strip()]
