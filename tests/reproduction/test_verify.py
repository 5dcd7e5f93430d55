"""Two runs are compared; each test changes one thing and looks what is said about it."""

from __future__ import annotations

import copy
import json
import math
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlprov_widgets.errors import RecordError
from mlprov_widgets.provenance import Execution, Step, write_record
from mlprov_widgets.reproduction import VERDICTS, Outcome, verify
from tests.reproduction.made_runs import BEGAN, cell, record


def changed(**fields):
    """A record that is like the other but for entries of its dicts."""
    made = record()
    for name, entries in fields.items():
        getattr(made, name).update(entries)
    return made


def with_metrics(**metrics):
    made = copy.deepcopy(record())
    made.steps["model_evaluation"].values["evaluation_metrics"].update(metrics)
    return made


def items(verification):
    return {item.name: item for item in verification.items}


def test_a_run_is_the_same_as_itself():
    found = verify(record(), record())
    assert found.verdict == "bit-identical"
    assert found.differences == []
    assert found.first_difference is None
    assert [item.name for item in found.items] == [
        "data",
        "split",
        "initial_weights",
        "history",
        "weights",
        "predictions",
        "accuracy",
        "loss",
        "roc_auc",
        "f1_per_class: setosa",
        "f1_per_class: virginica",
        "confusion_matrix",
    ]
    assert {item.verdict for item in found.items} == {"identical"}
    assert found.to_text().splitlines()[-1] == "Verdict: bit-identical"


def test_the_same_metrics_from_other_weights():
    found = verify(changed(fingerprints={"weights": "f" * 64}), record())
    assert found.verdict == "metric-identical"
    assert found.first_difference.name == "weights"


@pytest.mark.parametrize("name", ["data", "weights", "predictions"])
def test_without_a_decisive_fingerprint_nothing_is_bit_identical(name):
    one, two = record(), record()
    del one.fingerprints[name], two.fingerprints[name]
    found = verify(one, two)
    assert items(found)[name].verdict == "missing"
    assert found.verdict == "metric-identical"
    assert re.search(rf"^{name} +– +– +missing$", found.to_text(), re.MULTILINE)


@pytest.mark.parametrize(
    ("loss", "verdict"),
    [
        (0.125, "bit-identical"),
        (0.125 * (1 + 1e-7), "within tolerance"),
        (0.125 * (1 + 1e-5), "different"),
        (math.nan, "different"),
        ("0.125", "different"),
        (None, "different"),
    ],
)
def test_levels(loss, verdict):
    assert verify(with_metrics(loss=loss), record()).verdict == verdict


def test_the_tolerance_can_be_set():
    new = with_metrics(loss=0.126)
    assert verify(new, record(), relative=0.01).verdict == "within tolerance"
    assert verify(new, record(), absolute=0.01).verdict == "within tolerance"
    near = with_metrics(loss=0.125 + 1e-12)
    assert verify(near, record(), relative=0, absolute=0).verdict == "different"
    with pytest.raises(ValueError, match="negative"):
        verify(new, record(), relative=-1)


def test_numbers_that_look_alike_are_shown_to_the_digit_that_differs():
    row = next(
        line
        for line in verify(with_metrics(loss=0.125 + 1e-12), record()).to_text().splitlines()
        if line.startswith("loss")
    )
    assert row.split()[:3] == ["loss", repr(0.125 + 1e-12), "0.125"]


def test_inside_a_matrix():
    found = items(verify(with_metrics(confusion_matrix=[[10, 0], [2, 8]]), record()))
    assert found["confusion_matrix"].verdict == "different"
    assert found["confusion_matrix"].note == "first at 2, 1"
    other_shape = items(verify(with_metrics(confusion_matrix=[[10, 0]]), record()))
    assert other_shape["confusion_matrix"].verdict == "different"


def test_a_class_that_only_one_run_has():
    found = verify(with_metrics(f1_per_class={"setosa": 1.0, "versicolor": 0.5}), record())
    assert items(found)["f1_per_class: virginica"].verdict == "missing"
    assert items(found)["f1_per_class: versicolor"].verdict == "missing"
    assert found.verdict == "different"


