"""What is drawn: folded groups as one box, arrows bundled, never more than can be read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlprov_widgets.graph.document.model import Edge, Model, Node
from mlprov_widgets.graph.levels.scene import (
    MAX_NODES,
    default_opened,
    path_groups,
    scene,
)
from mlprov_widgets.graph.navigation import Sight
from tests.graph.made_documents import check_scene, workflow
from tests.graph.small import levels_of
from tests.provenance.sample import sample


def small() -> Model:
    """Two groups, one in the other, and an element beside them."""
    nodes = {
        name: Node(name, "entity", name, parent=group)
        for name, group in (("a", "group:1"), ("b", "group:1/2"), ("c", "group:1/2"), ("d", ""))
    }
    edges = [
        Edge("a", "b", "wasDerivedFrom"),
        Edge("b", "d", "wasDerivedFrom", "first"),
        Edge("c", "d", "wasDerivedFrom", "second"),
        Edge("c", "d", "alternateOf", "second"),
        Edge("d", "a", "hadMember"),
        Edge("c", "c", "wasInfluencedBy"),
    ]
    groups = {
        "group:1": Node("group:1", "group", "one"),
        "group:1/2": Node("group:1/2", "group", "two", parent="group:1", lines=(("", "b, c"),)),
    }
    return Model("engineer", nodes, edges, groups)


def arrows(found: dict[str, Any]) -> dict[tuple[str, str], int]:
    return {(edge["source"], edge["target"]): edge["count"] for edge in found["edges"]}


def test_folded() -> None:
    found = scene(small(), [])
    check_scene(small(), found)
    assert [(node["id"], node["count"]) for node in found["nodes"]] == [
        ("group:1", 4 - 1),
        ("d", 0),
    ]
    assert arrows(found) == {("group:1", "d"): 3, ("d", "group:1"): 1}
    bundle = next(edge for edge in found["edges"] if edge["source"] == "group:1")
    assert bundle["kind"] == ""
    assert bundle["kinds"] == {"wasDerivedFrom": 2, "alternateOf": 1}
    assert bundle["role"] == ""
    assert bundle["flow"] == -1


def test_partly_open() -> None:
    found = scene(small(), ["group:1"])
    check_scene(small(), found)
    assert [group["id"] for group in found["groups"]] == ["group:1"]
    boxes = {node["id"]: node for node in found["nodes"]}
    assert boxes["group:1/2"]["parent"] == "group:1"
    assert boxes["group:1/2"]["lines"] == [("", "b, c")]
    assert boxes["group:1/2"]["kind"] == "group"
    assert arrows(found) == {("a", "group:1/2"): 1, ("group:1/2", "d"): 3, ("d", "a"): 1}


def test_all_open() -> None:
    found = scene(small(), ["group:1/2", "group:1"])
    check_scene(small(), found)
    assert arrows(found) == {
        ("a", "b"): 1,
        ("b", "d"): 1,
        ("c", "d"): 2,
        ("d", "a"): 1,
        ("c", "c"): 1,
    }
    both = next(edge for edge in found["edges"] if edge["source"] == "c" and edge["target"] == "d")
    assert both["role"] == "second"


def test_an_open_group_in_a_folded_one_is_not_seen() -> None:
    assert scene(small(), ["group:1/2"]) == scene(small(), [])
    assert scene(small(), ["group:1/2", "no such group", "a"]) == scene(small(), ())


def test_the_same_whatever_the_order() -> None:
    assert scene(small(), ["group:1", "group:1/2"]) == scene(small(), ["group:1/2", "group:1"])


def visible(model: Model, opened: list[str], id: str) -> str:
    return Sight(model, scene(model, opened)).of(id)


def test_what_stands_for_an_element() -> None:
    model = small()
    assert visible(model, [], "c") == "group:1"
    assert visible(model, ["group:1"], "c") == "group:1/2"
    assert visible(model, ["group:1", "group:1/2"], "c") == "c"
    assert visible(model, ["group:1"], "group:1") == "group:1"
    assert visible(model, [], "group:1/2") == "group:1"
    assert visible(model, [], "unknown") == ""


def test_the_way_to_an_element() -> None:
    model = small()
    assert path_groups(model, ["d", "unknown"]) == []
    assert path_groups(model, ["c", "a"]) == ["group:1", "group:1/2"]
    assert path_groups(model, ["group:1/2"]) == ["group:1"]


def test_never_more_than_can_be_drawn() -> None:
    model = levels_of(workflow(3000)).model("engineer")
    found = scene(model, list(model.groups))
    check_scene(model, found)
    assert len(found["nodes"]) > MAX_NODES // 2
    assert "stay folded" in found["note"]
    last = next(id for id in reversed(model.groups) if id in model.members)
    way = [*model.groups, *model.path(last), last]
    opened = {group["id"] for group in scene(model, way)["groups"]}
    assert last in opened, "what was opened last is open"
    member = model.members[last][0]
    assert visible(model, way, member) == member


def test_every_element_is_reached_by_opening_groups() -> None:
    model = levels_of(workflow(2000)).model("engineer")
    for id in list(model.nodes)[::97]:
        opened = path_groups(model, [id])
        assert id in {node["id"] for node in scene(model, opened)["nodes"]}


def test_a_run_opens_with_a_map_of_it() -> None:
    levels = levels_of(sample())
    assert default_opened(levels.model("analyst")) == []
    engineer = levels.model("engineer")
    assert default_opened(engineer) == []
    assert 8 <= len(scene(engineer, [])["nodes"]) <= 12


def test_a_small_document_opens_in_full() -> None:
    bundle = {"entity": {f"ex:e{at}": {} for at in range(5)}}
    model = levels_of({"bundle": {"ex:b": bundle, "ex:c": bundle}}).model("engineer")
    assert default_opened(model) == list(model.groups)
    assert len(scene(model, default_opened(model))["nodes"]) == 10


def test_a_document_with_few_groups_opens_with_what_is_in_them() -> None:
    model = levels_of({"bundle": {"ex:b": workflow(150)}}).model("engineer")
    assert len(model.subgroups[""]) == 1
    found = scene(model, default_opened(model))
    assert 5 <= len(found["nodes"]) <= 40


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 400), max_size=60))
def test_whatever_is_open(places: list[int]) -> None:
    groups = list(_MODEL.groups)
    opened = [groups[at % len(groups)] for at in places]
    found = scene(_MODEL, opened)
    check_scene(_MODEL, found)
    assert found == scene(_MODEL, opened)
    pairs: dict[tuple[str, str], int] = {}
    for edge in _MODEL.edges:
        pair = (visible(_MODEL, opened, edge.source), visible(_MODEL, opened, edge.target))
        if pair[0] != pair[1] or pair[0] in _MODEL.nodes:
            pairs[pair] = pairs.get(pair, 0) + 1
    assert arrows(found) == pairs


_MODEL = levels_of(sample(packages=60)).model("engineer")
