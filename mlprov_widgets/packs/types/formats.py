"""What formats of data have in common: they are found out by looking, and never asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from mlprov_widgets.errors import InvalidValueError, MlprovError
from mlprov_widgets.packs.types.base import ParameterType

if TYPE_CHECKING:
    from mlprov_widgets.packs.model import Pack
    from mlprov_widgets.packs.parameters import Parameter


class DataFormat(ParameterType):
    """How data are read: a dictionary that is found out by looking at them."""

    empty: ClassVar[dict[str, Any]] = {}
    is_hidden = True

    def checked_format(self, value: object) -> dict[str, Any]:
        """A copy of a format; raises the error of its room where it is none."""
        raise NotImplementedError

    def unknown(self) -> dict[str, Any]:
        """What code is shown with as long as no data are chosen."""
        return {}

    def check(self, parameter: Parameter, value: object) -> dict[str, Any]:
        if value == {}:
            return {}
        try:
            return self.checked_format(value)
        except MlprovError as error:
            raise InvalidValueError(
                "format_not_allowed", parameter=parameter.name, reason=error
            ) from None

    def parse(self, parameter: Parameter, text: str) -> dict[str, Any]:
        raise InvalidValueError("format_not_asked", parameter=parameter.name)

    def render(
        self, pack: Pack, parameter: Parameter, values: Mapping[str, Any]
    ) -> dict[str, object]:
        return {parameter.name: values[parameter.name] or self.unknown()}
