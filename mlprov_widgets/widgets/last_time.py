"""How long the cells of a notebook took when it was run last."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.notebooks.beside import read_run
from mlprov_widgets.record import Record
from mlprov_widgets.wording import seconds_between


def seconds_last_time(notebook: Path, sources: Mapping[str, str]) -> dict[str, float]:
    """Seconds by cell id; empty where there is no such run, or it was another notebook then.

    Parameters
    ----------
    notebook : Path
    sources : mapping of str to str
        What its cells of code are now, by their ids.
    """
    with suppress(MlprovError, OSError):
        record, _ = read_run(notebook)
        return _seconds(record, sources) if _is_same(record, sources) else {}
    return {}


def _is_same(record: Record, sources: Mapping[str, str]) -> bool:
    """Whether each cell ran as it is now: another number of epochs takes another time."""
    ran = [one for one in record.cells if one.executions]
    return record.status == "finished" and all(
        sources.get(one.id, "").strip() == one.source.strip() for one in ran
    )


def _seconds(record: Record, ids: Mapping[str, str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for cell in record.cells:
        if cell.id in ids and cell.executions:
            last = cell.executions[-1]
            seconds = seconds_between(last.start, last.end)
            if seconds is not None:
                found[cell.id] = seconds
    return found
