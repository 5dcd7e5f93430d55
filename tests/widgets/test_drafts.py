"""What a wizard was at is kept for the next kernel: choices, page, and what was written."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from mlprov_widgets.provenance import write_record
from mlprov_widgets.widgets import wizard
from tests.several.made import made_run
from tests.widgets.sight import field, shown


def test_choices_survive_the_kernel(pack_folder: Path, folder: Path) -> None:
    first = wizard(folder=folder, packs=[pack_folder])
    first.task_page.packs.value = "tiny"
    field(first, "epochs").control.value = "21"
    second = wizard(folder=folder, packs=[pack_folder])
    assert second.values["epochs"] == 21
    assert second.state.page == "model"
    assert "from last time" in second.message.value
    second.task_page.start.value = "new"
    assert second.values["epochs"] == 100
    third = wizard(folder=folder, packs=[pack_folder], values={"epochs": 5}, task="tiny")
    assert third.values["epochs"] == 5


def test_a_damaged_draft_is_passed_over(pack_folder: Path, folder: Path, tmp_path: Path) -> None:
    made = wizard(folder=folder, packs=[pack_folder])
    made.task_page.packs.value = "tiny"
    field(made, "epochs").control.value = "21"
    (file,) = (tmp_path / "application-state").rglob("*.json")
    for text in ("", "{", '{"values": {"epochs": {}}}', '{"task": "gone", "values": {}}'):
        file.write_text(text)
        again = wizard(folder=folder, packs=[pack_folder])
        assert again.values.get("epochs", 100) == 100


@pytest.fixture
def written(pack_folder: Path, folder: Path) -> Path:
    """A notebook that a wizard wrote and showed when its kernel ended."""
    first = wizard(folder=folder, packs=[pack_folder])
    first.task_page.packs.value = "tiny"
    field(first, "epochs").control.value = "21"
    first.generate()
    assert first.results is not None
    return first.results.path


def put_record(notebook: Path) -> None:
    made = made_run("a", {"accuracy": 0.875}, notebook={"name": notebook.name})
    write_record(made, notebook.with_suffix(".prov.json"))


def test_what_was_written_and_came_of_it_survives_the_kernel(
    written: Path, pack_folder: Path, folder: Path
) -> None:
    put_record(written)
    book = nbformat.read(written, 4)
    run = {"mlprov_run": {"run_id": "run-a", "file": f"{written.stem}.prov.json"}}
    output = nbformat.v4.new_output("display_data", {"text/plain": "run"}, metadata=run)
    next(one for one in book.cells if one.cell_type == "code").outputs = [output]
    nbformat.write(book, written)
    second = wizard(folder=folder, packs=[pack_folder])
    assert second.results is not None
    assert second.results.path == written
    told = shown(second)
    assert "The last run" in told
    assert "0.875" in told
    second.back_button.click()
    assert second.results is None
    assert second.values["epochs"] == 21
    assert wizard(folder=folder, packs=[pack_folder]).results is None


def test_a_run_of_another_notebook_of_that_name_is_not_told(
    written: Path, pack_folder: Path, folder: Path
) -> None:
    put_record(written)
    second = wizard(folder=folder, packs=[pack_folder])
    assert second.results is not None
    assert second.results.record is None
    assert "0.875" not in shown(second)


def test_a_notebook_that_is_gone_is_not_shown_again(
    written: Path, pack_folder: Path, folder: Path
) -> None:
    written.unlink()
    second = wizard(folder=folder, packs=[pack_folder])
    assert second.results is None
    assert second.values["epochs"] == 21
