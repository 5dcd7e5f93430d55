"""How long the wizard takes: to be there, and to follow a change."""

from __future__ import annotations

import os
import resource
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

IPYWIDGETS = "import ipywidgets"
WIZARD = "from mlprov_widgets import wizard; wizard(folder='.')"


def cpu_seconds(code: str, folder: Path) -> float:
    """Of a fresh Python, with its start."""
    environment = {**os.environ, "XDG_STATE_HOME": str(folder), "PYTHONPYCACHEPREFIX": str(folder)}
    # What is imported here has been compiled when it was installed.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


@pytest.mark.benchmark
def test_import_and_show(tmp_path: Path) -> None:
    """Until the form is there: at most twice what importing ipywidgets takes."""
    pairs = [(cpu_seconds(IPYWIDGETS, tmp_path), cpu_seconds(WIZARD, tmp_path)) for _ in range(10)]
    base, shown = (min(times) for times in zip(*pairs[1:], strict=True))
    print(f"import and show: {shown:.3f} s, {shown / base:.2f} × import ipywidgets")
    assert shown <= 2 * base


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
