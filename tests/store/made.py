"""Stores of runs that were made for tests."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from mlprov_widgets.provenance import write_record
from tests.reproduction.made_runs import BEGAN, record


def run_file(
    folder: Path,
    name: str,
    metrics: dict[str, Any] | None = None,
    values: dict[str, Any] | None = None,
    minutes: int = 0,
    **changes: Any,
) -> Path:
    """A record in a file; its run began so many minutes after the first one could have."""
    began = BEGAN + timedelta(minutes=minutes)
    made = record(
        run_id=f"run-{name}",
        start=began,
        end=began + timedelta(seconds=9),
        values=values if values is not None else {"seed": 42, "optimizer": "Adam"},
        **changes,
    )
    if metrics is not None:
        made.steps["model_evaluation"].values["evaluation_metrics"] = metrics
    folder.mkdir(parents=True, exist_ok=True)
    return write_record(made, folder / f"{name}.prov.json")
