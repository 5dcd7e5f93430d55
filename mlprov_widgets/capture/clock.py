"""The time of day, by a clock that never goes back."""

from __future__ import annotations

import time
from datetime import datetime


def _ticks() -> float:
    """Seconds that pass evenly, also while the machine sleeps."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


_began = (time.time(), _ticks())


def now() -> datetime:
    """The present moment, with the machine's time zone; never before an earlier answer.

    The machine's clock is asked once a run: where it is set meanwhile, what took a minute would
    have taken an hour, or have ended before it began.
    """
    return datetime.fromtimestamp(_moment()).astimezone()


def _moment() -> float:
    began, ticks = _began
    return began + _ticks() - ticks


def set_clock() -> None:
    """Ask the machine what time it is, unless that is earlier than it was."""
    global _began
    _began = (max(time.time(), _moment()), _ticks())
