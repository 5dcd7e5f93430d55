"""Values against a pack: what is missing is filled in, what is wrong is said in words."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import InvalidValuesError, Problem, TableError
from mlprov_widgets.packs.model import Pack, Parameter

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
    table : Table or None
        The user's table, where one was looked at.
    defaults : dict
        What each parameter has when nobody chooses it, given the other values.
    """

    values: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)
    table: Table | None = None
    defaults: dict[str, Any] = field(default_factory=dict)

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
        Whether to look at the user's table, if one is named.

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
            result.notes.append(
                Problem(name, f"{name} is left out: it counts only if {condition}.")
            )
    if look:
        _look_at_table(pack, given, result, Path(folder))
    for rule in pack.rules:
        if rule.parameter in result.shown and rule.when(result.values):
            found = result.problems if rule.error else result.notes
            found.append(Problem(rule.parameter, rule.message))
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
            hint = f"; did you mean {near[0]}?" if near else "."
            result.problems.append(
                Problem(str(name), f"{pack.name} has no parameter {str(name)[:80]!r}{hint}")
            )
            continue
        try:
            given[name] = parameter.check(value)
        except ValueError as error:
            result.problems.append(Problem(name, str(error)))
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


def _look_at_table(pack: Pack, given: Mapping[str, Any], result: Checked, folder: Path) -> None:
    for parameter in pack.parameters.values():
        if parameter.type == "csv_file" and parameter.name in result.shown:
            belongs = [p for p in pack.parameters.values() if p.table == parameter.name]
            _look_at_one(parameter, belongs, given, result, folder)


def _look_at_one(
    parameter: Parameter,
    belongs: list[Parameter],
    given: Mapping[str, Any],
    result: Checked,
    folder: Path,
) -> None:
    from mlprov_widgets.tables import inspect_table

    path = result.values[parameter.name]
    if not path:
        if not result.messages(parameter.name):
            result.problems.append(Problem(parameter.name, "Choose the CSV file with your data."))
        return
    try:
        table = inspect_table(folder / expand_home(path))
    except TableError as error:
        result.problems.append(Problem(parameter.name, str(error)))
        return
    result.table = table
    result.values[parameter.name] = _as_seen_from(folder, path)
    result.notes += [Problem(parameter.name, note) for note in table.notes]
    names = [column.name for column in table.columns]
    target = ""
    features: list[str] = []
    for member in belongs:
        value = result.values[member.name]
        if member.type == "column":
            if not value:
                value = result.defaults[member.name] = table.guess_target()
            elif value not in names:
                result.problems.append(Problem(member.name, _no_column(value, names)))
                return
            result.values[member.name] = target = value
        elif member.type == "columns":
            for name in value:
                if name not in names:
                    result.problems.append(Problem(member.name, _no_column(name, names)))
                    return
            features = value
    for member in belongs:
        if member.type == "columns" and target in features:
            result.problems.append(
                Problem(
                    member.name,
                    f"{target[:80]!r} is the target; it cannot be a feature as well.",
                )
            )
            return
        if member.type == "column":
            try:
                notes = table.check_target(target, features or None)
            except TableError as error:
                result.problems.append(Problem(member.name, str(error)))
            else:
                result.notes += [Problem(member.name, note) for note in notes]
        if member.type == "table_format":
            result.values[member.name] = table.format_for(target)
            result.defaults[member.name] = result.values[member.name]


def _as_seen_from(folder: Path, path: str) -> str:
    """A path inside the notebook's folder relative to it, so that both can move together."""
    # Not resolved: a link that lies in the folder is a file of the folder.
    absolute = Path(os.path.normpath(folder.absolute() / expand_home(path)))
    start = Path(os.path.normpath(folder.absolute()))
    inside = absolute.is_relative_to(start)
    return absolute.relative_to(start).as_posix() if inside else str(absolute)


def expand_home(path: str) -> Path:
    """The path with a home folder for its ``~``; that of an unknown person is left as it is."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def _no_column(name: str, names: list[str]) -> str:
    listed = ", ".join(repr(other[:40]) for other in names[:12])
    more = f" and {len(names) - 12:,} more" if len(names) > 12 else ""
    return f"The table has no column {name[:80]!r}; it has {listed}{more}."
