"""What a run on a hosted server may take: a turn in the queue, time, memory and threads."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil

from mlprov_widgets.hosting import Place, Ticket, current_session, hosted, sessions_root

_LOOK_AGAIN = 0.5  # seconds
# Libraries read how many threads they may use when they are imported.
_AGENT = "MLPROV_AGENT_NAME"
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


@dataclass(frozen=True)
class Allowance:
    """What one run may take.

    Parameters
    ----------
    seconds : float
    memory : int
        Bytes, of the kernel and all processes that it starts.
    threads : int
    place : Place
        Whose files the run may fill.
    runs : int
        How many runs of the machine go on at a time.
    """

    seconds: float
    memory: int
    threads: int
    place: Place
    runs: int

    def environment(self) -> dict[str, str]:
        """Variables for the kernel."""
        # The account is the server's, and nobody who visits it.
        agent = os.environ.get(_AGENT) or "a visitor of a hosted app"
        return {**dict.fromkeys(_THREADS, str(self.threads)), _AGENT: agent}

    def restrict(self, pid: int) -> None:
        """Let a process, and those that it will start, ask the system for no more than that."""
        with contextlib.suppress(psutil.Error, OSError, ValueError, AttributeError):
            # Only Linux has limits that can be set from outside of a process.
            psutil.Process(pid).rlimit(psutil.RLIMIT_DATA, (self.memory, self.memory))
            quota = self.place.limits.quota if self.place.limits else -1
            psutil.Process(pid).rlimit(psutil.RLIMIT_FSIZE, (quota, quota))

    async def watch(self, pid: int) -> str:
        """Wait until a run has taken too much.

        Returns
        -------
        str
            What it has done, to be said after the name of the cell.
        """
        end = time.monotonic() + self.seconds
        while True:
            await asyncio.sleep(_LOOK_AGAIN)
            if time.monotonic() > end:
                return f"was ended: a run may take {_minutes(self.seconds)} here"
            if await asyncio.to_thread(_memory, pid) > self.memory:
                return f"was ended: a run may take {self.memory / 1e9:.1f} GB of memory here"
            if await asyncio.to_thread(self.place.room) < 0:
                return "was ended: there is no room left for the files of this visitor"


def current_allowance() -> Allowance | None:
    """What a run in this process may take; None where nobody limits it."""
    if not hosted():
        return None
    limits, place = current_session().limits, current_session().place
    return Allowance(
        limits.run_minutes * 60, limits.run_memory, limits.run_threads, place, limits.runs
    )


@contextlib.contextmanager
def turn(
    allowance: Allowance | None, waiting: Callable[[int], None], stopped: Callable[[], bool]
) -> Iterator[None]:
    """Wait for one's turn, and hold it; without limits, it is one's turn.

    Parameters
    ----------
    allowance : Allowance or None
    waiting : callable
        Called with the number of runs that come before this one, whenever it changes.
    stopped : callable
        Asked whether to wait no longer.
    """
    if allowance is None:
        yield
        return
    ticket = Ticket(sessions_root() / "queue", allowance.runs)
    try:
        before = -1
        while not stopped():
            place = ticket.place()
            if place == 0:
                break
            if place != before:
                waiting(place)
                before = place
            time.sleep(_LOOK_AGAIN)
        yield
    finally:
        ticket.close()


def _memory(pid: int) -> int:
    """Bytes that a process and its descendants take; what they share counts once, if known."""
    total = 0
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                found = one.memory_full_info()
                total += getattr(found, "pss", found.uss)
    return total


def _minutes(seconds: float) -> str:
    minutes = seconds / 60
    return "1 minute" if minutes == 1 else f"{minutes:g} minutes"
