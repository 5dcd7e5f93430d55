"""Free text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlprov_widgets.packs.types.base import ParameterType, register

if TYPE_CHECKING:
    from mlprov_widgets.packs.parameters import Parameter


@register
class FreeText(ParameterType):
    """Free text."""

    name = "text"

    def describe(self, parameter: Parameter, value: str) -> str:
        return super().describe(parameter, value) or "left empty"
