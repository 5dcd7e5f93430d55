"""Answers that only another program has, asked at the start and collected at the end."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

from mlprov_widgets.record import Value

_PATIENCE = 2.0  # seconds that the end of a run waits for an answer at most
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class Command:
    """One command that runs beside the experiment.

    A thread waits for it: a child that has ended and that nobody has waited for keeps a kernel
    from shutting down in time, and then it is killed before it can write its provenance.

    Parameters
    ----------
    command : list of str
        Program and arguments; no shell is involved. A program that is not there answers "", and
        so does none at all.
    folder : Path, optional
        Where it runs.
    """

    def __init__(self, command: list[str], folder: Path | None = None) -> None:
        self._answer = ""
        self._thread: threading.Thread | None = None
        if not command:
            return
        try:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                encoding="utf-8",
                errors="replace",
                # git must not lock the repository under a person's hands.
                env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
                creationflags=_NO_WINDOW,
            )
            thread = threading.Thread(target=self._wait, daemon=True)
            thread.start()
            self._thread = thread
        except (OSError, ValueError, RuntimeError):
            return  # there is no answer

    def _wait(self) -> None:
        output, _ = self._process.communicate()
        if self._process.returncode == 0:
            self._answer = output

    def answer(self) -> str:
        """What the program printed; empty where it failed or took too long."""
        if self._thread is not None:
            self._thread.join(_PATIENCE)
            if self._thread.is_alive():
                self._process.kill()
                self._thread.join(_PATIENCE)
        return self._answer


def ask_git(folder: Path) -> Command:
    """Commit, branch and changes of the repository that holds a folder."""
    # A repository's own configuration may name a program as its file-system monitor: not here.
    command = ["git", "-c", "core.fsmonitor=false", "status", "--porcelain=v2", "--branch"]
    return Command([*command, "--untracked-files=no", "--ignore-submodules=dirty"], folder)


def read_git(answer: str) -> dict[str, Value]:
    """``commit``, ``branch`` and ``dirty`` (a tracked file is changed); empty outside git."""
    facts: dict[str, Value] = {}
    for line in answer.splitlines():
        word, _, rest = line.removeprefix("# branch.").partition(" ")
        if line.startswith("# branch.oid"):
            facts["commit"] = "" if rest == "(initial)" else rest
        elif line.startswith("# branch.head"):
            facts["branch"] = rest
        elif word != "#" and not line.startswith("#"):
            facts["dirty"] = True
    return {**facts, "dirty": facts.get("dirty", False)} if facts else {}


def ask_gpus() -> Command:
    """Names, memory and driver of NVIDIA GPUs."""
    fields = "name,memory.total,driver_version"
    return Command(["nvidia-smi", f"--query-gpu={fields}", "--format=csv,noheader"])


def read_gpus(answer: str) -> tuple[list[str], str]:
    """GPUs such as ``NVIDIA H200 (143771 MiB)``, and the driver's version."""
    rows = [[part.strip() for part in line.split(",")] for line in answer.splitlines()]
    rows = [row for row in rows if len(row) == 3]
    return [f"{name} ({memory})" for name, memory, _ in rows], rows[0][2] if rows else ""


def ask_birth(file: Path | None) -> Command:
    """When a file came into being, where Python itself cannot tell (Linux before 3.15)."""
    is_known = hasattr(os.stat_result, "st_birthtime") or not sys.platform.startswith("linux")
    return Command([] if is_known or file is None else ["stat", "--format=%W", str(file)])


def read_birth(answer: str) -> datetime | None:
    """The moment that `ask_birth` found; None where the file system does not keep it."""
    try:
        seconds = int(answer.strip() or 0)
    except ValueError:
        return None
    return datetime.fromtimestamp(seconds).astimezone() if seconds > 0 else None


def ask_processor() -> Command:
    """The processor's name on macOS; elsewhere a file or the registry has it."""
    is_mac = sys.platform == "darwin"
    return Command(["sysctl", "-n", "machdep.cpu.brand_string"] if is_mac else [])
