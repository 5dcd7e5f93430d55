"""The page before a run is reproduced: what it says, what it asks, what it writes."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from mlprov_widgets.errors import MlprovError, RecordError
from mlprov_widgets.hosting import current_session
from mlprov_widgets.notebooks import read_manifest
from mlprov_widgets.provenance import write_record
from mlprov_widgets.record import Step
from mlprov_widgets.widgets import ReproduceWidget, reproduce
from mlprov_widgets.widgets.edit_choices import ACCEPT, RESTORE
from mlprov_widgets.widgets.run_page import RunPage
from mlprov_widgets.widgets.state import WizardState
from tests.reproduction.made_legacy import MULTICLASS, legacy
from tests.reproduction.made_runs import BEGAN, record
from tests.watchdog import until
from tests.widgets.sight import hidden, results_panel, shown

HOSTILE = "import os  # </pre><script>alert(1)</script>"


@pytest.fixture
def written(state: WizardState) -> Path:
    return state.generate()


@pytest.fixture
def edited(written: Path) -> Path:
    """A notebook with one cell changed, one added, one taken out."""
    notebook = nbformat.read(written, 4)
    cells = {cell.metadata["mlprov"]["step"]: cell for cell in notebook.cells}
    cells["model_parameters"].source += "\nprint('mine')"
    notebook.cells.remove(cells["model_training"])
    notebook.cells.append(nbformat.v4.new_code_cell(HOSTILE))
    nbformat.write(notebook, written)
    return written


@pytest.fixture
def made(folder: Path, pack_folder: Path) -> ReproduceWidget:
    return ReproduceWidget(folder, [pack_folder])


def opened(made: ReproduceWidget, path: Path) -> RunPage:
    made.file.take(path)
    assert made.run is not None
    return made.run


def code(path: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]


def test_nothing_is_written_before_somebody_asks(
    made: ReproduceWidget, written: Path, folder: Path
) -> None:
    before = set(folder.iterdir())
    page = opened(made, written)
    text = shown(made)
    for words in ("tiny.ipynb", "Tiny &lt;task&gt;", "Learning rate", "Exactly as run"):
        assert words in text
    assert "Tiny <task>" not in text
    assert set(folder.iterdir()) == before
    assert not page.exact_button.disabled
    page.exact_button.click()
    assert page.results is not None
    assert page.results.path == folder / "tiny-reproduction.ipynb"
    assert code(page.results.path) == code(written)
    assert "Exactly as run" not in shown(made)
    assert reproduce(written, packs=made.packs).file.name == "tiny-reproduction-2.ipynb"


def test_each_cell_that_is_not_generated_is_decided_upon(
    made: ReproduceWidget, edited: Path, folder: Path
) -> None:
    page = opened(made, edited)
    controls = page.edits.controls
    assert [control.value for control in controls.values()] == [None] * 3
    assert page.exact_button.disabled
    assert "3 cells above still to be decided" in shown(page.widget)
    page.exact_button.click()
    assert not list(folder.glob("*reproduction*"))
    text = shown(page.widget)
    assert "mlprov-plus" in text
    assert "mlprov-minus" in text
    assert "print(&#x27;mine&#x27;)" in text
    assert "<script>" not in text
    for number, control in enumerate(controls.values(), start=1):
        assert page.exact_button.disabled
        control.value = "accept"
        assert page.edits.open == 3 - number
    assert not page.exact_button.disabled
    page.exact_button.click()
    assert page.results is not None
    assert code(page.results.path) == code(edited)


def test_code_that_looks_like_the_head_of_a_diff_is_shown(
    made: ReproduceWidget, written: Path
) -> None:
    notebook = nbformat.read(written, 4)
    changed = next(cell for cell in notebook.cells if cell.cell_type == "code")
    changed.source += "\n++ mine()\n-- theirs()" + " " * 60_000 + "; hidden()"
    notebook.cells.append(nbformat.v4.new_code_cell("++ alone()"))
    nbformat.write(notebook, written)
    text = shown(opened(made, written).widget)
    assert "+++ mine()" in text
    assert "+-- theirs()" in text
    assert "; hidden()" in text
    assert "+++ alone()" in text
    assert "+++ as it ran" not in text


def test_what_was_decided_holds_only_for_what_was_shown(
    made: ReproduceWidget, edited: Path, folder: Path
) -> None:
    page = opened(made, edited)
    page.edits.accept_all.click()
    edited.write_text(edited.read_text().replace("print('mine')", "print('theirs')"))
    page.exact_button.click()
    assert "changed since it was read" in shown(page.message)
    page = opened(made, edited)
    page.edits.accept_all.click()
    notebook = nbformat.read(edited, 4)
    notebook.cells.append(nbformat.v4.new_code_cell("print('one more')"))
    nbformat.write(notebook, edited)
    page.exact_button.click()
    assert "changed since it was read" in shown(page.message)
    assert not list(folder.glob("*reproduction*"))
    page = opened(made, edited)
    page.edits.accept_all.click()
    page.exact_button.click()
    assert page.results is not None


def test_of_a_long_cell_all_is_shown_before_it_is_accepted(
    made: ReproduceWidget, written: Path
) -> None:
    notebook = nbformat.read(written, 4)
    lines = [*(f"number_{number} = 1" for number in range(1500)), f"x = 1;{' ' * 2000}hidden()"]
    notebook.cells.append(nbformat.v4.new_code_cell("\n".join(lines)))
    nbformat.write(notebook, written)
    text = shown(opened(made, written).edits.widget)
    assert "number_1499" in text
    assert "hidden()" in text
    assert "more lines" not in text


@pytest.mark.parametrize("source", ["x = 1\n" * 90_000, "\n" * 30_000 + "hidden()"])
def test_what_is_too_long_to_be_shown_is_not_accepted_on_sight(
    made: ReproduceWidget, written: Path, source: str
) -> None:
    as_generated = code(written)
    notebook = nbformat.read(written, 4)
    notebook.cells += [nbformat.v4.new_code_cell(source), nbformat.v4.new_code_cell("y = 1")]
    nbformat.write(notebook, written)
    page = opened(made, written)
    text = shown(page.widget)
    assert "lines: too long to be shown)" in text
    assert "cannot be accepted here" in text
    assert len(text) < 100_000
    page.edits.accept_all.click()
    assert page.exact_button.disabled
    page.edits.restore_all.click()
    page.exact_button.click()
    assert page.results is not None
    assert code(page.results.path) == as_generated


def test_where_no_run_is_known_none_is_compared(made: ReproduceWidget, written: Path) -> None:
    page = opened(made, written)
    text = shown(page.widget)
    assert "No run of it is known" in text
    assert "different today" not in text
    page.exact_button.click()
    assert page.results is not None
    assert page.results.run_button.description == "Run here"


def test_each_cell_may_be_as_it_was_generated(
    made: ReproduceWidget, state: WizardState, edited: Path
) -> None:
    page = opened(made, edited)
    for control in page.edits.controls.values():
        control.value = "restore"
    page.exact_button.click()
    assert page.results is not None
    assert code(page.results.path) == [
        cell.source for cell in state.rendered.cells if cell.kind == "code"
    ]


def test_accepting_all_at_once_comes_after_all_are_shown(
    made: ReproduceWidget, written: Path
) -> None:
    notebook = nbformat.read(written, 4)
    notebook.cells += [nbformat.v4.new_code_cell(f"print({number})") for number in range(23)]
    nbformat.write(notebook, written)
    page = opened(made, written)
    edits = page.edits
    while len(edits.controls) < 23:
        assert "Use all recorded cells" not in shown(page.widget)
        edits.accept_all.click()
        assert edits.chosen(ACCEPT) == []
        edits.more.click()
    assert "Use all recorded cells" in shown(page.widget)
    edits.accept_all.click()
    assert len(edits.chosen(ACCEPT)) == 23
    edits.restore_all.click()
    assert len(edits.chosen(RESTORE)) == 23
    assert not page.exact_button.disabled


def test_a_cell_without_its_pack_is_never_restored(folder: Path, edited: Path) -> None:
    page = opened(ReproduceWidget(folder), edited)
    assert page.start_button.disabled
    assert "Use all generated cells" not in shown(page.widget)
    page.edits.restore_all.click()
    assert page.edits.chosen(RESTORE) == page.edits.chosen(ACCEPT) == []


def test_the_wizard_opens_in_place_and_lists_what_is_changed(
    made: ReproduceWidget, written: Path, folder: Path
) -> None:
    page = opened(made, written)
    page.start_button.click()
    wizard = made.wizard
    assert wizard is not None
    assert "Exactly as run" not in shown(made)
    assert wizard.values["epochs"] == 100
    wizard.state.set("epochs", "7", typed=True)
    wizard.state.generate()
    manifest = read_manifest(folder / "tiny-2.ipynb")
    assert manifest is not None
    assert manifest.started_from["name"] == "tiny.ipynb"
    assert manifest.started_from["changes"] == {"epochs": [100, 7]}
    made.back_button.click()
    assert "Exactly as run" in shown(made)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b'{"a": 1}'),
        ("a.json", b"\xff\xfe"),
        ("a.json", b""),
        ("a.ipynb", b"[]"),
        ("a.py", b"print(1)"),
        ("a.prov.json", b'{"entity": {"ex:Model Data": 3}}'),
    ],
)
def test_a_refused_file_is_a_sentence_and_is_not_kept(
    made: ReproduceWidget, folder: Path, name: str, content: bytes
) -> None:
    before = set(folder.iterdir())
    with pytest.raises(RecordError):
        made.file.upload.on_file(name, content)
    assert set(folder.iterdir()) == before
    (folder / name).write_bytes(content)
    made.file.chooser.name_field.value = name
    made.file.chooser.choose_button.click()
    assert made.file.words.value.count("mlprov-error") == 1
    assert "Traceback" not in made.file.words.value
    assert made.run is None


def test_a_refused_upload_is_named_as_it_came(made: ReproduceWidget, folder: Path) -> None:
    (folder / "a.json").write_text("[]")
    with pytest.raises(RecordError, match=r"^a\.json"):
        made.file.upload.on_file("a.json", b"{")


def test_a_file_that_is_uploaded_twice_is_kept_once(
    made: ReproduceWidget, written: Path, folder: Path
) -> None:
    content = written.read_bytes()
    made.file.upload.on_file("theirs.ipynb", content)
    before = set(folder.iterdir())
    made.file.upload.on_file("theirs.ipynb", content)
    assert set(folder.iterdir()) == before
    # What has been changed in the folder since is not taken for what is uploaded now.
    (folder / "theirs.ipynb").write_text("{}")
    made.file.upload.on_file("theirs.ipynb", content)
    assert made.run is not None
    assert (folder / "theirs-2.ipynb").read_bytes() == content


def test_a_double_click_writes_one_notebook(
    made: ReproduceWidget, written: Path, folder: Path
) -> None:
    page = opened(made, written)
    page.exact_button.click()
    page.exact_button.click()
    assert len(list(folder.glob("*reproduction*"))) == 1
    page.back_button.click()
    page.exact_button.click()
    assert len(list(folder.glob("*reproduction*"))) == 2


def test_there_is_nothing_to_cancel_before_a_first_file(
    made: ReproduceWidget, written: Path
) -> None:
    assert "Cancel" not in shown(made)
    opened(made, written)
    made.file.open()
    assert "Cancel" in shown(made)


def test_a_file_of_another_kind_is_not_uploaded(made: ReproduceWidget) -> None:
    with pytest.raises(MlprovError, match="has to end in"):
        made.file.upload.on_file("x.exe", b"")


def test_the_last_file_is_gone_when_the_next_is_refused(
    made: ReproduceWidget, written: Path, folder: Path
) -> None:
    opened(made, written)
    (folder / "x.json").write_text("{}")
    with pytest.raises(RecordError):
        made.file.take(folder / "x.json")
    assert made.run is None
    assert "Exactly as run" not in shown(made)


def test_a_visitor_stays_in_the_folder_and_runs_nothing(
    written: Path, pack_folder: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOILA_KERNEL_ID", "1")
    made = ReproduceWidget(None, [pack_folder])
    outside = tmp_path / "outside.ipynb"
    outside.write_bytes(written.read_bytes())
    folder = current_session().folder
    (folder / "link.ipynb").symlink_to(outside)
    (folder / "away").symlink_to(tmp_path)
    made.file.open()
    listed = str(made.file.chooser.entries.options)
    assert "link" not in listed
    assert "away" not in listed
    for path in (outside, folder / "link.ipynb", folder / "away" / "outside.ipynb"):
        with pytest.raises(MlprovError, match="Only files in the folder"):
            made.file.take(path)
    (folder / "photo.json").write_bytes(b"\xff\xd8")
    with pytest.raises(RecordError, match=r"^photo\.json is not"):
        made.file.take(folder / "photo.json")
    made.file.upload.on_file("theirs.ipynb", written.read_bytes())
    assert made.run is not None
    made.run.exact_button.click()
    assert made.run.results is not None
    assert hidden(made.run.results.run_button)
    assert "Notebooks are not run by this app. Download it" in shown(made)
    assert made.run.results.path.parent == folder


def test_a_run_whose_cells_were_changed_is_read_before_it_is_repeated(
    edited: Path, pack_folder: Path, folder: Path
) -> None:
    results = results_panel(edited, pack_folder)
    results.record = edited
    results.reproduce_button.click()
    assert isinstance(results.reproduction, RunPage)
    first = results.reproduction
    results.reproduce_button.click()
    assert results.reproduction is first
    assert results.reproduction.edits.open == 3
    assert "As a starting point" not in shown(results.widget)
    assert not list(folder.glob("*reproduction*"))


@pytest.mark.slow
def test_the_requirements_come_with_a_command_and_the_run_with_a_comparison(
    folder: Path,
) -> None:
    from mlprov_widgets import generate
    from mlprov_widgets.notebooks.execution import NotebookRun

    path = generate("multiclass_classification", {"epochs": 1, "plots": False}, folder / "a.ipynb")
    run = NotebookRun(path)
    run.start()
    run.wait()
    page = opened(ReproduceWidget(folder), run.result.provenance_file)
    assert "values go into fields of Multiclass" in shown(page.widget)
    page.requirements.value = True
    page.exact_button.click()
    (requirements,) = folder.glob("*requirements*.txt")
    assert "torch==" in requirements.read_text()
    text = shown(page.widget)
    assert "pip install -r" in text
    assert requirements.name in text
    assert f"a-reproduction-env/bin/mlprov run {folder.resolve()}/a-reproduction.ipynb" in text
    # It runs, says whether it came to the same, and has both graphs and a report at hand.
    results = page.results
    assert results is not None
    results.run_button.click()
    until(lambda: not results.run_button.disabled)
    assert results.run is not None
    assert "s: bit-identical to the original run" in results.run.head.value
    assert "mlprov-was-finished" in results.run.head.value
    (compared,) = results.run.comparison.children
    text = shown(compared)
    for words in ("it-identical", "Graph of this run", "Graph of the original"):
        assert words in text
    buttons = {child.description: child for child in compared.children[1].children[:2]}
    graph = compared.children[-1]
    buttons["Graph of the original"].value = True
    assert len(graph.children) == 2
    buttons["Graph of this run"].value = True
    assert not buttons["Graph of the original"].value
    assert "this run" in graph.children[0].value
    buttons["Graph of this run"].value = False
    assert graph.children == ()
    page.back_button.click()
    assert "Exactly as run" in shown(page.widget)


@pytest.mark.slow
def test_a_run_that_came_to_something_else_is_no_success(folder: Path) -> None:
    file = folder / "old.json"
    training = {**MULTICLASS["Training"], "epochs": {"$": 1, "type": "xsd:int"}}
    file.write_text(json.dumps(legacy({**MULTICLASS, "Training": training})))
    page = opened(ReproduceWidget(folder), file)
    page.exact_button.click()
    results = page.results
    assert results is not None
    results.run_button.click()
    until(lambda: not results.run_button.disabled)
    assert results.run is not None
    assert "s: different from the original run" in results.run.head.value
    assert "mlprov-was-different" in results.run.head.value


def test_data_that_are_missing_stand_out(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = record()
    place = {"root_location": "my_data.csv", "source_sha256": "0" * 64}
    made.steps["data_ingestion"] = Step(BEGAN, BEGAN, place)
    file = write_record(made, folder / "a.prov.json")
    monkeypatch.setenv("VOILA_KERNEL_ID", "1")
    page = opened(ReproduceWidget(folder), file)
    note = "my_data.csv is not in the folder of this file"
    assert f'<p class="mlprov-note"><b>Data:</b> {note}' in shown(page.widget)
    while page.edits.open:
        page.edits.more.click()
        for control in page.edits.controls.values():
            control.value = control.options[0][1]
    page.exact_button.click()
    assert "it needs my_data.csv beside it" in shown(page.widget)


def test_values_are_told_as_the_form_tells_them(made: ReproduceWidget, written: Path) -> None:
    text = shown(opened(made, written).widget)
    # All are what was chosen, which need not be said of each.
    assert ">From<" not in text
    assert "what was chosen" not in text
    assert "<td>Made</td>" in text


def test_a_file_with_values_alone_gives_todays_notebook(folder: Path) -> None:
    file = folder / "old.json"
    parameters = {**MULTICLASS["Model Parameters"], "optimizer": "torch.optim.Yogi("}
    file.write_text(json.dumps(legacy({**MULTICLASS, "Model Parameters": parameters})))
    page = opened(ReproduceWidget(folder), file)
    text = shown(page.widget)
    assert "With the recorded values" in text
    assert "no field here" in text
    assert "Yogi" in text
    page.exact_button.click()
    assert page.results is not None
    manifest = read_manifest(page.results.path)
    assert manifest is not None
    assert manifest.original
