"""Repeats are recognised and summarised; a difference is told with what it rests on."""

from __future__ import annotations

import math
import random
import statistics

import pytest
from scipy import stats

from mlprov_widgets.present.text import blocks_to_text
from mlprov_widgets.store import RunFacts
from mlprov_widgets.store.noise import SEEDS, SPLITS, compared, difference_of
from mlprov_widgets.store.repeats import Repeats, repeats_of
from mlprov_widgets.store.summary import summary_of

LABELS = {
    "accuracy": {"label": "Accuracy", "unit": "", "direction": "maximize"},
    "error": {"label": "Error", "unit": "cm", "direction": "minimize"},
}


def run(
    configuration: str, seed: object, value: float, split: str = "s", metric: str = "accuracy"
) -> RunFacts:
    return RunFacts(
        f"{configuration}-{seed}-{split}",
        status="finished",
        model=configuration,
        seeds=str(seed),
        split=split,
        trained_on=80,
        tested_on=20,
        configuration=configuration,
        headline=metric,
        metrics={metric: value},
        labels=LABELS,
        parameters={"seed": seed},
        seed_parameters=["seed"],
    )


def two(first: list[float], second: list[float], splits: bool, metric: str = "accuracy"):
    """Two configurations, run by run on the same seeds, on one split or on a split each."""
    return [
        Repeats(
            tuple(
                run(name, seed, value, f"s{seed}" if splits else "s", metric)
                for seed, value in enumerate(values)
            ),
            metric,
            name,
        )
        for name, values in (("A", first), ("B", second))
    ]


def test_runs_that_differ_in_their_seeds_are_put_together_the_best_first() -> None:
    runs = [run("A", seed, 0.5 + seed / 100) for seed in range(4)]
    runs += [run("B", seed, 0.7) for seed in range(3)]
    best, other = repeats_of(runs)
    assert (best.name, len(best.runs), best.deviation) == ("B", 3, 0.0)
    assert (other.name, len(other.runs)) == ("A", 4)
    assert other.mean == pytest.approx(0.515)
    low, high = stats.t.interval(
        0.95, 3, loc=other.mean, scale=statistics.stdev(other.values) / math.sqrt(4)
    )
    assert other.interval == pytest.approx((low, high))


def test_the_same_run_again_is_no_further_evidence() -> None:
    runs = [run("A", 1, 0.5), run("A", 1, 0.5), run("A", 2, 0.6)]
    (one,) = repeats_of(runs)
    assert len(one.runs) == 2


@pytest.mark.parametrize("status", ["failed", "diverged", "unfinished", "interrupted"])
def test_runs_that_did_not_come_to_their_end_do_not_count(status: str) -> None:
    broken = RunFacts(**{**run("A", 1, 0.9).__dict__, "status": status})
    assert repeats_of([broken]) == []


def test_of_an_error_the_smallest_is_best() -> None:
    runs = [run(name, 1, value, metric="error") for name, value in (("A", 2.0), ("B", 1.0))]
    assert [one.name for one in repeats_of(runs)] == ["B", "A"]


def test_seeds_on_one_split_are_compared_by_the_paired_t_test() -> None:
    first = [0.91, 0.93, 0.92, 0.94, 0.90, 0.95, 0.93]
    second = [0.89, 0.92, 0.90, 0.90, 0.89, 0.91, 0.92]
    found = difference_of(*two(first, second, splits=False))
    expected = stats.ttest_rel(first, second)
    assert (found.kind, found.pairs) == (SEEDS, 7)
    assert found.p == pytest.approx(expected.pvalue)
    assert found.interval == pytest.approx(tuple(expected.confidence_interval(0.95)))
    assert found.is_shown
    assert "The accuracy of A is higher than that of B by 0.02143" in found.text
    assert "paired t-test" in found.text


def test_splits_of_the_same_rows_are_corrected_for() -> None:
    first = [0.91, 0.93, 0.92, 0.94, 0.90, 0.95, 0.93, 0.94]
    second = [0.89, 0.92, 0.90, 0.93, 0.89, 0.92, 0.92, 0.92]
    found = difference_of(*two(first, second, splits=True))
    values = [a - b for a, b in zip(first, second, strict=True)]
    error = statistics.stdev(values) * math.sqrt(1 / 8 + 20 / 80)
    assert found.kind == SPLITS
    assert found.p == pytest.approx(2 * stats.t.sf(statistics.fmean(values) / error, 7))
    # Uncorrected it would look surer than it is.
    assert found.p > stats.ttest_rel(first, second).pvalue
    assert "corrected resampled t-test" in found.text


def test_a_lower_error_is_told_as_lower_with_its_unit() -> None:
    first, second = [1.0, 1.1, 0.9, 1.0, 1.05, 0.95], [2.0, 2.2, 1.9, 2.1, 2.0, 1.9]
    found = difference_of(*two(first, second, splits=False, metric="error"))
    assert "is lower than that of B by 1.017 cm (95 % confidence interval 0." in found.text


def test_too_few_pairs_say_how_many_it_takes_to_say_anything() -> None:
    found = difference_of(*two([0.9] * 5, [0.8] * 5, splits=False))
    assert found.p is None
    assert "share 5 pairs of runs; from 6 on" in found.text
    found = difference_of(*two([0.9] * 2, [0.8] * 2, splits=True))
    assert "share 2 pairs of runs; from 3 on" in found.text


