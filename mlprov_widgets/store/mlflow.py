"""A run in MLflow's file store, read only.

Each run is a folder with ``meta.yaml``, and below it ``params``, ``metrics`` and ``tags`` with a
file a name; names with a slash are folders.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mlprov_widgets._files import read_bytes
from mlprov_widgets.errors import RecordError
from mlprov_widgets.store.facts import MAX_METRICS, MAX_PARAMETERS, MLFLOW, RunFacts
from mlprov_widgets.wording import is_numeric, one_line

RUN_FILE = "meta.yaml"
_MOST_META = 100_000
_MOST_VALUE = 10_000_000
_STATUSES = {1: "unfinished", 2: "unfinished", 3: "finished", 4: "failed", 5: "interrupted"}
_NAME, _USER, _COMMIT, _SOURCE = (
    "mlflow.runName",
    "mlflow.user",
    "mlflow.source.git.commit",
    "mlflow.source.name",
)


def is_mlflow_run(folder: Path) -> bool:
    """Whether a folder with a ``meta.yaml`` is that of a run, and not of an experiment."""
    return any((folder / name).is_dir() for name in ("params", "metrics", "tags"))


def mlflow_facts(folder: Path, path: str) -> RunFacts | None:
    """What MLflow has written of a run; None of one that was deleted there.

    Parameters
    ----------
    folder : Path
        Of the run.
    path : str
        Of its ``meta.yaml``, in the store.

    Raises
    ------
    RecordError
        If the file is not what MLflow writes.
    OSError
        If it cannot be read.
    """
    meta = _yaml(folder / RUN_FILE)
    if meta.get("lifecycle_stage") == "deleted":
        return None
    problems: list[str] = []
    tags = dict(_values(folder / "tags", _text, problems))
    metrics = dict(_values(folder / "metrics", _last, problems))
    parameters = dict(_values(folder / "params", _text, problems))
    start, end = (_seconds(meta.get(name)) for name in ("start_time", "end_time"))
    status = meta.get("status")
    names = [name for name in metrics if not math.isnan(metrics[name])]
    experiment = folder.parent / RUN_FILE
    task = _yaml(experiment).get("name") if experiment.is_file() else ""
    return RunFacts(
        path=path,
        format=MLFLOW,
        status=_STATUSES.get(status, "unfinished") if isinstance(status, int) else "unfinished",
        problem=one_line(" ".join(problems), 300),
        run_id=_word(meta.get("run_id")) or _word(meta.get("run_uuid")) or _word(folder.name),
        title=_word(tags.get(_NAME)) or _word(meta.get("run_name")) or _word(folder.name),
        task=_word(task),
        notebook=one_line(tags.get(_SOURCE, ""), 200),
        person=_word(tags.get(_USER)) or _word(meta.get("user_id")),
        git_commit=one_line(tags.get(_COMMIT, ""), 80),
        started=start,
        duration=end - start if start is not None and end is not None else None,
        headline=names[0] if names else "",
        metrics=dict(list(metrics.items())[:MAX_METRICS]),
        labels={name: {"label": name, "unit": "", "direction": ""} for name in metrics},
        parameters=dict(list(parameters.items())[:MAX_PARAMETERS]),
    )


def _yaml(file: Path) -> dict[str, Any]:
    import yaml

    try:
        found = yaml.safe_load(read_bytes(file, _MOST_META))
    except (yaml.YAMLError, ValueError, RecursionError):
        raise RecordError("mlflow_meta_unreadable", file=file.name) from None
    if not isinstance(found, dict):
        raise RecordError("mlflow_meta_unreadable", file=file.name)
    return found


def _word(value: object) -> str:
    """A text in one line; nothing of lists, which aliases can make longer than any memory."""
    return one_line(value, 200) if isinstance(value, str) else ""


def _seconds(milliseconds: object) -> float | None:
    return milliseconds / 1000 if is_numeric(milliseconds) else None


def _values(
    folder: Path, read: Callable[[bytes], Any], problems: list[str]
) -> Iterator[tuple[str, Any]]:
    """Name to value of each file below a folder."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            file = Path(place, name)
            if file.is_symlink():
                continue
            key = one_line(file.relative_to(folder).as_posix(), 80)
            try:
                yield key, read(read_bytes(file, _MOST_VALUE))
            except (OSError, ValueError, IndexError, RecordError):
                problems.append(f"{folder.name}/{key} could not be read.")


def _text(data: bytes) -> str:
    return one_line(data.decode("utf-8", "replace"), 300)


def _last(data: bytes) -> float:
    """The value of the last line: ``timestamp value step``."""
    return float(data.decode().strip().splitlines()[-1].split()[1])
