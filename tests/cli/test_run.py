"""Running a notebook from the shell."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from mlprov_widgets.cli.printing import print_known, result_facts
from mlprov_widgets.notebooks.execution import ExecutionResult
from mlprov_widgets.provenance import write_record
from tests.cli.commands import mlprov, refused, write
from tests.observed import finding, observed
from tests.watchdog import WATCHDOG, until


def test_run():
    write("ok.ipynb", "# a comment\nprint('hello')", "1")
    result = mlprov("run", "ok.ipynb", "-o", "out.ipynb")
    assert result.exit_code == 0
    assert result.stderr.splitlines()[0].startswith("[1/2] print('hello')  ")
    assert f"notebook: {Path('out.ipynb').resolve()}" in result.stdout
    assert "provenance: none was written" in result.stdout
    assert "hello" in Path("out.ipynb").read_text()


def test_a_failing_run():
    write("bad.ipynb", "x = 1", "y = x\nraise ValueError('no')")
    result = mlprov("run", "bad.ipynb")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "Error: Cell 2 of bad.ipynb raised ValueError: no." in result.stderr
    assert "    raise ValueError('no')" in result.stderr
    assert "\x1b" not in result.stderr

    as_json = mlprov("run", "bad.ipynb", "--json")
    assert as_json.exit_code == 1
    facts = json.loads(as_json.stdout)
    assert facts["status"] == "failed"
    assert facts["error"]["cell"] == 2
    assert facts["error"]["source"] == "y = x\nraise ValueError('no')"


def test_what_to_know_of_a_run_is_said_below_its_metrics(tmp_path, capsys):
    leak = finding("groups_split", "leak", column="a\x1b", groups=2)
    file = write_record(observed(leak, finding("diverged")), tmp_path / "a.prov.json")
    result = ExecutionResult(tmp_path / "a.ipynb", "finished", file)
    print_known(result)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "What to know before believing the numbers:",
        "  Leak: 2 groups of a\\x1b have rows in several parts.",
        "  Training diverged.",
    ]
    assert result_facts(result, None)["to_know"][1] == "Training diverged."
    print_known(ExecutionResult(None, "finished"))
    assert capsys.readouterr().err == ""


def test_what_cannot_be_run():
    Path("text.ipynb").write_text("text")
    assert "cannot be read" in refused("run", "none.ipynb")
    assert "not a Jupyter notebook" in refused("run", "text.ipynb")
    write("ok.ipynb", "1")
    assert "exists already" in refused("run", "ok.ipynb", "-o", "text.ipynb")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_no_kernel(number):
    write("long.ipynb", "print('here')", "open('ready', 'w')\nimport time\ntime.sleep(600)")
    command = [sys.executable, "-m", "mlprov_widgets.cli", "run", "long.ipynb"]
    # Where a script starts the tests in the background, all that they start would ignore SIGINT.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    kernels: list[psutil.Process] = []
    try:
        until(Path("ready").exists)
        kernels = psutil.Process(process.pid).children(recursive=True)
        assert kernels
        process.send_signal(number)
        _, error = process.communicate(timeout=WATCHDOG)
        _, alive = psutil.wait_procs(kernels, timeout=WATCHDOG)
    finally:
        signal.signal(signal.SIGINT, before)
        for one in (process, *kernels):
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
    assert process.returncode == 1
    assert "Aborted!" in error
    assert "Traceback" not in error
    assert alive == []
    assert "here" in Path("long.ipynb").read_text()
