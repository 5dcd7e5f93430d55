"""Runs beside each other: which columns tell them apart, and what stands in each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from mlprov_widgets.record.fields import Metric, core
from mlprov_widgets.store.facts import LEGACY, RunFacts
from mlprov_widgets.wording import (
    capitalize,
    format_duration,
    format_number,
    format_time,
    format_value,
    humanize,
    one_line,
)

# What a table shows where nobody has chosen columns; of metrics and of what differs so many.
FIRST = ("started", "model", "data")
LAST = ("status", "duration", "title", "verdict")
# Columns that show what was chosen, under another name than its parameter.
_CHOSEN = ("data", "model")
MAX_METRICS = 3
MAX_DIFFERENCES = 6
_LABELS = {
    "started": "When",
    "title": "Task",
    "task": "Kind of task",
    "duration": "Time",
    "verdict": "Reproduces",
    "git_commit": "Git commit",
    "run_id": "Run",
    "path": "File",
}
_ARROWS = {"maximize": " ↑", "minimize": " ↓"}


@dataclass(frozen=True)
class RunColumn:
    """A column of a table of runs.

    Parameters
    ----------
    name : str
        What it is asked for by.
    label : str
    kind : str
        ``column``, ``metric`` or ``parameter``.
    metric : Metric or None
        What its runs declare a metric to be; None of anything else.
    """

    name: str
    label: str
    kind: str
    metric: Metric | None = None

    @property
    def head(self) -> str:
        """The label with its unit, and an arrow towards what is better."""
        if self.metric is None:
            return self.label
        unit = f" ({self.metric.unit})" if self.metric.unit else ""
        return f"{self.label}{unit}{_ARROWS.get(self.metric.direction, '')}"


@dataclass(frozen=True)
class RunTable:
    """Runs as texts.

    Parameters
    ----------
    columns : tuple of RunColumn
    rows : list of tuple of str
        One a run; empty where something is not known.
    """

    columns: tuple[RunColumn, ...]
    rows: list[tuple[str, ...]]

    @property
    def head(self) -> tuple[str, ...]:
        """The heads of the columns."""
        return tuple(column.head for column in self.columns)


def table_of(runs: Sequence[RunFacts], chosen: Sequence[str] = ()) -> RunTable:
    """Runs beside each other.

    Parameters
    ----------
    runs : sequence of RunFacts
    chosen : sequence of str
        Columns, metrics and parameters; by default the usual columns, the metrics that most of the
        runs have, and the parameters in which they differ.
    """
    names = list(chosen) or usual_columns(runs)
    columns = tuple(column_of(name, runs) for name in names)
    return RunTable(columns, [tuple(text_of(run, one) for one in columns) for run in runs])


def usual_columns(runs: Sequence[RunFacts]) -> list[str]:
    """The columns that tell these runs apart, without those in which there is nothing."""
    first, last = (
        [name for name in names if any(getattr(run, name) for run in runs)]
        for names in (FIRST, LAST)
    )
    # What it came to stands where a narrow page still shows it.
    return [*first, *shared_metrics(runs), *last, *differences(runs)]


def shared_metrics(runs: Sequence[RunFacts]) -> list[str]:
    """The few metrics that most of the runs have, those first that are told first of one."""
    counts = Counter(name for run in runs for name in run.metrics)
    firsts = Counter(run.headline for run in runs if run.headline)
    order = [one.name for one in core().metrics]

    def key(name: str) -> tuple[int, int, int]:
        place = order.index(name) if name in order else len(order)
        return -firsts[name], -counts[name], place

    return sorted(counts, key=key)[:MAX_METRICS]


def differences(runs: Sequence[RunFacts]) -> list[str]:
    """The parameters that are not the same in all of the runs that have them, most telling first.

    What fewer runs have tells less, for it does not matter in the others.
    """
    values: dict[str, set[str]] = {}
    having: Counter[str] = Counter()
    for run in runs:
        for name, value in run.parameters.items():
            values.setdefault(name, set()).add(repr(value))
            having[name] += 1
    found = [
        name
        for name, different in values.items()
        if len(different) > 1 and not any(_says_the_same(name, one, runs) for one in _CHOSEN)
    ]
    return sorted(found, key=lambda name: -having[name])[:MAX_DIFFERENCES]


def _says_the_same(parameter: str, column: str, runs: Sequence[RunFacts]) -> bool:
    """Whether each value of a parameter goes with one text of a column, and the other way round."""
    pairs = {
        (repr(run.parameters[parameter]), str(getattr(run, column)))
        for run in runs
        if parameter in run.parameters
    }
    return len({value for value, _ in pairs}) == len({text for _, text in pairs}) == len(pairs)


def column_of(name: str, runs: Sequence[RunFacts] = ()) -> RunColumn:
    """The column of this name, labelled as the runs declare it."""
    if name in RunFacts.__dataclass_fields__:
        return RunColumn(name, _LABELS.get(name, capitalize(humanize(name))), "column")
    said = next((run.labels[name] for run in runs if name in run.labels), None)
    if said is not None:
        label = one_line(said.get("label") or name, 80)
        unit, direction = (one_line(said.get(key) or "", 20) for key in ("unit", "direction"))
        metric = Metric(name, label, unit=unit, direction=direction)
        return RunColumn(name, label, "metric", metric)
    return RunColumn(name, capitalize(humanize(name)), "parameter")


def text_of(run: RunFacts, column: RunColumn) -> str:
    """What stands in a column for a run."""
    if column.kind == "metric":
        value = run.metrics.get(column.name)
        return "" if value is None else format_number(value)
    if column.kind == "parameter":
        return (
            format_value(run.parameters[column.name], 60) if column.name in run.parameters else ""
        )
    write = _TEXTS.get(column.name)
    return write(run) if write is not None else one_line(getattr(run, column.name) or "", 120)


def _when(run: RunFacts) -> str:
    if run.started is None:
        return ""
    moment = datetime.fromtimestamp(run.started, UTC)
    # A clock without a zone is shown without one.
    return format_time(moment.replace(tzinfo=None) if run.format == LEGACY else moment)


_TEXTS: dict[str, Callable[[RunFacts], str]] = {
    "started": _when,
    "duration": lambda run: format_duration(run.duration),
    "title": lambda run: run.title or PurePosixPath(run.path).name,
}
