"""What a run was observed to do, held against the fields of its pack."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from mlprov_widgets.packs import Pack, Parameter
from mlprov_widgets.provenance.legacy import RecordedValue
from mlprov_widgets.record import STEPS, Cell, Finding, Record, Step, Value, source_hash
from mlprov_widgets.record.findings import has, sentence

# Choices whose live object a run records by the name that the pack has for it.
LIVE = ("optimizer", "loss_function")
# Terms for which what was observed is the value of the field, whatever a constant says.
_EXACT = (*LIVE, "optimizer_learning_rate", "batch_size", "random_seed", "stratified", "epochs")
# Parameters that are recorded under another name, which is not the paper's for them.
_RECORDED_AS = {"stratify": "stratified"}
# Settings of optimizers that say something where they are not 0.
_SETTINGS = ("momentum", "weight_decay", "nesterov", "dampening", "amsgrad", "maximize")
# What a notebook that is written from the fields does not do again.
_NOT_AGAIN = frozenset({
    "replaced_before_training", "changed_before_training", "changed_after_training",
    "initial_weights_differ", "trained_in_several_executions", "measured_on",
    "data_changed_after_ingestion", "predictions_overwritten", "not_this_source",
    "nothing_left_to_train", "fitted_outside_training", "measured_on_seen_rows",
    "resumed_from_other_split", "parts_overlap", "cells_not_run", "changed_during_training",
    "trained_on_validation", "trained_on_other_rows", "metric_differs",
})  # fmt: skip
_SCHEDULES = "torch.optim.lr_scheduler."
_MOST_SOURCE = 200_000

# Name, value and reason of something that no field holds.
Left = tuple[str, Value, str]


def observed_value(pack: Pack, record: Record, one: RecordedValue) -> RecordedValue:
    """A value of the notebook as its cells really had it, as far as that was observed.

    Parameters
    ----------
    pack : Pack
    record : Record
        One that says how it knows its values.
    one : RecordedValue
        What the notebook was generated with.
    """
    parameter = pack.parameters.get(one.parameter)
    if parameter is None:
        return one
    for where, really in _choices(record, parameter, one):
        return RecordedValue(one.parameter, really, really, where)
    if not (parameter.constant or parameter.name in (*LIVE, *_RECORDED_AS)):
        return one
    seen, read = _seen(record, parameter), _read(record, parameter)
    exact = bool({parameter.term, parameter.name, _RECORDED_AS.get(parameter.name)} & {*_EXACT})
    if parameter.name == "epochs" and read and seen and _may_stop_early(record, read[0][1], seen):
        exact = False
    # Of a split the rows come out as shares that are not those that were asked for.
    for where, really in [*seen, *read] if exact else [*read, *seen]:
        if not _alike(really, one.value):
            continue
        if really == one.value or is_default_marker(parameter, one.value):
            return one
        return RecordedValue(one.parameter, really, really, where)
    return one


def is_default_marker(parameter: Parameter, value: Value) -> bool:
    """Whether it is the 0 that a pack replaces by a fitting number."""
    return bool(parameter.zero) and value == 0


def without_a_field(
    pack: Pack, record: Record, values: dict[str, Value], counted: Collection[str] = ()
) -> Iterator[Left]:
    """What the run was observed to do, and no field of the pack takes.

    Parameters
    ----------
    pack : Pack
    record : Record
        One that says how it knows its values.
    values : dict
        What the fields get.
    counted : collection of str
        Parameters that counted when the notebook was generated, where that is known.
    """
    changed = _changed_steps(pack, record)
    by_hand = bool(changed) or any(one.code in _NOT_AGAIN for one in record.findings)
    if by_hand:
        yield from _optimizer_settings(pack, record)
        yield from _schedule(pack, record, values)
        yield from _not_used(pack, record, values, counted)
    for one in record.findings:
        if one.code in _NOT_AGAIN and not _is_held(one, record, pack, values):
            reason = f"{sentence(one)} A notebook that is written from the fields does not do that."
            yield one.code.replace("_", " "), None, reason
    for step, how in changed.items():
        reason = "Cells were changed by hand, and the fields may not hold all of that."
        yield step or "cells outside of the steps", ", ".join(how), reason


def _step(record: Record, name: str) -> Step:
    return record.steps.get(name, Step())


# -- what fields hold -------------------------------------------------------------------------


def _seen(record: Record, parameter: Parameter) -> list[tuple[str, Value]]:
    terms = (_RECORDED_AS.get(parameter.name, ""), parameter.term, parameter.name)
    return [
        (f"{name}.{term}", step.values[term])
        for name, step in record.steps.items()
        for term in dict.fromkeys(terms)
        if term and step.known.get(term) == "observed" and term in step.values
    ]


def _read(record: Record, parameter: Parameter) -> list[tuple[str, Value]]:
    return [
        (f"{name}.{parameter.symbol}", step.constants[parameter.symbol])
        for name, step in record.steps.items()
        if parameter.constant and parameter.symbol in step.constants
    ]


def _alike(one: Value, other: Value) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return type(one) is type(other)
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    return numbers or type(one) is type(other)


def _may_stop_early(record: Record, asked: Value, seen: list[tuple[str, Value]]) -> bool:
    """Whether fewer epochs than were asked for were run for a reason that is no edit."""
    fewer = any(_alike(ran, asked) and ran < asked for _, ran in seen)
    constants = [name for step in record.steps.values() for name in step.constants]
    stops = any("EARLY" in name for name in constants) or record.values.get("early_stopping")
    return fewer and (bool(stops) or record.status != "finished")


def _choices(
    record: Record, parameter: Parameter, one: RecordedValue
) -> Iterator[tuple[str, Value]]:
    """Other choices than that of the notebook, where the run shows that it was this one."""
    codes = {choice.code: choice.value for choice in parameter.choices if choice.code}
    if parameter.term == "dataset_id" and has(record, "not_this_source"):
        found = _step(record, "data_ingestion").values.get("dataset_id")
        if found in [choice.value for choice in parameter.choices]:
            yield "data_ingestion.dataset_id", found
    if parameter.step == "data_preparation" and all(code[:1].isupper() for code in codes):
        classes = [code for code in codes if code in _operations(record)]
        if len(classes) == 1 and codes[classes[0]] != one.value:
            yield "data_preparation.operations", codes[classes[0]]
    if _is_schedule(parameter):
        schedule = codes.get(f"{_SCHEDULES}{_scheduler(record)}")
        if schedule is not None and schedule != one.value:
            yield "model_training.lr_scheduler", schedule


def _operations(record: Record) -> set[str]:
    """Names of the classes that prepared the data."""
    told = _step(record, "data_preparation").values.get("operations")
    names = (re.match(r"\w+", str(one)) for one in (told if isinstance(told, list) else ()))
    return {name.group() for name in names if name is not None}


def _is_schedule(parameter: Parameter) -> bool:
    return any(choice.code.startswith(_SCHEDULES) for choice in parameter.choices)


def _scheduler(record: Record) -> str:
    name = _step(record, "model_training").values.get("lr_scheduler")
    return name if isinstance(name, str) and name != "none" else ""


# -- what they do not hold --------------------------------------------------------------------


def _optimizer_settings(pack: Pack, record: Record) -> Iterator[Left]:
    step = _step(record, "model_parameters")
    settings = step.values.get("optimizer_parameters")
    reason = f"The pack {pack.name} has no field for this setting of the optimizer."
    if step.known.get("optimizer_parameters") != "observed":
        return
    # What the pack writes by itself needs no field.
    written = "\n".join(cell.generated or "" for cell in record.cells if cell.kind == "code")
    for name, value in settings.items() if isinstance(settings, dict) else ():
        if isinstance(value, dict):
            kept = {key: value[key] for key in ("lr", *_SETTINGS) if value.get(key)}
            yield name, kept, "The fields have one optimizer with one group of parameters."
        elif name in _SETTINGS and value and f"{name}=" not in written:
            yield name, value, reason


def _schedule(pack: Pack, record: Record, values: dict[str, Value]) -> Iterator[Left]:
    """A schedule that is none of the pack's, or a rate that changed without one."""
    parameter = next((one for one in pack.parameters.values() if _is_schedule(one)), None)
    name = _scheduler(record)
    codes = {choice.code for choice in parameter.choices} if parameter is not None else set()
    if name and f"{_SCHEDULES}{name}" not in codes:
        yield "lr_scheduler", name, f"The pack {pack.name} has no such schedule."
    training = _step(record, "model_training").values
    rates = [training.get(f"learning_rate_{which}") for which in ("first", "last")]
    scheduled = parameter is not None and values.get(parameter.name) not in (None, "none")
    if None not in rates and rates[0] != rates[1] and not name and not scheduled:
        reason = "The learning rate changed during training, which no field here makes it do."
        yield "learning rate", f"from {rates[0]} to {rates[1]}", reason


