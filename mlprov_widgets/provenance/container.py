"""A PROV-JSON container that grows element by element and relation by relation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mlprov_widgets.provenance.literals import Literal, display, encode, json_text
from mlprov_widgets.provenance.vocabulary import JSON_DATATYPE, NAMESPACES, RUN, field_term, run_iri
from mlprov_widgets.record import Record


def qualified(name: str) -> Literal:
    """Qualified name as the value of an attribute."""
    return {"$": name, "type": "xsd:QName"}


def text_list(values: Iterable[str], where: str) -> Literal:
    """List of texts as the value of one attribute, which keeps its order."""
    return {"$": json_text(list(values), where), "type": JSON_DATATYPE}


class Document:
    """A PROV-JSON container that grows.

    Parameters
    ----------
    record : Record
        The run that it describes.
    """

    def __init__(self, record: Record) -> None:
        self.record = record
        self.container: dict[str, dict[str, Any]] = {
            "prefix": {**NAMESPACES, RUN: run_iri(record.run_id)}
        }
        self._relations: set[tuple[str, ...]] = set()

    def element(
        self,
        kind: str,
        local: str,
        types: Iterable[str],
        label: str,
        attributes: dict[str, Literal] | None = None,
    ) -> str:
        """Add an element and return its name."""
        name = local if ":" in local else f"{RUN}:{local}"
        names = list(map(qualified, types))
        self.container.setdefault(kind, {})[name] = {
            "prov:type": names[0] if len(names) == 1 else names,
            "prov:label": display(label),
            **(attributes or {}),
        }
        return name

    def entity(
        self,
        local: str,
        types: Iterable[str],
        label: str,
        attributes: dict[str, Literal] | None = None,
        by: str = "",
    ) -> str:
        """Add an entity, which the activity `by` made where there is one, and return its name."""
        name = self.element("entity", local, types, label, attributes)
        if by:
            self.generate(name, by)
        return name

    def prefix(self, wanted: str, iri: str) -> str:
        """Declare a prefix for an IRI, unless there is one already, and return it."""
        prefixes = self.container["prefix"]
        known = next((prefix for prefix, other in prefixes.items() if other == iri), None)
        if known is None:
            prefixes[wanted] = iri
        return known or wanted

    def relate(self, kind: str, **ends: Literal) -> None:
        """Add a relation, unless it is there already; `ends` are its PROV attributes."""
        key = (kind, *(f"{end}={value}" for end, value in ends.items()))
        if key in self._relations:
            return
        self._relations.add(key)
        relations = self.container.setdefault(kind, {})
        relations[f"_:{kind}{len(relations) + 1}"] = {
            f"prov:{end}": value for end, value in ends.items()
        }

    def derive(self, generated: str, *used: str) -> None:
        """Say that one entity was derived from others."""
        for one in used:
            if one != generated:
                self.relate("wasDerivedFrom", generatedEntity=generated, usedEntity=one)

    def revise(self, later: str, earlier: str) -> None:
        """Say that an entity is a revision of another one."""
        revision = {"$": "prov:Revision", "type": "prov:QUALIFIED_NAME"}
        self.relate("wasDerivedFrom", generatedEntity=later, usedEntity=earlier, type=revision)

    def generate(self, entity: str, activity: str) -> None:
        """Say which activity made an entity."""
        self.relate("wasGeneratedBy", entity=entity, activity=activity)

    def use(self, activity: str, *used: str) -> None:
        """Say which entities an activity used."""
        for one in used:
            self.relate("used", activity=activity, entity=one)

    def fields(self, group: str, values: dict[str, Any]) -> dict[str, Literal]:
        """Attributes for a group of fields of the record."""
        return {
            field_term(group, name): encode(value, f"{group}.{name}")
            for name, value in values.items()
        }
