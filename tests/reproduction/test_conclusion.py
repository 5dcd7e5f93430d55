"""What a comparison comes to, in sentences."""

from __future__ import annotations

import json
import math

from mlprov_widgets.comparison import Outcome, verify
from mlprov_widgets.record import Step
from tests.reproduction.made_runs import record
from tests.reproduction.verifying import changed, with_metrics


def test_the_same_in_a_sentence():
    (told,) = verify(record(), record()).conclusion.sentences
    assert told == (
        "Data, split, initial weights, history, weights, predictions and all 6 metrics are the "
        "same, bit for bit."
    )


def test_other_weights_on_another_number_of_threads():
    found = verify(
        changed(
            fingerprints={"weights": "f" * 64},
            environment={"torch_threads": 1},
            packages={"tqdm": "5.0"},
        ),
        changed(environment={"torch_threads": 4}),
    )
    assert found.conclusion.sentences == [
        "All 6 metrics are the same to the last digit, but not what is behind them: weights.",
        "Along the pipeline, the two part first at the weights.",
        "Most likely cause: the number of threads (torch threads: now 1, then 4); 1 more "
        "thing differs.",
    ]


def test_nothing_that_was_recorded_differs():
    found = verify(changed(fingerprints={"weights": "f" * 64}), record())
    assert found.differences == []
    assert "Nothing that was recorded differs" in found.conclusion.cause
    assert found.conclusion.cause in found.to_text()


def test_operations_that_are_not_deterministic_are_a_cause_without_a_difference():
    loose = {"nondeterministic_operations": ["adaptive_avg_pool2d_backward_cuda"]}
    new = changed(fingerprints={"weights": "f" * 64}, environment=loose)
    found = verify(new, changed(environment=loose))
    assert "adaptive_avg_pool2d_backward_cuda" in found.conclusion.cause


def test_differences_that_hardly_matter_are_not_called_a_cause():
    new = changed(fingerprints={"weights": "f" * 64}, packages={"tqdm": "5.0"})
    found = verify(new, record())
    assert found.conclusion.cause.startswith("Nothing that usually changes results")
    assert "hardly ever changes a result" in found.to_text()
    without_effect = verify(changed(packages={"tqdm": "5.0"}), record())
    assert without_effect.conclusion.cause == ""
    assert "without changing any result" in without_effect.to_text()


def test_metrics_that_differ_are_told_with_their_numbers():
    found = verify(with_metrics(accuracy=0.9, loss=0.5), record())
    assert found.conclusion.meaning == (
        "2 of 6 metrics differ: accuracy 0.9 instead of 0.973684, loss 0.5 instead of 0.125."
    )
    near = verify(with_metrics(loss=0.125 * (1 + 1e-7)), record())
    assert near.conclusion.meaning == (
        "No metric differs by more than the tolerance (1e-06 of its value, or 1e-08); 1 of 6 is "
        "not the same to the last digit."
    )
    more = verify(with_metrics(extra=1.0), record())
    assert more.conclusion.meaning == "Only this run has extra."


def test_a_run_that_was_interrupted():
    stopped = record(status="interrupted")
    del stopped.steps["model_evaluation"]
    for name in ("weights", "predictions"):
        del stopped.fingerprints[name]
    told = verify(record(), stopped).conclusion.meaning
    assert told == (
        "The original run has no metrics (it was interrupted), so there is no result to compare. "
        "Still the same: data, split, initial weights and history."
    )
    assert "This run has no metrics (it was interrupted)" in (
        verify(stopped, record()).conclusion.meaning
    )
    assert "Neither run has metrics" in verify(stopped, stopped).conclusion.meaning


def test_another_file_of_data_is_the_first_cause_with_its_size():
    new, old = record(), record()
    new.fingerprints["data"] = "9" * 64
    for made, rows in ((new, 149), (old, 150)):
        made.steps["data_ingestion"] = Step(values={"samples_total": rows, "root_location": "x"})
    new.steps["data_ingestion"].values["root_location"] = "y"
    found = verify(new, old)
    assert [(one.kind, one.name) for one in found.differences] == [
        ("data", "data"),
        ("data", "data_ingestion.samples_total"),
    ]
    assert "the data are not the same" in found.conclusion.cause


def test_threads_of_the_libraries_are_named_one_by_one():
    def pools(blas, openmp):
        return [
            {"internal_api": "openblas", "num_threads": blas, "architecture": "Haswell"},
            {"internal_api": "openmp", "num_threads": openmp},
        ]

    new = changed(environment={"thread_pools": pools(1, 2), "torch_threads": 1})
    old = changed(environment={"thread_pools": pools(4, 2), "torch_threads": 4})
    assert [
        (one.kind, one.name, one.new, one.original) for one in verify(new, old).differences
    ] == [
        ("threads", "torch_threads", 1, 4),
        ("threads", "openblas num_threads", "1", "4"),
    ]


def test_another_device_comes_before_what_belongs_to_it():
    new, old = record(), record()
    for made, gpu in ((new, True), (old, False)):
        made.steps["model_parameters"] = Step(values={"gpu_enable": gpu})
        made.environment["cuda_available"] = gpu
        made.environment["num_threads"] = 2 + gpu
    found = verify(new, old).differences
    assert [one.kind for one in found] == ["device", "threads", "GPU"]


def test_values_of_many_classes_are_folded_where_they_are_the_same():
    many = {f"class {number}": number / 12 for number in range(12)}
    same, other = with_metrics(recall=many), with_metrics(recall={**many, "class 3": 0.5})
    page = verify(same, same).to_html()
    before, _, folded = page.partition("<details>")
    assert "recall: class 3" not in before
    assert "recall: class 3" in folded
    before, _, folded = verify(other, same).to_html().partition("<details>")
    assert "recall: class 3" in before
    assert "recall: class 4" in folded
    assert "all identical" in folded


def test_a_changed_parameter_is_named_once():
    new, old = record(), record()
    for made, rate in ((new, 0.1), (old, 0.01)):
        made.values["learning_rate"] = rate
        made.steps["model_training"].values["optimizer_learning_rate"] = rate
    assert [one.name for one in verify(new, old).differences] == ["learning_rate"]


def test_numbers_that_are_none_do_not_differ():
    one = changed(values={"gain": math.nan}, environment={"limits": [math.nan, math.inf]})
    again = Outcome.from_dict(json.loads(json.dumps(Outcome.of(one).to_dict(), allow_nan=False)))
    assert verify(one, again).differences == []


def test_empty_values_of_other_kinds_are_not_the_same():
    assert verify(with_metrics(parts=[]), with_metrics(parts={})).verdict == "different"
    assert verify(with_metrics(parts=[[]]), with_metrics(parts=[[]])).verdict == "bit-identical"
