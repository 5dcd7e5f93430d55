"""The columns of a table in the wizard: what each is for, why, and how a click changes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlprov_widgets.widgets import Wizard, wizard
from tests.widgets.sight import hidden


@pytest.fixture
def made(tmp_path: Path) -> Wizard:
    rows = [f"{n // 4},{n % 7}.5,{n % 3},{['red', 'blue'][n % 2]}" for n in range(60)]
    (tmp_path / "plants.csv").write_text("\n".join(["plant_id,size,leaves,label", *rows]))
    values = {"dataset": "csv", "csv_path": "plants.csv"}
    found = wizard("multiclass_classification", values, folder=tmp_path)
    found.go("data")
    return found


def _roles(made: Wizard) -> Any:
    return made.pages["data"].fields["column_roles"]


def _row(made: Wizard, place: int) -> tuple[str, Any]:
    told, choice = _roles(made).list.children[place].children
    return told.value, choice


def test_each_column_says_what_it_is_for_and_why(made: Wizard) -> None:
    told, choice = _row(made, 0)
    assert "plant_id" in told
    assert "rows that share one belong into one part" in told
    assert (choice.value, choice.label) == ("group", "group (guessed)")
    assert [_row(made, at)[1].value for at in (1, 2, 3)] == ["number", "number", "class"]
    assert "<b>target</b>" in _row(made, 3)[0]


def test_a_click_changes_the_notebook_and_takes_it_back(made: Wizard) -> None:
    def ingestion() -> str:
        return next(c.source for c in made.state.rendered.cells if "read_csv" in c.source)

    assert '"plant_id"' in ingestion().partition("left_out")[2]
    _row(made, 0)[1].value = "class"
    assert made.state.values["column_roles"] == {"plant_id": "class"}
    assert "left_out" not in ingestion()
    assert '"plant_id": "str"' in ingestion()  # a class is encoded one-hot
    _row(made, 1)[1].value = "none"
    assert '"size"' in ingestion().partition("left_out")[2]
    _row(made, 0)[1].value = "group"
    _row(made, 1)[1].value = "number"
    assert made.state.values["column_roles"] == {}
    assert made.problems == []


def test_columns_are_found_by_name(made: Wizard) -> None:
    _roles(made).control.value = "LEA"
    assert len(_roles(made).list.children) == 1
    assert "leaves" in _row(made, 0)[0]


def test_next_stops_at_what_is_wrong_and_says_it_where_one_looks(made: Wizard) -> None:
    made.pages["data"].fields["target_column"].control.value = "size"
    made.state.set("column_roles", {"label": "number"})
    made.refresh()
    made.next_button.click()
    assert made.state.page == "data"
    assert "cannot be used as numbers" in made.actions.problem_button.tooltip
    made.state.set("column_roles", {})
    made.refresh()
    made.next_button.click()
    assert made.state.page == "preparation"
    assert hidden(made.actions.problem_button)


def test_what_such_words_as_none_are_is_asked_only_where_there_are_some(
    made: Wizard, tmp_path: Path
) -> None:
    field = made.pages["data"].fields["missing_words"]
    assert hidden(field.widget)
    rows = [f"{n % 7}.5,{['None', 'Mild', 'Severe'][n % 3]}" for n in range(60)]
    (tmp_path / "pain.csv").write_text("\n".join(["size,severity", *rows]))
    made.state.set("csv_path", "pain.csv")
    made.refresh()
    assert not hidden(field.widget)
    assert "None in &#x27;severity&#x27;: words, or signs" in field.messages.value
    assert len(made.state.checked.table.classes("severity")) == 3
    field.control.value = "missing"
    assert len(made.state.checked.table.classes("severity")) == 2
    assert made.problems == []
