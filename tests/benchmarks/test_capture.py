"""What capture costs: the generated cells with it against the same cells without it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlprov_widgets.notebooks import render_cells
from mlprov_widgets.packs import complete_values, find_pack

pytestmark = pytest.mark.benchmark


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    folder = tmp_path_factory.mktemp("capture")
    pack = find_pack("multiclass_classification")
    values = complete_values(pack, {"epochs": 5, "dataset": "iris", "plots": False}, folder)
    cells = [c.source for c in render_cells(pack, values, "iris.ipynb") if c.kind == "code"]
    result = subprocess.run(
        [sys.executable, Path(__file__).with_name("measure_capture.py")],
        input=json.dumps([cells, 200]),
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "IPYTHONDIR": str(folder), "OMP_NUM_THREADS": "1"},
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    # Five runs of the notebook and two of the further cells were really captured.
    assert len(list(folder.glob("iris*.prov.json"))) == 5
    assert len(list(folder.glob("further*.prov.json"))) == 2
    figures = json.loads(result.stdout)
    print("\n" + "\n".join(f"{name}: {1000 * value:.2f} ms" for name, value in figures.items()))
    return figures


def test_a_whole_run_costs_less_than_three_tenths_of_a_second(figures: dict[str, float]) -> None:
    assert figures["first run"] < 0.3
    assert figures["later run"] < 0.3
    assert figures["best run by the clock"] < 0.3


def test_a_further_cell_costs_less_than_a_millisecond(figures: dict[str, float]) -> None:
    assert figures["further cell"] < 0.001


@pytest.fixture(scope="module")
def watching(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    folder = tmp_path_factory.mktemp("watching")
    result = subprocess.run(
        [sys.executable, Path(__file__).with_name("measure_observers.py")],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "IPYTHONDIR": str(folder), "OMP_NUM_THREADS": "1"},
        timeout=600,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    found: dict[str, float] = json.loads(result.stdout.rpartition("MEASURED")[2])
    print("\n" + "\n".join(f"{name}: {value:.5f}" for name, value in found.items()))
    return found


def test_watching_a_training_of_30_seconds_costs_a_hundredth(watching: dict[str, float]) -> None:
    assert watching["training"] < 0.01


def test_a_cell_that_touches_a_gigabyte_costs_50_milliseconds(watching: dict[str, float]) -> None:
    assert watching["frame"] < 0.05
