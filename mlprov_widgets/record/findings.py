"""What a reader has to know before believing a record's numbers, in words."""

from __future__ import annotations

from mlprov_widgets.messages import catalogue, message
from mlprov_widgets.record.fields import OTHER_PARTS, vocabulary_of
from mlprov_widgets.record.run import Finding, Record
from mlprov_widgets.wording import format_count, format_list, humanize, one_line

LEAK, WARNING, NOTE = "leak", "warning", "note"
DIVERGED = "training diverged"
# Headings under which findings are told, wherever they are.
TO_KNOW = "What to know before believing the numbers"
LEAKS = "Leaks"
_THINGS = {
    "model": "The model",
    "optimizer": "The optimizer",
    "loss": "The loss function",
    "scheduler": "The learning rate schedule",
    "preprocessing": "The preprocessing",
    "weights": "The weights",
}
_PREFIX = "finding_"


def sentence(finding: Finding) -> str:
    """One sentence about a finding, as it is shown everywhere; plain text, not escaped.

    Parameters
    ----------
    finding : Finding
        Of a record that may be anybody's: what it does not say is left out of the sentence, and of
        a code that is not known there is no more than its words.
    """
    known, code = catalogue(), f"{_PREFIX}{finding.code}"
    if code not in known:
        return humanize(finding.code)
    told = finding.arguments if isinstance(finding.arguments, dict) else {}
    what = told.get("what")
    thing = _THINGS.get(what, what) if isinstance(what, str) and what else "Something"
    arguments = {**told, "thing": thing, "were": "were" if what == "weights" else "was"}
    # Names of fields, metrics and steps, as people say them.
    for name in ("field", "metric", "steps"):
        value = told.get(name)
        if isinstance(value, str):
            arguments[name] = humanize(value)
        elif isinstance(value, list):
            arguments[name] = [humanize(one) for one in value]
    if isinstance(parts := told.get("parts"), str) and parts:
        arguments |= _measured(parts.split(", "))
    particular = f"{code}_{what}" if isinstance(what, str) else code
    return message(particular if particular in known else code, arguments)


def _measured(parts: list[str]) -> dict[str, str]:
    named = ["rows of no part" if one == "other" else f"the {one} part" for one in parts]
    alone = " alone" if "testing" in parts else ""
    return {"measured": format_list(named), "tested": f"the testing part{alone}"}


def leaks(record: Record) -> list[Finding]:
    """What reached training that must not."""
    return [one for one in record.findings if one.kind == LEAK]


def others(record: Record) -> list[Finding]:
    """What else a reader has to know, warnings before notes."""
    found = [one for one in record.findings if one.kind != LEAK]
    return sorted(found, key=lambda one: one.kind != WARNING)


def caveats(record: Record) -> str:
    """What takes the meaning from "finished", in a few words; empty where nothing does."""
    found = {one.code: one.arguments for one in record.findings}
    told = []
    if "diverged" in found:
        told.append(DIVERGED)
    if "cells_not_run" in found:
        count = found["cells_not_run"].get("count")
        cells = format_count(count, "cell") if isinstance(count, int) else "some cells"
        told.append(f"{cells} did not run")
    if "no_training_seen" in found:
        told.append("no training was seen")
    return ", ".join(told)


def has(record: Record, code: str) -> bool:
    """Whether the record has a finding of this code."""
    return any(one.code == code for one in record.findings)


def is_observed(record: Record) -> bool:
    """Whether it says how it knows what it says; records of format 1 do not."""
    known = any(step.known or step.constants for step in record.steps.values())
    return known or bool(record.objects or record.operations or record.parts or record.findings)


def without_leaks(record: Record) -> list[str]:
    """What is told of leaks where none was seen; empty where nothing was looked for."""
    # Where it is not known which rows are in which part, nobody can have seen much.
    if leaks(record) or not _are_apart(record):
        return []
    return ["None was seen.", *looked_for(record)]


def looked_for(record: Record) -> list[str]:
    """What was looked for and not found, a sentence each, where the record itself shows it.

    Silence of a record that has no parts, or no rows of them, proves nothing; so nothing is said.
    """
    found = []
    if _are_apart(record):
        names = ", ".join(one_line(one.name) for one in record.parts)
        found.append(f"No row is in more than one of the parts ({names}).")
    prepared = {
        version.id
        for tracked in record.objects
        if tracked.role == "preprocessing"
        for version in tracked.versions
    }
    fits = [
        one
        for one in record.operations
        if one.kind == "fit" and one.status == "ok" and prepared & {*one.used, *one.made}
    ]
    if fits and all(set(one.parts) == {"training"} for one in fits):
        names = ", ".join(dict.fromkeys(one_line(one.name.rpartition(".")[2]) for one in fits))
        found.append(f"Preprocessing ({names}) was fitted on rows of the training part alone.")
    evaluation = record.steps.get("model_evaluation")
    if evaluation is not None and evaluation.values.get("measured_on") == "testing":
        vocabulary = vocabulary_of(record)
        metrics = map(vocabulary.metric_of, map(str, record.metrics))
        others = [one.term for one in metrics if one.part in OTHER_PARTS]
        but = f", but for {format_list(others, 4)}" if others else ""
        found.append(f"The metrics were measured on the testing part alone{but}.")
    return found


def _are_apart(record: Record) -> bool:
    parts = record.parts
    return len(parts) > 1 and all(one.numbers and not one.overlap for one in parts)
