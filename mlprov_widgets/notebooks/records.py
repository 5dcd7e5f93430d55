"""The record of a run in a kernel: told by the run's id, and by nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import sentence
from mlprov_widgets.provenance.beside import find_run


def new_run_id() -> str:
    """An id that no run has had."""
    return str(uuid.uuid4())


@dataclass(frozen=True)
class RunRecord:
    """What is known of a run when its kernel has ended.

    Parameters
    ----------
    file : Path or None
        Its provenance file; None where there is none.
    metrics : dict
        Evaluation metrics by name.
    problem : str
        Why the file is not where it belongs, in a sentence; else empty.
    """

    file: Path | None = None
    metrics: dict[str, Any] = field(default_factory=dict)
    problem: str = ""


def record_of(run_id: str, report: Mapping[str, Any] | None, folders: Iterable[Path]) -> RunRecord:
    """What the run with this id left behind.

    Parameters
    ----------
    run_id : str
    report : mapping or None
        What the kernel said of this run; empty where it has none, None where it did not answer.
    folders : iterable of Path
        Where its file may be if the kernel did not say.
    """
    if report is not None and not report:
        return RunRecord()
    report = report if report and report.get("run_id") == run_id else {}
    told, metrics, problem = (report.get(name) for name in ("file", "metrics", "problem"))
    metrics = metrics if isinstance(metrics, dict) else {}
    problem = sentence(problem) if isinstance(problem, str) else ""
    places = [(folder, "") for folder in folders]
    if isinstance(told, str):
        # A file is believed for the id in it: whoever ran in that kernel can say anything.
        places.insert(0, (Path(told).parent, Path(told).name))
    for folder, name in places:
        found = find_run(run_id, folder, name)
        if found is not None:
            record, file = found
            return RunRecord(file, metrics or dict(record.metrics), problem)
    return RunRecord(None, metrics, problem)
