"""One trial: the cells of a notebook in a process of its own, without a kernel and its sockets.

Cells run in the same shell that a kernel has, so capture sees what it sees there, and the record is
that of the notebook's own run but for times, ids and the packages of the kernel.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict

from mlprov_widgets.sweeps.outcome import (
    DIVERGED,
    FAILED,
    FINISHED,
    OUT_OF_MEMORY,
    PRUNED,
    Outcome,
    digest_of,
)
from mlprov_widgets.sweeps.pruning import Pruned, Pruning, Watch


class Job(TypedDict):
    """All that a trial needs, wherever it runs; JSON can say it.

    Parameters
    ----------
    folder : str
        Where it runs: a new folder.
    name : str
        File name of the notebook.
    text : str
        The notebook's file.
    cells : list of list
        Of each code cell its id and its source.
    values : dict
        What counts for its digest.
    imports : list of str
        Statements with which the cells import.
    time_limit : float or None
        Seconds.
    memory_limit : int or None
        Bytes.
    pruning : Pruning or None
        By what it is stopped early.
    """

    folder: str
    name: str
    text: str
    cells: list[list[str]]
    values: dict[str, Any]
    imports: list[str]
    time_limit: float | None
    memory_limit: int | None
    pruning: Pruning | None


def run_job(job: Job) -> Outcome:
    """Run a trial in this process, which is to end afterwards."""
    began = time.monotonic()
    folder = Path(job["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    notebook = folder / job["name"]
    notebook.write_text(job["text"], encoding="utf-8")
    os.chdir(folder)
    # It is looked for in both; a kernel that started the sweep has left its own.
    os.environ["MLPROV_NOTEBOOK"] = os.environ["JPY_SESSION_NAME"] = str(notebook)
    restrict = _memory(job["memory_limit"])
    watch = Watch(job["pruning"]) if job["pruning"] else None
    if watch is not None:
        # Not before: what is imported here stands in the record.
        from mlprov_widgets.capture.progress import listeners

        listeners.append(watch)
    error = _run_cells(job["cells"])
    if restrict is not None:
        restrict()  # writing down that it ran out of memory takes memory
    with suppress(KeyError):
        sys.modules["mlprov_widgets.capture.start"].end_run()
    reported = watch.reported if watch is not None else []
    outcome = _outcome(job, error, time.monotonic() - began, reported)
    return replace(outcome, reported=reported)


def _run_cells(cells: list[list[str]]) -> BaseException | None:
    """The exception that ended the run; None where all cells came to their end."""
    from IPython.core.formatters import DisplayFormatter
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Blind(DisplayFormatter):
        """Nobody looks at what cells show."""

        def format(self, *_: Any, **__: Any) -> tuple[dict[str, Any], dict[str, Any]]:
            return {}, {}

    config = Config()
    # The history of the account is no place for trials.
    config.HistoryManager.hist_file = ":memory:"
    config.HistoryManager.enabled = False
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=config)
    shell.display_formatter = Blind(parent=shell)
    for id, source in cells:
        result = shell.run_cell(source, store_history=True, cell_id=id)
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            return error if isinstance(error, BaseException) else RuntimeError(str(error))
    return None


def _memory(limit: int | None) -> Any:
    """Set how much memory this process may ask for; gives what lifts the limit again."""
    if limit is None:
        return None
    try:
        import resource
    except ImportError:  # Windows
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    return lambda: resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _outcome(
    job: Job, error: BaseException | None, seconds: float, reported: list[list[float]]
) -> Outcome:
    from mlprov_widgets.errors import MlprovError
    from mlprov_widgets.provenance import read_record
    from mlprov_widgets.record.fields import vocabulary_of
    from mlprov_widgets.record.story import Story

    values, kind = job["values"], type(error).__name__ if error is not None else ""
    status = FINISHED if error is None else FAILED
    if isinstance(error, Pruned):
        status, kind = PRUNED, ""
    elif error is not None and _is_lack_of_memory(error):
        status = OUT_OF_MEMORY
    file = next(iter(sorted(Path().glob("*.prov.json"))), None)
    try:
        record = read_record(file) if file is not None else None
    except MlprovError:
        record = None
    if record is None:
        status = FAILED if status == FINISHED else status
        return Outcome(status, kind, digest_of(values, status, kind), seconds=seconds)
    name = file.name if file is not None else ""
    if status != FINISHED:
        # A pruned trial went as far as it was to; how far another one came may be chance.
        said = {"reported": reported} if status == PRUNED else {}
        digest = digest_of(values, status, kind, metrics=said)
        return Outcome(status, kind, digest, {}, record.run_id, name, seconds)
    if Story(record).is_diverged:
        status = DIVERGED
    digest = digest_of(values, status, "", record.fingerprints, record.metrics)
    scores = scores_of(record.metrics, vocabulary_of(record)) if status == FINISHED else {}
    return Outcome(status, "", digest, scores, record.run_id, name, seconds)


def scores_of(metrics: Mapping[str, Any], vocabulary: Any) -> dict[str, float]:
    """The metrics that a choice may go by: those of the validation part, and the mean over folds.

    Parameters
    ----------
    metrics : mapping
        Of a record.
    vocabulary : Vocabulary
        Which says on what each was measured.
    """
    from mlprov_widgets.record.results import is_number

    found: dict[str, float] = {}
    for name, value in metrics.items():
        metric = vocabulary.metric_of(name)
        if metric.part not in ("validation", "folds") or not metric.direction:
            continue
        if isinstance(value, list) and value and all(map(is_number, value)):
            value = sum(value) / len(value)
        if is_number(value):
            found[name] = float(value)
    return found


def _is_lack_of_memory(error: BaseException) -> bool:
    # PyTorch raises a RuntimeError where there is none left on the CPU.
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or (isinstance(error, RuntimeError) and "allocate memory" in str(error))
    )


def main() -> None:
    """Run the trial on the standard input, and write what became of it on the standard output."""
    job: Job = json.load(sys.stdin)
    sending, nothing = os.dup(1), os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    data = json.dumps(run_job(job).to_dict()).encode()
    with os.fdopen(sending, "wb") as stream_out:
        stream_out.write(data)
