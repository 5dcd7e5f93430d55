"""Changes of choices are taken back, and made again."""

from __future__ import annotations

from pathlib import Path

from mlprov_widgets.widgets import Wizard, wizard
from tests.widgets.sight import field, hidden


def test_changes_are_taken_back_and_made_again(made: Wizard) -> None:
    undo, redo = made.actions.undo_button, made.actions.redo_button
    assert hidden(made.actions.changes)
    field(made, "optimizer").control.value = "Adadelta"
    field(made, "epochs").control.value = "7"
    assert not hidden(made.actions.changes)
    assert redo.disabled
    undo.click()
    assert (made.values["epochs"], made.values["optimizer"]) == (100, "Adadelta")
    assert made.state.page == "model"
    assert field(made, "epochs").control.value == "100"
    undo.click()
    # What the choice brought along goes with it.
    assert (made.values["learning_rate"], made.values["optimizer"]) == (0.001, "Adam")
    assert undo.disabled
    redo.click()
    redo.click()
    assert (made.values["epochs"], made.values["learning_rate"]) == (7, 1.0)
    assert redo.disabled
    undo.click()
    field(made, "remark").control.value = "other"
    assert redo.disabled


def test_a_number_that_is_typed_is_one_change(made: Wizard) -> None:
    for text in ("1", "12", "125"):
        field(made, "epochs").control.value = text
    field(made, "optimizer").control.value = "Adadelta"
    field(made, "epochs").control.value = "126"
    for expected in (125, 125, 100):
        made.actions.undo_button.click()
        assert made.values["epochs"] == expected


def test_what_is_wrong_in_a_field_is_taken_back_first(made: Wizard) -> None:
    field(made, "epochs").control.value = "7"
    field(made, "epochs").control.value = "seven"
    assert made.problems
    made.actions.undo_button.click()
    assert made.problems == []
    assert field(made, "epochs").control.value == "7"
    made.actions.undo_button.click()
    assert made.values["epochs"] == 100


def test_another_task_is_taken_back(pack_folder: Path, folder: Path) -> None:
    made = wizard("tiny", folder=folder, packs=[pack_folder])
    field(made, "epochs").control.value = "7"
    made.choose_task("multiclass_classification")
    made.actions.undo_button.click()
    assert made.state.task == "tiny"
    assert made.values["epochs"] == 7
    made.actions.redo_button.click()
    assert made.state.task == "multiclass_classification"


def test_nothing_is_taken_back_behind_what_is_shown(made: Wizard) -> None:
    field(made, "epochs").control.value = "7"
    made.generate()
    assert hidden(made.actions.changes)
    made.actions.undo_button.click()
    assert made.values["epochs"] == 7
