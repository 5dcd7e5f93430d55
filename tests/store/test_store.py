"""The folder is the truth: the index follows its files, heals, and says what it did."""

from __future__ import annotations

import json
import os
import platform
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.store import Query, RunStore
from tests.reproduction.made_legacy import MULTICLASS, legacy
from tests.store.made import run_file
from tests.watchdog import WATCHDOG


def paths(store: RunStore, query: Query | None = None) -> list[str]:
    return sorted(row.facts.path for row in store.runs(query))


def test_an_empty_folder_has_no_runs(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    assert store.refresh().files == 0
    assert store.page().rows == []


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MlprovError, match="nowhere"):
        RunStore(tmp_path / "nowhere")


def test_what_is_known_of_a_run(tmp_path: Path) -> None:
    run_file(tmp_path / "deep" / "er", "a", {"accuracy": 0.75, "loss": 0.5})
    store = RunStore(tmp_path)
    assert store.refresh().added == 1
    (row,) = store.page().rows
    facts = row.facts
    assert facts.path == "deep/er/a.prov.json"
    assert (facts.status, facts.run_id, facts.person) == ("finished", "run-a", "A Person")
    assert facts.metrics == {"accuracy": 0.75, "loss": 0.5}
    assert facts.headline == "accuracy"
    assert facts.labels["accuracy"]["direction"] == "maximize"
    assert facts.parameters == {"seed": 42, "optimizer": "Adam"}
    assert facts.duration == 9


def test_files_come_change_and_go(tmp_path: Path, new_index: Callable[[], str]) -> None:
    store = RunStore(tmp_path, index=new_index())
    file = run_file(tmp_path, "a", {"accuracy": 0.5})
    run_file(tmp_path, "b", {"accuracy": 0.6})
    told = store.refresh()
    assert (told.added, told.changed, told.gone) == (2, 0, 0)
    assert store.refresh().text == ""
    run_file(tmp_path, "a", {"accuracy": 0.75})
    file.with_name("b.prov.json").rename(tmp_path / "c.prov.json")
    told = store.refresh()
    assert (told.added, told.changed, told.gone) == (1, 1, 1)
    assert told.text == "2 files: 1 new, 1 changed, 1 gone."
    assert {row.facts.path: row.facts.metrics["accuracy"] for row in store.runs()} == {
        "a.prov.json": 0.75,
        "c.prov.json": 0.6,
    }


@pytest.mark.parametrize("content", ["", "{", "[]", '{"entity": 3}', "\x00" * 50, "[" * 100_000])
def test_a_file_that_is_not_whole_is_a_run_that_says_so(tmp_path: Path, content: str) -> None:
    file = run_file(tmp_path, "a")
    whole = file.read_bytes()
    file.write_text(content)
    store = RunStore(tmp_path)
    (problem,) = store.refresh().problems
    assert problem.startswith("a.prov.json: ")
    (row,) = store.page().rows
    assert row.facts.status == "not whole"
    assert row.facts.problem
    # The other half arrives.
    file.write_bytes(whole)
    assert store.refresh().problems == []
    assert store.page().rows[0].facts.status == "finished"


def test_files_of_others_are_no_runs(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "x"}')
    (tmp_path / "other.json").write_text('{"prefix": {}, "entity": {"ex:a": {}}}')
    (tmp_path / "table.csv").write_text("a,b\n")
    store = RunStore(tmp_path)
    told = store.refresh()
    assert (told.files, told.problems) == (0, [])
    # They are not read again and again.
    assert store.refresh().text == ""


def test_runs_of_mlprovcodegen_are_listed(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text(json.dumps(legacy(MULTICLASS)))
    store = RunStore(tmp_path)
    store.refresh()
    (row,) = store.page().rows
    assert row.facts.format == "MLProvCodeGen"


def test_links_that_lead_out_are_not_followed(tmp_path: Path) -> None:
    outside = run_file(tmp_path / "outside", "secret")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "linked.prov.json").symlink_to(outside)
    (inside / "folder").symlink_to(outside.parent)
    (inside / "loop").symlink_to(inside)
    assert RunStore(inside).refresh().files == 0


def test_hidden_folders_are_passed_over(tmp_path: Path) -> None:
    run_file(tmp_path / ".ipynb_checkpoints", "a")
    assert RunStore(tmp_path).refresh().files == 0


