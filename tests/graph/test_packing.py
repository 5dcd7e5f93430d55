"""A scene on its way to a browser: all of it arrives, in little text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlprov_widgets.graph.document.sources import open_source
from mlprov_widgets.graph.levels.packing import packed
from mlprov_widgets.graph.levels.scene import scene
from mlprov_widgets.graph.levels.two_levels import Levels
from tests.graph.made_documents import workflow
from tests.provenance.sample import sample

EMPTY = {"parent": "", "title": "", "type": "", "headline": "", "headline_label": "", "lines": []}
EMPTY |= {"state": "", "note": "", "count": 0}


def arrived(sent: dict[str, Any]) -> dict[str, Any]:
    """What the front end makes of it, after JSON."""
    sent = json.loads(json.dumps(sent))
    ids = [node["id"] for node in sent["nodes"]]
    rows = [sent["edges"][at : at + 5] for at in range(0, len(sent["edges"]), 5)]
    edges = []
    for source, target, kinds, role, flow in rows:
        kind = sent["kinds"][kinds]
        edges.append(
            {
                "id": f"{len(ids[source])}:{ids[source]}>{ids[target]}",
                "source": ids[source],
                "target": ids[target],
                "kind": next(iter(kind)) if len(kind) == 1 else "",
                "kinds": kind,
                "count": sum(kind.values()),
                "role": sent["roles"][role],
                "flow": 1 if flow > 0 else -1,
                "way": abs(flow),
            }
        )
    nodes = [{**EMPTY, **node} for node in sent["nodes"]]
    named = {name: sent[name] for name in ("level", "groups", "note")}
    return {**named, "nodes": nodes, "edges": edges}


@pytest.mark.parametrize("source", [sample(), workflow(300), {"entity": {"": {}, "x:é>1:y": {}}}])
@pytest.mark.parametrize("level", ["analyst", "engineer"])
def test_all_of_a_scene_arrives(source: Any, level: str) -> None:
    levels = Levels(open_source(source))
    model = levels.model(level)
    for opened in ([], list(model.groups)):
        drawn = scene(model, opened)
        assert arrived(packed(drawn)) == json.loads(json.dumps(drawn))


def test_ends_and_kinds_are_said_once() -> None:
    model = Levels(open_source(workflow(2000))).model("engineer")
    drawn = scene(model, list(model.groups))
    assert len(drawn["edges"]) > 500
    assert len(json.dumps(packed(drawn)["edges"])) < 0.12 * len(json.dumps(drawn["edges"]))


def test_nothing_drawn_yet_is_nothing_sent() -> None:
    assert packed({}) == {}
