"""What the fields and the metrics of a record mean; ``fields.toml`` declares each of them once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from mlprov_widgets._files import asset
from mlprov_widgets.record.run import Value
from mlprov_widgets.wording import capitalize, humanize, is_numeric


@dataclass(frozen=True)
class Field:
    """A field that a step, or another group of a record, may have.

    Parameters
    ----------
    name : str
        As it is recorded.
    label : str
        What people call it.
    step : str
        The step, or the group such as ``hardware_info``, that records it.
    aliases : tuple of str
        Other names that it is recorded under.
    card : str or None
        Its label on the card of the step; None where it is not on it.
    kind : str
        ``count``, ``share``, ``part`` (of the samples), ``shape``, ``class``, ``identifier`` or
        ``text``.
    unit : str
        What a number counts or measures, such as ``rows`` or ``s``; empty for a pure number.
    also : str
        Another step that may record it.
    report : bool
        Whether it is told among the fields of that step.
    """

    name: str
    label: str
    step: str = ""
    aliases: tuple[str, ...] = ()
    card: str | None = None
    kind: str = "text"
    unit: str = ""
    also: str = ""
    report: bool = True

    def find(self, values: Mapping[str, Value]) -> tuple[str, Value]:
        """The name under which it is recorded, and its value; an empty name where it is not."""
        for name in (self.name, *self.aliases):
            value = values.get(name)
            if value is not None and value != "" and value != [] and value != {}:
                return name, value
        return "", None


@dataclass(frozen=True)
class Metric:
    """A number that an evaluation may come to.

    Parameters
    ----------
    name : str
        As it is recorded.
    label : str
        What people call it.
    aliases : tuple of str
        Other names that it is recorded under, such as that of the function that computes it.
    direction : str
        ``maximize`` or ``minimize``; empty where it is not known which is better.
    headline : bool
        Whether it is among the first that are told.
    whole : bool
        Whether it is one of classes.
    error : bool
        Whether it is a distance of numbers, which says little of the numbers of classes.
    """

    name: str
    label: str
    aliases: tuple[str, ...] = ()
    direction: str = ""
    headline: bool = False
    whole: bool = False
    error: bool = False

    @property
    def term(self) -> str:
        """The label inside a line or a sentence: ``accuracy``, but ``ROC AUC``."""
        label = self.label
        return label[:1].lower() + label[1:] if label[1:2].islower() else label

    @property
    def phrase(self) -> str:
        """The same with its article: ``an accuracy``."""
        first, is_word = self.term[:1], self.term[1:2].islower()
        # Of what is spelt out, the name of its first letter is said: an F1, an R².
        vowels = "aeioAEIO" if is_word else "AEFHILMNORSX"
        return f"{'an' if first and first in vowels else 'a'} {self.term}"


def fields_of(step: str) -> tuple[Field, ...]:
    """The declared fields of a step or of another group, in the order in which they are told."""
    return _declared()[0].get(step, ())


def field_of(step: str, name: str) -> Field:
    """The field that is recorded under this name; one that nobody declared has its own name."""
    for one in fields_of(step):
        if name == one.name or name in one.aliases:
            return one
    return Field(name, humanize(name), step)


def unit_of(name: str, value: object) -> str:
    """What the value of a field counts or measures; empty for what is no number, or a pure one.

    Parameters
    ----------
    name : str
        As it is recorded, in whatever step.
    value : object
        Sizes of parts are recorded as a number of samples, or as a share from 0 to 1.
    """
    if not is_numeric(value):
        return ""
    field = _by_name().get(name)
    if field is None:
        return ""
    is_share = field.kind == "part" and isinstance(value, float) and 0 <= value <= 1
    return "share of all samples" if is_share else field.unit


def title_of(step: str) -> str:
    """What people call a step of the pipeline."""
    return _declared()[1].get(step) or humanize(step, 24).capitalize()


def is_declared(step: str) -> bool:
    """Whether it is a step of the core's pipeline."""
    return step in _declared()[1]


def metric_of(name: str) -> Metric:
    """The metric that is recorded under this name; one that nobody declared has its own name."""
    lower = name.lower()
    for one in metrics():
        if lower == one.name or lower in one.aliases:
            return one
    return Metric(name, capitalize(humanize(name)))


def metrics() -> tuple[Metric, ...]:
    """All declared metrics, in the order in which they are told."""
    return _declared()[2]


@lru_cache(maxsize=1)
def _by_name() -> dict[str, Field]:
    every = [field for fields in _declared()[0].values() for field in fields]
    return {name: one for one in every[::-1] for name in (*one.aliases[::-1], one.name)}


@lru_cache(maxsize=1)
def _declared() -> tuple[dict[str, tuple[Field, ...]], dict[str, str], tuple[Metric, ...]]:
    groups = tomllib.loads(asset("record/fields.toml"))
    found = tuple(Metric(**_frozen(one)) for one in groups.pop("metrics")["fields"])
    fields = {
        step: tuple(Field(**_frozen(one), step=step) for one in group.get("fields", ()))
        for step, group in groups.items()
    }
    return fields, {step: group["title"] for step, group in groups.items()}, found


def _frozen(declared: dict[str, Value]) -> dict[str, Value]:
    return {**declared, "aliases": tuple(declared.get("aliases", ()))}
