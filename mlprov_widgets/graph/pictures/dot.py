"""What a viewer draws, as DOT: the pipeline in rows, anything else from left to right."""

from __future__ import annotations

import math
import textwrap
from html import escape
from typing import TYPE_CHECKING, Any

from mlprov_widgets.graph.wire import Scene, SceneEdge, SceneNode
from mlprov_widgets.wording import one_line

if TYPE_CHECKING:
    import pydot

# Graphviz cannot be interrupted: what costs it most is left off as a dense graph grows.
MAX_LABELLED = 60
MAX_CURVED = 400
MAX_CLUSTERED = 250
MAX_BOXES_IN_A_ROW = 4

# Colours that the page replaces by those of the host's theme; no other element has them.
PAPER, INK, FAINT, LINE, ACCENT = "#fefefe", "#1f2329", "#6a737e", "#c3c8cf", "#2b6cb1"
GOOD, GOOD_PAPER, BAD, BAD_PAPER = "#1a7f38", "#e9f6ed", "#c4291d", "#fdeceb"

# PROV's customary colours and shapes.
_STYLES: dict[str, dict[str, Any]] = {
    "entity": {"shape": "ellipse", "fillcolor": "#FFFC87", "color": "#808080"},
    "activity": {"shape": "box", "fillcolor": "#9FB1FC", "color": "#0000FF"},
    "agent": {"shape": "house", "fillcolor": "#FED37F", "color": "#B87333"},
    "unknown": {"shape": "ellipse", "fillcolor": "#F2F2F2", "color": "#808080"},
}
# Told apart on paper and on black alike.
_COLOURS = {
    "wasGeneratedBy": "#2e8b57",
    "used": "#c8453a",
    "wasDerivedFrom": "#9160c0",
    "wasInformedBy": "#3b82d0",
    "wasStartedBy": "#a8861c",
    "wasInfluencedBy": "#d2691e",
    "hadMember": "#7d8790",
    "wasAssociatedWith": "#d08a2a",
    "wasAttributedTo": "#d08a2a",
    "actedOnBehalfOf": "#d08a2a",
}
# Of two runs drawn as one: border, paper and head; style and width, which are seen in print, too.
_CHANGES = {
    "same": (LINE, PAPER, FAINT, "ROUNDED", "1"),
    "changed": (ACCENT, PAPER, ACCENT, "ROUNDED", "3"),
    "added": (GOOD, GOOD_PAPER, GOOD, "ROUNDED", "3"),
    "removed": (BAD, BAD_PAPER, BAD, "ROUNDED,DASHED", "2"),
}


def scene_graph(scene: Scene) -> pydot.Dot:
    """What a viewer draws, for Graphviz.

    Parameters
    ----------
    scene : Scene
        Of any level.

    Returns
    -------
    pydot.Dot
        Drawn with ``dot``. Steps one after the other stand in rows. Of anything else, what comes
        first is on the left, open groups are drawn around what is in them, and many relations are
        told apart by colour, with a legend, not by labels.
    """
    if not scene["groups"] and (order := _in_a_row(scene)):
        return _pipeline(order)
    return _whole(scene)


