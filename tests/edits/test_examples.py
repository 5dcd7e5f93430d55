"""Nothing is said of an example that comes with the packs but what it did: no false alarm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlprov_widgets.packs import find_pack
from tests.edits.harness import run_cells
from tests.edits.notebook import generated
from tests.edits.table_images import take_few

# Sets that are downloaded are not here.
LOCAL = {
    "multiclass_classification": ("iris", "wine", "digits", "moons", "blobs", "three_spirals"),
    "image_classification": ("digits", "FakeData"),
    "tabular_classification": ("iris", "wine", "digits", "breast_cancer", "moons", "blobs"),
    "tabular_regression": ("diabetes", "made_linear", "friedman1", "friedman2"),
}
# The examples as they are, but shorter; and every other set, resampling and part of the pack.
FURTHER: list[tuple[str, dict[str, Any]]] = [
    ("multiclass_classification", values)
    for values in (
        {"dataset": "moons"},
        {"dataset": "blobs", "scaler": "none", "validation_size": 0.0},
        {"dataset": "wine", "scaler": "RobustScaler", "batch_size": 0, "optimizer": "AdamW"},
        {"dataset": "digits", "scaler": "MinMaxScaler", "lr_schedule": "step"},
        {"dataset": "iris", "resampling": "k_fold", "n_splits": 3},
        {"dataset": "iris", "loss_function": "NLLLoss", "plots": True},
        {"dataset": "iris", "early_stopping": 1, "learning_rate": 0.5},
    )
]
CASES = [
    *(
        (pack, values)
        for pack, sets in LOCAL.items()
        for values in find_pack(pack).examples.values()
        if values["dataset"] in sets
    ),
    *FURTHER,
]


def _case(pack: str, values: dict[str, Any]) -> Any:
    # A published network takes as long as ten others; of each pack one example is for every day.
    first = next(iter(find_pack(pack).examples.values()))
    is_slow = str(values.get("model", "")).startswith("resnet") or values != first
    marks = [pytest.mark.slow] if is_slow else []
    return pytest.param(pack, values, marks=marks, id=f"{pack}-{values}")


@pytest.mark.parametrize(("pack", "values"), [_case(*case) for case in CASES])
def test_nothing_is_wrong_with_an_example(
    pack: str, values: dict[str, Any], tmp_path: Path
) -> None:
    few: dict[str, Any] = {"epochs": min(values.get("epochs", 3), 3), "threads": 1}
    few = {name: value for name, value in few.items() if name in find_pack(pack).parameters}
    few |= {"plots": False} if "plots" not in values else {}
    if pack == "image_classification":
        few |= {"num_workers": 0, "batch_size": 32}
    notebook = generated(pack, {**values, **few}, tmp_path / "it.ipynb")
    if pack == "image_classification" and values["dataset"] == "digits":
        take_few(notebook)
    told = run_cells(tmp_path, notebook.order(), "it")
    assert not told.failed, told.failed
    assert not told.leaks, told.data["leaks"]
    assert not told.codes, told.data["findings"]
    assert (told.value("model_training", "epochs") or 1) <= few.get("epochs", 1)
    assert told.value("model_evaluation", "measured_on") == "testing"
