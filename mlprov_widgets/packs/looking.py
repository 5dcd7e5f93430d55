"""The user's own data: looked at when values are checked, so that code fits what is there."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import ImageError, Problem, TableError
from mlprov_widgets.packs.model import Pack
from mlprov_widgets.packs.parameters import Parameter

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


@dataclass(frozen=True)
class _Kind:
    """How data of one type of parameter are looked at.

    Parameters
    ----------
    missing : str
        What to say where no path is given; empty if none is needed.
    inspect : callable
        Takes the path; gives what is found there, if that is anything to keep.
    settle : callable, optional
        Takes the parameters that belong to the data, what was found, and the result to complete.
    """

    missing: str
    inspect: Callable[[Path], Any]
    settle: Callable[[list[Parameter], Any, Checked], None] | None = None


def look_at_data(pack: Pack, result: Checked, folder: Path) -> None:
    """Look at all data that the values name, and complete the values with what is found.

    Parameters
    ----------
    pack : Pack
    result : Checked
        Its values are those to use; problems and notes are added.
    folder : Path
        What relative paths are relative to.
    """
    for parameter in pack.parameters.values():
        kind = _KINDS.get(parameter.type)
        if kind is not None and parameter.name in result.shown:
            belongs = [p for p in pack.parameters.values() if p.table == parameter.name]
            _look_at_one(parameter, kind, belongs, result, folder)


def _look_at_one(
    parameter: Parameter, kind: _Kind, belongs: list[Parameter], result: Checked, folder: Path
) -> None:
    name = parameter.name
    path = result.values[name]
    if not path:
        if not result.messages(name):
            result.problems.append(Problem(name, kind.missing))
        return
    try:
        found = kind.inspect(folder / expand_home(path))
    except (TableError, ImageError) as error:
        result.problems.append(Problem(name, str(error)))
        return
    same = path == result.defaults[name]
    result.values[name] = _as_seen_from(folder, path)
    if same:
        result.defaults[name] = result.values[name]
    if found is None:
        return
    result.found[name] = found
    result.notes += [Problem(name, note) for note in found.notes]
    if kind.settle is not None:
        kind.settle(belongs, found, result)


def _look_at_table(path: Path) -> Any:
    from mlprov_widgets.tables import inspect_table

    return inspect_table(path)


def _look_at_images(path: Path) -> Any:
    from mlprov_widgets.images import inspect_image_folder

    return inspect_image_folder(path)


def _look_at_arrays(path: Path) -> Any:
    from mlprov_widgets.images import inspect_arrays

    return inspect_arrays(path)


def _look_for_folder(path: Path) -> None:
    """Whether a folder is there or can be made."""
    from mlprov_widgets.images import check_folder

    check_folder(path)


def _settle_format(belongs: list[Parameter], found: Any, result: Checked) -> None:
    """What was found out is how the data are read: no question, so no default of its own."""
    for member in belongs:
        result.values[member.name] = result.defaults[member.name] = found.format


def _settle_columns(belongs: list[Parameter], table: Table, result: Checked) -> None:
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


_KINDS = {
    "csv_file": _Kind("Choose the CSV file with your data.", _look_at_table, _settle_columns),
    "image_folder": _Kind("Choose the folder with your images.", _look_at_images, _settle_format),
    "array_file": _Kind(
        "Choose the .npz or .npy file with your images.", _look_at_arrays, _settle_format
    ),
    "folder": _Kind("Name a folder; it is made if it is not there.", _look_for_folder),
}


def expand_home(path: str) -> Path:
    """The path with a home folder for its ``~``; that of an unknown person is left as it is."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def _as_seen_from(folder: Path, path: str) -> str:
    """A path inside the notebook's folder relative to it, so that both can move together."""
    # Not resolved: a link in the folder is to stay a name in the folder.
    absolute = Path(os.path.normpath(folder.absolute() / expand_home(path)))
    start = Path(os.path.normpath(folder.absolute()))
    inside = absolute.is_relative_to(start)
    return absolute.relative_to(start).as_posix() if inside else str(absolute)


def _no_column(name: str, names: list[str]) -> str:
    listed = ", ".join(repr(other[:40]) for other in names[:12])
    more = f" and {len(names) - 12:,} more" if len(names) > 12 else ""
    return f"The table has no column {name[:80]!r}; it has {listed}{more}."
