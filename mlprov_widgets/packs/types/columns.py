"""One column of a table, or any number of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from mlprov_widgets.packs.types.base import ParameterType, register
from mlprov_widgets.wording import format_list

if TYPE_CHECKING:
    from mlprov_widgets.packs.parameters import Parameter

_MOST_SHOWN = 8


@register
class ColumnName(ParameterType):
    """The name of one column of a table: its target."""

    name = "column"
    belongs_to = "csv_file"


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
