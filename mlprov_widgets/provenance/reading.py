"""A PROV-JSON container back into a record; whatever it holds is checked before it is believed."""

from __future__ import annotations

from typing import Any, TypeVar

from mlprov_widgets.errors import RecordError
from mlprov_widgets.provenance.elements import Element, Reader, in_order
from mlprov_widgets.provenance.prov_json import FORMAT, FORMATS, GROUPS
from mlprov_widgets.provenance.schema import ELEMENTS
from mlprov_widgets.provenance.terms import read_as
from mlprov_widgets.record import (
    Cell,
    Execution,
    Finding,
    Operation,
    Part,
    Record,
    Step,
    TrackedObject,
    Version,
)

T = TypeVar("T")

RUN_STATES = ("finished", "failed", "interrupted", "unfinished")


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
        return _may_be(container) and bool(Reader(container).all("mlprov:Experiment"))
    except RecordError:
        return False


def is_sweep(container: Any) -> bool:
    """Whether the container says of itself that it describes a sweep, and not a run."""
    try:
        return isinstance(container, dict) and bool(Reader(container).all("mlprov:Sweep"))
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
    reader = Reader(container)
    experiment, run = reader.only("mlprov:Experiment"), reader.only("mlprov:Run")
    if experiment is None or run is None:
        raise RecordError("record_foreign", lacks="experiment" if experiment is None else "run")
    version = experiment.one("mlprov:format", int)
    if version not in FORMATS:
        raise RecordError("record_too_new", format=version, most=FORMAT)
    record = Record(
        run_id=experiment.one("dct:identifier", str),
        status=run.state("mlprov:status", RUN_STATES),
        start=run.moment("prov:startTime"),
        end=run.moment("prov:endTime"),
    )
    for group, (kind, _) in GROUPS.items():
        if element := reader.only(kind):
            texts = group in ("pack", "fingerprints")
            setattr(record, group, _texts(element, group) if texts else element.fields(group))
            if group == "values":
                record.parameters = _declared(element)
                record.declared = _meanings(element)
    person, software = reader.only("mlprov:Experimenter"), reader.only("mlprov:CaptureSoftware")
    if person:
        record.agent = _texts(person, "agent")
    if software:
        record.software = software.one("schema:softwareVersion", str)
    for package in reader.all("mlprov:Package"):
        name = package.one("schema:name", str)
        _new(name, record.packages, package)
        record.packages[name] = package.one("schema:softwareVersion", str)
    _functions(reader, record)
    _steps(reader, record)
    _cells(reader, record)
    if version > 1:
        record.incomparable = _reasons(experiment)
        _objects(reader, record)
        record.operations = _read_all(Operation, reader.all("mlprov:Operation"))
        record.parts = _read_all(Part, reader.all("mlprov:Part"))
        record.findings = _read_all(Finding, reader.all("mlprov:Finding"))
    return record


def _reasons(experiment: Element) -> dict[str, str]:
    found = experiment.one("mlprov:incomparableReasons", dict, {})
    for reason in found.values():
        experiment.checked(reason, str, "mlprov:incomparableReasons")
    return found


def _texts(element: Element, group: str) -> dict[str, str]:
    found = element.fields(group)
    for name, value in found.items():
        element.checked(value, str, name[:80])
    return found


def _declared(element: Element) -> list[dict[str, str]]:
    found = element.one("mlprov:declared", list, [])
    for row in found:
        if not isinstance(row, dict) or not all(isinstance(text, str) for text in row.values()):
            raise element.fail("mlprov:declared", "in the list, there is more than names and texts")
    return found


def _meanings(element: Element) -> dict[str, list[dict[str, Any]]]:
    found = element.one("mlprov:declaredMeanings", dict, {})
    for rows in found.values():
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise element.fail("mlprov:declaredMeanings", "there is more than declarations")
    return found


def _new(key: Any, known: Any, element: Element) -> None:
    if key in known:
        raise RecordError("key_described_twice", where=element.name, key=key)


def _functions(reader: Reader, record: Record) -> None:
    """Follow `wasGeneratedBy` from each environment value to the function that obtained it."""
    makers = reader.ends("wasGeneratedBy", "entity", "activity")
    for element in reader.all("mlprov:Field"):
        key = element.one("mlprov:field", str)
        _new(key, record.functions, element)
        maker = reader.by_iri.get(makers.get(element.iri, ""))
        if maker is None:
            raise element.fail("wasGeneratedBy", "the function that obtained the value is missing")
        record.functions[key] = maker.one("mlprov:function", str)


def _steps(reader: Reader, record: Record) -> None:
    for element in in_order(reader.all("mlprov:StepData")):
        name = element.one("mlprov:step", str)
        _new(name, record.steps, element)
        record.steps[name] = Step(
            start=element.moment("mlprov:start_time"),
            end=element.moment("mlprov:end_time"),
            values=element.fields(f"steps.{name}"),
            known={
                **dict.fromkeys(element.texts("mlprov:observedFields", []), "observed"),
                **dict.fromkeys(element.texts("mlprov:toldFields", []), "told"),
            },
            constants=element.one("mlprov:constantsRead", dict, {}),
            executions=element.texts("mlprov:stepExecutions", []),
        )


def _cells(reader: Reader, record: Record) -> None:
    executions: dict[int, list[Element]] = {}
    for element in reader.all("mlprov:Execution"):
        cell = reader.by_iri.get(str(element.get("p-plan:correspondsToStep")))
        if cell is None:
            raise element.fail("p-plan:correspondsToStep", "there is no such cell")
        executions.setdefault(id(cell), []).append(element)
    for element in in_order(reader.all("mlprov:Cell")):
        ran = _read_all(Execution, executions.pop(id(element), []))
        record.cells.append(read_as(Cell, element, executions=ran))
    for left in executions.values():
        raise left[0].fail("p-plan:correspondsToStep", "it names something that is no cell")


def _objects(reader: Reader, record: Record) -> None:
    versions: dict[str, list[Element]] = {}
    general = reader.ends("specializationOf", "specificEntity", "generalEntity")
    for one in reader.all("mlprov:ObjectVersion"):
        versions.setdefault(general.get(one.iri, ""), []).append(one)
    for one in in_order(reader.all("mlprov:Object")):
        found = _read_all(Version, versions.pop(one.iri, []))
        record.objects.append(read_as(TrackedObject, one, versions=found))
    for left in versions.values():
        raise left[0].fail("specializationOf", "there is no such object")


def _read_all(kind: type[T], elements: list[Element]) -> list[T]:
    return [read_as(kind, one) for one in in_order(elements)]
