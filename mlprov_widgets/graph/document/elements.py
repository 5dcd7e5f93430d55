"""Elements and relations of any PROV-JSON container, whatever shape it is in."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from typing import Any

from mlprov_widgets.graph.document.description import Descriptions
from mlprov_widgets.graph.document.model import MAX_ID, Edge, Node, fit_to_travel
from mlprov_widgets.provenance.schema import ARROWS, ELEMENTS, MISSPELT
from mlprov_widgets.provenance.vocabulary import IMPLICIT
from mlprov_widgets.wording import one_line

# A further end of relations, which gets an arrow of its own from the relation's source.
_FURTHER = {
    "wasStartedBy": "starter",
    "wasEndedBy": "ender",
    "wasAssociatedWith": "plan",
    "actedOnBehalfOf": "activity",
    "wasDerivedFrom": "activity",
    "mentionOf": "bundle",
}
_RESERVED = ("group:", "step:")
# Of two lists of ends, not every pair of a million.
_PAIRS_AN_END = 10

Place = tuple[str, dict[str, Any]]


def elements_of(container: dict[str, Any]) -> tuple[dict[str, Node], list[Edge]]:
    """Read the elements and relations of a PROV document; what is not of its shape is left out.

    Parameters
    ----------
    container : dict
        PROV-JSON, with or without bundles. An element may be described more than once, and ends of
        relations may be lists, or names that no element has.

    Returns
    -------
    nodes : dict
        Id to `Node`, in the document's order, not yet in groups. The id is the element's name; in a
        bundle the bundle's name and a slash come before it. Ids are never empty and never start as
        those of groups and steps do, and names of more than 200 characters are cut.
    edges : list of Edge
        One for each pair of ends, in the document's order.
    """
    return _Reading(container).read()


def places(container: dict[str, Any]) -> list[Place]:
    """The document itself (named "") and each of its bundles, those within bundles too."""
    found: list[Place] = [("", container)]
    for name, place in found:
        bundles = place.get("bundle")
        if isinstance(bundles, dict):
            found += [
                (f"{name}/{inner}" if name else inner, content)
                for inner, content in bundles.items()
                if isinstance(content, dict)
            ]
    return found


def bodies(content: Any) -> Iterator[dict[str, Any]]:
    """The one description, or each of the several ones, under one name of a section."""
    if isinstance(content, dict):
        yield content
    elif isinstance(content, list):
        yield from (body for body in content if isinstance(body, dict))


class _Reading:
    """One pass over a container."""

    def __init__(self, container: dict[str, Any]) -> None:
        self.places = places(container)
        self.descriptions = Descriptions(container)
        self.nodes: dict[str, Node] = {}
        self.edges: list[Edge] = []
        # For each place, name to id.
        self.ids: list[dict[str, str]] = [{} for _ in self.places]
        self.prefixes = [_prefixes(place) for _, place in self.places]
        self._by_iri: dict[str, str] | None = None

    def read(self) -> tuple[dict[str, Node], list[Edge]]:
        for at, (bundle, place) in enumerate(self.places):
            for kind in ELEMENTS:
                section = place.get(kind)
                if isinstance(section, dict):
                    for name, content in section.items():
                        self._element(at, bundle, kind, name, content)
        for at, (_, place) in enumerate(self.places):
            for section_name, section in place.items():
                kind = MISSPELT.get(section_name, section_name)
                if kind in ARROWS and isinstance(section, dict):
                    self._relations(at, kind, section)
        return self.nodes, self.edges

    def _element(self, at: int, bundle: str, kind: str, name: str, content: Any) -> None:
        body = content if isinstance(content, dict) else _merged(list(bodies(content)))
        known = self.ids[at].get(name)
        if known is not None:
            # PROV allows it: an agent that is an entity too is drawn as an agent.
            node = self.nodes[known]
            node.kind = kind if kind == "agent" else node.kind
            node.body = _merged([node.body, body])
        else:
            id = self._new_id(at, bundle, name)
            node = Node(id, kind, "", name=name, body=body, bundle=bundle)
            self.nodes[node.id] = node
        self.descriptions.describe(node)

    def _new_id(self, at: int, bundle: str, name: str) -> str:
        id = f"{bundle}/{name}" if bundle else name
        if len(id) > MAX_ID:
            id = f"{id[:MAX_ID]}…{len(self.nodes)}"
        if not id.isascii():
            id = fit_to_travel(id)
        # The top of the document has the empty id.
        if not id or id.startswith(_RESERVED):
            id = f"element:{id}"
        if id in self.nodes:
            id = f"{id}~{len(self.nodes)}"
        self.ids[at][name] = id
        return id

    def _relations(self, at: int, kind: str, section: dict[str, Any]) -> None:
        first, second = (f"prov:{end}" for end in ARROWS[kind])
        further = _FURTHER.get(kind, "")
        ids, edges = self.ids[at], self.edges
        for content in section.values():
            for body in (content,) if isinstance(content, dict) else bodies(content):
                source, target = body.get(first), body.get(second)
                role = body.get("prov:role", "")
                if role != "":
                    role = one_line(self.descriptions.text(role), 60)
                # Most relations have two plain names that elements of this place have.
                if source.__class__ is str and target.__class__ is str:
                    from_id = ids.get(source) or self._find(at, source)
                    to_id = ids.get(target) or self._find(at, target)
                    edges.append(Edge(from_id, to_id, kind, role))
                else:
                    self._pairs(at, kind, _names(source), _names(target), role)
                if further and (end := f"prov:{further}") in body:
                    self._pairs(at, kind, _names(source), _names(body[end]), role or further)

    def _pairs(self, at: int, kind: str, first: list[str], second: list[str], role: str) -> None:
        sources = [self._find(at, name) for name in first]
        targets = [self._find(at, name) for name in second]
        most = _PAIRS_AN_END * (len(sources) + len(targets))
        self.edges += [
            Edge(source, target, kind, role)
            for source, target in islice(product(sources, targets), most)
        ]

    def _find(self, at: int, name: str) -> str:
        """Id of the element that a name stands for, which may be in another bundle or nowhere."""
        known = self.ids[at].get(name)
        if known is not None:
            return known
        # Two prefixes may stand for one namespace, and bundles have their own.
        if self._by_iri is None:
            self._by_iri = {}
            for place, ids in enumerate(self.ids):
                for other, id in ids.items():
                    self._by_iri.setdefault(self._iri(place, other), id)
        iri = self._iri(at, name)
        known = self._by_iri.get(iri)
        if known is not None:
            self.ids[at][name] = known
            return known
        bundle = self.places[at][0]
        id = self._new_id(at, bundle, name)
        self.nodes[id] = node = Node(id, "unknown", "", name=name, bundle=bundle)
        self.descriptions.describe(node)
        self._by_iri[iri] = id
        return id

    def _iri(self, at: int, name: str) -> str:
        prefix, colon, local = name.partition(":")
        if not colon:
            prefix, local = "default", name
        iri = self.prefixes[at].get(prefix) or self.prefixes[0].get(prefix)
        return name if iri is None else f"{iri}{local}"


def _prefixes(place: dict[str, Any]) -> dict[str, str]:
    declared = place.get("prefix")
    found = dict(IMPLICIT)
    if isinstance(declared, dict):
        found |= {name: iri for name, iri in declared.items() if isinstance(iri, str)}
    return found


def _names(ends: Any) -> list[str]:
    """Names at one end of a relation, which may be typed and may be several."""
    if isinstance(ends, dict):
        ends = ends.get("$")
    if isinstance(ends, str):
        return [ends]
    if not isinstance(ends, list):
        return []
    plain = (end.get("$") if isinstance(end, dict) else end for end in ends)
    return list(dict.fromkeys(end for end in plain if isinstance(end, str)))


def _merged(several: list[dict[str, Any]]) -> dict[str, Any]:
    """One body of several: an attribute that they give different values has all of them."""
    if len(several) == 1:
        return several[0]
    found: dict[str, list[Any]] = {}
    seen: set[Any] = set()
    for body in several:
        for name, value in body.items():
            values = found.setdefault(name, [])
            for one in value if isinstance(value, list) else [value]:
                key = _key(name, one)
                if key is None or key not in seen:
                    values.append(one)
                    seen.add(key)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _key(name: str, value: Any) -> Any:
    """What two equal values of an attribute have in common; None for those not worth comparing."""
    try:
        inner = tuple(value.items()) if isinstance(value, dict) else value
        key = (name, type(value), inner)
        hash(key)
    except TypeError:
        return None
    return key
