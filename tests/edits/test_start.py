"""What a wizard gets from a run that was edited, and from one that was not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.edits.harness import Told, run_cells
from tests.edits.notebook import Notebook, generated

TABLES, IMAGES = "multiclass_classification", "image_classification"


def made(folder: Path, task: str, **values: Any) -> Notebook:
    small = {"epochs": 4, "plots": False, "threads": 1}
    if task == IMAGES:
        small |= {"epochs": 2, "num_workers": 0}
    return generated(task, {**small, **values}, folder / "it.ipynb")


def run(folder: Path, notebook: Notebook) -> Told:
    told = run_cells(folder, notebook.order(), "it")
    assert not told.failed, told.failed
    return told


def fields(told: Told) -> dict[str, Any]:
    """What does not come from the values that the notebook was generated with."""
    return {
        one["parameter"]: one["value"] for one in told.data["fields"] if one["source"] != "values"
    }


def left(told: Told) -> dict[str, Any]:
    return {one["name"]: one["value"] for one in told.data["unmapped"]}


@pytest.mark.parametrize(
    ("task", "values"),
    [
        (TABLES, {"lr_schedule": "cosine", "early_stopping": 2, "epochs": 30}),
        (TABLES, {"dataset": "moons", "scaler": "none", "stratify": False, "batch_size": 0}),
        (TABLES, {"resampling": "k_fold", "optimizer": "SGD"}),
        (IMAGES, {"lr_schedule": "step"}),
    ],
)
def test_a_run_as_generated_leaves_nothing_out(
    tmp_path: Path, task: str, values: dict[str, Any]
) -> None:
    told = run(tmp_path, made(tmp_path, task, **values))
    assert (fields(told), left(told)) == ({}, {})


def test_an_edited_optimizer_comes_with_all_of_its_settings(tmp_path: Path) -> None:
    notebook = made(tmp_path, TABLES)
    sgd = "optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)"
    notebook.instead("torch.optim.Adam(", sgd)
    told = run(tmp_path, notebook)
    assert fields(told) == {"optimizer": "SGD", "learning_rate": 0.05}
    assert left(told) == {"momentum": 0.9, "model_parameters": "edited"}
    assert re.search("momentum +0.9 +The pack multiclass_classification has no field", told.text)


def test_constants_that_were_changed_where_they_are_used_are_all_of_the_edit(
    tmp_path: Path,
) -> None:
    notebook = made(tmp_path, TABLES)
    notebook.replace("EPOCHS = 4", "EPOCHS = 5")
    notebook.before("history = fit(", "EPOCHS = 2")
    told = run(tmp_path, notebook)
    assert (fields(told), left(told)) == ({"epochs": 2}, {})
