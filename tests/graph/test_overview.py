"""What is said of a run at first glance."""

from __future__ import annotations

from typing import Any

import pytest

from mlprov_widgets.graph.document.texts import ending_kept, number
from mlprov_widgets.graph.levels.overview import overview
from mlprov_widgets.graph.levels.two_levels import levels_of
from tests.provenance.sample import sample


@pytest.mark.parametrize(
    ("step", "name", "value", "line"),
    [
        ("data_ingestion", "feature_dimensions", [1, 8, 8], ("shape", "1 × 8 × 8")),
        ("data_ingestion", "feature_dimensions", 64, ("features", "64")),
        ("data_ingestion", "samples_total", 1797, ("rows", "1,797")),
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
    box = next(box for box in overview(record).boxes if box.step == step)
    assert line in box.lines


def test_numbers_are_separated_as_in_the_wizard() -> None:
    assert number(1797) == "1,797"
    assert number(-60000) == "-60,000"
    assert number(0.93333) == "0.9333"


def test_of_a_long_name_the_ending_stays() -> None:
    name = "multiclass_classification_of_iris_with_adam_2.ipynb"
    assert ending_kept(name, 24).endswith("_adam_2.ipynb"[-12:])
    assert len(ending_kept(name, 24)) == 24
    assert ending_kept("iris.ipynb", 24) == "iris.ipynb"
    assert len(ending_kept("x" * 100, 24)) == 24


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
    box = next(box for box in overview(record).boxes if box.step == "model_parameters")
    assert ("", "Model") not in box.lines
    assert box.lines
