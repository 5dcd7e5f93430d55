"""What a sweep writes down as it goes on, so that it can be stopped at any moment and gone on with.

The first line is the plan, each further one a trial that has ended. A line is on the disk before
its trial counts; one that was cut off when the power failed is taken away.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from mlprov_widgets._files import read_bytes
from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting.locks import new_lock
from mlprov_widgets.sweeps.order import Trial
from mlprov_widgets.sweeps.outcome import Outcome

JOURNAL = "sweep.jsonl"
LOCK = ".sweep.lock"
_MOST = 200_000_000  # bytes


class Journal:
    """The journal of a sweep, held by this process alone.

    Parameters
    ----------
    folder : Path
        Of the sweep.

    Raises
    ------
    MlprovError
        If another process has it.
    """

    def __init__(self, folder: Path) -> None:
        from filelock import Timeout

        self._folder, self.file = folder, folder / JOURNAL
        self._lock = new_lock(folder / LOCK)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise MlprovError("sweep_running", folder=folder) from None
        self._stream: IO[bytes] | None = None
        self.ended: dict[int, tuple[dict[str, Any], Outcome]] = {}

    def begin(self, plan: dict[str, Any]) -> None:
        """Begin a new one with a plan."""
        self._stream = self.file.open("wb")
        self._write(plan)

    def resume(self) -> dict[str, Any]:
        """Read what is there, and give its plan; an empty one where not even that was written.

        Raises
        ------
        MlprovError
            If there is no journal, or a line in it is damaged.
        """
        plan, self.ended, whole = read_journal(self._folder)
        if not plan:
            return plan
        self._stream = self.file.open("r+b")
        self._stream.truncate(whole)
        self._stream.seek(whole)
        return plan

    def add(self, trial: Trial) -> None:
        """Write down what became of a trial."""
        assert trial.outcome is not None
        line = {"trial": trial.number, "values": trial.values, **trial.outcome.to_dict()}
        self._write(line)

    def _write(self, line: dict[str, Any]) -> None:
        assert self._stream is not None
        self._stream.write((json.dumps(line) + "\n").encode("ascii"))
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def close(self) -> None:
        """Let others have it."""
        if self._stream is not None:
            self._stream.close()
        self._lock.release()
        with suppress(OSError):
            (self._folder / LOCK).unlink()


def read_journal(
    folder: Path,
) -> tuple[dict[str, Any], dict[int, tuple[dict[str, Any], Outcome]], int]:
    """The plan in a journal, its trials by their number, and how many of its bytes are whole.

    The plan is empty where it was cut off.

    Raises
    ------
    MlprovError
        If there is no journal, or a line in it is damaged.
    """
    file = folder / JOURNAL
    if not file.is_file():
        raise MlprovError("sweep_missing", folder=folder)
    data = read_bytes(file, _MOST)
    whole = data.rfind(b"\n") + 1
    ended: dict[int, tuple[dict[str, Any], Outcome]] = {}
    plan: dict[str, Any] = {}
    for number, line in enumerate(data[:whole].splitlines(), 1):
        try:
            read = json.loads(line)
            if number == 1:
                plan = dict(read["plan"])
            else:
                ended[int(read["trial"])] = (dict(read["values"]), Outcome.from_dict(read))
        except (ValueError, KeyError, TypeError):
            raise MlprovError("sweep_journal_damaged", file=file, line=number) from None
    return plan, ended, whole
