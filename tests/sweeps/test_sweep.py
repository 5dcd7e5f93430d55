"""Sweeps as a whole: what their trials come to, and what is told and written of them."""

from __future__ import annotations

import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from mlprov_widgets import MlprovError, SweepResult, sweep
from mlprov_widgets.notebooks.execution import NotebookRun
from mlprov_widgets.provenance import read_record
from mlprov_widgets.provenance.files import validate
from mlprov_widgets.store import RunStore
from mlprov_widgets.sweeps import repeat
from tests.watchdog import WATCHDOG


def tried(pack: Path, folder: Path, over: dict[str, Any] | None = None, **more: Any) -> SweepResult:
    given = over if over is not None else {"x": [0.1, 0.3, 0.9]}
    return sweep(pack, over=given, folder=folder, progress=False, **more)


@pytest.fixture(scope="module")
def done(pack: Path, tmp_path_factory: pytest.TempPathFactory) -> SweepResult:
    """Three values with two seeds each, and the notebooks of all trials."""
    folder = tmp_path_factory.mktemp("sweep") / "done"
    return tried(pack, folder, seeds=2, workers=2, notebooks=True)


def statuses(result: SweepResult) -> list[str]:
    return [one.outcome.status if one.outcome else "" for one in result.trials]


# -- trials -----------------------------------------------------------------------------------


def test_each_trial_is_a_run_with_its_own_record(done: SweepResult) -> None:
    assert statuses(done) == ["finished"] * 6
    ids = set()
    for trial in done.trials:
        file = done.record_of(trial)
        record = read_record(file)
        assert validate(file) == []
        assert {name: record.values[name] for name in trial.values} == trial.values
        assert record.environment["PYTHONHASHSEED"] == "0"
        ids.add(record.run_id)
    assert len(ids) == 6
    with_store = RunStore(done.folder)
    assert with_store.refresh().problems == []
    assert with_store.count_in(done.folder) == 6
    with_store.close()


def test_a_record_is_that_of_the_notebook_run_in_a_kernel(
    done: SweepResult, tmp_path: Path
) -> None:
    file = done.record_of(4)
    notebook = file.with_name(file.name.replace(".prov.json", ".ipynb"))
    copy = tmp_path / notebook.name
    copy.write_bytes(notebook.read_bytes())
    run = NotebookRun(copy).start().wait(WATCHDOG)
    assert run.provenance_file is not None
    own, other = read_record(file), read_record(run.provenance_file)
    assert own.metrics == other.metrics
    assert own.fingerprints == other.fingerprints
    assert own.values == other.values
    assert own.parameters == other.parameters
    assert own.status == other.status
    cells = [[(c.id, c.source, c.step, len(c.executions)) for c in r.cells] for r in (own, other)]
    assert cells[0] == cells[1]
    names = [[sorted(step.values) for step in r.steps.values()] for r in (own, other)]
    assert names[0] == names[1]
    # But for those of the kernel.
    assert set(own.packages) <= set(other.packages)


def test_nothing_of_a_trial_reaches_another_one(pack: Path, tmp_path: Path) -> None:
    over = {"behaviour": ["leaks"], "x": [1, 2, 3]}
    assert statuses(tried(pack, tmp_path / "s", over, workers=1)) == ["finished"] * 3


def test_a_trial_that_fails_is_a_trial_with_that_outcome(pack: Path, tmp_path: Path) -> None:
    over = {"behaviour": ["raises", "ends", "hangs", "hangs_on", "eats", "dies"]}
    limits = {"time_limit": 3.0, "memory_limit": 2 * 10**9}
    result = tried(pack, tmp_path / "s", over, workers=3, **limits)
    told = ["failed", "finished", "timed out", "timed out", "out of memory", "crashed"]
    assert statuses(result) == told
    errors = [one.outcome.error for one in result.trials if one.outcome]
    assert errors[0] == "ValueError"
    assert "MemoryError" in errors[4]
    records = [read_record(result.record_of(one)).status for one in result.trials]
    ended = ["failed", "finished", "interrupted", "unfinished", "failed", "unfinished"]
    assert records == ended
    text = result.to_text()
    assert "trial 3 (behaviour hangs): timed out" in text
    assert validate(result.file) == []


