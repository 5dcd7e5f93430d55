"""A process that has imported what trials need, and forks one process for each of them.

It speaks lines of JSON on its standard streams, has one thread only, and runs no cell itself: what
a trial does cannot reach another one, and ends with its process.
"""

from __future__ import annotations

import gc
import json
import os
import selectors
import signal
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from mlprov_widgets.capture.packages import imported_packages
from mlprov_widgets.messages import catalogue
from mlprov_widgets.record.fields import core
from mlprov_widgets.sweeps.outcome import CRASHED, TIMED_OUT, Outcome, digest_of
from mlprov_widgets.sweeps.trial import Job, run_job

# Seconds that a trial has, once it is interrupted, to write its record.
_GRACE = 5.0
_BLOCK = 1 << 16
_LINUX_PDEATHSIG = 1
_PACKAGE = __name__.partition(".")[0]


@dataclass
class _Child:
    """A trial that runs."""

    number: int
    job: Job
    pid: int
    began: float
    deadline: float | None
    written: bytearray = field(default_factory=bytearray)
    is_late: bool = False


class Server:
    """Forks a process for each job that it reads, and writes what became of it.

    Parameters
    ----------
    receiving, sending : int
        File descriptors.
    """

    def __init__(self, receiving: int, sending: int) -> None:
        self._receiving, self._sending = receiving, sending
        self._selector = selectors.DefaultSelector()
        self._selector.register(receiving, selectors.EVENT_READ, None)
        self._children: dict[int, _Child] = {}
        self._read = bytearray()
        # Each child watches the other end: when this process is gone, however it ended, they go.
        self._life = os.pipe()
        self._warmed: set[str] = set()
        self._imported: set[tuple[str, ...]] = set()

    def serve(self) -> None:
        """Go on until nobody sends any more."""
        while self._step():
            pass
        for child in self._children.values():
            _kill(child.pid, signal.SIGKILL)

    def _step(self) -> bool:
        deadlines = [one.deadline for one in self._children.values() if one.deadline is not None]
        wait = max(0.0, min(deadlines) - time.monotonic()) if deadlines else None
        for key, _ in self._selector.select(wait):
            data = os.read(key.fd, _BLOCK)
            if key.fd == self._receiving:
                if not data:
                    return False
                self._take(data)
            elif data:
                self._children[key.fd].written += data
            else:
                self._ended(key.fd)
        self._hurry()
        return True

    def _take(self, data: bytes) -> None:
        self._read += data
        *lines, rest = self._read.split(b"\n")
        self._read = bytearray(rest)
        for line in lines:
            request = json.loads(line)
            if "job" in request:
                self._begin(request["number"], request["job"])
            else:
                self._import(request["imports"])

    def _import(self, statements: list[str]) -> None:
        """Run the import statements of a notebook, once; nobody needs their names here."""
        if tuple(statements) in self._imported:
            return
        self._imported.add(tuple(statements))
        for statement in statements:
            # What is not there is the trial's to stumble over.
            with suppress(BaseException):
                exec(statement, {"__name__": "__preloaded__"})
        # What each trial would have to read or look for, it finds.
        imported_packages()
        catalogue()
        core()

    def _begin(self, number: int, job: Job) -> None:
        self._import(job["imports"])
        # What is there now is garbage in no trial: looking through it takes a second of each.
        gc.freeze()
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            _in_child(job, self._life, writing, [self._receiving, self._sending, reading])
        os.close(writing)
        now, limit = time.monotonic(), job["time_limit"]
        deadline = None if limit is None else now + limit
        self._children[reading] = _Child(number, job, pid, now, deadline)
        self._selector.register(reading, selectors.EVENT_READ, None)

    def _hurry(self) -> None:
        """Interrupt trials that have had their time, and end those that do not end themselves."""
        now = time.monotonic()
        for child in self._children.values():
            if child.deadline is None or now < child.deadline:
                continue
            if child.is_late:
                child.deadline = None
                _kill(child.pid, signal.SIGKILL)
            else:
                child.is_late, child.deadline = True, now + _GRACE
                _kill(child.pid, signal.SIGINT)

    def _ended(self, reading: int) -> None:
        child = self._children.pop(reading)
        self._selector.unregister(reading)
        os.close(reading)
        # What it has started goes with it.
        _kill(child.pid, signal.SIGKILL)
        _, status = os.waitpid(child.pid, 0)
        told = _read_reply(bytes(child.written))
        seconds = time.monotonic() - child.began
        values, late = child.job["values"], child.is_late
        if told is None or late:
            word = TIMED_OUT if late else CRASHED
            known = Outcome.from_dict(told["outcome"]) if told else Outcome(word)
            digest = digest_of(values, word)
            outcome = Outcome(word, "", digest, {}, known.run_id, known.record, seconds)
        else:
            outcome = Outcome.from_dict(told["outcome"])
        code = os.waitstatus_to_exitcode(status)
        self._write({"number": child.number, "outcome": outcome.to_dict(), "exit": code})
        if told is not None:
            self._warm(told["modules"])

    def _warm(self, modules: Iterable[str]) -> None:
        """Import what a trial had to, so that the next one has it."""
        new = [one for one in modules if one not in self._warmed and one not in sys.modules]
        for name in new:
            self._warmed.add(name)
            with suppress(BaseException):
                __import__(name)
        if new:
            imported_packages()

    def _write(self, reply: dict[str, Any]) -> None:
        data = (json.dumps(reply) + "\n").encode()
        while data:
            data = data[os.write(self._sending, data) :]


def _read_reply(data: bytes) -> dict[str, Any] | None:
    try:
        return dict(json.loads(data))
    except ValueError:
        return None


def _kill(group: int, with_signal: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, with_signal)


def _in_child(job: Job, life: tuple[int, int], writing: int, others: list[int]) -> None:
    """Run a trial and end the process; never returns."""
    code = 1
    try:
        os.setsid()
        for one in (*others, life[1]):
            os.close(one)
        _end_with_parent(life[0])
        signal.signal(signal.SIGINT, signal.default_int_handler)
        before = set(sys.modules)
        outcome = run_job(job)
        told = {"outcome": outcome.to_dict(), "modules": _installed(set(sys.modules) - before)}
        data = json.dumps(told).encode()
        while data:
            data = data[os.write(writing, data) :]
        code = 0
    finally:
        # What Python would do at its end was the parent's to do.
        os._exit(code)


def _end_with_parent(life: int) -> None:
    """End this process and all that it started when its parent is gone."""
    with suppress(Exception):
        import ctypes

        # At once on Linux, whatever this process is at.
        ctypes.CDLL(None).prctl(_LINUX_PDEATHSIG, signal.SIGKILL)

    def watch() -> None:
        os.read(life, 1)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def _installed(names: Iterable[str]) -> list[str]:
    """Those modules that are installed, in the order of their names, or come with Python."""
    found = []
    for name in sorted(names):
        file = getattr(sys.modules.get(name), "__file__", None)
        is_own = name.startswith(f"{_PACKAGE}.")  # which may be installed in place
        places = (sys.prefix, sys.base_prefix)
        if file and (is_own or "site-packages" in file or file.startswith(places)):
            found.append(name)
    return found


def main() -> None:
    """Serve whoever started this process."""
    receiving, sending = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)
    Server(receiving, sending).serve()
    # Taking all that it has imported apart takes a third of a second, and nothing depends on it.
    os._exit(0)
