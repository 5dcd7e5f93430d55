"""A comparison for other programs: a table of fields by runs, and plain JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlprov_widgets.comparison.json_numbers import jsonable
from mlprov_widgets.several.fields import differing
from mlprov_widgets.several.metrics import metric_in
from mlprov_widgets.several.runs import ComparedRun
from mlprov_widgets.store.exporting import csv_lines
from mlprov_widgets.store.noise import Difference

if TYPE_CHECKING:
    from mlprov_widgets.several.comparison import RunComparison

_GROUP_METRICS, _GROUP_RUN = "Metrics", "Run"


def csv_of(told: RunComparison) -> str:
    """A row a field, a column a run; empty where something was not recorded.

    Parameters
    ----------
    told : RunComparison
    """
    keys = {id(run): one.key for one in told.configurations for run in one.runs}
    rows: list[list[object]] = [["group", "field", "where", *(run.name for run in told.runs)]]
    for name in ("configuration", "status", "file"):
        values = {
            "configuration": [keys[id(run)] for run in told.runs],
            "status": [run.facts.status for run in told.runs],
            "file": [run.file.name if run.file else "" for run in told.runs],
        }[name]
        rows.append([_GROUP_RUN, name, "", *values])
    for name in told.metric_names:
        label = metric_in(name, told.runs).label
        numbers = [run.facts.metrics.get(name, "") for run in told.runs]
        rows.append([_GROUP_METRICS, label, f"metrics.{name}", *numbers])
    for row in told.fields:
        texts = ["" if one is None else one.text for one in row.values]
        rows.append([row.group, row.label, row.where, *texts])
    return csv_lines(rows)


def plain_of(told: RunComparison) -> dict[str, Any]:
    """Answer, runs, configurations, differences, metrics and code as plain JSON values.

    Parameters
    ----------
    told : RunComparison
    """
    found: dict[str, Any] = {
        "answer": _answer(told),
        "configurations": [
            {"key": one.key, "name": one.name, "runs": [run.name for run in one.runs]}
            for one in told.configurations
        ],
        "ranked": [
            {
                "configuration": column.key,
                "values": one.values,
                "mean": one.mean,
                "deviation": one.deviation,
                "interval": one.interval,
            }
            for column, one in told.answer.ranked
        ],
        "tests": list(map(_test, told.answer.differences)),
        "runs": list(map(_run, told.runs)),
        "differences": [
            {
                "group": row.group,
                "field": row.label,
                "where": row.where,
                "values": [None if one is None else one.text for one in row.values],
            }
            for row in differing(told.fields)
        ],
        "code": [
            {"kind": one.kind, "title": one.title, "diff": one.diff} for one in told.code.changes
        ],
        "problems": list(map(str, told.problems)),
    }
    plain: dict[str, Any] = jsonable(found)
    return plain


def _answer(told: RunComparison) -> dict[str, Any]:
    return {
        "verdict": told.answer.verdict,
        "text": str(told.answer.text),
        "metric": told.metric,
        "part": told.part,
        "cautions": list(map(str, told.answer.cautions)),
    }


def _test(one: Difference) -> dict[str, Any]:
    return {
        "better": one.better.name,
        "other": one.other.name,
        "pairs": one.pairs,
        "effect": one.effect,
        "interval": one.interval,
        "p": one.p,
        "shown": one.is_shown,
        "enough": one.enough,
        "text": one.text,
    }


def _run(run: ComparedRun) -> dict[str, Any]:
    return {
        "name": run.name,
        "file": str(run.file) if run.file else None,
        "run_id": run.facts.run_id,
        "status": run.facts.status,
        "metrics": run.facts.metrics,
    }
