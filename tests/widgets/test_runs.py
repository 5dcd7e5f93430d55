"""All runs of a folder as a person uses them, without a browser."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from mlprov_widgets import ReproduceWidget, RunsWidget, runs, wizard
from mlprov_widgets.store import RunStore
from tests.store.made import run_file
from tests.widgets.sight import hidden, shown, tell


@pytest.fixture(scope="session")
def thirty_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("runs") / "store"
    for number in range(30):
        values = {"seed": number, "optimizer": "Adam"}
        run_file(place, f"r{number:02}", {"accuracy": number / 30}, values, minutes=number)
    RunStore(place).refresh()
    return place


@pytest.fixture
def folder(thirty_runs: Path, tmp_path: Path) -> Path:
    return shutil.copytree(thirty_runs, tmp_path / "store")


@pytest.fixture
def made(folder: Path) -> RunsWidget:
    return runs(folder)


def names(made: RunsWidget) -> list[str]:
    return [row["name"].removesuffix(".prov.json") for row in made.table.grid.rows]


def heads(made: RunsWidget) -> list[str]:
    return [column["head"] for column in made.table.grid.columns]


def act(made: RunsWidget, kind: str, run: str = "", **more: Any) -> None:
    row = next((row for row in made.table.grid.rows if row["name"].startswith(run)), {})
    tell(
        made.table.grid,
        {"method": "custom", "content": {"kind": kind, "id": row.get("id"), **more}},
    )


def test_the_newest_come_first_a_page_at_a_time(made: RunsWidget) -> None:
    assert names(made)[:2] == ["r29", "r28"]
    assert "1 to 25 of 30 runs." in shown(made)
    made.table.next_button.click()
    assert names(made) == ["r04", "r03", "r02", "r01", "r00"]
    assert made.table.next_button.disabled
    made.table.previous_button.click()
    assert names(made)[0] == "r29"


def test_what_differs_is_a_column_and_what_does_not_is_none(made: RunsWidget) -> None:
    assert "Seed" in heads(made)
    assert "Optimizer" not in heads(made)
    assert "Accuracy ↑" in heads(made)


def test_columns_are_chosen_and_wrong_ones_named(made: RunsWidget) -> None:
    made.table.columns.value = "accuracy, optimizer"
    assert heads(made) == ["Accuracy ↑", "Optimizer"]
    made.table.columns.value = "optimiser"
    assert "is &#x27;optimizer&#x27; meant?" in made.table.message.value
    made.table.columns.value = ""
    assert "Seed" in heads(made)


def test_runs_are_put_together_and_a_group_is_opened(folder: Path) -> None:
    for number, (optimizer, accuracy) in enumerate([("SGD", 0.25), ("it's", 0.5), (None, 0.75)]):
        values = {"seed": number, "optimizer": optimizer}
        run_file(folder, f"more{number}", {"accuracy": accuracy}, values)
    run_file(folder, "failed", {"accuracy": 0.0}, {"optimizer": "SGD"}, status="failed")
    run_file(folder, "without", {"accuracy": 0.0}, {"seed": 1})
    made = runs(folder)
    made.table.group_by.value = "optimizer"
    assert heads(made) == ["Optimizer", "Runs", "Finished", "Mean accuracy ↑", "Newest"]
    cells = [row["cells"][:4] for row in made.table.grid.rows]
    assert cells[0] == ["Adam", "30", "30", "0.4833"]
    assert ["SGD", "2", "1", "0.25"] in cells
    assert ["None", "1", "1", "0.75"] in cells
    assert ["not known", "1", "1", "0"] in cells
    assert "5 groups" in shown(made)
    act(made, "sort", name="accuracy")
    assert [row["cells"][3] for row in made.table.grid.rows][:2] == ["0.75", "0.5"]
    act(made, "open", "it's")
    assert names(made) == ["more1"]
    assert made.table.group_by.value == ""
    # A second one is asked for among those.
    made.table.where.value = "accuracy > 0.3"
    made.table.group_by.value = "optimizer"
    act(made, "open", "Adam")
    assert made.table.where.value == "(accuracy > 0.3) and optimizer == 'Adam'"
    made.table.where.value = ""
    made.table.group_by.value = "optimizer"
    act(made, "open", "not known")
    assert "have no &#x27;optimizer&#x27;" in made.table.message.value
    made.table.group_by.value = "verdict"
    act(made, "open", "not known")
    assert made.table.where.value == "verdict == None"
    assert len(names(made)) == 25


def test_a_head_sorts_and_sorts_the_other_way(made: RunsWidget) -> None:
    act(made, "sort", name="seed")
    assert names(made)[0] == "r29"
    act(made, "sort", name="seed")
    assert names(made)[0] == "r00"
    (column,) = [one for one in made.table.grid.columns if one["sorted"]]
    assert (column["name"], column["sorted"]) == ("seed", "ascending")


def test_conditions_and_words(made: RunsWidget) -> None:
    made.table.where.value = "accuracy > 0.9"
    assert names(made) == ["r29", "r28"]
    assert "2 runs." in shown(made)
    made.table.where.value = "acuracy > 0.9"
    assert "is &#x27;accuracy&#x27; meant" in made.table.message.value
    made.table.where.value = ""
    made.table.words.value = "r17"
    assert names(made) == ["r17"]
    made.table.words.value = "nothing of this"
    assert "No run is like that." in shown(made)


def test_the_notebook_of_a_run_is_there_or_said_to_be_gone(folder: Path) -> None:
    made = runs(folder)
    name = made.table.store.page().rows[0].facts.notebook
    act(made, "open", "r07")
    assert f"Its notebook, {name}, is not beside the record." in shown(made)
    made.back_button.click()
    (folder / name).write_text("{}")
    act(made, "open", "r07")
    assert f"Its notebook, {name}, as it is now." in shown(made)


def test_a_run_is_opened_with_all_that_it_says_and_back(made: RunsWidget) -> None:
    act(made, "open", "r07")
    assert "r07.prov.json" in shown(made)
    assert "Write the notebook" in shown(made)
    assert hidden(made.table.widget) or "1 to 25" not in shown(made)
    made.back_button.click()
    assert "1 to 25 of 30 runs." in shown(made)


def test_marks_and_notes_are_kept(made: RunsWidget, folder: Path) -> None:
    act(made, "mark", "r07")
    act(made, "open", "r07")
    made.note_field.value = "the one for the paper"
    made.back_button.click()
    again = runs(folder)
    again.table.where.value = "marked"
    assert names(again) == ["r07"]
    again.table.where.value = ""
    again.table.words.value = "paper"
    assert names(again) == ["r07"]
    act(again, "mark", "r07")
    again.table.where.value = "marked"
    assert names(again) == []


def test_a_run_that_is_gone_meanwhile_is_said(made: RunsWidget, folder: Path) -> None:
    (folder / "r29.prov.json").unlink()
    act(made, "open", "r29")
    assert "r29.prov.json" in made.table.message.value
    made.table.refresh_button.click()
    assert names(made)[0] == "r28"


def test_new_runs_come_when_somebody_looks_again(made: RunsWidget, folder: Path) -> None:
    run_file(folder, "later", {"accuracy": 0.1}, minutes=100)
    (folder / "half.prov.json").write_text("{")
    made.table.refresh_button.click()
    assert names(made)[0] == "later"
    assert "half.prov.json" in shown(made)


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    assert "There are no runs here yet." in shown(runs(tmp_path))


@pytest.mark.parametrize(
    "content",
    [None, 3, [], {}, {"kind": "open"}, {"kind": "open", "id": "-1"}, {"kind": "open", "id": 5},
     {"kind": "sort", "name": "; drop table runs"}, {"kind": "choose", "id": "1", "on": True},
     {"kind": "mark", "id": "../../x"}],
)  # fmt: skip
def test_crafted_messages_do_nothing(made: RunsWidget, content: Any, folder: Path) -> None:
    before = names(made)
    tell(made.table.grid, {"method": "custom", "content": content})
    assert names(made) == before
    assert not (folder / ".mlprov" / "notes").exists()
    assert made.table.grid.chosen == []


def test_hostile_names_are_text(tmp_path: Path) -> None:
    values = {"<b>x</b>": 1, "seed": 1}
    run_file(tmp_path, "<img src=x onerror=alert(1)>", {"<script>": 0.5}, values)
    run_file(tmp_path, "other", {"<script>": 0.6}, {"<b>x</b>": 2, "seed": 1})
    made = runs(tmp_path)
    # The table sets text as text; nothing of it goes through HTML.
    assert "<script>" not in shown(made)
    assert len(names(made)) == 2


def test_visitors_see_their_own_runs_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VOILA_KERNEL_ID", "x")
    made: Any = runs(folder)
    assert "There are no runs here yet." in shown(made)
    assert str(tmp_path) not in shown(made)


# -- where one run is chosen ------------------------------------------------------------------


def test_reproduce_offers_the_runs_of_the_folder(folder: Path) -> None:
    made = ReproduceWidget(folder)
    assert made.file.table.grid.rows[0]["name"] == "r29.prov.json"
    act(made.file, "open", "r25")
    assert made.run is not None
    assert "r25.prov.json" in shown(made)
    # Until another one is to be chosen.
    assert "r24.prov.json" not in shown(made)
    made.file.chooser.unfold()
    assert not hidden(made.file.table.widget)


def test_the_wizard_offers_them_to_start_from(folder: Path) -> None:
    made = wizard(folder=folder)
    made.task_page.start.value = "run"
    assert made.task_page.run.file.table.grid.rows
    act(made.task_page.run.file, "open", "r25")
    assert made.state.origin is not None
    assert made.state.origin.name == "r25.prov.json"


def test_only_runs_of_the_folder_itself_are_offered(tmp_path: Path) -> None:
    run_file(tmp_path / "deeper", "a", {"accuracy": 0.5})
    made = ReproduceWidget(tmp_path)
    assert made.file.table.grid.rows == []
    assert "Choose" in shown(made)
    # What all runs are shown of is not forgotten for that.
    assert len(runs(tmp_path).table.grid.rows) == 1
    ReproduceWidget(tmp_path)
    assert RunStore(tmp_path).count() == 1
