"""Trials on a Dask cluster: what goes there, and what comes back.

To a worker goes the text of a notebook with its limits; back come what became of it and the files
that it left. On the worker it runs as it would here, in a process that a fork server makes. Data
that a notebook reads are not moved: its paths must lead to them from each worker.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import threading
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from mlprov_widgets.extras import needed
from mlprov_widgets.sweeps.outcome import CRASHED, Outcome, digest_of
from mlprov_widgets.sweeps.pool import ATTEMPTS, Ended, LocalPool
from mlprov_widgets.sweeps.trial import Job

# What runs trials in a process of the cluster, made when it gets the first of them.
_here: LocalPool | None = None
_lock = threading.Lock()


class DaskPool:
    """Trials on the workers of a Dask cluster, as many at a time as these have threads.

    Parameters
    ----------
    cluster : str or distributed.Client
        Address of its scheduler, or a client of it.

    Raises
    ------
    MissingPackageError
        If Dask is not installed.
    """

    def __init__(self, cluster: Any) -> None:
        with needed():
            from distributed import Client
        self._own = not isinstance(cluster, Client)
        self._client: Any = Client(cluster) if self._own else cluster
        self._futures: dict[int, Any] = {}

    @property
    def workers(self) -> int:
        """How many at a time; it follows workers that come and go."""
        return max(1, int(sum(self._client.nthreads().values())))

    def prepare(self, imports: Sequence[str]) -> None:
        """Nothing: which worker gets a trial is not known before."""

    def submit(self, number: int, job: Job, ended: Ended, attempt: int = 1) -> None:
        """Run a trial; Dask sends it to another worker where its own one leaves."""

        def done(future: Any) -> None:
            try:
                outcome, files = future.result()
                for name, data in files.items():
                    place = Path(job["folder"]) / name
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_bytes(data)
                ended(number, Outcome.from_dict(outcome))
            except BaseException:
                if attempt < ATTEMPTS and not future.cancelled():
                    self.submit(number, job, ended, attempt + 1)
                else:
                    ended(number, Outcome(CRASHED, digest=digest_of(job["values"], CRASHED)))

        key = f"mlprov-trial-{number}-{uuid.uuid4().hex}"
        future = self._client.submit(run_there, job, key=key, pure=False)
        self._futures[number] = future
        future.add_done_callback(done)

    def close(self) -> None:
        """Have nothing run any more, and leave the cluster."""
        with suppress(Exception):
            self._client.cancel([one for one in self._futures.values() if not one.done()])
        self._futures.clear()
        if self._own:
            self._client.close()


def run_there(job: Job) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Run a trial in this process of the cluster; gives its outcome and the files that it left."""
    place = Path(tempfile.mkdtemp(prefix="mlprov-trial-"))
    ended = threading.Event()
    found: list[Outcome] = []

    def take(_: int, outcome: Outcome) -> None:
        found.append(outcome)
        ended.set()

    try:
        # Several threads of a worker may have one each.
        number = uuid.uuid4().int
        _pool_here().submit(number, {**job, "folder": str(place / "run")}, take)
        ended.wait()
        run = place / "run"
        files = {
            one.relative_to(run).as_posix(): one.read_bytes()
            for one in run.rglob("*")
            if one.is_file()
        }
        return found[0].to_dict(), files
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _pool_here() -> LocalPool:
    global _here
    with _lock:
        if _here is None:
            _here = LocalPool(os.cpu_count() or 1)
            atexit.register(_here.close)
        return _here