@pytest.mark.parametrize("whose", ["trial", pytest.param("server", marks=pytest.mark.slow)])
def test_a_trial_whose_process_is_killed_is_run_again(
    pack: Path, tmp_path: Path, whose: str
) -> None:
    undisturbed = tried(pack, tmp_path / "s", {"x": [1, 2]}, workers=1)
    script = [sys.executable, "-c", _SWEEP, str(pack), str(tmp_path / "t")]
    process = subprocess.Popen(script, env={**os.environ, "SLEEP": "6"}, stdout=subprocess.PIPE)
    trial, server = _wait_for(lambda: _trial_of(process.pid))
    os.kill(trial.pid if whose == "trial" else server.pid, signal.SIGKILL)
    trial.wait(WATCHDOG)
    out, _ = process.communicate(timeout=WATCHDOG)
    assert out.decode().split() == [undisturbed.hash, "finished", "finished"]


_SWEEP = """
import sys
from mlprov_widgets import sweep
r = sweep(sys.argv[1], over={"x": [1, 2]}, folder=sys.argv[2], workers=1, progress=False)
print(r.hash, *(one.outcome.status for one in r.trials))
"""


def _trial_of(pid: int) -> Any:
    """The process of a trial whose cells run, and the fork server whose child it is."""
    import psutil

    for server in psutil.Process(pid).children():
        for child in server.children():
            if child.num_threads() > 1 and time.time() - child.create_time() > 0.5:
                return child, server
    return None


def _wait_for(found: Any) -> Any:
    end = time.monotonic() + WATCHDOG
    while time.monotonic() < end:
        if (one := found()) is not None:
            return one
        time.sleep(0.02)
    raise AssertionError("it did not happen")


