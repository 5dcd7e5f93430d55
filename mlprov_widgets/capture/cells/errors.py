"""How a record says that a cell raised."""

from __future__ import annotations

import asyncio

from mlprov_widgets.capture.values import text

_MAX_ERROR = 500  # characters


def describe_error(error: BaseException) -> str:
    """``ValueError: message`` in one line. Never raises."""
    try:
        message = " ".join(str(error).split())
    except Exception:
        message = ""
    name = type(error).__name__
    return text(f"{name}: {message}" if message else name, _MAX_ERROR)


def status_of(error: BaseException) -> str:
    """``interrupted`` where a person stopped the cell, else ``error``."""
    stopped = (KeyboardInterrupt, asyncio.CancelledError)
    return "interrupted" if isinstance(error, stopped) else "error"
