"""What a table of runs shows, and what is written for other programs."""

from __future__ import annotations

import csv
import importlib.util
import json
from pathlib import Path

import pandas as pd
import pytest

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.store import Query, RunFacts, RunStore
from mlprov_widgets.store.exporting import export_runs
from mlprov_widgets.store.table import differences, table_of, usual_columns
from tests.cli.commands import mlprov, refused
from tests.store.made import run_file


def run(**parameters: object) -> RunFacts:
    return RunFacts("a.prov.json", parameters=parameters)


def test_what_differs_is_shown() -> None:
    runs = [run(a=1, b=2, c="x"), run(a=1, b=3, c="x"), run(a=1, b=3)]
    assert differences(runs) == ["b"]


def test_what_a_column_says_already_is_not_shown_twice() -> None:
    runs = [
        RunFacts("a", model="KNN", parameters={"estimator": "knn", "seed": 1}),
        RunFacts("b", model="SVC", parameters={"estimator": "svc", "seed": 1}),
        RunFacts("c", model="SVC", parameters={"estimator": "svc", "seed": 2}),
    ]
    assert differences(runs) == ["seed"]


def test_metrics_say_what_is_better_and_in_what_unit() -> None:
    label = {"label": "Error", "unit": "cm", "direction": "minimize"}
    runs = [RunFacts("a", metrics={"error": 0.25}, labels={"error": label})]
    table = table_of(runs, ["error", "started"])
    assert table.head == ("Error (cm) ↓", "When")
    assert table.rows == [("0.25", "")]


def test_columns_in_which_there_is_nothing_are_left_out() -> None:
    assert usual_columns([RunFacts("a", status="failed")]) == ["status"]


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    folder = tmp_path / "store"
    run_file(folder, "a", {"accuracy": 0.5, "loss": float("nan")}, {"seed": 1, "x": "=cmd()"})
    run_file(folder, "b", {"accuracy": 0.75}, {"seed": 2, "x": 3}, minutes=1)
    made = RunStore(folder)
    made.refresh()
    return made


def test_json_lines(store: RunStore, tmp_path: Path) -> None:
    file = export_runs(store.runs(), tmp_path / "runs.jsonl")
    first, second = (json.loads(line) for line in file.read_text().splitlines())
    assert (first["path"], second["path"]) == ("b.prov.json", "a.prov.json")
    assert first["metrics.accuracy"] == 0.75
    assert second["metrics.loss"] is None
    assert second["parameters.x"] == "=cmd()"


def test_csv(store: RunStore, tmp_path: Path) -> None:
    file = export_runs(store.runs(Query(sort="accuracy", descending=False)), tmp_path / "r.csv")
    with file.open(newline="") as opened:
        first, second = csv.DictReader(opened)
    assert (first["metrics.accuracy"], second["metrics.accuracy"]) == ("0.5", "0.75")
    assert first["parameters.x"] == "'=cmd()"  # no formula for whoever opens it


def test_parquet(store: RunStore, tmp_path: Path) -> None:
    if importlib.util.find_spec("pyarrow") is None:
        with pytest.raises(MlprovError, match="pip install pyarrow"):
            export_runs(store.runs(), tmp_path / "r.parquet")
        assert not (tmp_path / "r.parquet").exists()
        return
    frame = pd.read_parquet(export_runs(store.runs(), tmp_path / "r.parquet"))
    assert list(frame["metrics.accuracy"]) == [0.75, 0.5]


def test_a_file_that_exists_is_not_written_over(store: RunStore, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("mine")
    with pytest.raises(MlprovError, match="exists"):
        export_runs(store.runs(), tmp_path / "r.csv")
    assert (tmp_path / "r.csv").read_text() == "mine"


# -- the shell --------------------------------------------------------------------------------


def test_the_shell_lists_the_runs_of_a_folder(store: RunStore) -> None:
    (folder,) = store.folders
    text = mlprov("runs", folder).stdout
    lines = text.splitlines()
    assert "Accuracy ↑" in lines[0]
    assert "0.75" in lines[1]
    assert "0.5" in lines[2]
    assert len(mlprov("runs", folder, "-w", "accuracy > 0.6").stdout.splitlines()) == 2
    by_size = mlprov("runs", folder, "--sort", "accuracy", "--ascending", "--columns", "accuracy")
    assert by_size.stdout.split("\n")[1:3] == ["0.5", "0.75"]
    assert mlprov("runs", folder, "--search", "nothing").stdout == "There is no such run.\n"


def test_the_shell_names_what_it_left_out(store: RunStore, tmp_path: Path) -> None:
    (folder,) = store.folders
    (folder / "half.prov.json").write_text("{")
    done = mlprov("runs", folder, "-n", 1)
    assert "Note: half.prov.json" in done.stderr
    assert "The first 1 of 3 runs" in done.stderr
    assert "is 'accuracy' meant" in refused("runs", folder, "-w", "accuracies > 1").split("\n")[-2]


def test_the_shell_writes_files(store: RunStore, tmp_path: Path) -> None:
    (folder,) = store.folders
    facts = json.loads(mlprov("runs", folder, "--json").stdout)
    assert [one["metrics.accuracy"] for one in facts] == [0.75, 0.5]
    out = tmp_path / "all.csv"
    assert mlprov("runs", folder, "-o", out).stdout == f"{out}\n"
    assert out.read_text().startswith("path,")
    assert "must end in" in refused("runs", folder, "-o", tmp_path / "all.xlsx")
