"""The exported script: the same calls, no hooks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlprov_widgets.provenance import read_record
from mlprov_widgets.record import source_hash
from tests.watchdog import WATCHDOG

from .conftest import PARAMETERS, STUDY


def script_text(edits: dict[str, str] | None = None) -> str:
    parts = []
    for cell_id, kind, _, source in STUDY:
        if kind == "markdown":
            parts.append("# %% [markdown]\n" + "\n".join(f"# {t}" for t in source.splitlines()))
        else:
            parts.append("# %%\n" + (edits or {}).get(cell_id, source))
    manifest = {
        "format": 1,
        "title": "A study",
        "task_type": "Study",
        "pack": {"name": "study"},
        "values": {},
        "parameters": PARAMETERS,
        "generated": [
            {"id": i, "kind": k, "step": s, "sha256": source_hash(t)} for i, k, s, t in STUDY
        ],
    }
    return "\n\n".join(parts) + f"\n\n# mlprov-widgets: {json.dumps(manifest)}\n"


def execute(folder: Path, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    file = folder / "study.py"
    file.write_text(text, encoding="utf-8")
    return subprocess.run(
        [sys.executable, *(arguments or [str(file)])],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=WATCHDOG,
        env={**os.environ, "JPY_SESSION_NAME": "/nowhere/else.ipynb"},
        check=False,
    )


def test_a_script_is_captured_by_its_cells(tmp_path: Path) -> None:
    edited = {"model": STUDY[6][3].replace("Adam", "SGD")}
    result = execute(tmp_path, script_text(edited))
    assert result.returncode == 0, result.stderr
    assert "Provenance: study.prov.json" in result.stdout
    record = read_record(tmp_path / "study.prov.json")
    assert record.status == "finished"
    assert [cell.id for cell in record.cells] == [cell_id for cell_id, *_ in STUDY]
    origins = {cell.id: cell.origin for cell in record.cells}
    assert origins.pop("model") == "edited"
    assert set(origins.values()) == {"generated"}
    values = record.steps["model_training"].values
    assert values["epochs"] == 3
    assert values["random_seed"] == 7
    assert record.steps["model_parameters"].constants["LEARNING_RATE"] == 0.1
    # The plot before it has a step of its own, and no call.
    assert record.steps["data_exploration"].constants == {"BINS": 4}
    assert "BINS" not in record.steps["model_parameters"].constants
    assert record.steps["model_training"].execution_time is not None
    assert record.notebook["name"] == "study.py"
    assert record.notebook["file_format"] == "py"
    assert record.notebook["kernel"] == "none"


def test_a_finished_run_reports_on_itself(tmp_path: Path) -> None:
    writes = "report = run.finish().report()\nopen('report.md', 'w').write(report.to_markdown())"
    result = execute(tmp_path, script_text({"provenance": writes}))
    assert result.returncode == 0, result.stderr
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert text.startswith("# A study\n")
    assert "| Data set | roots |" in text
    assert "file study.prov.json" in text


def test_a_script_that_raises(tmp_path: Path) -> None:
    broken = {"training": "def fit():\n    return [][1]\n\n\nhistory = fit()"}
    result = execute(tmp_path, script_text(broken))
    assert result.returncode == 1
    assert "IndexError" in result.stderr
    record = read_record(tmp_path / "study.prov.json")
    assert record.status == "failed"
    cells = {cell.id: cell for cell in record.cells}
    assert cells["training"].executions[0].error == "IndexError: list index out of range"
    assert cells["training"].executions[0].status == "error"
    assert cells["model"].executions[0].status == "ok"
    assert cells["evaluation"].executions == []


def test_a_script_that_is_interrupted(tmp_path: Path) -> None:
    broken = {"training": "raise KeyboardInterrupt"}
    execute(tmp_path, script_text(broken))
    record = read_record(tmp_path / "study.prov.json")
    assert record.status == "interrupted"


def test_a_script_that_leaves_early(tmp_path: Path) -> None:
    result = execute(tmp_path, script_text({"training": "import sys\nsys.exit(3)"}))
    assert result.returncode == 3
    record = read_record(tmp_path / "study.prov.json")
    assert record.status == "unfinished"
    assert "model_parameters" in record.steps


def test_a_script_without_cells_records_what_each_call_used(tmp_path: Path) -> None:
    text = """
from mlprov_widgets import start_run
FIRST, SECOND, THIRD = 1, 2, 3

