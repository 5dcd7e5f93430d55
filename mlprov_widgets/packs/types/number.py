"""A number, whole or not, within bounds."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import InvalidValueError
from mlprov_widgets.packs.types.base import ParameterType, register
from mlprov_widgets.wording import format_number

if TYPE_CHECKING:
    from mlprov_widgets.packs.parameters import Parameter


_LARGEST = 2**63 - 1
# Digits with signs among them that people write, and Python does not read.
_WITH_SIGNS = re.compile(r"[+-]?[\d.,'’ \u00a0\u202f]{1,40}(?:[eE][+-]?\d{1,3})?", re.ASCII)


# Signs that can mean only one thing in a field of one number: a decimal comma, unless three
# digits after it may be thousands, and blanks between thousands.
_DECIMAL_COMMA = re.compile(r"([+-]?\d*),(\d*)((?:[eE][+-]?\d{1,3})?)", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
_BLANKS = re.compile(r"[+-]?[1-9]\d{0,2}(?:[ \u00a0\u202f]\d{3})+(?![\d ])", re.ASCII)


def plain_number(text: str) -> str:
    """A number as Python writes it, where its signs can mean only one; else the text as it is."""
    if blanks := _BLANKS.match(text):
        text = re.sub(r"\s", "", blanks[0]) + text[blanks.end() :]
    comma = _DECIMAL_COMMA.fullmatch(text)
    if comma is None or _THOUSANDS.fullmatch(text):
        return text
    return f"{comma[1]}.{comma[2]}{comma[3]}"


class Bounded(ParameterType):
    """What numbers have in common: bounds, and text that may be no number at all."""

    needs_default = True
    is_number = True

    def converted(self, value: object) -> Any:
        """The number that a value is, None where it is none."""
        raise NotImplementedError

    def read(self, text: str) -> Any:
        """The number that a text means; raises `ValueError` where it means none."""
        raise NotImplementedError

    def check(self, parameter: Parameter, value: object) -> Any:
        number = self.converted(value)
        if number is None:
            raise self.refuse(parameter, value)
        low, above, high = parameter.minimum, parameter.exclusive_minimum, parameter.maximum
        if (
            (low is not None and number < low)
            or (above is not None and number <= above)
            or (high is not None and number > high)
        ):
            raise self.refuse(parameter, number)
        return number

    def parse(self, parameter: Parameter, text: str) -> Any:
        try:
            number = self.read(plain_number(text.strip()))
        except ValueError:
            raise self._not_read(parameter, text.strip()) from None
        return self.check(parameter, number)

    def _not_read(self, parameter: Parameter, text: str) -> InvalidValueError:
        """The error of a text that is no number here, perhaps because of its signs."""
        meant = []
        for plain in _with_a_point(text):
            try:
                self.check(parameter, self.read(plain))
            except (ValueError, InvalidValueError):
                continue
            meant.append(plain)
        if not meant:
            return self.refuse(parameter, text)
        given = {"value": text, "meant": meant}
        return InvalidValueError("number_with_comma", parameter=parameter.name, **given)

    def schema(self, parameter: Parameter) -> dict[str, Any]:
        bounds = {
            "minimum": parameter.minimum,
            "exclusiveMinimum": parameter.exclusive_minimum,
            "maximum": parameter.maximum,
        }
        return {"type": self.name, **{k: v for k, v in bounds.items() if v is not None}}

    def allowed(self, parameter: Parameter) -> str:
        low, high = parameter.minimum, parameter.maximum
        parts = [self.words]
        if parameter.exclusive_minimum is not None:
            parts.append(f"above {format_number(parameter.exclusive_minimum, 6)}")
        if low is not None and high is not None:
            parts.append(f"from {format_number(low, 6)} to {format_number(high, 6)}")
        elif low is not None:
            parts.append(f"of at least {format_number(low, 6)}")
        elif high is not None:
            parts.append(f"{'and ' if parts[1:] else ''}up to {format_number(high, 6)}")
        return " ".join(parts)


def _with_a_point(text: str) -> list[str]:
    """What may be meant by a number with a decimal comma or signs between thousands."""
    if not _WITH_SIGNS.fullmatch(text):
        return []
    bare = re.sub("[ '’\u00a0\u202f]", "", text)
    found = [bare] if bare != text and "," not in bare else []
    if bare.count(",") == 1:
        found.append(bare.replace(".", "").replace(",", "."))
    if re.fullmatch(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?", bare, re.ASCII):
        found.append(bare.replace(",", ""))
    return found


@register
class Number(Bounded):
    """A finite floating-point number."""

    name = "number"
    words = "a number"

    def converted(self, value: object) -> float | None:
        try:
            if isinstance(value, int | float) and type(value) is not bool and math.isfinite(value):
                return float(value)
        except OverflowError:  # a whole number beyond the largest float
            pass
        return None

    def read(self, text: str) -> float:
        return float(text)


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