def test_a_run_without_metrics():
    without = record(steps={})
    assert verify(without, record()).verdict == "different"
    nothing = record(steps={}, fingerprints={})
    assert verify(nothing, nothing).verdict == "different"


def test_where_the_histories_part():
    new = record()
    epochs = new.steps["model_training"].values["history"]
    epochs[1] = {**epochs[1], "loss": 0.6}
    found = verify(new, record())
    assert items(found)["history"].verdict == "different"
    history = items(found)["history"]
    assert (history.epoch, history.quantity) == (2, "loss")
    assert history.note == "from epoch 2: loss 0.6 instead of 0.5"
    assert found.verdict == "metric-identical"
    assert found.first_difference is history
    assert history.note in found.to_text()

    del epochs[2]
    epochs[1] = {**epochs[1], "loss": 0.5}
    found = verify(new, record())
    assert (items(found)["history"].new, items(found)["history"].original) == (
        "2 epochs",
        "3 epochs",
    )
    assert items(found)["history"].note == "epoch 3 is only in the original"


def history_of(*losses, first=1, **more):
    """A record with these losses, one an epoch."""
    made = record()
    made.steps["model_training"].values["history"] = [
        {"epoch": epoch, "loss": loss, **more} for epoch, loss in enumerate(losses, start=first)
    ]
    return made


@pytest.mark.parametrize(
    ("new", "verdict", "epoch", "note"),
    [
        (history_of(3.0, 2.0, math.nan), "identical", None, ""),
        (history_of(3.0, 2.0), "different", 3, "epoch 3 is only in the original"),
        (
            history_of(3.0, 2.0, math.nan, 1.0, 0.5),
            "different",
            4,
            "epochs 4 to 5 are only in this run",
        ),
        (
            history_of(2.0, math.nan, first=2),
            "different",
            1,
            "epoch 1 is only in the original",
        ),
        (
            history_of(3.0, 2.0, 1.0),
            "different",
            3,
            "from epoch 3: loss 1 instead of nan",
        ),
        (
            history_of(3.0000001, 2.1, math.nan),
            "different",
            1,
            "from epoch 1: loss 3.0000001 instead of 3; beyond the tolerance from epoch 2",
        ),
        (
            history_of(3.0000001, 2.0, math.nan),
            "within tolerance",
            1,
            "from epoch 1: loss 3.0000001 instead of 3",
        ),
        (
            history_of(3.0, 2.0, math.nan, rate=0.1),
            "different",
            1,
            "from epoch 1: rate only in this run",
        ),
        (history_of(), "missing", None, ""),
    ],
)
def test_histories(new, verdict, epoch, note):
    history = items(verify(new, history_of(3.0, 2.0, math.nan)))["history"]
    assert (history.verdict, history.epoch, history.note) == (verdict, epoch, note)


def test_a_resumed_history_is_compared_epoch_by_epoch():
    """A run that was taken up again after its second epoch has the later ones only."""
    resumed, whole = history_of(1.5, 1.0, first=3), history_of(3.0, 2.0, 1.4, 1.0)
    history = items(verify(resumed, whole))["history"]
    assert history.note == (
        "from epoch 3: loss 1.5 instead of 1.4; epochs 1 to 2 are only in the original"
    )


def test_a_history_by_columns_and_without_times():
    rows, columns = record(), record()
    rows.steps["model_training"].values["history"] = [
        {"loss": 1.0, "epoch_seconds": 0.1},
        {"loss": 0.5, "epoch_seconds": 0.1},
    ]
    columns.steps["model_training"].values["history"] = {"loss": [1.0, 0.5]}
    assert verify(columns, rows).verdict == "bit-identical"


