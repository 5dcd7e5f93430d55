"""Notebooks are run in real kernels; each test's notebook says what it is about."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.sign import NotebookNotary
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from mlprov_widgets.errors import ExecutionError, MlprovError, RecordError
from mlprov_widgets.notebooks.execution import NotebookRun
from tests.notebooks.runs import run_notebook
from tests.watchdog import WATCHDOG, until


def write(path: Path, *cells: str, **metadata) -> Path:
    """A notebook of code cells; a cell that begins with "# " alone is a markdown cell."""
    made = [
        new_markdown_cell(cell) if cell.startswith("# ") else new_code_cell(cell) for cell in cells
    ]
    nbformat.write(new_notebook(cells=made, metadata=metadata), path)
    return path


def output(path: Path, cell: int) -> str:
    """The text that the cell with this number (from 1) printed."""
    outputs = nbformat.read(path, as_version=4).cells[cell - 1].outputs
    return "".join(out.get("text", "") for out in outputs)


def kernels() -> list[psutil.Process]:
    """Kernels that descend from this process."""
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if child.is_running() and "ipykernel_launcher" in " ".join(child.cmdline())
    ]


@pytest.fixture(autouse=True)
def no_kernel_is_left():
    before = {kernel.pid for kernel in kernels()}
    yield
    # That of a run whose result is known may still be about to end.
    until(lambda: {kernel.pid for kernel in kernels()} <= before)


CONNECTION = """\
import json
from pathlib import Path
from ipykernel.kernelapp import IPKernelApp

