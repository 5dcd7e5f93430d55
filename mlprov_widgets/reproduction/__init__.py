"""Names that stood here before `comparison` and `rebuild` were made."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

_MOVED = {
    "VERDICTS": "comparison",
    "Difference": "comparison",
    "EditedCell": "rebuild",
    "EditsNotAcceptedError": "rebuild",
    "Item": "comparison",
    "Outcome": "comparison",
    "Reproduction": "rebuild",
    "Verification": "comparison",
    "reproduce": "rebuild",
    "verify": "comparison",
}


def __getattr__(name: str) -> Any:
    if name not in _MOVED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    place = f"mlprov_widgets.{_MOVED[name]}"
    warnings.warn(f"{__name__}.{name} is {place}.{name} now", DeprecationWarning, stacklevel=2)
    return getattr(importlib.import_module(place), "ComparedItem" if name == "Item" else name)
