"""Runs beside each other from a shell."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.cli.commands import mlprov, refused
from tests.several.made import run_file

ADAM = [0.95, 0.96, 0.94, 0.95, 0.97, 0.96]
SGD = [0.84, 0.87, 0.85, 0.84, 0.86, 0.87]


def runs(folder: str = "runs") -> Path:
    place = Path(folder)
    for name, accuracies in (("Adam", ADAM), ("SGD", SGD)):
        for seed, value in enumerate(accuracies, 1):
            metrics = {"accuracy": value, "loss": 1 - value}
            run_file(place, f"{name}-{seed}", metrics, {"optimizer": name}, seed)
    return place


def test_the_answer_comes_first_and_then_what_differs():
    printed = mlprov("compare", runs()).stdout
    lines = [line for line in printed.splitlines() if line]
    assert lines[0] == "12 runs of 2 configurations"
    assert lines[2].startswith("A (optimizer Adam) has the highest accuracy")
    assert lines[2].endswith("That is more than chance.")
    assert printed.index("== Only what differs ==") < printed.index("== Metrics ==")


def test_files_of_every_form_are_new():
    folder = runs()
    starts = {"html": "<!doctype html>", "md": "# 12 runs of 2 configurations\n", "csv": "group,"}
    for ending, start in starts.items():
        done = mlprov("compare", folder, "-o", f"out.{ending}")
        assert done.stdout == f"out.{ending}\n"
        assert Path(f"out.{ending}").read_text(encoding="utf-8").startswith(start)
        assert "already" in refused("compare", folder, "-o", f"out.{ending}")
    assert "must end in" in refused("compare", folder, "-o", "out.pdf")
    with Path("out.csv").open(encoding="utf-8") as file:
        rows = {row["where"]: row for row in csv.DictReader(file)}
    assert float(rows["metrics.accuracy"]["Adam-1"]) == 0.95
    assert rows["values.optimizer"]["SGD-6"] == "SGD"


def test_two_files_are_enough_and_one_is_not():
    folder = runs()
    printed = mlprov("compare", folder / "Adam-1.prov.json", folder / "SGD-1.prov.json").stdout
    assert "each was run once, so that it may be chance" in printed
    assert "Comparing takes two runs" in refused("compare", folder / "Adam-1.prov.json")
    assert "none.prov.json" in refused("compare", folder, "none.prov.json")


def test_json_and_another_metric():
    folder = runs()
    told = json.loads(mlprov("compare", folder, "--json", "--metric", "loss").stdout)
    assert told["answer"]["metric"] == "loss"
    assert [one["key"] for one in told["configurations"]] == ["A", "B"]
    assert "is 'loss' meant" in refused("compare", folder, "--metric", "los")
