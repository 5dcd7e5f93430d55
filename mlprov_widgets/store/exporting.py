"""Runs for other programs: JSON lines, CSV, Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from mlprov_widgets._files import reason, write_new
from mlprov_widgets.errors import MlprovError
from mlprov_widgets.store.index import COLUMNS
from mlprov_widgets.store.paging import Row


def export_runs(rows: Iterable[Row], path: Path | str) -> Path:
    """Write runs to a new file.

    Parameters
    ----------
    rows : iterable of Row
    path : Path or str
        Ends in ``.jsonl``, ``.csv`` or, where pandas has what it takes, ``.parquet``.

    Returns
    -------
    Path
        The file. In it a metric is called ``metrics.name``, a parameter ``parameters.name``; times
        are seconds since 1970 (UTC), durations seconds; what is no number is left out.

    Raises
    ------
    MlprovError
        If the file exists, cannot be written, or its ending is another.
    """
    path = Path(path)
    write = WRITERS.get(path.suffix.lower())
    if write is None:
        raise MlprovError("suffix_not_offered", file=path, suffixes=list(WRITERS))
    try:
        write_new(path, write([flat(row) for row in rows]))
    except FileExistsError:
        raise MlprovError("output_exists", file=path) from None
    except OSError as error:
        raise MlprovError("file_not_writable", file=path, reason=reason(error)) from None
    return path


def flat(row: Row) -> dict[str, Any]:
    """A run as one line of names and values."""
    facts = row.facts
    told: dict[str, Any] = {name: getattr(facts, name) for name in COLUMNS}
    told |= {f"metrics.{name}": value for name, value in facts.metrics.items()}
    told |= {f"parameters.{name}": value for name, value in facts.parameters.items()}
    # NaN and infinity are no JSON, and no number for others either.
    return {name: None if _is_no_number(value) else value for name, value in told.items()}


def _columns(rows: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _json_lines(rows: list[dict[str, Any]]) -> bytes:
    lines = (json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows)
    return "".join(lines).encode("utf-8", "replace")


def _is_no_number(value: object) -> bool:
    return isinstance(value, float) and not abs(value) < float("inf")


def _csv(rows: list[dict[str, Any]]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, _columns(rows), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: csv_cell(value) for name, value in row.items()} for row in rows)
    return file.getvalue().encode("utf-8", "replace")


def csv_lines(rows: Iterable[Iterable[object]]) -> str:
    """Rows as CSV, in which no text is taken for a formula."""
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows(map(csv_cell, row) for row in rows)
    return file.getvalue()


def csv_cell(value: object) -> object:
    """A text that a spreadsheet does not take for a formula."""
    is_formula = isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r")
    return f"'{value}" if is_formula else value


def _parquet(rows: list[dict[str, Any]]) -> bytes:
    import pandas as pd

    frame = pd.DataFrame(rows)
    for name in frame.columns:
        # A parameter may be a number in one run and a text in another.
        if frame[name].map(type).nunique() > 1 and frame[name].dtype == object:
            frame[name] = frame[name].map(lambda one: None if one is None else str(one))
    try:
        return bytes(frame.to_parquet())
    except ImportError:
        raise MlprovError("parquet_not_available") from None


WRITERS: dict[str, Callable[[list[dict[str, Any]]], bytes]] = {
    ".jsonl": _json_lines,
    ".csv": _csv,
    ".parquet": _parquet,
}