def test_a_difference_within_chance_says_how_many_pairs_would_show_it() -> None:
    chance = random.Random(3)
    first = [0.90 + chance.gauss(0, 0.02) for _ in range(8)]
    second = [0.895 + chance.gauss(0, 0.02) for _ in range(8)]
    found = difference_of(*two(first, second, splits=False))
    assert not found.is_shown
    assert found.enough is not None
    assert f"about {found.enough:,} pairs" in found.text
    # With so many pairs the power is what was promised.
    values = [a - b for a, b in zip(first, second, strict=True)]
    effect = abs(statistics.fmean(values)) / statistics.stdev(values)
    power = stats.nct.sf(
        stats.t.ppf(0.975, found.enough - 1), found.enough - 1, effect * found.enough**0.5
    )
    assert power >= 0.8


def test_runs_without_common_seeds_are_not_compared() -> None:
    a = Repeats(tuple(run("A", seed, 0.9) for seed in range(6)), "accuracy", "A")
    b = Repeats(tuple(run("B", seed, 0.8) for seed in range(10, 16)), "accuracy", "B")
    found = difference_of(a, b)
    assert (found.pairs, found.p) == (0, None)
    assert "repeat both with the same seeds" in found.text


def test_what_knows_no_seeds_is_paired_by_its_split() -> None:
    a = Repeats(tuple(run("A", "", 0.9, f"s{n}") for n in range(4)), "accuracy", "A")
    b = Repeats(tuple(run("B", n, 0.8 + n / 99, f"s{n}") for n in range(4)), "accuracy", "B")
    assert difference_of(a, b).pairs == 4


def test_several_comparisons_are_corrected() -> None:
    chance = random.Random(5)
    groups = [
        Repeats(
            tuple(run(name, n, level + chance.gauss(0, 0.01)) for n in range(8)), "accuracy", name
        )
        for name, level in (("A", 0.95), ("B", 0.93), ("C", 0.92), ("D", 0.90))
    ]
    found = compared(groups)
    alone = [difference_of(groups[0], other).p for other in groups[1:]]
    order = sorted(range(3), key=lambda at: alone[at])
    highest, expected = 0.0, {}
    for rank, at in enumerate(order):
        # All with all: which is the best was looked up.
        highest = max(highest, min(1.0, alone[at] * (6 - rank)))
        expected[at] = highest
    assert [one.p for one in found] == pytest.approx([expected[at] for at in range(3)])
    assert all("Holm's correction for 6 comparisons" in one.text for one in found)
    # What it takes to see one of several is more than for that one alone.
    assert (found[0].enough or 0) > (difference_of(groups[0], groups[1]).enough or 0)


def test_equal_results_are_no_difference() -> None:
    found = difference_of(*two([0.9] * 6, [0.9] * 6, splits=False))
    assert (found.p, found.effect, found.is_shown) == (1.0, 0.0, False)
    assert "A and B come to the same accuracy, so the pairs say nothing of chance" in found.text


@pytest.mark.parametrize("splits", [True, False])
@pytest.mark.parametrize(
    ("first", "second"),
    [([0.9] * 8, [0.8] * 8), ([0.1 * 3 + n / 10 for n in range(6)], [n / 10 for n in range(6)])],
    ids=["values that do not vary", "differences but for the last digits"],
)
def test_repeats_that_draw_nothing_are_one_comparison(
    first: list[float], second: list[float], splits: bool
) -> None:
    found = difference_of(*two(first, second, splits))
    assert (found.p, found.interval, found.is_shown) == (None, None, False)
    assert f"differ in accuracy by exactly {found.effect:.1f}, so the pairs say" in found.text
    assert "repeat both on several splits" in found.text


def test_runs_that_come_to_the_same_have_no_interval() -> None:
    runs = [run("A", seed, 0.9) for seed in range(5)]
    (same,) = repeats_of(runs)
    assert (same.deviation, same.interval) == (0, None)
    text = blocks_to_text(summary_of(runs))
    assert "All 5 runs of A come to 0.9, which says nothing of how far others may lie" in text
    assert "0.9 to 0.9" not in text


def test_false_alarms_are_as_many_as_promised() -> None:
    chance = random.Random(11)
    alarms = 0
    for _ in range(1000):
        first = [chance.gauss(0, 1) for _ in range(10)]
        second = [chance.gauss(0, 1) for _ in range(10)]
        found = difference_of(*two(first, second, splits=False))
        alarms += found.is_shown
    # 5 % of 1,000, within three standard errors.
    assert 50 - 21 <= alarms <= 50 + 21


def test_the_best_of_five_copies_is_seldom_called_better() -> None:
    chance = random.Random(3)
    alarms = 0
    for _ in range(300):
        copies = [
            Repeats(tuple(run(name, n, chance.gauss(0, 1)) for n in range(10)), "accuracy", name)
            for name in "ABCDE"
        ]
        copies.sort(key=lambda one: -one.mean)
        alarms += any(one.is_shown for one in compared(copies))
    # 5 % of 300, and three standard errors.
    assert 0 < alarms <= 15 + 11


def test_single_runs_ask_for_repeats() -> None:
    runs = [run("A", 1, 0.9), run("B", 1, 0.8)]
    assert "Each configuration was run once" in blocks_to_text(summary_of(runs))
    assert "None of these runs" in blocks_to_text(summary_of([]))
