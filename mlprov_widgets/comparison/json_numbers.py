"""Numbers that JSON cannot say, as text and back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from mlprov_widgets.record import Value

# JSON has no such numbers, and a front end refuses a notebook that contains them.
_NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def jsonable(value: Value) -> Any:
    """`value` as strict JSON can say it."""
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def with_numbers(value: Value) -> Any:
    """Undo `jsonable`; what else is such a text becomes a number in both runs alike."""
    if isinstance(value, Mapping):
        return {key: with_numbers(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [with_numbers(item) for item in value]
    return as_number(value)


def as_number(value: Value) -> Value:
    """A single value, as a number where it is the text that stands for one."""
    return _NOT_FINITE.get(value, value) if isinstance(value, str) else value
