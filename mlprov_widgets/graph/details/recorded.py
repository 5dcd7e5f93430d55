"""Values of a record as attributes to read, each part of an object in its own form."""

from __future__ import annotations

from typing import Any

from mlprov_widgets.graph.details.forms import attribute, is_nested, shown_text, table_attribute
from mlprov_widgets.graph.document.values import json_type
from mlprov_widgets.graph.wire import Attribute
from mlprov_widgets.provenance.literals import time_text
from mlprov_widgets.record import Record
from mlprov_widgets.record.fields import vocabulary_of
from mlprov_widgets.record.hyperparameters import hyperparameters_of
from mlprov_widgets.record.story import Story
from mlprov_widgets.wording import seconds_between

MAX_NESTED = 60


def nested(name: str, content: dict[str, Any], kind: str, labels: list[str]) -> list[Attribute]:
    """An object whose parts have forms of their own, such as the metrics of an evaluation."""
    found = [
        attribute(
            f"{name}: {str(key).replace('_', ' ')}",
            shown_text(inner),
            json_type(inner),
            inner,
            class_names_in(content, labels),
            str(key),
        )
        for key, inner in list(content.items())[:MAX_NESTED]
    ]
    if len(content) > MAX_NESTED:
        found.append(attribute(name, shown_text(content), kind))
    return found


def class_names_in(metrics: dict[str, Any], labels: list[str]) -> list[str]:
    """The names of the classes that are known, else those for which there are single metrics."""
    if labels:
        return labels
    for key, inner in metrics.items():
        if str(key).endswith("per_class") and isinstance(inner, dict):
            return [str(name) for name in list(inner)[:200]]
    return []


def recorded(record: Record, step: str) -> list[Attribute]:
    """All values of a step, with the times and what they took."""
    content = record.steps.get(step)
    if content is None:
        return []
    found = [
        attribute(label, time_text(moment), "xsd:dateTime")
        for label, moment in (("start time", content.start), ("end time", content.end))
        if moment is not None
    ]
    if (took := seconds_between(content.start, content.end)) is not None:
        found.append(execution_time(took))
    labels = [str(name) for name in Story(record).class_names[:200]]
    labels = labels or class_names_in(record.metrics, [])
    known = vocabulary_of(record)
    parameters = hyperparameters_of(record) if step == "model_parameters" else []
    for name, value in content.values.items():
        called = str(name).replace("_", " ")
        if parameters and name in ("hyperparameters", "hyperparameter_defaults"):
            if name == "hyperparameters":
                rows = [[one.name, shown_text(one.value), one.default] for one in parameters]
                found.append(table_attribute(called, ["Parameter", "Value", "Default"], rows))
        elif is_nested(value):
            found += nested(called, value, "rdf:JSON", labels)
        else:
            kind = json_type(value)
            text = shown_text(value)
            found.append(attribute(called, text, kind, value, labels, str(name), known))
    return found


def execution_time(seconds: float) -> Attribute:
    """How long something took."""
    text = str(seconds)
    return attribute("execution time", text, "xsd:double", seconds, field="execution_time")
