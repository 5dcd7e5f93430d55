"""The wizard as a person uses it, without a browser: pages, fields, words, preview, drafts."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pytest

import mlprov_widgets
from mlprov_widgets.errors import MlprovError, PackError
from mlprov_widgets.tables import inspect_table
from mlprov_widgets.widgets import Wizard, wizard
from mlprov_widgets.widgets.data_view import table_html
from mlprov_widgets.widgets.state import REVIEW, TASK
from tests.widgets.sight import classes, field, hidden


def shown(made: Wizard) -> str:
    """All that the wizard would put into the page as HTML or text."""
    texts: list[str] = []

    def walk(widget: Any) -> None:
        for trait in ("value", "description", "tooltip"):
            if isinstance(getattr(widget, trait, None), str):
                texts.append(getattr(widget, trait))
        for child in getattr(widget, "children", ()):
            walk(child)

    walk(made)
    return "\n".join(texts)


def preview(made: Wizard, cell: str) -> str:
    return made.preview.places[cell].value


def kinds(made: Wizard, page: str) -> set[str]:
    return {c[10:] for c in classes(made.stepper.buttons[page]) if c.startswith("mlprov-is-")}


def test_the_public_door_is_lazy() -> None:
    assert mlprov_widgets.wizard is wizard
    code = (
        "import sys, mlprov_widgets; from mlprov_widgets import wizard, reproduce; reproduce;"
        "heavy = {'torch', 'torchvision', 'sklearn', 'pandas', 'matplotlib'};"
        "wizard(); print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    code = "import sys; from mlprov_widgets import reproduce; print('ipywidgets' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_next_next_generate(made: Wizard, folder: Path) -> None:
    for _ in range(3):
        assert made.next_button.description == "Next"
        made.next_button.click()
    assert made.state.page == REVIEW
    assert made.next_button.description == "Generate"
    made.next_button.click()
    assert (folder / "tiny.ipynb").is_file()
    assert "Notebook written" in shown(made)
    assert all("problem" not in kinds(made, page.name) for page in made.state.pages)
    made.back_button.click()
    assert made.state.file_name == "tiny-2.ipynb"
    made.next_button.click()
    assert (folder / "tiny-2.ipynb").is_file()


def test_a_wrong_answer_is_said_beside_the_field_and_on_the_stepper(
    made: Wizard, folder: Path
) -> None:
    epochs = field(made, "epochs")
    epochs.control.value = "abc"
    assert "“abc” is not a whole number from 1 to 1,000." in epochs.messages.value
    assert 'role="status"' in epochs.messages.value
    assert "mlprov-wrong" in classes(epochs.widget)
    assert epochs.control.value == "abc"
    assert kinds(made, "model") == {"problem", "current"}
    assert made.stepper.buttons["model"].tooltip == "Model: 1 answer needs attention"
    assert [problem.parameter for problem in made.problems] == ["epochs"]
    made.go(REVIEW)
    assert "abc" in made.review_page.problems.value
    made.next_button.click()
    assert made.state.page == "model"
    with pytest.raises(MlprovError, match="Model, Epochs"):
        made.generate()
    assert not (folder / "tiny.ipynb").exists()
    made.go("model")
    epochs.control.value = "12"
    assert epochs.messages.value == ""
    made.go(TASK)
    assert kinds(made, "model") == {"done"}


def test_a_choice_fills_in_a_field(made: Wizard) -> None:
    rate = field(made, "learning_rate")
    rate.control.value = "0.25"
    field(made, "optimizer").control.value = "Adadelta"
    assert rate.control.value == "1.0"
    rate.control.value = "2"
    assert "mlprov-note" in rate.messages.value
    assert "mlprov-error" not in rate.messages.value


def test_what_was_typed_is_left_as_it_was_typed(made: Wizard) -> None:
    rate = field(made, "learning_rate")
    rate.control.value = "1e-2"
    assert made.values["learning_rate"] == 0.01
    assert rate.control.value == "1e-2"


def test_help_can_be_reached_by_keyboard(made: Wizard) -> None:
    row = field(made, "learning_rate").row
    (tip,) = [child for child in row.children if "mlprov-tip-box" in classes(child)]
    assert 'tabindex="0"' in tip.value
    assert "Size of a step. Allowed is a number above 0 and up to 10. Default: 0.001." in tip.value


def test_the_preview_follows_and_sends_only_what_changed(made: Wizard) -> None:
    epochs = field(made, "epochs")
    sent: list[str] = []
    for name, place in made.preview.places.items():
        place.observe(lambda change, name=name: sent.append(name), "value")
    epochs.control.value = "77"
    assert "77" in preview(made, "040-parameters")
    assert re.search(r'mlprov-marked">.*77', preview(made, "040-parameters"))
    assert "mlprov-used" in preview(made, "090-model-parameters")
    assert set(sent) == {"010-title", "040-parameters", "090-model-parameters"}
    sent.clear()
    epochs.control.value = "not a number"
    assert sent == []


def test_the_pages_own_cells_are_brought_into_view(made: Wizard) -> None:
    made.go("model")
    assert made.preview.scroller.target["cell"] == "090-model-parameters"
    assert "mlprov-own" in preview(made, "090-model-parameters")
    assert "mlprov-own" not in preview(made, "060-data-ingestion")
    field(made, "epochs").control.value = "5"
    assert made.preview.scroller.target["cell"] == ""


def test_fields_come_and_go(made: Wizard) -> None:
    target = field(made, "target_column")
    assert hidden(target.widget)
    field(made, "dataset").control.value = "csv"
    path = field(made, "csv_path")
    assert "Choose the CSV file" in path.messages.value
    path.control.value = "table.csv"
    assert not hidden(target.widget)
    assert target.control.value == "label"
    assert "<b>3 classes</b>" in path.summary.value
    assert "30" in path.summary.value
    features = field(made, "feature_columns")
    assert [name for _, name in features.control.options] == ["size", "weight"]
    assert "2 usable columns are taken" in features.messages.value
    features.control.value = ("weight",)
    assert made.values["feature_columns"] == ["weight"]
    path.control.value = "nowhere.csv"
    assert path.control.value == "nowhere.csv"
    assert "mlprov-error" in path.messages.value
    assert path.summary.value == ""


def test_features_are_picked_out_of_thousands(
    pack_folder: Path, folder: Path, made: Wizard
) -> None:
    names = [f"c{n}" for n in range(2000)]
    rows = "".join(",".join([str(r + 0.5)] * 2000) + f",{'ab'[r % 2]}\n" for r in range(12))
    (folder / "wide.csv").write_text(",".join([*names, "label"]) + "\n" + rows)
    field(made, "dataset").control.value = "csv"
    field(made, "csv_path").control.value = "wide.csv"
    features = field(made, "feature_columns")
    assert len(features.control.options) == 2000
    features.filter.value = "c199"
    assert [name for _, name in features.control.options] == ["c199", *names[1990:]]
    features.control.value = ("c1991",)
    features.filter.value = "c5"
    features.control.value = ("c5", "c51")
    assert made.values["feature_columns"] == ["c5", "c51", "c1991"]
    features.every.click()
    assert len(made.values["feature_columns"]) == 112
    features.none.click()
    assert made.values["feature_columns"] == []


@pytest.mark.parametrize(
    ("header", "words", "skipped"),
    [
        ("a,b,species\n", "<dd>yes</dd>", False),
        ("a,a,species\n", "<dd>yes, some names changed</dd>", False),
        ("From a spreadsheet\n\na,a,species\n", "<dd>yes, some names changed</dd>", True),
        ("", "<dd>none: names were made up</dd>", False),
    ],
)
def test_what_is_said_of_the_header(header: str, words: str, skipped: bool, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(header + "".join(f"{n}.5,{n % 7}.25,{'xyz'[n % 3]}\n" for n in range(30)))
    table = inspect_table(path)
    html = table_html(table, {table.guess_target(): "class"})
    assert words in html
    assert ("Lines skipped" in html) is skipped


def test_uploads_are_kept_and_looked_at(made: Wizard, folder: Path) -> None:
    field(made, "dataset").control.value = "csv"
    path = field(made, "csv_path")
    content = (folder / "table.csv").read_bytes()
    path.upload.on_file("table.csv", content)
    assert path.control.value == "table-2.csv"
    assert (folder / "table-2.csv").read_bytes() == content
    assert made.problems == []


def test_texts_of_others_are_never_html(pack_folder: Path, folder: Path) -> None:
    evil = "<img src=x onerror=alert(1)>"
    rows = "".join(f"{n},{evil}{n % 2}\n" for n in range(12))
    (folder / "evil.csv").write_text(f"{evil},label\n{rows}")
    made = wizard(
        "tiny", {"dataset": "csv", "csv_path": "evil.csv", "remark": evil, evil: 1},
        folder=folder, packs=[pack_folder],
    )  # fmt: skip
    for name in ("csv_path", "feature_columns", "remark"):
        field(made, name)
    made.go(REVIEW)
    made.review_page.name.value = f"{evil}.ipynb"
    made.go(TASK)
    inputs = [w for w in _holders(made, "<img") if not isinstance(w, widgets.HTML)]
    assert {type(widget) for widget in inputs} <= {widgets.Text}
    assert _holders(made, "&lt;img")
    assert [w for w in _holders(made, "<img") if isinstance(w, widgets.HTML)] == []


def _holders(root: Wizard, text: str) -> list[Any]:
    """Widgets, on any page, whose value holds the text."""
    found: list[Any] = []
    pages = [page.widget for page in root.pages.values()]
    queue: list[Any] = [root, root.task_page.widget, root.review_page.widget, *pages]
    while queue:
        widget = queue.pop()
        queue += getattr(widget, "children", ())
        if text in str(getattr(widget, "value", "")):
            found.append(widget)
    return found


def test_an_unexpected_error_is_a_sentence_and_a_line_in_the_log(
    made: Wizard, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    epochs = field(made, "epochs")

    def broken(*_args: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(made.state, "set", broken)
    epochs.control.value = "3"
    assert "Something unexpected went wrong (ZeroDivisionError)" in made.message.value
    assert "secret detail" not in shown(made)
    assert "secret detail" in caplog.text


def test_a_task_says_what_it_answers_and_what_it_needs(pack_folder: Path, folder: Path) -> None:
    file = pack_folder / "pack.toml"
    words = 'question = "How much <b>will</b> it be?"\nneeds = "a table"\n'
    file.write_text(file.read_text().replace("[pack]\n", f"[pack]\n{words}", 1))
    made = wizard("tiny", folder=folder, packs=[pack_folder])
    label = {name: label for label, name in made.task_page.packs.options}["tiny"]
    assert label.split("\n")[1:] == ["How much <b>will</b> it be?", "Needs a table"]


def test_an_example_that_changes_nothing_is_no_start_of_its_own(folder: Path) -> None:
    made = wizard("multiclass_classification", folder=folder)
    starts = [name for _, name in made.task_page.start.options]
    assert "example A first look: Iris" in [f"example {name}" for name in made.state.pack.examples]
    assert "example A first look: Iris" not in starts
    for name in [name for name in starts if name.startswith("example ")]:
        made.task_page.start.value = name
        assert made.state.checked.changed


def test_examples_and_defaults_are_starts(made: Wizard) -> None:
    made.task_page.start.value = "example Few rounds"
    assert made.values["epochs"] == 3
    assert "Epochs: 3" in made.task_page.about.value
    made.task_page.start.value = "new"
    assert made.values["epochs"] == 100


def test_what_was_changed_is_a_start_that_others_can_be_left_for(made: Wizard) -> None:
    assert made.task_page.start.value == "new"
    field(made, "epochs").control.value = "9"
    field(made, "learning_rate").control.value = "wrong"
    made.go(TASK)
    assert made.task_page.start.label == "What is chosen now"
    made.task_page.start.value = "new"
    assert made.values["epochs"] == 100
    assert made.problems == []
    made.task_page.start.value = "kept"
    assert made.values["epochs"] == 9
    # Not a thing that a person can do, but a browser could send it.
    made.task_page.start.index = made.task_page.packs.index = None
    assert "unexpected" not in shown(made)
    assert made.values["epochs"] == 9


def test_saved_choices_are_a_start(made: Wizard) -> None:
    text = json.dumps({"task": "tiny", "values": {"epochs": 9}, "page": "review"})
    made.task_page.upload.on_file("x.json", text.encode())
    assert made.values["epochs"] == 9
    assert made.state.page == TASK
    with pytest.raises(MlprovError, match="not text"):
        made.task_page.upload.on_file("x.json", b"\xff\xfe\x00")


def test_the_review_says_what_differs_and_folds_the_rest(made: Wizard) -> None:
    made.go(REVIEW)
    assert "Nothing" in made.review_page.choices.value
    field(made, "epochs").control.value = "9"
    made.go(REVIEW)
    first, everything = (
        part.value for part in (made.review_page.choices, made.review_page.everything)
    )
    assert everything.startswith("<details><summary>All ")
    assert "Epochs" in first
    assert "default 100" in first
    assert "Optimizer" not in first
    for parameter in made.state.checked.shown - {"csv_format"}:
        assert everything.count(f"<dt>{made.state.pack.parameters[parameter].label}</dt>") == 1
    assert "-s epochs=9" in made.review_page.copy.text
    (name, content) = made.review_page.choices_file()
    assert name.endswith(".json")
    assert json.loads(content)["values"] == {"epochs": 9}


def test_a_taken_name_is_said(made: Wizard, folder: Path) -> None:
    (folder / "mine.ipynb").write_text("precious")
    made.go(REVIEW)
    made.review_page.name.value = "mine.ipynb"
    assert "exists already" in made.review_page.name_messages.value
    assert kinds(made, REVIEW) == {"problem", "current"}
    made.next_button.click()
    assert (folder / "mine.ipynb").read_text() == "precious"
    # The words stand beside the button, which leads to the field.
    assert "exists already" in made.actions.problem_button.description
    assert made.preview.scroller.target["field"] == "file-name"
    with pytest.raises(MlprovError, match="exists already"):
        made.generate()


def test_a_name_is_left_as_it_was_typed(made: Wizard) -> None:
    made.go(REVIEW)
    made.review_page.name.value = "mine"
    assert made.review_page.name.value == "mine"
    assert "mine.ipynb" in made.review_page.name_messages.value
    assert "mine.ipynb" in made.review_page.copy.text
    assert kinds(made, REVIEW) == {"current"}


def test_signs_of_a_number_are_read_or_asked_about(made: Wizard) -> None:
    epochs = field(made, "epochs")
    epochs.control.value = "1 000"
    assert made.values["epochs"] == 1000
    assert epochs.control.value == "1 000"
    assert "Read as 1000." in epochs.messages.value
    epochs.control.value = "1,000"
    assert "write 1000" in epochs.messages.value


def test_two_answers_are_enough(pack_folder: Path, folder: Path) -> None:
    made = wizard(folder=folder, packs=[pack_folder])
    made.task_page.packs.value = "tiny"
    assert list(made.task_page.quick.fields) == ["dataset"]
    data = made.task_page.quick.fields["dataset"].control
    # A table has to be chosen, where it was asked for.
    data.value = "csv"
    made.actions.generate_button.click()
    assert made.state.page == TASK
    assert made.preview.scroller.target["field"] == "csv_path"
    data.value = "made"
    made.actions.generate_button.click()
    assert "Notebook written" in shown(made)
    assert (folder / "tiny.ipynb").is_file()


def test_what_is_wrong_stands_beside_the_buttons_and_leads_there(
    made: Wizard, folder: Path
) -> None:
    assert hidden(made.actions.problem_button)
    field(made, "epochs").control.value = "many"
    made.go(TASK)
    assert not hidden(made.actions.problem_button)
    assert "Epochs" in made.actions.problem_button.description
    made.actions.generate_button.click()
    assert made.state.page == made.state.pack.parameters["epochs"].page
    assert made.preview.scroller.target["field"] == "epochs"
    assert not (folder / "tiny.ipynb").exists()
    made.go(TASK)
    made.actions.problem_button.click()
    assert made.state.page == made.state.pack.parameters["epochs"].page
    field(made, "epochs").control.value = "9"
    assert hidden(made.actions.problem_button)


def test_a_double_click_writes_one_file_and_complains_of_nothing(
    made: Wizard, folder: Path
) -> None:
    made.go(REVIEW)
    made.next_button.click()
    made.next_button.click()
    assert made.message.value == ""
    assert len(list(folder.glob("*.ipynb"))) == 1


def test_prefilled_and_wrong_values_are_said(pack_folder: Path, folder: Path) -> None:
    made = wizard(pack_folder, {"epochs": "many", "rate": 3, "optimizer": "Adadelta"},
                  folder=folder)  # fmt: skip
    assert made.values["optimizer"] == "Adadelta"
    assert made.values["learning_rate"] == 1.0
    assert "rate" in made.task_page.notices.value
    assert kinds(made, "model") == {"problem"}


def test_what_is_not_there_is_an_error(tmp_path: Path, pack_folder: Path) -> None:
    with pytest.raises(PackError, match="no pack 'nothing'"):
        wizard("nothing")
    with pytest.raises(MlprovError, match="no folder"):
        wizard(folder=tmp_path / "missing")


def test_save_and_load(made: Wizard, tmp_path: Path) -> None:
    field(made, "epochs").control.value = "44"
    file = made.save(tmp_path / "mine.json")
    field(made, "epochs").control.value = "45"
    made.save(file)
    field(made, "epochs").control.value = "46"
    made.load(file)
    assert made.values["epochs"] == 45
    assert field(made, "epochs").control.value == "45"
    other = tmp_path / "other.json"
    other.write_text('{"mine": true}')
    with pytest.raises(MlprovError, match="was kept"):
        made.save(other)
    assert other.read_text() == '{"mine": true}'
    for path in (tmp_path / "none.json", other):
        with pytest.raises(MlprovError):
            made.load(path)


def test_nothing_is_kept_for_visitors(
    pack_folder: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOILA_KERNEL_ID", "1")
    made = wizard("tiny", folder=folder, packs=[pack_folder])
    field(made, "epochs").control.value = "21"
    assert not (tmp_path / "application-state").exists()
    assert str(folder) not in shown(made)
    made.go(REVIEW)
    made.next_button.click()
    assert str(folder) not in shown(made)


def test_a_visitor_is_not_told_where_the_server_keeps_its_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOILA_KERNEL_ID", "1")
    chosen = {"dataset": "csv", "csv_path": "gone.csv"}
    made = wizard("multiclass_classification", chosen, folder=folder)
    assert [problem.message for problem in made.problems] == [
        "There is no file 'gone.csv' in the folder of this app."
    ]
    made.go(REVIEW)
    assert str(folder) not in shown(made)
