"""No text whatever becomes code: values reach a notebook only as literals equal to themselves."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlprov_widgets.notebooks import as_text, make_manifest, render_cells
from mlprov_widgets.packs import check_values, complete_values, find_pack
from mlprov_widgets.packs.literals import Symbol, literal

PACK = find_pack("multiclass_classification")

# Text of every kind, and often enough the kind that breaks out of careless templates.
HOSTILE = st.sampled_from(
    [
        "'", '"', "'''", '"""', "\\", "\\'", "\n", "\r\n", "\0", "{{ 7 * 7 }}", "{% raw %}", "{#",
        "__import__('os').system('touch PWNED')", "');open('PWNED','w')#", '"+open("PWNED","w")+"',
        "\u202e", "\u200b", "\ud800", "\N{LINE SEPARATOR}", "<script>alert(1)</script>", "$x$",
        "# %%", "%pip install x", "!touch PWNED", "é", "日本", "🙂", "f{x}", "%s", "${x}",
    ]
)  # fmt: skip
TEXT = st.one_of(
    st.text(st.characters(), max_size=60),
    st.lists(st.one_of(HOSTILE, st.text(max_size=8)), max_size=8).map("".join),
)
VALUE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXT),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(TEXT, inner, max_size=4),
    ),
    max_leaves=20,
)


@given(VALUE, st.integers(0, 60))
def test_a_literal_evaluates_to_the_value_itself(value: Any, indent: int) -> None:
    source = literal(value, indent)
    found = eval(source, {"__builtins__": {}, "float": float})
    assert found == value
    assert repr(found) == repr(value)


def test_other_objects_are_refused_whatever_their_repr_says() -> None:
    class Text(str):
        def __repr__(self) -> str:
            return "open('PWNED', 'w')"

    for value in (Text("x"), [Text("x")], {Text("x"): 1}, object(), {1, 2}, Symbol("x")):
        with pytest.raises(TypeError):
            literal(value)


def test_long_lists_are_broken_one_item_a_line() -> None:
    assert literal(["x" * 30, "y" * 30, "z" * 30]).splitlines() == [
        "[",
        f'    "{"x" * 30}",',
        f'    "{"y" * 30}",',
        f'    "{"z" * 30}",',
        "]",
    ]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(path=TEXT, target=TEXT, features=st.lists(TEXT, max_size=4), notebook=TEXT, missing=TEXT)
def test_every_cell_parses_and_holds_the_text_only_as_a_literal(
    path: str, target: str, features: list[str], notebook: str, missing: str
) -> None:
    values = check_values(PACK, {"dataset": "csv"}, look=False).values
    features = list(dict.fromkeys(features))
    values |= {"csv_path": path, "target_column": target, "feature_columns": features}
    values["csv_format"] = {"sep": ";", "na_values": [missing], "ignore": [target]}
    code = [cell for cell in render_cells(PACK, values, notebook) if cell.kind == "code"]
    constants: dict[str, Any] = {}
    names: set[str] = set()
    for cell in code:
        tree = ast.parse(cell.source)
        names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        if cell.step == "parameters":
            for node in tree.body:
                assert isinstance(node, ast.Assign)
                assert isinstance(node.targets[0], ast.Name)
                constants[node.targets[0].id] = ast.literal_eval(node.value)
    assert constants["CSV_PATH"] == path
    assert constants["TARGET_COLUMN"] == target
    assert constants.get("FEATURE_COLUMNS", []) == features
    # The code is the code of harmless values: nothing that a text said became a name of it.
    harmless = values | {"csv_path": "a", "target_column": "b"}
    harmless["feature_columns"] = [f"c{number}" for number in range(len(features))]
    harmless["csv_format"] = {"sep": ";", "na_values": ["d"], "ignore": ["b"]}
    expected: set[str] = set()
    for cell in render_cells(PACK, harmless, "x.ipynb"):
        if cell.kind == "code":
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Name):
                    expected.add(node.id)
                elif isinstance(node, ast.Attribute):
                    expected.add(node.attr)
    assert names == expected


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=TEXT)
def test_the_title_cell_shows_any_text_and_interprets_none(text: str) -> None:
    values = check_values(PACK, {"dataset": "csv"}, look=False).values
    title, *_ = render_cells(PACK, values | {"csv_path": text}, "x.ipynb")
    rows = [line for line in title.source.splitlines() if line.startswith("| CSV file |")]
    assert len(rows) == 1
    cell = rows[0].removeprefix("| CSV file | ").removesuffix("|").rstrip()
    for sign in "<>|`[]*_{}$":
        assert sign not in cell.replace(f"\\{sign}", "")


@given(text=TEXT)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_notebook_and_script_stay_valid_files(text: str, tmp_path_factory: Any) -> None:
    text = text.encode("utf-8", "replace").decode()  # a file of text cannot hold lone surrogates
    values = check_values(PACK, {"dataset": "csv"}, look=False).values | {"csv_path": text}
    cells = render_cells(PACK, values, "x.ipynb")
    manifest = make_manifest(PACK, values, cells)
    notebook = json.loads(as_text(cells, manifest, "x.ipynb"))
    assert notebook["metadata"]["mlprov"]["values"]["csv_path"] == text
    script = as_text(cells, manifest, "x.py")
    ast.parse(script)
    assert not Path("PWNED").exists()


def test_a_zero_that_is_no_amount_is_told_in_words() -> None:
    pack = find_pack("image_classification")
    title = next(iter(render_cells(pack, complete_values(pack, {}), "run.ipynb"))).source
    assert "| Early stopping after | never |" in title
    assert "| Image size | chosen to suit |" in title
    assert "| Batch size | 64 images |" in title
    values = complete_values(pack, {"early_stopping": 3, "image_size": 24})
    title = next(iter(render_cells(pack, values, "run.ipynb"))).source
    assert "| Early stopping after | 3 epochs |" in title
    assert "| Image size | 24 pixels |" in title


def test_a_text_that_was_left_empty_is_told_as_such() -> None:
    pack = find_pack("tabular_classification")
    values = check_values(pack, {"dataset": "csv"}, look=False).values
    title, *_ = render_cells(pack, values, "run.ipynb")
    assert "| Class that is looked for | left empty |" in title.source