def test_what_differed_most_likely_cause_first():
    new = changed(
        values={"seed": 1},
        fingerprints={"data": "9" * 64},
        packages={"tqdm": "5.0", "torch": "3.0", "extra": "1"},
        environment={"num_threads": 1, "cpu_capability": "AVX512", "cuda_version": "13.0"},
        hardware_info={"CPU": "Another"},
    )
    new.cells[3] = cell("training", "x = 2", generated="x = 1", step="model_training")
    found = verify(new, record())
    assert [(one.kind, one.name) for one in found.differences] == [
        ("data", "data"),
        ("value", "seed"),
        ("code", "code cell 3 (model training)"),
        ("threads", "num_threads"),
        ("CPU capability", "cpu_capability"),
        ("library", "torch"),
        ("GPU", "cuda_version"),
        ("package", "extra"),
        ("package", "tqdm"),
        ("hardware", "CPU"),
    ]
    text = found.to_text()
    assert re.search(r"^library: torch +3\.0 +2\.9$", text, re.MULTILINE)
    assert re.search(r"^package: extra +1 +–$", text, re.MULTILINE)
    assert text.endswith("Verdict: metric-identical")


def test_a_value_changed_in_the_notebook():
    new = record()
    new.steps["model_training"].values["batch_size"] = 32
    (one,) = verify(new, record()).differences
    assert (one.kind, one.name, one.new, one.original) == (
        "value",
        "model_training.batch_size",
        32,
        16,
    )


def test_a_value_that_one_run_did_not_get_to():
    new = record()
    del new.steps["model_training"].values["batch_size"]
    assert verify(new, record()).differences == []


def test_cells():
    new = record()
    new.cells.insert(2, cell("added-1", "y = 2", generated=None))
    new.cells[4] = cell("training", generated="x = 1", step="model_training")
    # The last cell has not run either, but the comparison may be made while it runs.
    new.cells.append(cell("late", generated="z = 1"))
    found = verify(new, record()).differences
    assert [(one.name, one.new) for one in found] == [
        ("code cell 4 (model training)", "not run"),
        ("code cell 2", "added"),
    ]


def test_a_cell_that_ran_only_now():
    old, new = record(), record()
    old.cells[2].executions.clear()
    (one,) = verify(new, old).differences
    assert (one.name, one.new, one.original) == ("code cell 2", "run", "not run")
    old.cells[2:] = [cell("start", generated="run = start_run('iris.ipynb', seed=42)")]
    # A run that did not get there says nothing about its later cells.
    old.status = "failed"
    assert verify(record(cells=record().cells[:3]), old).differences == []


def in_turn(*turns, notebook="iris.ipynb"):
    """A run with a cell each of model, training and evaluation, executed in these turns."""
    steps = ("model_parameters", "model_training", "model_evaluation")
    cells = [cell("start", f"run = start_run('{notebook}', seed=42)", step="start")]
    cells += [cell(step, f"{step} = 1", step=step) for step in steps]
    for one in cells[1:]:
        one.executions.clear()
    for count, place in enumerate(turns, start=2):
        one = cells[place]
        one.executions.append(Execution(one.generated, count, BEGAN, BEGAN))
    return record(cells=cells, fingerprints={**record().fingerprints, "weights": "f" * 64})


def test_a_cell_that_ran_twice_is_the_cause():
    """Training that went on from the trained model, which the code alone does not tell."""
    old = in_turn(1, 2, 2, 3)
    old.fingerprints["weights"] = "d" * 64
    found = verify(in_turn(1, 2, 3), old)
    (one,) = found.differences
    assert (one.kind, one.new, one.original) == ("order", "run once", "run 2 times")
    assert found.conclusion.cause == (
        "Most likely cause: how often code cell 3 (model training) ran "
        "(now run once, then run 2 times)."
    )
    # What came after the end of the run had no part in it.
    old = in_turn(1, 2, 3, 2)
    old.cells[2].executions[-1].start = old.end + timedelta(seconds=1)
    assert verify(in_turn(1, 2, 3), old).differences == []


