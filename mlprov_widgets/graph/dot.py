"""Pictures as DOT: the analyst's pipeline and the engineer's whole PROV graph."""

from __future__ import annotations

import math
import textwrap
from html import escape
from typing import TYPE_CHECKING, Any

from mlprov_widgets.graph.overview import Box, Overview
from mlprov_widgets.graph.texts import one_line
from mlprov_widgets.provenance.schema import ELEMENTS, RELATIONS

if TYPE_CHECKING:
    import pydot

# Beyond this a layout takes seconds and shows nothing.
MAX_ELEMENTS = 220
MAX_RELATIONS = 600
# Graphviz cannot be interrupted: what costs it most is left off as a dense graph grows.
MAX_LABELLED = 60
MAX_CURVED = 400
MAX_BOXES_IN_A_ROW = 4

# Colours that the page replaces by those of the host's theme; no other element has them.
PAPER, INK, FAINT, LINE, ACCENT = "#fefefe", "#1f2329", "#6a737e", "#c3c8cf", "#2b6cb1"
GOOD, GOOD_PAPER, BAD, BAD_PAPER = "#1a7f38", "#e9f6ed", "#c4291d", "#fdeceb"

# PROV's customary colours and shapes.
_STYLES: dict[str, dict[str, Any]] = {
    "entity": {"shape": "ellipse", "fillcolor": "#FFFC87", "color": "#808080"},
    "activity": {"shape": "box", "fillcolor": "#9FB1FC", "color": "#0000FF"},
    "agent": {"shape": "house", "fillcolor": "#FED37F", "color": "#B87333"},
}
# Relation to the ends that its arrow goes from and to, as PROV draws them: back in time.
_ARROWS = {
    "wasGeneratedBy": ("entity", "activity"),
    "used": ("activity", "entity"),
    "wasInformedBy": ("informed", "informant"),
    "wasStartedBy": ("activity", "trigger"),
    "wasEndedBy": ("activity", "trigger"),
    "wasInvalidatedBy": ("entity", "activity"),
    "wasDerivedFrom": ("generatedEntity", "usedEntity"),
    "wasAttributedTo": ("entity", "agent"),
    "wasAssociatedWith": ("activity", "agent"),
    "actedOnBehalfOf": ("delegate", "responsible"),
    "wasInfluencedBy": ("influencee", "influencer"),
    "specializationOf": ("specificEntity", "generalEntity"),
    "alternateOf": ("alternate1", "alternate2"),
    "hadMember": ("collection", "entity"),
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


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def analyst_graph(overview: Overview) -> pydot.Dot:
    """One box a pipeline step, in rows from left to right.

    Parameters
    ----------
    overview : Overview
        What to show.

    Returns
    -------
    pydot.Dot
        Drawn with ``dot``.
    """
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
    boxes = overview.boxes
    length = math.ceil(len(boxes) / math.ceil(len(boxes) / MAX_BOXES_IN_A_ROW)) if boxes else 1
    rows = [boxes[at : at + length] for at in range(0, len(boxes), length)]
    place = 0
    for row in rows:
        rank = pydot.Subgraph(f"row{place}", rank="same")
        for box in row:
            rank.add_node(pydot.Node(f"box{place}", label=f"<{_box_label(box)}>"))
            place += 1
        graph.add_subgraph(rank)
    place = 0
    for row in rows:
        for at in range(len(row)):
            if place + at + 1 >= len(boxes):
                break
            options: dict[str, Any] = {"headport": "w", "tailport": "e"}
            if at == len(row) - 1:
                # From the end of one row to the start of the next, below which it keeps in order.
                options = {"headport": "n", "tailport": "s"}
            if boxes[place + at + 1].state == "missing":
                options["style"] = "dashed"
            graph.add_edge(pydot.Edge(f"box{place + at}", f"box{place + at + 1}", **options))
        if place + len(row) < len(boxes):
            # Holds the next row's first box below this row's first.
            below = f"box{place + len(row)}"
            graph.add_edge(pydot.Edge(f"box{place}", below, style="invis", weight="50"))
        place += len(row)
    return graph


def _font(text: str, colour: str, size: int = 10) -> str:
    if not text:
        return ""
    return f'<FONT COLOR="{colour}" POINT-SIZE="{size}">{escape(text)}</FONT>'


def _box_label(box: Box) -> str:
    border, paper, head = {
        "result": (GOOD, GOOD_PAPER, GOOD),
        "failed": (BAD, BAD_PAPER, BAD),
        "missing": (LINE, PAPER, FAINT),
    }.get(box.state, (LINE, PAPER, ACCENT))
    rows = [
        f'<TR><TD COLSPAN="2" ALIGN="LEFT"><B>{_font(box.title, head, 12)}</B>'
        f"{_font('  ' + box.note if box.note else '', FAINT, 9)}</TD></TR>"
    ]
    if box.headline:
        value = _font(box.headline, head, 22 if box.state == "result" else 12)
        label = _font(f" {box.headline_label}" if box.headline_label else "", FAINT)
        rows.append(f'<TR><TD COLSPAN="2" ALIGN="LEFT"><B>{value}</B>{label}</TD></TR>')
    for label, text in box.lines:
        if label:
            rows.append(
                f'<TR><TD ALIGN="LEFT">{_font(label, FAINT)}</TD>'
                f'<TD ALIGN="LEFT">{_font(text, INK)}</TD></TR>'
            )
        else:
            colour = FAINT if box.state == "missing" else INK
            parts = '<BR ALIGN="LEFT"/>'.join(_font(part, colour) for part in _wrapped(text))
            rows.append(f'<TR><TD COLSPAN="2" ALIGN="LEFT" BALIGN="LEFT">{parts}</TD></TR>')
    style = "ROUNDED,DASHED" if box.state == "missing" else "ROUNDED"
    width = "2" if box.state in ("result", "failed") else "1"
    return (
        f'<TABLE BORDER="{width}" CELLBORDER="0" CELLPADDING="5" STYLE="{style}" COLOR="{border}" '
        f'BGCOLOR="{paper}"><TR><TD><TABLE BORDER="0" CELLSPACING="0" CELLPADDING="2">'
        f"{''.join(rows)}</TABLE></TD></TR></TABLE>"
    )


def _wrapped(text: str, width: int = 30) -> list[str]:
    return textwrap.wrap(text, width, max_lines=4, placeholder=" …") or [text[:width]]


def engineer_graph(container: dict[str, Any]) -> pydot.Dot:
    """The whole PROV graph in PROV's customary shapes and colours.

    Parameters
    ----------
    container : dict
        PROV-JSON; what is not of its shape is left out.

    Returns
    -------
    pydot.Dot
        With at most `MAX_ELEMENTS` elements and `MAX_RELATIONS` relations, and a note where that
        cut something off. Many relations are told apart by colour, with a legend, not by labels.
    """
    import pydot

    # From right to left, because arrows point back in time: what was first is on the left.
    graph = pydot.Dot(
        "provenance", graph_type="digraph", rankdir="RL", bgcolor="transparent", ranksep="0.6"
    )
    graph.set_node_defaults(fontname="Helvetica", fontsize="10", style="filled", margin="0.08,0.04")
    graph.set_edge_defaults(fontname="Helvetica", fontsize="8", color=_quoted(FAINT))
    graph.get_edge_defaults()[0]["fontcolor"] = _quoted(FAINT)
    names: dict[str, str] = {}
    left = 0
    for kind, name, body in _elements(container):
        if name in names:
            continue
        if len(names) >= MAX_ELEMENTS:
            left += 1
            continue
        names[name] = f"n{len(names)}"
        label = _quoted(one_line(_label(name, body), 40))
        graph.add_node(pydot.Node(names[name], label=label, fontcolor="black", **_STYLES[kind]))
    relations = [one for one in _relations(container) if one[1] in names and one[2] in names]
    left += max(0, len(relations) - MAX_RELATIONS)
    relations = relations[:MAX_RELATIONS]
    for kind, source, target, role in relations:
        options: dict[str, Any] = {"color": _quoted(_COLOURS.get(kind, FAINT))}
        if len(relations) <= MAX_LABELLED:
            options["label"] = _quoted(kind if not role else f"{kind}\n{one_line(role, 30)}")
        graph.add_edge(pydot.Edge(names[source], names[target], **options))
    if len(relations) > MAX_LABELLED:
        kinds = list(dict.fromkeys(kind for kind, *_ in relations))
        graph.add_node(pydot.Node("legend", shape="plain", style="", label=f"<{_legend(kinds)}>"))
        for name, limit in (("nslimit", "1"), ("nslimit1", "1"), ("mclimit", "0.1")):
            graph.set(name, limit)
    if len(relations) > MAX_CURVED:
        graph.set("splines", "line")
    if left:
        note = f"{left:,} more elements and relations are in the document"
        graph.add_node(pydot.Node("rest", label=_quoted(note), shape="note", fillcolor="white"))
    return graph


def _legend(kinds: list[str]) -> str:
    rows = "".join(
        f'<TR><TD ALIGN="LEFT"><B>{_font("⟶", _COLOURS.get(kind, FAINT), 12)}</B></TD>'
        f'<TD ALIGN="LEFT">{_font(kind, FAINT, 9)}</TD></TR>'
        for kind in kinds
    )
    return f'<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="1" COLOR="{LINE}">{rows}</TABLE>'


def _elements(container: dict[str, Any]) -> Any:
    for place in _containers(container):
        for kind in ELEMENTS:
            section = place.get(kind)
            if isinstance(section, dict):
                for name, body in section.items():
                    yield kind, name, body


def _relations(container: dict[str, Any]) -> Any:
    for place in _containers(container):
        for kind in RELATIONS:
            section = place.get(kind)
            if not isinstance(section, dict):
                continue
            for bodies in section.values():
                for body in bodies if isinstance(bodies, list) else [bodies]:
                    if not isinstance(body, dict):
                        continue
                    source, target = (body.get(f"prov:{end}") for end in _ARROWS[kind])
                    role = body.get("prov:role", "")
                    role = role.get("$", "") if isinstance(role, dict) else role
                    for one in target if isinstance(target, list) else [target]:
                        if isinstance(source, str) and isinstance(one, str):
                            yield kind, source, one, role if isinstance(role, str) else ""


def _containers(container: dict[str, Any]) -> list[dict[str, Any]]:
    bundles = container.get("bundle")
    inner = list(bundles.values()) if isinstance(bundles, dict) else []
    return [container, *(bundle for bundle in inner if isinstance(bundle, dict))]


def _label(name: str, body: Any) -> str:
    label = body.get("prov:label") if isinstance(body, dict) else None
    if isinstance(label, dict):
        label = label.get("$")
    return label if isinstance(label, str) and label.strip() else name
