"""Whose record it is: a run is shown what it wrote itself, and nothing else, however it ended."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from mlprov_widgets.errors import ExecutionError, MlprovError
from mlprov_widgets.notebooks.beside import provenance_file_of
from mlprov_widgets.notebooks.execution import ExecutionResult, NotebookRun
from mlprov_widgets.provenance import read_record, write_record
from tests.notebooks.runs import run_notebook
from tests.provenance.sample import sample
from tests.watchdog import WATCHDOG, until

START = "from mlprov_widgets import start_run\nrun = start_run('mine.ipynb')"
MODEL = "run.record('model_parameters', model_name='mean')"
EVALUATION = "run.record('model_evaluation', evaluation_metrics={'accuracy': 0.75})"
FINISH = "run.finish()"
# As nbconvert and nbclient's own command do it.
RUNNER = """
import sys
import nbclient, nbformat
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

class ThisPython(KernelSpecManager):
    def get_kernel_spec(self, kernel_name):
        return KernelSpec(**get_kernel_dict())

client = nbclient.NotebookClient(nbformat.read(sys.argv[1], as_version=4), timeout=240)
client.create_kernel_manager()
client.km.kernel_spec_manager = ThisPython()
client.execute()
"""
# Somebody's record, of a run of a notebook of that very name, written while this one runs.
FOREIGN = "import shutil\nshutil.copy('foreign.json', 'mine-9.prov.json');"


def notebook(folder: Path, *cells: str) -> Path:
    foreign = sample()
    foreign.notebook["name"] = "mine.ipynb"
    write_record(foreign, folder / "foreign.json")
    path = folder / "mine.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), path)
    return path


def failed(path: Path) -> ExecutionResult:
    run = NotebookRun(path).start()
    with pytest.raises(ExecutionError):
        run.wait()
    return run.result


# In steps: an interrupt in the moment before a sleep begins is noticed when it ends.
SLEEP = "import time\nopen('begun', 'w').close()\nwhile True:\n    time.sleep(0.05)"


def stopped(path: Path, at: int) -> ExecutionResult:
    there = threading.Event()

    def on_cell(index, total, cell, state):
        if (index, state) == (at, "start"):
            there.set()

    run = NotebookRun(path, on_cell=on_cell).start()
    assert there.wait(WATCHDOG)
    # The cell was sent; an interrupt that comes before it runs finds nothing to interrupt.
    until((path.parent / "begun").exists)
    run.stop()
    return run.wait(WATCHDOG)


def test_a_run_that_ends_before_its_recording_has_no_record(tmp_path):
    path = notebook(tmp_path, FOREIGN, "1 / 0", START)
    assert failed(path).provenance_file is None
    path = notebook(tmp_path, FOREIGN, SLEEP, START)
    assert stopped(path, at=2).provenance_file is None
    path = notebook(tmp_path, FOREIGN, "import os; os.kill(os.getpid(), 9)", START)
    assert failed(path).provenance_file is None
    result = run_notebook(notebook(tmp_path, FOREIGN))
    assert (result.provenance_file, result.metrics) == (None, {})


def test_a_finished_run_has_its_own(tmp_path):
    path = notebook(tmp_path, START, EVALUATION, "run.finish()", FOREIGN)
    result = run_notebook(path)
    assert result.provenance_file == tmp_path / "mine.prov.json"
    assert result.metrics == {"accuracy": 0.75}
    assert read_record(result.provenance_file).run_id == result.run_id
    # The executed notebook itself says of which run it is, whatever else lies beside it.
    assert provenance_file_of(path) == result.provenance_file


def test_a_failed_run_has_its_own_and_its_metrics(tmp_path):
    result = failed(notebook(tmp_path, START, EVALUATION, FOREIGN, "1 / 0", "run.finish()"))
    assert result.provenance_file == tmp_path / "mine.prov.json"
    assert result.metrics == {"accuracy": 0.75}
    record = read_record(result.provenance_file)
    assert (record.run_id, record.status) == (result.run_id, "failed")


def test_a_stopped_run_has_its_own_and_its_metrics(tmp_path):
    result = stopped(notebook(tmp_path, START, EVALUATION, FOREIGN, SLEEP), at=4)
    assert result.status == "stopped"
    assert result.provenance_file == tmp_path / "mine.prov.json"
    assert result.metrics == {"accuracy": 0.75}
    assert read_record(result.provenance_file).status == "interrupted"


def test_a_killed_kernel_leaves_what_came_before(tmp_path):
    kill = "import os; os.kill(os.getpid(), 9)"
    path = notebook(tmp_path, START, EVALUATION, MODEL, FOREIGN, kill)
    result = failed(path)
    assert result.status == "failed"
    assert result.provenance_file == tmp_path / "mine.prov.json"
    assert result.metrics == {"accuracy": 0.75}
    record = read_record(result.provenance_file)
    assert (record.run_id, record.status) == (result.run_id, "unfinished")
    assert record.steps["model_parameters"].values["model_name"] == "mean"


def test_what_a_notebook_starts_is_another_run(tmp_path):
    (tmp_path / "other.py").write_text(
        "from mlprov_widgets import start_run\nstart_run('other.py').finish()\n"
    )
    child = "import subprocess, sys\nsubprocess.run([sys.executable, 'other.py'], check=True)"
    imports = "from mlprov_widgets import start_run"
    result = run_notebook(notebook(tmp_path, imports, child, START, child, "run.finish()"))
    assert result.provenance_file == tmp_path / "mine.prov.json"
    ids = [read_record(file).run_id for file in tmp_path.glob("*.prov.json")]
    assert len(ids) == 3
    assert ids.count(result.run_id) == 1


def test_of_two_runs_in_a_notebook_the_first_is_that_of_the_notebook(tmp_path):
    second = "second = start_run('mine.ipynb')\nsecond.finish()"
    result = run_notebook(notebook(tmp_path, START, EVALUATION, "run.finish()", second))
    assert result.provenance_file == tmp_path / "mine.prov.json"
    assert result.metrics == {"accuracy": 0.75}
    assert (tmp_path / "mine-2.prov.json").is_file()


def test_an_answer_about_another_run_is_not_believed(tmp_path):
    lie = (
        "import mlprov_widgets.capture as capture, json\n"
        "capture.run_report = lambda run_id: json.dumps("
        "{'run_id': run_id, 'file': 'FILE', 'metrics': {}})"
    ).replace("FILE", str(tmp_path / "foreign.json"))
    result = run_notebook(notebook(tmp_path, lie))
    assert result.provenance_file is None


def test_two_runs_at_once_of_one_notebook(tmp_path):
    """Each has a record of its own, and weights under a name of its own."""
    name = "import os\nmy_name = run.name\nprint(my_name)"
    wait = (
        "import pathlib, time\npathlib.Path(f'{run.name}.there').touch()\n"
        "while len(list(pathlib.Path().glob('*.there'))) < 2:\n    time.sleep(0.01)"
    )
    path = notebook(tmp_path, START, name, wait, EVALUATION, "assert run.name == my_name", FINISH)
    runs = [NotebookRun(path, tmp_path / f"out-{at}.ipynb").start() for at in range(2)]
    results = [run.wait(WATCHDOG) for run in runs]
    records = [read_record(result.provenance_file) for result in results]
    assert [record.run_id for record in records] == [result.run_id for result in results]
    assert {record.status for record in records} == {"finished"}
    assert {result.provenance_file.name for result in results} == {
        "mine.prov.json",
        "mine-2.prov.json",
    }
    for result in results:
        assert provenance_file_of(result.notebook) == result.provenance_file
        printed = nbformat.read(result.notebook, as_version=4).cells[1].outputs[0].text.strip()
        assert f"{printed}.prov.json" == result.provenance_file.name


@pytest.mark.parametrize("letter", ["x", "漢"])
def test_a_name_as_long_as_names_can_be(tmp_path, letter):
    path = notebook(tmp_path, START, EVALUATION, FINISH)
    stem = letter * (248 // len(letter.encode()))
    path = path.rename(tmp_path / f"{stem}.ipynb")

    def edit(index, total, cell, state):
        if (index, state) == (1, "done"):
            path.write_bytes(path.read_bytes() + b"\n")

    result = run_notebook(path, on_cell=edit)
    assert result.notebook.name.startswith(letter * 60)
    assert result.notebook != path
    record = read_record(result.provenance_file)
    assert record.run_id == result.run_id
    assert record.notebook["name"] == path.name
    assert result.provenance_file.name.startswith(letter * 60)
    assert provenance_file_of(result.notebook) == result.provenance_file
    with pytest.raises(MlprovError, match="too long"):
        NotebookRun(path, tmp_path / f"{letter * 300}.ipynb")


@pytest.mark.slow
def test_a_copy_is_recorded_under_its_own_name(tmp_path):
    path = notebook(tmp_path, START, EVALUATION, FINISH)
    copy = tmp_path / "copy.ipynb"
    copy.write_bytes(path.read_bytes())
    result = run_notebook(copy)
    assert result.provenance_file == tmp_path / "copy.prov.json"
    assert read_record(result.provenance_file).notebook["name"] == "copy.ipynb"
    # Other runners say it only on their own command line.
    runner = tmp_path / "runner.py"
    runner.write_text(RUNNER)
    for notebook_file in (copy, path):
        subprocess.run([sys.executable, runner, notebook_file.name], cwd=tmp_path, check=True)
    assert read_record(tmp_path / "copy-2.prov.json").notebook["name"] == "copy.ipynb"
    assert read_record(tmp_path / "mine.prov.json").notebook["name"] == "mine.ipynb"
