"""Whether two configurations differ by more than chance.

Runs on the same split with the same seeds are compared pair by pair. Where each pair has another
split of the same rows, the pairs share rows, and the variance of their differences says too little:
it is corrected as Nadeau and Bengio do ("Inference for the Generalization Error", 2003). Where one
split is shared and only the seeds differ, the paired t-test is used, from six pairs on.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from mlprov_widgets.extras import needed
from mlprov_widgets.messages import Note
from mlprov_widgets.store.facts import RunFacts
from mlprov_widgets.store.repeats import (
    CONFIDENCE,
    NEGLIGIBLE,
    Repeats,
    dependence,
    metric_of,
    student_quantile,
)
from mlprov_widgets.wording import format_number

LEAST_SPLITS = 3
LEAST_SEEDS = 6
POWER = 0.8
_MOST_PAIRS = 100_000
SPLITS, SEEDS = "splits", "seeds"


@dataclass(frozen=True)
class Difference:
    """How two configurations compare.

    Parameters
    ----------
    better, other : Repeats
        `better` has the better mean.
    metric : str
    pairs : int
        Pairs of runs with the same seeds and splits.
    kind : str
        ``splits`` where each pair has a split of its own, else ``seeds``.
    effect : float
        Mean of the differences, `better` less `other`.
    interval : tuple of float or None
        Its 95 % confidence interval; None of too few pairs.
    p : float or None
        Of the test, corrected for several comparisons (Holm) where there are several.
    comparisons : int
        How many were made together.
    deviation : float
        Standard deviation of the differences.
    share : float
        What `dependence` says of the pairs.
    is_constant : bool
        Whether there are enough pairs, and all have the same difference: then they are as good as
        one, and nothing is tested.
    """

    better: Repeats
    other: Repeats
    metric: str
    pairs: int
    kind: str = SEEDS
    effect: float = 0.0
    interval: tuple[float, float] | None = None
    p: float | None = None
    comparisons: int = 1
    deviation: float = 0.0
    share: float = 0.0
    is_constant: bool = False

    @cached_property
    def enough(self) -> int | None:
        """Pairs that it would take to see a difference of this size with a power of 80 %.

        None where no number of pairs would be enough, or that cannot be said.
        """
        if self.p is None or self.effect == 0 or self.deviation == 0:
            return None
        level = (1 - CONFIDENCE) / self.comparisons
        return _enough(abs(self.effect), self.deviation, self.share, level)

    @property
    def is_shown(self) -> bool:
        """Whether the difference is more than chance, at a level of 5 %."""
        return self.p is not None and self.p < 1 - CONFIDENCE

    @property
    def text(self) -> str:
        """The same in a sentence that can be quoted."""
        metric = metric_of([self.better, self.other], self.metric)
        told = {
            "better": self.better.name,
            "other": self.other.name,
            "metric": metric.term,
            "pairs": self.pairs,
            "least": LEAST_SPLITS if self.kind == SPLITS else LEAST_SEEDS,
            "effect": format_number(abs(self.effect)),
            "way": "lower" if self.effect < 0 else "higher",
            "unit": metric.unit or None,
        }
        if self.is_constant:
            return Note("noise_constant" if self.effect else "noise_equal", **told)
        if self.interval is None or self.p is None:
            code = "noise_unpaired" if not self.pairs else "noise_too_few"
            return Note(code, **told)
        # Told as a size that has a direction, whichever way the metric goes.
        low, high = (one if self.effect > 0 else -one for one in self.interval)
        low, high = min(low, high), max(low, high)
        told |= {
            "low": format_number(low),
            "high": format_number(high),
            "p": "below 0.001" if self.p < 0.001 else f"= {self.p:.3f}",
            "comparisons": self.comparisons if self.comparisons > 1 else None,
            "enough": self.enough,
        }
        told |= {self.kind: 1, SPLITS if self.kind == SEEDS else SEEDS: None}
        return Note("noise_shown" if self.is_shown else "noise_not_shown", **told)


def compared(repeats: Sequence[Repeats]) -> list[Difference]:
    """Each configuration against the one with the best mean of those that were repeated.

    Parameters
    ----------
    repeats : sequence of Repeats
        As `repeats_of` gives them: of one metric, the best first.

    Returns
    -------
    list of Difference
        With p-values that are corrected by Holm's method for the comparisons of all of them with
        all: which one is the best was looked up first.

    Raises
    ------
    MissingPackageError
        If SciPy is not installed.
    """
    # One that was run once has nothing to be compared by.
    best = next((one for one in repeats if len(one.runs) > 1), None)
    if best is None:
        return []
    found = [difference_of(*_in_order(best, one, repeats)) for one in repeats if one is not best]
    tested = sorted((one for one in found if one.p is not None), key=lambda one: one.p or 0.0)
    corrected: dict[int, float] = {}
    comparisons = math.comb(len(tested) + 1, 2)
    highest = 0.0
    for at, one in enumerate(tested):
        highest = max(highest, min(1.0, (one.p or 0.0) * (comparisons - at)))
        corrected[id(one)] = highest
    return [
        replace(one, p=corrected.get(id(one)), comparisons=max(comparisons, 1)) for one in found
    ]


def _in_order(best: Repeats, other: Repeats, repeats: Sequence[Repeats]) -> tuple[Repeats, Repeats]:
    return (other, best) if repeats.index(other) < repeats.index(best) else (best, other)


def difference_of(better: Repeats, other: Repeats) -> Difference:
    """How two configurations compare, uncorrected for others.

    Raises
    ------
    MissingPackageError
        If SciPy is not installed.
    """
    pairs = _pairs(better, other)
    metric = better.metric
    values = [one.metrics[metric] - two.metrics[metric] for one, two in pairs]
    made = Difference(better, other, metric, len(pairs))
    if not pairs:
        return made
    # One split for all pairs, and seeds that differ: what varies is the training alone.
    kind = SEEDS if dependence([one for one, _ in pairs]) == 0 else SPLITS
    made = replace(made, kind=kind, effect=statistics.fmean(values))
    if len(values) < (LEAST_SPLITS if kind == SPLITS else LEAST_SEEDS):
        return made
    share = dependence([one for one, _ in pairs])
    deviation = statistics.stdev(values)
    if deviation <= NEGLIGIBLE * max(abs(one.metrics[metric]) for pair in pairs for one in pair):
        # What draws nothing at random comes to the same however often it is repeated.
        return replace(made, is_constant=True, p=None if made.effect else 1.0)
    if share is None:
        return made
    error = deviation * math.sqrt(1 / len(values) + share)
    half = student_quantile(len(values) - 1) * error
    return replace(
        made,
        interval=(made.effect - half, made.effect + half),
        p=_p_value(made.effect, error, len(values) - 1),
        deviation=deviation,
        share=share,
    )


def _pairs(better: Repeats, other: Repeats) -> list[tuple[RunFacts, RunFacts]]:
    """Runs on the same split with the same seeds; what has no seeds comes to the same with any."""
    found: list[tuple[RunFacts, RunFacts]] = []
    left = list(other.runs)
    for run in better.runs:
        same = next((one for one in left if _is_pair(run, one)), None)
        if same is not None:
            left.remove(same)
            found.append((run, same))
    return found


def _is_pair(one: RunFacts, two: RunFacts) -> bool:
    if one.split != two.split:
        return False
    # Without a known split only equal seeds say that it was the same.
    without = bool(one.split) and not (one.seeds and two.seeds)
    return without or (one.seeds == two.seeds and bool(one.seeds or one.split))


def _p_value(effect: float, error: float, degrees: int) -> float:
    with needed():
        from scipy.stats import t

    return float(2 * t.sf(abs(effect) / error, degrees))


def _enough(effect: float, deviation: float, share: float, level: float) -> int | None:
    with needed():
        from scipy.stats import nct, t

    def power(pairs: int) -> float:
        error = deviation * math.sqrt(1 / pairs + share)
        limit = t.ppf(1 - level / 2, pairs - 1)
        return float(nct.sf(limit, pairs - 1, effect / error))

    low, high = 2, _MOST_PAIRS
    # More splits of the same rows say less and less.
    if not power(high) >= POWER:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(middle) >= POWER else (middle, high)
    return high
