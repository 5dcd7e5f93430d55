"""Waiting for something that is sure to come, until it is said to hang."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# Seconds. It measures nothing: on a busy machine a page alone takes a minute to start.
WATCHDOG = 240.0


def until(true: Callable[[], T], pause: float = 0.05) -> T:
    """What a call gives, as soon as that is true.

    Parameters
    ----------
    true
        What is asked again and again.
    pause
        Seconds between two times.

    Raises
    ------
    TimeoutError
        If it does not become true.
    """
    end = time.monotonic() + WATCHDOG
    while not (found := true()):
        if time.monotonic() > end:
            raise TimeoutError("it did not come")
        time.sleep(pause)
    return found
