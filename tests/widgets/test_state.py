"""What the wizard knows: pages, values, problems, the file, and what is saved."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting import Limits, Place
from mlprov_widgets.packs import check_values
from mlprov_widgets.widgets.state import REVIEW, TASK, WizardState


def test_pages_are_the_packs_between_task_and_review(state: WizardState) -> None:
    assert [stop.name for stop in state.pages] == [TASK, "data", "model", REVIEW]
    for expected in ("data", "model", REVIEW, REVIEW):
        state.turn(1)
        assert state.page == expected
    state.go("no such page")
    assert state.page == TASK
    state.turn(-1)
    assert state.page == TASK


def test_next_next_generate_writes_a_notebook_with_nothing_changed(
    state: WizardState, folder: Path
) -> None:
    while state.page != REVIEW:
        assert state.problems(state.page) == []
        state.turn(1)
    path = state.generate()
    assert path == folder / "tiny.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata["mlprov"]["values"]["epochs"] == 100
    assert [cell.source for cell in notebook.cells] == [
        cell.source for cell in state.rendered.cells
    ]


@pytest.mark.parametrize("text", ["abc", "0", "1001", "2.5", "", "nan", "1e400", "٣", "9" * 400])
def test_a_wrong_number_is_said_and_changes_nothing(state: WizardState, text: str) -> None:
    state.set("epochs", "7", typed=True)
    cells = state.rendered.cells
    state.set("epochs", text, typed=True)
    if text == "٣":  # Arabic digits are digits for Python, and for people
        assert state.values["epochs"] == 3
        return
    (message,) = state.messages("epochs")
    assert "a whole number from 1 to 1,000" in message
    assert state.values["epochs"] == 7
    assert [parameter.name for parameter, _ in state.problems("model")] == ["epochs"]
    assert state.rendered.cells == cells
    with pytest.raises(MlprovError, match="Epochs"):
        state.generate()
    state.set("epochs", "8", typed=True)
    assert state.messages("epochs") == []
    assert state.values["epochs"] == 8


def test_a_choice_fills_in_what_it_brings_along(state: WizardState) -> None:
    state.set("learning_rate", "0.5", typed=True)
    state.set("optimizer", "Adadelta")
    assert state.values["learning_rate"] == 1.0
    state.set("learning_rate", "abc", typed=True)
    state.set("optimizer", "Adam")
    assert state.values["learning_rate"] == 0.001
    assert state.messages("learning_rate") == []


def test_what_depends_on_a_choice_comes_and_goes(state: WizardState) -> None:
    assert [p.name for p in state.parameters("data")] == ["dataset"]
    state.set("dataset", "csv")
    assert [p.name for p in state.parameters("data")] == [
        "dataset", "csv_path", "target_column", "feature_columns",
    ]  # fmt: skip
    assert state.messages("csv_path") == ["Choose the CSV file with your data."]
    state.set("dataset", "made")
    assert state.all_problems == []


def test_rules_are_notes_or_problems(state: WizardState) -> None:
    state.set("learning_rate", "2", typed=True)
    assert state.notes("learning_rate") == ["This is a very large step."]
    assert state.all_problems == []
    state.set("epochs", "600", typed=True)
    state.set("optimizer", "Adadelta")
    assert state.messages("epochs") == ["Adadelta needs no more than 500 epochs."]


@pytest.mark.parametrize("value", ["SGD", 3, None, ["Adam"], {}, True])
def test_a_value_no_browser_would_send_is_refused(state: WizardState, value: object) -> None:
    state.set("optimizer", value)
    assert state.values["optimizer"] == "Adam"
    assert state.messages("optimizer")


def test_changed_lines_are_marked_until_the_next_change(state: WizardState) -> None:
    assert state.rendered.marks == {}
    state.set("epochs", "20", typed=True)
    assert state.rendered.marks["040-parameters"] == {1}
    assert state.rendered.uses == {"090-model-parameters": {1}}
    state.set("remark", "hello")
    assert "040-parameters" not in state.rendered.marks
    assert state.rendered.marks["090-model-parameters"] == {0}
    assert state.rendered.uses == {}
    state.set("verbose", False)
    assert "100-model-training" not in [cell.id for cell in state.rendered.cells]
    state.set("verbose", True)
    assert state.rendered.marks["100-model-training"] == {0}


def test_typing_letter_by_letter_is_one_change(state: WizardState) -> None:
    state.set("remark", "first")
    for text in ("2", "25", "2", "25"):
        state.set("epochs", text, typed=True)
        assert state.rendered.marks["040-parameters"] == {1}
    state.set("epochs", "100", typed=True)
    assert state.rendered.marks == {}
    state.set("remark", "a")
    state.go("data")
    state.set("remark", "a")
    assert state.rendered.marks == {}


def test_a_table_is_looked_at_and_its_target_guessed(state: WizardState) -> None:
    state.set("dataset", "csv")
    state.set("csv_path", "table.csv")
    assert state.all_problems == []
    assert state.checked.table is not None
    assert state.checked.table.rows == 30
    assert state.values["target_column"] == "label"
    assert "target_column" not in state.command()
    state.set("feature_columns", ["size"])
    state.set("csv_path", "nothing.csv")
    assert state.messages("csv_path")
    assert "feature_columns" not in state.given


def test_a_visitor_reads_only_what_is_in_the_folder(
    pack_folder: Path, folder: Path, tmp_path: Path
) -> None:
    from mlprov_widgets.packs import load_pack

    secret = tmp_path / "secret.csv"
    secret.write_text((folder / "table.csv").read_text())
    (folder / "link.csv").symlink_to(secret)
    pack = load_pack(pack_folder)
    state = WizardState({pack.name: pack}, Place(folder, Limits()))
    state.set("dataset", "csv")
    for path in (str(secret), "../secret.csv", "link.csv", "~/x.csv", "a/../../secret.csv"):
        state.set("csv_path", path)
        assert state.checked.table is None, path
        assert "upload" in state.messages("csv_path")[0]
        with pytest.raises(MlprovError, match="upload"):
            state.generate()
    state.set("csv_path", "\0")
    assert state.checked.table is None
    assert "that no path can have" in state.messages("csv_path")[0]
    state.set("csv_path", "table.csv")
    assert state.checked.table is not None
    # What was inside when it was chosen may lead out when it is used.
    (folder / "table.csv").unlink()
    (folder / "table.csv").symlink_to(secret)
    with pytest.raises(MlprovError, match="upload"):
        state.generate()


def test_the_file_is_new_and_in_the_folder(state: WizardState, folder: Path) -> None:
    (folder / "taken.ipynb").write_text("precious")
    wrong = ["", "taken.ipynb", "x.txt", "../x.ipynb", "/tmp/x.ipynb", ".x.ipynb", "a/x.ipynb"]
    wrong += ["x\n.ipynb", "x" * 300 + ".ipynb", "nul.py", "a:b.py", ".ipynb", "~/x.ipynb"]
    # Short enough in characters, too long in the bytes that a file system counts.
    wrong += ["é" * 150 + ".ipynb", "😀" * 60 + ".py", "\ud800.py"]
    # A kernel that runs in this folder would find these before the modules that are meant.
    wrong += ["json.py", "ipykernel.py", "mlprov_widgets.py", "__main__.py"]
    for name in wrong:
        state.name_file(name)
        assert state.file_problem, name
        with pytest.raises(MlprovError):
            state.generate()
    assert (folder / "taken.ipynb").read_text() == "precious"
    assert sorted(path.name for path in folder.iterdir()) == ["table.csv", "taken.ipynb"]
    state.name_file("script.py")
    assert state.file_problem == ""
    assert state.generate().read_text().startswith("# %%")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("messwerte", "messwerte.ipynb"),
        (" messwerte ", "messwerte.ipynb"),
        ("run 1.2", "run 1.2.ipynb"),
        ("messwerte.", "messwerte.ipynb"),
        ("script.py", "script.py"),
    ],
)
def test_a_name_without_an_ending_is_a_notebooks(state: WizardState, typed: str, name: str) -> None:
    state.name_file(typed)
    assert state.file_problem == ""
    assert state.command().endswith(shlex.join(["-o", name]))
    assert state.generate().name == name


def test_names_are_not_taken_twice(state: WizardState) -> None:
    first = state.generate()
    assert state.file_problem
    state.renew_file_name()
    second = state.generate()
    assert first != second
    assert second.name == "tiny-2.ipynb"


def test_visitors_of_one_folder_do_not_take_each_others_names(
    state: WizardState, folder: Path
) -> None:
    other = WizardState(state.packs, Place(folder))
    other.go(REVIEW)
    first = state.generate()
    # Whoever has not typed a name gets a free one; whoever has is asked.
    assert other.generate() == folder / "tiny-2.ipynb"
    third = WizardState(state.packs, Place(folder))
    third.name_file(first.name)
    third.go(REVIEW)
    assert "exists already" in third.file_problem
    with pytest.raises(MlprovError, match="exists already"):
        third.generate()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    remark=st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    rate=st.floats(min_value=1e-300, max_value=10),
    epochs=st.integers(1, 1000),
    verbose=st.booleans(),
)
def test_the_command_says_the_same(
    state: WizardState, remark: str, rate: float, epochs: int, verbose: bool
) -> None:
    state.replace({"remark": remark, "learning_rate": rate, "epochs": epochs, "verbose": verbose})
    words = shlex.split(state.command())
    assert words[:2] == ["mlprov", "generate"]
    assert words[-2:] == ["-o", "tiny.ipynb"]
    settings_ = words[3:-2]
    assert set(settings_[::2]) <= {"-s"}
    pairs = (word.split("=", 1) for word in settings_[1::2])
    values = {name: state.pack.parameters[name].parse(text) for name, text in pairs}
    assert check_values(state.pack, values).values == state.values


def test_the_command_names_columns_exactly(state: WizardState, folder: Path) -> None:
    (folder / "odd.csv").write_text(
        '"a, b",c d,label\n' + "".join(f"{n},{n},{'xy'[n % 2]}\n" for n in range(20))
    )
    state.replace({"dataset": "csv", "csv_path": "odd.csv", "feature_columns": ["a, b", "c d"]})
    words = shlex.split(state.command())
    (told,) = [word for word in words if word.startswith("feature_columns=")]
    parsed = state.pack.parameters["feature_columns"].parse(told.partition("=")[2])
    assert parsed == ["a, b", "c d"]


def test_saved_and_restored(state: WizardState, pack_folder: Path, folder: Path) -> None:
    state.set("optimizer", "Adadelta")
    state.set("epochs", "33", typed=True)
    state.set("dataset", "csv")
    state.set("csv_path", "table.csv")
    state.go("model")
    text = json.dumps(state.to_dict())
    other = WizardState(state.packs, Place(folder))
    other.restore(text)
    assert other.values == state.values
    assert other.page == "model"
    assert "data" in other.visited


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", '{"values": 3}', '{"values": {}, "task": "other"}', "[" * 100_000,
        '{"values": {}, "task": ["tiny"]}', '{"values": {}, "format": 99}', "x" * 1_000_001,
    ],
)  # fmt: skip
def test_a_file_of_something_else_is_refused(state: WizardState, text: str) -> None:
    with pytest.raises(MlprovError):
        state.restore(text)
    assert state.values["epochs"] == 100


def test_saved_values_are_checked_like_any_others(state: WizardState) -> None:
    values = {"epochs": "__import__('os')", "what": 1, "csv_format": {"sep": ";"}}
    state.restore(json.dumps({"task": "tiny", "page": {"no": "page"}, "values": values}))
    assert state.values["epochs"] == 100
    assert state.messages("epochs")
    assert "what" in state.notices[0]
    assert state.values["csv_format"] == {}


def test_no_number_is_too_large_to_be_refused(state: WizardState) -> None:
    for number in (10**400, 10**5000):
        state.replace({"learning_rate": number, "epochs": number})
        names = {parameter.name for parameter, _ in state.all_problems}
        assert names == {"learning_rate", "epochs"}


def test_a_template_that_cannot_be_rendered_leaves_the_last_cells(
    state: WizardState, pack_folder: Path
) -> None:
    cells = state.rendered.cells
    (pack_folder / "090_model_parameters.py.jinja").write_text("{{ 1 / 0 }}")
    state.set("epochs", "5", typed=True)
    assert "090_model_parameters" in state.rendered.problem
    assert state.rendered.cells == cells