def test_a_cell_that_ran_twice_before_the_two_part_is_no_cause():
    new = in_turn(1, 1, 2, 3)
    new.fingerprints |= {"weights": "d" * 64, "predictions": "f" * 64}
    old = in_turn(1, 2, 3)
    old.fingerprints["weights"] = "d" * 64
    found = verify(new, old)
    assert [(one.kind, one.beside) for one in found.differences] == [("order", True)]
    assert found.conclusion.cause.startswith("Nothing that differed can be the cause")
    assert "hardly ever changes a result" in found.to_text()


def test_cells_that_ran_in_another_order():
    old = in_turn(1, 2, 3)
    old.fingerprints["weights"] = "d" * 64
    found = verify(in_turn(2, 1, 3), old)
    (one,) = found.differences
    assert (one.kind, one.name) == ("order", "order of the code cells")
    assert (one.new, one.original) == ("3, 2, 4", "2, 3, 4")
    assert found.conclusion.cause == (
        "Most likely cause: order of the code cells (now 3, 2, 4, then 2, 3, 4)."
    )


def test_a_cell_at_the_end_that_had_run_before_training():
    """Run from top to bottom, such a cell comes after the end of the run."""
    old = in_turn(1, 3, 2)
    old.cells.append(old.cells.pop(3))
    new = copy.deepcopy(old)
    new.fingerprints["weights"] = "d" * 64
    (late,) = new.cells[-1].executions
    late.start = new.end + timedelta(seconds=1)
    (one,) = verify(new, old).differences
    assert (one.name, one.new) == ("code cell 4 (model evaluation)", "not run")
    new.cells[-1].executions.clear()  # as in the cell that ends the run
    assert verify(new, old).differences == [one]
    stopped = replace(new, status="interrupted")
    assert verify(stopped, old).differences == []


def test_the_order_in_a_note_of_another_version():
    note = Outcome.of(in_turn(1, 2, 2, 3)).to_dict()
    for order in (None, "2", [None], [[1]]):
        for one in note["cells"]:
            one["order"] = order
        assert verify(in_turn(1, 2, 3), note).differences == []


def test_the_name_of_the_notebook_is_no_difference():
    assert verify(in_turn(1, 2, 3, notebook="wine.ipynb"), in_turn(1, 2, 3)).differences == []


@pytest.mark.parametrize(
    ("step", "fingerprint", "kind"),
    [
        ("model_evaluation", "weights", "threads"),
        ("model_training", "weights", "code"),
        ("model_training", "initial_weights", "threads"),
        ("", "initial_weights", "code"),
    ],
)
def test_a_cell_behind_the_place_where_the_two_part_is_no_cause(step, fingerprint, kind):
    new = changed(fingerprints={fingerprint: "f" * 64}, environment={"num_threads": 1})
    new.cells[3] = cell("training", "x = 2", step=step)
    old = record()
    old.cells[3] = cell("training", "x = 1", step=step)
    found = verify(new, old)
    assert found.differences[0].kind == kind
    assert {one.kind for one in found.differences} == {"threads", "code"}


def test_of_code_the_step_where_the_two_part_comes_first():
    new = changed(fingerprints={"weights": "f" * 64})
    new.cells[1] = cell("imports", "import cmath", generated="import math", step="imports")
    new.cells[3] = cell("training", "x = 2", generated="x = 1", step="model_training")
    names = [one.name for one in verify(new, record()).differences]
    assert names == ["code cell 3 (model training)", "code cell 1 (imports)"]


def test_one_value_under_several_names_is_told_once():
    new, old = record(), record()
    for made, seed in ((new, 43), (old, 42)):
        made.steps["model_training"].values |= {"random_seed": seed, "seed": seed}
        made.steps["model_parameters"] = Step(values={"seed": seed})
    (one,) = verify(new, old).differences
    assert (one.name, one.new, one.original) == ("model_parameters.seed", 43, 42)


def test_what_only_shows_something_is_no_cause():
    new = changed(fingerprints={"weights": "f" * 64}, values={"plots": False})
    new.steps["model_training"].values["print_progress"] = True
    old = changed(values={"plots": True})
    old.steps["model_training"].values["print_progress"] = 10
    found = verify(new, old)
    assert len(found.differences) == 2
    assert found.conclusion.cause.startswith("Nothing that differed can be the cause")


