"""What a record must say, may say and must not say."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.edits.notebook import Notebook

ABSENT = object()
FACTS = ("observed", "told")
FALSE, MISSING = "FALSE", "MISSING"

# Gives a line for each thing that is not as it must be; it begins with FALSE or MISSING.
Check = Callable[[dict[str, Any]], Iterator[str]]
Edit = Callable[[Notebook], None]


@dataclass(frozen=True)
class Case:
    """An edit, and what the record of the edited notebook must say.

    Parameters
    ----------
    name : str
    edit : callable
        Changes the notebook.
    checks : tuple of Check
    pack : str
        ``multiclass``, ``images``, or ``own``: a notebook that nothing generated.
    values : dict
        For the pack, beside those that all notebooks have.
    files : dict
        Name to content of files beside the notebook.
    earlier : callable or None
        The edit with which the notebook is run before, in the same folder.
    failing : str
        Part of the error of the cell that fails; empty where none may.
    may : tuple of str
        Codes of findings that are true, too, and need not be there.
    """

    name: str
    edit: Edit
    checks: tuple[Check, ...] = ()
    pack: str = "multiclass"
    values: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    earlier: Edit | None = None
    failing: str = ""
    may: tuple[str, ...] = ()

    def problems(self, told: dict[str, Any]) -> list[str]:
        """What the record does not say as it must."""
        found = [line for check in self.checks for line in check(told)]
        expected = {check.code for check in self.checks if isinstance(check, Found)}
        for finding in (*told["findings"], *told["leaks"]):
            # Data sets have equal rows: a few of them in two parts are a note, and true.
            few = finding["code"] == "duplicates_across_parts" and finding["kind"] == "note"
            if not few and finding["code"] not in {*expected, *self.may}:
                found.append(
                    f"{FALSE} {finding['kind']} {finding['code']}: {finding['sentence']} "
                    f"{finding['arguments']}"
                )
        return found


def facts(told: dict[str, Any], step: str) -> dict[str, Any]:
    """Field to value of what a step's record gives as facts."""
    fields = told["steps"].get(step, {})
    return {name: one["value"] for name, one in fields.items() if one.get("known") in FACTS}


def alike(value: Any, wanted: Any) -> bool:
    """Whether a value is the wanted one: a float about, a dict and a list in what they have."""
    if isinstance(wanted, Text):
        return wanted.text in str(value)
    if isinstance(wanted, dict):
        return isinstance(value, dict) and all(
            name in value and alike(value[name], one) for name, one in wanted.items()
        )
    if isinstance(wanted, list | tuple):
        return (
            isinstance(value, list)
            and len(value) == len(wanted)
            and all(alike(one, other) for one, other in zip(value, wanted, strict=True))
        )
    if isinstance(wanted, bool) or isinstance(value, bool):
        return wanted is value
    if isinstance(wanted, int | float) and isinstance(value, int | float):
        return math.isclose(value, wanted, rel_tol=1e-6)
    return bool(value == wanted)


@dataclass(frozen=True)
class Text:
    """Any value with this text in it."""

    text: str


@dataclass(frozen=True)
class Says:
    """A field has one of the values; with `ABSENT` among them it may be left out."""

    step: str
    name: str
    wanted: tuple[Any, ...]

    def __call__(self, told: dict[str, Any]) -> Iterator[str]:
        value = facts(told, self.step).get(self.name, ABSENT)
        if value is ABSENT:
            if ABSENT not in self.wanted:
                unsaid = told["steps"].get(self.step, {}).get(self.name)
                yield f"{MISSING} {self.step}.{self.name} = {_shown(self.wanted)} (has {unsaid})"
        elif not any(alike(value, one) for one in self.wanted if one is not ABSENT):
            yield f"{FALSE} {self.step}.{self.name} is {value!r}, not {_shown(self.wanted)}"


