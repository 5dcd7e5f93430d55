"""Runs of one configuration, with other seeds or splits: what they come to together."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mlprov_widgets.extras import needed
from mlprov_widgets.record.fields import Metric
from mlprov_widgets.store.facts import RunFacts
from mlprov_widgets.store.table import column_of, differences, shared_metrics

CONFIDENCE = 0.95
# Of a number: what the order of a sum makes.
NEGLIGIBLE = 1e-12


@dataclass(frozen=True)
class Repeats:
    """Finished runs that differ in their seeds alone.

    Parameters
    ----------
    runs : tuple of RunFacts
        Each with the metric; of several that are the same run again only the first.
    metric : str
    name : str
        What tells the configuration from the others beside it.
    """

    runs: tuple[RunFacts, ...]
    metric: str
    name: str = ""

    @property
    def values(self) -> list[float]:
        """What each run came to."""
        return [run.metrics[self.metric] for run in self.runs]

    @property
    def mean(self) -> float:
        """Of the values."""
        return statistics.fmean(self.values)

    @property
    def deviation(self) -> float | None:
        """Standard deviation of the values (n − 1); None of a single one."""
        return statistics.stdev(self.values) if len(self.runs) > 1 else None

    @property
    def is_constant(self) -> bool:
        """Whether several runs all come to the same."""
        return len(self.runs) > 1 and are_constant(self.values)

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % confidence interval of the mean, by Student's t; None where it cannot be told.

        Several splits of the same rows depend on each other, for which it is corrected as
        Nadeau and Bengio do. Runs that all come to the same do not say how far others may lie.
        """
        share = dependence(self.runs)
        if self.deviation is None or share is None or self.is_constant:
            return None
        error = self.deviation * math.sqrt(1 / len(self.runs) + share)
        half = student_quantile(len(self.runs) - 1) * error
        return self.mean - half, self.mean + half


def are_constant(values: Sequence[float]) -> bool:
    """Whether numbers are the same, up to the last digits of their sums."""
    return max(values) - min(values) <= NEGLIGIBLE * max(map(abs, values))


def dependence(runs: Sequence[RunFacts]) -> float | None:
    """Tested rows for each trained one, by which results on splits of the same rows depend.

    Returns
    -------
    float or None
        0 where all runs are on one split; None where the sizes of their parts are not known.
    """
    splits = {run.split for run in runs}
    if len(splits) == 1 and "" not in splits:
        return 0.0
    shares = [run.tested_on / run.trained_on for run in runs if run.trained_on and run.tested_on]
    return statistics.fmean(shares) if len(shares) == len(runs) else None


def student_quantile(degrees: int) -> float:
    """How many standard errors a two-sided 95 % interval reaches, with so many degrees of freedom.

    Raises
    ------
    MissingPackageError
        If SciPy is not installed.
    """
    with needed():
        from scipy.stats import t

    return float(t.ppf((1 + CONFIDENCE) / 2, degrees))


def repeats_of(runs: Iterable[RunFacts], metric: str = "") -> list[Repeats]:
    """Runs put together by their configuration, the best first where that is known.

    Parameters
    ----------
    runs : iterable of RunFacts
    metric : str
        By default the one that most of the runs are told by first.

    Returns
    -------
    list of Repeats
        Of runs that have come to their end and have the metric.
    """
    ended = [run for run in runs if run.status == "finished" and run.configuration]
    metric = metric or next(iter(shared_metrics(ended)), "")
    groups: dict[str, dict[tuple[str, str], RunFacts]] = {}
    for run in ended:
        if metric in run.metrics and math.isfinite(run.metrics[metric]):
            # A run that was reproduced is the same once more, and no further evidence.
            groups.setdefault(run.configuration, {}).setdefault((run.seeds, run.split), run)
    found = [tuple(group.values()) for group in groups.values()]
    named = zip(found, names_of([group[0] for group in found]), strict=True)
    made = [Repeats(group, metric, name) for group, name in named]
    minimized = metric_of(made, metric).direction == "minimize"
    return sorted(made, key=lambda one: one.mean if minimized else -one.mean)


def metric_of(repeats: Sequence[Repeats], metric: str) -> Metric:
    """The metric as its runs declare it."""
    column = column_of(metric, [run for one in repeats for run in one.runs])
    return column.metric or Metric(metric, column.label)


def names_of(firsts: Sequence[RunFacts], most: int = 0) -> list[str]:
    """What tells configurations apart: model and data where they differ, and the parameters.

    Parameters
    ----------
    firsts : sequence of RunFacts
        A run of each.
    most : int, optional
        Characters that a name should have at most: of longer ones what it can do without is left
        out, as far as each still is the only one of its name.
    """
    keys = [key for key in ("model", "data", "title") if len({getattr(r, key) for r in firsts}) > 1]
    seeds = {name for run in firsts for name in run.seed_parameters}
    different = [name for name in differences(firsts) if name not in seeds]
    parts = [(key, "") for key in keys] + [("", name) for name in different]

    def named(parts: Sequence[tuple[str, str]]) -> list[str]:
        return [", ".join(filter(None, (_part(run, *part) for part in parts))) for run in firsts]

    # The title says least, then the parameters that the fewest have.
    for part in [("title", ""), *reversed(parts)] if most else ():
        names, rest = named(parts), [one for one in parts if one != part]
        if max(map(len, names), default=0) <= most:
            break
        if len(set(named(rest))) == len(set(names)):
            parts = rest
    names = [name or run.model or run.title for run, name in zip(firsts, named(parts), strict=True)]
    return [one if names.count(one) == 1 else f"{one} ({at})" for at, one in enumerate(names, 1)]


def _part(run: RunFacts, key: str, parameter: str) -> str:
    if key:
        return str(getattr(run, key))
    return f"{parameter} {run.parameters[parameter]}" if parameter in run.parameters else ""
