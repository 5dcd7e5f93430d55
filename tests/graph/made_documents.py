"""Documents as other tools write them, of any size, and what holds for every model and scene."""

from __future__ import annotations

import json
import random
from typing import Any

from mlprov_widgets.graph.document.model import MAX_CHILDREN, Model
from mlprov_widgets.graph.levels.scene import MAX_NODES


def named(name: str) -> dict[str, str]:
    return {"$": name, "type": "prov:QUALIFIED_NAME"}


def workflow(size: int, relations: int = 3, typed: bool = True) -> dict[str, Any]:
    """A workflow engine's document: `size` elements, `relations` times as many relations."""
    chance = random.Random(1)
    tasks = size // 5
    files = size - tasks - 10
    found: dict[str, Any] = {"prefix": {"ex": "http://example.org/"}}
    found["agent"] = {f"ex:engine{at}": {} for at in range(10)}
    found["activity"] = {
        f"ex:task{at}": {
            "prov:label": f"task {at}",
            "prov:startTime": f"2026-01-01T{at // 3600 % 24:02}:{at // 60 % 60:02}:{at % 60:02}",
            **({"prov:type": named(f"ex:Kind{at % 7}")} if typed else {}),
        }
        for at in range(tasks)
    }
    found["entity"] = {
        f"ex:file{at}": {
            "prov:value": {"$": str(chance.random()), "type": "xsd:double"},
            "ex:path": f"/data/file-{at}.csv",
            **({"prov:type": named(f"ex:Format{at % 11}")} if typed else {}),
        }
        for at in range(files)
    }
    found["wasGeneratedBy"] = {
        f"_:g{at}": {"prov:entity": f"ex:file{at}", "prov:activity": f"ex:task{at % tasks}"}
        for at in range(files)
    }
    found["wasAssociatedWith"] = {
        f"_:a{at}": {"prov:activity": f"ex:task{at}", "prov:agent": f"ex:engine{at % 10}"}
        for at in range(tasks)
    }
    found["used"] = {
        f"_:u{at}": {
            "prov:activity": f"ex:task{chance.randrange(tasks)}",
            "prov:entity": f"ex:file{chance.randrange(files)}",
        }
        for at in range(size)
    }
    found["wasDerivedFrom"] = {
        f"_:d{at}": {
            "prov:generatedEntity": f"ex:file{chance.randrange(files)}",
            "prov:usedEntity": f"ex:file{chance.randrange(files)}",
        }
        for at in range(relations * size - files - tasks - size)
    }
    return found


def check_model(model: Model) -> None:
    """Whatever the document: everything has its place, and no group is too large."""
    assert not model.nodes.keys() & model.groups.keys()
    seen: set[str] = set()
    for id, group in model.groups.items():
        assert group.id == id
        assert group.parent in seen or not group.parent, "parents come before their children"
        assert model.sizes[id] > 0
        seen.add(id)
    for id, node in model.nodes.items():
        assert node.id == id
        assert not node.parent or node.parent in model.groups
        assert node.title
        assert "\n" not in node.title
        assert len(node.title) <= 120
    for edge in model.edges:
        assert edge.source in model.nodes
        assert edge.target in model.nodes
    for id in ("", *model.groups):
        children = len(model.members.get(id, ())) + len(model.subgroups.get(id, ()))
        assert children <= MAX_CHILDREN, id


def check_scene(model: Model, scene: dict[str, Any]) -> None:
    """Whatever is open: boxes are there once, arrows go from box to box, nothing is left out."""
    json.dumps(scene, ensure_ascii=False, allow_nan=False).encode()
    boxes = [node["id"] for node in scene["nodes"]]
    groups = [group["id"] for group in scene["groups"]]
    assert len({*boxes, *groups}) == len(boxes) + len(groups)
    assert len(boxes) <= MAX_NODES
    for one in (*scene["nodes"], *scene["groups"]):
        assert one["parent"] in groups or not one["parent"]
    shown = sum(node["count"] or 1 for node in scene["nodes"])
    assert shown == len(model.nodes), "every element is in a box or is one"
    ids = [edge["id"] for edge in scene["edges"]]
    assert len(set(ids)) == len(ids)
    folded = {node["id"] for node in scene["nodes"] if node["kind"] == "group"}
    for edge in scene["edges"]:
        assert {edge["source"], edge["target"]} <= set(boxes)
        assert edge["source"] != edge["target"] or edge["source"] not in folded
        assert sum(edge["kinds"].values()) == edge["count"]
        assert edge["flow"] in (1, -1)
