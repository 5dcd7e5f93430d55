"""Records of runs to compare and to rebuild, made up here but complete."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mlprov_widgets.record import Cell, Execution, Record, Step

BEGAN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def cell(name: str, *ran: str, generated: str | None = "", kind: str = "code", step: str = ""):
    """A cell that ran with these sources in turn; generated as the first unless told."""
    executions = [
        Execution(source, number, BEGAN, BEGAN + timedelta(seconds=1))
        for number, source in enumerate(ran, start=1)
    ]
    as_generated = ran[0] if generated == "" and ran else generated
    return Cell(name, kind, step, as_generated, executions)


def record(**changes) -> Record:
    """A finished run; fields of `Record` can be given to replace those here."""
    fields = {
        "run_id": "2f8d6b9e-4f7e-4a9c-9a63-0c5c44c5d1aa",
        "status": "finished",
        "start": BEGAN,
        "end": BEGAN + timedelta(seconds=9),
        "agent": {"name": "A Person"},
        "software": "0.1.0",
        "pack": {"name": "multiclass_classification", "version": "1", "sha256": "0" * 64},
        "values": {"seed": 42, "optimizer": "Adam"},
        "experiment_info": {"title": "Iris", "task_type": "classification"},
        "hardware_info": {"CPU": "A processor", "RAM": 16.0},
        "packages": {"numpy": "2.0", "torch": "2.9", "tqdm": "4.66"},
        "notebook": {"name": "iris.ipynb", "programming_language_version": "3.11.9"},
        "environment": {"num_threads": 2, "cpu_capability": "AVX2", "cuda_version": "12.8"},
        "steps": {
            "model_training": Step(
                BEGAN,
                BEGAN + timedelta(seconds=5),
                {
                    "random_seed": 42,
                    "batch_size": 16,
                    "history": [
                        {"epoch": epoch, "loss": 1 / epoch, "accuracy": 0.5} for epoch in (1, 2, 3)
                    ],
                },
            ),
            "model_evaluation": Step(
                BEGAN,
                BEGAN,
                {
                    "evaluation_metrics": {
                        "accuracy": 0.9736842105263158,
                        "loss": 0.125,
                        "roc_auc": float("nan"),
                        "f1_per_class": {"setosa": 1.0, "virginica": 0.9},
                        "confusion_matrix": [[10, 0], [1, 9]],
                    }
                },
            ),
        },
        "fingerprints": {
            name: letter * 64
            for name, letter in {
                "data": "a",
                "split": "b",
                "initial_weights": "c",
                "weights": "d",
                "predictions": "e",
            }.items()
        },
        "cells": [
            cell("title", kind="markdown", generated="# Iris"),
            cell("imports", "import math", step="imports"),
            cell("start", "run = start_run('iris.ipynb', seed=42)"),
            cell("training", "x = 1", step="model_training"),
            cell("finish", "run.finish()"),
        ],
    }
    return Record(**{**fields, **changes})
