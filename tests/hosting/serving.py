"""The app as a process of its own, as a host starts it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port
from tests.watchdog import WATCHDOG

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Server:
    """A server that runs.

    Parameters
    ----------
    url : str
    process : Popen
    sessions : Path
        The folder with those of the visitors.
    log : Path
    """

    url: str
    process: subprocess.Popen[bytes]
    sessions: Path
    log: Path

    def status(self, path: str = "/") -> tuple[int, str]:
        """The status of a page and what it says."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=WATCHDOG) as answer:
                return answer.status, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode(errors="replace")

    def visitors(self) -> list[Path]:
        """The folders of all kernels, those that wait for a visitor included."""
        return sorted(self.sessions.glob(".mlprov-*/visitor-*"))


@contextlib.contextmanager
def serving(folder: Path, *options: object, command: str = "app") -> Iterator[Server]:
    """Start ``mlprov app``, or `command`, with its visitors' folders in this one."""
    port = free_port()
    sessions, log = folder / "visitors", folder / "server.log"
    environment = {"PYTHONPATH": str(ROOT), "MLPROV_HOST_SESSIONS": str(sessions)}
    environment |= {"JUPYTER_CONFIG_DIR": str(folder / "config"), "IPYTHONDIR": str(folder / "ip")}
    words = [sys.executable, "-m", "mlprov_widgets.cli", command, "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*words, *map(str, options)],
            cwd=folder,
            env={**os.environ, **environment},
            stdout=output,
            stderr=output,
        )
        server = Server(f"http://127.0.0.1:{port}", process, sessions, log)
        try:
            wait(server)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(WATCHDOG)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait(server: Server) -> None:
    end = time.monotonic() + WATCHDOG
    while time.monotonic() < end:
        assert server.process.poll() is None, server.log.read_text()
        with contextlib.suppress(OSError):
            if server.status("/voila/static/voila.js")[0] == 200:
                return
        time.sleep(0.2)
    raise TimeoutError(server.log.read_text())
