"""What the wizard knows, without any widget: pack, choices, page, problems, cells."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import MlprovError, PackError, Problem
from mlprov_widgets.hosting import Place, inside, without_server_paths
from mlprov_widgets.notebooks import (
    RenderedCell,
    free_name,
    render_cells,
    write_free,
    write_generated,
)
from mlprov_widgets.packs import Checked, Pack, Parameter, bundled_folder, check_values
from mlprov_widgets.widgets.changes import changed_lines, lines_with
from mlprov_widgets.widgets.host import new_file
from mlprov_widgets.widgets.markup import plain
from mlprov_widgets.widgets.origin import Origin, RunValues, before

FORMAT = 1
TASK, REVIEW = "task", "review"
SUFFIXES = (".ipynb", ".py")
_OUTSIDE = {
    "csv_file": "Only files in the folder of this app can be used; upload yours.",
    "array_file": "Only files in the folder of this app can be used; upload yours.",
    "image_folder": "Only folders in the folder of this app can be used; upload yours as a .zip.",
    "": "Only folders in the folder of this app can be used.",
}


@dataclass(frozen=True)
class Stop:
    """A page of the wizard: the task, one of the pack's pages, or the review.

    Parameters
    ----------
    name, title, help : str
        Words for people; the name is unique.
    steps : tuple of str
        The pipeline steps whose cells belong to it.
    """

    name: str
    title: str
    help: str = ""
    steps: tuple[str, ...] = ()


class WizardState:
    """Choices of a person, and all that follows from them.

    Parameters
    ----------
    packs : Mapping of str to Pack
        What can be chosen.
    place : Place
        Where the notebook will be, what relative paths are relative to, and what may be read.
    task : str, optional
        Name of the pack to begin with, by default the first.
    values : Mapping, optional
        Values to begin with.
    """

    def __init__(
        self,
        packs: Mapping[str, Pack],
        place: Place,
        task: str | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> None:
        if not packs:
            raise PackError("there is no pack to choose from")
        self.packs = dict(packs)
        bundled = bundled_folder().resolve()
        self.pack_folders = [
            pack.folder for pack in packs.values() if pack.folder.resolve().parent != bundled
        ]
        self.place = place
        self.folder = place.folder
        self.given: dict[str, Any] = {}
        self.wrong: dict[str, str] = {}
        self.notices: list[str] = []
        self.origin: Origin | None = None
        self.marks: dict[str, frozenset[int]] = {}
        self.uses: dict[str, frozenset[int]] = {}
        self._touched: frozenset[str] = frozenset()
        self._typed = False
        self._before: tuple[frozenset[str], dict[str, str]] = (frozenset(), {})
        self.cells: list[RenderedCell] = []
        self.render_problem = ""
        self.checked = Checked(values={})
        self.page = TASK
        self.visited = {TASK}
        self.pack = self._pack_called(task) if task is not None else next(iter(self.packs.values()))
        self.file_name = self._free_name()
        self._named = False
        self.replace(values or {})

    # -- pages --------------------------------------------------------------------------------

    @property
    def stops(self) -> list[Stop]:
        """All pages in order."""
        own = [Stop(page.name, page.title, page.help, page.steps) for page in self.pack.pages]
        return [
            Stop(TASK, "Task", "What kind of experiment, and what to start from.", ("title",)),
            *own,
            Stop(REVIEW, "Review", "All choices once, and the file to be written.", ("title",)),
        ]

    def stop(self, name: str) -> Stop:
        """The page of this name, else the first."""
        return next((stop for stop in self.stops if stop.name == name), self.stops[0])

    def go(self, name: str) -> None:
        """Turn to a page."""
        if name == REVIEW:
            self._stay_free()
        self._before = (frozenset(), {})
        self.page = self.stop(name).name
        self.visited.add(self.page)

    def turn(self, by: int) -> None:
        """Turn some pages on or back."""
        names = [stop.name for stop in self.stops]
        self.go(names[min(max(names.index(self.page) + by, 0), len(names) - 1)])

    def parameters(self, page: str, shown_only: bool = True) -> list[Parameter]:
        """The page's questions; by default those that matter for the values."""
        return [
            parameter
            for parameter in self.pack.parameters.values()
            if parameter.page == page
            and (not shown_only or parameter.name in self.checked.shown)
            and not parameter.is_hidden
        ]

    def problems(self, page: str) -> list[tuple[Parameter, str]]:
        """What has to be changed on a page."""
        found = []
        for parameter in self.pack.parameters.values():
            if parameter.page == page and parameter.name in self.checked.shown:
                found += [(parameter, message) for message in self.messages(parameter.name)]
        return found

    @property
    def all_problems(self) -> list[tuple[Parameter, str]]:
        """What has to be changed before a notebook can be written."""
        return [problem for stop in self.stops for problem in self.problems(stop.name)]

    def messages(self, name: str) -> list[str]:
        """What is wrong with one parameter, in words."""
        if name in self.wrong:
            return [self.wrong[name]]
        return [self._worded(name, message) for message in self.checked.messages(name)]

    def notes(self, name: str) -> list[str]:
        """What is worth knowing about one parameter's value."""
        if name in self.wrong or name not in self.checked.shown:
            return []
        return [note.message for note in self.checked.notes if note.parameter == name]

    def _worded(self, name: str, message: str) -> str:
        message = without_server_paths(message)
        # Beside its field the name need not be said again.
        parameter = self.pack.parameters[name]
        start = f"{name} is "
        if message.startswith(start) and ("; it must" in message or "; torchvision" in message):
            return f"{parameter.label} is {message.removeprefix(start)}"
        return message

    # -- values -------------------------------------------------------------------------------

    @property
    def values(self) -> dict[str, Any]:
        """Every parameter with its value; where what was typed is wrong, the last right one."""
        return dict(self.checked.values)

    def set(self, name: str, value: Any) -> None:
        """Take over a value of its own type; a wrong one is kept apart and said."""
        parameter = self.pack.parameters[name]
        try:
            checked = parameter.check(value)
        except ValueError as error:
            self._refuse(name, str(error))
        else:
            self._accept(parameter, checked)

    def set_text(self, name: str, text: str) -> None:
        """Take over what was typed into a field."""
        parameter = self.pack.parameters[name]
        try:
            value = parameter.parse(text)
        except ValueError as error:
            shown = text.strip()
            message = f"“{shown[:60]}” is not {parameter.allowed}."
            if not shown:
                message = f"This must be {parameter.allowed}."
            elif parameter.type not in ("integer", "number"):
                message = self._worded(name, str(error))
            self._refuse(name, message)
        else:
            self._accept(parameter, value, typed=True)

    def _refuse(self, name: str, message: str) -> None:
        # The last right value stays in force, so nothing else has to be looked at again.
        self.wrong[name] = message

    def _accept(self, parameter: Parameter, value: Any, typed: bool = False) -> None:
        self.wrong.pop(parameter.name, None)
        self.given[parameter.name] = value
        touched = {parameter.name}
        if parameter.choices:
            # A choice fills in what it brings along, over what stood there.
            for name in parameter.choice(value).sets:
                self.given.pop(name, None)
                self.wrong.pop(name, None)
                touched.add(name)
        if parameter.is_path:
            for other in self.pack.parameters.values():
                if other.table == parameter.name:
                    self.given.pop(other.name, None)
                    self.wrong.pop(other.name, None)
        self._touched, self._typed = frozenset(touched), typed
        self.update()

    def replace(self, values: Mapping[str, Any]) -> None:
        """Start from these values instead of what was chosen."""
        self.given, self.wrong, self.notices, self.origin = {}, {}, [], None
        for name, value in values.items():
            parameter = self.pack.parameters.get(name)
            if parameter is None:
                self.notices.append(
                    f"{self.pack.title} has no {str(name)[:60]!r}: it was left out."
                )
                continue
            if parameter.is_hidden:
                continue
            try:
                self.given[name] = parameter.check(value)
            except ValueError as error:
                self.wrong[name] = str(error)
        self.update()

    def begin_from(self, run: RunValues) -> None:
        """Start from the values of an earlier run, and remember them.

        Raises
        ------
        PackError
            If its experiment is not one of those here.
        """
        if not run.pack:
            raise PackError("No experiment here fits this run, so it fills in no field.")
        self.choose_pack(run.pack)
        values = {name: self._from_here(run, name, value) for name, value in run.values.items()}
        # A file that somebody sent opens nothing outside of the folder.
        outside = {
            name: value
            for name, value in values.items()
            if self._is_path(name) and value and not inside(self.folder, str(value))
        }
        self.replace({name: values[name] for name in values if name not in outside})
        for name, value in outside.items():
            self.notices.append(
                f"{self.pack.parameters[name].label}: {plain(value, 120)} is not in the folder of "
                "this notebook, so it was not opened; choose it again."
            )
        self.origin = Origin.of(run, {**self.checked.values, **outside}, self.checked.shown)

    def _is_path(self, name: str) -> bool:
        return name in self.pack.parameters and self.pack.parameters[name].is_path

    def _from_here(self, run: RunValues, name: str, value: Any) -> Any:
        """A path beside the run's file, as it is to be written in this folder."""
        if run.folder is None or not self._is_path(name) or not isinstance(value, str) or not value:
            return value
        place = run.folder / value
        if Path(value).is_absolute() or not inside(run.folder, value):
            return value
        try:
            if not place.exists():
                return value
            return place.resolve().relative_to(self.folder.resolve()).as_posix()
        except OSError:
            return value
        except ValueError:
            return str(place)

    @property
    def changes(self) -> dict[str, list[Any]]:
        """What is not as it was in the run that the choices began with: was and is, by name."""
        return self.origin.changes(self.pack, self.checked) if self.origin is not None else {}

    def was(self, name: str) -> str:
        """What a parameter was in that run, in words; empty where it is the same."""
        changes = self.changes
        if self.origin is None or name not in changes:
            return ""
        return before(self.pack.parameters[name], changes[name][0], name in self.origin.values)

    def choose_pack(self, name: str) -> None:
        """Another experiment, with its defaults."""
        pack = self._pack_called(name)
        if pack is not self.pack:
            self.pack = pack
            self.cells, self.page, self.visited = [], TASK, {TASK}
            self.file_name, self._named = self._free_name(), False
            self.replace({})

    def _pack_called(self, name: str) -> Pack:
        if name not in self.packs:
            known = ", ".join(sorted(self.packs))
            raise PackError(f"there is no pack {str(name)[:80]!r}; there are {known}")
        return self.packs[name]

    def update(self) -> None:
        """Check the values again and render the cells that they give."""
        usable, refused = {}, {}
        for name, value in self.given.items():
            parameter = self.pack.parameters[name]
            # Looked at every time: what a link points to may have changed since it was chosen.
            if parameter.is_path and value and not self._allowed(parameter, value):
                refused[name] = _OUTSIDE.get(parameter.type, _OUTSIDE[""])
            else:
                usable[name] = value
        self.checked = check_values(self.pack, usable, self.folder)
        for problem in self.checked.problems[:]:
            if problem.parameter in refused:
                self.checked.problems.remove(problem)
        for name, message in refused.items():
            if name in self.checked.shown:
                self.checked.problems.append(Problem(name, message))
        self._render()

    def _allowed(self, parameter: Parameter, path: str) -> bool:
        # A folder that a run fills has to be the visitor's own.
        may = self.place.may_write if parameter.type == "folder" else self.place.may_read
        return may(path)

    def _render(self) -> None:
        touched, self._touched = self._touched, frozenset()
        before = {cell.id: cell.source for cell in self.cells}
        # Letter after letter in one field is one change to whoever types.
        if self._typed and touched and touched == self._before[0]:
            before = self._before[1]
        self._before = (touched, before)
        try:
            self.cells = render_cells(self.pack, self.checked.values, Path(self.file_name).name)
            self.render_problem = ""
        except PackError as error:
            self.render_problem = str(error)
        self.marks, self.uses = {}, {}
        if before:
            for cell in self.cells:
                lines = changed_lines(before.get(cell.id, ""), cell.source)
                if lines:
                    self.marks[cell.id] = lines
        if self.marks:
            changed = [self.pack.parameters[name] for name in touched]
            symbols = [parameter.symbol for parameter in changed if parameter.constant]
            for cell in self.cells:
                lines = lines_with(symbols, cell.source) if cell.kind == "code" else frozenset()
                if lines - self.marks.get(cell.id, frozenset()):
                    self.uses[cell.id] = lines - self.marks.get(cell.id, frozenset())

    # -- the file -----------------------------------------------------------------------------

    @property
    def file_problem(self) -> str:
        """What is wrong with the file's name; empty if nothing is."""
        try:
            new_file(self.folder, self.file_name, SUFFIXES)
        except MlprovError as error:
            return str(error)
        return ""

    def name_file(self, name: str) -> None:
        """Take over the name of the file to write."""
        self.file_name, self._named = str(name)[:300].strip(), True
        if not self.file_problem:
            self._render()

    def renew_file_name(self) -> None:
        """Choose a name that is not taken."""
        self.file_name, self._named = self._free_name(), False
        self._render()

    def _stay_free(self) -> None:
        # Others write here too; only a name that somebody typed is theirs to change.
        if not self._named and self.file_problem:
            self.renew_file_name()

    def _free_name(self) -> str:
        return free_name(self.folder, self.pack.name).name

    def generate(self) -> Path:
        """Write the notebook.

        Returns
        -------
        Path
            The new file.

        Raises
        ------
        MlprovError
            If something has to be changed first, or the file cannot be written.
        """
        self._stay_free()
        self.update()
        problems = self.all_problems
        if problems:
            parameter, message = problems[0]
            title = self.stop(parameter.page).title
            raise MlprovError(f"Not written yet. {title}, {parameter.label}: {message}")
        path = new_file(self.folder, self.file_name, SUFFIXES)
        self.place.check_room()
        origin = self.origin
        start = origin.started_from(self.pack, self.checked) if origin is not None else None

        def write(path: Path) -> None:
            write_generated(self.pack, self.checked.values, path, started_from=start)

        # A name that nobody typed moves on where somebody else was faster.
        path = write_free(path if self._named else self.folder, self.pack.name, write)
        self.file_name = path.name
        return path

    def command(self) -> str:
        """The same as one line for a shell."""
        bundled = self.pack.folder.resolve().parent == bundled_folder().resolve()
        folder = without_server_paths(str(self.pack.folder))
        words = ["mlprov", "generate", self.pack.name if bundled else folder]
        for name, value in self.checked.changed.items():
            if not self.pack.parameters[name].is_hidden:
                words += ["-s", f"{name}={_argument(value)}"]
        return shlex.join([*words, "-o", self.file_name])

    # -- saving -------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values: what was chosen, not what follows from it."""
        values = {
            name: value
            for name, value in self.given.items()
            if name not in self.checked.shown or value != self.checked.defaults.get(name)
        }
        data = {"format": FORMAT, "task": self.pack.name, "page": self.page, "values": values}
        return {**data, "origin": self.origin.to_dict()} if self.origin is not None else data

    def restore(self, data: Any) -> None:
        """Take over what `to_dict` gave, as it comes from a file: checked.

        Raises
        ------
        MlprovError
            If it is not such a thing, or for a pack that is not here.
        """
        if not isinstance(data, dict) or not isinstance(data.get("values"), dict):
            raise MlprovError("This is not a file of saved choices: it has no 'task' and 'values'.")
        version = data.get("format", FORMAT)
        if type(version) is not int or version > FORMAT:
            raise MlprovError(
                "These choices were saved by a newer version; please update this one."
            )
        task = data.get("task", self.pack.name)
        if not isinstance(task, str) or task not in self.packs:
            raise MlprovError(f"These choices are for the task {str(task)[:80]!r}, not here.")
        origin = Origin.from_dict(data["origin"]) if "origin" in data else None
        self.choose_pack(task)
        self.replace(data["values"])
        self.origin = origin
        page = data.get("page", TASK)
        if isinstance(page, str):
            self.go(page)
            names = [stop.name for stop in self.stops]
            self.visited.update(names[: names.index(self.page)])


def _argument(value: Any) -> str:
    """A value as `Parameter.parse` reads it back."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
