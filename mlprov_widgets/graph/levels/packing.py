"""A scene as it travels to a browser: each name once, and nothing that is empty."""

from __future__ import annotations

from typing import cast

from mlprov_widgets.graph.wire import Empty, PackedNode, PackedScene, Scene


def packed(scene: Scene | Empty) -> PackedScene | Empty:
    """Give a scene in about a tenth of its text.

    Parameters
    ----------
    scene : Scene or Empty
        As `mlprov_widgets.graph.levels.scene.scene` gives it.

    Returns
    -------
    PackedScene or Empty
        Boxes without what is empty, and arrows as numbers; empty where nothing is drawn yet.
    """
    if not scene:
        return {}
    nodes = [
        cast("PackedNode", {name: value for name, value in node.items() if value or name == "id"})
        for node in scene["nodes"]
    ]
    places = {node["id"]: at for at, node in enumerate(nodes)}
    kinds: dict[tuple[tuple[str, int], ...], int] = {}
    roles: dict[str, int] = {}
    edges: list[int] = []
    for edge in scene["edges"]:
        kind = kinds.setdefault(tuple(edge["kinds"].items()), len(kinds))
        role = roles.setdefault(edge["role"], len(roles))
        ends = places[edge["source"]], places[edge["target"]]
        edges += (*ends, kind, role, edge["flow"] * edge["way"])
    return {
        "level": scene["level"],
        "nodes": nodes,
        "groups": scene["groups"],
        "kinds": [dict(kind) for kind in kinds],
        "roles": list(roles),
        "edges": edges,
        "note": scene["note"],
    }
