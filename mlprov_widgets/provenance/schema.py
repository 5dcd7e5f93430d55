"""The shape of PROV-JSON, checked without a JSON Schema library (importing one takes a second).

The rules are those of the schema in the W3C member submission "The PROV-JSON Serialization"; the
tests hold them against that schema itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

ELEMENTS = ("entity", "activity", "agent")

# Relation to the ends it must have and those it may have; all of them are qualified names or times.
RELATIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "wasGeneratedBy": (("entity",), ("activity", "time")),
    "used": (("entity",), ("activity", "time")),
    "wasInformedBy": (("informant", "informed"), ()),
    "wasStartedBy": (("activity",), ("trigger", "time")),
    "wasEndedBy": (("activity",), ("trigger", "time")),
    "wasInvalidatedBy": (("entity",), ("activity", "time")),
    "wasDerivedFrom": (("generatedEntity", "usedEntity"), ("activity", "generation", "usage")),
    "wasAttributedTo": (("entity", "agent"), ()),
    "wasAssociatedWith": (("activity",), ("agent", "plan")),
    "actedOnBehalfOf": (("delegate", "responsible"), ("activity",)),
    "wasInfluencedBy": (("influencer", "influencee"), ()),
    "specializationOf": (("generalEntity", "specificEntity"), ()),
    "alternateOf": (("alternate1", "alternate2"), ()),
    "hadMember": (("collection", "entity"), ()),
}
# Relation to the ends that its arrow goes from and to, as PROV draws them: back in time, which is
# how most name their ends. The last one is of PROV-LINKS, which came after PROV-JSON.
ARROWS: dict[str, tuple[str, ...]] = {
    **{kind: (*required, *others)[:2] for kind, (required, others) in RELATIONS.items()},
    "used": ("activity", "entity"),
    "wasInformedBy": ("informed", "informant"),
    "wasInfluencedBy": ("influencee", "influencer"),
    "specializationOf": ("specificEntity", "generalEntity"),
    "mentionOf": ("specificEntity", "generalEntity"),
}
# The submission's schema misspells this relation, its text does not; both are read.
MISSPELT = {"wasEndedby": "wasEndedBy"}


def problems(container: Any) -> list[str]:
    """Say what is wrong with the shape of a PROV-JSON container.

    Parameters
    ----------
    container : object
        As `json.loads` gives it.

    Returns
    -------
    list of str
        One sentence a problem; empty where there is none.
    """
    if not isinstance(container, dict):
        return ["The document is not a JSON object."]
    return list(_container(container, ""))


def _container(container: dict[str, Any], place: str) -> Iterator[str]:
    for section, content in container.items():
        kind = MISSPELT.get(section, section)
        where = f"{place}{section[:80]}"
        known = kind in ELEMENTS or kind in RELATIONS or kind in ("prefix", "bundle")
        if not known or (place and kind == "bundle"):
            if not place:
                yield f"{where}: PROV-JSON has no such section."
        elif not isinstance(content, dict):
            yield f"{where}: the section is not an object."
        elif kind == "prefix":
            yield from (
                f"{where}, {prefix[:80]}: the IRI is not text."
                for prefix, iri in content.items()
                # PROV-JSON's schema says nothing of what is not a prefix's name.
                if not isinstance(iri, str) and re.search(r"^[a-zA-Z0-9_-]+$", prefix)
            )
        else:
            for name, body in content.items():
                spot = f"{where}, {name[:80]}"
                if not isinstance(body, dict):
                    yield f"{spot}: it is not an object."
                elif kind == "bundle":
                    yield from _container(body, f"{spot}, ")
                else:
                    yield from _element(kind, body, spot)


def _element(kind: str, body: dict[str, Any], spot: str) -> Iterator[str]:
    required, optional = RELATIONS.get(kind, ((), ()))
    for end in required:
        if f"prov:{end}" not in body:
            yield f"{spot}: prov:{end} is missing."
    ends = {f"prov:{end}" for end in (*required, *optional)}
    for name, value in body.items():
        if name in ends:
            if not isinstance(value, str):
                yield f"{spot}, {name}: it is not a qualified name or time."
        elif isinstance(value, list):
            if not value:
                yield f"{spot}, {name[:80]}: the list of values is empty."
            elif not all(_is_literal(item) for item in value):
                yield f"{spot}, {name[:80]}: one of the values is not a PROV-JSON literal."
        elif not _is_literal(value):
            yield f"{spot}, {name[:80]}: the value is not a PROV-JSON literal."


def _is_literal(value: Any) -> bool:
    if isinstance(value, dict):
        return (
            "$" in value
            and value.keys() <= {"$", "type", "lang"}
            and all(isinstance(item, str) for item in value.values())
        )
    return isinstance(value, str | bool | int | float)


def dangling(container: dict[str, Any]) -> list[str]:
    """Name the ends of relations that no element of a well-shaped container declares."""
    known = {name for section in ELEMENTS for name in container.get(section, {})}
    return [
        f"{kind}, {name[:80]}, prov:{end}: {body[f'prov:{end}'][:80]!r} is not in the document."
        for kind, ends in RELATIONS.items()
        for name, body in container.get(kind, {}).items()
        for end in (*ends[0], *ends[1])
        if end not in ("time", "generation", "usage")
        and f"prov:{end}" in body
        and body[f"prov:{end}"] not in known
    ]
