"""Which of several configurations is better, and whether that is more than chance."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from mlprov_widgets.messages import Note
from mlprov_widgets.record.fields import Metric
from mlprov_widgets.several.columns import Column, repeats_in
from mlprov_widgets.several.metrics import data_keys, is_shown_for, metric_in, part_of
from mlprov_widgets.several.runs import ComparedRun
from mlprov_widgets.store.noise import (
    LEAST_SEEDS,
    LEAST_SPLITS,
    SPLITS,
    Difference,
    compared,
)
from mlprov_widgets.store.repeats import Repeats
from mlprov_widgets.wording import format_list, format_number

SHOWN, PARTLY, NOT_SHOWN, UNKNOWN = "shown", "partly", "not shown", "unknown"
_TESTED = 40


@dataclass(frozen=True)
class Answer:
    """What a comparison comes to.

    Parameters
    ----------
    verdict : str
        ``shown``: one is better than all others by more than chance; ``partly``: than some;
        ``not shown``: not told from chance; ``unknown``: nothing can be said.
    text : str
        In a sentence or two.
    metric : str
        What it was judged by; empty where nothing could be.
    rests_on : list of str
        The tests, a sentence each.
    cautions : list of str
        What is left out, and what has to be known.
    ranked : list of tuple of Column and Repeats
        What each configuration came to, the best first.
    differences : list of Difference
    """

    verdict: str
    text: str
    metric: str = ""
    rests_on: list[str] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)
    ranked: list[tuple[Column, Repeats]] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    @property
    def badge(self) -> tuple[str, str]:
        """The verdict in a few words, and how it is to be taken."""
        words = {
            SHOWN: ("More than chance", "good"),
            PARTLY: ("More than chance against some", "fair"),
            NOT_SHOWN: ("Not told from chance", "fair"),
        }
        return words.get(self.verdict, ("Cannot be said", "fair"))


def answer_of(configurations: Sequence[Column], metric: str) -> Answer:
    """Which is better, by one metric.

    Parameters
    ----------
    configurations : sequence of Column
    metric : str
        Empty where no two runs have one in common.

    Raises
    ------
    MissingPackageError
        If SciPy is not installed.
    """
    runs = [run for one in configurations for run in one.runs]
    counted, cautions = on_the_same_data(runs)
    if counted is None:
        return Answer(UNKNOWN, Note("answer_other_data", data=_data_of(runs)), metric)
    kept = {id(run) for run in counted}
    left = [
        Column(one.key, one.name, inside)
        for one in configurations
        if (inside := tuple(run for run in one.runs if id(run) in kept))
    ]
    ranked = repeats_in(left, metric)
    cautions += _left_out(counted, ranked, metric)
    if not ranked:
        return Answer(UNKNOWN, Note("answer_no_metric"), metric, cautions=cautions)
    known = metric_in(metric, counted)
    part = part_of(metric, [run for run in counted if metric in run.facts.metrics])
    if "testing" in part:
        cautions.append(Note("caution_test_part"))
    told: dict[str, object] = {"metric": known.term, "part": part or None, "word": _extreme(known)}
    if len(ranked) == 1:
        return Answer(
            UNKNOWN,
            _of_one(ranked[0][1], counted, known, told),
            metric,
            cautions=cautions,
            ranked=ranked,
        )
    tests = compared([one for _, one in ranked[:_TESTED]])
    verdict, text = _judged(ranked, tests, known, told)
    rests_on = [one.text for one in tests]
    return Answer(verdict, text, metric, rests_on, cautions, ranked, tests)


def _extreme(metric: Metric) -> str:
    return "lowest" if metric.direction == "minimize" else "highest"


def spread(one: Repeats, unit: str = "") -> str:
    """``0.95 ± 0.01 (n = 7)``: mean, standard deviation and number of runs; of one its value."""
    unit = f" {unit}" if unit else ""
    if one.deviation is None:
        return f"{format_number(one.mean)}{unit}"
    deviation = format_number(one.deviation, 2)
    return f"{format_number(one.mean)} ± {deviation}{unit} (n = {len(one.runs)})"


def _of_one(
    one: Repeats, counted: Sequence[ComparedRun], metric: Metric, told: dict[str, object]
) -> str:
    """What is said where there is one configuration alone."""
    told = {**told, "value": spread(one, metric.unit)}
    if len(one.runs) > 1:
        return Note("answer_one", **told, runs=len(one.runs))
    ended = [run for run in counted if run.facts.status == "finished"]
    having = [run for run in ended if one.metric in run.facts.metrics]
    values = [run.facts.metrics[one.metric] for run in having]
    if len(values) < 2:
        return Note("answer_one", **told)
    low, high = format_number(min(values), 8), format_number(max(values), 8)
    if not any(run.is_told_apart for run in having):
        span = low if low == high else f"{low} to {high}"
        return Note("answer_unseeded", **{**told, "value": span})
    if min(values) == max(values):
        return Note("answer_same", **told, count=len(values))
    return Note("answer_same_differs", **told, low=low, high=high)


def _judged(
    ranked: Sequence[tuple[Column, Repeats]],
    tests: Sequence[Difference],
    metric: Metric,
    told: dict[str, object],
) -> tuple[str, str]:
    """Verdict and sentence of several configurations."""
    first, second = ranked[0][1], ranked[1][1]
    told = {
        **told,
        "best": first.name,
        "value": spread(first, metric.unit),
        "next": second.name,
        "next_value": spread(second, metric.unit),
        "least": LEAST_SEEDS,
        "splits": LEAST_SPLITS,
        "key": ranked[0][0].key,
        "way": "lower" if metric.direction == "minimize" else "higher",
    }
    if not metric.direction:
        return UNKNOWN, Note("answer_no_direction", **told)
    is_tied = first.mean == second.mean
    if not tests:
        return UNKNOWN, Note("answer_equal" if is_tied else "answer_single", **told)
    # Only of those that the best of all was tested against can it be said to be better.
    own = [one for one in tests if one.better.name == first.name]
    shown = [one for one in own if is_shown_for(one, metric)]
    if shown and len(shown) == len(ranked) - 1:
        return SHOWN, Note("answer_shown", **told, others=len(shown) if len(shown) > 1 else None)
    if shown:
        names = {one.other.name for one in shown}
        others = [one.name for _, one in ranked[1:]]
        worse = format_list([name for name in others if name in names], 6)
        rest = format_list([name for name in others if name not in names], 6)
        top = None if is_tied else ranked[0][0].key
        return PARTLY, Note("answer_partly", **told, shown=worse, unshown=rest, top=top)
    if is_tied:
        return NOT_SHOWN, Note("answer_equal", **told)
    if len(first.runs) == 1:
        return UNKNOWN, Note("answer_best_single", **told)
    return _not_shown(own, second, told)


def _not_shown(
    own: Sequence[Difference], second: Repeats, told: dict[str, object]
) -> tuple[str, str]:
    beside = next((one for one in own if one.other.name == second.name), None)
    if beside is None or not beside.pairs:
        return UNKNOWN, Note("answer_unpaired", **told)
    if beside.is_constant:
        return UNKNOWN, Note("answer_constant", **told)
    if beside.p is None:
        return UNKNOWN, Note("answer_too_few", **told)
    more = beside.enough - beside.pairs if beside.enough else 0
    never = Note("answer_never") if beside.enough is None and beside.kind == SPLITS else None
    more_or_none = more if more > 0 else None
    return NOT_SHOWN, Note("answer_not_shown", **told, more=more_or_none, never=never)


# -- what counts ------------------------------------------------------------------------------


def on_the_same_data(
    runs: Sequence[ComparedRun],
) -> tuple[list[ComparedRun] | None, list[str]]:
    """The runs on the data that most of them have, and what is left out.

    Parameters
    ----------
    runs : sequence of ComparedRun

    Returns
    -------
    list of ComparedRun or None, list of str
        None where no two are on the same data.
    """
    keys = data_keys(runs)
    counts = Counter(keys[id(run)] for run in runs)
    unknown = [run for run in runs if not keys[id(run)]]
    cautions: list[str] = []
    known = {key: number for key, number in counts.items() if key}
    if unknown:
        names = [run.name for run in unknown]
        out = len(unknown) if len(known) > 1 else None
        cautions.append(Note("caution_data_unknown", names=names, left=out))
    if len(known) <= 1:
        return list(runs), cautions
    key = max(known, key=lambda one: known[one])
    if known[key] == 1:
        return None, []
    kept = [run for run in runs if keys[id(run)] == key]
    left = [run for run in runs if keys[id(run)] not in (key, "")]
    cautions.append(
        Note(
            "caution_data",
            counted=len(kept),
            data=kept[0].facts.data or "the same data",
            left=len(left),
            names=[run.name for run in left],
        )
    )
    return kept, cautions


def _data_of(runs: Sequence[ComparedRun]) -> str:
    return format_list([f"{run.name} {run.facts.data or 'data without a name'}" for run in runs], 6)


def _left_out(
    runs: Sequence[ComparedRun], ranked: Sequence[tuple[Column, Repeats]], metric: str
) -> list[str]:
    """Which runs do not count, and why."""
    cautions: list[str] = []
    broken = [run for run in runs if run.facts.status != "finished"]
    if broken:
        statuses = format_list(dict.fromkeys(run.facts.status for run in broken))
        names = [run.name for run in broken]
        told = {"names": names, "count": len(broken), "statuses": statuses}
        cautions.append(Note("caution_not_ended", **told))
    ended = [run for run in runs if run.facts.status == "finished"]
    without = [
        run
        for run in ended
        if metric and not math.isfinite(run.facts.metrics.get(metric, math.nan))
    ]
    if without:
        term = metric_in(metric, runs).term
        names = [run.name for run in without]
        told = {"names": names, "count": len(without), "metric": term}
        cautions.append(Note("caution_metric_missing", **told))
    counted = {id(facts) for _, one in ranked for facts in one.runs}
    left = [run for run in ended if run not in without and id(run.facts) not in counted]
    unseeded = [run.name for run in left if not run.is_told_apart]
    if unseeded:
        cautions.append(Note("caution_unseeded", names=unseeded, count=len(unseeded)))
    if len(left) > len(unseeded):
        cautions.append(Note("caution_repeated", count=len(left) - len(unseeded)))
    return cautions
