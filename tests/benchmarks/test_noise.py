"""How often a difference is called more than chance where there is none, and where there is one.

Each comparison has rows of its own, drawn from scikit-learn's digits as if there were no others,
and asks as `mlprov runs --repeats` does. Run with ``-s`` to see the rates beside those of an
uncorrected paired t-test, and the power curve that the documentation shows.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from joblib import Parallel, delayed
from scipy.stats import binom, ttest_rel
from sklearn.datasets import load_digits
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

from mlprov_widgets.store.facts import RunFacts
from mlprov_widgets.store.noise import Difference, compared
from mlprov_widgets.store.repeats import repeats_of

COMPARISONS = 1_000
PAIRS = 10
ROWS, TESTED = 500, 100
# Of 1,000 comparisons at a level of 5 %, what chance alone exceeds once in a hundred times.
MOST_ALARMS = int(binom.ppf(0.99, COMPARISONS, 0.05))

Scores = np.ndarray[Any, np.dtype[np.float64]]


def tree(seed: int) -> DecisionTreeClassifier:
    return DecisionTreeClassifier(splitter="random", max_depth=8, random_state=seed)


def bayes(seed: int) -> GaussianNB:
    return GaussianNB(var_smoothing=0.01)


def parts(kind: str, chance: np.random.Generator) -> Iterator[tuple[Any, Any]]:
    """Positions of the rows to train and to measure on, pair by pair, of rows drawn for this."""
    data = chance.permutation(1_797)[:ROWS]
    if kind == "folds":
        folds = np.array_split(data, PAIRS)
        for at in range(PAIRS):
            yield np.concatenate(folds[:at] + folds[at + 1 :]), folds[at]
    for _ in range(PAIRS if kind == "splits" else 0):
        mixed = chance.permutation(data)
        yield mixed[TESTED:], mixed[:TESTED]


def measured(kind: str, number: int, learners: Sequence[Callable[[int], Any]]) -> Scores:
    """Accuracies of one comparison: a row for each learner, a column for each pair."""
    chance = np.random.default_rng([number, kind == "folds"])
    x, y = load_digits(return_X_y=True)
    found = []
    if kind == "seeds":  # one split for all, so that only the training varies
        chance = np.random.default_rng(5)
        data = chance.permutation(1_797)[:ROWS]
        pairs = [(data[TESTED:], data[:TESTED])] * PAIRS
    else:
        pairs = list(parts(kind, chance))
    for at, (train, test) in enumerate(pairs):
        seed = number * PAIRS + at
        found.append(
            [
                make(seed + 10**6 * which).fit(x[train], y[train]).score(x[test], y[test])
                for which, make in enumerate(learners)
            ]
        )
    return np.array(found).T


@cache
def study(kind: str, *learners: Callable[[int], Any]) -> Scores:
    """Of all comparisons: comparison, learner, pair."""
    jobs = (delayed(measured)(kind, number, learners) for number in range(COMPARISONS))
    return np.stack(Parallel(n_jobs=2)(jobs))


def difference(kind: str, scores: Scores) -> Difference:
    """What is said of the runs of two configurations with these accuracies."""
    (found,) = compared(repeats_of(runs(kind, scores)))
    return found


def runs(kind: str, scores: Scores) -> list[RunFacts]:
    tested = ROWS // PAIRS if kind == "folds" else TESTED
    return [
        RunFacts(
            f"{which}-{pair}.prov.json",
            status="finished",
            configuration=str(which),
            seeds=str(pair),
            split="one" if kind == "seeds" else str(pair),
            trained_on=ROWS - tested,
            tested_on=tested,
            metrics={"accuracy": float(value)},
            labels={"accuracy": {"label": "Accuracy", "unit": "", "direction": "maximize"}},
        )
        for which, row in enumerate(scores)
        for pair, value in enumerate(row)
    ]


def uncorrected(scores: Scores) -> int:
    """How many a paired t-test would call different."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # equal pairs have no variance
        p = ttest_rel(scores[:, 0], scores[:, 1], axis=1).pvalue
    return int((p < 0.05).sum())


def alarms(kind: str, scores: Scores) -> int:
    return sum(difference(kind, one).is_shown for one in scores)


@pytest.mark.benchmark
@pytest.mark.parametrize("kind", ["splits", "folds", "seeds"])
def test_a_configuration_against_itself(kind: str) -> None:
    scores = study(kind, tree, tree)
    found = alarms(kind, scores)
    print(f"\n{kind}, itself: {found} of {COMPARISONS}, uncorrected {uncorrected(scores)}")
    assert found <= MOST_ALARMS


@pytest.mark.benchmark
@pytest.mark.parametrize("kind", ["splits", "folds", "seeds"])
def test_two_learners_that_are_equally_good(kind: str) -> None:
    scores = study(kind, tree, bayes if kind != "seeds" else shallow)
    equal = shifted(scores, 0.0)
    found = alarms(kind, equal)
    print(f"\n{kind}, two learners: {found} of {COMPARISONS}, uncorrected {uncorrected(equal)}")
    assert found <= MOST_ALARMS


def shallow(seed: int) -> DecisionTreeClassifier:
    return DecisionTreeClassifier(splitter="random", max_depth=6, random_state=seed)


def shifted(scores: Scores, effect: float) -> Scores:
    """The same learners, the first of which is better by this on average."""
    means = scores.mean(axis=(0, 2))
    moved = scores.copy()
    moved[:, 0] += means[1] - means[0] + effect
    return moved


@pytest.mark.benchmark
@pytest.mark.parametrize("kind", ["splits", "seeds"])
def test_the_best_of_several_copies(kind: str) -> None:
    """Which is the best is looked up first, which must not make a difference of chance."""
    scores = study(kind, tree, tree, tree, tree, tree)
    found = sum(
        any(one.is_shown for one in compared(repeats_of(runs(kind, one)))) for one in scores
    )
    print(f"\n{kind}, best of five copies: {found} of {COMPARISONS}")
    assert found <= MOST_ALARMS


@pytest.mark.benchmark
@pytest.mark.parametrize("kind", ["splits", "seeds"])
def test_the_power_grows_with_the_effect(kind: str) -> None:
    scores = study(kind, tree, bayes if kind != "seeds" else shallow)
    powers = []
    for effect in (0.0, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08):
        powers.append(alarms(kind, shifted(scores, effect)) / COMPARISONS)
        print(f"\n{kind}: {effect:.2f} better, {PAIRS} pairs: shown in {powers[-1]:.1%}", end="")
    assert all(one <= two + 0.02 for one, two in pairwise(powers))
    assert powers[-1] > 0.5
