"""A record that says how it knows what it says, for the tests of all rooms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mlprov_widgets.record import (
    Cell,
    Execution,
    Finding,
    Operation,
    Part,
    Record,
    Step,
    TrackedObject,
    Value,
    Version,
)

BEGAN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PARTS = {"training": "0-89", "validation": "90-119", "testing": "120-149"}


def finding(code: str, kind: str = "warning", **arguments: Value) -> Finding:
    """A finding in the cell that trains."""
    return Finding(code, kind, "model_training", "e3", arguments)


def observed(*findings: Finding, **changes) -> Record:
    """A finished run of which everything was seen; fields of `Record` can be replaced."""
    cells = [
        _cell("prepare", "scaler.fit(X_train)", "data_preparation", 1),
        _cell("model", "model = make_model()", "model_parameters", 2),
        _cell("training", "history = fit(model, optimizer)", "model_training", 3),
        _cell("evaluation", "metrics = evaluate()", "model_evaluation", 4),
    ]
    steps = {
        "data_ingestion": _step(
            {"dataset_id": "iris", "samples_total": 150, "dataset_classes": 3}, told="dataset_id"
        ),
        "data_preparation": _step({"operations": ["StandardScaler()"], "fitted_rows": 90}),
        "data_segregation": _step(
            {**{f"{name}_samples": size for name, size in _SIZES.items()}, "stratified": True}
        ),
        "model_parameters": _step(
            {
                "model_name": "Sequential",
                "number_of_parameters": 2953,
                "optimizer": "SGD",
                "optimizer_learning_rate": 0.05,
                "optimizer_parameters": {"lr": 0.05, "momentum": 0.9, "weight_decay": 0},
                "loss_function": "CrossEntropyLoss",
            },
            {"HIDDEN_LAYERS": 2, "LEARNING_RATE": 0.001},
        ),
        "model_training": _step(
            {
                "epochs": 4,
                "steps": 24,
                "batch_size": 16,
                "executions": 1,
                "random_seed": 42,
                "learning_rate_first": 0.05,
                "learning_rate_last": 0.05,
            },
            {"EPOCHS": 4, "BATCH_SIZE": 16},
        ),
        "model_evaluation": _step(
            {
                "evaluation_metrics": {
                    "accuracy": 0.9,
                    "loss": 0.25,
                    "f1_macro": 0.875,
                    "f1_per_class": {"setosa": 1.0, "versicolor": 0.75, "virginica": 0.875},
                    "mean_absolute_error": 0.1,
                    "confusion_matrix": [[10, 0, 0], [0, 7, 3], [0, 0, 10]],
                },
                "measured_on": "testing",
                "number_of_predictions": 30,
            },
            told="evaluation_metrics",
        ),
    }
    fields = {
        "run_id": "b1b2c3d4-4f7e-4a9c-9a63-0c5c44c5d1aa",
        "status": "finished",
        "start": BEGAN,
        "end": BEGAN + timedelta(seconds=9),
        "agent": {"name": "A Person"},
        "software": "0.2.0",
        "experiment_info": {"title": "Iris"},
        "notebook": {"name": "iris.ipynb", "programming_language_version": "3.11.9"},
        "fingerprints": {name: name[0] * 64 for name in _FINGERPRINTS},
        "steps": steps,
        "cells": cells,
        "objects": [
            TrackedObject(
                "scaler", "sklearn.preprocessing.StandardScaler", ["scaler"], "preprocessing",
                [Version("scaler.1", "e1", "fitted")],
            ),
            TrackedObject(
                "model", "torch.nn.Sequential", ["model"], "model",
                [Version("model.1", "e2"), Version("model.2", "e3", "trained")],
            ),
        ],
        "operations": [
            Operation(
                "fit.1", "fit", "e1", "sklearn.preprocessing.StandardScaler", BEGAN, BEGAN,
                made=["scaler.1"], values={"rows": 90}, parts={"training": 90},
            ),
            Operation(
                "train.1", "train", "e3", "torch.optim.SGD", BEGAN, BEGAN,
                used=["model.1"], made=["model.2"], settings={"lr": 0.05, "momentum": 0.9},
                values={"steps": 24}, parts={"training": 90},
            ),
        ],
        "parts": [
            Part(name, _SIZES[name], "observed", numbers=rows) for name, rows in PARTS.items()
        ],
        "findings": list(findings),
    }  # fmt: skip
    return Record(**{**fields, **changes})


_FINGERPRINTS = ("data", "split", "initial_weights", "weights", "predictions")
_SIZES = {"training": 90, "validation": 30, "testing": 30}


def _cell(name: str, source: str, step: str, number: int) -> Cell:
    ran = Execution(source, number, BEGAN, BEGAN + timedelta(seconds=1), id=f"e{number}")
    return Cell(name, "code", step, source, [ran])


def _step(values: dict, constants: dict | None = None, told: str = "") -> Step:
    known = {name: "told" if name == told else "observed" for name in values}
    return Step(BEGAN, BEGAN + timedelta(seconds=2), values, known, constants or {})