@dataclass(frozen=True)
class Found:
    """There is a finding with these arguments."""

    code: str
    arguments: dict[str, Any]

    def __call__(self, told: dict[str, Any]) -> Iterator[str]:
        every = [*told["findings"], *told["leaks"]]
        mine = [one for one in every if one["code"] == self.code]
        if not any(alike(one["arguments"], self.arguments) for one in mine):
            others = [one["arguments"] for one in mine]
            yield f"{MISSING} finding {self.code} {self.arguments or ''} (has {others})"


@dataclass(frozen=True)
class Never:
    """No fact of these steps has one of the values, nor a text in it."""

    unwanted: tuple[Any, ...]
    steps: tuple[str, ...] = ()

    def __call__(self, told: dict[str, Any]) -> Iterator[str]:
        for step in self.steps or tuple(told["steps"]):
            for name, value in facts(told, step).items():
                for one in _within(value):
                    for unwanted in self.unwanted:
                        if _is(one, unwanted):
                            yield f"{FALSE} {step}.{name} says {unwanted!r}: {str(value)[:200]}"


def says(step: str, name: str, *wanted: Any) -> Check:
    return Says(step, name, wanted)


def finds(code: str, **arguments: Any) -> Check:
    return Found(code, arguments)


def never(*unwanted: Any, steps: tuple[str, ...] = ()) -> Check:
    return Never(unwanted, steps)


def any_of(*checks: Check) -> Check:
    """One of the checks is enough."""

    def check(told: dict[str, Any]) -> Iterator[str]:
        found = [list(one(told)) for one in checks]
        if all(found):
            yield " | ".join(line for lines in found for line in lines)

    return check


def denies(step: str, name: str, *values: Any) -> Check:
    """A field, where it is there, has none of the values."""

    def check(told: dict[str, Any]) -> Iterator[str]:
        value = facts(told, step).get(name, ABSENT)
        if value is not ABSENT and any(alike(value, one) for one in values):
            yield f"{FALSE} {step}.{name} is {value!r}"

    return check


def has_operation(kind: str, name: str = "", **parts: Any) -> Check:
    """There is an operation of that kind and class, with these settings, values or parts."""

    def check(told: dict[str, Any]) -> Iterator[str]:
        for one in told["operations"]:
            held = {"settings": one["settings"], "values": one["values"], "parts": one["parts"]}
            if one["kind"] == kind and name in one["name"] and alike(held, parts):
                return
        seen = [
            f"{one['name']} {one['parts']}" for one in told["operations"] if one["kind"] == kind
        ]
        yield f"{MISSING} operation {kind} {name} {parts} (has {seen})"

    return check


def ended(status: str) -> Check:
    def check(told: dict[str, Any]) -> Iterator[str]:
        if told["status"] != status:
            yield f"{FALSE} status {told['status']}, not {status}"

    return check


def other_data(told: dict[str, Any]) -> Iterator[str]:
    """The fingerprint of the data is not that of the notebook as it was generated."""
    digest = told["fingerprints"].get("data")
    if not digest:
        yield f"{MISSING} fingerprint of the data"
    elif digest == told["unedited"]["fingerprints"].get("data"):
        yield f"{FALSE} fingerprint of the data is the old one"


def same_data(told: dict[str, Any]) -> Iterator[str]:
    if told["fingerprints"].get("data") != told["unedited"]["fingerprints"].get("data"):
        yield f"{FALSE} fingerprint of the data is another one"


def _within(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield str(name)
            yield from _within(one)
    elif isinstance(value, list):
        for one in value:
            yield from _within(one)
    else:
        yield value


def _is(value: Any, unwanted: Any) -> bool:
    if isinstance(unwanted, str):
        return isinstance(value, str) and unwanted.lower() in value.lower()
    return alike(value, unwanted)


def _shown(wanted: tuple[Any, ...]) -> str:
    return " or ".join("absent" if one is ABSENT else repr(one) for one in wanted)
