"""A wizard that begins with an earlier run: filled in, and what is changed is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlprov_widgets.errors import MlprovError, PackError, RecordError
from mlprov_widgets.inspection import inspect_run
from mlprov_widgets.notebooks import read_manifest
from mlprov_widgets.widgets import Wizard, wizard
from mlprov_widgets.widgets.origin import StartingRun
from mlprov_widgets.widgets.run_page import RunPage
from mlprov_widgets.widgets.state import REVIEW, WizardState
from mlprov_widgets.widgets.task_page import KEPT, NEW, RUN
from tests.reproduction.made_legacy import MULTICLASS, legacy
from tests.widgets.sight import hidden, shown

VALUES = {"epochs": 7, "dataset": "csv", "csv_path": "table.csv", "target_column": "label"}


@pytest.fixture
def notebook(state: WizardState) -> Path:
    state.replace(VALUES)
    state.name_file("first.ipynb")
    return state.generate()


@pytest.fixture
def made(notebook: Path, pack_folder: Path, folder: Path) -> Wizard:
    return wizard(start_from=notebook, folder=folder, packs=[pack_folder])


def test_it_is_filled_in_and_says_so(made: Wizard) -> None:
    assert made.state.pack.name == "tiny"
    assert {name: made.values[name] for name in VALUES} == VALUES
    assert made.problems == []
    assert made.task_page.start.value == KEPT
    assert "Filled in from first.ipynb" in shown(made)
    made.go(REVIEW)
    assert "Nothing: these are the values of that run." in shown(made)


def test_data_that_have_changed_are_said_where_a_run_is_filled_in(
    made: Wizard, notebook: Path, pack_folder: Path
) -> None:
    inspection = inspect_run(notebook, packs=[pack_folder])
    data = replace(inspection.data, state="changed", note="table.csv <has> changed.")
    made.task_page.show_run(replace(inspection, data=data))
    made.refresh()
    assert "table.csv &lt;has&gt; changed." in shown(made)


def test_what_is_changed_is_marked_listed_and_recorded(made: Wizard, folder: Path) -> None:
    state = made.state
    made.go("model")
    made.pages["model"].fields["epochs"].control.value = "9"
    assert "In the original run: 7 rounds" in shown(made)
    made.go("data")
    made.pages["data"].fields["dataset"].control.value = "made"
    assert "In the original run: Own file" in shown(made)
    made.go(REVIEW)
    text = shown(made)
    assert "<del>7 rounds</del>" in text
    assert "<ins>9 rounds</ins>" in text
    assert "<del>table.csv</del>" in text
    assert "<ins>not used</ins>" in text
    made.generate()
    manifest = read_manifest(folder / state.file_name)
    assert manifest is not None
    assert manifest.started_from == {
        "run_id": "",
        "name": "first.ipynb",
        "changes": {
            "dataset": ["csv", "made"],
            "csv_path": ["table.csv", None],
            "target_column": ["label", None],
            "feature_columns": [[], None],
            "epochs": [7, 9],
        },
    }
    made.go(REVIEW)
    made.state.set("epochs", "7", typed=True)
    made.state.set("dataset", "csv")
    made.state.set("csv_path", "table.csv")
    assert state.changes == {}


def test_other_starts_forget_the_run(made: Wizard) -> None:
    made.task_page.start.value = NEW
    assert made.state.origin is None
    assert "original run" not in shown(made)
    made.task_page.start.value = KEPT
    assert made.state.origin is not None
    assert made.values["epochs"] == 7


def test_values_come_on_top_as_changes(notebook: Path, pack_folder: Path, folder: Path) -> None:
    made = wizard(values={"epochs": 9}, start_from=notebook, folder=folder, packs=[pack_folder])
    assert made.state.changes == {"epochs": [7, 9]}
    inspection = inspect_run(notebook, packs=[pack_folder])
    again = wizard("tiny", start_from=inspection, folder=folder, packs=[pack_folder])
    assert again.state.changes == {}
    with pytest.raises(MlprovError, match="not of image_classification"):
        wizard("image_classification", start_from=inspection, folder=folder)
    with pytest.raises(MlprovError, match="no parameter 'epoch'"):
        wizard(values={"epoch": 1}, start_from=inspection, folder=folder,
               packs=[pack_folder])  # fmt: skip


def test_what_cannot_be_started_from_is_an_error(folder: Path, notebook: Path) -> None:
    (folder / "x.json").write_text("{}")
    with pytest.raises(RecordError):
        wizard(start_from=folder / "x.json", folder=folder)
    with pytest.raises(PackError, match="No experiment here fits"):
        wizard(start_from=notebook, folder=folder)


def test_a_file_opens_nothing_outside_of_the_folder(
    notebook: Path, pack_folder: Path, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.csv").write_text("a,label\n1,b\n2,c\n")
    for path in (str(tmp_path / "secret.csv"), "../secret.csv"):
        data = json.loads(notebook.read_text())
        data["metadata"]["mlprov"]["values"]["csv_path"] = path
        notebook.write_text(json.dumps(data))
        made = wizard(start_from=notebook, folder=folder, packs=[pack_folder])
        assert made.state.checked.table is None
        assert made.values["csv_path"] == ""
        assert "was not opened" in shown(made)
        assert made.state.changes["csv_path"] == [path, ""]


def test_data_beside_the_file_are_found_from_another_folder(
    notebook: Path, pack_folder: Path, folder: Path
) -> None:
    made = wizard(start_from=notebook, folder=folder.parent, packs=[pack_folder])
    assert made.values["csv_path"] == "work/table.csv"
    assert made.state.changes == {}


def test_the_run_is_kept_for_the_next_kernel(made: Wizard, pack_folder: Path, folder: Path) -> None:
    made.state.set("epochs", "9", typed=True)
    saved = made.save(folder / "choices.json")
    other = wizard("tiny", folder=folder, packs=[pack_folder])
    other.load(saved)
    assert other.state.changes == {"epochs": [7, 9]}
    assert "Filled in from first.ipynb" in shown(other)
    assert "Reproduce it instead" not in shown(other)


@pytest.mark.parametrize(
    "origin",
    [
        None,
        [],
        {"name": 1, "run_id": "", "values": {}, "recorded": [], "unmapped": []},
        {"name": "", "run_id": "", "values": [], "recorded": [], "unmapped": []},
        {"name": "", "run_id": "", "values": {}, "recorded": [1], "unmapped": []},
        {"name": "", "run_id": "", "values": {}, "recorded": []},
    ],
)
def test_a_damaged_origin_is_refused(state: WizardState, origin: Any) -> None:
    with pytest.raises(MlprovError, match="name the run"):
        state.restore(json.dumps({"task": "tiny", "values": {}, "origin": origin}))


def test_an_origin_of_any_values_is_shown_in_words(made: Wizard) -> None:
    values = {"epochs": "<x1>", "optimizer": ["x"], "learning_rate": None, "verbose": {}}
    made.state.origin = StartingRun("<x2>.json", "", values, tuple(values), ("<x3>: <x4>",))
    for page in ("data", "model", REVIEW):
        made.go(page)
        text = shown(made)
        assert "<x" not in text
        assert "&lt;x1&gt;" in text or page == "data"


def test_the_first_page_takes_a_run_and_offers_to_repeat_it(
    notebook: Path, pack_folder: Path, folder: Path
) -> None:
    made = wizard("tiny", {}, folder=folder, packs=[pack_folder])
    made.task_page.start.value = RUN
    made.task_page.run.file.take(notebook)
    assert made.values["epochs"] == 7
    assert "The run in first.ipynb" in str(made.task_page.start.options)
    made.task_page.run.reproduce_button.click()
    assert isinstance(made.results, RunPage)
    assert "Exactly as run" in shown(made)
    assert hidden(made.preview.widget)
    made.back_button.click()
    assert made.results is None
    assert "Start from" in shown(made)


def test_a_refused_run_leaves_the_choices_as_they_are(pack_folder: Path, folder: Path) -> None:
    made = wizard("tiny", {"epochs": 5}, folder=folder, packs=[pack_folder])
    made.task_page.start.value = RUN
    (folder / "x.json").write_text("[]")
    made.task_page.run.file.chooser.name_field.value = "x.json"
    made.task_page.run.file.chooser.choose_button.click()
    assert "mlprov-error" in made.task_page.run.file.words.value
    assert made.values["epochs"] == 5
    assert made.state.origin is None


def test_what_an_old_file_does_not_say_is_not_said_for_it(folder: Path) -> None:
    parameters = {**MULTICLASS["Model Parameters"], "optimizer": "torch.optim.Yogi("}
    file = folder / "old.json"
    file.write_text(json.dumps(legacy({**MULTICLASS, "Model Parameters": parameters})))
    made = wizard(start_from=file, folder=folder)
    assert made.state.pack.name == "multiclass_classification"
    assert made.values["epochs"] == 50
    assert "Yogi" in shown(made)
    made.state.set("optimizer", "SGD")
    assert made.state.changes["optimizer"] == [None, "SGD"]
    assert made.state.was("optimizer") == "not recorded"
