"""Searches that learn from their trials (Optuna)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlprov_widgets import MlprovError, SweepResult, sweep
from mlprov_widgets.provenance import read_record
from mlprov_widgets.provenance.files import validate

pytest.importorskip("optuna")

OVER = {"x": {"low": -1, "high": 1}, "count": [1, 2, 3]}


def tried(pack: Path, folder: Path, **more: Any) -> SweepResult:
    given: dict[str, Any] = {"search": "optuna", "trials": 16, "metric": "validation_loss"}
    return sweep(pack, over=OVER, folder=folder, progress=False, **{**given, **more})


@pytest.fixture(scope="module")
def done(pack: Path, tmp_path_factory: pytest.TempPathFactory) -> SweepResult:
    return tried(pack, tmp_path_factory.mktemp("optuna") / "s", workers=1)


def test_it_learns(done: SweepResult) -> None:
    assert done.best is not None
    assert abs(done.best.values["x"] - 0.3) < 0.3
    assert done.best.values["count"] == 1


def test_workers_and_timing_change_nothing(
    pack: Path, tmp_path: Path, done: SweepResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLEEP", "0.2")
    again = tried(pack, tmp_path / "s", workers=4)
    assert [one.values for one in again.trials] == [one.values for one in done.trials]
    assert again.hash == done.hash


def test_the_window_is_recorded_and_counts(pack: Path, tmp_path: Path, done: SweepResult) -> None:
    other = tried(pack, tmp_path / "s", workers=2, window=1)
    assert [one.values for one in other.trials] != [one.values for one in done.trials]
    container = json.loads(done.file.read_text())
    assert container["activity"]["run:sweep"]["mlprov:window"]["$"] == "4"
    assert validate(done.file) == []


def test_who_informed_whom_is_recorded(done: SweepResult) -> None:
    told = json.loads(done.file.read_text())["wasInformedBy"].values()
    pairs = {(one["prov:informed"], one["prov:informant"]) for one in told}
    assert {one for one in pairs if one[1] != "run:sweep"} == {
        (f"t{number}:run", f"t{number - 4}:run") for number in range(5, 17)
    }


def test_it_is_done_again_as_a_whole(done: SweepResult, tmp_path: Path) -> None:
    packs = [done.space.pack.folder]
    again = sweep(done.file, packs=packs, folder=tmp_path / "s", progress=False)
    assert again.hash == done.hash
    assert again.differences == []


@pytest.mark.parametrize("kept", [0, 3, 9])
def test_it_is_gone_on_with(pack: Path, tmp_path: Path, done: SweepResult, kept: int) -> None:
    folder = tmp_path / "s"
    tried(pack, folder, workers=2)
    journal = folder / "sweep.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    # Whichever of them had ended.
    journal.write_bytes(b"".join([lines[0], *lines[1:][::-1][:kept]]))
    assert tried(pack, folder, workers=3, resume=True).hash == done.hash


def test_a_trial_that_fails_is_told_as_such(pack: Path, tmp_path: Path) -> None:
    over = {"x": {"low": -1, "high": 1}, "behaviour": ["ends", "raises"]}
    given: dict[str, Any] = {"search": "optuna", "trials": 12, "metric": "validation_loss"}
    found = [
        sweep(pack, over=over, folder=tmp_path / str(one), progress=False, workers=one, **given)
        for one in (1, 3)
    ]
    assert found[0].hash == found[1].hash
    outcomes = {one.outcome.status for one in found[0].trials if one.outcome}
    assert outcomes == {"finished", "failed"}


# -- early stopping ---------------------------------------------------------------------------


def pruned(folder: Path, **more: Any) -> SweepResult:
    """Networks on Iris, of which some learn much more slowly than others."""
    return sweep(
        "multiclass_classification",
        {"epochs": 12, "plots": False, "hidden_neurons": 8, "print_every": 0},
        over={"learning_rate": {"low": 1e-5, "high": 0.1, "log": True}},
        search="optuna",
        trials=14,
        metric="validation_loss",
        pruner="median",
        folder=folder,
        progress=False,
        **more,
    )


@pytest.mark.slow
def test_trials_are_stopped_early_whatever_the_workers(tmp_path: Path) -> None:
    one = pruned(tmp_path / "1", workers=1)
    told = [trial.outcome.status for trial in one.trials if trial.outcome]
    assert set(told) == {"finished", "pruned"}
    assert pruned(tmp_path / "3", workers=3).hash == one.hash
    early = next(trial for trial in one.trials if trial.is_pruned)
    record = read_record(one.record_of(early))
    assert record.status == "interrupted"
    assert early.outcome is not None
    stopped = len(early.outcome.reported)
    assert stopped < 12
    (error,) = {e.error for c in record.cells for e in c.executions if e.error}
    assert error == f"Pruned: stopped early after {stopped} epochs by Optuna's MedianPruner"
    container = json.loads(one.file.read_text())
    element = container["entity"][f"run:trial.{early.number}"]
    assert element["mlprov:outcome"] == "pruned"
    assert len(json.loads(element["mlprov:reported"]["$"])) == stopped
    assert one.best is not None
    assert one.best.is_finished
    again = sweep(one.file, folder=tmp_path / "again", progress=False)
    assert again.differences == []


def test_a_pruner_is_for_searches_that_learn(pack: Path, tmp_path: Path) -> None:
    for more in ({"seeds": 2}, {"pruner": "best"}):
        with pytest.raises(MlprovError, match="Pruners are"):
            tried(pack, tmp_path / "s", **{"pruner": "median", **more})
    with pytest.raises(MlprovError, match="Pruners are"):
        sweep(pack, over={"x": [1]}, pruner="median", folder=tmp_path / "s")
