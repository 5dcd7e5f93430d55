"""A wizard that starts from an edited run gets what ran, and is told what it has no field for."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from mlprov_widgets.notebooks import render_cells
from mlprov_widgets.packs import Pack, check_values, readable_packs
from mlprov_widgets.rebuild.field_mapping import Mapped, map_values
from mlprov_widgets.record import Cell, Execution, Finding, Record
from tests.observed import observed

PACK = "multiclass_classification"
EDITED = "Cells were changed by hand, and the fields may not hold all of that."


@pytest.fixture(scope="module")
def pack() -> Pack:
    return readable_packs([])[PACK]


class Run:
    """A run of the pack's notebook, to be edited."""

    def __init__(self, pack: Pack, **values: Any) -> None:
        checked = check_values(pack, {"epochs": 4, **values}, look=False)
        cells = [
            Cell(one.id, one.kind, one.step, one.source, [Execution(one.source)])
            for one in render_cells(pack, checked.values, "iris.ipynb")
        ]
        self.pack = pack
        self.counted = set(checked.shown)
        self.record: Record = observed(
            cells=cells,
            pack={"name": PACK},
            values={name: checked.values[name] for name in checked.shown},
        )
        parameters = self.record.steps["model_parameters"]
        parameters.values |= {"optimizer": "Adam", "optimizer_learning_rate": 0.001}
        parameters.values["optimizer_parameters"] = {"lr": 0.001, "weight_decay": 0}
        parameters.constants = {
            "HIDDEN_LAYERS": 2, "HIDDEN_NEURONS": 50, "LEARNING_RATE": 0.001, "SEED": 42
        }  # fmt: skip
        training = self.record.steps["model_training"]
        training.values |= {"learning_rate_first": 0.001, "learning_rate_last": 0.001}
        training.constants["PRINT_EVERY"] = 10
        for cell in cells:
            if "THREADS" in cell.source:
                cell.executions[0].reads = ["THREADS"]

    def cell(self, step: str) -> Cell:
        return next(c for c in self.record.cells if c.step == step and c.kind == "code")

    def edit(self, step: str, code: str = "x = 1") -> Run:
        """Lines more in the first code cell of a step, as it ran."""
        self.cell(step).executions[0].source += f"\n{code}"
        return self

    def saw(self, step: str, **values: Any) -> Run:
        found = self.record.steps[step]
        found.values |= values
        found.known |= dict.fromkeys(values, "observed")
        return self

    def found(self, code: str, **arguments: Any) -> Run:
        self.record.findings.append(Finding(code, "warning", "", "", arguments))
        return self

    @property
    def mapped(self) -> Mapped:
        before = deepcopy(self.record)
        mapped = map_values(self.pack, self.record.values, self.record, self.counted)
        assert self.record == before
        return mapped

    @property
    def left(self) -> dict[str, Any]:
        return {one.name: one.value for one in self.mapped.unmapped}


@pytest.fixture
def run(pack: Pack) -> Run:
    return Run(pack)


def test_of_a_run_without_edits_nothing_is_left_out(run: Run) -> None:
    assert run.left == {}
    assert all(one.source == "values" for one in run.mapped.fields)
    assert run.mapped.values == run.record.values


def test_another_optimizer_with_its_rate_and_its_momentum(run: Run) -> None:
    settings = {"lr": 0.05, "momentum": 0.9, "weight_decay": 0, "nesterov": False}
    run.edit("model_parameters", "optimizer = torch.optim.SGD(model.parameters(), 0.05, 0.9)")
    run.saw("model_parameters", optimizer="SGD", optimizer_learning_rate=0.05)
    run.saw("model_parameters", optimizer_parameters=settings)
    mapped = run.mapped
    assert (mapped.values["optimizer"], mapped.values["learning_rate"]) == ("SGD", 0.05)
    assert run.left == {"momentum": 0.9, "model_parameters": "edited"}
    assert mapped.unmapped[-1].reason == EDITED
    places = {one.parameter: one.source for one in mapped.fields}
    assert places["learning_rate"] == "model_parameters.optimizer_learning_rate"


