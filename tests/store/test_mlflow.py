"""Runs in MLflow's file store are listed as what they are, and left as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlprov_widgets.store import Query, RunStore

META = """\
artifact_uri: file:///somewhere/else/mlruns/1/{id}/artifacts
end_time: 1795822984880
entry_point_name: ''
experiment_id: '1'
lifecycle_stage: {stage}
run_id: {id}
run_name: swift-owl-17
source_name: ''
start_time: 1795822973090
status: {status}
user_id: ada
"""


def mlflow_run(folder: Path, id: str, status: object = 3, stage: str = "active") -> Path:
    """A run as MLflow lays it down."""
    experiment = folder / "mlruns" / "1"
    run = experiment / id
    for part in ("params", "metrics", "tags", "artifacts"):
        (run / part).mkdir(parents=True)
    (experiment / "meta.yaml").write_text("experiment_id: '1'\nname: Houses\n")
    (run / "meta.yaml").write_text(META.format(id=id, status=status, stage=stage))
    (run / "params" / "alpha").write_text("0.5")
    (run / "metrics" / "rmse").write_text("1795822980000 2.5 0\n1795822981000 1.25 1\n")
    (run / "metrics" / "val").mkdir()
    (run / "metrics" / "val" / "rmse").write_text("1795822981000 nan 0\n")
    (run / "tags" / "mlflow.source.git.commit").write_text("abc123")
    return run


def listed(folder: Path) -> RunStore:
    store = RunStore(folder)
    store.refresh()
    return store


def test_a_run_is_told_under_our_names(tmp_path: Path) -> None:
    before = mlflow_run(tmp_path, "f" * 32)
    files = {file: file.read_bytes() for file in before.rglob("*") if file.is_file()}
    (row,) = listed(tmp_path).page().rows
    facts = row.facts
    assert (facts.format, facts.status, facts.title) == ("MLflow", "finished", "swift-owl-17")
    assert (facts.task, facts.person, facts.git_commit) == ("Houses", "ada", "abc123")
    assert facts.duration == pytest.approx(11.79)
    assert facts.metrics["rmse"] == 1.25
    assert facts.parameters == {"alpha": "0.5"}
    assert {file: file.read_bytes() for file in before.rglob("*") if file.is_file()} == files


def test_it_can_be_asked_for_like_any_other(tmp_path: Path) -> None:
    mlflow_run(tmp_path, "a" * 32)
    mlflow_run(tmp_path, "b" * 32, status=4)
    store = listed(tmp_path)
    assert store.count(Query(where="rmse < 2 and status == 'failed'")) == 1
    assert store.count(Query(where="format == 'MLflow'")) == 2


def test_what_was_deleted_there_is_no_run(tmp_path: Path) -> None:
    mlflow_run(tmp_path, "a" * 32, stage="deleted")
    assert listed(tmp_path).count() == 0


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    run = mlflow_run(tmp_path, "a" * 32)
    (run / "metrics" / "broken").write_text("no number here\n")
    (row,) = listed(tmp_path).page().rows
    assert row.facts.problem == "metrics/broken could not be read."
    assert row.facts.metrics["rmse"] == 1.25


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{now}: &{now} [{','.join([f'*{last}'] * 9)}]\n"
    for last, now in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    "meta",
    ["", "- a\n- b\n", "run_id: !!python/object/apply:os.system ['touch owned']\n", "a: [", BOMB,
     f"{BOMB}run_name: *j\nuser_id: *j\nstatus: *j\nstart_time: *j\n"],
)  # fmt: skip
def test_hostile_files_are_only_data(
    tmp_path: Path, meta: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = mlflow_run(tmp_path, "a" * 32)
    (run / "meta.yaml").write_text(meta)
    (row,) = listed(tmp_path).page().rows
    assert row.facts.status in ("not whole", "unfinished")
    assert not (tmp_path / "owned").exists()