def _not_used(
    pack: Pack, record: Record, values: dict[str, Value], counted: Collection[str]
) -> Iterator[Left]:
    """Fields of a model and its training that the notebook had, and that run did without."""
    trained = _step(record, "model_training").known.get("executions") == "observed"
    without = trained and "optimizer" not in _step(record, "model_parameters").known
    if without and values.get("optimizer") is not None:
        yield "optimizer", values["optimizer"], "That run was seen to train without one."
    # Constants are known of the cells of steps; the other ones say only what they may have read.
    others = [cell for cell in record.cells if cell.step not in STEPS]
    read = {name for cell in others for one in cell.executions for name in one.reads}
    for name, parameter in pack.parameters.items():
        if not parameter.constant or parameter.step not in ("model_parameters", "model_training"):
            continue
        value = values.get(name)
        counts = name in record.values and (not counted or name in counted)
        idle = value is None or (not isinstance(value, str) and not value)
        known = _seen(record, parameter) or _read(record, parameter) or parameter.symbol in read
        if counts and not idle and not known:
            yield name, value, f"No cell was seen to read {parameter.symbol} in that run."


def _is_held(one: Finding, record: Record, pack: Pack, values: dict[str, Value]) -> bool:
    """Whether the fields hold what a finding tells of."""
    said = one.arguments
    if one.code == "not_this_source":
        ids = [name for name, field in pack.parameters.items() if field.term == "dataset_id"]
        loaded = _step(record, "data_ingestion").values.get("dataset_id")
        return loaded is not None and any(values.get(name) == loaded for name in ids)
    what, now = said.get("what"), str(said.get("is"))
    if one.code == "replaced_before_training":
        if what == "loss":
            return now in (f"{values.get('loss_function')}()", values.get("loss_function"))
        # Settings for which there is no field are told one by one.
        return what == "optimizer" and now.split(" ")[0] == values.get("optimizer")
    return one.code == "changed_before_training" and what == "optimizer"


