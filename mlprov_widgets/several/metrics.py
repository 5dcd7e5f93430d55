"""The metrics of several runs: what they are, on which part, what each column came to."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from mlprov_widgets.record import Value
from mlprov_widgets.record.fields import OTHER_PARTS, Metric
from mlprov_widgets.record.results import single_metrics
from mlprov_widgets.several.columns import Column, repeats_in
from mlprov_widgets.several.runs import ComparedRun
from mlprov_widgets.store.noise import Difference, compared
from mlprov_widgets.store.table import column_of, shared_metrics
from mlprov_widgets.wording import format_list, format_number

NOT_RECORDED = "not recorded"
MAX_METRICS = 40
BEST = " ★"
# As declarations say it, and as observers do.
_PARTS = {
    "test": "testing part",
    "testing": "testing part",
    "validation": "validation part",
    "training": "training part",
    "folds": "folds",
    "other": "rows of no part",
}


@dataclass(frozen=True)
class MetricRow:
    """A metric of several columns.

    Parameters
    ----------
    metric : Metric
    part : str
        The rows that it was measured on, in words; empty where that is not recorded.
    texts : list of str
        What each column came to.
    best : int or None
        The column with the best mean, where there is one and which way is better is declared.
    chance : str
        Whether that is more than chance, in a few words.
    """

    metric: Metric
    part: str
    texts: list[str]
    best: int | None = None
    chance: str = ""


def metric_in(name: str, runs: Sequence[ComparedRun]) -> Metric:
    """A metric as the runs declare it."""
    for run in runs:
        if run.story is not None and name in run.story.record.metrics:
            return run.story.vocabulary.metric_of(name)
    column = column_of(name, [run.facts for run in runs])
    return column.metric or Metric(name, column.label)


def part_of(name: str, runs: Sequence[ComparedRun]) -> str:
    """On which rows a metric was measured, in words; empty where that is not recorded.

    What was seen of the predictions counts more than what a pack has declared, but for a metric
    that is declared to be none of theirs.
    """
    found = list(dict.fromkeys(_part(name, run) for run in runs))
    known = [one for one in found if one]
    if len(known) > 1:
        return f"{format_list(known, last='or')}, not the same for all"
    return known[0] if known else ""


def _part(name: str, run: ComparedRun) -> str:
    story = run.story
    if story is None:
        return ""
    declared = story.vocabulary.metric_of(name).part
    if declared == "folds" or isinstance(story.record.metrics.get(name), list):
        return _PARTS["folds"]
    if declared in OTHER_PARTS:
        return _PARTS[declared]
    seen = story.value("model_evaluation", "measured_on")
    if isinstance(seen, str) and seen:
        parts = [_PARTS.get(one, one) for one in seen.split(", ")]
        return format_list(parts, 3)
    return _PARTS.get(declared, declared)


def data_keys(runs: Sequence[ComparedRun]) -> dict[int, str]:
    """What tells the data of runs apart, by the id of the object; empty where nobody knows.

    What is known by its content counts; data that are only named are those of the same name.

    Parameters
    ----------
    runs : sequence of ComparedRun
    """
    prints = {
        id(run): run.record.fingerprints.get("data", "") if run.record is not None else ""
        for run in runs
    }
    names: dict[str, set[str]] = {}
    for run in runs:
        if prints[id(run)]:
            names.setdefault(run.facts.data.casefold(), set()).add(prints[id(run)])
    keys = {}
    for run in runs:
        name = run.facts.data.casefold()
        known = names.get(name, set())
        if prints[id(run)] or not name:
            keys[id(run)] = prints[id(run)]
        elif len(known) == 1:
            keys[id(run)] = next(iter(known))
        else:
            # Of data without a name nobody can say that they are others.
            keys[id(run)] = "" if known or "" in names else f"named {name}"
    return keys


def names_in(runs: Sequence[ComparedRun]) -> list[str]:
    """Every metric that any of the runs has, those first that most are told by."""
    first = shared_metrics([run.facts for run in runs])
    found = dict.fromkeys(first)
    for run in runs:
        if run.story is not None:
            told = single_metrics(run.story.record.metrics, run.story.vocabulary)
            names = [one.name for one in told]
            found |= dict.fromkeys(name for name in names if name in run.facts.metrics)
        found |= dict.fromkeys(run.facts.metrics)
    return list(found)[:MAX_METRICS]


def metric_rows(
    columns: Sequence[Column], configurations: Sequence[Column], names: Sequence[str]
) -> list[MetricRow]:
    """A row for each metric.

    Parameters
    ----------
    columns : sequence of Column
    configurations : sequence of Column
        The same runs by their configuration, to tell what is more than chance.
    names : sequence of str

    Raises
    ------
    MissingPackageError
        If SciPy is not installed.
    """
    runs = [run for one in columns for run in one.runs]
    rows = []
    for name in names:
        having = [run for run in runs if name in run.facts.metrics]
        metric, part = metric_in(name, having), part_of(name, having)
        means = [_mean(name, one) for one in columns]
        best = None if metric.baseline_of else _best(means, metric)
        texts = [_told(name, one) for one in columns]
        if best is not None and len({*data_keys(having).values()} - {""}) > 1:
            # What one came to on its data says nothing of what another did on its own.
            best, chance = None, "on different data"
        else:
            chance = _chance(name, configurations) if best is not None else ""
            # Of repeats of one thing none is best.
            best = best if chance else None
        rows.append(MetricRow(metric, part, texts, best, chance))
    return rows


def _values(name: str, column: Column) -> list[float]:
    values = (run.facts.metrics.get(name) for run in column.ended)
    return [one for one in values if one is not None and math.isfinite(one)]


def _mean(name: str, column: Column) -> float | None:
    values = _values(name, column)
    return statistics.fmean(values) if values else None


def _best(means: Sequence[float | None], metric: Metric) -> int | None:
    """Where the best mean is; None where nobody knows, or several are the same."""
    known = [one for one in means if one is not None]
    if len(known) < 2 or not metric.direction:
        return None
    best = min(known) if metric.direction == "minimize" else max(known)
    return means.index(best) if known.count(best) == 1 else None


def _told(name: str, column: Column) -> str:
    if len(column.runs) == 1:
        return _single(name, column.runs[0])
    values = _values(name, column)
    if not values:
        return NOT_RECORDED
    lacking = f" of {len(column.runs)}" if len(values) < len(column.runs) else ""
    if len(values) == 1:
        return f"{format_number(values[0])} (1{lacking})"
    deviation = format_number(statistics.stdev(values), 2)
    few = f" ({len(values)}{lacking})" if lacking else ""
    return f"{format_number(statistics.fmean(values))} ± {deviation}{few}"


def _single(name: str, run: ComparedRun) -> str:
    value: Value = run.record.metrics.get(name) if run.record is not None else None
    text = NOT_RECORDED
    if isinstance(value, list) and len(value) > 1 and name in run.facts.metrics:
        deviation = format_number(statistics.stdev(value), 2)
        text = f"{format_number(statistics.fmean(value))} ± {deviation} ({len(value)} folds)"
    elif name in run.facts.metrics:
        text = format_number(run.facts.metrics[name])
    status = run.facts.status
    return text if status == "finished" or text == NOT_RECORDED else f"{text} ({status})"


def is_shown_for(one: Difference, metric: Metric) -> bool:
    """Whether what has the better mean is better in the pairs of runs, too, by more than chance.

    Runs without a partner count in the mean alone, and may be others than those that were tested.

    Parameters
    ----------
    one : Difference
    metric : Metric
    """
    better = one.effect < 0 if metric.direction == "minimize" else one.effect > 0
    return one.is_shown and better


def _chance(name: str, configurations: Sequence[Column]) -> str:
    """Whether the best is better than the others by more than chance."""
    ranked = repeats_in(configurations, name)
    if len(ranked) < 2:
        return ""
    keys = {one.name: column.key for column, one in ranked}
    first = ranked[0][1].name
    tests = [one for one in compared([one for _, one in ranked]) if one.better.name == first]
    told = [one for one in tests if one.p is not None]
    if not told:
        return "not tested: too few repeats"
    metric = metric_in(name, [run for one in configurations for run in one.runs])
    shown = [keys[one.other.name] for one in told if is_shown_for(one, metric)]
    rest = [keys[one.name] for _, one in ranked[1:] if keys[one.name] not in shown]
    if not shown:
        return "not told from chance"
    if not rest:
        return f"{keys[first]}: more than chance"
    against, not_against = format_list(shown, 4), format_list(rest, 4, last="or")
    return f"{keys[first]}: more than chance against {against}, not {not_against}"
