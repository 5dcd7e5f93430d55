"""What is left of a run in a kernel; its record is known by the run's id, and by nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlprov_widgets.messages import MAX_SENTENCE
from mlprov_widgets.notebooks.beside import find_run
from mlprov_widgets.wording import one_line


@dataclass(frozen=True)
class ExecutionResult:
    """How the execution of a notebook ended.

    Parameters
    ----------
    notebook : Path or None
        The executed notebook; None where it could not be saved anywhere.
    status : str
        ``finished``, ``failed`` (a cell raised) or ``stopped`` (somebody asked for it).
    provenance_file : Path or None
        The provenance file that the run wrote; None where it wrote none.
    metrics : dict
        Evaluation metrics by name; empty where the run did not get that far.
    duration : float
        Seconds from the start of the kernel to its end.
    run_id : str
        The id that the record of this run has, whether it wrote one or not.
    problems : list of str
        What could not be written where it belongs, and where it is instead, in sentences.
    """

    notebook: Path | None
    status: str
    provenance_file: Path | None = None
    metrics: dict[str, Any] = field(default_factory=dict)
    duration: float = 0.0
    run_id: str = ""
    problems: list[str] = field(default_factory=list)


def record_of(
    run_id: str, report: Mapping[str, Any] | None, folders: Iterable[Path]
) -> tuple[Path | None, dict[str, Any], str]:
    """What the run with this id left behind.

    Parameters
    ----------
    run_id : str
    report : mapping or None
        What the kernel said of this run; empty where it has none, None where it did not answer.
    folders : iterable of Path
        Where its file may be if the kernel did not say.

    Returns
    -------
    Path or None
        Its provenance file; None where there is none.
    dict
        Evaluation metrics by name.
    str
        Why the file is not where it belongs, in a sentence; else empty.
    """
    if report is not None and not report:
        return None, {}, ""
    report = report if report and report.get("run_id") == run_id else {}
    file_name, metrics, problem = (report.get(name) for name in ("file", "metrics", "problem"))
    metrics = metrics if isinstance(metrics, dict) else {}
    problem = one_line(problem, MAX_SENTENCE) if isinstance(problem, str) else ""
    places = [(folder, "") for folder in folders]
    if isinstance(file_name, str):
        # A file is believed for the id in it: whoever ran in that kernel can say anything.
        places.insert(0, (Path(file_name).parent, Path(file_name).name))
    for folder, name in places:
        if found := find_run(run_id, folder, name):
            record, file = found
            return file, metrics or dict(record.metrics), problem
    return None, metrics, problem