@pytest.mark.slow
def test_without_forks_it_comes_to_the_same(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = {"behaviour": ["ends", "raises", "dies"]}
    expected = tried(pack, tmp_path / "s", over, workers=2)
    monkeypatch.delattr(os, "fork")
    found = tried(pack, tmp_path / "t", over, workers=2)
    assert statuses(found) == ["finished", "failed", "crashed"]
    assert found.hash == expected.hash


# -- what it comes to -------------------------------------------------------------------------


@pytest.mark.parametrize("search", ["grid", pytest.param("random", marks=pytest.mark.slow)])
def test_workers_and_timing_change_nothing(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, search: str
) -> None:
    over: dict[str, Any] = {"x": [0.1, 0.2, 0.3], "behaviour": ["ends", "raises"]}
    more: dict[str, Any] = {"seeds": 2, "search": search}
    if search == "random":
        over["x"] = {"low": 0, "high": 1}
        more["trials"] = 5
    expected = tried(pack, tmp_path / "1", over, workers=1, **more)
    monkeypatch.setenv("SLEEP", "0.3")
    for workers in (2, 5):
        assert tried(pack, tmp_path / str(workers), over, workers=workers, **more).hash == (
            expected.hash
        )


def test_the_best_is_chosen_by_the_validation_part(done: SweepResult) -> None:
    assert done.metric is not None
    assert done.metric.name == "validation_loss"
    assert done.best is not None
    assert done.best.values == {"x": 0.3, "seed": 42}
    assert [one.number for one in done.winners] == [3, 4]
    expected = [read_record(done.record_of(one)).metrics for one in done.winners]
    assert done.test == {"mean_squared_error": [one["mean_squared_error"] for one in expected]}
    assert "On the test part" in done.to_text()


def test_nothing_of_the_test_part_is_told_of_others(done: SweepResult) -> None:
    known = {
        value
        for one in done.trials
        if one not in done.winners
        for name, value in read_record(done.record_of(one)).metrics.items()
        if name == "mean_squared_error"
    }
    assert len(known) == 4
    texts = [done.file.read_text(), (done.folder / "sweep.jsonl").read_text(), done.to_text()]
    texts.append(json.dumps(done.to_dict()))
    texts.append(done._repr_html_())
    for text in texts:
        numbers = [float(one) for one in re.findall(r"\d+\.\d+(?:e-?\d+)?", text)]
        assert not any(math.isclose(one, two) for one in numbers for two in known)


def test_without_a_validation_part_there_is_no_winner(pack: Path, tmp_path: Path) -> None:
    result = sweep(
        pack, {"validated": False}, {"x": [0.1, 0.3]}, folder=tmp_path / "s", progress=False
    )
    assert result.best is None
    assert result.test == {}
    assert "No winner is named" in result.without_best
    assert "the test part must not choose" in result.to_text()


def test_repeats_have_no_winner_and_a_summary(pack: Path, tmp_path: Path) -> None:
    result = sweep(pack, {"x": 0.3}, seeds=3, folder=tmp_path / "s", progress=False)
    assert result.best is None
    assert "so none of them is the best" in result.to_text()
    assert "Mean mean squared error" in result.to_text()


def test_a_record_is_repeated_with_other_seeds(done: SweepResult, tmp_path: Path) -> None:
    packs = [done.space.pack.folder]
    result = repeat(done.record_of(3), 2, packs=packs, folder=tmp_path / "s", progress=False)
    assert [one.values for one in result.trials] == [{"seed": 42}, {"seed": 43}]
    assert [read_record(result.record_of(one)).metrics for one in result.trials] == [
        read_record(done.record_of(one)).metrics for one in (3, 4)
    ]


def test_what_a_person_has_changed_is_not_repeated(done: SweepResult, tmp_path: Path) -> None:
    packs = [done.space.pack.folder]
    file = done.record_of(3)
    notebook = file.with_name(file.name.replace(".prov.json", ".ipynb"))
    kept = repeat(notebook, [42], packs=packs, folder=tmp_path / "s", progress=False)
    assert read_record(kept.record_of(1)).metrics == read_record(file).metrics
    changed = tmp_path / "changed.ipynb"
    changed.write_text(notebook.read_text().replace("COUNT / 10", "COUNT / 20"))
    with pytest.raises(MlprovError, match="is not as the pack wrote it"):
        repeat(changed, packs=packs, folder=tmp_path / "t")
    bare = json.loads(notebook.read_text())
    bare["metadata"].pop("mlprov")
    changed.write_text(json.dumps(bare))
    with pytest.raises(MlprovError, match="was not generated"):
        repeat(changed, packs=packs, folder=tmp_path / "t")


# -- its own record ---------------------------------------------------------------------------


def test_its_record_has_the_trials_as_members(done: SweepResult) -> None:
    assert validate(done.file) == []
    container = json.loads(done.file.read_text())
    members = {
        one["prov:entity"]
        for one in container["hadMember"].values()
        if one["prov:collection"] == "run:trials"
    }
    assert members == {f"run:trial.{number}" for number in range(1, 7)}
    ids = {str(read_record(done.record_of(one)).run_id) for one in done.trials}
    runs = {iri for prefix, iri in container["prefix"].items() if re.fullmatch(r"t\d+", prefix)}
    assert runs == {f"urn:uuid:{one}#" for one in ids}
    informed = {one["prov:informant"] for one in container["wasInformedBy"].values()}
    assert informed == {"run:sweep"}  # a grid learns nothing from its trials


def test_it_is_done_again_as_a_whole(done: SweepResult, tmp_path: Path) -> None:
    packs = [done.space.pack.folder]
    again = sweep(done.file, packs=packs, folder=tmp_path / "again", progress=False)
    assert again.hash == done.hash
    assert again.differences == []
    assert again.verdict == "The same as the sweep that it does again: 6 trials, bit by bit."


def test_what_differs_is_said_where_it_is_done_again(done: SweepResult, tmp_path: Path) -> None:
    container = json.loads(done.file.read_text())
    container["entity"]["run:trial.2"]["mlprov:sha256"] = "0" * 64
    changed = tmp_path / "changed.prov.json"
    changed.write_text(json.dumps(container))
    again = sweep(
        changed, packs=[done.space.pack.folder], folder=tmp_path / "again", progress=False
    )
    assert again.differences == [2]
    assert "1 trial comes to something else, first trial 2" in again.verdict


def test_progress_says_how_far_it_is(pack: Path, tmp_path: Path) -> None:
    states: list[Any] = []
    sweep(pack, over={"x": [1, 2]}, folder=tmp_path / "s", workers=1, progress=states.append)
    assert [(one.ended, one.running) for one in states] == [(0, 1), (1, 1), (2, 0)]
    assert states[0].left is None
    assert states[-1].left == 0
    assert {one.total for one in states} == {2}


# -- stopped and gone on with -----------------------------------------------------------------


def test_a_finished_sweep_goes_on_with_nothing_to_do(pack: Path, tmp_path: Path) -> None:
    first = tried(pack, tmp_path / "s", workers=1)
    written = {one: first.record_of(one).stat().st_mtime_ns for one in (1, 2, 3)}
    again = tried(pack, tmp_path / "s", resume=True)
    assert again.hash == first.hash
    assert {one: again.record_of(one).stat().st_mtime_ns for one in (1, 2, 3)} == written


@pytest.mark.parametrize("cut", [1, 20, 200, 700, 1000])
def test_a_journal_that_was_cut_off_is_gone_on_with(pack: Path, tmp_path: Path, cut: int) -> None:
    first = tried(pack, tmp_path / "s", workers=1)
    journal = tmp_path / "s" / "sweep.jsonl"
    data = journal.read_bytes()
    journal.write_bytes(data[:-cut])
    again = tried(pack, tmp_path / "s", resume=True)
    assert again.hash == first.hash
    lines = journal.read_bytes().splitlines()
    assert len(lines) == 4
    assert {json.loads(line).get("trial") for line in lines[1:]} == {1, 2, 3}


def test_another_sweep_is_not_gone_on_with(pack: Path, tmp_path: Path) -> None:
    tried(pack, tmp_path / "s", {"x": [1]})
    with pytest.raises(MlprovError, match="is another one"):
        tried(pack, tmp_path / "s", {"x": [1, 2]}, resume=True)
    with pytest.raises(MlprovError, match="is not empty"):
        tried(pack, tmp_path / "s", {"x": [1]})
    with pytest.raises(MlprovError, match="There is no sweep"):
        tried(pack, tmp_path, {"x": [1]}, resume=True)


def test_two_are_not_at_one_sweep(pack: Path, tmp_path: Path) -> None:
    from mlprov_widgets.sweeps.journal import Journal

    tried(pack, tmp_path / "s", {"x": [1]})
    journal = Journal(tmp_path / "s")
    try:
        with pytest.raises(MlprovError, match="Another process is at the sweep"):
            tried(pack, tmp_path / "s", {"x": [1]}, resume=True)
    finally:
        journal.close()


_KILLED = """
import sys
from mlprov_widgets import sweep
over = {"x": [0.1, 0.2, 0.3, 0.4], "count": [1, 2]}
resume = len(sys.argv) > 3
r = sweep(sys.argv[1], over=over, seeds=2, folder=sys.argv[2], workers=2, progress=False,
          resume=resume)
print(r.hash)
"""


@pytest.mark.slow
def test_killed_at_random_moments_it_comes_to_the_same(pack: Path, tmp_path: Path) -> None:
    import random

    import psutil

    over = {"x": [0.1, 0.2, 0.3, 0.4], "count": [1, 2]}
    expected = tried(pack, tmp_path / "s", over, seeds=2, workers=1).hash
    chance = random.Random(1)
    killed, folder = 0, tmp_path / "t"
    script = [sys.executable, "-c", _KILLED, str(pack), str(folder)]
    for _ in range(40):
        more = ["resume"] if (folder / "sweep.jsonl").is_file() else []
        slowly = {**os.environ, "SLEEP": "2"}
        process = subprocess.Popen([*script, *more], stdout=subprocess.PIPE, env=slowly)
        try:
            out, _ = process.communicate(timeout=chance.uniform(1, 6))
            break
        except subprocess.TimeoutExpired:
            servers = psutil.Process(process.pid).children(recursive=True)
            process.kill()
            process.communicate()
            killed += 1
            psutil.wait_procs(servers, timeout=WATCHDOG)
            assert not any(one.is_running() for one in servers)
    else:
        raise AssertionError("it did not come to its end")
    assert killed >= 2
    assert out.decode().strip() == expected
    assert not list(folder.glob(".running-*"))
