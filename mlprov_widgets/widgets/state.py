"""What the wizard knows, without any widget: pack, choices, page, problems, cells."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import InvalidValueError, MlprovError, PackError, Problem
from mlprov_widgets.hosting import Place, inside, without_server_paths
from mlprov_widgets.messages import Note
from mlprov_widgets.notebooks import free_name, write_free
from mlprov_widgets.packs import (
    Checked,
    Pack,
    Parameter,
    WizardPage,
    check_values,
    is_trusted,
    name_in,
)
from mlprov_widgets.packs.sources import NAMED
from mlprov_widgets.widgets.drafts import FORMAT, parse_saved
from mlprov_widgets.widgets.host import new_file, with_ending
from mlprov_widgets.widgets.origin import StartingRun, changed_texts, path_from
from mlprov_widgets.widgets.rendered import RenderedCells

if TYPE_CHECKING:
    from mlprov_widgets.inspection import Inspection

TASK, REVIEW = "task", "review"
_FIRST = WizardPage(
    TASK,
    "Task",
    "Choose a task and data, then Generate; or change anything on the next pages.",
    ("title",),
)
_LAST = WizardPage(
    REVIEW, "Review", "What differs from the usual settings, and what will be written.", ("title",)
)


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
            raise PackError("packs_missing")
        self.packs = dict(packs)
        self.place = place
        self.folder = place.folder
        self.given: dict[str, Any] = {}
        self.wrong: dict[str, Problem] = {}
        self.notices: list[Note] = []
        self.origin: StartingRun | None = None
        self.rendered = RenderedCells()
        self.checked = Checked(values={})
        self.plain = False
        self.page = TASK
        self.visited = {TASK}
        self.pack = self._pack_called(task) if task is not None else next(iter(self.packs.values()))
        self.renew_file_name()
        self.replace(values or {})

    # -- packs --------------------------------------------------------------------------------

    @property
    def task(self) -> str:
        """What the pack is called among those that can be chosen."""
        return name_in(self.packs, self.pack)

    @property
    def pack_folders(self) -> list[Path]:
        """Those of packs that do not come with this package."""
        return [pack.folder for pack in self.packs.values() if not pack.source.is_bundled]

    def choose_pack(self, name: str) -> None:
        """Another experiment, with its defaults."""
        pack = self._pack_called(name)
        if pack is not self.pack:
            self.pack = pack
            self.rendered = RenderedCells()
            self.page, self.visited = TASK, {TASK}
            self.renew_file_name()
            self.replace({})

    def renew_packs(self, packs: Mapping[str, Pack]) -> None:
        """Go on with packs as they are now; choices stay as far as somebody still asks for them.

        Where the chosen one cannot be had any more, it stays as it was.
        """
        name, before = self.task, self.pack
        self.packs = {name: before, **packs}
        self.pack = self.packs[name]
        if self.pack is not before:
            given, origin, page = self.given, self.origin, self.page
            self.rendered = RenderedCells()
            self.replace(given)
            self.origin, self.page = origin, self.page_called(page).name

    def check_trust(self) -> None:
        """Check that somebody trusts the pack.

        Raises
        ------
        MlprovError
            That says where it comes from, and what to click.
        """
        if not is_trusted(self.pack):
            raise MlprovError("pack_to_trust", pack=self.pack.title, source=self.pack.source.text)

    def _pack_called(self, name: str) -> Pack:
        if name not in self.packs:
            raise PackError("pack_unknown", name=name, packs=sorted(self.packs))
        return self.packs[name]

    # -- pages --------------------------------------------------------------------------------

    @property
    def pages(self) -> list[WizardPage]:
        """All pages in order."""
        return [_FIRST, *self.pack.pages, _LAST]

    def page_called(self, name: str) -> WizardPage:
        """The page of this name, else the first."""
        return next((page for page in self.pages if page.name == name), self.pages[0])

    def go(self, name: str) -> None:
        """Turn to a page."""
        if name == REVIEW:
            self._stay_free()
        self.rendered.end_change()
        self.page = self.page_called(name).name
        self.visited.add(self.page)

    def turn(self, by: int) -> None:
        """Turn some pages on or back."""
        names = [page.name for page in self.pages]
        self.go(names[min(max(names.index(self.page) + by, 0), len(names) - 1)])
        if by > 0 and not self.all_problems:
            self._prepare_kernel()

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
        return [
            (parameter, message)
            for parameter in self.pack.parameters.values()
            if parameter.page == page and parameter.name in self.checked.shown
            for message in self.messages(parameter.name)
        ]

    @property
    def all_problems(self) -> list[tuple[Parameter, str]]:
        """What has to be changed before a notebook can be written."""
        return [problem for page in self.pages for problem in self.problems(page.name)]

    def messages(self, name: str) -> list[str]:
        """What is wrong with one parameter, in words."""
        problems = [self.wrong[name]] if name in self.wrong else self.checked.problems
        # Beside its field the name need not be said again.
        label = self.pack.parameters[name].label
        return [
            without_server_paths(problem.called(label).message)
            for problem in problems
            if problem.parameter == name
        ]

    def notes(self, name: str) -> list[str]:
        """What is worth knowing about one parameter's value."""
        if name in self.wrong or name not in self.checked.shown:
            return []
        return [note.message for note in self.checked.notes if note.parameter == name]

    # -- values -------------------------------------------------------------------------------

    @property
    def values(self) -> dict[str, Any]:
        """Every parameter with its value; where what was typed is wrong, the last right one."""
        return dict(self.checked.values)

    @property
    def changed_parameters(self) -> list[Parameter]:
        """Those that somebody is asked for and whose value is not the usual one."""
        found = map(self.pack.parameters.get, self.checked.changed)
        return [one for one in found if one is not None and not one.is_hidden]

    def set(self, name: str, value: Any, typed: bool = False) -> None:
        """Take over a value of its own type, or what was typed; a wrong one is kept apart."""
        parameter = self.pack.parameters[name]
        # The last right value stays in force, so nothing else has to be looked at again.
        try:
            value = parameter.parse(value) if typed else parameter.check(value)
        except InvalidValueError as error:
            problem = Problem.of(name, error)
            # What a number with signs may mean says more than what is allowed.
            known = typed and problem.code != "number_with_comma"
            unread = _unread(parameter, value.strip()) if known else None
            self.wrong[name] = unread or problem
            return
        self.wrong.pop(name, None)
        self.given[name] = value
        # A choice fills in what it brings along, over what stood there.
        brought = set(parameter.choice(value).sets) if parameter.choices else set()
        tables = self.pack.parameters.values() if parameter.is_path else ()
        for other in brought | {one.name for one in tables if one.table == name}:
            self.given.pop(other, None)
            self.wrong.pop(other, None)
        self.update(frozenset({name, *brought}), typed)

    def replace(self, values: Mapping[str, Any]) -> None:
        """Start from these values instead of what was chosen."""
        self.given, self.wrong, self.notices, self.origin = {}, {}, [], None
        for name, value in values.items():
            parameter = self.pack.parameters.get(name)
            if parameter is None:
                left = Note("value_of_other_pack", pack=self.pack.title, parameter=name)
                self.notices.append(left)
            elif not parameter.is_hidden:
                try:
                    self.given[name] = parameter.check(value)
                except InvalidValueError as error:
                    self.wrong[name] = Problem.of(name, error)
        self.update()

    def begin_from(self, run: Inspection) -> None:
        """Start from the values of an earlier run, and remember them.

        Raises
        ------
        PackError
            If its experiment is not one of those here.
        """
        if not run.pack:
            raise PackError("run_of_no_pack")
        self.choose_pack(run.pack)
        values, outside = dict(run.values), {}
        for name in filter(self._is_path, run.values):
            value = values[name] = path_from(run, self.folder, values[name])
            # A file that somebody sent opens nothing outside of the folder.
            if value and not inside(self.folder, str(value)):
                outside[name] = values.pop(name)
        self.replace(values)
        for name, value in outside.items():
            label = self.pack.parameters[name].label
            self.notices.append(Note("path_outside_kept", label=label, path=value))
        self.origin = StartingRun.of(run, {**self.checked.values, **outside}, self.checked.shown)

    def _is_path(self, name: str) -> bool:
        return name in self.pack.parameters and self.pack.parameters[name].is_path

    @property
    def changes(self) -> dict[str, list[Any]]:
        """What is not as it was in the run that the choices began with: was and is, by name."""
        return self.origin.changes(self.pack, self.checked) if self.origin is not None else {}

    def was(self, name: str) -> str:
        """What a parameter was in that run, in words; empty where it is the same."""
        change = self.changes.get(name)
        if self.origin is None or change is None:
            return ""
        return changed_texts(self.pack.parameters[name], change, self.origin)[0]

    def update(self, touched: frozenset[str] = frozenset(), typed: bool = False) -> None:
        """Check the values again and render the cells that they give, as `RenderedCells` says."""
        usable, refused = {}, {}
        for name, value in self.given.items():
            parameter = self.pack.parameters[name]
            # Looked at every time: what a link points to may have changed since it was chosen.
            if parameter.is_path and value and not self._allowed(parameter, value):
                refused[name] = Problem(name, parameter.kind.outside)
            else:
                usable[name] = value
        self.checked = check_values(self.pack, usable, self.folder)
        others = [one for one in self.checked.problems if one.parameter not in refused]
        outside = [one for name, one in refused.items() if name in self.checked.shown]
        self.checked.problems[:] = [*others, *outside]
        self._render(touched, typed)

    def _allowed(self, parameter: Parameter, path: str) -> bool:
        # A folder that a run fills has to be the visitor's own.
        may = self.place.may_write if parameter.kind.is_filled else self.place.may_read
        return may(path)

    def _render(self, touched: frozenset[str] = frozenset(), typed: bool = False) -> None:
        name = Path(self.file_name).name
        self.rendered.update(self.pack, self.checked.values, name, touched, typed, self.plain)

    # -- the file -----------------------------------------------------------------------------

    @property
    def file_problem(self) -> str:
        """What is wrong with the file's name; empty if nothing is."""
        try:
            new_file(self.folder, self.file_name)
        except MlprovError as error:
            return str(error)
        return ""

    @property
    def named_file_problem(self) -> str:
        """The same of a name that a person gave; another one moves on by itself."""
        return self.file_problem if self._named else ""

    def name_file(self, name: str) -> None:
        """Take over the name of the file to write; one without an ending is a notebook's."""
        self.file_name, self._named = with_ending(str(name)[:300]), True
        if not self.file_problem:
            self._render()

    def renew_file_name(self) -> None:
        """Choose a name that is not taken."""
        self.file_name, self._named = free_name(self.folder, self.pack.name).name, False
        self._render()

    def _stay_free(self) -> None:
        # Others write here too; only a name that somebody typed is theirs to change.
        if not self._named and self.file_problem:
            self.renew_file_name()

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
        from mlprov_widgets.notebooks import write_generated

        self.check_trust()
        self._stay_free()
        self.update()
        problems = self.all_problems
        if problems:
            parameter, message = problems[0]
            title = self.page_called(parameter.page).title
            raise MlprovError("answer_wrong", page=title, label=parameter.label, reason=message)
        path = new_file(self.folder, self.file_name)
        self.place.check_room()
        start: dict[str, Any] = {}
        if (origin := self.origin) is not None:
            start = {"run_id": origin.run_id, "name": origin.name, "changes": self.changes}

        def write(path: Path) -> None:
            write_generated(
                self.pack, self.checked.values, path, started_from=start, plain=self.plain
            )

        # A name that nobody typed moves on where somebody else was faster.
        path = write_free(path if self._named else self.folder, self.pack.name, write)
        self.file_name = path.name
        self._prepare_kernel()
        return path

    def _prepare_kernel(self) -> None:
        """Start what the notebook will run in while the form is filled in."""
        from mlprov_widgets.notebooks.spare import ahead_of, spare

        code = (cell.source for cell in self.rendered.cells if cell.kind == "code")
        spare.prepare(self.folder, ahead_of(code))

    def command(self) -> str:
        """The same as one line for a shell."""
        pack = self.task
        if self.pack.source.kind == NAMED:
            pack = without_server_paths(str(self.pack.folder))
        words = ["mlprov", "generate", pack]
        for one in self.changed_parameters:
            words += ["-s", f"{one.name}={one.write(self.checked.changed[one.name])}"]
        plain = ["--plain"] if self.plain else []
        return shlex.join([*words, *plain, "-o", self.file_name])

    # -- saving -------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values: what was chosen, not what follows from it."""
        values = {
            name: value
            for name, value in self.given.items()
            if name not in self.checked.shown or value != self.checked.defaults.get(name)
        }
        data = {"format": FORMAT, "task": self.task, "page": self.page, "values": values}
        return data if self.origin is None else {**data, "origin": self.origin.to_dict()}

    def restore(self, text: str) -> None:
        """Take over what `to_dict` gave, from the JSON of a file, or nothing at all.

        Raises
        ------
        MlprovError
            If it is not such a thing, or for a pack that is not here.
        """
        saved = parse_saved(text)
        task = saved.get("task", self.task)
        if task not in self.packs:
            raise MlprovError("choices_of_other_task", task=task)
        origin = StartingRun.from_dict(saved["origin"]) if "origin" in saved else None
        self.choose_pack(task)
        self.replace(saved["values"])
        self.origin = origin
        self.go(saved.get("page", TASK))
        names = [page.name for page in self.pages]
        self.visited.update(names[: names.index(self.page)])


def _unread(parameter: Parameter, text: str) -> Problem | None:
    """What is wrong with a text that is no value, where a field says more than its type does."""
    if not text:
        return Problem(parameter.name, "value_needed", {"allowed": parameter.allowed})
    if parameter.kind.is_number:
        given = {"text": text, "allowed": parameter.allowed}
        return Problem(parameter.name, "text_not_allowed", given)
    return None
