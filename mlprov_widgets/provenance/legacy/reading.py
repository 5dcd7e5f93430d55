"""A document of MLProvCodeGen 1.x as a record."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

from mlprov_widgets.provenance.legacy.names import (
    ACTIVITIES,
    DATA,
    METRICS,
    SOFTWARE,
    STEPS,
    called_as,
    field_of,
    functions_of,
    group_of,
    plain_name,
)
from mlprov_widgets.provenance.legacy.values import (
    READERS,
    array_in,
    called,
    number_in,
    plain_value,
    rate_in,
    settings_in,
    unwrapped,
    version,
)
from mlprov_widgets.provenance.literals import parse_time
from mlprov_widgets.record import Record, Step, Value, text_hash


def is_legacy(container: Any) -> bool:
    """Whether a PROV-JSON container is one that MLProvCodeGen 1.x wrote."""
    if not isinstance(container, dict):
        return False
    entities, activities = _section(container, "entity"), _section(container, "activity")
    data = {plain_name(name) for name in entities} & DATA.keys() - {"notebook"}
    if not data:
        return False
    prefixes = _section(container, "prefix").values()
    return (
        any(isinstance(iri, str) and SOFTWARE.lower() in iri.lower() for iri in prefixes)
        or any(plain_name(name) == SOFTWARE.lower() for name in entities)
        or (len(data) > 1 and any(plain_name(name).startswith("set") for name in activities))
    )


def legacy_record(container: dict[str, Any]) -> Record | None:
    """Read what a document of MLProvCodeGen 1.x says, under our names.

    Parameters
    ----------
    container : dict
        PROV-JSON. What it does not say is left empty; it has neither the sources of the cells nor
        fingerprints.

    Returns
    -------
    Record or None
        Finished where there are values of the evaluation, else unfinished. The times have no zone.
        None where the document is of other software.
    """
    return _Legacy(container).read() if is_legacy(container) else None


def _section(container: dict[str, Any], name: str) -> dict[str, Any]:
    section = container.get(name)
    return section if isinstance(section, dict) else {}


def _bodies(content: Any) -> list[dict[str, Any]]:
    return [one for one in _listed(content) if isinstance(one, dict)]


def _listed(raw: Any) -> list[Any]:
    return raw if isinstance(raw, list) else [raw]


@dataclass
class _Legacy:
    container: dict[str, Any]
    calls: dict[str, list[str]] = field(default_factory=dict)

    def read(self) -> Record:
        record = Record(run_id=self._id(), software=SOFTWARE)
        self._find_calls()
        for name, content in _section(self.container, "entity").items():
            for body in _bodies(content) if group_of(name) else ():
                self._fields(record, group_of(name), body)
        self._times(record)
        record.agent = self._agent()
        # In the pipeline's order, whatever the order of the file.
        record.steps = {one: record.steps[one] for one in STEPS.values() if one in record.steps}
        record.status = "finished" if "model_evaluation" in record.steps else "unfinished"
        return record

    def _id(self) -> str:
        """Always the same for the same document, which has no id of its own."""
        text = json.dumps(self.container, sort_keys=True, default=str)
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{SOFTWARE}:{text_hash(text)}"))

    def _find_calls(self) -> None:
        """Group to the functions that were called for its values."""
        informed: dict[str, list[str]] = {}
        for body in self._relations("wasInformedBy"):
            later, earlier = body.get("prov:informed"), body.get("prov:informant")
            if isinstance(later, str) and isinstance(earlier, str):
                informed.setdefault(later, []).append(called_as(earlier))
        for body in self._relations("wasGeneratedBy"):
            entity, activity = body.get("prov:entity"), body.get("prov:activity")
            if isinstance(entity, str) and isinstance(activity, str) and group_of(entity):
                self.calls.setdefault(group_of(entity), []).extend(informed.get(activity, ()))

    def _relations(self, kind: str) -> Iterator[dict[str, Any]]:
        return chain.from_iterable(map(_bodies, _section(self.container, kind).values()))

    def _fields(self, record: Record, group: str, body: dict[str, Any]) -> None:
        step = group.removeprefix("steps.") if group.startswith("steps.") else ""
        values = record.steps.setdefault(step, Step()).values if step else getattr(record, group)
        for attribute, raw in body.items():
            if attribute.startswith("prov:") or attribute.endswith(":type"):
                continue
            name, value = field_of(group, attribute), plain_value(raw)
            if value is None:
                continue
            if group == "packages":
                values[name] = version(value)
            elif step == "model_evaluation" and plain_name(attribute) in METRICS:
                _metric(values.setdefault("evaluation_metrics", {}), name, value)
            else:
                values[name] = READERS.get(name, _as_it_is)(value)
            calls = functions_of(group, name, self.calls.get(group, []))
            if name == "optimizer" and (rate := rate_in(value)) is not None:
                values.setdefault("optimizer_learning_rate", rate)
            if name in ("optimizer", "loss_function") and (settings := settings_in(value)):
                values[f"{name}_settings"] = settings
            if calls and not step:
                record.functions[f"{group}.{name}"] = calls[0]
        if step == "model_parameters" and "model_name" not in values:
            described = values.get("model_description")
            if isinstance(described, str) and "(" in described:
                values["model_name"] = called(described)

    def _times(self, record: Record) -> None:
        moments: list[datetime] = []
        for name, content in _section(self.container, "activity").items():
            bodies = _bodies(content)
            starts = [one for body in bodies for one in _moments(body.get("prov:startTime"))]
            ends = [one for body in bodies for one in _moments(body.get("prov:endTime"))]
            moments += starts + ends
            step = record.steps.get(ACTIVITIES.get(plain_name(name), ""))
            if step is not None:
                step.start, step.end = _latest(starts), _latest(ends)
        for body in self._relations("wasStartedBy"):
            moments += _moments(body.get("prov:time"))
        record.start, record.end = min(moments, key=_clock, default=None), _latest(moments)

    def _agent(self) -> dict[str, str]:
        for name, content in _section(self.container, "agent").items():
            said = called_as(name)
            for body in _bodies(content):
                for attribute, raw in body.items():
                    value = plain_value(raw)
                    if plain_name(attribute) in ("givenname", "name") and value is not None:
                        said = str(value)
            return {"name": said[:200]}
        return {}


def _as_it_is(value: Value) -> Value:
    return value.strip() if isinstance(value, str) else value


def _metric(metrics: dict[str, Value], name: str, value: Value) -> None:
    if isinstance(value, str):
        found = number_in(unwrapped(value))
        value = (array_in(value) or value.strip()) if found is None else found
    if name == "f1":
        name = "f1_per_class" if isinstance(value, list) else "f1_macro"
    metrics[name] = value


def _moments(raw: Any) -> Iterator[datetime]:
    """The times in the value of an attribute, which are several where a cell ran twice."""
    for one in _listed(raw):
        text = one.get("$") if isinstance(one, dict) else one
        try:
            if isinstance(text, str):
                yield parse_time(text)
        except ValueError:
            continue


def _latest(moments: list[datetime]) -> datetime | None:
    return max(moments, key=_clock, default=None)


def _clock(moment: datetime) -> datetime:
    # Compared by the clock on the wall, because some have a zone and some none.
    return moment.replace(tzinfo=None)
