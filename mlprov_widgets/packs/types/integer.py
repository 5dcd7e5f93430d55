"""A whole number."""

from __future__ import annotations

from mlprov_widgets.packs.types.base import register
from mlprov_widgets.packs.types.number import Bounded

_LARGEST = 2**63 - 1


@register
class Integer(Bounded):
    """A whole number of at most 64 bits."""

    name = "integer"
    words = "a whole number"

    def converted(self, value: object) -> int | None:
        if type(value) is float and value.is_integer():
            value = int(value)
        return value if type(value) is int and abs(value) <= _LARGEST else None

    def read(self, text: str) -> int:
        return int(text)
