"""What a run on a hosted server may take: a turn in the queue, time, memory and threads."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting import (
    Session,
    Ticket,
    current_session,
    hosted,
    sessions_root,
    without_server_paths,
)
from mlprov_widgets.notebooks.failures import Failure

_LOOK_AGAIN = 0.5  # seconds
_AGENT = "MLPROV_AGENT_NAME"
# Libraries read how many threads they may use when they are imported.
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class Allowance:
    """What one run may take.

    Parameters
    ----------
    session : Session
        Of the visitor whose run it is.
    """

    # The kernel of a run looks for no module in the visitor's folder.
    arguments = ("--InteractiveShellApp.ignore_cwd=True",)

    def __init__(self, session: Session) -> None:
        self.session, self.limits = session, session.limits

    def begin(self) -> None:
        """Note that the visitor has a run.

        Raises
        ------
        MlprovError
            If they have one already: the queue is for all.
        """
        if not self.session.running.acquire(blocking=False):
            raise MlprovError("run_already_going_on")

    def end(self) -> None:
        """Note that the visitor's run has ended."""
        self.session.running.release()

    def environment(self) -> dict[str, str]:
        """Variables for the kernel."""
        # The account is the server's, and nobody who visits it.
        agent = os.environ.get(_AGENT) or "a visitor of a hosted app"
        own = {_AGENT: agent, "PYTHONSAFEPATH": "1"}
        return {**dict.fromkeys(_THREADS, str(self.limits.run_threads)), **own}

    def restrict(self, pid: int) -> None:
        """Let a process, and those that it will start, ask the system for no more than that."""
        with contextlib.suppress(psutil.Error, OSError, ValueError, AttributeError):
            # Only Linux has limits that can be set from outside of a process.
            memory, quota = self.limits.run_memory, self.limits.quota
            psutil.Process(pid).rlimit(psutil.RLIMIT_DATA, (memory, memory))
            psutil.Process(pid).rlimit(psutil.RLIMIT_FSIZE, (quota, quota))

    async def watch(self, pid: int) -> Failure:
        """Wait until a run has taken too much, and say of what."""
        seconds, memory = self.limits.run_minutes * 60, self.limits.run_memory
        end = time.monotonic() + seconds
        while True:
            await asyncio.sleep(_LOOK_AGAIN)
            if time.monotonic() > end:
                return Failure("run_too_long", {"limit": seconds})
            if await asyncio.to_thread(_memory, pid) > memory:
                return Failure("run_too_large", {"limit": memory})
            if await asyncio.to_thread(self.session.place.room) < 0:
                return Failure("run_without_room")


def hide_server_paths(notebook: Any) -> None:
    """Take the folders of the server out of all that the cells of a notebook have put out."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            places = [(output, name) for name in ("text", "evalue", "traceback")]
            places += [(data, kind) for kind in ("text/plain", "text/html", "text/markdown")]
            for held, name in places:
                if isinstance(value := held.get(name), str):
                    held[name] = without_server_paths(value)
                elif isinstance(value, list):
                    held[name] = [without_server_paths(str(one)) for one in value]


def current_allowance() -> Allowance | None:
    """What a run in this process may take; None where nobody limits it."""
    return Allowance(current_session()) if hosted() else None


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
    ticket = Ticket(sessions_root() / "queue", allowance.limits.runs)
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
