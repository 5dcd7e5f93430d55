"""How long the wizard takes: to be there, and to follow a change."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlprov_widgets.hosting import Place
from mlprov_widgets.packs import discover_packs
from mlprov_widgets.widgets.state import WizardState
from mlprov_widgets.widgets.wizard_widget import Wizard

SHOW = """
import time
began = time.perf_counter()
from mlprov_widgets import wizard
wizard(folder=".")
print(time.perf_counter() - began)
"""


@pytest.mark.benchmark
def test_import_and_show(tmp_path: Path) -> None:
    """The median of five fresh Pythons stays below a second."""
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    taken = []
    for _ in range(5):
        done = subprocess.run(
            [sys.executable, "-c", SHOW],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        taken.append(float(done.stdout))
    print(f"import and show: median {statistics.median(taken):.2f} s, most {max(taken):.2f} s")
    assert statistics.median(taken) < 1


@pytest.mark.benchmark
@pytest.mark.parametrize("name", ["hidden_neurons", "optimizer", "csv"])
def test_a_change_is_in_the_preview(name: str, tmp_path: Path) -> None:
    """From the answer until the last widget has its new value: median below 50 ms."""
    rows = "".join(f"{n % 7},{n % 5}.5,{'abc'[n % 3]}\n" for n in range(1000))
    (tmp_path / "table.csv").write_text(f"size,weight,label\n{rows}")
    values = {"dataset": "csv", "csv_path": "table.csv"} if name == "csv" else {}
    made = Wizard(WizardState(discover_packs(), Place(tmp_path), values=values))
    made.go("model")
    fields = made.pages["model"].fields
    answers = [str(20 + n) for n in range(40)]
    control = fields["hidden_neurons"].control
    if name == "optimizer":
        control = fields[name].control
        answers = ["SGD", "Adam", "Adadelta", "RMSprop"] * 10
    taken = []
    for answer in answers:
        before = made.preview.cells.children
        began = time.perf_counter()
        control.value = answer
        taken.append(time.perf_counter() - began)
        assert any(answer in cell.value for cell in before)
    median = statistics.median(taken) * 1000
    print(f"{name}: median {median:.1f} ms, most {max(taken) * 1000:.1f} ms")
    assert median < 50