def test_other_bytes_with_the_same_data_are_no_cause():
    new, old = changed(fingerprints={"weights": "f" * 64}), record()
    for made, letter in ((new, "1"), (old, "2")):
        made.steps["data_ingestion"] = Step(values={"source_sha256": letter * 64})
    found = verify(new, old)
    assert [one.name for one in found.differences] == ["data_ingestion.source_sha256"]
    assert found.conclusion.cause.startswith("Nothing that differed can be the cause")
    assert re.search(r"source sha256 +1{12} +2{12}$", found.to_text(), re.MULTILINE)


@pytest.mark.parametrize("name", ["MKL_CBWR", "ONEDNN_MAX_CPU_ISA", "OPENBLAS_CORETYPE"])
def test_the_instructions_that_libraries_were_told_to_use(name):
    new = changed(fingerprints={"weights": "f" * 64}, environment={name: "avx2"})
    found = verify(new, record())
    assert [one.kind for one in found.differences] == ["CPU capability"]
    assert "what the CPU can do" in found.conclusion.cause


def test_another_pack_that_wrote_the_same_cells_is_no_cause():
    found = verify(changed(fingerprints={"weights": "f" * 64}, pack={"version": "2"}), record())
    assert [one.name for one in found.differences] == ["pack version"]
    assert found.conclusion.cause.startswith("Nothing that differed can be the cause")


def test_another_pack_altogether_is_told_first():
    new = changed(fingerprints={"weights": "f" * 64}, pack={"name": "image_classification"})
    assert verify(new, record()).conclusion.cause == "Most likely cause: pack name is not the same."


def test_what_has_become_of_a_cell_in_words():
    new = changed(fingerprints={"weights": "f" * 64})
    new.cells.insert(2, cell("added-1", "y = 2", generated=None))
    assert "code cell 2 was added" in verify(new, record()).conclusion.cause
    cause = verify(record(), new).conclusion.cause
    assert "code cell 2 of the original is not there any more" in cause


def test_an_added_cell_whose_id_was_made_up():
    one, two = record(), record()
    one.cells.insert(2, cell("added-1", "y = 2", generated=None))
    two.cells.insert(2, cell("added-77", "y = 2", generated=None))
    assert verify(one, two).differences == []


def test_a_file_a_record_and_a_note_are_the_same(tmp_path):
    path = write_record(record(), tmp_path / "iris.prov.json")
    note = json.loads(json.dumps(Outcome.of(record()).to_dict(), allow_nan=False))
    for source in (path, str(path), note):
        found = verify(source, record())
        assert found.verdict == "bit-identical"
        assert found.differences == []
        assert found.new_name == "iris.ipynb"


@pytest.mark.parametrize(
    "note",
    [
        {"metrics": []},
        {"history": {"loss": 1}},
        {"fingerprints": {"data": 1}},
        {"cells": [1]},
        {"cells": [{}]},
        {"run_id": 3},
    ],
)
def test_a_damaged_note(note):
    with pytest.raises(RecordError, match="note of the original run"):
        verify(record(), note)


# -- what it comes to, in sentences ------------------------------------------------------------


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


# -- the files ---------------------------------------------------------------------------------


def test_files_are_known_where_they_are_there(tmp_path):
    old = write_record(record(), tmp_path / "iris.prov.json")
    new = write_record(record(), tmp_path / "iris-2.prov.json")
    found = verify(new, old)
    assert (found.new_file, found.original_file) == (new, old)
    assert "iris-2.prov.json&quot;)</code> and <code>view(" in found.to_html()
    assert verify(record(), record()).new_file is None

    note = Outcome.of(old).to_dict()
    assert note["file"] == "iris.prov.json"
    assert verify(record(), note).beside(new).original_file == old
    old.unlink()
    lost = verify(new, note)
    assert (lost.original_file, lost.original_file_name) == (None, "iris.prov.json")
    assert "iris.prov.json, is not in this folder" in lost.to_html()


