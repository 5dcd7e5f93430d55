"""Columns of a table with roles: numbers, groups and several targets in a pack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlprov_widgets.notebooks import render_cells
from mlprov_widgets.packs import Pack, check_values, load_pack
from tests.packs.test_reading import GOOD

COLUMNS = """
[[parameters]]
name = "csv_path"
label = "CSV file"
type = "csv_file"
page = "data"
step = "data_ingestion"

[[parameters]]
name = "target_column"
label = "Target"
type = "column"
roles = {roles}
optional = {optional}
table = "csv_path"
page = "data"
step = "data_ingestion"
constant = true

[[parameters]]
name = "group_column"
label = "Groups"
type = "column"
roles = ["group"]
optional = true
table = "csv_path"
page = "data"
step = "data_ingestion"

[[parameters]]
name = "targets"
label = "Further targets"
type = "columns"
roles = ["number"]
target = true
table = "csv_path"
page = "data"
step = "data_ingestion"

[[parameters]]
name = "features"
label = "Features"
type = "columns"
table = "csv_path"
page = "data"
step = "data_ingestion"

[[parameters]]
name = "csv_format"
label = "How it is read"
type = "table_format"
table = "csv_path"
page = "data"
step = "data_ingestion"
"""
CELL = """\
{% for name, value in csv_format_options %}
{{ name }} = {{ value }}
{% endfor %}
left_out = {{ csv_format.ignore }}
"""


def _pack(tmp_path: Path, roles: str = '["number"]', optional: str = "false") -> Pack:
    folder = tmp_path / "tiny"
    folder.mkdir(exist_ok=True)
    declared = COLUMNS.replace("{roles}", roles).replace("{optional}", optional)
    (folder / "pack.toml").write_text(GOOD + declared)
    (folder / "010_data_ingestion.py.jinja").write_text(CELL)
    rows = [f"{n // 5},{n % 7}.5,{n * 37 % 101}.25,{n * 53 % 97}.75" for n in range(60)]
    (tmp_path / "table.csv").write_text("\n".join(["patient,dose,weight,pressure", *rows]))
    return load_pack(folder)


def _checked(pack: Pack, tmp_path: Path, **values: Any) -> Any:
    return check_values(pack, {"csv_path": "table.csv", **values}, tmp_path)


def test_a_number_is_guessed_and_read_as_one(tmp_path: Path) -> None:
    pack = _pack(tmp_path)
    checked = _checked(pack, tmp_path)
    assert checked.problems == []
    assert checked.values["target_column"] == "pressure"
    (cell,) = render_cells(pack, checked.values, "a.ipynb")
    assert "dtype" not in cell.source
    assert 'left_out = ["patient"]' in cell.source


def test_groups_and_further_targets_are_no_features(tmp_path: Path) -> None:
    pack = _pack(tmp_path)
    checked = _checked(pack, tmp_path, group_column="dose", targets=["weight"])
    assert checked.values["csv_format"]["ignore"] == ["patient", "dose", "weight"]
    (problem, _other) = checked.problems
    assert "no column to learn from ('patient': its values repeat (12 different)" in problem.message
    assert "dose" not in problem.message


@pytest.mark.parametrize(
    ("values", "parameter", "words"),
    [
        ({"target_column": "nobody"}, "target_column", "has no column 'nobody'"),
        ({"features": ["pressure"]}, "features", "'pressure' is the target"),
        ({"group_column": "pressure"}, "group_column", "is used already: Target"),
        ({"group_column": "dose", "features": ["dose"]}, "features", "is used already: Groups"),
        ({"targets": ["patients"]}, "targets", "has no column 'patients'"),
    ],
)
def test_what_is_used_wrongly_is_said_at_its_field(
    tmp_path: Path, values: dict[str, Any], parameter: str, words: str
) -> None:
    given = {"target_column": "pressure", **values}
    (problem,) = _checked(_pack(tmp_path), tmp_path, **given).problems
    assert problem.parameter == parameter
    assert words in problem.message


def test_there_need_be_no_target(tmp_path: Path) -> None:
    pack = _pack(tmp_path, optional="true")
    checked = _checked(pack, tmp_path)
    assert checked.problems == []
    assert checked.values["target_column"] == ""
    assert checked.values["csv_format"]["ignore"] == ["patient"]


def test_classes_are_read_as_text(tmp_path: Path) -> None:
    pack = _pack(tmp_path, roles='["class"]')
    (cell,) = render_cells(pack, _checked(pack, tmp_path, target_column="dose").values, "a.ipynb")
    assert 'dtype = {TARGET_COLUMN: "str"}' in cell.source
