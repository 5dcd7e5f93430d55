"""Capture in kernels of their own: interrupts, shutdowns, and clients without cell ids."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbclient
import nbformat
import pytest

from mlprov_widgets.provenance import read_record, validate
from tests.watchdog import WATCHDOG, until

from .conftest import STUDY, Kernel, Study, this_python

Start = Callable[..., Kernel]


def test_plain_nbclient_gives_no_ids(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    study.edit("model", '"Adam"', '"RMSprop"')
    study.add("model", "mine", "largest = max(rows)")
    study.delete("exploration")
    path = study.write()
    monkeypatch.setenv("IPYTHONDIR", str(study.folder / ".ipython"))
    # As in a kernel that was started from another notebook: the variable says nothing about us.
    monkeypatch.setenv("JPY_SESSION_NAME", str(study.folder / "other.ipynb"))
    (study.folder / "other.ipynb").write_text('{"cells": [], "metadata": {}}', encoding="utf-8")
    client = nbclient.NotebookClient(
        nbformat.read(path, as_version=4),
        resources={"metadata": {"path": str(study.folder)}},
        timeout=WATCHDOG,
    )
    client.create_kernel_manager()
    client.km.kernel_spec_manager = this_python()
    client.execute()
    record = study.record()
    assert record.status == "finished"
    found = [(cell.id, cell.origin) for cell in record.cells if cell.kind == "code"]
    expected = [(i, "generated") for i, k, *_ in STUDY if k == "code"]
    expected[expected.index(("model", "generated"))] = ("model", "edited")
    expected.insert(expected.index(("model", "edited")) + 1, ("mine", "added"))
    assert found == expected
    assert record.notebook["name"] == "study.ipynb"
    assert record.notebook["kernel"] == "python3"
    # The cell that finishes ends after its file was written: brought up to date at the end.
    last = record.cells[-1].executions[0]
    assert record.end is not None
    assert last.end is not None
    assert last.end > record.end


def test_an_interrupted_cell_leaves_a_file_at_once(start_kernel: Start, study: Study) -> None:
    study.write()
    kernel = start_kernel()
    kernel.run_study(study, "imports", "parameters", "start", "ingestion")
    # In steps: an interrupt in the moment before a sleep begins is noticed when it ends.
    source = "import time\nprint('waiting', flush=True)\nwhile True:\n    time.sleep(0.05)"
    message = kernel.send(source, "slow")
    kernel.wait_for_output("waiting")
    kernel.manager.interrupt_kernel()
    assert kernel.wait(message) == "KeyboardInterrupt"
    record = study.record()
    assert record.status == "interrupted"
    execution = study.cell("slow").executions[0]
    assert execution.status == "interrupted"
    assert execution.end is not None
    # A person stops a cell, and goes on.
    kernel.run_study(study, "model", "training", "evaluation", "provenance")
    assert study.record().status == "finished"
    assert study.cell("slow").executions[0].status == "interrupted"


def test_an_awaiting_cell_is_captured_and_can_be_interrupted(
    start_kernel: Start, study: Study
) -> None:
    study.write()
    kernel = start_kernel()
    kernel.run_study(study, "imports", "parameters", "start")
    assert kernel.run("import asyncio\nawait asyncio.sleep(0.01)\nslept = EPOCHS", "waits") == "ok"
    # In steps: ipykernel notices an interrupt only when its event loop wakes up.
    source = "print('waiting', flush=True)\nwhile True:\n    await asyncio.sleep(0.05)"
    message = kernel.send(source, "stopped")
    kernel.wait_for_output("waiting")
    kernel.manager.interrupt_kernel()
    assert kernel.wait(message) != "ok"
    assert study.record().status == "interrupted"
    assert study.cell("stopped").executions[0].status == "interrupted"
    waits = study.cell("waits").executions[0]
    assert (waits.status, waits.reads) == ("ok", ["EPOCHS"])


def test_a_kernel_that_is_shut_down_leaves_an_unfinished_run(
    start_kernel: Start, study: Study
) -> None:
    study.write()
    kernel = start_kernel()
    kernel.run_study(study, "imports", "parameters", "start", "ingestion")
    kernel.shut_down()
    record = study.record()
    assert record.status == "unfinished"
    assert record.steps["data_ingestion"].values["dataset_id"] == "roots"
    assert study.cell("training").executions == []


def test_what_follows_the_end_is_written_when_the_kernel_ends(
    start_kernel: Start, study: Study
) -> None:
    study.write()
    kernel = start_kernel()
    kernel.run_study(study)
    kernel.run("rows.append(1)", "later")
    kernel.shut_down()
    record = study.record()
    assert record.status == "finished"
    assert study.cell("later").executions[0].reads == ["rows"]


def test_the_runner_says_which_notebook_it_is(start_kernel: Start, study: Study) -> None:
    path = study.write()
    path.rename(study.folder / "renamed.ipynb")
    kernel = start_kernel(MLPROV_NOTEBOOK=str(study.folder / "renamed.ipynb"))
    kernel.run_study(study, give_ids=False)
    report = kernel.client.execute(
        "", silent=True, user_expressions={"run": "run.state()['status']"}
    )
    assert kernel.wait(report) == "ok"
    record = read_record(study.folder / "renamed.prov.json")
    assert record.notebook["name"] == "renamed.ipynb"
    assert record.pack["name"] == "study"


def test_a_renamed_notebook_is_found_by_its_cells(start_kernel: Start, study: Study) -> None:
    study.write().rename(study.folder / "my own name.ipynb")
    (study.folder / "broken.ipynb").write_text("{", encoding="utf-8")
    (study.folder / "other.ipynb").write_text('{"cells": 3}', encoding="utf-8")
    kernel = start_kernel()
    kernel.run_study(study)
    record = read_record(study.folder / "my own name.prov.json")
    assert record.pack["name"] == "study"


def test_a_forked_child_writes_nothing(start_kernel: Start, study: Study) -> None:
    study.write()
    kernel = start_kernel()
    kernel.run_study(study, "imports", "parameters", "start")
    source = """
