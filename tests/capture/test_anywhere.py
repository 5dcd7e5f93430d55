"""A run is the same run from wherever it is started, and two runs are never taken for one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mlprov_widgets.provenance import read_record
from mlprov_widgets.record import Record
from tests.watchdog import WATCHDOG

from .conftest import Front, Study
from .test_script import execute, script_text


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    result = subprocess.run(
        [sys.executable, *words], cwd=folder, capture_output=True, text=True, timeout=WATCHDOG,
        check=False, env={**os.environ, "PWD": str(folder)},
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-3000:]
    return result


def with_kernel(path: Path) -> Path:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook["metadata"]["kernelspec"] = kernel
    notebook["metadata"]["language_info"] = {"name": "python"}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def only_record(folder: Path) -> Record:
    found = list(folder.glob("*.prov.json"))
    assert len(found) == 1, found
    return read_record(found[0])


@pytest.fixture
def elsewhere(study: Study) -> Path:
    """Another folder than the notebook's, to start it from."""
    place = study.folder / "elsewhere"
    place.mkdir()
    return place


@pytest.mark.slow
def test_papermill_in_another_folder(study: Study, elsewhere: Path) -> None:
    path = with_kernel(study.write())
    command(study.folder, "-m", "papermill", path.name, "out.ipynb", "--cwd", str(elsewhere))
    record = only_record(elsewhere)
    assert record.pack["name"] == "study"
    assert {cell.origin for cell in record.cells if cell.kind == "code"} == {"generated"}


@pytest.mark.slow
def test_nbconvert(study: Study, elsewhere: Path) -> None:
    path = with_kernel(study.write())
    to = ("--to", "notebook", "--output", "out.ipynb")
    command(elsewhere, "-m", "nbconvert", "--execute", *to, str(path))
    record = only_record(study.folder)
    assert record.pack["name"] == "study"


@pytest.mark.slow
def test_nbclient_started_in_another_folder(study: Study, elsewhere: Path) -> None:
    path = with_kernel(study.write())
    code = (
        "import nbclient, nbformat\n"
        f"notebook = nbformat.read({path.name!r}, 4)\n"
        f"place = {{'metadata': {{'path': {str(elsewhere)!r}}}}}\n"
        "nbclient.NotebookClient(notebook, resources=place).execute()"
    )
    command(study.folder, "-c", code)
    assert only_record(elsewhere).pack["name"] == "study"


