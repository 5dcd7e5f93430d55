"""Which is better, and is it noise: never more than the runs can show, and what it rests on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.record import Record, Step
from mlprov_widgets.several import RunComparison, compare_runs
from tests.observed import finding
from tests.several.made import made_run, repeats, run_file

BETTER = [0.95, 0.96, 0.94, 0.95, 0.97, 0.96, 0.95]
WORSE = [0.85, 0.87, 0.84, 0.86, 0.86, 0.85, 0.84]
ALIKE = [0.96, 0.95, 0.95, 0.94, 0.97, 0.95, 0.97]


def adam_and_sgd(adam: list[float], sgd: list[float], **changes: Any) -> RunComparison:
    runs = repeats("a", adam, {"optimizer": "Adam"}, **changes)
    return compare_runs(runs, repeats("s", sgd, {"optimizer": "SGD"}, **changes))


def text(told: RunComparison) -> str:
    return str(told.answer.text)


def test_a_difference_that_was_tested_is_told_with_its_test() -> None:
    told = adam_and_sgd(WORSE, BETTER)
    assert told.answer.verdict == "shown"
    assert text(told) == (
        "A (optimizer SGD) has the highest accuracy: 0.9543 ± 0.0098 (n = 7), against "
        "0.8529 ± 0.011 (n = 7) of B (optimizer Adam). That is more than chance."
    )
    (test,) = told.answer.rests_on
    assert "7 pairs of runs with the same seeds on one split, paired t-test, p below 0.001" in test


def test_a_small_difference_is_not_called_better_and_says_what_it_would_take() -> None:
    told = adam_and_sgd(BETTER, ALIKE)
    assert told.answer.verdict == "not shown"
    assert text(told).startswith("None is shown to be better: A (optimizer")
    assert "further pairs of runs would show it" in text(told)
    assert told.page.badges[0] == ("Not told from chance", "fair")


def test_better_than_some_is_not_better_than_all() -> None:
    told = compare_runs(
        repeats("a", BETTER, {"optimizer": "Adam"}),
        repeats("r", ALIKE, {"optimizer": "RMSprop"}),
        repeats("s", WORSE, {"optimizer": "SGD"}),
    )
    assert told.answer.verdict == "partly"
    assert text(told).startswith("Between A (optimizer RMSprop) and B (optimizer Adam) no diff")
    assert text(told).endswith("A is higher than C (optimizer SGD) by more than chance.")
    assert "Holm's correction for 3 comparisons" in told.answer.rests_on[0]


def test_equal_means_are_no_ranking() -> None:
    told = compare_runs(
        repeats("a", BETTER, {"optimizer": "Adam"}),
        repeats("r", BETTER[::-1], {"optimizer": "RMSprop"}),
        repeats("s", WORSE, {"optimizer": "SGD"}),
    )
    assert "highest" not in text(told)
    assert "have the same accuracy" in text(adam_and_sgd(BETTER, BETTER[::-1]))
    assert "have the same accuracy" in text(adam_and_sgd([0.9], [0.9]))


def test_runs_that_were_not_repeated_are_not_ranked() -> None:
    told = adam_and_sgd([0.9], [0.1])
    assert told.answer.verdict == "unknown"
    assert "each was run once, so that it may be chance" in text(told)
    assert "6 times on one split, or on 3 splits" in text(told)
    assert told.answer.rests_on == []


def test_the_best_that_was_run_once_is_not_called_best_of_repeated_ones() -> None:
    told = adam_and_sgd([0.99], WORSE)
    assert told.answer.verdict == "unknown"
    assert "A (optimizer Adam) has the highest accuracy" in text(told)
    assert "was run once" in text(told)


def test_a_mean_of_other_runs_than_were_tested_is_not_called_better() -> None:
    """The best mean comes of runs without a partner; in the pairs it is the worse one."""
    lucky = [
        made_run(f"l{n}", {"accuracy": 0.999}, {"optimizer": "Adam"}, n) for n in range(20, 60)
    ]
    told = compare_runs(
        repeats("a", WORSE, {"optimizer": "Adam"}),
        lucky,
        repeats("s", BETTER, {"optimizer": "SGD"}),
    )
    assert told.configurations[0].name == "optimizer Adam"
    assert told.answer.verdict != "shown"
    assert "more than chance" not in text(told)
    assert told.metrics[0].chance == "not told from chance"
    assert "is lower than that of B" in told.answer.rests_on[0]


def test_the_metric_is_that_of_the_data_that_most_are_on() -> None:
    fewer = on("e", [made_run(f"e{n}", {"accuracy": 0.9}, {"x": n}) for n in range(2)])
    more = on("f", [made_run(f"f{n}", {"loss": 0.9}, {"x": n}) for n in range(3)])
    for run in fewer:
        run.steps["model_evaluation"].values["evaluation_metrics"] |= {"r2": 0.1, "f1": 0.2}
    assert compare_runs(fewer, more).metric == "loss"


def test_too_few_pairs_are_said_to_be_too_few() -> None:
    told = adam_and_sgd(BETTER[:3], WORSE[:3])
    assert told.answer.verdict == "unknown"
    assert "too few of their runs share seeds and splits" in text(told)


def test_runs_without_a_common_seed_are_not_compared() -> None:
    sgd = [made_run(f"s{n}", {"accuracy": 0.5}, {"optimizer": "SGD"}, n) for n in range(20, 27)]
    told = compare_runs(repeats("a", BETTER, {}), sgd)
    assert told.answer.verdict == "unknown"
    assert "no two of their runs have the same seeds and split" in text(told)


def test_of_what_should_be_small_the_lowest_is_best() -> None:
    runs = [
        made_run(f"{name}{seed}", {"loss": loss + seed / 1000}, {"optimizer": name}, seed)
        for name, loss in (("Adam", 0.5), ("SGD", 0.25))
        for seed in range(1, 8)
    ]
    told = compare_runs(runs)
    assert "A (optimizer SGD) has the lowest loss" in text(told)
    assert told.metrics[0].best == 0


def test_nothing_is_best_where_nobody_says_which_way_is_better() -> None:
    runs = [
        made_run(f"{name}{seed}", {"wobble": value + seed}, {"optimizer": name}, seed)
        for name, value in (("Adam", 5.0), ("SGD", 2.0))
        for seed in range(1, 8)
    ]
    told = compare_runs(runs)
    assert "Nobody has declared which way wobble is better" in text(told)
    assert told.metrics[0].best is None


def test_repeats_of_one_thing_leave_nothing_to_choose() -> None:
    told = compare_runs(repeats("a", BETTER, {}))
    assert "nothing to choose from: accuracy is 0.9543 ± 0.0098 (n = 7)" in text(told)
    assert [len(one.runs) for one in told.configurations] == [7]


def test_the_same_run_again_is_told_as_one() -> None:
    again = [made_run(f"again{n}", {"accuracy": 0.9}, seed=1) for n in range(3)]
    told = compare_runs(again)
    assert "one run, 3 times. In each of them accuracy is 0.9." in text(told)
    assert any(
        "counts only once" in one or "count only once" in one for one in told.answer.cautions
    )
    again[0].steps["model_evaluation"].values["evaluation_metrics"]["accuracy"] = 0.8
    assert "and yet accuracy is not the same: 0.8 to 0.9" in text(compare_runs(again))


def test_without_seeds_and_splits_nobody_knows_what_a_repeat_is() -> None:
    runs = [made_run(f"r{n}", {"accuracy": 0.9 + n / 100}) for n in range(3)]
    for run in runs:
        del run.steps["model_training"].values["random_seed"]
        run.fingerprints.pop("split")
    told = compare_runs(runs)
    assert "neither seeds nor splits were recorded" in text(told)
    assert text(told).endswith("accuracy is 0.9 to 0.92.")
    assert any("only one run counts" in one for one in told.answer.cautions)
    assert told.columns[0].ended == (told.runs[0],)


def on(data: str, runs: list[Record]) -> list[Record]:
    for run in runs:
        run.fingerprints["data"] = data * 64
        run.steps["data_ingestion"] = Step(values={"dataset_id": f"set {data}"})
    return runs


def test_other_data_are_left_out_of_the_answer_and_said() -> None:
    other = on("f", repeats("o", [0.99], {"optimizer": "RMSprop"}))
    runs = on("e", [*repeats("a", BETTER, {}), *repeats("s", WORSE, {"optimizer": "SGD"})])
    told = compare_runs(runs, other)
    assert told.answer.verdict == "shown"
    assert "o-1" not in text(told)
    (caution,) = [one for one in told.answer.cautions if "other data" in one]
    assert caution.startswith("The answer is for the 14 runs on set e; 1 run was on other data")
    alone = compare_runs(on("f", repeats("o", [0.99], {})), on("e", repeats("p", [0.9], {})))
    assert alone.answer.verdict == "unknown"
    assert "used different data" in text(alone)


@pytest.mark.parametrize("status", ["failed", "interrupted", "unfinished"])
def test_runs_without_an_end_do_not_count_and_are_named(status: str) -> None:
    broken = made_run("broken", {"accuracy": 1.0}, {"optimizer": "Best"}, status=status)
    told = compare_runs(repeats("a", BETTER, {}), repeats("s", WORSE, {"optimizer": "SGD"}), broken)
    assert "Best" not in text(told)
    assert any(one.startswith("iris.ipynb") and status in one for one in told.answer.cautions)
    assert ("1 run without a result", "bad") in told.page.badges


def test_figures_of_the_testing_part_are_said_to_be_that() -> None:
    runs = [*repeats("a", BETTER, {}), *repeats("s", WORSE, {"optimizer": "SGD"})]
    for run in runs:
        run.steps["model_evaluation"].values["measured_on"] = "testing"
    told = compare_runs(runs)
    assert "the highest accuracy on the testing part" in text(told)
    assert any("rows that no choice has seen" in one for one in told.answer.cautions)
    for run in runs:
        run.steps["model_evaluation"].values["measured_on"] = "validation"
    told = compare_runs(runs)
    assert "on the validation part" in text(told)
    assert not any("no choice has seen" in one for one in told.answer.cautions)


def test_a_metric_of_another_part_is_not_of_that_of_the_predictions() -> None:
    runs = [
        made_run(f"{name}-{seed}", {"accuracy": 0.9, "validation_loss": loss}, values, seed)
        for name, loss, values in (("a", 0.25, {}), ("s", 0.5, {"optimizer": "SGD"}))
        for seed in (1, 2)
    ]
    for run in runs:
        run.steps["model_evaluation"].values["measured_on"] = "testing"
    told = compare_runs(runs, metric="validation_loss")
    assert "the lowest validation loss on the validation part" in text(told)
    assert not any("no choice has seen" in one for one in told.answer.cautions)


def test_repeats_that_draw_nothing_are_not_called_better() -> None:
    told = adam_and_sgd([0.9] * 7, [0.8] * 7)
    assert told.answer.verdict == "unknown"
    assert "the difference is exactly the same, which says nothing of chance" in text(told)
    assert all(one.interval is None for _, one in told.answer.ranked)


def test_parts_that_are_not_the_same_are_said() -> None:
    one, two = repeats("a", [0.9], {}) + repeats("s", [0.8], {"optimizer": "SGD"})
    one.steps["model_evaluation"].values["measured_on"] = "testing"
    two.steps["model_evaluation"].values["measured_on"] = "training"
    assert compare_runs(one, two).metrics[0].part.endswith("not the same for all")


def test_no_metric_is_best_across_different_data() -> None:
    told = compare_runs(on("f", repeats("o", [0.99], {})), on("e", repeats("p", [0.9], {"x": 1})))
    assert (told.metrics[0].best, told.metrics[0].chance) == (None, "on different data")


def test_data_that_are_only_named_are_those_of_that_name() -> None:
    known = on("e", repeats("a", [0.9], {}))
    named = on("e", repeats("s", [0.8], {"optimizer": "SGD"}))
    del named[0].fingerprints["data"]
    assert "each was run once" in text(compare_runs(known, named))
    named[0].steps["data_ingestion"].values["dataset_id"] = "another"
    assert "used different data" in text(compare_runs(known, named))
    # Nobody knows whether data without a name are others.
    del named[0].steps["data_ingestion"].values["dataset_id"]
    told = compare_runs(known, named)
    assert "each was run once" in text(told)
    assert any("is not recorded" in one for one in told.answer.cautions)


def test_the_same_run_again_does_not_count_in_a_mean() -> None:
    runs = [*repeats("a", [0.9, 0.8], {}), made_run("again", {"accuracy": 0.9}, seed=1)]
    told = compare_runs(runs, repeats("s", [0.7, 0.6], {"optimizer": "SGD"}))
    assert told.metrics[0].texts[0] == "0.85 ± 0.071 (2 of 3)"


def test_a_leak_stands_beside_the_answer() -> None:
    one, two = repeats("a", [0.9], {}) + repeats("s", [0.8], {"optimizer": "SGD"})
    one.findings.append(finding("target_in_features", kind="leak", feature="price"))
    told = compare_runs(one, two)
    assert ("1 run with a leak", "bad") in told.page.badges
    assert "price says the same as the target" in told.to_text()


def test_another_environment_is_said_to_be_a_cause_as_well() -> None:
    told = compare_runs(
        repeats("a", BETTER, {}),
        repeats("s", WORSE, {"optimizer": "SGD"}, packages={"numpy": "1.26"}),
    )
    assert "Not the configuration alone differs: so do numpy" in told.to_text()


def test_another_metric_can_be_asked_for_and_a_wrong_one_is_named() -> None:
    runs = [
        made_run(f"{name}{seed}", {"accuracy": 0.9, "loss": loss}, {"optimizer": name}, seed)
        for name, loss in (("Adam", 0.5), ("SGD", 0.25))
        for seed in range(1, 8)
    ]
    told = compare_runs(runs, metric="loss")
    assert told.metric == "loss"
    assert "loss" in text(told)
    assert told.judged_by("accuracy").metric == "accuracy"
    with pytest.raises(MlprovError, match="is 'accuracy' meant"):
        compare_runs(runs, metric="acuracy")


def test_it_takes_two_runs(tmp_path: Path) -> None:
    with pytest.raises(MlprovError, match="none that can be read was found"):
        compare_runs(tmp_path)
    run_file(tmp_path, "one", {"accuracy": 0.5})
    (tmp_path / "half.prov.json").write_text("{")
    with pytest.raises(MlprovError, match=r"1 run that can be read was found \(half"):
        compare_runs(tmp_path)
