"""Findings are told in one place, whatever a file says of them."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from mlprov_widgets.messages import catalogue
from mlprov_widgets.record import Finding, Part
from mlprov_widgets.record.findings import (
    caveats,
    is_observed,
    leaks,
    looked_for,
    others,
    sentence,
    without_leaks,
)
from tests.observed import finding, observed
from tests.reproduction.made_runs import record

CODES = [one.removeprefix("finding_") for one in catalogue() if one.startswith("finding_")]
SAID: list[tuple[str, dict[str, Any], str]] = [
    (
        "replaced_before_training",
        {"what": "optimizer", "was": "Adam", "is": "SGD"},
        ("The optimizer was replaced before training: Adam was declared, SGD was used."),
    ),
    (
        "replaced_before_training",
        {"what": "model", "is": "Linear"},
        "The model was replaced before training: Linear was trained.",
    ),
    (
        "changed_before_training",
        {"what": "optimizer", "field": "weight_decay", "was": 0, "is": 0.1},
        "The optimizer was changed before training: weight decay from 0 to 0.1.",
    ),
    (
        "changed_after_training",
        {"what": "weights", "cell": 12},
        (
            "The weights were changed after training in cell 12: the results are not "
            "those of what was trained."
        ),
    ),
    (
        "changed_during_training",
        {"what": "optimizer", "field": "weight_decay", "was": 0, "is": 0.1},
        "The optimizer was changed during training: weight decay from 0 to 0.1.",
    ),
    (
        "trained_on_validation",
        {"rows": 30},
        "Training went through 30 rows of the validation part, too.",
    ),
    (
        "trained_on_other_rows",
        {},
        "The rows that training was given are not those of the training part as it was prepared.",
    ),
    (
        "metric_differs",
        {"metric": "balanced_accuracy", "told": 0.99, "computed": 0.9333},
        "The balanced accuracy was recorded as 0.99, and was seen to come to 0.9333.",
    ),
    (
        "trained_in_several_executions",
        {"epochs": 8, "executions": 2},
        "Training ran for 8 epochs in 2 executions of cells.",
    ),
    (
        "diverged",
        {"what": "loss", "since": 3},
        "Training diverged: the loss was not a number since epoch 3.",
    ),
    (
        "cells_not_run",
        {"count": 12, "steps": ["model_training", "model_evaluation"]},
        "12 cells did not run (model training and model evaluation).",
    ),
    ("cells_not_run", {"count": 1}, "1 cell did not run."),
    (
        "measured_on",
        {"parts": "validation"},
        "The metrics were measured on the validation part, not on the testing part.",
    ),
    (
        "measured_on",
        {"parts": "training, testing, other"},
        (
            "The metrics were measured on the training part, the testing part and rows "
            "of no part, not on the testing part alone."
        ),
    ),
    (
        "not_this_source",
        {"named": "load_iris", "reason": "load_wine was called"},
        "The data were said to come from load_iris, but load_wine was called.",
    ),
    (
        "not_stratified",
        {"classes": ["virginica"], "reason": "it has one row"},
        "The split is not stratified for virginica: it has one row.",
    ),
    (
        "nothing_left_to_train",
        {"epochs": 4},
        "Nothing was left to train: 4 epochs had been trained before.",
    ),
    (
        "fitted_outside_training",
        {"what": "StandardScaler", "rows": 150, "outside": 60},
        ("StandardScaler was fitted on 150 rows, 60 of them outside the training part."),
    ),
    (
        "duplicates_across_parts",
        {"first": "training", "second": "testing", "rows": 1},
        "1 row of the testing part has an equal row in the training part.",
    ),
    (
        "groups_split",
        {"column": "patient", "groups": 1234},
        "1,234 groups of patient have rows in several parts.",
    ),
    (
        "measured_on_seen_rows",
        {"rows": 30, "of": 30},
        "30 of 30 rows that the model was measured on were trained on.",
    ),
    (
        "parts_overlap",
        {"first": "training", "second": "testing", "rows": 2},
        "2 rows are in the training part and in the testing part, too.",
    ),
]

ODD: list[Any] = [
    None, "", "a\nb\t<b>", True, 1, 10**5000, -1.5, math.nan, [], ["a", None, [1]], {},
    {"a": {1: 2}}, "x" * 10_000, list(range(500)),
]  # fmt: skip
NAMES = re.findall(
    r"\w+",
    "what was is field cell epochs steps executions since count parts named reason classes term "
    "step rows of outside first second column groups feature file",
)


@pytest.mark.parametrize(("code", "arguments", "said"), SAID)
def test_what_is_said(code: str, arguments: dict[str, Any], said: str) -> None:
    assert sentence(Finding(code, arguments=arguments)) == said


@pytest.mark.parametrize("code", sorted(CODES))
def test_what_a_finding_does_not_say_is_left_out(code: str) -> None:
    said = sentence(Finding(code))
    assert said[0].isupper()
    assert said[-1] == "."
    assert len(said) < 200
    assert not re.search(r"  |None|\{\}| [.,:]", said)
    if not code.startswith(("unknown", "not_this")):
        assert "unknown" not in said


@pytest.mark.parametrize("code", sorted(CODES))
@pytest.mark.parametrize("odd", range(len(ODD)))
def test_whatever_a_file_says_it_is_one_line(code: str, odd: int) -> None:
    said = sentence(Finding(code, arguments=dict.fromkeys(NAMES, ODD[odd])))
    assert said.splitlines() == [said]
    assert len(said) < 9000


def test_a_code_of_a_later_version_is_told_by_its_name() -> None:
    assert sentence(Finding("weights_were_pruned", "warning")) == "weights were pruned"
    assert sentence(Finding("diverged", arguments=[])) == "Training diverged."  # type: ignore[arg-type]


def test_leaks_are_apart_and_warnings_come_first() -> None:
    run = observed(
        finding("not_stratified", "note"), finding("groups_split", "leak"), finding("diverged")
    )
    assert [one.code for one in leaks(run)] == ["groups_split"]
    assert [one.code for one in others(run)] == ["diverged", "not_stratified"]
    assert caveats(run) == "training diverged"
    assert caveats(observed(finding("cells_not_run", count=12), finding("no_training_seen"))) == (
        "12 cells did not run, no training was seen"
    )


def test_what_was_looked_for_is_said_only_where_the_record_shows_it() -> None:
    assert looked_for(observed()) == [
        "No row is in more than one of the parts (training, validation, testing).",
        "Preprocessing (StandardScaler) was fitted on rows of the training part alone.",
        "The metrics were measured on the testing part alone.",
    ]
    run = observed()
    evaluation = run.steps["model_evaluation"].values
    evaluation["evaluation_metrics"] = {"accuracy": 0.9, "validation_loss": 0.2}
    assert looked_for(run)[2] == (
        "The metrics were measured on the testing part alone, but for validation loss."
    )
    run = observed()
    run.parts[0].overlap = {"testing": 1}
    run.operations[0].parts["testing"] = 60
    run.steps["model_evaluation"].values["measured_on"] = "validation"
    assert looked_for(run) == []
    assert looked_for(observed(parts=[Part("training", 90), Part("testing", 60)]))[:1] == [
        "Preprocessing (StandardScaler) was fitted on rows of the training part alone."
    ]
    assert looked_for(record()) == []
    assert without_leaks(observed())[0] == "None was seen."
    # Of an evaluation alone nothing follows.
    assert without_leaks(observed(parts=[Part("training", 90), Part("testing", 60)])) == []
    assert without_leaks(observed(finding("groups_split", "leak"))) == []


def test_records_of_format_1_do_not_say_how_they_know() -> None:
    assert is_observed(observed())
    assert not is_observed(record())