def test_a_notebook_that_is_not_found_is_said_so(
    shell: Front, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell.run("from mlprov_widgets import start_run\nrun = start_run('gone.ipynb')") == "ok"
    assert "gone.ipynb was not found" in capsys.readouterr().out
    assert shell.run("run.finish()") == "ok"
    record = read_record(tmp_path / "gone.prov.json")
    assert "notebook_not_found" in [one.code for one in record.findings]


def test_a_script_from_another_folder(tmp_path: Path) -> None:
    (tmp_path / "study.py").write_text(script_text(), encoding="utf-8")
    place = tmp_path / "elsewhere"
    place.mkdir()
    command(place, str(tmp_path / "study.py"))
    record = only_record(place)
    assert {cell.origin for cell in record.cells} == {"generated"}


def test_a_script_that_a_cell_runs(shell: Front, tmp_path: Path) -> None:
    (tmp_path / "study.py").write_text(script_text(), encoding="utf-8")
    assert shell.run("%run study.py") == "ok"
    record = only_record(tmp_path)
    assert record.notebook["name"] == "study.py"
    assert {cell.origin for cell in record.cells} == {"generated"}


def test_a_notebook_after_a_script_that_it_ran(shell: Front, study: Study) -> None:
    (study.folder / "other.py").write_text(
        "from mlprov_widgets import start_run\nstart_run('other')\n"
    )
    study.write()
    assert shell.run("%run other.py") == "ok"
    shell.run_study(study)
    ran = {cell.id for cell in study.record().cells if cell.executions}
    assert {"imports", "parameters"} <= ran


def test_a_name_for_each_run(tmp_path: Path) -> None:
    text = """
from mlprov_widgets import start_run

for rate in (0.1, 0.2):
    run = start_run(f"sweep_{rate}")
    run.record("model_training", note=rate)
    run.finish()
"""
    assert execute(tmp_path, text).returncode == 0
    found = {file.name for file in tmp_path.glob("*.prov.json")}
    assert found == {"sweep_0.1.prov.json", "sweep_0.2.prov.json"}
    for rate in (0.1, 0.2):
        record = read_record(tmp_path / f"sweep_{rate}.prov.json")
        assert record.steps["model_training"].values["note"] == rate


def test_a_run_that_another_one_ended_keeps_what_it_had(tmp_path: Path) -> None:
    text = """
from mlprov_widgets import start_run

first = start_run("first")
first.record("model_training", note="first")
second = start_run("second")
first.record("model_training", note="lost")
second.record("model_training", note="second")
second.finish()
"""
    result = execute(tmp_path, text)
    assert result.returncode == 0
    assert "nothing is recorded" in result.stdout
    notes = {
        name: read_record(tmp_path / f"{name}.prov.json").steps["model_training"].values["note"]
        for name in ("first", "second")
    }
    assert notes == {"first": "first", "second": "second"}


@pytest.mark.slow
def test_a_cell_that_imports_and_trains(tmp_path: Path) -> None:
    cell = """
import pandas as pd
import torch
from sklearn.datasets import load_iris
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

table = load_iris(as_frame=True).frame
table.to_csv("iris.csv", index=False)
table = pd.read_csv("iris.csv")
X, y = table.iloc[:, :4], table["target"]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0, stratify=y)
X_train = torch.tensor(StandardScaler().fit_transform(X_train), dtype=torch.float32)
net = torch.nn.Linear(4, 3)
optimizer = torch.optim.SGD(net.parameters(), lr=0.25)
for _ in range(3):
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(net(X_train), torch.tensor(y_train.values)).backward()
    optimizer.step()
accuracy = accuracy_score(y_train, net(X_train).argmax(1))
"""
    script = f"""
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
for cell in ("from mlprov_widgets import start_run; run = start_run('one')", {cell!r}):
    shell.run_cell(cell, store_history=True).raise_error()
shell.run_cell("run.finish()", store_history=True).raise_error()
"""
    assert execute(tmp_path, script).returncode == 0
    record = read_record(tmp_path / "one.prov.json")
    # Iris has a pair of equal flowers, which is a note.
    assert {one.kind for one in record.findings} <= {"note"}
    parameters = record.steps["model_parameters"].values
    assert (parameters["optimizer"], parameters["optimizer_learning_rate"]) == ("SGD", 0.25)
    assert record.steps["model_training"].values["steps"] == 3
    assert [part.rows for part in record.parts] == [112, 38]
    kinds = [one.kind for one in record.operations]
    assert kinds == ["load", "load", "split", "fit", "transform", "train", "evaluate"]


def test_what_was_there_before_no_cell_of_the_run_has_made(shell: Front, tmp_path: Path) -> None:
    assert shell.run("import pandas as pd\ntable = pd.DataFrame({'a': [1, 2, 3]})") == "ok"
    assert shell.run("from mlprov_widgets import start_run\nrun = start_run('late')") == "ok"
    assert shell.run("table.loc[0, 'a'] = 9") == "ok"
    assert shell.run("run.finish()") == "ok"
    (table,) = read_record(tmp_path / "late.prov.json").objects
    assert [(one.change, bool(one.execution)) for one in table.versions] == [
        ("made", False), ("changed", True),
    ]  # fmt: skip


def test_with_a_block(tmp_path: Path) -> None:
    text = """
from mlprov_widgets import start_run

with start_run("good") as run:
    run.record("model_training", note=1)
try:
    with start_run("bad") as run:
        raise ValueError("no")
except ValueError:
    print("went on")
"""
    result = execute(tmp_path, text)
    assert result.returncode == 0, result.stderr
    assert "went on" in result.stdout
    assert read_record(tmp_path / "good.prov.json").status == "finished"
    bad = read_record(tmp_path / "bad.prov.json")
    assert bad.status == "failed"


def test_a_second_end_leaves_the_first_result(shell: Front, study: Study) -> None:
    study.write()
    shell.run_study(study)
    first = study.record()
    study.edit("training", "range(EPOCHS)", "range(EPOCHS + 2)")
    shell.run_study(study, "training", "provenance")
    assert study.record().run_id == first.run_id
    assert study.record().steps["model_training"].values["epochs_run"] == 3
    second = read_record(study.folder / "study-2.prov.json")
    assert second.run_id != first.run_id
    assert second.steps["model_training"].values["epochs_run"] == 5


def test_an_end_that_is_only_repeated_changes_nothing(shell: Front, study: Study) -> None:
    study.write()
    shell.run_study(study)
    shell.run_study(study, "provenance")
    assert [file.name for file in study.folder.glob("*.prov.json")] == ["study.prov.json"]


@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_workers_leave_no_record(tmp_path: Path, how: str) -> None:
    text = f"""
import multiprocessing
from mlprov_widgets import start_run

run = start_run("study.py")


def work(number):
    run.record("model_training", note=number)
    raise ValueError(number)


if __name__ == "__main__":
    context = multiprocessing.get_context({how!r})
    child = context.Process(target=work, args=(1,))
    child.start()
    child.join()
    run.record("model_training", note="mine")
    run.finish()
"""
    result = execute(tmp_path, text)
    assert result.returncode == 0, result.stderr
    record: Any = only_record(tmp_path)
    assert record.status == "finished"
    assert record.steps["model_training"].values["note"] == "mine"


@pytest.mark.slow
def test_in_a_test(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "from mlprov_widgets import start_run\n\n\ndef test_it(tmp_path, monkeypatch):\n"
        "    monkeypatch.chdir(tmp_path)\n    with start_run('tested') as run:\n"
        "        run.record('model_training', note=1)\n"
        "    assert (tmp_path / 'tested.prov.json').exists()\n",
        encoding="utf-8",
    )
    command(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py")
