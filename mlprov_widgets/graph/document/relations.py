"""PROV's relations as people say them."""

from __future__ import annotations

from mlprov_widgets._files import asset_table
from mlprov_widgets.graph.document.model import Edge, Model

_DECLARED = asset_table("graph/document/relations.toml")


def relation_label(model: Model, edge: Edge, from_source: bool) -> str:
    """What a relation says, read from one of its ends."""
    further = _DECLARED["further"].get(model.nodes[edge.target].kind, {})
    found: list[str] | None = further.get(edge.kind) or _DECLARED["labels"].get(edge.kind)
    if found is None:
        return "leads to" if (edge.flow > 0) == from_source else "follows"
    return found[0] if from_source else found[1]