import os
pid = os.fork()
if pid == 0:
    run.close()
    os._exit(0)
os.waitpid(pid, 0)
"""
    before = study.file.stat()
    assert kernel.run(source, "fork") == "ok"
    assert study.file.stat() == before


# What passes is told by a clock that goes on while the machine sleeps, where there is one.
ELEVEN_SECONDS = """
import time
name = "clock_gettime" if hasattr(time, "CLOCK_BOOTTIME") else "monotonic"
ticks = getattr(time, name)
setattr(time, name, lambda *which: ticks(*which) + 11)
"""


def test_a_long_cell_is_worth_a_file(start_kernel: Start, study: Study, tmp_path: Path) -> None:
    """Should the kernel be killed afterwards, what took long is not lost."""
    study.write()
    kernel = start_kernel()
    kernel.run_study(study, "imports", "parameters", "start", "ingestion")
    kernel.run(ELEVEN_SECONDS, "long")
    kernel.shut_down(now=True)
    until(lambda: study.record().cells)
    assert study.record().status == "unfinished"
    assert study.cell("long").executions[0].status == "ok"


def test_a_kernel_that_is_killed_in_training_leaves_what_came_before(
    start_kernel: Start, study: Study
) -> None:
    study.write()
    kernel = start_kernel()
    kernel.run_study(study, "imports", "parameters", "start", "ingestion")
    # Even killed now, the run would leave that it had begun.
    assert (study.record().status, study.record().cells) == ("unfinished", [])
    assert validate(study.file) == []
    kernel.run_study(study, "model")
    kernel.shut_down(now=True)
    assert study.record().status == "unfinished"
    assert "model_parameters" in study.record().steps


def test_papermill_gives_other_values(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    papermill = pytest.importorskip("papermill")
    path = study.write()
    notebook = nbformat.read(path, as_version=4)
    cell = next(cell for cell in notebook.cells if cell.id == "parameters")
    cell.metadata["tags"] = ["parameters"]
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    notebook.metadata["language_info"] = {"name": "python"}
    nbformat.write(notebook, path)
    monkeypatch.setenv("IPYTHONDIR", str(study.folder / ".ipython"))
    papermill.execute_notebook(
        str(path),
        str(study.folder / "out.ipynb"),
        parameters={"EPOCHS": 5},
        cwd=str(study.folder),
        progress_bar=False,
    )
    record = study.record()
    added = [cell for cell in record.cells if cell.origin == "added"]
    assert len(added) == 1
    assert "EPOCHS = 5" in added[0].source
    ids = [cell.id for cell in record.cells]
    assert ids.index(added[0].id) == ids.index("parameters") + 1
    values = record.steps["model_training"].values
    assert values["epochs"] == values["epochs_run"] == 5
    assert record.values["epochs"] == 3
