"""Sweeps from a shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlprov_widgets.cli.sweeping import tried
from mlprov_widgets.packs import load_pack
from tests.cli.commands import mlprov, refused


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