def test_the_hint_can_be_written_whatever_the_file_is_called(tmp_path):
    odd = Path("a\udcff\n<b>.prov.json")
    page = verify(record(), record()).beside(tmp_path / odd).to_html()
    assert "a\\udcff\\n&lt;b&gt;.prov.json" in page
    page.encode()


@pytest.mark.parametrize("name", ["../iris.prov.json", "/etc/passwd", "..", "a\\b", 'a"b', "a\nb"])
def test_a_file_of_the_note_is_never_outside_the_folder(tmp_path, name):
    new = write_record(record(), tmp_path / "runs.prov.json")
    found = verify(new, {**Outcome.of(record()).to_dict(), "file": name})
    assert (found.original_file, found.original_file_name) == (None, "")


def test_what_is_recorded_of_it():
    new = changed(fingerprints={"weights": "f" * 64}, environment={"num_threads": 1})
    note = {**Outcome.of(record()).to_dict(), "file": "iris.prov.json"}
    assert verify(new, note, relative=1e-3).to_record() == {
        "verdict": "metric-identical",
        "tolerance": {"relative": 1e-3, "absolute": 1e-8},
        "first_difference": "weights",
        "cause": "Most likely cause: the number of threads (num threads: now 1, then 2).",
        "provenance_file": "iris.prov.json",
    }


class Reader(HTMLParser):
    """Collects the tags and the texts of cells."""

    def __init__(self):
        super().__init__()
        self.tags, self.open = set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        assert all(name in {"class", "scope"} for name, _ in attrs)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


hostile = st.sampled_from(
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "\x1b[2J", "a\nVerdict: x"]
)
numbers = st.integers() | st.floats() | st.none() | st.booleans()
texts = hostile | st.text(max_size=20)
values = st.recursive(
    numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
tables = st.dictionaries(texts, values, max_size=4)


@st.composite
def outcomes(draw):
    names = st.dictionaries(texts, texts, max_size=3)
    return Outcome(
        name=draw(texts),
        status=draw(texts),
        software=draw(texts),
        file=draw(texts),
        recorded=draw(tables),
        fingerprints=draw(names),
        metrics=draw(tables),
        history=draw(st.lists(values, max_size=3)),
        environment=draw(tables),
        packages=draw(names),
        hardware_info=draw(tables),
        values=draw(tables),
    )


@given(outcomes(), outcomes())
def test_whatever_the_records_hold(new, original):
    found = verify(new, original)
    assert found.verdict in VERDICTS
    assert verify(original, new).verdict == found.verdict
    lines = found.to_text().split("\n")
    assert lines[-1] == f"Verdict: {found.verdict}"
    assert [line for line in lines if line.startswith("Verdict: ")] == lines[-1:]
    assert all(line.isprintable() for line in lines)
    reader = Reader()
    reader.feed(found.to_html())
    assert reader.open == []
    assert reader.tags <= {
        *("div", "style", "table", "caption", "thead", "tbody", "tr", "th", "td", "p"),
        *("code", "details", "summary"),
    }
    json.dumps(found.to_dict(), allow_nan=False)


@given(outcomes())
def test_every_outcome_is_the_same_as_itself(outcome):
    found = verify(outcome, Outcome.from_dict(outcome.to_dict()))
    assert not {item.verdict for item in found.items} & {"different", "within tolerance"}


def test_very_many_metrics():
    many = {f"metric_{number}": number for number in range(5000)}
    new = with_metrics(**{**many, "metric_4321": -1})
    found = verify(new, with_metrics(**many))
    assert "metric 4321" in found.to_text()
    assert len(found.to_text().splitlines()) < 300
    assert len(found.to_html()) < 100_000


def test_numbers_that_python_does_not_write():
    made = record()
    made.steps["model_evaluation"].values["evaluation_metrics"]["loss"] = 10**5000
    found = verify(made, record())
    assert found.verdict == "different"
    assert "a number too long to be shown" in found.to_text()
    assert "a number too long to be shown" in found.to_html()
