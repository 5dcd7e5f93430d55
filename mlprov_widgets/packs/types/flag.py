"""Yes or no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlprov_widgets.packs.types.base import ParameterType, register

if TYPE_CHECKING:
    from mlprov_widgets.packs.parameters import Parameter

_WORDS = {"true": True, "yes": True, "on": True, "1": True}
_WORDS |= {"false": False, "no": False, "off": False, "0": False}


@register
class Flag(ParameterType):
    """Yes or no."""

    name = "flag"
    words = "true or false"
    empty = False

    def check(self, parameter: Parameter, value: object) -> bool:
        if type(value) is not bool:
            raise self.refuse(parameter, value)
        return value

    def schema(self, parameter: Parameter) -> dict[str, Any]:
        return {"type": "boolean"}

    def parse(self, parameter: Parameter, text: str) -> bool:
        word = text.strip().lower()
        if word not in _WORDS:
            raise self.refuse(parameter, text)
        return _WORDS[word]

    def write(self, value: object) -> str:
        return "true" if value else "false"

    def describe(self, parameter: Parameter, value: object) -> str:
        return "yes" if value else "no"
