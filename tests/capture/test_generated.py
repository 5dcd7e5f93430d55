"""Generated notebooks: every field of the paper's Table 1, filled with what really happened."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from mlprov_widgets.notebooks import generate
from mlprov_widgets.provenance import read_record, validate
from mlprov_widgets.record import Record

from .conftest import Front

TABLE = {
    "data_ingestion": (
        "data_format dataset_id dataset_classes feature_dimensions dataset_description "
        "root_location training_samples testing_samples validation_samples"
    ),
    "data_preparation": "number_of_operations operations",
    "data_segregation": "training_split testing_split validation_split",
    "model_parameters": (
        "gpu_enable pretrained save_checkpoint model_name model_description activation_function "
        "output_neurons loss_function optimizer optimizer_learning_rate"
    ),
    "model_training": "random_seed resulting_model_seed batch_size epochs print_progress",
    "model_evaluation": "evaluation_metrics",
}
GROUPS = {
    "experiment_info": "title task_type creation_date modification_date file_size",
    "hardware_info": "CPU GPUs RAM Operating_System",
    "notebook": (
        "name file_format kernel programming_language programming_language_version creation_date"
    ),
}


def execute(shell: Front, folder: Path, values: dict[str, Any], edits: dict[str, str]) -> Record:
    path = generate(
        "multiclass_classification", {"epochs": 2, "plots": False, **values}, folder / "it.ipynb"
    )
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            source = "".join(cell["source"])
            for old, new in edits.items():
                source = source.replace(old, new)
            assert shell.run(source, cell["id"]) == "ok", source
    file = folder / "it.prov.json"
    assert validate(file) == []
    return read_record(file)


@pytest.fixture(autouse=True)
def _settings() -> Any:
    yield
    torch.set_deterministic_debug_mode("default")


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"dataset": "moons", "scaler": "none", "validation_size": 0.0, "batch_size": 0},
        {"dataset": "three_spirals", "save_checkpoint": True, "print_every": 0, "dropout": 0.1},
        {"dataset": "csv", "csv_path": "flowers.csv", "target_column": "kind"},
        {"resampling": "k_fold", "n_splits": 2, "lr_schedule": "cosine", "early_stopping": 5},
    ],
    ids=["iris", "moons", "three spirals", "csv", "k-fold"],
)
def test_every_field_of_the_table(shell: Front, tmp_path: Path, values: dict[str, Any]) -> None:
    rows = [f"{n / 7},{n % 5},{'red' if n % 3 else 'blue'},{'ab'[n % 2]}" for n in range(60)]
    (tmp_path / "flowers.csv").write_text("length,width,colour,kind\n" + "\n".join(rows))
    record = execute(shell, tmp_path, values, {})
    assert record.status == "finished"
    for group, fields in GROUPS.items():
        assert set(fields.split()) <= getattr(record, group).keys(), group
    for step, fields in TABLE.items():
        assert set(fields.split()) <= record.steps[step].values.keys(), step
        assert record.steps[step].execution_time is not None
        empty = [f for f in fields.split() if record.steps[step].values[f] in (None, "")]
        assert empty == []
    assert {"accuracy", "loss", "confusion_matrix"} <= record.metrics.keys()
    prints = {"data", "split", "initial_weights", "weights", "predictions"}
    assert prints <= record.fingerprints.keys()
    assert {cell.origin for cell in record.cells} == {"generated"}
    assert {"torch", "scikit-learn", "pandas", "numpy", "ipython"} <= record.packages.keys()
    assert record.experiment_info["file_size"].endswith(" bytes")
    training = record.steps["model_training"].values
    assert training["epochs"] == training["epochs_run"] == 2
    assert training["random_seed"] == training["resulting_model_seed"] == 42
    saves = record.steps["model_parameters"].values["save_checkpoint"]
    assert saves == values.get("save_checkpoint", False)


def test_the_record_follows_a_persons_edits(shell: Front, tmp_path: Path) -> None:
    edits = {
        "torch.optim.Adam(": "torch.optim.SGD(",
        "EPOCHS = 2": "EPOCHS = 3",
        "nn.ReLU()": "nn.Tanh()",
        "StandardScaler": "RobustScaler",
    }
    record = execute(shell, tmp_path, {}, edits)
    assert record.values["optimizer"] == "Adam"
    parameters = record.steps["model_parameters"].values
    assert parameters["optimizer"] == "SGD"
    assert parameters["activation_function"] == "Tanh"
    assert record.steps["model_training"].values["epochs"] == 3
    assert record.steps["data_preparation"].values["operations"] == ["RobustScaler()"]
    edited = {cell.id for cell in record.cells if cell.origin == "edited"}
    assert len(edited) == 4


def test_values_are_those_of_the_live_objects(shell: Front, tmp_path: Path) -> None:
    record = execute(shell, tmp_path, {}, {})
    names = shell.shell.user_ns  # type: ignore[attr-defined]
    parameters = record.steps["model_parameters"].values
    assert parameters["model_description"] == str(names["model"])
    assert record.metrics["accuracy"] == names["metrics"]["accuracy"]
    assert len(record.steps["model_training"].values["history"]) == 2
    digest = hashlib.sha256()
    state = names["model"].state_dict()
    for name in sorted(state):
        digest.update(f"str:{len(name)}:{name}".encode())
        tensor = state[name]
        header = f"{tensor.dtype} {tuple(tensor.shape)}"
        digest.update(f"tensor:{len(header)}:{header}".encode())
        digest.update(tensor.numpy().tobytes())
    assert record.fingerprints["weights"] == digest.hexdigest()
    assert record.fingerprints["weights"] != record.fingerprints["initial_weights"]


def test_two_runs_are_bit_identical(shell: Front, tmp_path: Path) -> None:
    first = execute(shell, tmp_path, {"dropout": 0.2}, {})
    (tmp_path / "it.prov.json").rename(tmp_path / "first.prov.json")
    (tmp_path / "it.ipynb").unlink()
    second = execute(shell, tmp_path, {"dropout": 0.2}, {})
    assert first.run_id != second.run_id
    assert first.fingerprints == second.fingerprints
    assert first.metrics == second.metrics


def test_the_exported_script_records_the_same_as_the_notebook(shell: Front, tmp_path: Path) -> None:
    notebook = execute(shell, tmp_path, {}, {})
    path = generate("multiclass_classification", {"epochs": 2, "plots": False}, tmp_path / "it.py")
    result = subprocess.run(
        [sys.executable, str(path)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    script = read_record(tmp_path / "it-2.prov.json")
    for step, fields in TABLE.items():
        for name in fields.split():
            mine, other = script.steps[step].values[name], notebook.steps[step].values[name]
            assert mine == other, name
    assert script.fingerprints == notebook.fingerprints
    assert {cell.origin for cell in script.cells} == {"generated"}


def test_a_run_records_the_run_that_its_values_came_from(shell: Front, tmp_path: Path) -> None:
    start = {"run_id": "a", "name": "first.ipynb", "changes": {"epochs": [2, 1]}}
    path = generate(
        "multiclass_classification",
        {"epochs": 1, "plots": False},
        tmp_path / "it.ipynb",
        started_from=start,
    )
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            assert shell.run(source, cell["id"]) == "ok"
            if "start_run(" in source:
                break
    assert shell.run("run.finish()") == "ok"
    assert read_record(tmp_path / "it.prov.json").started_from == start
