"""How much faster a sweep is than its notebooks one after the other, and that it is no other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from mlprov_widgets import sweep
from mlprov_widgets.provenance import read_record

PACK = "multiclass_classification"
TRIALS = 40
# The notebooks alone take minutes: of so many the time is measured, for all it is reckoned.
NOTEBOOKS = int(os.environ.get("MLPROV_BENCHMARK_NOTEBOOKS", TRIALS))

_SWEEP = """
import sys
from mlprov_widgets import sweep
sweep("multiclass_classification", seeds=40, folder=sys.argv[1], workers=2,
      notebooks=True, progress=False)
"""


@pytest.mark.benchmark
def test_a_sweep_against_its_notebooks_one_after_the_other(tmp_path: Path) -> None:
    """40 default Iris trials on 2 workers: 20 times faster, and each bit-identical."""
    folder = tmp_path / "sweep"
    began = time.perf_counter()
    # In a process of its own, which has imported nothing.
    subprocess.run([sys.executable, "-c", _SWEEP, str(folder)], check=True)
    swept = time.perf_counter() - began
    alone, same = 0.0, 0
    for number in range(1, NOTEBOOKS + 1):
        (notebook,) = (folder / f"{number:03d}").glob("*.ipynb")
        (file,) = (folder / f"{number:03d}").glob("*.prov.json")
        copy = tmp_path / f"{number}" / notebook.name
        copy.parent.mkdir()
        copy.write_bytes(notebook.read_bytes())
        began = time.perf_counter()
        here = {"metadata": {"path": str(copy.parent)}}
        NotebookClient(nbformat.read(copy, as_version=4), resources=here).execute()
        alone += time.perf_counter() - began
        (own,) = copy.parent.glob("*.prov.json")
        one, other = read_record(file), read_record(own)
        same += one.fingerprints == other.fingerprints and one.metrics == other.metrics
    alone *= TRIALS / NOTEBOOKS
    print(
        f"{TRIALS} trials on 2 workers: {swept:.1f} s, their notebooks one after the other "
        f"({NOTEBOOKS} measured): {alone:.1f} s, {alone / swept:.1f} times; "
        f"{same} of {NOTEBOOKS} bit-identical"
    )
    assert same == NOTEBOOKS
    assert alone / swept >= 20


@pytest.mark.benchmark
def test_a_sweep_comes_to_the_same_however_it_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1, 2 and 4 workers, at random moments killed and gone on with, on Dask: one hash."""
    given: dict[str, Any] = {
        "values": {"epochs": 20, "plots": False},
        "over": {"learning_rate": [0.001, 0.01, 0.1], "hidden_neurons": [10, 20]},
        "progress": False,
    }
    hashes: list[str] = []
    for turn in range(4):
        for workers in (1, 2, 4):
            folder = tmp_path / f"{turn}-{workers}"
            hashes.append(sweep(PACK, folder=folder, workers=workers, **given).hash)
    for turn in range(6):
        folder = tmp_path / f"killed-{turn}"
        _kill_after(1.5 + turn, folder, given)
        resume = (folder / "sweep.jsonl").is_file()
        hashes.append(sweep(PACK, folder=folder, workers=2, resume=resume, **given).hash)
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as cluster:
        for turn in range(2):
            folder = tmp_path / f"dask-{turn}"
            hashes.append(sweep(PACK, folder=folder, dask=cluster.scheduler_address, **given).hash)
    print(f"{hashes.count(hashes[0])} of {len(hashes)} sweeps have the same hash")
    assert len(hashes) == 20
    assert set(hashes) == {hashes[0]}


def _kill_after(seconds: float, folder: Path, given: dict[str, Any]) -> None:
    """Begin a sweep in a process of its own, and kill that."""
    code = f"from mlprov_widgets import sweep; sweep({PACK!r}, folder={str(folder)!r}, **{given!r})"
    process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
