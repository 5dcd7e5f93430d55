"""Which recorded value goes into which field of a pack, and which cannot, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from mlprov_widgets.packs import Pack, check_values
from mlprov_widgets.provenance.legacy import RecordedValue, legacy_values
from mlprov_widgets.rebuild.observed_values import (
    LIVE,
    is_default_marker,
    observed_value,
    without_a_field,
)
from mlprov_widgets.record import Record, Value
from mlprov_widgets.record.findings import is_observed
from mlprov_widgets.wording import one_line

RECORDED_VALUES = "values"


@dataclass(frozen=True)
class FieldValue:
    """One recorded value, and the field of the pack that it goes into.

    Parameters
    ----------
    parameter, label : str
        The field.
    value : Value
        What the field gets.
    text : str
        The same as the pack says it.
    recorded : Value
        What the file says.
    source : str
        Where it says so: ``values`` (what the notebook was generated with), or step and term
        such as ``model_parameters.optimizer``.
    """

    parameter: str
    label: str
    value: Value
    text: str
    recorded: Value
    source: str


@dataclass(frozen=True)
class Unmapped:
    """A recorded value that no field takes, and the reason in a sentence."""

    name: str
    value: Value
    reason: str


@dataclass
class Mapped:
    """What a record says in terms of a pack.

    Parameters
    ----------
    pack : Pack or None
        None where no pack here fits.
    values : dict
        Valid for the pack; the other parameters keep their defaults.
    fields : list of FieldValue
        In the order of the pack's parameters.
    unmapped : list of Unmapped
    """

    pack: Pack | None
    values: dict[str, Value] = field(default_factory=dict)
    fields: list[FieldValue] = field(default_factory=list)
    unmapped: list[Unmapped] = field(default_factory=list)


def map_record(record: Record, packs: Mapping[str, Pack]) -> Mapped:
    """Find the pack for a record, and the field for each of its values.

    Parameters
    ----------
    record : Record
        Of ours, or of MLProvCodeGen 1.x as `legacy_record` gives it.
    packs : mapping of str to Pack
        Those that are here.
    """
    if record.pack:
        return map_values(packs.get(record.pack.get("name", "")), record.values, record)
    name, found, unmapped = legacy_values(record)
    mapped = _fit(packs.get(name), found)
    mapped.unmapped += [Unmapped(*one) for one in unmapped]
    return mapped


def map_values(
    pack: Pack | None,
    values: Mapping[str, Value],
    record: Record | None = None,
    counted: Collection[str] = (),
) -> Mapped:
    """Fit the values that a notebook was generated with, and what its run says beyond them.

    `counted` names those that counted then, where that is known: of the others nothing is lost.
    """
    found = [RecordedValue(name, value, value, RECORDED_VALUES) for name, value in values.items()]
    if pack is None or record is None:
        return _fit(pack, found, counted)
    if is_observed(record):
        mapped = _fit(pack, [observed_value(pack, record, one) for one in found], counted)
        left = without_a_field(pack, record, mapped.values, counted)
        mapped.unmapped += [Unmapped(*one) for one in left]
        return mapped
    for place, one in enumerate(found):
        parameter = pack.parameters.get(one.parameter)
        step = record.steps.get(parameter.step) if parameter else None
        if parameter is None or step is None or one.parameter not in step.values:
            continue
        really = step.values[one.parameter]
        # A constant that was edited in the notebook counts as it ran; a 0 that the pack
        # replaces by a fitting number is no edit.
        tunable = parameter.constant or parameter.name in LIVE
        if tunable and really != one.value and not is_default_marker(parameter, one.value):
            where = f"{parameter.step}.{one.parameter}"
            found[place] = RecordedValue(one.parameter, really, really, where)
    return _fit(pack, found, counted)


def _fit(
    pack: Pack | None, found: Iterable[RecordedValue], counted: Collection[str] = ()
) -> Mapped:
    mapped, found = Mapped(pack), list(found)
    if pack is None:
        reason = "There is no pack for this experiment here that could be read."
        mapped.unmapped = [Unmapped(one.parameter, one.recorded, reason) for one in found]
        return mapped
    known = {one.parameter: one for one in found if one.parameter in pack.parameters}
    # The data are not looked at: their path comes from a file that somebody may have sent.
    given = {name: one.value for name, one in known.items() if one.value is not None}
    checked = check_values(pack, given, look=False)
    # Of several problems the first.
    wrong = {problem.parameter: problem.message for problem in reversed(checked.problems)}
    for one in found:
        reason = ""
        if one.parameter not in pack.parameters:
            reason = f"The pack {pack.name} here has no such field."
        elif one.parameter in wrong:
            reason = wrong[one.parameter]
        elif one.parameter not in checked.shown and one.parameter in given:
            parameter = pack.parameters[one.parameter]
            idle = parameter.is_hidden or (counted and one.parameter not in counted)
            if one.value != parameter.default and not idle:
                reason = f"It counts only if {parameter.when.text}."
        if reason:
            mapped.unmapped.append(Unmapped(one.parameter, one.recorded, reason))
    for name, parameter in pack.parameters.items():
        if name not in known or name in wrong:
            continue
        if name in given:
            mapped.values[name] = given[name]
        if name in checked.shown and not parameter.is_hidden:
            value, one = checked.values[name], known[name]
            text = one_line(parameter.describe(value), 160) or "none"
            mapped.fields.append(
                FieldValue(name, parameter.label, value, text, one.recorded, one.source)
            )
    return mapped
