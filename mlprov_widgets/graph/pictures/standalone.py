"""A viewer as one file, which opens on its own in a browser and needs nothing from anywhere."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection
from html import escape
from itertools import chain, islice
from typing import Any, cast

from mlprov_widgets._files import asset
from mlprov_widgets.graph.details.record import details
from mlprov_widgets.graph.details.searchable import searchable
from mlprov_widgets.graph.document.model import Model, Node
from mlprov_widgets.graph.document.ways import PLAIN, way_of
from mlprov_widgets.graph.levels.scene import box_of, default_opened
from mlprov_widgets.graph.levels.two_levels import ANALYST, Levels
from mlprov_widgets.graph.wire import Details, Level, Summary, Whole, WholeLevel
from mlprov_widgets.wording import visible

# About 50 MB; a browser takes some seconds to read that, and many more for a larger page.
MAX_ELEMENTS = 20_000
# What is said of an element grows with its relations; so many take as much room as itself.
_RELATIONS_AN_ELEMENT = 6

# The bundle is a module; a page without a server can import one only from an address of its own.
_LOADER = """
const text = (id) => document.getElementById(id).textContent;
const place = document.getElementById("viewer");
const module = new Blob([JSON.parse(text("bundle"))], { type: "text/javascript" });
import(URL.createObjectURL(module)).then(
  ({ mount }) => mount(place, JSON.parse(text("whole"))),
  (error) => { place.textContent = "This browser cannot show the viewer: " + error.message; },
);
"""
_STYLE = "html,body{margin:0;height:100%}#viewer{min-height:100%}#viewer>p{margin:2em}"


def standalone(whole: Whole) -> str:
    """Put a page together that has the viewer and the whole document in it.

    Returns
    -------
    str
        HTML with a policy that forbids it to ask for anything from anywhere.
    """
    bundle = _inert(asset("widgets/viewer.js"))
    loader = base64.b64encode(hashlib.sha256(_LOADER.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{loader}' blob:; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    page = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(visible(whole['summary']['title']))}</title>"
        f"<style>{_STYLE}{asset('widgets/viewer.css')}</style></head>\n"
        '<body><div id="viewer"><noscript><p>This page needs JavaScript, which is switched off in '
        "this browser.</p></noscript></div>\n"
        f'<script type="application/json" id="whole">{_inert(whole)}</script>\n'
        f'<script type="application/json" id="bundle">{bundle}</script>\n'
        f'<script type="module">{_LOADER}</script></body></html>\n'
    )
    # Half of a pair of characters, which JSON can say, no file can hold.
    return page.encode("utf-8", "backslashreplace").decode("utf-8")


def whole_of(
    levels: Levels,
    summary: Summary,
    level: str = ANALYST,
    opened: Collection[str] | None = None,
    selected: str = "",
) -> Whole:
    """Everything that a viewer without Python needs.

    Parameters
    ----------
    levels : Levels
        Of the document. Of more than `MAX_ELEMENTS` elements, or of fewer with very many
        relations, only the first are there, which the summary says.
    summary : Summary
        What is said above the graph.
    level : str, default "analyst"
        What is shown first.
    opened : collection of str, optional
        Groups that are open first on that level.
    selected : str, optional
        What is selected first.
    """
    names = cast("tuple[Level, ...]", levels.names)
    models = {name: levels.model(name) for name in levels.names}
    kept = {name: _first(model) for name, model in models.items()}
    left = max(len(models[name].nodes) - len(kept[name]) for name in models)
    if left:
        note = (
            f"This page has only the first elements; {left:,} more are in the document itself, and "
            "in the viewer of a notebook."
        )
        summary = {**summary, "note": " ".join(filter(None, (summary["note"], note)))}
    every = {name: [*kept[name], *models[name].groups] for name in names}
    ids = dict.fromkeys(chain(*every.values()))
    most = levels.names[-1]
    return {
        "summary": summary,
        "levels": list(names),
        "level": cast("Level", level),
        "opened": {
            name: default_opened(models[name]) if opened is None or name != level else list(opened)
            for name in names
        },
        "selected": selected if selected in ids else "",
        "models": {name: _level(models[name], kept[name]) for name in names},
        # A step's box on one level and its group on another have one id, and not one record.
        "details": {
            name: {id: cast("Details", details(levels, name, id)) for id in several}
            for name, several in every.items()
        },
        "texts": {id: searchable(models[most], node) for id, node in kept[most].items()},
        "stands_for": {
            id: box for id in ids if (box := levels.counterpart(ANALYST, id)) in ids and box != id
        },
    }


def _first(model: Model) -> dict[str, Node]:
    """As many elements as a page has room for."""
    weights = dict.fromkeys(model.nodes, float(_RELATIONS_AN_ELEMENT))
    for edge in model.edges:
        weights[edge.source] += 1
        weights[edge.target] += 1
    room = 2.0 * _RELATIONS_AN_ELEMENT * MAX_ELEMENTS
    found: dict[str, Node] = {}
    for id, node in islice(model.nodes.items(), MAX_ELEMENTS):
        room -= weights[id]
        if room < 0 and found:
            break
        found[id] = node
    return found


def _level(model: Model, nodes: dict[str, Node]) -> WholeLevel:
    return {
        "nodes": [box_of(model, node) for node in nodes.values()],
        "groups": [box_of(model, group) for group in model.groups.values()],
        "edges": [
            {
                "source": edge.source,
                "target": edge.target,
                "kind": edge.kind,
                "role": edge.role,
                "flow": edge.flow,
                "way": way_of(edge.kind, nodes[edge.target]) if edge.flow < 0 else PLAIN,
            }
            for edge in model.edges
            if edge.source in nodes and edge.target in nodes
        ],
    }


def _inert(value: Any) -> str:
    """JSON that no HTML parser takes for markup."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")
