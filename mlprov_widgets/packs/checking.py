"""Values against a pack: what is missing is filled in, what is wrong is said in words."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import InvalidValueError, InvalidValuesError, Problem
from mlprov_widgets.packs.checked import Checked
from mlprov_widgets.packs.model import Pack


def check_values(
    pack: Pack, values: Mapping[str, Any], folder: Path | str = ".", look: bool = True
) -> Checked:
    """Check values and fill in what is missing; never raises for a wrong value.

    Parameters
    ----------
    pack : Pack
    values : Mapping
        Some of the pack's parameters.
    folder : Path or str
        What relative paths are relative to: where the notebook will be.
    look : bool
        Whether to look at the user's data, if any are named.

    Returns
    -------
    Checked
    """
    result = Checked(values={})
    given = _checked_one_by_one(pack, values, result)
    _fill_in(pack, given, result)
    for name in given:
        if name not in result.shown and given[name] != result.values[name]:
            condition = pack.parameters[name].when.text
            result.notes.append(Problem(name, "value_left_out", {"condition": condition}))
    # What the user's data are completes the values.
    for parameter in pack.parameters.values() if look else ():
        if parameter.name in result.shown:
            members = [p for p in pack.parameters.values() if p.table == parameter.name]
            parameter.kind.look(parameter, members, result, Path(folder))
    for rule in pack.rules:
        if rule.parameter in result.shown and rule.when(result.values):
            found = result.problems if rule.error else result.notes
            found.append(Problem(rule.parameter, "verbatim", {"text": rule.message}))
    return result


def complete_values(
    pack: Pack, values: Mapping[str, Any], folder: Path | str = "."
) -> dict[str, Any]:
    """Every parameter of the pack with its value.

    Raises
    ------
    InvalidValuesError
        If a value is wrong; it names all that are.
    """
    checked = check_values(pack, values, folder)
    if checked.problems:
        raise InvalidValuesError(checked.problems)
    return checked.values


def _checked_one_by_one(pack: Pack, values: Mapping[str, Any], result: Checked) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name, value in values.items():
        parameter = pack.parameters.get(name)
        if parameter is None:
            near = difflib.get_close_matches(str(name), pack.parameters, 1)
            code = "parameter_misspelt" if near else "parameter_unknown"
            result.problems.append(Problem(str(name), code, {"pack": pack.name, "near": near}))
            continue
        try:
            given[name] = parameter.check(value)
        except InvalidValueError as error:
            result.problems.append(Problem.of(name, error))
    return given


def _fill_in(pack: Pack, given: Mapping[str, Any], result: Checked) -> None:
    """Defaults in the pack's order, so that a choice can set the default of what comes after it."""
    sets: dict[str, Any] = {}
    for parameter in pack.parameters.values():
        default = sets.get(parameter.name, parameter.default)
        result.defaults[parameter.name] = default
        result.values[parameter.name] = given.get(parameter.name, default)
        if parameter.choices:
            sets |= parameter.choice(result.values[parameter.name]).sets
    for parameter in pack.parameters.values():
        if parameter.when(result.values):
            result.shown.add(parameter.name)
        else:
            # A hidden value must not matter, or two runs that look alike would differ.
            result.values[parameter.name] = result.defaults[parameter.name]
