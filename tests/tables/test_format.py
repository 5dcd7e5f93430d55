"""The format of a table, which may come from a stranger's provenance file."""

from __future__ import annotations

import ast
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlprov_widgets.errors import TableError
from mlprov_widgets.tables import check_format, inspect_table, read_csv_options
from tests.tables.made_tables import lines, rows

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


def test_format_of_a_table_is_allowed_and_survives_json(write):
    table = inspect_table(write(lines("f1; ;label", sep=";")))
    assert check_format(json.loads(json.dumps(table.format))) == table.format


def test_defaults_are_filled_in_and_the_value_is_not_changed():
    value = {"sep": ";"}
    checked = check_format(value)
    assert checked["decimal"] == "."
    checked["na_values"].append("x")
    assert value == {"sep": ";"}
    assert check_format({})["na_values"] == []


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("sep", "dictionary"),
        ({"engine": "python"}, "engine"),
        ({"sep": ";;"}, "sep"),
        ({"sep": ""}, "sep"),
        ({"sep": '"'}, "sep"),
        ({"sep": "\n"}, "sep"),
        ({"encoding": "no-such-codec"}, "encoding"),
        ({"encoding": "zip"}, "encoding"),
        ({"encoding": "unicode_escape"}, "encoding"),
        ({"encoding": "../../x"}, "encoding"),
        ({"encoding": 8}, "encoding"),
        ({"decimal": ";"}, "decimal"),
        ({"skiprows": -1}, "skiprows"),
        ({"skiprows": True}, "skiprows"),
        ({"skiprows": "2"}, "skiprows"),
        ({"skiprows": 10**9}, "skiprows"),
        ({"header": 0}, "header"),
        ({"header": False}, "names"),
        ({"names": ["a", "b"]}, "names"),
        ({"header": False, "names": ["a", "a"]}, "names"),
        ({"header": False, "names": ["a", 1]}, "names"),
        ({"na_values": "?"}, "na_values"),
        ({"na_values": {"a": "?"}}, "na_values"),
        ({"text": ["x" * 20_000]}, "text"),
        ({"numeric": ["x"] * 30_000}, "numeric"),
        ({"ignore": [None]}, "ignore"),
        ({"decimal": []}, "decimal"),
        ({"sep": {}}, "sep"),
    ],
)
def test_wrong_values_are_refused_by_name(value, key):
    with pytest.raises(TableError, match=key) as caught:
        check_format(value)
    assert len(str(caught.value)) < 400


@given(
    st.dictionaries(st.sampled_from(["sep", "names", "na_values", "skiprows", "x"]), JSON) | JSON
)
def test_any_json_is_either_allowed_or_a_value_error(value):
    try:
        checked = check_format(value)
    except TableError:
        return
    assert check_format(checked) == checked


def test_options_leave_out_what_is_default():
    assert read_csv_options(check_format({})) == {}
    assert read_csv_options({}, "label") == {"dtype": {"label": "str"}}


def test_options_are_literals_with_all_that_differs():
    format = {
        "sep": ";",
        "encoding": "latin-1",
        "decimal": ",",
        "skiprows": 2,
        "header": False,
        "names": ["a", "b", "label"],
        "na_values": ["?"],
        "numeric": ["a"],
        "floats": ["label", "b"],
        "ignore": ["b"],
    }
    options = read_csv_options(check_format(format), "label")
    assert ast.literal_eval(repr(options)) == options
    assert options == {
        "sep": ";",
        "encoding": "latin-1",
        "decimal": ",",
        "skiprows": 2,
        "header": None,
        "names": ["a", "b", "label"],
        "na_values": ["?"],
        "dtype": {"label": "str", "a": "str", "b": "float64"},
    }


def test_given_format_is_used(write):
    content = ["x", "y", *lines(None)]
    format = {"skiprows": 3, "header": False, "names": ["a", "b", "c"], "sep": ",", "ignore": ["b"]}
    table = inspect_table(write(content), format=format)
    assert table.names == ["a", "b", "c"]
    assert table.rows == 29
    assert table.ignored("c") == ["b"]
    assert table.features("c") == ["a"]


def test_found_format_given_back_gives_the_same_table(write):
    content = ["title", "f1;f1;label"]
    content += [f"\u00a0{a};{b};{c}".replace(".", ",") for a, b, c in rows()] + ["?;1;alpha"]
    path = write(content)
    table = inspect_table(path)
    again = inspect_table(path, format=table.format)
    assert again.format == table.format
    assert again.columns == table.columns


def test_header_may_be_denied(write):
    path = write(["1,2,3", *["4,5,6", "7,8,9"] * 10])
    names = ["a", "b", "c"]
    assert inspect_table(path, format={"header": False, "names": names}).rows == 21
    assert inspect_table(path, format={"header": True}).rows == 20


@pytest.mark.parametrize(
    "format",
    [
        {"sep": "|"},
        {"encoding": "utf-16"},
        {"skiprows": 500},
        {"header": False, "names": ["a"]},
        {"numeric": ["label"]},
        {"floats": ["label"]},
        {"numeric": ["nowhere"]},
        {"unknown": 1},
    ],
)
def test_a_given_format_that_does_not_fit_is_refused(format, write):
    with pytest.raises(TableError):
        inspect_table(write(lines()), format=format)


def test_format_for_a_target_names_it_nowhere(write):
    content = ["code,f1,copy,label"]
    content += [f"\u00a0{n % 3},{n * 7 % 5},{'xy'[n % 2]},{'ab'[n % 2]}" for n in range(30)]
    table = inspect_table(write(content))
    assert table.format["numeric"] == ["code"]
    assert table.format_for("code")["numeric"] == []
    assert table.format_for("label")["ignore"] == ["copy"]
    assert table.format["ignore"] == []