def test_an_optimizer_that_the_pack_has_not(run: Run) -> None:
    run.edit("model_parameters").saw("model_parameters", optimizer="LBFGS")
    assert "optimizer" not in run.mapped.values
    assert run.left["optimizer"] == "LBFGS"


def test_groups_of_parameters_have_no_field(run: Run) -> None:
    groups = {
        "group 1": {"lr": 0.01, "betas": [0.9, 0.999]},
        "group 2": {"lr": 0.1, "weight_decay": 1},
    }
    run.edit("model_parameters")
    run.saw("model_parameters", optimizer_learning_rate=[0.01, 0.1], optimizer_parameters=groups)
    assert run.left["group 1"] == {"lr": 0.01}
    assert run.left["group 2"] == {"lr": 0.1, "weight_decay": 1}
    assert run.mapped.values["learning_rate"] == 0.001
    several = {"Adam": {"lr": 0.01}, "SGD": {"lr": 0.1, "momentum": 0.9}}
    run.saw("model_parameters", optimizer="Adam, SGD", optimizer_parameters=several)
    assert run.left["SGD"] == {"lr": 0.1, "momentum": 0.9}
    assert run.left["optimizer"] == "Adam, SGD"


def test_what_was_observed_beats_a_constant(run: Run) -> None:
    run.edit("model_training").saw("model_training", batch_size=7, epochs=6, random_seed=8)
    wanted = {"batch_size": 7, "epochs": 6, "seed": 8}
    assert {name: run.mapped.values[name] for name in wanted} == wanted


def test_constants_that_were_edited_are_all_of_the_edit(run: Run) -> None:
    run.edit("model_training", "EPOCHS = 2\nLEARNING_RATE = 0.5")
    run.saw("model_training", epochs=2)
    run.record.steps["model_training"].constants["EPOCHS"] = 2
    run.record.steps["model_parameters"].constants["HIDDEN_NEURONS"] = 17
    assert (run.mapped.values["epochs"], run.mapped.values["hidden_neurons"]) == (2, 17)
    assert run.left == {}
    # A constant that is computed may do anything else on the way.
    assert run.edit("model_training", "EPOCHS = launch()").left == {"model_training": "edited"}


def test_training_that_stopped_early_is_no_edit(pack: Pack) -> None:
    early = Run(pack, early_stopping=2)
    early.record.steps["model_training"].constants["EARLY_STOPPING"] = 2
    assert early.saw("model_training", epochs=3).mapped.values["epochs"] == 4
    stopped = Run(pack).saw("model_training", epochs=3)
    stopped.record.status = "interrupted"
    assert stopped.mapped.values["epochs"] == 4


def test_another_scaler_schedule_and_data_set_are_found(run: Run) -> None:
    run.saw("data_preparation", operations=["RobustScaler()"])
    run.saw("model_training", lr_scheduler="CosineAnnealingLR", learning_rate_last=0.0)
    run.saw("data_segregation", stratified=False).saw("data_ingestion", dataset_id="wine")
    run.found("not_this_source", named="sklearn.datasets.load_iris",
              reason="sklearn.datasets.load_wine was called")  # fmt: skip
    wanted = {"scaler": "RobustScaler", "lr_schedule": "cosine", "stratify": False}
    wanted["dataset"] = "wine"
    assert {name: run.mapped.values[name] for name in wanted} == wanted
    assert run.left == {}


def test_a_schedule_that_the_pack_has_not(run: Run) -> None:
    run.edit("model_training").saw("model_training", learning_rate_last=0.0001)
    assert run.left["learning rate"] == "from 0.001 to 0.0001"
    assert run.saw("model_training", lr_scheduler="ExponentialLR").left["lr_scheduler"] == (
        "ExponentialLR"
    )


