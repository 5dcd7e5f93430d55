"""Whose record it is: a run is shown what it wrote itself, and nothing else, however it ended."""

from __future__ import annotations

import threading
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from mlprov_widgets.errors import ExecutionError
from mlprov_widgets.notebooks.execution import ExecutionResult, NotebookRun, run_notebook
from mlprov_widgets.provenance import read_record, write_record
from mlprov_widgets.provenance.beside import provenance_file_of
from tests.provenance.sample import sample

START = "from mlprov_widgets import start_run\nrun = start_run('mine.ipynb')"
MODEL = "run.record('model_parameters', model_name='mean')"
EVALUATION = "run.record('model_evaluation', evaluation_metrics={'accuracy': 0.75})"
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


def stopped(path: Path, at: int) -> ExecutionResult:
    there = threading.Event()

    def on_cell(index, total, cell, state):
        if (index, state) == (at, "start"):
            there.set()

    run = NotebookRun(path, on_cell=on_cell).start()
    assert there.wait(60)
    run.stop()
    return run.wait(60)


def test_a_run_that_ends_before_its_recording_has_no_record(tmp_path):
    path = notebook(tmp_path, FOREIGN, "1 / 0", START)
    assert failed(path).provenance_file is None
    path = notebook(tmp_path, FOREIGN, "import time; time.sleep(600)", START)
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
    source = "import time; time.sleep(600)"
    result = stopped(notebook(tmp_path, START, EVALUATION, FOREIGN, source), at=4)
    assert result.status == "stopped"
    assert result.provenance_file == tmp_path / "mine.prov.json"
    assert result.metrics == {"accuracy": 0.75}
    assert read_record(result.provenance_file).status == "interrupted"


@pytest.mark.parametrize("how", ["os.kill(os.getpid(), 9)", "os._exit(1)"])
def test_a_killed_kernel_leaves_what_came_before(tmp_path, how):
    path = notebook(tmp_path, START, EVALUATION, MODEL, FOREIGN, f"import os; {how}")
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
