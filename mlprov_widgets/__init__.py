"""A wizard that writes machine-learning notebooks which record their own provenance."""

from __future__ import annotations

import importlib
from typing import Any

from mlprov_widgets._version import __version__

# Looked up on first use, so that a generated notebook does not pay for widgets it never shows.
_PUBLIC = {
    "generate": "mlprov_widgets.notebooks",
    "inspect_run": "mlprov_widgets.inspection",
    "progress": "mlprov_widgets.capture.progress",
    "reproduce": "mlprov_widgets.widgets",
    "start_run": "mlprov_widgets.capture",
    "verify": "mlprov_widgets.reproduction",
    "view": "mlprov_widgets.widgets",
    "wizard": "mlprov_widgets.widgets",
}

__all__ = [
    "__version__",
    "generate",
    "inspect_run",
    "progress",
    "reproduce",
    "start_run",
    "verify",
    "view",
    "wizard",
]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(importlib.import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
