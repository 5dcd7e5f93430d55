"""Runs put together by what they have in common: how many, how they ended, what they came to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.record.results import is_number
from mlprov_widgets.store.facts import RunFacts
from mlprov_widgets.store.index import COLUMNS, NUMBERS, TEXTS, Index
from mlprov_widgets.store.query import Names, Query, conditions
from mlprov_widgets.store.table import RunColumn, RunTable, column_of
from mlprov_widgets.wording import format_number, format_time, format_value

# Another one in nearly every run, or nothing that several have in common.
_OWN = frozenset(("path", "run_id", "problem", "note", "headline"))
_COUNTED = ("runs", "finished", "newest")
BY_COLUMN = tuple(name for name in COLUMNS if name not in _OWN | NUMBERS)


@dataclass(frozen=True)
class RunGroup:
    """Runs with the same value of a column or a parameter.

    Parameters
    ----------
    value : object
        None of runs that have none, and of those whose value is None.
    is_known : bool
        Whether they have one.
    runs, finished : int
        How many there are, and how many of them came to their end.
    newest : float or None
        When the last one began, in seconds since 1970.
    means : dict of str to float
        Of metrics, over the runs that came to their end and have them.
    """

    value: object
    is_known: bool
    runs: int
    finished: int
    newest: float | None
    means: dict[str, float] = field(default_factory=dict)

    def condition(self, by: str) -> str:
        """What finds just these runs, as `Query.where` takes it; empty where nothing does."""
        askable = by.isidentifier() and (self.is_known or by in BY_COLUMN)
        return f"{by} == {self.value!r}" if askable else ""


def groups_of(
    index: Index,
    query: Query,
    stores: Sequence[str],
    by: str,
    metrics: Sequence[str] = (),
    limit: int = 100,
) -> list[RunGroup]:
    """The groups of the runs of a query, the largest first.

    Parameters
    ----------
    index : Index
    query : Query
    stores : sequence of str
        The folders whose runs count.
    by : str
        A column of text or a parameter.
    metrics : sequence of str
        Those whose means are told.
    limit : int
        How many groups at most.

    Raises
    ------
    MlprovError
        If a name is unknown, or runs cannot be put together by it.
    """
    names = Names(index)
    kind = names.kind(by)
    if kind == "metric" or (kind == "column" and by not in BY_COLUMN):
        raise MlprovError("run_group_impossible", name=by)
    source, key, given = "runs", f"runs.{by}", []
    if kind == "parameter":
        source = "runs left join parameters own on own.run = runs.id and own.name = ?"
        key, given = "own.text", [by]
    where, values = conditions(query, stores, names)
    finished = "sum(case when runs.status = 'finished' then 1 else 0 end)"
    rows = index.rows(
        f"select {key}, count(*), {finished}, max(runs.started) from {source} where {where}"
        f" group by {key} order by count(*) desc, {key} limit ?",
        [*given, *values, limit],
    )
    means: dict[object, dict[str, float]] = {}
    for name in metrics:
        found = index.rows(
            f"select {key}, avg(told.value) from {source}"
            " join metrics told on told.run = runs.id and told.name = ?"
            f" where runs.status = 'finished' and ({where}) group by {key}",
            [*given, name, *values],
        )
        for value, mean in found:
            means.setdefault(value, {})[name] = float(mean)
    read = json.loads if kind == "parameter" else str
    return [
        RunGroup(
            None if value is None else read(value),
            value is not None,
            int(number),
            int(ended),
            newest,
            means.get(value, {}),
        )
        for value, number, ended, newest in rows
    ]


def sorted_groups(
    groups: Sequence[RunGroup], by: str, name: str, descending: bool
) -> list[RunGroup]:
    """Groups in the order of one of their columns; those that have nothing there come last.

    Parameters
    ----------
    groups : sequence of RunGroup
    by : str
        What they have in common.
    name : str
        That, ``runs``, ``finished``, ``newest`` or a metric.
    descending : bool
        Whether the largest comes first.
    """

    def key(group: RunGroup) -> Any:
        if name != by:
            return getattr(group, name) if name in _COUNTED else group.means.get(name)
        if not group.is_known:
            return None
        number = group.value if is_number(group.value) else TEXTS
        return number, str(group.value)

    there = [one for one in groups if key(one) is not None]
    rest = [one for one in groups if key(one) is None]
    return sorted(there, key=key, reverse=descending) + rest


def table_of_groups(
    groups: Sequence[RunGroup], by: str, metrics: Sequence[str], runs: Sequence[RunFacts]
) -> RunTable:
    """Groups beside each other.

    Parameters
    ----------
    groups : sequence of RunGroup
    by : str
        What they have in common.
    metrics : sequence of str
        Those whose means are shown.
    runs : sequence of RunFacts
        Some of them, whose records say what the metrics are.
    """
    told = [column_of(name, runs) for name in metrics]
    columns = (
        column_of(by, runs),
        RunColumn("runs", "Runs", "number"),
        RunColumn("finished", "Finished", "number"),
        *map(_mean, told),
        RunColumn("newest", "Newest", "column"),
    )
    return RunTable(columns, [_texts(one, metrics) for one in groups])


def _mean(column: RunColumn) -> RunColumn:
    name = column.metric.term if column.metric is not None else column.label
    return RunColumn(column.name, f"Mean {name}", "number", column.metric)


def _texts(group: RunGroup, metrics: Sequence[str]) -> tuple[str, ...]:
    means = (group.means.get(one) for one in metrics)
    newest = None if group.newest is None else datetime.fromtimestamp(group.newest, UTC)
    return (
        (format_value(group.value, 60) or repr(group.value)) if group.is_known else "not known",
        f"{group.runs:,}",
        f"{group.finished:,}",
        *("" if mean is None else format_number(mean) for mean in means),
        "" if newest is None else format_time(newest),
    )
