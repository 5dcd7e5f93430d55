"""What differed between two runs, the most likely cause of another result first."""

from __future__ import annotations

import copy
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from mlprov_widgets.comparison import Outcome, verify
from mlprov_widgets.record import Execution, Step
from tests.reproduction.made_runs import BEGAN, cell, record
from tests.reproduction.verifying import changed


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


def test_how_long_a_run_trained_is_told_after_other_values():
    new = changed(values={"epochs": 9, "optimizer": "SGD"}, fingerprints={"weights": "9" * 64})
    original = changed(values={"epochs": 3})
    names = [one.name for one in verify(new, original).differences]
    assert names == ["optimizer", "epochs"]


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