def _in_a_row(scene: Scene) -> list[SceneNode]:
    """The steps in their order, if each leads to the next and nowhere else; else nothing."""
    nodes = {node["id"]: node for node in scene["nodes"]}
    if any(node["kind"] != "step" for node in nodes.values()):
        return []
    ends = [
        (edge["source"], edge["target"]) if edge["flow"] > 0 else (edge["target"], edge["source"])
        for edge in scene["edges"]
    ]
    following = dict(ends)
    order = list(nodes.keys() - following.values())
    if len(following) < len(ends) or len(order) != 1:
        return []
    while order[-1] in following and len(order) <= len(nodes):
        order.append(following[order[-1]])
    return [nodes[id] for id in order] if len(order) == len(nodes) else []


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _pipeline(boxes: list[SceneNode]) -> pydot.Dot:
    """One box a step, in rows from left to right."""
    import pydot

    graph = pydot.Dot(
        "pipeline",
        graph_type="digraph",
        rankdir="TB",
        bgcolor="transparent",
        nodesep="0.28",
        ranksep="0.38",
        pad="0.06",
        fontname="Helvetica",
    )
    graph.set_node_defaults(shape="plain", fontname="Helvetica", fontsize="10")
    graph.set_edge_defaults(color=_quoted(FAINT), arrowsize="0.7", penwidth="1.3")
    length = math.ceil(len(boxes) / math.ceil(len(boxes) / MAX_BOXES_IN_A_ROW))
    for first in range(0, len(boxes), length):
        rank = pydot.Subgraph(f"row{first}", rank="same")
        for at, box in enumerate(boxes[first : first + length], first):
            rank.add_node(pydot.Node(f"box{at}", label=f"<{_card(box)}>"))
        graph.add_subgraph(rank)
    for at in range(1, len(boxes)):
        # From the end of one row to the start of the next, below which it keeps in order.
        head, tail = ("n", "s") if at % length == 0 else ("w", "e")
        options: dict[str, Any] = {"style": "dashed"} if boxes[at]["state"] == "missing" else {}
        edge = pydot.Edge(f"box{at - 1}", f"box{at}", headport=head, tailport=tail, **options)
        graph.add_edge(edge)
        if at % length == 0:
            # Holds the next row's first box below this row's first.
            above = f"box{at - length}"
            graph.add_edge(pydot.Edge(above, f"box{at}", style="invis", weight="50"))
    return graph


def _font(text: str, colour: str, size: int = 10) -> str:
    if not text:
        return ""
    return f'<FONT COLOR="{colour}" POINT-SIZE="{size}">{escape(text)}</FONT>'


def _card(box: SceneNode) -> str:
    border, paper, head = {
        "result": (GOOD, GOOD_PAPER, GOOD),
        "failed": (BAD, BAD_PAPER, BAD),
        "missing": (LINE, PAPER, FAINT),
    }.get(box["state"], (LINE, PAPER, ACCENT))
    if change := box.get("change"):
        border, paper, head = _CHANGES[change][:3]
    count = f"{box['count']:,} elements" if box["count"] else ""
    notes = " · ".join(note for note in (box["note"], count) if note)
    rows = [
        f'<TR><TD COLSPAN="2" ALIGN="LEFT"><B>{_font(one_line(box["title"], 60), head, 12)}</B>'
        f"{_font('  ' + notes if notes else '', FAINT, 9)}</TD></TR>"
    ]
    if box["headline"]:
        value = _font(one_line(box["headline"], 60), head, 22 if box["state"] == "result" else 12)
        label = _font(f" {box['headline_label']}" if box["headline_label"] else "", FAINT)
        rows.append(f'<TR><TD COLSPAN="2" ALIGN="LEFT"><B>{value}</B>{label}</TD></TR>')
    for label, text in box["lines"]:
        if label:
            rows.append(
                f'<TR><TD ALIGN="LEFT">{_font(label, FAINT)}</TD>'
                f'<TD ALIGN="LEFT">{_font(one_line(text, 60), INK)}</TD></TR>'
            )
        else:
            colour = FAINT if box["state"] == "missing" else INK
            parts = '<BR ALIGN="LEFT"/>'.join(_font(part, colour) for part in _wrapped(text))
            rows.append(f'<TR><TD COLSPAN="2" ALIGN="LEFT" BALIGN="LEFT">{parts}</TD></TR>')
    style = "ROUNDED,DASHED" if box["state"] == "missing" else "ROUNDED"
    width = "2" if box["state"] in ("result", "failed") or box["kind"] == "group" else "1"
    if change := box.get("change"):
        style, width = _CHANGES[change][3:]
    return (
        f'<TABLE BORDER="{width}" CELLBORDER="0" CELLPADDING="5" STYLE="{style}" COLOR="{border}" '
        f'BGCOLOR="{paper}"><TR><TD><TABLE BORDER="0" CELLSPACING="0" CELLPADDING="2">'
        f"{''.join(rows)}</TABLE></TD></TR></TABLE>"
    )


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 30, max_lines=4, placeholder=" …") or [text[:30]]


