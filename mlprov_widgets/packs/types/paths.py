"""What paths have in common: they are looked at, and kept relative to the notebook's folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from mlprov_widgets.errors import ImageError, InvalidValueError, Problem, TableError
from mlprov_widgets.packs.types.base import ParameterType

if TYPE_CHECKING:
    from mlprov_widgets.packs.checking import Checked
    from mlprov_widgets.packs.parameters import Parameter


class PathType(ParameterType):
    """The path of a file or folder.

    Attributes
    ----------
    missing : str
        The code of what is said where no path is given.
    """

    words = "a text, the path of a file"
    is_path = True
    missing: ClassVar[str]

    def inspect(self, path: Path) -> Any:
        """What is found at a path, None if that is nothing to keep.

        Raises
        ------
        TableError, ImageError
            If it cannot be used.
        """
        raise NotImplementedError

    def inspect_as(self, path: Path, members: list[Parameter], values: Mapping[str, Any]) -> Any:
        """The same, looked at as the values of what belongs to it say; raises as `inspect`."""
        return self.inspect(path)

    def complete(self, members: list[Parameter], found: Any, checked: Checked) -> Any:
        """What was found, once the values of what belongs to the data are complete.

        What was found out is how they are read: no question, so no default of its own.
        """
        for member in members:
            checked.values[member.name] = checked.defaults[member.name] = found.format
        return found

    def check(self, parameter: Parameter, value: object) -> str:
        text = self.checked_text(parameter, value)
        if "\0" in text:
            raise InvalidValueError("path_not_allowed", parameter=parameter.name)
        return text

    def look(
        self, parameter: Parameter, members: list[Parameter], checked: Checked, folder: Path
    ) -> None:
        name = parameter.name
        path = checked.values[name]
        if not path:
            if not checked.messages(name):
                checked.problems.append(Problem(name, self.missing))
            return
        try:
            found = self.inspect_as(folder / expand_home(path), members, checked.values)
        except (TableError, ImageError) as error:
            checked.problems.append(Problem.of(name, error))
            return
        same = path == checked.defaults[name]
        checked.values[name] = _relative(folder, path)
        if same:
            checked.defaults[name] = checked.values[name]
        if found is not None:
            checked.notes += [Problem(name, note.code, note.arguments) for note in found.notes]
            checked.found[name] = self.complete(members, found, checked)


def expand_home(path: str) -> Path:
    """The path with a home folder for its ``~``; that of an unknown person is left as it is."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def _relative(folder: Path, path: str) -> str:
    """A path inside the notebook's folder relative to it, so that both can move together."""
    # Not resolved: a link in the folder is to stay a name in the folder.
    absolute = Path(os.path.normpath(folder.absolute() / expand_home(path)))
    start = Path(os.path.normpath(folder.absolute()))
    inside = absolute.is_relative_to(start)
    return absolute.relative_to(start).as_posix() if inside else str(absolute)
