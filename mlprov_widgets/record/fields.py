"""What the fields and the metrics of a record mean: ``fields.toml`` and packs declare each once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from mlprov_widgets._files import asset_table
from mlprov_widgets.wording import capitalize, humanize, is_numeric, one_line

if TYPE_CHECKING:
    from mlprov_widgets.record.run import Record, Value

KINDS = ("count", "share", "part", "shape", "class", "identifier", "text")
DIRECTIONS = ("maximize", "minimize")
# On which rows a metric is measured; one of folds on those that each of them leaves out.
MEASURED_ON = ("training", "validation", "test", "folds")
# What was seen of the predictions at the end says nothing of metrics of these.
OTHER_PARTS = ("training", "validation", "folds")
# What the name of a metric begins with that has a value for each fold.
CROSS_VALIDATED = "cross_validation_"
_MOST_DECLARED = 500


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
    unit : str
        What the number measures, such as ``years``; empty for a pure number.
    part : str
        One of `MEASURED_ON`; empty where that is not declared.
    whole : bool
        Whether it is one of classes.
    error : bool
        Whether it is a distance of numbers, which says little of the numbers of classes.
    form : str
        ``matrix`` (a row for each true class) or ``per_class``; empty for a single number.
    mean_of : str
        The metric of single classes whose mean it is.
    score_of : str
        The class of scikit-learn whose ``score`` computes it.
    baseline_of : str
        The metric beside which it is told: what guessing without looking comes to.
    """

    name: str
    label: str
    aliases: tuple[str, ...] = ()
    direction: str = ""
    headline: bool = False
    unit: str = ""
    part: str = ""
    whole: bool = False
    error: bool = False
    form: str = ""
    mean_of: str = ""
    score_of: str = ""
    baseline_of: str = ""

    @property
    def better(self) -> str:
        """``higher is better`` or ``lower is better``; empty where that is not known."""
        words = {"maximize": "higher is better", "minimize": "lower is better"}
        return words.get(self.direction, "")

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


@dataclass(frozen=True)
class Vocabulary:
    """What the fields and the metrics of a record mean.

    Parameters
    ----------
    steps : dict of str to tuple of Field
        The fields of each step or other group, in the order in which they are told.
    metrics : tuple of Metric
        In the order in which they are told.
    """

    steps: dict[str, tuple[Field, ...]]
    metrics: tuple[Metric, ...]

    def fields_of(self, step: str) -> tuple[Field, ...]:
        """The declared fields of a step or of another group, in the order of telling."""
        return self.steps.get(step, ())

    def field_of(self, step: str, name: str) -> Field:
        """The field that is recorded under this name; what nobody declared has its own name."""
        for one in self.fields_of(step):
            if name == one.name or name in one.aliases:
                return one
        return Field(name, humanize(name), step)

    def metric_of(self, name: str) -> Metric:
        """The metric that is recorded under this name; what nobody declared has its own name."""
        found = self._metrics.get(name.lower())
        if found is None and name.startswith(CROSS_VALIDATED):
            single = self._metrics.get(name.removeprefix(CROSS_VALIDATED).lower())
            if single is not None:
                label = f"Cross-validated {single.term}"
                return replace(single, name=name, aliases=(), label=label, part="folds")
        return found or Metric(name, capitalize(humanize(name)))

    def unit_of(self, name: str, value: object) -> str:
        """What the value of a field counts or measures; empty for what is no number, or a pure one.

        Parameters
        ----------
        name : str
            As it is recorded, in whatever step.
        value : object
            Sizes of parts are recorded as a number of samples, or as a share from 0 to 1.
        """
        field = self._fields.get(name) if is_numeric(value) else None
        if field is None:
            return ""
        is_share = field.kind == "part" and isinstance(value, float) and 0 <= value <= 1
        return "share of all samples" if is_share else field.unit

    @cached_property
    def _fields(self) -> dict[str, Field]:
        every = [field for fields in self.steps.values() for field in fields]
        return {name: one for one in every[::-1] for name in (*one.aliases[::-1], one.name)}

    @cached_property
    def _metrics(self) -> dict[str, Metric]:
        every = self.metrics[::-1]
        return {name.lower(): one for one in every for name in (*one.aliases, one.name)}


_Declared = TypeVar("_Declared", Field, Metric)


def vocabulary_of(record: Record) -> Vocabulary:
    """What the fields and the metrics of a record mean: its pack's declarations before the core's.

    Parameters
    ----------
    record : Record
        What its pack declared is believed only as far as it is well formed.
    """
    known = core()
    if not record.declared:
        return known
    own = tuple(_well_formed(Metric, map(_completed, record.declared.get("metrics", ()))))
    steps = dict(known.steps)
    for one in _well_formed(Field, record.declared.get("fields", ())):
        others = (other for other in steps.get(one.step, ()) if other.name != one.name)
        steps[one.step] = (*others, one)
    names = {one.name for one in own}
    rest = tuple(one for one in known.metrics if one.name not in names)
    return Vocabulary(steps, own + rest)


def _completed(row: object) -> object:
    """A declaration of a metric that the core knows, with what only the core says of it."""
    name = row.get("name") if isinstance(row, dict) else None
    found = [one for one in core().metrics if one.name == name]
    of_core = ("whole", "error", "form", "score_of")
    kept = {key: getattr(one, key) for one in found for key in of_core}
    return {**kept, **row} if isinstance(row, dict) else row


def _well_formed(kind: type[_Declared], rows: Iterable[object]) -> Iterator[_Declared]:
    """What rows of a file declare, without what is no declaration."""
    types = {one.name: {"str": str, "bool": bool}.get(str(one.type)) for one in fields(kind)}
    for row in islice(rows, _MOST_DECLARED):
        if not isinstance(row, dict) or not {"name", "label"} <= row.keys():
            continue
        if all(type(value) is types.get(name) for name, value in row.items()):
            texts = {name: one_line(one, 80) for name, one in row.items() if isinstance(one, str)}
            yield kind(**{**row, **texts})


def core() -> Vocabulary:
    """What ``fields.toml`` declares."""
    return _declared()[0]


def title_of(step: str) -> str:
    """What people call a step of the pipeline."""
    return _declared()[1].get(step) or humanize(step, 24).capitalize()


def is_declared(step: str) -> bool:
    """Whether it is a step of the core's pipeline."""
    return step in _declared()[1]


@lru_cache(maxsize=1)
def _declared() -> tuple[Vocabulary, dict[str, str]]:
    groups = asset_table("record/fields.toml")
    metrics = tuple(Metric(**_frozen(one)) for one in groups.pop("metrics")["fields"])
    steps = {
        step: tuple(Field(**_frozen(one), step=step) for one in group.get("fields", ()))
        for step, group in groups.items()
    }
    return Vocabulary(steps, metrics), {step: group["title"] for step, group in groups.items()}


def _frozen(declared: dict[str, Value]) -> dict[str, Value]:
    return {**declared, "aliases": tuple(declared.get("aliases", ()))}
