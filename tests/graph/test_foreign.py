"""Documents as other tools write them are read by people who know neither the tool nor PROV."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlprov_widgets.errors import RecordError
from mlprov_widgets.graph.document.model import Node
from mlprov_widgets.graph.levels.two_levels import Levels
from tests.graph.made_documents import named
from tests.graph.small import levels_of

UUIDS = [f"{at:08x}-1111-4222-8333-{at:012x}" for at in range(4)]


def titles(levels: Levels, level: str) -> list[str]:
    return [node.title for node in levels.model(level).nodes.values()]


def only(body: dict[str, Any], name: str = f"x:{UUIDS[1]}", kind: str = "entity") -> Node:
    document = {"prefix": {"x": "http://x/Hello/", "at": "http://t/"}, kind: {name: body}}
    return next(iter(levels_of(document).model("engineer").nodes.values()))


@pytest.mark.parametrize(
    ("name", "body", "title"),
    [
        # AiiDA, CWLProv, OpenLineage: ids that nobody reads.
        (f"x:{UUIDS[1]}", {"at:process_label": "PwCalculation"}, "PwCalculation"),
        (f"x:{UUIDS[1]}", {"at:basename": "whale.txt", "at:nameext": ".txt"}, "whale.txt"),
        (f"x:run/{UUIDS[1]}", {"at:job": "shop.orders"}, "shop.orders"),
        ("x:97fe1b50b4582cebc7d853796ebd62e3e163aa3f", {"at:n": 1}, "97fe1b50…"),
        (
            "x:97fe1b50b4582cebc7d853796ebd62e3e163aa3f",
            {"prov:type": named("x:Artifact")},
            "Artifact 97fe1b50…",
        ),
        # Git2PROV: names of which only a part is read.
        (f"x:file-README-md_commit-{'07' * 20}", {}, "file-README-md_commit-07070707…"),
        # Taverna: an IRI that ends with a slash has no local part.
        ("x:", {}, "Hello"),
        # Names and labels that people gave are kept.
        ("x:deadbeef", {"at:name": "other"}, "deadbeef"),
        (f"x:{UUIDS[1]}", {"prov:label": "mine", "at:name": "other"}, "mine"),
    ],
)
def test_titles_are_what_people_call_a_thing(name: str, body: dict[str, Any], title: str) -> None:
    assert only(body, name).title == title


@pytest.mark.parametrize(
    ("body", "type"),
    [
        ({"at:node_type": "data.core.dict.Dict."}, "Dict"),
        ({"prov:type": named("prov:Entity"), "at:type": "ModelVersion"}, "ModelVersion"),
        ({"prov:type": named("prov:Entity")}, "Entity"),
        ({"prov:type": named("at:File"), "at:type": "other"}, "File"),
    ],
)
def test_types_of_other_tools(body: dict[str, Any], type: str) -> None:
    assert only(body).type == type


@pytest.mark.parametrize(
    ("values", "last"),
    [
        ("[2.3, 1.1, 0.22]", "0.22"),
        ([2.3, 0.5], "0.5"),
        ({"$": "[7]", "type": "xsd:string"}, "7"),
        ("[0.5, NaN]", "nan"),
    ],
)
def test_a_metric_says_its_last_value(values: Any, last: str) -> None:
    """As yProv4ML writes metrics; the analyst reads it in the box of what made it."""
    document = {
        "entity": {"Loss": {"ml:epoch_list": "[0, 1]", "ml:metric_value_list": values}},
        "activity": {"TRAINING": {}},
        "wasGeneratedBy": {"_:g": {"prov:entity": "Loss", "prov:activity": "TRAINING"}},
    }
    levels = levels_of(document)
    assert levels.model("engineer").nodes["Loss"].lines[0] == ("last value", last)
    assert levels.model("analyst").nodes["TRAINING"].lines[0] == ("Loss", last)


def test_a_name_is_not_repeated_as_a_value() -> None:
    node = only({"at:name": "public.orders", "at:rows": 7}, "x:dataset/public.orders")
    assert node.lines == (("rows", "7"),)


def test_prefixes_of_one_namespace_name_one_element() -> None:
    document = {
        "prefix": {"a": "http://x/", "b": "http://x/"},
        "entity": {"a:file": {}},
        "used": {"_:u": {"prov:activity": "a:run", "prov:entity": "b:file"}},
    }
    assert list(levels_of(document).model("engineer").nodes) == ["a:file", "a:run"]


def test_provn_with_ends_left_out() -> None:
    """The grammar asks for all ends or the first one; the standard's own examples do not."""
    text = """document
      prefix ex <http://example.org/>
      activity(ex:run, [prov:label="used(a, b)"])
      entity(ex:in) entity(ex:out) agent(ex:me)
      used(ex:run, ex:in)
      wasGeneratedBy(ex:g; ex:out, ex:run, [prov:role='ex:result'])
      wasAssociatedWith(ex:run, ex:me)
    endDocument"""
    levels = levels_of(text)
    assert len(levels.model("engineer").edges) == 3
    assert titles(levels, "analyst") == ["used(a, b)"]


def test_a_research_object_crate_is_said() -> None:
    crate = {
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [{"@id": "./", "@type": "Dataset"}],
    }
    for source in (crate, json.dumps(crate)):
        with pytest.raises(RecordError, match="It describes an RO-Crate, which is not PROV"):
            levels_of(source)