def _whole(scene: Scene) -> pydot.Dot:
    import pydot

    graph = pydot.Dot(
        "provenance", graph_type="digraph", rankdir="LR", bgcolor="transparent", ranksep="0.6"
    )
    graph.set_node_defaults(fontname="Helvetica", fontsize="10", style="filled", margin="0.08,0.04")
    graph.set_edge_defaults(fontname="Helvetica", fontsize="8", color=_quoted(FAINT))
    graph.get_edge_defaults()[0]["fontcolor"] = _quoted(FAINT)
    inside = _clusters(graph, scene)
    names = {node["id"]: f"n{at}" for at, node in enumerate(scene["nodes"])}
    for node in scene["nodes"]:
        inside[node["parent"]].add_node(_box(names[node["id"]], node))
    kinds: dict[str, None] = {}
    relations = sum(edge["count"] for edge in scene["edges"])
    for edge in scene["edges"]:
        kinds.update(dict.fromkeys(edge["kinds"]))
        # Ranks follow the flow, whichever way PROV's arrow points.
        ends = names[edge["source"]], names[edge["target"]]
        options: dict[str, Any] = {"color": _quoted(_COLOURS.get(edge["kind"], FAINT))}
        if edge["flow"] < 0:
            ends = ends[1], ends[0]
            options["dir"] = "back"
        if label := _arrow_label(edge, relations):
            options["label"] = _quoted(label)
        graph.add_edge(pydot.Edge(*ends, **options))
    kinds.pop("", None)
    if relations > MAX_LABELLED and kinds:
        label = f"<{_legend(list(kinds))}>"
        graph.add_node(pydot.Node("legend", shape="plain", style="", label=label))
    if len(scene["edges"]) > MAX_LABELLED:
        for name, limit in (("nslimit", "1"), ("nslimit1", "1"), ("mclimit", "0.1")):
            graph.set(name, limit)
    if len(scene["edges"]) > MAX_CURVED:
        graph.set("splines", "line")
    if scene["note"]:
        note = _quoted(one_line(scene["note"], 200))
        graph.add_node(pydot.Node("rest", label=note, shape="note", fillcolor="white"))
    return graph


def _clusters(graph: pydot.Dot, scene: Scene) -> dict[str, Any]:
    """Open group to the part of the graph that its members go into; "" is the graph."""
    import pydot

    inside: dict[str, Any] = {"": graph}
    if len(scene["nodes"]) > MAX_CLUSTERED:
        # Frames cost Graphviz a lot in a large graph.
        return inside | {group["id"]: graph for group in scene["groups"]}
    for at, group in enumerate(scene["groups"]):
        inside[group["id"]] = pydot.Subgraph(
            f"cluster{at}",
            label=_quoted(one_line(group["title"], 60)),
            fontname="Helvetica",
            fontsize="10",
            fontcolor=_quoted(FAINT),
            color=_quoted(LINE),
            style="rounded",
        )
        inside[group["parent"]].add_subgraph(inside[group["id"]])
    return inside


def _box(name: str, node: SceneNode) -> pydot.Node:
    import pydot

    if node["kind"] not in _STYLES:
        return pydot.Node(name, shape="plain", style="", label=f"<{_card(node)}>")
    label = one_line(node["title"], 40)
    if node["headline"]:
        label += "\n" + one_line(node["headline"], 40)
    style = {**_STYLES[node["kind"]]}
    if node["kind"] == "unknown":
        style["style"] = _quoted("filled,dashed")
    return pydot.Node(name, label=_quoted(label), fontcolor="black", **style)


def _arrow_label(edge: SceneEdge, relations: int) -> str:
    if relations > MAX_LABELLED:
        return f"{edge['count']:,}" if edge["count"] > 1 else ""
    label = edge["kind"] or ", ".join(kind for kind in edge["kinds"] if kind)
    if edge["count"] > 1:
        label = f"{label} × {edge['count']:,}".strip()
    return f"{label}\n{one_line(edge['role'], 30)}" if edge["role"] else label


def _legend(kinds: list[str]) -> str:
    rows = "".join(
        f'<TR><TD ALIGN="LEFT"><B>{_font("⟶", _COLOURS.get(kind, FAINT), 12)}</B></TD>'
        f'<TD ALIGN="LEFT">{_font(one_line(kind, 40), FAINT, 9)}</TD></TR>'
        for kind in kinds
    )
    return f'<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="1" COLOR="{LINE}">{rows}</TABLE>'