def test_several_folders(tmp_path: Path) -> None:
    run_file(tmp_path / "one", "a")
    run_file(tmp_path / "two", "a")
    store = RunStore(tmp_path / "one", tmp_path / "two")
    store.refresh()
    assert store.count() == 2
    assert {row.store for row in store.runs()} == {str(tmp_path / "one"), str(tmp_path / "two")}
    # The index of both knows which are whose.
    alone = RunStore(tmp_path / "two", index=store.index_place)
    assert alone.count() == 1


# -- the index --------------------------------------------------------------------------------


def test_a_store_in_git_does_not_hold_the_index(tmp_path: Path) -> None:
    run_file(tmp_path, "a")
    RunStore(tmp_path).refresh()
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    done = subprocess.run(
        ["git", "status", "--porcelain", "-uall"],
        cwd=tmp_path, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "sqlite" not in done.stdout
    assert "a.prov.json" in done.stdout


@pytest.mark.parametrize("damage", ["removed", "text", "cut", "zeros", "version", "tables"])
def test_an_index_that_is_damaged_is_made_anew(tmp_path: Path, damage: str) -> None:
    for name in "abc":
        run_file(tmp_path, name, {"accuracy": 0.5})
    store = RunStore(tmp_path)
    store.refresh()
    store.close()
    file = Path(store.index_place)
    if damage == "removed":
        file.unlink()
    elif damage == "text":
        file.write_text("this is no database")
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[:5000])
    elif damage == "zeros":
        file.write_bytes(bytes(100_000))
    else:
        with sqlite3.connect(file) as connection:
            connection.execute(
                "pragma user_version = 999" if damage == "version" else "drop table runs"
            )
        connection.close()
    again = RunStore(tmp_path)
    told = again.refresh()
    assert told.rebuilt
    assert told.text == "The index was made anew from 3 files."
    assert paths(again) == ["a.prov.json", "b.prov.json", "c.prov.json"]


def test_the_index_can_be_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_file(tmp_path / "runs", "a")
    monkeypatch.setenv("MLPROV_STORE", str(tmp_path / "index" / "all.sqlite"))
    store = RunStore(tmp_path / "runs")
    store.refresh()
    assert store.index_place == str(tmp_path / "index" / "all.sqlite")
    assert not (tmp_path / "runs" / ".mlprov").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    run_file(tmp_path / "runs", "a")
    (tmp_path / "runs").chmod(0o555)
    store = RunStore(tmp_path / "runs")
    store.refresh()
    assert store.count() == 1
    assert Path(store.index_place).is_relative_to(tmp_path / "caches")


def test_a_place_where_no_index_can_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(MlprovError, match=r"index.*cannot be used"):
        RunStore(tmp_path, index=tmp_path / "file" / "runs.sqlite")


REFRESH = "from mlprov_widgets.store import RunStore; import sys; RunStore(sys.argv[1]).refresh()"


def test_several_writers_at_once(
    tmp_path: Path, new_index: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLPROV_STORE", new_index())
    for number in range(30):
        run_file(tmp_path, f"r{number}", {"accuracy": number / 30})
    command = [sys.executable, "-c", REFRESH, str(tmp_path)]
    writers = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(3)]
    for one in writers:
        _, said = one.communicate(timeout=WATCHDOG)
        assert one.returncode == 0, said.decode()
    store = RunStore(tmp_path)
    assert store.refresh().text == ""
    assert store.count() == 30
    assert store.count(Query(where="accuracy >= 0")) == 30


def test_a_writer_that_is_killed_leaves_an_index_that_goes_on(tmp_path: Path) -> None:
    for number in range(40):
        run_file(tmp_path, f"r{number}", {"accuracy": number / 40})
    for wait in (0.3, 0.6, 0.9):
        shutil.rmtree(tmp_path / ".mlprov", ignore_errors=True)
        command = [sys.executable, "-c", REFRESH, str(tmp_path)]
        writer = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        time.sleep(wait)
        writer.send_signal(signal.SIGKILL)
        writer.wait(WATCHDOG)
        store = RunStore(tmp_path)
        store.refresh()
        assert store.count() == 40
        store.close()


