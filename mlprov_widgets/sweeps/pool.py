"""Where trials run: in processes that a fork server makes, on this machine or on each of a cluster.

Where there is no fork, a fresh process runs each trial.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from mlprov_widgets.sweeps.outcome import CRASHED, TIMED_OUT, Outcome, digest_of
from mlprov_widgets.sweeps.trial import Job

# How often a trial is begun whose process was killed from outside.
ATTEMPTS = 3
# Servers with other imports that wait for jobs at a time.
_SERVERS = 3
_START = "from mlprov_widgets.sweeps.server import main; main()"
_ONCE = "from mlprov_widgets.sweeps.trial import main; main()"

Ended = Callable[[int, Outcome], None]


class Pool(Protocol):
    """Runs trials side by side."""

    @property
    def workers(self) -> int:
        """How many at a time."""

    def prepare(self, imports: Sequence[str]) -> None:
        """Have what a trial imports imported, before the rest of it is known."""

    def submit(self, number: int, job: Job, ended: Ended) -> None:
        """Run a trial; `ended` is called from any thread, once, with its number and its outcome."""

    def close(self) -> None:
        """End all that still runs."""


class ForkServer:
    """A fork server in a process of its own, and what was given to it.

    It is for jobs with the same imports: so a trial never finds more imported than its notebook
    imports.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[int, tuple[Job, Ended]] = {}
        self._is_gone = False
        self._sending = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, name="mlprov-sweep", daemon=True)
        self._reader.start()

    @property
    def is_idle(self) -> bool:
        """Whether no trial runs."""
        return not self._waiting

    @property
    def is_alive(self) -> bool:
        """Whether the process is there."""
        return not self._is_gone and self._process.poll() is None

    def prepare(self, imports: Sequence[str]) -> None:
        """Have something imported; what goes wrong is noticed by the first trial."""
        self._send({"imports": list(imports)})

    def submit(self, number: int, job: Job, ended: Ended) -> bool:
        """Run a trial; False where the process is gone."""
        with self._lock:
            if self._is_gone:
                return False
            self._waiting[number] = (job, ended)
        if self._send({"number": number, "job": job}):
            return True
        with self._lock:
            return self._waiting.pop(number, None) is None

    def _send(self, request: dict[str, Any]) -> bool:
        stream = self._process.stdin
        assert stream is not None
        try:
            with self._sending:
                stream.write((json.dumps(request) + "\n").encode())
                stream.flush()
        except (OSError, ValueError):
            return False
        return True

    def _read(self) -> None:
        assert self._process.stdout is not None
        with suppress(ValueError, OSError):
            for line in self._process.stdout:
                reply = json.loads(line)
                with self._lock:
                    _, ended = self._waiting.pop(reply["number"])
                ended(reply["number"], Outcome.from_dict(reply["outcome"]))
        # The process is gone, and with it all trials that it had.
        with self._lock:
            lost, self._waiting = self._waiting, {}
            self._is_gone = True
        for number, (job, ended) in lost.items():
            ended(number, Outcome(CRASHED, digest=digest_of(job["values"], CRASHED)))

    def close(self) -> None:
        """End it, and all trials that it has."""
        with self._lock:
            self._waiting.clear()
        with suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if threading.current_thread() is not self._reader:
            self._reader.join(10)
        if self._process.stdout is not None:
            self._process.stdout.close()


