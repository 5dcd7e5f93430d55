"""Runs that were made to be compared: repeats with seeds, splits, histories and code."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from mlprov_widgets.provenance import write_record
from mlprov_widgets.record import Record, Step
from tests.reproduction.made_runs import BEGAN, record


def made_run(
    name: str,
    metrics: dict[str, Any] | None = None,
    values: dict[str, Any] | None = None,
    seed: int = 1,
    split: str = "",
    **changes: Any,
) -> Record:
    """A run with this seed, on the split of this name; all of one name and pack."""
    began = BEGAN + timedelta(minutes=seed)
    made = record(
        run_id=f"run-{name}",
        start=began,
        end=began + timedelta(seconds=9),
        values={"optimizer": "Adam", **(values or {}), "seed": seed},
        **changes,
    )
    if "model_training" in made.steps:
        made.steps["model_training"].values["random_seed"] = seed
    sizes = {"training_samples": 80, "testing_samples": 20}
    made.steps.setdefault("data_segregation", Step(values=sizes))
    if split:
        made.fingerprints["split"] = split.ljust(64, "0")
    if metrics is not None:
        made.steps["model_evaluation"].values["evaluation_metrics"] = metrics
    return made


def run_file(
    folder: Path,
    name: str,
    metrics: dict[str, Any] | None = None,
    values: dict[str, Any] | None = None,
    seed: int = 1,
    **changes: Any,
) -> Path:
    """The same in a file."""
    folder.mkdir(parents=True, exist_ok=True)
    made = made_run(name, metrics, values, seed, **changes)
    return write_record(made, folder / f"{name}.prov.json")


def repeats(
    name: str, accuracies: list[float], values: dict[str, Any], **changes: Any
) -> list[Record]:
    """A configuration that was run once with each seed from 1 on."""
    return [
        made_run(f"{name}-{seed}", {"accuracy": one}, values, seed, **changes)
        for seed, one in enumerate(accuracies, 1)
    ]
