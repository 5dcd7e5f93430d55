"""Sweeps from a shell."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from mlprov_widgets.cli.sweeping import tried
from mlprov_widgets.packs import load_pack
from tests.cli.commands import mlprov, refused
from tests.watchdog import WATCHDOG, until


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_values_are_read_as_lists_and_ranges(pack: Path) -> None:
    found = tried(load_pack(pack), ("x=1,-2", "x=3", "count=2..9", "validated=yes,no"))
    assert found == {"x": [1, -2, 3], "count": {"low": 2, "high": 9}, "validated": [True, False]}
    assert tried(load_pack(pack), ("x=log:1e-3..0.5",)) == {
        "x": {"low": 0.001, "high": 0.5, "log": True}
    }


def test_a_sweep_is_run_and_done_again(pack: Path, folder: Path) -> None:
    asked = ("sweep", pack, "--over", "x=0.1,0.3", "--seeds", "2")
    done = mlprov(*asked, "-o", "first", "--workers", 2)
    assert done.exit_code == 0
    assert "Best by validation loss" in done.stdout
    assert refused(*asked, "-o", "first").startswith("Error: ")
    assert mlprov(*asked, "-o", "first", "--resume").exit_code == 0
    again = mlprov("sweep", "first/sweep.prov.json", "--packs", pack, "-o", "again")
    assert again.exit_code == 0
    assert "The same as the sweep that it does again: 4 trials, bit by bit." in again.stdout
    for more in (("--seeds", "2"), ("--over", "x=1"), ("-s", "x=1"), ("--trials", "3")):
        assert " out." in refused("sweep", "first/sweep.prov.json", *more)
    told = mlprov("runs", "first")
    assert told.stdout.count("Behaviour") == 4


def test_what_differs_is_an_exit_code(pack: Path, folder: Path) -> None:
    mlprov("sweep", pack, "--over", "x=0.1,0.3", "-o", "first")
    file = folder / "first" / "sweep.prov.json"
    container = json.loads(file.read_text())
    container["entity"]["run:trial.1"]["mlprov:sha256"] = "0" * 64
    file.write_text(json.dumps(container))
    again = mlprov("sweep", file, "--packs", pack, "-o", "again")
    assert again.exit_code == 1
    assert "Not the same as the sweep that it does again: 1 trial comes" in again.stdout


def test_a_trial_that_fails_is_an_exit_code(pack: Path) -> None:
    done = mlprov("sweep", pack, "--over", "behaviour=ends,raises", "-o", "s", "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert [one["outcome"] for one in told["trials"]] == ["finished", "failed"]
    assert told["trials"][1]["error"] == "ValueError"
    assert told["best"] == 1


def test_a_run_is_repeated(pack: Path) -> None:
    mlprov("sweep", pack, "--over", "x=0.1", "-o", "s", "--notebooks")
    (notebook,) = Path("s/001").glob("*.ipynb")
    done = mlprov("repeat", notebook, "--packs", pack, "--seeds", "3", "-o", "r")
    assert done.exit_code == 0
    assert "3 trials of 1 configuration" in done.stdout
    assert "95 % interval" in done.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--over", "x"), "x"),
        (("--over", "x=1", "--seeds", "a"), "neither a number of seeds"),
        (("--over", "x=1", "--memory-limit", "much"), "no size"),
        (("--over", "x=1,a"), "a"),
        (("--over", "y=1"), "no parameter 'y'"),
    ],
)
def test_what_cannot_be_read_is_said(pack: Path, words: tuple[str, ...], says: str) -> None:
    done = mlprov("sweep", pack, *words, "-o", "s")
    assert done.exit_code == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_it_is_stopped_and_gone_on_with(pack: Path, folder: Path) -> None:
    words = ["sweep", str(pack), "--over", "x=0.1,0.3,0.5", "-o", "s", "--workers", "1"]
    command = [sys.executable, "-m", "mlprov_widgets.cli", *words]
    slowly = {**os.environ, "SLEEP": "3600"}
    # A shell that runs tests in the background has them, and what they start, ignore it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env=slowly)
    signal.signal(signal.SIGINT, before)
    until(lambda: any((folder / "s").glob(".running-*/*.ipynb")))
    started = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=WATCHDOG)
    assert process.returncode == 1
    assert b"With --resume and its folder (-o) it goes on." in said
    assert b"Traceback" not in said
    assert len(started) >= 2
    assert psutil.wait_procs(started, timeout=WATCHDOG)[1] == []
    assert [one.name for one in (folder / "s").iterdir()] == ["sweep.jsonl"]
    done = mlprov(*words, "--resume")
    assert done.exit_code == 0
    assert "3 finished" in done.stdout
