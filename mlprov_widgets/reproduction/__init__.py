"""The same again: rebuild the notebook from a record, and check one run against another."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from mlprov_widgets.reproduction.factors import Difference
from mlprov_widgets.reproduction.items import Item
from mlprov_widgets.reproduction.outcome import Outcome
from mlprov_widgets.reproduction.verify import VERDICTS, Verification, verify

if TYPE_CHECKING:
    from mlprov_widgets.reproduction.differences import EditedCell
    from mlprov_widgets.reproduction.rebuild import reproduce
    from mlprov_widgets.reproduction.rebuilt import EditsNotAcceptedError, Reproduction

# A finished run verifies itself; it does not wait for what only rebuilding needs.
_LATER = {
    "EditedCell": "differences",
    "EditsNotAcceptedError": "rebuilt",
    "Reproduction": "rebuilt",
    "reproduce": "rebuild",
}

__all__ = [
    "VERDICTS",
    "Difference",
    "EditedCell",
    "EditsNotAcceptedError",
    "Item",
    "Outcome",
    "Reproduction",
    "Verification",
    "reproduce",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
