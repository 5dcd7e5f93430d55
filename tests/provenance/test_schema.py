"""Our own check of the shape of PROV-JSON agrees with the JSON schema of the W3C submission."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import prov.tests
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlprov_widgets.provenance.prov_json import to_prov_json
from mlprov_widgets.provenance.schema import problems
from tests.provenance.sample import sample

FOLDER = Path(prov.tests.__file__).parent
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "a", "run:x"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["$", "type", "lang", "prov:entity", "prov:activity", "x", "ex:a"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)
SMALL = json.loads(json.dumps(to_prov_json(sample(packages=1))))


@pytest.fixture(scope="module")
def validator():
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((FOLDER / "schemas" / "prov-json.schema.json").read_text())
    return jsonschema.validators.validator_for(schema)(schema)


def test_agrees_on_the_documents_of_other_tools(validator):
    files = sorted((FOLDER / "json").glob("*.json"))
    assert len(files) > 100
    verdicts = set()
    for file in files:
        document = json.loads(file.read_text(encoding="utf-8"))
        if "wasEndedBy" in document:  # misspelt in the schema, not in the submission's text
            document["wasEndedby"] = document.pop("wasEndedBy")
        if "mentionOf" in document or "bundle" in document:
            continue
        expected = validator.is_valid(document)
        assert (problems(document) == []) == expected, file.name
        verdicts.add(expected)
    assert verdicts == {True, False}, "the corpus has documents of both kinds"


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_agrees_on_documents_with_one_thing_changed(validator, data):
    document = copy.deepcopy(SMALL)
    section = data.draw(st.sampled_from(sorted(document)))
    level = data.draw(st.integers(0, 2))
    change = data.draw(JSON)
    if level == 0:
        document[data.draw(st.sampled_from([section, "usedBy", "wasEndedby"]))] = change
    else:
        name = data.draw(st.sampled_from(sorted(document[section])[:20]))
        if level == 1 or not isinstance(document[section][name], dict):
            document[section][name] = change
        else:
            attributes = document[section][name]
            attribute = data.draw(st.sampled_from([*sorted(attributes), "ex:new"]))
            if data.draw(st.booleans()):
                attributes[attribute] = change
            else:
                attributes.pop(attribute, None)
    assert (problems(document) == []) == validator.is_valid(document)