def test_a_model_that_the_pack_does_not_make(run: Run) -> None:
    run.edit("model_parameters").saw("model_parameters", model_name="Small")
    for name in ("HIDDEN_LAYERS", "HIDDEN_NEURONS"):
        del run.record.steps["model_parameters"].constants[name]
    assert run.left == {"hidden_layers": 2, "hidden_neurons": 50, "model_parameters": "edited"}
    reasons = {one.name: one.reason for one in run.mapped.unmapped}
    assert reasons["hidden_layers"] == "No cell was seen to read HIDDEN_LAYERS in that run."


def test_a_model_without_an_optimizer(run: Run) -> None:
    parameters = run.record.steps["model_parameters"]
    for name in [one for one in parameters.values if one.startswith("optimizer")]:
        del parameters.values[name], parameters.known[name]
    run.edit("model_training")
    assert run.left["optimizer"] == "Adam"


@pytest.mark.parametrize(
    ("code", "arguments", "said"),
    [
        (
            "replaced_before_training",
            {"what": "model", "was": "Sequential", "is": "Linear"},
            "The model was replaced before training: Sequential was declared, Linear was trained.",
        ),
        (
            "changed_before_training",
            {"what": "model", "field": "number_of_trainable_parameters", "was": 9, "is": 3},
            "number of trainable parameters from 9 to 3.",
        ),
        ("data_changed_after_ingestion", {}, "The data were changed after they were ingested"),
        ("trained_in_several_executions", {"epochs": 8, "executions": 2}, "in 2 executions"),
        ("measured_on", {"parts": "validation"}, "measured on the validation part"),
    ],
)
def test_what_a_new_notebook_does_not_do_is_said(
    run: Run, code: str, arguments: dict[str, Any], said: str
) -> None:
    (one,) = run.found(code, **arguments).mapped.unmapped
    assert one.name == code.replace("_", " ")
    assert said in one.reason
    assert one.reason.endswith("A notebook that is written from the fields does not do that.")


def test_what_the_fields_hold_is_not_left_out(run: Run) -> None:
    run.saw("model_parameters", loss_function="MultiMarginLoss", optimizer="SGD")
    run.found("replaced_before_training", what="loss", **{"is": "MultiMarginLoss()"})
    run.found("replaced_before_training", what="optimizer", **{"is": "SGD (lr 0.001)"})
    run.found("diverged", what="weights")
    assert run.left == {}
    run.found("replaced_before_training", what="loss", **{"is": "MultiMarginLoss(p=2)"})
    assert set(run.left) == {"replaced before training"}


def test_added_cells_and_odd_code_count_as_edits(run: Run) -> None:
    run.record.cells.append(Cell("", "code", "", None, [Execution("torch.set_default_dtype(x)")]))
    run.edit("data_segregation", "%time f(")
    assert run.left == {"data_segregation": "edited", "cells outside of the steps": "added"}
    run.record.cells[-1].executions = []
    assert "cells outside of the steps" not in run.left


def test_settings_that_the_pack_writes_itself_need_no_field(run: Run) -> None:
    run.edit("data_segregation")
    run.saw("model_parameters", optimizer_parameters={"lr": 0.001, "momentum": 0.9})
    assert run.left["momentum"] == 0.9
    cell = run.cell("model_parameters")
    cell.generated = f"{cell.generated}\nSGD(p, momentum=0.9)"
    assert "momentum" not in run.left


def test_records_of_format_1_are_taken_as_before(pack: Pack) -> None:
    one = Run(pack).edit("model_parameters")
    for step in one.record.steps.values():
        step.known, step.constants = {}, {}
    one.record.objects, one.record.operations, one.record.parts = [], [], []
    one.record.steps["model_training"].values["epochs"] = 9
    assert one.mapped.values["epochs"] == 9
    assert one.left == {}
