"""Any PROV document becomes nodes and edges; what is not of its shape does no harm."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlprov_widgets.graph.document.elements import elements_of
from mlprov_widgets.graph.document.model import Model
from mlprov_widgets.graph.levels.grouping import group_elements
from mlprov_widgets.graph.levels.scene import default_opened, scene
from mlprov_widgets.provenance.prov_json import to_prov_json
from mlprov_widgets.provenance.schema import ARROWS, RELATIONS
from tests.graph.made_documents import check_model, check_scene, named
from tests.provenance.sample import failed, sample
from tests.work import growth


def pairs(container: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(edge.kind, edge.source, edge.target) for edge in elements_of(container)[1]]


@pytest.mark.parametrize("kind", ARROWS)
def test_every_relation_has_an_arrow_along_its_ends(kind: str) -> None:
    source, target = ARROWS[kind]
    container = {kind: {"_:r": {f"prov:{source}": "ex:from", f"prov:{target}": "ex:to"}}}
    assert pairs(container) == [(kind, "ex:from", "ex:to")]
    nodes, _ = elements_of(container)
    assert {node.kind for node in nodes.values()} == {"unknown"}


def test_the_table_of_arrows_is_that_of_the_relations() -> None:
    assert set(RELATIONS) <= set(ARROWS)
    for kind, (required, optional) in RELATIONS.items():
        assert set(ARROWS[kind]) <= {*required, *optional}


def test_further_ends_have_arrows_of_their_own() -> None:
    found = elements_of(
        {
            "activity": {"ex:run": {}},
            "wasAssociatedWith": {
                "_:1": {"prov:activity": "ex:run", "prov:agent": "ex:me", "prov:plan": "ex:plan"},
                "_:2": {"prov:activity": "ex:run", "prov:plan": "ex:other"},
            },
        }
    )[1]
    assert [(edge.target, edge.role) for edge in found] == [
        ("ex:me", ""),
        ("ex:plan", "plan"),
        ("ex:other", "plan"),
    ]


def test_lists_typed_names_and_missing_ends() -> None:
    container = {
        "entity": {"ex:a": [{"ex:x": 1, "ex:y": 2}, {"ex:x": 3, "ex:y": 2}], "ex:lonely": {}},
        "hadMember": {"_:1": {"prov:collection": "ex:c", "prov:entity": ["ex:a", named("ex:b")]}},
        "used": {
            "_:1": [{"prov:activity": "ex:t", "prov:entity": "ex:a"}, {"prov:activity": "ex:t"}],
            "_:2": {"prov:entity": 7, "prov:activity": None},
            "_:3": "nonsense",
        },
        "wasEndedby": {"_:1": {"prov:activity": "ex:t", "prov:trigger": "ex:a"}},
        "nonsense": {"ex:q": {}},
        "wasDerivedFrom": [],
    }
    assert pairs(container) == [
        ("hadMember", "ex:c", "ex:a"),
        ("hadMember", "ex:c", "ex:b"),
        ("used", "ex:t", "ex:a"),
        ("wasEndedBy", "ex:t", "ex:a"),
    ]
    nodes, _ = elements_of(container)
    assert nodes["ex:a"].body == {"ex:x": [1, 3], "ex:y": 2}
    assert list(nodes) == ["ex:a", "ex:lonely", "ex:c", "ex:b", "ex:t"]


def test_bundles_keep_their_elements_apart_and_find_those_of_others() -> None:
    container = {
        "prefix": {"ex": "http://example.org/", "same": "http://example.org/"},
        "entity": {"ex:report": {"prov:label": "outside"}},
        "wasDerivedFrom": {
            "_:1": {"prov:generatedEntity": "ex:report", "prov:usedEntity": "ex:draft"}
        },
        "bundle": {
            "ex:b": {
                "entity": {"ex:report": {"prov:label": "inside"}, "ex:draft": {}},
                "alternateOf": {"_:1": {"prov:alternate1": "ex:report", "prov:alternate2": "ex:q"}},
            },
            "ex:c": {
                "used": {"_:1": {"prov:activity": "ex:t", "prov:entity": "same:report"}},
                "bundle": {"ex:inner": {"entity": {"ex:deep": {}}}},
            },
            "ex:broken": [],
        },
    }
    nodes, _ = elements_of(container)
    assert nodes["ex:report"].title == "outside"
    assert nodes["ex:b/ex:report"].title == "inside"
    assert nodes["ex:b/ex:report"].bundle == "ex:b"
    assert nodes["ex:c/ex:inner/ex:deep"].name == "ex:deep"
    assert pairs(container) == [
        ("wasDerivedFrom", "ex:report", "ex:b/ex:draft"),
        ("alternateOf", "ex:b/ex:report", "ex:b/ex:q"),
        ("used", "ex:c/ex:t", "ex:report"),
    ]


def test_an_agent_that_is_an_entity_too_is_an_agent() -> None:
    nodes, _ = elements_of({"entity": {"ex:me": {"ex:a": 1}}, "agent": {"ex:me": {"ex:b": 2}}})
    assert nodes["ex:me"].kind == "agent"
    assert nodes["ex:me"].body == {"ex:a": 1, "ex:b": 2}


def test_odd_names_never_look_like_groups_and_can_travel() -> None:
    names = [
        "group:experiment",
        "step:data_ingestion",
        "",
        " ",
        "名前",
        "\ud800",
        "<b>",
        "x" * 10**6,
    ]
    names += ["x" * 10**6 + "y", "ex:", "http://example.org/path#", "a\nb", "group:experiment~0"]
    nodes, _ = elements_of({"entity": {name: {} for name in names}})
    assert [node.name for node in nodes.values()] == names
    for id, node in nodes.items():
        id.encode()
        assert not id.startswith(("group:", "step:"))
        assert len(id) < 250
        assert len(node.title) <= 80
        assert node.title.isprintable() or not node.name.strip()


def test_long_texts_are_cut_to_one_line() -> None:
    long = "first line\nsecond " + "x" * 10**6
    nodes, edges = elements_of(
        {
            "entity": {"ex:a": {"prov:label": long, "prov:type": long, "ex:" + "n" * 9999: long}},
            "used": {"_:1": {"prov:activity": "t", "prov:entity": "ex:a", "prov:role": long}},
        }
    )
    node = nodes["ex:a"]
    told = [node.title, node.type, edges[0].role, *(text for line in node.lines for text in line)]
    assert all(len(text) <= 80 and "\n" not in text for text in told)
    assert node.title.startswith("first line second")


def test_what_is_told_of_an_element() -> None:
    nodes, _ = elements_of(
        {
            "entity": {
                "ex:v": {
                    "prov:value": {"$": "0.93333333", "type": "xsd:double"},
                    "ex:created": "2026-01-02T03:04:05.678+00:00",
                    "ex:numberOfParameters": {"$": "2953", "type": "xsd:int"},
                },
                "ex:l": {
                    "prov:label": [{"$": "Bericht", "lang": "de"}, {"$": "report", "lang": "en"}]
                },
            },
            "activity": {
                "ex:t": {
                    "prov:startTime": "2026-01-01T00:00:00",
                    "prov:endTime": "2026-01-01T00:00:09",
                }
            },
        }
    )
    assert nodes["ex:v"].lines == (("", "0.9333"), ("created", "2026-01-02 03:04"))
    assert nodes["ex:l"].title == "report"
    assert nodes["ex:t"].lines == (("took", "9 s"),)


def test_what_is_told_of_our_elements() -> None:
    nodes, _ = elements_of(to_prov_json(sample()))
    field = nodes["run:field.experiment_info.creation_date"]
    assert (field.title, field.type, field.lines) == (
        "creation date",
        "Field",
        (("", "2026-11-22 16:30"),),
    )
    assert nodes["run:function.datetime.datetime.now"].title == "datetime.datetime.now"
    assert nodes["run:function.datetime.datetime.now"].type == "Function"
    assert nodes["run:metric.accuracy"].lines == (("", "0.9667"),)
    assert nodes["run:cell.8"].note == "edited"
    assert nodes["run:cell.8"].lines[0][1].startswith("model = nn.Sequential(")
    assert nodes["run:cell.12"].note == "added"
    wrong = elements_of(to_prov_json(failed()))[0]["run:execution.9.1"]
    assert wrong.state == "failed"
    assert wrong.lines[0][1].startswith("RuntimeError: mat1")


def test_a_prefix_of_the_same_name_is_not_ours() -> None:
    entity = {"ex:a": {"prov:type": named("mlprov:Cell")}}
    theirs = {"prefix": {"mlprov": "http://example.org/"}, "entity": entity}
    renamed = {
        "prefix": {"ns1": "https://w3id.org/mlprov-widgets#"},
        "entity": {"ex:a": {"prov:type": named("ns1:FunctionCall")}},
    }
    assert elements_of(theirs)[0]["ex:a"].type == "Cell"
    assert group_elements(theirs, *elements_of(theirs)) == {}
    assert elements_of(renamed)[0]["ex:a"].type == "Function"


def test_deep_and_repeated_values_do_no_harm() -> None:
    deep: Any = "end"
    for _ in range(900):
        deep = [deep]
    body = {"prov:label": deep, "ex:n": deep, "prov:value": {"$": deep, "type": "xsd:int"}}
    nodes, _ = elements_of({"entity": {"ex:deep": [body, body], "ex:often": [body]}})
    assert nodes["ex:deep"].title
    runs = [{"ex:time": {"$": str(at), "type": "xsd:int"}, "ex:same": 1} for at in range(2000)]
    often = elements_of({"entity": {"ex:often": runs}})[0]["ex:often"]
    assert len(often.body["ex:time"]) == 2000
    assert often.body["ex:same"] == 1
    assert growth(elements_of, lambda size: {"entity": {"ex:often": runs[:size]}}, 1000) < 2.2


def test_relations_are_read_once_each() -> None:
    """And no pair of lists becomes every pair of its names."""

    def container(relations: int, names: int) -> dict[str, Any]:
        return {
            "used": {
                f"_:{at}": {"prov:activity": "ex:t", "prov:entity": f"ex:{at % 7}"}
                for at in range(relations)
            },
            "hadMember": {
                "_:1": {
                    "prov:collection": [f"ex:c{at}" for at in range(names)],
                    "prov:entity": [f"ex:e{at}" for at in range(names)],
                }
            },
        }

    nodes, edges = elements_of(container(3000, 2000))
    assert len(nodes) == 4008
    assert len(edges) == 3000 + 40_000
    assert growth(elements_of, lambda size: container(size, size), 1000) < 2.2


_NAMES = st.sampled_from(["ex:a", "ex:b", "a", "", "group:x", "step:x", "\udfff", "ex:ü"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
_VALUES = _NAMES | _JSON | st.builds(lambda text: {"$": text, "type": "xsd:int"}, _JSON)
_ATTRIBUTES = st.sampled_from(
    [f"prov:{end}" for ends in ARROWS.values() for end in ends]
    + ["prov:type", "prov:label", "prov:value", "prov:role", "prov:plan", "prov:startTime", "ex:n"]
)
_BODIES = st.dictionaries(_ATTRIBUTES, _VALUES, max_size=5)
_SECTIONS = st.dictionaries(_NAMES, _BODIES | st.lists(_BODIES, max_size=3) | _JSON, max_size=5)
_PLACES = st.dictionaries(
    st.sampled_from(["entity", "activity", "agent", "prefix", *ARROWS]),
    _SECTIONS | _JSON,
    max_size=6,
)
_CONTAINERS = st.builds(
    lambda place, bundles: {**place, "bundle": bundles},
    _PLACES,
    st.dictionaries(_NAMES, _PLACES | _JSON, max_size=3) | _JSON,
)


@settings(max_examples=60, deadline=None)
@given(_CONTAINERS)
def test_whatever_json_it_is(container: dict[str, Any]) -> None:
    nodes, edges = elements_of(container)
    model = Model("engineer", nodes, edges, group_elements(container, nodes, edges))
    check_model(model)
    check_scene(model, scene(model, default_opened(model)))
