"""Whether NA, None and the like are words, or say that there is no value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlprov_widgets.packs.types.base import ParameterType, register
from mlprov_widgets.tables.words import WORDS

if TYPE_CHECKING:
    from mlprov_widgets.packs.model import Pack
    from mlprov_widgets.packs.parameters import Parameter

_LABELS = {
    "": "as it seems, column by column",
    "words": "words like any other",
    "missing": "missing values",
}


@register
class MissingWords(ParameterType):
    """How NA, None and the like are taken in columns of text; nothing means as it seems."""

    name = "missing_words"
    words = "words, missing or nothing"
    tells_nothing = False
    belongs_to = "csv_file"

    def check(self, parameter: Parameter, value: object) -> str:
        text = self.checked_text(parameter, value)
        if text not in WORDS:
            raise self.refuse(parameter, value)
        return text

    def schema(self, parameter: Parameter) -> dict[str, Any]:
        return {"enum": list(WORDS)}

    def describe(self, parameter: Parameter, value: str) -> str:
        return _LABELS[value]

    def template_names(self, parameter: Parameter) -> set[str]:
        return set()  # what it changes is how the table is read

    def render(
        self, pack: Pack, parameter: Parameter, values: Mapping[str, Any]
    ) -> dict[str, object]:
        return {}
