"""How long a person waits from *Run here* to the result."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlprov_widgets.hosting import Place
from mlprov_widgets.notebooks.execution import NotebookRun
from mlprov_widgets.notebooks.spare import SWITCH, spare
from mlprov_widgets.packs import discover_packs
from mlprov_widgets.widgets.state import WizardState
from tests.watchdog import until

COLD = """\
import sys, nbformat
from nbclient import NotebookClient
notebook, folder = nbformat.read(sys.argv[1], 4), {"path": sys.argv[2]}
NotebookClient(notebook, resources={"metadata": folder}).execute()
"""


@pytest.mark.benchmark
def test_a_run_of_the_wizard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The default notebook, beside nbclient from cold: at most a third."""
    monkeypatch.setenv(SWITCH, "1")
    cold, warm = [], []
    for _ in range(3):
        state = WizardState(discover_packs(), Place(tmp_path))
        state.turn(1)
        path = state.generate()
        command = [sys.executable, "-c", COLD, str(path), str(tmp_path)]
        until(lambda: spare.is_ready)
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        cold.append(time.perf_counter() - began)
        began = time.perf_counter()
        result = NotebookRun(path).start().wait()
        warm.append(time.perf_counter() - began)
        assert result.metrics
    print(f"nbclient {min(cold):.1f} s, from Run here {min(warm):.1f} s")
    assert min(warm) <= min(cold) / 3