def main():
    run = start_run("plain", agent={"name": "A. Person", "orcid": "0000-0002-1825-0097"})
    return run

run = main()
print(FIRST)
run.record("data_ingestion", dataset_id="x")
total = SECOND
run.record("model_training", history=[1.0])
run.finish()
"""
    result = execute(tmp_path, text)
    assert result.returncode == 0, result.stderr
    # The name is one that somebody has chosen, and no file's.
    record = read_record(tmp_path / "plain.prov.json")
    assert record.steps["data_ingestion"].constants == {"FIRST": 1}
    assert record.steps["model_training"].constants == {"SECOND": 2}
    assert record.agent == {"name": "A. Person", "orcid": "0000-0002-1825-0097"}


def test_code_without_a_file(tmp_path: Path) -> None:
    text = (
        "from mlprov_widgets import start_run\n"
        "run = start_run('there.ipynb')\nrun.record('model_training', history=[])\nrun.finish()"
    )
    result = execute(tmp_path, "", "-c", text)
    assert result.returncode == 0, result.stderr
    record = read_record(tmp_path / "there.prov.json")
    assert record.cells == []
    assert record.notebook["name"] == "there.ipynb"


def test_workers_that_import_the_script_again_write_nothing(tmp_path: Path) -> None:
    text = """
import multiprocessing
from mlprov_widgets import start_run

run = start_run("study.py", seed=1)
run.record("data_ingestion", dataset_id="x")

def double(value):
    return 2 * value

if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        print(pool.map(double, [1, 2]))
    run.finish()
"""
    result = execute(tmp_path, text)
    assert result.returncode == 0, result.stderr
    assert "[2, 4]" in result.stdout
    assert [file.name for file in tmp_path.glob("*.prov.json")] == ["study.prov.json"]


def test_start_run_imports_nothing_heavy(tmp_path: Path) -> None:
    text = """
import sys
from mlprov_widgets import start_run
run = start_run("study.py", seed=1)
run.record("model_training", history=[{"loss": 1.0}], epochs=1)
run.finish()
heavy = "torch numpy pandas sklearn matplotlib prov nbformat jinja2 IPython".split()
print([name for name in heavy if name in sys.modules])
"""
    result = execute(tmp_path, text)
    assert result.stdout.splitlines()[-1] == "[]", result.stdout + result.stderr


def test_a_folder_that_cannot_be_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "gone"
    folder.mkdir()
    text = """
import os, shutil, sys
from mlprov_widgets import start_run
os.chdir(sys.argv[1])
run = start_run("study.py")
os.chdir("..")
shutil.rmtree(sys.argv[1])
run.finish()
"""
    file = tmp_path / "study.py"
    file.write_text(text, encoding="utf-8")
    result = execute(tmp_path, text, str(file), str(folder))
    assert result.returncode == 0, result.stderr
    record = tmp_path / "state" / "mlprov-widgets" / "runs" / "study.prov.json"
    sentence = f"{folder} cannot be written to (No such file or directory), so the record of this "
    assert f"mlprov-widgets: {sentence}run is in {record}.\n" in result.stdout
    assert f"Provenance: {record}\n" in result.stdout
    assert read_record(record).status == "finished"


def test_a_working_directory_that_is_gone_is_said_in_a_sentence(tmp_path: Path) -> None:
    source = """
import os, tempfile
from mlprov_widgets import start_run
folder = tempfile.mkdtemp()
os.chdir(folder)
os.rmdir(folder)
start_run("study.py")
"""
    result = execute(tmp_path, source)
    assert result.returncode == 1
    assert "RecordError: The working directory is no longer there" in result.stderr


def test_a_run_that_is_over_keeps_no_data_alive(tmp_path, monkeypatch) -> None:
    import gc
    import threading
    import weakref

    class Data:
        pass

    monkeypatch.chdir(tmp_path)
    source = "from mlprov_widgets import start_run\nrun = start_run('x.py')\nrun.finish()\n"
    kept = []
    for _ in range(2):
        namespace = {"__name__": "__main__", "data": Data()}
        exec(compile(source, "x.py", "exec"), namespace)
        # Threads keep the hook for exceptions that there was when they began.
        thread = threading.Thread(target=threading.Event().wait, args=(1,))
        thread.start()
        kept.append((weakref.ref(namespace["data"]), thread))
        del namespace
    gc.collect()
    assert kept[0][0]() is None
    for _, thread in kept:
        thread.join()
