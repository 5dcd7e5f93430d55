"""Values against a pack: what is missing is filled in, what is wrong is said in words."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import InvalidValueError, InvalidValuesError, Problem
from mlprov_widgets.packs.model import Pack

if TYPE_CHECKING:
    from mlprov_widgets.tables import Table


@dataclass
class Checked:
    """What came of checking values.

    Parameters
    ----------
    values : dict
        Every parameter with a value; wrong ones are replaced by their default.
    problems : list of Problem
        What has to be changed, parameter by parameter.
    notes : list of Problem
        What is worth knowing.
    shown : set of str
        Parameters whose condition holds: the questions that matter for these values.
    found : dict of str to object
        The user's data by the parameter that names them, where they could be looked at: a
        `Table`, `ImageFolder` or `ArrayFile`.
    defaults : dict
        What each parameter has when nobody chooses it, given the other values.
    """

    values: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)
    found: dict[str, Any] = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)

    @property
    def table(self) -> Table | None:
        """The user's table, where one was looked at."""
        from mlprov_widgets.tables import Table

        return next((data for data in self.found.values() if isinstance(data, Table)), None)

    def messages(self, parameter: str) -> list[str]:
        """What is wrong with one parameter."""
        return [p.message for p in self.problems if p.parameter == parameter]

    @property
    def changed(self) -> dict[str, Any]:
        """The values that matter and differ from what they are by default."""
        return {
            name: value
            for name, value in self.values.items()
            if name in self.shown and value != self.defaults.get(name)
        }


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
