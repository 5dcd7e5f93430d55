"""One of the values that a pack lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from mlprov_widgets.packs.types.base import ParameterType, register

if TYPE_CHECKING:
    from mlprov_widgets.packs.parameters import Parameter


@register
class ListedChoice(ParameterType):
    """One of the values that a pack lists."""

    name = "choice"
    needs_default = True
    choices: ClassVar[Literal["never", "always", "maybe"]] = "always"

    def check(self, parameter: Parameter, value: object) -> str:
        if type(value) is not str or all(choice.value != value for choice in parameter.choices):
            raise self.refuse(parameter, value)
        return value

    def schema(self, parameter: Parameter) -> dict[str, Any]:
        said = [
            {"const": one.value, "title": one.label, "description": one.help}
            for one in parameter.choices
        ]
        return {"oneOf": [{name: text for name, text in one.items() if text} for one in said]}

    def allowed(self, parameter: Parameter) -> str:
        return "one of " + ", ".join(choice.value for choice in parameter.choices)

    def describe(self, parameter: Parameter, value: object) -> str:
        return self.choice(parameter, value).label
