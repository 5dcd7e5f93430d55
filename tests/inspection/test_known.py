"""Inspecting tells how each field is known, and what to know before believing the numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlprov_widgets.inspection import Inspection, inspect_run
from mlprov_widgets.notebooks import generate
from mlprov_widgets.provenance import write_record
from mlprov_widgets.record import Record
from tests.observed import finding, observed
from tests.reproduction.made_runs import record


@pytest.fixture
def inspect(tmp_path: Path) -> Any:
    def inspected(run: Record) -> Inspection:
        return inspect_run(write_record(run, tmp_path / "iris.prov.json"))

    return inspected


def test_each_field_with_unit_and_how_it_is_known(inspect: Any) -> None:
    steps = inspect(observed()).to_dict()["steps"]
    training = steps["model_training"]
    assert training["batch_size"] == {"value": 16, "unit": "samples", "known": "observed"}
    assert training["BATCH_SIZE"] == {"value": 16, "known": "constant"}
    assert training["execution_time"] == {"value": 2.0, "unit": "s", "known": "observed"}
    assert steps["data_ingestion"]["dataset_id"] == {"value": "iris", "known": "told"}
    assert steps["model_parameters"]["optimizer_learning_rate"]["value"] == 0.05
    assert "hidden_layers" not in steps["model_parameters"]


def test_only_numbers_have_units_and_a_share_is_no_number_of_samples(inspect: Any) -> None:
    run = observed()
    run.steps["data_segregation"].values |= {"training_split": 0.6, "test_size": 30}
    found = inspect(run)
    steps = found.to_dict()["steps"]
    assert "unit" not in steps["model_training"]["start_time"]
    split = {name: field.get("unit") for name, field in steps["data_segregation"].items()}
    assert split["training_samples"] == split["test_size"] == "samples"
    assert split["training_split"] == "share of all samples"
    assert "training_split 0.6 share of all samples" in found.to_text()


def test_the_text_tells_metrics_by_their_names_and_a_history_by_its_length(inspect: Any) -> None:
    run = observed()
    run.steps["model_training"].values["history"] = [{"epoch": 1, "loss": 0.5}] * 20
    text = inspect(run).to_text()
    assert "evaluation_metrics accuracy 0.9, loss 0.25, macro F1 0.875" in text
    assert "history of 20 entries" in text


def test_findings_and_leaks_are_apart_and_say_where(inspect: Any) -> None:
    leak = finding("fitted_outside_training", "leak", what="MinMaxScaler", rows=150, outside=60)
    told = inspect(observed(finding("diverged", what="weights"), leak)).to_dict()
    (one,) = told["findings"]
    assert one == {
        "code": "diverged",
        "kind": "warning",
        "step": "model_training",
        "sentence": "Training diverged: the weights are not numbers any more.",
        "arguments": {"what": "weights"},
        "cell": 3,
    }
    assert [one["code"] for one in told["leaks"]] == ["fitted_outside_training"]


def test_operations_and_parts_are_plain_json(inspect: Any) -> None:
    told = inspect(observed()).to_dict()
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    fit, train = told["operations"]
    assert (fit["kind"], fit["parts"]) == ("fit", {"training": 90})
    assert train["settings"] == {"lr": 0.05, "momentum": 0.9}
    assert train["start"] == "2026-03-01T12:00:00+00:00"
    assert [one["name"] for one in told["parts"]] == ["training", "validation", "testing"]


def test_a_notebook_that_never_ran_has_the_keys_too(tmp_path: Path) -> None:
    notebook = generate("multiclass_classification", {"epochs": 3}, tmp_path / "iris.ipynb")
    told = inspect_run(notebook).to_dict()
    keys = ("steps", "findings", "leaks", "operations", "parts")
    assert [told[key] for key in keys] == [{}, [], [], [], []]


def test_the_text_keeps_constants_apart(inspect: Any) -> None:
    text = inspect(observed()).to_text()
    assert "model_training, observed: epochs 4, steps 24, batch_size 16 samples" in text
    assert "data_ingestion, told: dataset_id iris" in text
    assert "model_parameters, constants that its cells read: HIDDEN_LAYERS = 2" in text
    assert "0.001" not in text.replace("LEARNING_RATE = 0.001", "")


def test_the_text_tells_findings_leaks_and_what_was_looked_for(inspect: Any) -> None:
    sound = inspect(observed()).to_text()
    assert "Leaks:\n  None was seen.\n  No row is in more than one of the parts" in sound
    assert "What to know" not in sound
    text = inspect(
        observed(finding("diverged"), finding("target_in_features", "leak", feature="<b>"))
    ).to_text()
    assert "Run: finished; training diverged" in text
    assert "measured on the testing part, but training diverged" in text
    assert "What to know before believing the numbers:\n  Training diverged." in text
    assert "Leaks:\n  The feature <b> says the same as the target.\n" in text
    assert "None was seen" not in text


def test_a_run_whose_cells_did_not_run_is_not_praised(inspect: Any) -> None:
    run = observed(finding("cells_not_run", count=12), finding("no_training_seen"))
    facts = dict(inspect(run).facts)
    assert facts["Run"] == "finished; 12 cells did not run, no training was seen"


def test_html_is_escaped(inspect: Any) -> None:
    told = inspect(observed(finding("target_in_features", "leak", feature="<b>"))).to_html()
    assert "The feature &lt;b&gt; says the same as the target." in told


def test_of_format_1_nothing_is_said_of_leaks_or_how_it_is_known(inspect: Any) -> None:
    found = inspect(record())
    assert "Leaks" not in found.to_text()
    training = found.to_dict()["steps"]["model_training"]
    assert training["batch_size"] == {"value": 16, "unit": "samples"}


def test_a_notebook_of_ones_own_names_no_pack(inspect: Any) -> None:
    run = observed(pack={}, values={})
    del run.steps["data_ingestion"]
    text = inspect(run).to_text()
    assert "The run has recorded nothing of its data." in text
    assert "No pack is named, so the code is what somebody wrote." in text
    assert "Cells of somebody’s own" in text
    assert "''" not in text