class FreshProcess:
    """One trial in a process of its own that imports everything anew, where there is no fork."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _ONCE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )

    def run(self, number: int, job: Job, ended: Ended) -> None:
        """Run the trial, and wait for its end."""
        late, out = False, b""
        try:
            out, _ = self._process.communicate(json.dumps(job).encode(), job["time_limit"])
        except subprocess.TimeoutExpired:
            late = True
            self.close()
        try:
            outcome = Outcome.from_dict(json.loads(out))
        except ValueError:
            status = TIMED_OUT if late else CRASHED
            outcome = Outcome(status, digest=digest_of(job["values"], status))
        ended(number, outcome)

    def close(self) -> None:
        """End it, and what it has started."""
        import psutil

        if self._process.poll() is not None:
            return
        with suppress(psutil.Error):
            for one in psutil.Process(self._process.pid).children(recursive=True):
                with suppress(psutil.Error):
                    one.kill()
        self._process.kill()
        with suppress(ValueError):
            self._process.communicate()


class LocalPool:
    """Trials on this machine.

    Parameters
    ----------
    workers : int
        How many at a time.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._lock = threading.Lock()
        self._servers: dict[tuple[str, ...], ForkServer] = {}
        self._fresh: list[FreshProcess] = []
        self._queue: deque[tuple[int, Job, Ended]] = deque()
        self._active = 0
        # It starts while the first trial is written.
        self._spare = ForkServer() if hasattr(os, "fork") else None
        self._closed = False

    @property
    def workers(self) -> int:
        """How many at a time."""
        return self._workers

    def prepare(self, imports: Sequence[str]) -> None:
        """Have what a trial imports imported, before the rest of it is known."""
        if self._spare is not None:
            self._server(tuple(imports)).prepare(imports)

    def submit(self, number: int, job: Job, ended: Ended) -> None:
        """Run a trial, once one of the workers is free."""
        with self._lock:
            self._queue.append((number, job, ended))
        self._begin_next()

    def _begin_next(self) -> None:
        with self._lock:
            if self._active >= self._workers or not self._queue or self._closed:
                return
            self._active += 1
            number, job, ended = self._queue.popleft()

        def free(number: int, outcome: Outcome) -> None:
            with self._lock:
                self._active -= 1
            self._begin_next()
            ended(number, outcome)

        self._begin(number, job, free, 1)

    def _begin(self, number: int, job: Job, ended: Ended, attempt: int) -> None:
        """Run a trial; one whose process was killed is begun again, twice at most."""

        def again(number: int, outcome: Outcome) -> None:
            if outcome.status == CRASHED and attempt < ATTEMPTS and not self._closed:
                self._begin(number, job, ended, attempt + 1)
            else:
                ended(number, outcome)

        if not hasattr(os, "fork"):
            process = FreshProcess()
            self._fresh.append(process)
            threading.Thread(target=process.run, args=(number, job, again), daemon=True).start()
            return
        while not self._server(tuple(job["imports"])).submit(number, job, again):
            pass

    def _server(self, imports: tuple[str, ...]) -> ForkServer:
        """The server for these imports; of those that wait, the one that waits longest may end."""
        ended: list[ForkServer] = []
        with self._lock:
            server = self._servers.pop(imports, None)
            if server is not None and not server.is_alive:
                server = None
            if server is None:
                idle = [key for key, one in self._servers.items() if one.is_idle]
                while idle and len(self._servers) >= _SERVERS:
                    ended.append(self._servers.pop(idle.pop(0)))
                server, self._spare = self._spare or ForkServer(), None
            # The one that was used last is the last to go.
            self._servers[imports] = server
        # Without the lock: what reads from it may wait for that.
        for one in ended:
            one.close()
        return server

    def close(self) -> None:
        """End all that still runs."""
        with self._lock:
            self._closed = True
            servers = [*self._servers.values(), *([self._spare] if self._spare else [])]
            self._servers.clear()
        for process in self._fresh:
            process.close()
        for server in servers:
            server.close()


def environment() -> dict[str, str]:
    """Variables of the process in which trials run."""
    # The order of sets of texts depends on the first; nobody watches bars, and no figure is shown.
    own = {"PYTHONHASHSEED": "0", "TQDM_DISABLE": "1", "MPLBACKEND": "agg"}
    kept = {name: one for name, one in os.environ.items() if name != "JPY_PARENT_PID"}
    return {**kept, **own}
