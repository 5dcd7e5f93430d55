"""Comparing two runs, and checking a file."""

from __future__ import annotations

import json
from pathlib import Path

from mlprov_widgets.provenance import write_record
from tests.cli.commands import mlprov
from tests.observed import finding, observed
from tests.reproduction.made_runs import record


def test_verify():
    write_record(record(), "a.prov.json")
    write_record(record(), "b.prov.json")
    changed = record()
    changed.fingerprints["weights"] = "f" * 64
    write_record(changed, "c.prov.json")
    worse = record()
    worse.steps["model_evaluation"].values["evaluation_metrics"]["loss"] = 0.2
    write_record(worse, "d.prov.json")

    same = mlprov("verify", "b.prov.json", "a.prov.json")
    assert same.exit_code == 0
    assert same.stdout.endswith("\nVerdict: bit-identical\n")
    assert mlprov("verify", "c.prov.json", "a.prov.json").exit_code == 1
    accepted = ("--at-least", "metric-identical")
    assert mlprov("verify", "c.prov.json", "a.prov.json", *accepted).exit_code == 0
    assert mlprov("verify", "d.prov.json", "a.prov.json", *accepted).exit_code == 1
    wide = ("--at-least", "within-tolerance", "--relative", "0.5")
    assert mlprov("verify", "d.prov.json", "a.prov.json", *wide).exit_code == 0
    facts = json.loads(mlprov("verify", "d.prov.json", "a.prov.json", "--json").stdout)
    assert facts["verdict"] == "different"
    assert facts["first_difference"] == "loss"


def test_two_runs_that_failed_are_not_the_same():
    for name in ("a", "b"):
        write_record(record(status="failed"), f"{name}.prov.json")
    found = mlprov("verify", "b.prov.json", "a.prov.json")
    assert found.exit_code == 1
    assert "cannot be said to reproduce the other" in found.stdout
    assert "bit-identical" not in found.stdout
    loose = ("--at-least", "within-tolerance")
    assert mlprov("verify", "b.prov.json", "a.prov.json", *loose).exit_code == 1


def test_verify_tells_what_to_know_of_each_run():
    write_record(observed(finding("diverged")), "a.prov.json")
    write_record(observed(finding("groups_split", "leak", groups=2)), "b.prov.json")
    found = mlprov("verify", "b.prov.json", "a.prov.json")
    assert found.exit_code == 0
    assert "Leak: 2 groups have rows in several parts." in found.stdout
    assert "Training diverged." in found.stdout
    told = mlprov("inspect", "b.prov.json")
    assert "Leaks:\n  2 groups have rows in several parts." in told.stdout
    facts = json.loads(mlprov("inspect", "b.prov.json", "--json").stdout)
    assert facts["leaks"][0]["code"] == "groups_split"
    assert facts["steps"]["model_training"]["EPOCHS"] == {"value": 4, "known": "constant"}


def test_validate():
    write_record(record(), "good.prov.json")
    Path("bad.prov.json").write_text('{"entity": []}')
    assert mlprov("validate", "good.prov.json").stdout == "good.prov.json is valid.\n"
    bad = mlprov("validate", "bad.prov.json")
    assert bad.exit_code == 1
    assert bad.stdout.strip()
    facts = json.loads(mlprov("validate", "bad.prov.json", "--json").stdout)
    assert facts["valid"] is False
    assert facts["problems"]
