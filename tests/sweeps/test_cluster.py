"""Sweeps on a Dask cluster of processes."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlprov_widgets import SweepResult, sweep
from mlprov_widgets.provenance.files import validate
from tests.watchdog import WATCHDOG

distributed = pytest.importorskip("distributed")

pytestmark = [pytest.mark.xdist_group("dask"), pytest.mark.filterwarnings("ignore")]

OVER: dict[str, Any] = {"x": [0.1, 0.2, 0.3, 0.4], "behaviour": ["ends", "raises"]}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as made:
        yield made


def tried(pack: Path, folder: Path, **more: Any) -> SweepResult:
    return sweep(pack, over=OVER, seeds=2, folder=folder, progress=False, **more)


def test_it_comes_to_the_same_as_here(pack: Path, tmp_path: Path, cluster: Any) -> None:
    here = tried(pack, tmp_path / "here", workers=1, notebooks=True)
    there = tried(pack, tmp_path / "there", dask=cluster.scheduler_address, notebooks=True)
    assert there.hash == here.hash
    assert there.best is not None
    names = [
        sorted(one.relative_to(result.folder).as_posix() for one in result.folder.rglob("*"))
        for result in (here, there)
    ]
    assert names[0] == names[1]
    assert validate(there.record_of(1)) == []


def test_a_worker_that_leaves_takes_no_trial_with_it(
    pack: Path, tmp_path: Path, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tried(pack, tmp_path / "here", workers=2)
    leaving = threading.Thread(target=_kill_workers, args=(cluster, tmp_path / "there"))
    leaving.start()
    there = tried(pack, tmp_path / "there", dask=cluster.scheduler_address)
    leaving.join(WATCHDOG)
    assert not leaving.is_alive()
    assert there.hash == here.hash


def _kill_workers(cluster: Any, folder: Path) -> None:
    """Kill one worker process, then the other, when trials have ended meanwhile."""
    for number in (1, 3):
        end = time.monotonic() + WATCHDOG
        while time.monotonic() < end and not (folder / f"{number:03d}").exists():
            time.sleep(0.05)
        nanny = cluster.workers[number % 2]
        os.kill(nanny.pid, signal.SIGKILL)
