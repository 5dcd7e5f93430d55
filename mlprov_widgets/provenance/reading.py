"""A PROV-JSON container back into a record; whatever it holds is checked before it is believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, TypeVar

from mlprov_widgets.errors import RecordError
from mlprov_widgets.provenance.literals import decode, parse_time
from mlprov_widgets.provenance.prov_json import FORMAT, GROUPS
from mlprov_widgets.provenance.record import Cell, Execution, Record, Step
from mlprov_widgets.provenance.schema import ELEMENTS
from mlprov_widgets.provenance.vocabulary import IMPLICIT, PROV, field_name, full_iri

T = TypeVar("T")

RUN_STATES = ("finished", "failed", "interrupted", "unfinished")
EXECUTION_STATES = ("ok", "error", "interrupted")
CELL_KINDS = ("code", "markdown", "raw")

_NAMES = {full_iri("xsd:QName"), full_iri("prov:QUALIFIED_NAME")}


class _Iri(str):
    """The full IRI of a qualified name, told apart from text."""

    __slots__ = ()


@dataclass
class _Element:
    """One entity, activity or agent: its name in the file and its attributes by IRI."""

    name: str
    attributes: dict[str, list[Any]]
    reader: _Reader

    def fail(self, term: str, problem: str) -> RecordError:
        return RecordError(f"{self.name}, {term}: {problem}.")

    def decoded(self, term: str, raw: Any) -> Any:
        return self.reader.value(self.name, term, raw)

    def get(self, term: str) -> Any:
        values = self.attributes.get(full_iri(term), [])
        if len(values) != 1:
            problem = "there is no value" if not values else "there are several values"
            raise self.fail(term, f"{problem} where exactly one belongs")
        return self.decoded(term, values[0])

    def one(self, term: str, kind: type[T], default: T | None = None) -> T:
        if default is not None and full_iri(term) not in self.attributes:
            return default
        return checked(self.get(term), kind, lambda problem: self.fail(term, problem))

    def state(self, term: str, allowed: tuple[str, ...]) -> str:
        value = self.one(term, str)
        if value not in allowed:
            raise self.fail(term, f"it is {value[:40]!r}, not one of {', '.join(allowed)}")
        return value

    def texts(self, term: str) -> list[str]:
        found = self.one(term, list)
        for item in found:
            checked(item, str, lambda problem: self.fail(term, f"in the list, {problem}"))
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
            value = self.decoded(name[:80], raw[0])
            if isinstance(value, _Iri | datetime):
                raise self.fail(name[:80], "it is not a value that a record holds")
            found[name] = value
        return found


_WORDS = {str: "text", int: "a whole number", list: "a list", dict: "an object", datetime: "a time"}


def checked(value: Any, kind: type[T], error: Callable[[str], RecordError]) -> T:
    """Return the value if it is of exactly this kind (a bool is no int); else raise the error."""
    if isinstance(value, kind) and not isinstance(value, _Iri) and type(value) is not bool:
        return value
    raise error(f"it is {type(value).__name__} where {_WORDS[kind]} belongs")


class _Reader:
    """A PROV-JSON container whose names are expanded to IRIs."""

    def __init__(self, container: Any) -> None:
        if not isinstance(container, dict):
            raise RecordError("The provenance document is not a JSON object.")
        prefixes = container.get("prefix", {})
        if not isinstance(prefixes, dict) or not all(
            isinstance(iri, str) for iri in prefixes.values()
        ):
            raise RecordError("The section 'prefix' does not give an IRI for each prefix.")
        self.prefixes = {**prefixes, **IMPLICIT}
        self.by_type: dict[str, list[_Element]] = {}
        self.by_iri: dict[str, _Element] = {}
        for section in ("entity", "activity", "agent"):
            elements = container.get(section, {})
            if not isinstance(elements, dict):
                raise RecordError(f"The section {section!r} is not an object.")
            for name, attributes in elements.items():
                self._add(name, attributes)

    def _add(self, name: str, attributes: Any) -> None:
        where = name[:100]
        if not isinstance(attributes, dict):
            raise RecordError(f"{where}: its attributes are not one object.")
        found: dict[str, list[Any]] = {}
        for key, raw in attributes.items():
            iri = self.iri(key, where)
            if iri in found:
                raise RecordError(f"{where}, {key[:80]}: it is given twice, under two prefixes.")
            found[iri] = raw if isinstance(raw, list) else [raw]
        element = _Element(where, found, self)
        iri = self.iri(name, where)
        if iri in self.by_iri:
            raise RecordError(f"{where}: there are two elements of this name.")
        self.by_iri[iri] = element
        for raw in found.get(PROV + "type", []):
            # Other people's documents have types that are no names; ours are names.
            if isinstance(raw, dict) and raw.get("type") in ("xsd:QName", "prov:QUALIFIED_NAME"):
                kind = self.value(where, "prov:type", raw)
                self.by_type.setdefault(kind, []).append(element)

    def iri(self, name: str, where: str) -> _Iri:
        prefix, colon, local = name.partition(":")
        if not colon:
            prefix, local = "default", name
        if prefix not in self.prefixes:
            raise RecordError(f"{where}: the prefix of {name[:80]!r} is not declared.")
        return _Iri(self.prefixes[prefix] + local)

    def value(self, where: str, term: str, raw: Any) -> Any:
        datatype = ""
        if isinstance(raw, dict):
            kind = raw.get("type", "")
            if not isinstance(raw.get("$"), str | int | float) or not isinstance(kind, str):
                raise RecordError(f"{where}, {term}: the value is not a PROV-JSON literal.")
            datatype = self.iri(kind, where) if kind else ""
            if datatype in _NAMES and isinstance(raw["$"], str):
                return self.iri(raw["$"], where)
        elif not isinstance(raw, str | bool | int | float):
            raise RecordError(f"{where}, {term}: the value is not a PROV-JSON literal.")
        try:
            return decode(raw, datatype)
        except ValueError as problem:
            raise RecordError(f"{where}, {term}: {problem}.") from None

    def all(self, kind: str) -> list[_Element]:
        return self.by_type.get(full_iri(kind), [])

    def only(self, kind: str) -> _Element | None:
        found = self.all(kind)
        if len(found) > 1:
            raise RecordError(
                f"The document has {len(found)} elements of type {kind} where one belongs: "
                f"{found[0].name} and {found[1].name}."
            )
        return found[0] if found else None


def _may_be(container: Any) -> bool:
    """Whether anything has a type of that name: to read a large document in full takes long."""
    sections = (container.get(one) for one in ELEMENTS) if isinstance(container, dict) else ()
    return any(
        str(one.get("$")).endswith("Experiment")
        for section in sections
        if isinstance(section, dict)
        for attributes in section.values()
        if isinstance(attributes, dict)
        for name, raw in attributes.items()
        if name.endswith("type")
        for one in (raw if isinstance(raw, list) else (raw,))
        if isinstance(one, dict)
    )


def is_record(container: Any) -> bool:
    """Whether the container says of itself that it describes a run of ours."""
    try:
        return _may_be(container) and bool(_Reader(container).all("mlprov:Experiment"))
    except RecordError:
        return False


def from_prov_json(container: Any) -> Record:
    """Read a record from the PROV-JSON container of a document.

    Parameters
    ----------
    container : dict
        As `json.loads` gives it; may have gone through any other format of PROV meanwhile.

    Raises
    ------
    RecordError
        If the document is not a record of ours, or anything in it is not what belongs there.
    """
    reader = _Reader(container)
    experiment, run = reader.only("mlprov:Experiment"), reader.only("mlprov:Run")
    if experiment is None or run is None:
        raise RecordError(
            "The document is not a record of a run by mlprov-widgets: it describes "
            f"no {'experiment' if experiment is None else 'run'} of ours."
        )
    version = experiment.one("mlprov:format", int)
    if version != FORMAT:
        raise RecordError(
            f"The record has format {version}; this version of mlprov-widgets reads format "
            f"{FORMAT}. Update mlprov-widgets and try again."
        )
    record = Record(
        run_id=experiment.one("dct:identifier", str),
        status=run.state("mlprov:status", RUN_STATES),
        start=run.moment("prov:startTime"),
        end=run.moment("prov:endTime"),
    )
    for group, (kind, _) in GROUPS.items():
        element = reader.only(kind)
        if element is not None:
            texts = group in ("pack", "fingerprints")
            setattr(record, group, _texts(element, group) if texts else element.fields(group))
            if group == "values":
                record.parameters = _declared(element)
    person, software = reader.only("mlprov:Experimenter"), reader.only("mlprov:CaptureSoftware")
    if person is not None:
        record.agent = _texts(person, "agent")
    if software is not None:
        record.software = software.one("schema:softwareVersion", str)
    for package in reader.all("mlprov:Package"):
        name = package.one("schema:name", str)
        _new(name, record.packages, package)
        record.packages[name] = package.one("schema:softwareVersion", str)
    _functions(reader, record, container)
    _steps(reader, record)
    _cells(reader, record)
    return record


def _texts(element: _Element, group: str) -> dict[str, str]:
    found = element.fields(group)
    for name, value in found.items():
        checked(value, str, lambda problem, name=name: element.fail(name[:80], problem))  # type: ignore[misc]
    return found


def _declared(element: _Element) -> list[dict[str, str]]:
    found = element.one("mlprov:declared", list, [])
    for row in found:
        if not isinstance(row, dict) or not all(isinstance(text, str) for text in row.values()):
            raise element.fail("mlprov:declared", "in the list, there is more than names and texts")
    return found


def _new(key: Any, known: Any, element: _Element) -> None:
    if key in known:
        raise RecordError(f"{element.name}: {str(key)[:80]!r} is described a second time.")


def _functions(reader: _Reader, record: Record, container: dict[str, Any]) -> None:
    """Follow `wasGeneratedBy` from each environment value to the function that obtained it."""
    relations = container.get("wasGeneratedBy", {})
    if not isinstance(relations, dict):
        raise RecordError("The section 'wasGeneratedBy' is not an object.")
    makers: dict[str, str] = {}
    for where, relation in relations.items():
        if not isinstance(relation, dict):
            raise RecordError(f"{where[:80]}: the relation is not an object.")
        ends = (relation.get("prov:entity"), relation.get("prov:activity"))
        if isinstance(ends[0], str) and isinstance(ends[1], str):
            makers[reader.iri(ends[0], where[:80])] = reader.iri(ends[1], where[:80])
    known = {id(element): iri for iri, element in reader.by_iri.items()}
    for element in reader.all("mlprov:Field"):
        key = element.one("mlprov:field", str)
        _new(key, record.functions, element)
        maker = reader.by_iri.get(makers.get(known[id(element)], ""))
        if maker is None:
            raise element.fail("wasGeneratedBy", "the function that obtained the value is missing")
        record.functions[key] = maker.one("mlprov:function", str)


def _in_order(elements: list[_Element]) -> list[tuple[int, _Element]]:
    found = [(element.one("mlprov:order", int), element) for element in elements]
    found.sort(key=lambda pair: pair[0])
    for (first, _), (second, element) in pairwise(found):
        if first == second:
            raise element.fail("mlprov:order", f"another element has the place {first} too")
    return found


def _steps(reader: _Reader, record: Record) -> None:
    for _, element in _in_order(reader.all("mlprov:StepData")):
        name = element.one("mlprov:step", str)
        _new(name, record.steps, element)
        record.steps[name] = Step(
            start=element.moment("mlprov:start_time"),
            end=element.moment("mlprov:end_time"),
            values=element.fields(f"steps.{name}"),
        )


def _cells(reader: _Reader, record: Record) -> None:
    executions: dict[int, list[_Element]] = {}
    for element in reader.all("mlprov:Execution"):
        cell = reader.by_iri.get(str(element.get("p-plan:correspondsToStep")))
        if cell is None:
            raise element.fail("p-plan:correspondsToStep", "there is no such cell")
        executions.setdefault(id(cell), []).append(element)
    cells = reader.all("mlprov:Cell")
    for _, element in _in_order(cells):
        has_source = full_iri("mlprov:generated") in element.attributes
        record.cells.append(
            Cell(
                id=element.one("mlprov:cell_id", str),
                kind=element.state("mlprov:kind", CELL_KINDS),
                step=element.one("mlprov:step", str, ""),
                generated=element.one("mlprov:generated", str) if has_source else None,
                executions=[
                    _execution(one) for _, one in _in_order(executions.pop(id(element), []))
                ],
            )
        )
    for left in executions.values():
        raise left[0].fail("p-plan:correspondsToStep", "it names something that is no cell")


def _execution(element: _Element) -> Execution:
    has_count = full_iri("mlprov:count") in element.attributes
    return Execution(
        source=element.one("mlprov:source", str),
        count=element.one("mlprov:count", int) if has_count else None,
        start=element.moment("prov:startTime"),
        end=element.moment("prov:endTime"),
        status=element.state("mlprov:status", EXECUTION_STATES),
        error=element.one("mlprov:error", str, ""),
        reads=element.texts("mlprov:reads"),
        binds=element.texts("mlprov:binds"),
    )