file = Path(IPKernelApp.instance().abs_connection_file)
print(json.loads(file.read_text())["transport"], file.parent.stat().st_mode & 0o077, file.parent)
"""


@pytest.mark.skipif(os.name != "posix", reason="there are no sockets in folders")
@pytest.mark.parametrize(("folder", "transport"), [("t", "ipc"), ("t" * 100, "tcp")])
def test_no_other_program_can_take_what_a_kernel_is_spoken_to_through(
    folder, transport, monkeypatch
):
    with tempfile.TemporaryDirectory() as short:
        temporary = Path(short, folder)
        temporary.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(temporary))
        path = write(temporary / "connected.ipynb", CONNECTION)

        run_notebook(path)

        how, others, where = output(path, 1).split()
        assert how == transport
        if how == "ipc":
            assert others == "0", "only the user may look into it"
            assert not Path(where).exists()
            assert not list(temporary.glob("mlprov-kernel-*"))


def test_a_notebook_that_was_run_here_is_trusted_when_it_is_opened(tmp_path, monkeypatch):
    data = tmp_path / "data"
    data.mkdir()
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(data))
    said = new_output("stream", text="of somebody else")
    foreign = [new_code_cell("1", outputs=[said]) for _ in range(2)]
    path = tmp_path / "mine.ipynb"
    nbformat.write(new_notebook(cells=[foreign[0], new_code_cell("1 / 0"), foreign[1]]), path)
    notary = NotebookNotary()
    assert not notary.check_signature(nbformat.read(path, 4))
    with pytest.raises(ExecutionError):
        run_notebook(path)
    made = nbformat.read(path, 4)
    assert notary.check_signature(made)
    assert "of somebody else" not in path.read_text()
    notary.store.close()


def test_what_a_cell_sees(tmp_path):
    folder = tmp_path / "with blank"
    folder.mkdir()
    path = write(
        folder / "sees.ipynb",
        "# Title",
        "import os, sys, json\n"
        "print(json.dumps([sys.executable, os.getcwd(), os.environ['MLPROV_NOTEBOOK']]))",
        "seen = []\n"
        "get_ipython().events.register('pre_run_cell', lambda info: seen.append(info.cell_id))",
        "print(seen)",
        # An installed kernelspec of that name must not decide which Python runs.
        kernelspec={"name": "python3", "language": "python", "display_name": "Another"},
    )

    result = run_notebook(path)

    assert result.notebook == path
    assert result.status == "finished"
    assert result.duration > 0
    assert json.loads(output(path, 2)) == [sys.executable, str(folder), str(path)]
    cells = nbformat.read(path, as_version=4).cells
    assert output(path, 4).strip() == repr([cells[3].id])
    assert [file.name for file in folder.iterdir()] == ["sees.ipynb"]


def test_each_cell_is_reported(tmp_path):
    path = write(tmp_path / "cells.ipynb", "# Title", "1", "", "raise ValueError('no')", "never")
    seen = []

    with pytest.raises(ExecutionError):
        run_notebook(path, on_cell=lambda *report: seen.append(report))

    assert [(index, total, state) for index, total, _, state in seen] == [
        (2, 5, "start"),
        (2, 5, "done"),
        (4, 5, "start"),
        (4, 5, "failed"),
    ]
    assert seen[0][2].source == "1"


def test_an_error_meant_for_people_is_its_sentence_and_no_more(tmp_path):
    source = "from mlprov_widgets.errors import MlprovError\nraise MlprovError('Put it there.')"
    path = write(tmp_path / "fails.ipynb", source)

    with pytest.raises(ExecutionError) as caught:
        run_notebook(path)

    assert str(caught.value) == "Cell 1 of fails.ipynb could not go on: Put it there."
    assert caught.value.traceback == ""
    (shown,) = nbformat.read(path, 4).cells[0].outputs
    assert shown.traceback == ["Put it there."]


def test_a_failing_cell(tmp_path):
    source = "print('before')\nraise ValueError('the value is bad.\\nSecond line')"
    path = write(tmp_path / "fails.ipynb", "# Title", "x = 1", source, "print('never')")

    with pytest.raises(ExecutionError) as caught:
        run_notebook(path)

    error = caught.value
    assert str(error) == "Cell 3 of fails.ipynb raised ValueError: the value is bad."
    assert error.cell == 3
    assert error.source == source
    assert "ValueError" in error.traceback
    assert "Second line" in error.traceback
    assert "\x1b" not in error.traceback
    assert output(path, 3) == "before\n"
    assert output(path, 4) == ""


def test_the_output_goes_elsewhere(tmp_path):
    path = write(tmp_path / "in.ipynb", "print(1)")
    before = path.read_bytes()

    result = run_notebook(path, tmp_path / "out.ipynb")

    assert result.notebook == tmp_path / "out.ipynb"
    assert output(result.notebook, 1) == "1\n"
    assert path.read_bytes() == before
    with pytest.raises(MlprovError, match=r"out\.ipynb exists already"):
        run_notebook(path, tmp_path / "out.ipynb")
    with pytest.raises(MlprovError, match="no folder"):
        run_notebook(path, tmp_path / "nowhere" / "out.ipynb")


def test_edits_made_meanwhile_are_kept(tmp_path):
    path = write(tmp_path / "edited.ipynb", "print('as it ran')")

    def edit(index, total, cell, state):
        if state == "done":
            write(path, "print('edited meanwhile')")

    result = run_notebook(path, on_cell=edit)

    assert "edited meanwhile" in path.read_text()
    assert result.notebook == tmp_path / "edited-executed.ipynb"
    assert output(result.notebook, 1) == "as it ran\n"


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_the_file_keeps_its_permissions(tmp_path):
    path = write(tmp_path / "mode.ipynb", "1")
    path.chmod(0o640)
    run_notebook(path)
    assert path.stat().st_mode & 0o777 == 0o640


def stop_when_running(path: Path, **options) -> NotebookRun:
    began = threading.Event()
    run = NotebookRun(path, on_cell=lambda *_: began.set(), **options).start()
    assert began.wait(WATCHDOG)
    time.sleep(0.3)
    assert run.running
    run.stop()
    return run


def test_stop(tmp_path):
    path = write(
        tmp_path / "long.ipynb", "print('here', flush=True)\nimport time\ntime.sleep(600)", "2"
    )
    run = stop_when_running(path)
    result = run.wait(WATCHDOG)

    assert result.status == "stopped"
    assert not run.running
    assert output(path, 1) == "here\n"
    assert nbformat.read(path, as_version=4).cells[1].execution_count is None


def test_stop_a_cell_that_ignores_it(tmp_path, monkeypatch):
    monkeypatch.setattr("mlprov_widgets.notebooks.execution.INTERRUPT_GRACE", 0.5)
    path = write(
        tmp_path / "stubborn.ipynb",
        "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(600)",
    )
    assert stop_when_running(path).wait(WATCHDOG).status == "stopped"


def test_stop_before_the_first_cell(tmp_path):
    path = write(tmp_path / "early.ipynb", "print('ran')")
    run = NotebookRun(path).start()
    run.stop()
    assert run.wait(WATCHDOG).status == "stopped"
    assert output(path, 1) == ""
    run.stop()  # harmless once it has ended


def test_a_run_starts_once(tmp_path):
    run = NotebookRun(write(tmp_path / "once.ipynb", "1"))
    with pytest.raises(MlprovError, match="not started"):
        run.wait()
    run.start()
    with pytest.raises(MlprovError, match="started before"):
        run.start()
    with pytest.raises(TimeoutError, match=r"once\.ipynb is still running"):
        run.wait(0)
    run.wait(WATCHDOG)


def test_a_cell_that_takes_too_long(tmp_path):
    path = write(tmp_path / "slow.ipynb", "import time", "time.sleep(600)")
    with pytest.raises(ExecutionError, match=r"Cell 2 of .* took longer than 1 second"):
        run_notebook(path, timeout=1)


def test_a_kernel_that_dies(tmp_path):
    path = write(
        tmp_path / "dies.ipynb", "print('last words', flush=True)", "import os; os._exit(1)"
    )
    with pytest.raises(ExecutionError, match=r"Cell 2 of .* ended its kernel"):
        run_notebook(path)
    assert output(path, 1) == "last words\n"


def test_an_error_in_the_callback_ends_the_run(tmp_path):
    path = write(tmp_path / "callback.ipynb", "1")

    def broken(*_):
        raise ZeroDivisionError("of the caller")

    with pytest.raises(ZeroDivisionError, match="of the caller"):
        run_notebook(path, on_cell=broken)


def test_within_a_running_event_loop(tmp_path):
    path = write(tmp_path / "loop.ipynb", "print(1)")

    async def main() -> str:
        run = NotebookRun(path).start()
        ticks = 0
        while run.running:
            await asyncio.sleep(0.01)
            ticks += 1
        assert ticks > 5  # the loop was free meanwhile
        return run.wait().status

    assert asyncio.run(main()) == "finished"


def test_from_a_kernel(tmp_path):
    """As the wizard does it: a notebook in a kernel runs another one in another kernel."""
    write(tmp_path / "inner.ipynb", "import os", "print(os.environ['MLPROV_NOTEBOOK'])")
    outer = write(
        tmp_path / "outer.ipynb",
        "import asyncio\n"
        "from mlprov_widgets.notebooks.execution import NotebookRun\n"
        "run = NotebookRun('inner.ipynb').start()\n"
        "while run.running:\n"
        "    await asyncio.sleep(0.05)\n"
        "print(run.wait().status)",
    )
    run_notebook(outer)
    assert output(outer, 1) == "finished\n"
    assert output(tmp_path / "inner.ipynb", 2).strip() == str(tmp_path / "inner.ipynb")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "No such file"),
        ("not json", "not a Jupyter notebook"),
        ("[1]", "not a Jupyter notebook"),
        ('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 3}', "notebook"),
    ],
)
def test_what_is_not_a_notebook(tmp_path, text, sentence):
    path = tmp_path / "file.ipynb"
    if text is not None:
        path.write_text(text)
    with pytest.raises(RecordError, match=sentence):
        run_notebook(path)


def test_a_notebook_for_another_language(tmp_path):
    kernel = {"name": "ir", "language": "R", "display_name": "R"}
    path = write(tmp_path / "r.ipynb", "1", kernelspec=kernel)
    with pytest.raises(RecordError, match="notebook for R"):
        run_notebook(path)


@pytest.mark.parametrize("end", ["pass", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"])
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_the_kernel_ends_with_the_program_that_started_it(tmp_path, end):
    path = write(
        tmp_path / "orphan.ipynb",
        "import os, pathlib, time\n"
        "pathlib.Path('pid.part').write_text(str(os.getpid()))\n"
        "pathlib.Path('pid.part').rename('pid')\n"
        "time.sleep(600)",
    )
    program = (
        "import pathlib, time\n"
        "from mlprov_widgets.notebooks.execution import NotebookRun\n"
        f"run = NotebookRun({str(path)!r}).start()\n"
        f"while not pathlib.Path({str(tmp_path / 'pid')!r}).exists(): time.sleep(0.05)\n"
    )
    subprocess.run([sys.executable, "-c", program + end], timeout=WATCHDOG, check=False)
    kernel = int((tmp_path / "pid").read_text())
    until(lambda: not psutil.pid_exists(kernel) or psutil.Process(kernel).status() == "zombie")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("open('gone.csv')", "there is no file or folder gone.csv, seen from the folder where"),
        ("open('/nowhere/gone.csv')", "there is no file or folder /nowhere/gone.csv."),
        ("import subprocess; subprocess.run(['no-such-program'])", "raised FileNotFoundError"),
    ],
)
def test_a_file_that_is_not_there_is_named(tmp_path, code, said):
    import nbformat.v4

    path = tmp_path / "reading.ipynb"
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    path.write_text(nbformat.writes(made), encoding="utf-8")
    with pytest.raises(ExecutionError) as caught:
        run_notebook(path)
    assert said in str(caught.value)
    assert "FileNotFoundError" in caught.value.traceback
