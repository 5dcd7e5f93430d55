"""The fields of a record's steps, each with its unit and how it is known."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from mlprov_widgets.record import Finding, Record, Step, Value
from mlprov_widgets.record.fields import Vocabulary, vocabulary_of
from mlprov_widgets.record.findings import sentence
from mlprov_widgets.record.hyperparameters import hyperparameters
from mlprov_widgets.record.results import single_metrics
from mlprov_widgets.wording import format_count, format_value, one_line, shorten

_MAX_VALUE = 60


def steps_of(record: Record) -> dict[str, dict[str, dict[str, Any]]]:
    """Step to field to ``value``, ``unit`` (where there is one) and ``known``.

    How it is known is ``observed`` (seen, or read from the object that was used), ``told`` (the
    notebook says so) or ``constant`` (a named constant that the step's cells read, under the name
    that it has in the code); it is left out for records that do not say. What is not known is not
    there.
    """
    known = vocabulary_of(record)
    return {name: _fields(step, known) for name, step in record.steps.items()}


def _fields(step: Step, vocabulary: Vocabulary) -> dict[str, dict[str, Any]]:
    times: dict[str, Value] = {
        "start_time": _iso(step.start),
        "end_time": _iso(step.end),
        "execution_time": step.execution_time,
    }
    found = {
        name: _field(name, value, "observed", vocabulary)
        for name, value in times.items()
        if value is not None
    }
    for name, value in step.values.items():
        found[name] = _field(name, value, step.known.get(name, ""), vocabulary)
    constants = step.constants.items()
    return found | {name: {"value": value, "known": "constant"} for name, value in constants}


def _field(name: str, value: Value, known: str, vocabulary: Vocabulary) -> dict[str, Any]:
    unit = vocabulary.unit_of(name, value)
    return {
        "value": value,
        **({"unit": unit} if unit else {}),
        **({"known": known} if known else {}),
    }


def told_finding(record: Record, finding: Finding) -> dict[str, Any]:
    """A finding for a program: its code, its sentence and the number of the cell it was seen in."""
    cell = cell_of(record, finding.execution)
    return {
        "code": finding.code,
        "kind": finding.kind,
        "step": finding.step,
        "sentence": sentence(finding),
        "arguments": finding.arguments,
        **({"cell": cell} if cell else {}),
    }


def cell_of(record: Record, execution: str) -> int:
    """Number, from 1, of the cell that an execution is of; 0 where there is none."""
    runs = ((at, one.id) for at, cell in enumerate(record.cells, 1) for one in cell.executions)
    return next((at for at, id in runs if execution and id == execution), 0)


def lines_of(record: Record) -> list[str]:
    """The fields in lines for a person: what was observed, what was told, and constants apart."""
    found, vocabulary = [], vocabulary_of(record)
    for name, step in record.steps.items():
        if not (step.known or step.constants):
            continue
        ways: dict[str, list[str]] = {}
        for field, value in step.values.items():
            if field == "hyperparameter_defaults":
                continue  # told with the values themselves
            unit = vocabulary.unit_of(field, value)
            shown = _parameters(step) if field == "hyperparameters" else ""
            text = f"{one_line(field, 80)} {shown or _text(field, value, vocabulary)}"
            # Of "epochs 4 epochs" the last word says nothing.
            text += f" {unit}" if unit and unit not in field.split("_") else ""
            ways.setdefault(step.known.get(field, ""), []).append(text)
        for how, told in ways.items():
            found.append(f"{name}{f', {how}' if how else ''}: {', '.join(told)}")
        if step.constants:
            constants = [
                f"{field} = {format_value(value, _MAX_VALUE) or 'none'}"
                for field, value in step.constants.items()
            ]
            found.append(f"{name}, constants that its cells read: {', '.join(constants)}")
    return found


def _parameters(step: Step) -> str:
    """The hyperparameters that somebody has set; empty where it is not known which these are."""
    values = step.values
    found = hyperparameters(values["hyperparameters"], values.get("hyperparameter_defaults"))
    defaults = [one for one in found if one.is_default]
    if not defaults:
        return ""
    set_ = [f"{one.name} = {format_value(one.value)}" for one in found if one.is_default is False]
    told = shorten(one_line(", ".join(set_), 400), 3 * _MAX_VALUE)
    return f"{told}{' and ' if told else ''}{format_count(len(defaults), 'default')}"


def _text(field: str, value: Value, vocabulary: Vocabulary) -> str:
    if field == "evaluation_metrics" and isinstance(value, dict):
        told = [f"{one.metric.term} {one.text}" for one in single_metrics(value, vocabulary)]
        return shorten(", ".join(told), 3 * _MAX_VALUE) or "none"
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return f"of {format_count(len(value), 'entry', 'entries')}"
    return format_value(value, _MAX_VALUE) or "none"


def operations_of(record: Record) -> list[dict[str, Any]]:
    """What libraries were seen to do, as JSON can say it."""
    return [
        {**asdict(one), "start": _iso(one.start), "end": _iso(one.end)} for one in record.operations
    ]


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
