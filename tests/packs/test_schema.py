"""The JSON Schemas: of a pack's values, for programs that fill them in, and of a ``pack.toml``."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from mlprov_widgets.cli import main
from mlprov_widgets.errors import InvalidValuesError
from mlprov_widgets.notebooks import as_text, make_manifest, render_cells
from mlprov_widgets.packs import (
    Pack,
    bundled_folder,
    check_values,
    complete_values,
    discover_packs,
    find_pack,
)
from mlprov_widgets.packs.schema import declaration_schema, parameters_schema

PACKS = sorted(discover_packs())


def valid(schema: dict[str, Any], value: object) -> bool:
    return jsonschema.Draft202012Validator(schema).is_valid(value)


def values_of(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values of a property, most of them allowed."""
    low, high = schema.get("minimum", 0), schema.get("maximum", 1000)
    anything = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text())
    allowed: st.SearchStrategy[Any] = st.text(max_size=20)
    if "oneOf" in schema:
        allowed = st.sampled_from([one["const"] for one in schema["oneOf"]])
    elif "enum" in schema:
        allowed = st.sampled_from(schema["enum"])
    elif schema["type"] == "object":
        roles = schema["additionalProperties"]["enum"]
        allowed = st.dictionaries(st.text(max_size=10), st.sampled_from(roles), max_size=3)
    elif schema["type"] == "integer":
        allowed = st.integers(int(low), int(min(high, low + 1000)))
    elif schema["type"] == "number":
        allowed = st.floats(low, min(high, low + 1000), allow_subnormal=False)
    elif schema["type"] == "boolean":
        allowed = st.booleans()
    elif schema["type"] == "array":
        allowed = st.lists(st.text(max_size=10), max_size=3)
    return st.integers(0, 19).flatmap(lambda dice: anything if dice == 0 else allowed)


def some_of(pack: Pack) -> st.SearchStrategy[dict[str, Any]]:
    properties = parameters_schema(pack)["properties"]
    every = {name: values_of(schema) for name, schema in properties.items()}
    return st.fixed_dictionaries({}, optional=every)


def written(pack: Pack, given: dict[str, Any], folder: Path) -> str:
    values = complete_values(pack, given, folder)
    cells = render_cells(pack, values, "a.py")
    for cell in cells:
        if cell.kind == "code" and not cell.source.startswith("%"):
            compile(cell.source, cell.name, "exec")
    return as_text(cells, make_manifest(pack, values, cells), "a.py")


@pytest.mark.slow
@pytest.mark.parametrize("name", PACKS)
@given(data=st.data())
@settings(max_examples=250, deadline=None)
def test_any_values_give_a_notebook_or_a_named_error(
    name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    pack = find_pack(name)
    given = data.draw(some_of(pack))
    folder = tmp_path_factory.getbasetemp()
    problems = check_values(pack, given, folder).problems
    if problems:
        assert all(one.parameter in pack.parameters and one.message for one in problems)
        with pytest.raises(InvalidValuesError):
            written(pack, given, folder)
    else:
        assert written(pack, given, folder) == written(pack, given, folder)


@pytest.mark.parametrize("name", PACKS)
def test_it_allows_what_the_pack_allows(name: str) -> None:
    pack = find_pack(name)
    schema = parameters_schema(pack)
    jsonschema.Draft202012Validator.check_schema(schema)
    defaults = {name: one["default"] for name, one in schema["properties"].items()}
    assert valid(schema, defaults)
    for values in pack.examples.values():
        assert valid(schema, values)
    assert not valid(schema, {"no_such_parameter": 1})
    assert not valid(schema, {"epochs": 0})
    assert not valid(schema, {"optimizer": "Nadam"})
    assert not valid(schema, {"plots": "yes"})


@pytest.mark.parametrize("name", PACKS)
def test_every_bundled_declaration_is_allowed(name: str) -> None:
    schema = declaration_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    declared = tomllib.loads((bundled_folder() / name / "pack.toml").read_text(encoding="utf-8"))
    assert valid(schema, declared)
    declared["parameters"][0]["colour"] = "red"
    assert not valid(schema, declared)
    del declared["parameters"][0]["colour"], declared["parameters"][0]["label"]
    assert not valid(schema, declared)


def test_a_program_asks_and_fills_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(main, ["schema", "multiclass_classification"])
    assert json.loads(shown.stdout)["properties"]["epochs"]["type"] == "integer"
    assert json.loads(CliRunner().invoke(main, ["schema"]).stdout)["title"] == "pack.toml"
    command = ["generate", "multiclass_classification", "--values", "-", "-o", "a.ipynb"]
    done = CliRunner().invoke(main, command, input='{"epochs": 3, "dataset": "wine"}')
    assert done.exit_code == 0, done.output
    assert "EPOCHS = 3" in Path("a.ipynb").read_text(encoding="utf-8")
    done = CliRunner().invoke(main, [*command[:-1], "b.ipynb"], input='{"epochs": ')
    assert done.exit_code == 2
    assert "is not valid JSON" in done.output
