"""A run is told once."""

from __future__ import annotations

from typing import Any

import pytest

from mlprov_widgets.record.story import Story
from mlprov_widgets.record.strip import strip_of
from mlprov_widgets.record.summary import summary_of
from tests.graph.small import levels_of
from tests.observed import observed
from tests.provenance.sample import sample


@pytest.mark.parametrize(
    ("step", "name", "value", "line"),
    [
        ("data_ingestion", "feature_dimensions", [1, 8, 8], ("shape", "1 × 8 × 8")),
        ("data_ingestion", "feature_dimensions", 64, ("features", "64")),
        ("data_ingestion", "samples_total", 1797, ("samples", "1,797")),
        ("data_ingestion", "dataset_id", "my.table.csv", ("", "my.table.csv")),
        (
            "data_preparation",
            "operations",
            "sklearn.preprocessing.StandardScaler",
            ("", "StandardScaler"),
        ),
        ("data_preparation", "operations", ["a.b.Scaler()", "Other()"], ("", "Scaler, Other")),
        ("model_parameters", "model_name", "resnet18.a1_in1k", ("", "resnet18.a1_in1k")),
        ("model_training", "random_seed", 12345, ("seed", "12345")),
        (
            "data_segregation",
            "training_split",
            "Number of datapoints: 60000    Root location: ./data",
            ("train", "60,000"),
        ),
    ],
)
def test_boxes_show_the_telling_part(
    step: str, name: str, value: Any, line: tuple[str, str]
) -> None:
    record = sample()
    record.steps[step].values[name] = value
    box = next(one for one in Story(record).steps if one.step == step)
    assert line in box.lines


def test_several_models_are_told_with_their_metrics() -> None:
    record = observed()
    names = ("SVC", "Ridge", "Lasso", "Lars", "OMP", "MLP")
    models = [{"model_name": name, "metrics": {"accuracy": 0.5}} for name in names]
    record.steps["model_training"].values["models"] = models
    lines = next(one for one in Story(record).steps if one.step == "model_training").lines
    told = [*((name, "accuracy 0.5") for name in names[:4]), ("", "and 2 more")]
    assert [line for line in lines if line in told] == told
    record.steps["model_parameters"].values = {}
    assert summary_of(Story(record)).startswith("6 models were trained on iris.")
    # Of very many not all are listed.
    record.steps["model_training"].values["number_of_models"] = 300
    assert summary_of(Story(record)).startswith("300 models were trained on iris.")
    lines = next(one for one in Story(record).steps if one.step == "model_training").lines
    assert ("", "and 296 more") in lines


def test_only_what_was_generated_can_have_been_changed() -> None:
    record = observed()
    for cell in record.cells:
        cell.generated = None
    assert "changed by hand" not in dict(strip_of(Story(record)))
    record.pack = {"name": "study"}
    assert dict(strip_of(Story(record)))["changed by hand"] == "4 cells added"


def test_a_reproduction_says_of_what_and_with_which_outcome() -> None:
    record = sample()
    record.original = {"run_id": "a", "name": "first.ipynb", "verdict": "bit-identical"}
    engineer = levels_of(record).model("engineer")
    lines = engineer.groups["group:experiment"].lines
    assert ("reproduces", "first.ipynb") in lines
    assert ("outcome", "bit-identical") in lines
    assert ("verdict", "bit-identical") in engineer.nodes["run:original"].lines


def test_a_model_that_is_called_so_is_not_said_twice() -> None:
    record = sample()
    record.steps["model_parameters"].values["model_name"] = "Model"
    box = next(one for one in Story(record).steps if one.step == "model_parameters")
    assert ("", "Model") not in box.lines
    assert box.lines


def test_steps_without_cells_are_where_they_belong() -> None:
    steps = [one.step for one in Story(observed()).steps]
    assert steps == [
        "data_ingestion",
        "data_preparation",
        "data_segregation",
        "model_parameters",
        "model_training",
        "model_evaluation",
    ]


def test_packages_that_people_ask_for_come_first() -> None:
    record = sample()
    record.packages = {"zipp": "1", "sklearn": "1.6", "torch": "2.9"}
    story = Story(record)
    told = [(one.label, one.text) for one in story.group("packages")]
    assert told == [("torch", "2.9"), ("scikit-learn", "1.6"), ("zipp", "1")]
    assert len(story.group("packages", declared_only=True)) == 2


@pytest.mark.parametrize(
    ("model", "training", "said"),
    [
        ({"pipeline": ["A", "B", "Ridge"]}, {}, "Ridge, in a pipeline after A and B, was trained"),
        ({"estimators": ["SVC", "Lasso"]}, {}, "Ridge, with SVC and Lasso inside, was trained"),
        (
            {"pipeline": ["A", "Ridge"]},
            {"search": "GridSearchCV", "candidates_tried": 1},
            "Ridge, in a pipeline after A, the best of 1 candidate of GridSearchCV, was trained",
        ),
        ({}, {"search": "GridSearchCV"}, "Ridge, the best of all candidates of GridSearchCV, was"),
        ({"pipeline": "no list", "estimators": {}}, {}, "Ridge was trained"),
    ],
)
def test_what_stands_around_an_estimator(
    model: dict[str, Any], training: dict[str, Any], said: str
) -> None:
    record = observed()
    record.steps["model_parameters"].values = {"model_name": "Ridge", **model}
    record.steps["model_training"].values = {"executions": 1, **training}
    assert summary_of(Story(record)).startswith(said)


def test_errors_and_r2_are_the_headlines_of_a_regression() -> None:
    record = observed()
    metrics = {"mae": 2.0, "max_error": 9.0, "rmse": 3.0, "r2_score": 0.5}
    record.steps["model_evaluation"].values["evaluation_metrics"] = metrics
    told = summary_of(Story(record))
    assert "an R² of 0.5, a mean absolute error of 2 and a root mean squared error of 3" in told
    del metrics["rmse"], metrics["r2_score"], metrics["mae"]
    assert "reached a max error of 9" in summary_of(Story(record))


def test_folds_are_told_where_nothing_else_was_measured() -> None:
    record = observed(operations=[])
    metrics: dict[str, Any] = {"cross_validation_r2": [0.25, 0.75]}
    record.steps["model_evaluation"].values = {"evaluation_metrics": metrics}
    record.steps["model_training"].values = {"executions": 1}
    told = summary_of(Story(record))
    assert "was cross-validated with 2 folds" in told
    assert "reached a cross-validated R² of 0.5 ± 0.3536 (n = 2)" in told
    metrics["mae"] = 1.0
    assert "It reached a mean absolute error of 1." in summary_of(Story(record))
