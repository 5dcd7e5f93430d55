"""What a pack declares twice, for nothing, or about what there is not."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from mlprov_widgets.errors import PackError
from mlprov_widgets.packs import Pack, Parameter
from mlprov_widgets.packs.declaration import Declaration
from mlprov_widgets.packs.rows import FIELDS
from mlprov_widgets.record.fields import core, is_declared

# What people read, so that it may not be empty.
_WORDS = ("title", "summary", "version", "task_type", "question", "needs", "label", "message")
_BOUNDS = ("minimum", "maximum", "exclusive_minimum", "zero", "unit")
_OF_COLUMNS = ("roles", "target", "optional")


def meaningless(pack: Pack, declared: Declaration) -> Iterator[PackError]:
    """Declarations that are allowed one by one, but cannot be meant."""
    yield from _empty(declared)
    for parameter in pack.parameters.values():
        yield from _without_meaning(declared, parameter)
        yield from _sets(pack, declared, parameter)
        labels = [choice.label for choice in parameter.choices]
        for number, choice in enumerate(parameter.choices):
            if choice.label in labels[:number]:
                code, said = "label_taken", {"label": choice.label}
                yield declared.of_choice(parameter.name, number, "label", code, **said)
    yield from _twice(pack, declared)
    yield from _results(pack, declared)


def _empty(declared: Declaration) -> Iterator[PackError]:
    for table, number, values in declared.every:
        for name in _WORDS:
            if isinstance(text := values.get(name), str) and not text.strip():
                yield declared.error(table, number, name, "field_empty", called=name)


def _without_meaning(declared: Declaration, parameter: Parameter) -> Iterator[PackError]:
    """Fields that say nothing about a parameter of its type."""
    takes = set(FIELDS["parameters"][0] | FIELDS["parameters"][1])
    if not parameter.kind.is_number:
        takes -= set(_BOUNDS)
    if parameter.type not in ("column", "columns"):
        takes -= set(_OF_COLUMNS)
    if not parameter.kind.belongs_to:
        takes -= {"table"}
    for name in declared.given(parameter.name):
        if name not in takes:
            said = {"called": name, "type": parameter.type}
            yield declared.error("parameters", parameter.name, name, "field_says_nothing", **said)


def _sets(pack: Pack, declared: Declaration, parameter: Parameter) -> Iterator[PackError]:
    """Defaults that a choice would set of what has its own already: they are never used."""
    names = list(pack.parameters)
    before = names[: names.index(parameter.name) + 1]
    for number, choice in enumerate(parameter.choices):
        for name in choice.sets:
            if name in before:
                place = (parameter.name, number, f"sets.{name}")
                yield declared.of_choice(*place, "sets_too_late", name=name)


def _twice(pack: Pack, declared: Declaration) -> Iterator[PackError]:
    """Labels and terms that two of a kind share, so that nobody can tell them apart."""
    every = pack.parameters.values()
    asked = [(one.name, one.label, one.page, one.when.text) for one in every]
    terms = [(one.name, one.term, one.step, one.when.text) for one in every if one.term]
    metrics = [(one.name, one.label, "", "") for one in pack.metrics]
    for table, field, code, rows in (
        ("parameters", "label", "label_taken", asked),
        ("parameters", "term", "term_taken", terms),
        ("metrics", "label", "label_taken", metrics),
    ):
        for at, (name, label, place, when) in enumerate(rows):
            # Those of two different conditions may never be there together.
            if any(one[1:3] == (label, place) and one[3] in (when, "") for one in rows[:at]):
                yield declared.error(table, name, field, code, label=label)


def _results(pack: Pack, declared: Declaration) -> Iterator[PackError]:
    """Metrics beside which nothing can be told, and fields of steps that there are not."""
    known = {one.name for one in (*pack.metrics, *core().metrics)}
    for metric in pack.metrics:
        if metric.baseline_of == metric.name:
            yield declared.error("metrics", metric.name, "baseline_of", "baseline_of_itself")
        elif metric.baseline_of and metric.baseline_of not in known:
            near = get_close_matches(metric.baseline_of, known, 1)
            said = {"name": metric.baseline_of, "near": near}
            yield declared.error("metrics", metric.name, "baseline_of", "metric_missing", **said)
    steps = {cell.step for cell in pack.cells}
    for field in pack.fields:
        if field.step not in steps and not is_declared(field.step):
            said = {"step": field.step, "near": get_close_matches(field.step, steps, 1)}
            yield declared.error("fields", field.name, "step", "field_of_no_step", **said)
