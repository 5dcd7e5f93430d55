"""Elements of a PROV-JSON container by their IRIs, with values that are checked when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, TypeVar

from mlprov_widgets.errors import RecordError
from mlprov_widgets.provenance.literals import decode, parse_time
from mlprov_widgets.provenance.schema import ELEMENTS
from mlprov_widgets.provenance.vocabulary import IMPLICIT, PROV, field_name, full_iri

T = TypeVar("T")

_NAMES = {full_iri("xsd:QName"), full_iri("prov:QUALIFIED_NAME")}


class Iri(str):
    """The full IRI of a qualified name, told apart from text."""

    __slots__ = ()


@dataclass
class Element:
    """One entity, activity or agent: its name in the file and its attributes by IRI."""

    name: str
    attributes: dict[str, list[Any]]
    reader: Reader
    iri: str

    def fail(self, term: str, problem: str) -> RecordError:
        return RecordError("attribute_invalid", where=self.name, term=term, problem=problem)

    def get(self, term: str) -> Any:
        values = self.attributes.get(full_iri(term), [])
        if len(values) != 1:
            problem = "there is no value" if not values else "there are several values"
            raise self.fail(term, f"{problem} where exactly one belongs")
        return self.reader.value(self.name, term, values[0])

    def one(self, term: str, kind: type[T], default: T | None = None) -> T:
        if default is not None and full_iri(term) not in self.attributes:
            return default
        return self.checked(self.get(term), kind, term)

    def checked(self, value: Any, kind: type[T], term: str, place: str = "") -> T:
        """The value if it is of exactly this kind; a bool is no whole number."""
        if isinstance(value, kind) and not isinstance(value, Iri) and type(value) is not bool:
            return value
        raise self.fail(term, f"{place}it is {type(value).__name__} where {_WORDS[kind]} belongs")

    def state(self, term: str, allowed: tuple[str, ...]) -> str:
        value = self.one(term, str)
        if value not in allowed:
            raise self.fail(term, f"it is {value[:40]!r}, not one of {', '.join(allowed)}")
        return value

    def texts(self, term: str, default: list[str] | None = None) -> list[str]:
        found = self.one(term, list, default)
        for item in found:
            self.checked(item, str, term, "in the list, ")
        return found

    def moment(self, term: str) -> datetime | None:
        raw = self.attributes.get(full_iri(term))
        if raw is None:
            return None
        if not term.startswith("prov:"):
            return self.one(term, datetime)
        # PROV's own times are bare text in PROV-JSON.
        try:
            if len(raw) == 1 and isinstance(raw[0], str):
                return parse_time(raw[0])
        except ValueError as problem:
            raise self.fail(term, str(problem)) from None
        raise self.fail(term, "it is not one date and time")

    def fields(self, group: str) -> dict[str, Any]:
        found = {}
        for iri, raw in self.attributes.items():
            try:
                name = field_name(group, iri)
            except ValueError:
                raise self.fail(iri[:200], "the name has a wrong escape") from None
            if name is None:
                continue
            if len(raw) != 1:
                raise self.fail(name[:80], "there are several values where exactly one belongs")
            value = self.reader.value(self.name, name[:80], raw[0])
            if isinstance(value, Iri | datetime):
                raise self.fail(name[:80], "it is not a value that a record holds")
            found[name] = value
        return found


_WORDS = {str: "text", int: "a whole number", list: "a list", dict: "an object", datetime: "a time"}


class Reader:
    """A PROV-JSON container whose names are expanded to IRIs."""

    def __init__(self, container: Any) -> None:
        if not isinstance(container, dict):
            raise RecordError("document_no_object")
        prefixes = container.get("prefix", {})
        if not isinstance(prefixes, dict) or not all(
            isinstance(iri, str) for iri in prefixes.values()
        ):
            raise RecordError("prefixes_invalid")
        self.prefixes = {**prefixes, **IMPLICIT}
        self.by_type: dict[str, list[Element]] = {}
        self.by_iri: dict[str, Element] = {}
        self._container = container
        for section in ELEMENTS:
            for name, attributes in self._section(section).items():
                self._add(name, attributes)

    def _section(self, name: str) -> dict[str, Any]:
        section = self._container.get(name, {})
        if not isinstance(section, dict):
            raise RecordError("section_invalid", section=name)
        return section

    def _add(self, name: str, attributes: Any) -> None:
        where = name[:100]
        if not isinstance(attributes, dict):
            raise RecordError("attributes_invalid", where=where)
        found: dict[str, list[Any]] = {}
        for key, raw in attributes.items():
            iri = self.iri(key, where)
            if iri in found:
                raise RecordError("attribute_given_twice", where=where, term=key)
            found[iri] = raw if isinstance(raw, list) else [raw]
        iri = self.iri(name, where)
        if iri in self.by_iri:
            raise RecordError("element_name_taken", where=where)
        element = self.by_iri[iri] = Element(where, found, self, iri)
        for raw in found.get(PROV + "type", []):
            # Other people's documents have types that are no names; ours are names.
            if isinstance(raw, dict) and raw.get("type") in ("xsd:QName", "prov:QUALIFIED_NAME"):
                kind = self.value(where, "prov:type", raw)
                self.by_type.setdefault(kind, []).append(element)

    def iri(self, name: str, where: str) -> Iri:
        prefix, colon, local = name.partition(":")
        if not colon:
            prefix, local = "default", name
        if prefix not in self.prefixes:
            raise RecordError("prefix_undeclared", where=where, name=name)
        return Iri(self.prefixes[prefix] + local)

    def value(self, where: str, term: str, raw: Any) -> Any:
        text, kind = (raw.get("$"), raw.get("type", "")) if isinstance(raw, dict) else (raw, "")
        if not isinstance(text, str | int | float) or not isinstance(kind, str):
            raise RecordError("literal_invalid", where=where, term=term)
        datatype = self.iri(kind, where) if kind else ""
        if datatype in _NAMES and isinstance(text, str):
            return self.iri(text, where)
        try:
            return decode(raw, datatype)
        except ValueError as error:
            given = {"where": where, "term": term, "problem": error}
            raise RecordError("attribute_invalid", **given) from None

    def ends(self, section: str, first: str, second: str) -> dict[str, str]:
        """One end of each relation of a kind to the other, by IRI; the last relation counts."""
        found: dict[str, str] = {}
        for where, relation in self._section(section).items():
            if not isinstance(relation, dict):
                raise RecordError("relation_invalid", where=where)
            one, other = relation.get(f"prov:{first}"), relation.get(f"prov:{second}")
            if isinstance(one, str) and isinstance(other, str):
                found[self.iri(one, where[:80])] = self.iri(other, where[:80])
        return found

    def all(self, kind: str) -> list[Element]:
        return self.by_type.get(full_iri(kind), [])

    def only(self, kind: str) -> Element | None:
        found = self.all(kind)
        if len(found) > 1:
            names = [one.name for one in found]
            raise RecordError("elements_too_many", count=len(found), type=kind, names=names)
        return found[0] if found else None


def in_order(elements: list[Element]) -> list[Element]:
    """Elements by their ``mlprov:order``, which no two of them may share."""
    found = [(element.one("mlprov:order", int), element) for element in elements]
    found.sort(key=lambda pair: pair[0])
    for (first, _), (second, element) in pairwise(found):
        if first == second:
            raise element.fail("mlprov:order", f"another element has the place {first} too")
    return [element for _, element in found]
