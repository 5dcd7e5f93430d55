"""Whatever a record holds comes back, from every format of PROV and without a warning."""

from __future__ import annotations

import json
import math
import warnings

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlprov_widgets.errors import RecordError
from mlprov_widgets.provenance import from_prov, read_record, to_prov
from mlprov_widgets.provenance.literals import decode, encode
from mlprov_widgets.provenance.prov_json import to_prov_json
from mlprov_widgets.provenance.reading import from_prov_json
from mlprov_widgets.provenance.schema import dangling, problems
from mlprov_widgets.provenance.vocabulary import full_iri, local_name, original_name
from mlprov_widgets.record import Cell, Execution, Record, Step
from tests.provenance.sample import failed, sample
from tests.provenance.strategies import ODD, RECORDS, TEXT, VALUES

# rdflib remarks on its own use of itself.
pytestmark = pytest.mark.filterwarnings("ignore:Dataset:DeprecationWarning")

FORMATS = {
    "json": {},
    "provn": {},
    "xml": {},
    "jsonld": {},
    "turtle": {"format": "rdf", "rdf_format": "turtle"},
    "trig": {"format": "rdf", "rdf_format": "trig"},
}


def examples(count: int) -> settings:
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=count, deadline=None, suppress_health_check=slow)


def written(record: Record, name: str) -> str:
    options = {"format": name, **FORMATS[name]}
    return to_prov(record).serialize(**options)


@pytest.mark.filterwarnings("error::prov.model.ProvWarning")
@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("make", [sample, failed, lambda: Record("only-an-id")])
def test_sample_comes_back_from_every_format(name, make):
    with warnings.catch_warnings():
        warnings.filterwarnings("error", category=FutureWarning)
        warnings.filterwarnings("error", category=UserWarning)
        text = written(make(), name)
        assert read_record(text) == make()


@pytest.mark.parametrize("name", FORMATS)
def test_odd_sources_come_back_byte_exact(name):
    cells = [Cell(text, generated=text, executions=[Execution(text)]) for text in ODD]
    record = Record("x", values={"odd": ODD, **dict.fromkeys(ODD, 1)}, cells=cells)
    back = read_record(written(record, name))
    assert [cell.executions[0].source for cell in back.cells] == ODD
    assert back == record


@examples(150)
@given(RECORDS)
def test_any_record_comes_back_from_prov_json(record):
    text = json.dumps(to_prov_json(record), allow_nan=False)
    assert text.isascii()
    container = json.loads(text)
    assert problems(container) == []
    assert dangling(container) == []
    assert from_prov_json(container) == record


@examples(50)
@given(RECORDS)
def test_any_record_comes_back_through_prov(record):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert from_prov(to_prov(record)) == record


@examples(25)
@given(RECORDS, st.sampled_from(["provn", "xml", "jsonld", "turtle", "trig"]))
def test_any_record_comes_back_from_other_formats(record, name):
    assert read_record(written(record, name)) == record


@given(TEXT)
def test_any_text_has_a_local_name_that_gives_it_back(text):
    local = local_name(text)
    assert local.isascii()
    assert local.replace("_", "a").replace("-", "a").replace(".", "a").isalnum()
    assert local[0].isalpha() or local[0] == "_"
    assert not local.endswith(".")
    assert original_name(local) == text


@given(VALUES)
def test_any_value_comes_back_with_its_type(value):
    literal = encode(value, "here")
    datatype = full_iri(literal["type"]) if isinstance(literal, dict) else ""
    back = decode(json.loads(json.dumps(literal)), datatype)
    assert repr(back) == repr(value)


@pytest.mark.parametrize("name", FORMATS)
def test_numbers_that_json_cannot_say(name):
    values = {"a": math.nan, "b": math.inf, "c": -math.inf, "d": [math.nan, {"e": math.inf}]}
    record = Record("x", steps={"training": Step(values=values)})
    back = read_record(written(record, name)).steps["training"].values
    assert math.isnan(back["a"])
    assert (back["b"], back["c"]) == (math.inf, -math.inf)
    assert math.isnan(back["d"][0])
    assert back["d"][1] == {"e": math.inf}


def test_numpy_scalars_and_tuples_are_what_they_stand_for():
    import numpy as np

    values = {"a": np.float32(0.5), "b": np.int64(3), "c": np.bool_(True), "d": (1, np.float64(2))}
    record = Record("x", values=values)
    back = from_prov_json(to_prov_json(record)).values
    assert back == {"a": 0.5, "b": 3, "c": True, "d": [1, 2.0]}
    assert [type(value) for value in back.values()] == [float, int, bool, list]


@pytest.mark.parametrize(
    ("value", "word"),
    [(object(), "object"), ({"a": {1, 2}}, "set"), (b"x", "bytes"), (10**5000, "bits")],
    ids=["object", "set", "bytes", "integer"],
)
def test_values_that_a_record_cannot_hold_are_named(value, word):
    record = Record("x", steps={"training": Step(values={"epochs": value})})
    with pytest.raises(RecordError, match=word) as caught:
        to_prov_json(record)
    assert "training.epochs" in str(caught.value)


def test_a_value_that_contains_itself_is_refused():
    value: list = []
    value.append(value)
    with pytest.raises(RecordError, match="levels deep"):
        to_prov_json(Record("x", values={"a": value}))
