"""A type of parameter is one class: all doors ask it, and none has a list of its own."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mlprov_widgets.errors import InvalidValueError, PackError
from mlprov_widgets.hosting import Limits, Place
from mlprov_widgets.notebooks import check_templates, generate, read_manifest
from mlprov_widgets.packs import check_values, load_pack
from mlprov_widgets.packs.parameters import Parameter
from mlprov_widgets.packs.types import ParameterType, register, type_names, type_of
from mlprov_widgets.widgets.fields import make_field
from mlprov_widgets.widgets.state import WizardState
from tests.cli.commands import mlprov

PACK = """\
[pack]
title = "Dated"
summary = "A pack with a type of its own."
version = "1.0"
task_type = "Dated"

[[pages]]
name = "data"
title = "Data"

[[parameters]]
name = "first_day"
label = "First day"
type = "day"
page = "data"
step = "data_ingestion"
default = "2024-02-29"
"""


@register
class Day(ParameterType):
    """A day, written as in ISO 8601."""

    name = "day"
    needs_default = True

    def check(self, parameter: Parameter, value: object) -> str:
        try:
            return date.fromisoformat(self.checked_text(parameter, value).strip()).isoformat()
        except InvalidValueError:
            raise
        except ValueError:
            raise self.refuse(parameter, value) from None

    def allowed(self, parameter: Parameter) -> str:
        return "a day such as 2024-01-31"

    def describe(self, parameter: Parameter, value: str) -> str:
        return f"{date.fromisoformat(value):%d %B %Y}"

    def template_names(self, parameter: Parameter) -> set[str]:
        return {parameter.name, f"{parameter.name}_year"}

    def render(self, pack: Any, parameter: Parameter, values: Any) -> dict[str, object]:
        value = values[parameter.name]
        return {parameter.name: value, f"{parameter.name}_year": int(value[:4])}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "dated"
    folder.mkdir()
    (folder / "pack.toml").write_text(PACK)
    (folder / "010_title.md.jinja").write_text(
        "{% for label, words in choices %}{{ label }}: {{ words }}{% endfor %}\n"
    )
    (folder / "060_data_ingestion.py.jinja").write_text(
        "FIRST_DAY = {{ first_day }}\nYEAR = {{ first_day_year }}\n"
    )
    monkeypatch.chdir(tmp_path)
    return folder


def test_a_type_of_ones_own_is_declared_checked_and_written(folder: Path) -> None:
    pack = load_pack(folder)
    check_templates(pack)
    assert check_values(pack, {}).values == {"first_day": "2024-02-29"}
    (message,) = check_values(pack, {"first_day": "2023-02-29"}).messages("first_day")
    assert message == "first_day is '2023-02-29'; it must be a day such as 2024-01-31."
    notebook = generate(pack, {"first_day": "2024-03-01"}, out=Path("x.py"))
    text = notebook.read_text()
    assert "First day: 01 March 2024" in text
    assert 'FIRST_DAY = "2024-03-01"\nYEAR = 2024' in text
    manifest = read_manifest(notebook)
    assert manifest is not None
    assert manifest.values == {"first_day": "2024-03-01"}


def test_its_default_is_checked_when_the_pack_is_read(folder: Path) -> None:
    (folder / "pack.toml").write_text(PACK.replace("2024-02-29", "2023-02-29"))
    with pytest.raises(PackError, match=r"line 17, .*it must be a day such as 2024-01-31"):
        load_pack(folder)


def test_a_shell_parses_and_explains_it(folder: Path) -> None:
    result = mlprov("generate", folder, "-s", "first_day= 2024-03-01", "-o", "x.ipynb")
    assert result.exit_code == 0, result.output
    assert "2024-03-01" in Path("x.ipynb").read_text()
    result = mlprov("generate", folder, "-s", "first_day=someday", "-o", "y.ipynb")
    assert "first_day is 'someday'; it must be a day such as 2024-01-31." in result.output
    assert (
        "a day such as 2024-01-31; default 2024-02-29"
        in mlprov("generate", folder, "--help").output
    )


def test_the_wizard_asks_for_it_in_a_text_field(folder: Path) -> None:
    pack = load_pack(folder)
    state = WizardState({pack.name: pack}, Place(folder.parent, Limits()))

    def answer(name: str, value: Any, typed: bool) -> None:
        assert typed
        state.set(name, value, typed=True)
        field.show(state)

    field = make_field(pack.parameters["first_day"], state, answer)
    assert field.control.value == "2024-02-29"
    field.control.value = "2024-13-01"
    assert "First day is &#x27;2024-13-01&#x27;; it must be a day" in field.messages.value
    assert state.values["first_day"] == "2024-02-29"
    field.control.value = "2024-12-01"
    assert field.messages.value == ""
    assert state.values["first_day"] == "2024-12-01"


def test_types_are_found_where_they_lie() -> None:
    assert {"choice", "integer", "number", "flag", "text", "csv_file"} <= set(type_names())
    assert all(type_of(name).name == name for name in type_names())