def test_several_folders_and_machines_share_a_server(
    tmp_path: Path, new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = new_database()
    here = RunStore(tmp_path, index=url)
    run_file(tmp_path, "a", {"accuracy": 0.5})
    assert here.refresh().rebuilt
    # A folder of the same name on another machine is another one.
    monkeypatch.setattr(platform, "node", lambda: "other")
    there = RunStore(tmp_path, index=url)
    (tmp_path / "a.prov.json").rename(tmp_path / "b.prov.json")
    told = there.refresh()
    assert (told.added, told.gone, told.rebuilt) == (1, 0, False)
    assert (paths(here), paths(there)) == (["a.prov.json"], ["b.prov.json"])
    assert there.file(next(there.runs())) == tmp_path / "b.prov.json"


def test_what_is_in_the_database_of_an_index_is_left_alone(
    tmp_path: Path, new_database: Callable[[], str]
) -> None:
    import psycopg

    url = new_database()
    with psycopg.connect(url) as connection:
        connection.execute("create table runs (mine text)")
        connection.execute("insert into runs values ('kept')")
    run_file(tmp_path, "a", values={"remark": "a\0b" + "x" * 290, "huge": 10**3000})
    store = RunStore(tmp_path, index=url)
    assert store.refresh().problems == []
    assert store.count(Query(words="remark=a")) == 1
    with psycopg.connect(url) as connection:
        assert connection.execute("select mine from runs").fetchall() == [("kept",)]


def test_a_server_that_cannot_be_used_is_named_without_its_password(tmp_path: Path) -> None:
    url = "postgresql://me:secret@127.0.0.1:1/runs"
    with pytest.raises(MlprovError, match=r"me:\*\*\*@127.0.0.1:1/runs cannot be used") as told:
        RunStore(tmp_path, index=url)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql://me:secret@host/runs", "not in 'mysql'"),
        ("postgresql://me:se@cret@host:port/runs", "cannot be read"),
    ],
)
def test_a_url_that_is_none_of_an_index(tmp_path: Path, url: str, why: str) -> None:
    with pytest.raises(MlprovError, match=why) as told:
        RunStore(tmp_path, index=url)
    assert "cret" not in str(told.value)


# -- notes ------------------------------------------------------------------------------------


def test_notes_and_marks_are_files_that_travel_with_the_records(
    tmp_path: Path, new_index: Callable[[], str]
) -> None:
    folder = tmp_path / "runs"
    run_file(folder, "a", {"accuracy": 0.5})
    run_file(folder, "b", {"accuracy": 0.6})
    store = RunStore(folder, index=new_index())
    store.refresh()
    row = next(row for row in store.runs() if row.facts.path == "a.prov.json")
    store.note(row, True, "Überraschend gut")
    assert store.count(Query(where="marked")) == 1
    assert store.count(Query(words="überraschend")) == 1
    # Elsewhere, without the index, and after the record has been renamed.
    moved = shutil.copytree(folder, tmp_path / "moved", ignore=shutil.ignore_patterns("*sqlite*"))
    (moved / "a.prov.json").rename(moved / "z.prov.json")
    other = RunStore(moved, index=new_index())
    other.refresh()
    (found,) = other.runs(Query(where="marked"))
    assert (found.facts.path, found.facts.note) == ("z.prov.json", "Überraschend gut")
    other.note(found, False)
    assert other.count(Query(where="marked")) == 0
    assert not list(moved.glob(".mlprov/notes/*.json"))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"run_id": 3}', "[" * 20_000, "\xff"])
def test_a_note_that_is_none_is_named(tmp_path: Path, content: str) -> None:
    run_file(tmp_path, "a")
    (tmp_path / ".mlprov" / "notes").mkdir(parents=True)
    (tmp_path / ".mlprov" / "notes" / "x.json").write_bytes(content.encode("latin-1"))
    store = RunStore(tmp_path)
    assert store.refresh().problems == [".mlprov/notes/x.json is no note on a run."]
    assert store.count() == 1


def test_a_run_that_is_gone_is_said(tmp_path: Path) -> None:
    file = run_file(tmp_path, "a")
    store = RunStore(tmp_path)
    store.refresh()
    (row,) = store.runs()
    file.unlink()
    store.refresh()
    with pytest.raises(MlprovError, match="not there any more"):
        store.row(row.id)