def _changed_steps(pack: Pack, record: Record) -> dict[str, list[str]]:
    """Steps whose cells ran otherwise than generated, in more than values of constants."""
    symbols = {one.symbol for one in pack.parameters.values() if one.constant}
    found: dict[str, list[str]] = {}
    for cell in record.cells:
        if cell.kind == "code" and _is_changed(cell, symbols):
            how = found.setdefault(cell.step, [])
            how += [cell.origin] if cell.origin not in how else []
    return found


def _is_changed(cell: Cell, symbols: set[str]) -> bool:
    known = _without(cell.generated or "", symbols)
    wanted = source_hash(cell.generated) if cell.generated is not None else ""
    return any(
        source_hash(one.source) != wanted and _without(one.source, symbols) != known
        for one in cell.executions
    )


def _without(source: str, symbols: set[str]) -> str:
    """The code of a cell but for assignments of these names; as it is where it is no Python."""
    if len(source) > _MOST_SOURCE:
        return source
    try:
        tree = ast.parse(source)
        tree.body = [line for line in tree.body if not _assigns_only(line, symbols)]
        return ast.dump(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source


def _assigns_only(line: ast.stmt, symbols: set[str]) -> bool:
    if not isinstance(line, ast.Assign):
        return False
    if not all(isinstance(one, ast.Name) and one.id in symbols for one in line.targets):
        return False
    try:
        ast.literal_eval(line.value)  # a call could do anything
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True
