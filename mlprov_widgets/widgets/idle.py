"""Work that can wait until the kernel has nothing else to do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from mlprov_widgets.widgets.guard import log

# Whoever asks something meanwhile waits for one part at most, and is served between two.
_PART, _REST = 0.01, 0.03


def when_idle(work: Iterator[None]) -> None:
    """Do work in small parts while the kernel is idle; none of it where nothing runs a loop.

    Parameters
    ----------
    work : iterator
        Each step is a part of a few milliseconds; what is left undone must be done when needed.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return

    def part() -> None:
        end = time.perf_counter() + _PART
        try:
            for _ in work:
                if time.perf_counter() > end:
                    loop.call_later(_REST, part)
                    return
        except Exception:
            log.warning("What was to be prepared could not be.", exc_info=True)

    loop.call_later(_REST, part)
