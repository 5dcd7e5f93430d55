"""A function run in a process of its own, which is ended where it takes too long or too much.

For parsers of other people, of which nobody can say how long they take for a stranger's file.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import threading
import time
from typing import Any

from mlprov_widgets._files import reason
from mlprov_widgets.errors import MlprovError, RecordError

_POLL = 0.05
# Isolated from the environment and the working folder, so that nothing there is imported.
START = (
    "import json, sys; request = json.loads(sys.stdin.buffer.read()); "
    "sys.path[:] = request['path']; from mlprov_widgets._apart import answer; answer(request)"
)


def call_apart(function: str, argument: Any, seconds: float, megabytes: int) -> Any:
    """Give back what a function of this package makes of an argument.

    Parameters
    ----------
    function : str
        Module and name, such as ``package.module:name``.
    argument : object
        As JSON can say it; so is what comes back.
    seconds : float
        The longest time, including the start of the process.
    megabytes : int
        The most memory.

    Raises
    ------
    RecordError
        As the function raises it, or if its process cannot be started or came to grief.
    TimeoutError
        If it took longer; it was ended.
    MemoryError
        If it took more memory; it was ended.
    """
    path = [place for place in sys.path if os.path.isabs(place)]  # noqa: PTH117 - a text
    request = {"path": path, "function": function, "argument": argument, "seconds": seconds}
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, ValueError, TypeError) as error:
        raise RecordError("reader_not_started", reason=reason(error)) from None
    with process, _Watch(process, seconds, megabytes) as watch:
        answer = process.communicate(json.dumps(request).encode("ascii"))[0]
    if watch.reason is not None:
        raise watch.reason
    try:
        given = json.loads(answer)
    except ValueError:
        raise RecordError("reader_broke_down") from None
    if "error" in given:
        raise RecordError(given["error"], **given["arguments"])
    return given["value"]


class _Watch(threading.Thread):
    """Ends a process that takes too long or too much; on leaving, whatever it does.

    A thread, because `communicate` with a time limit may be called only once for a long input.
    """

    def __init__(self, process: subprocess.Popen[bytes], seconds: float, megabytes: int) -> None:
        super().__init__(daemon=True)
        self.reason: Exception | None = None
        self._process, self._bytes = process, megabytes * 2**20
        self._end, self._left = time.monotonic() + seconds, threading.Event()

    def __enter__(self) -> _Watch:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._process.kill()
        self.join()

    def run(self) -> None:
        while not self._left.wait(_POLL):
            if time.monotonic() > self._end:
                self.reason = TimeoutError()
            elif self._memory() > self._bytes:
                self.reason = MemoryError()
            if self.reason is not None:
                self._process.kill()
                return

    def _memory(self) -> int:
        import psutil

        try:
            return int(psutil.Process(self._process.pid).memory_info().rss)
        except psutil.Error:  # it has just ended
            return 0


def answer(request: dict[str, Any]) -> None:
    """Do what a request asks for and write the answer; this is what the process does."""
    # Should nobody be there any more to end it.
    watch = threading.Timer(request["seconds"] + 5, os._exit, (1,))
    watch.daemon = True
    watch.start()
    # What libraries print is not the answer.
    out, sys.stdout = sys.stdout, sys.stderr
    module, name = request["function"].split(":")
    try:
        given = {"value": getattr(importlib.import_module(module), name)(request["argument"])}
    except MlprovError as error:
        arguments = {
            name: one if isinstance(one, str | int | float | list) else str(one)
            for name, one in error.arguments.items()
        }
        given = {"error": error.code, "arguments": arguments}
    out.write(json.dumps(given))
    out.flush()
    # Taking a large document apart again would only take time.
    os._exit(0)
