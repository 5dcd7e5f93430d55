"""What surrounds a run: everything about it that no cell decides."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

from mlprov_widgets.capture.cells.origin import CodeOrigin
from mlprov_widgets.capture.clock import now
from mlprov_widgets.capture.environment import commands, machine
from mlprov_widgets.capture.environment.machine import Fact, Facts
from mlprov_widgets.capture.environment.seeding import Seeding
from mlprov_widgets.capture.packages import imported_packages


class ContextQueries:
    """Slow questions, asked when the run begins and answered when it is written.

    Parameters
    ----------
    folder : Path
        The working directory.
    origin : CodeOrigin
    """

    def __init__(self, folder: Path, origin: CodeOrigin) -> None:
        self._created = now()
        self._git = commands.ask_git(origin.path.parent if origin.path else folder)
        self._gpus = commands.ask_gpus()
        self._processor = commands.ask_processor()
        self._birth = commands.ask_birth(origin.path)

    def answer(self, name: str, title: str, origin: CodeOrigin, seeding: Seeding) -> dict[str, Any]:
        """The groups of a record that no cell decides, and which function told each value.

        Everything is as it is now; the answers of other programs are as they were at the start.

        Parameters
        ----------
        name, title : str
            Of the notebook.
        origin : CodeOrigin
        seeding : Seeding
        """
        git = commands.read_git(self._git.answer())
        groups: dict[str, Facts] = {
            "experiment_info": self._experiment(title, origin),
            "notebook": self._notebook(name, origin),
            "hardware_info": machine.hardware(self._gpus, self._processor),
            "environment": machine.settings(self._gpus) | _seeds(seeding),
            "git": {key: Fact(value, "git status") for key, value in git.items()},
        }
        functions = {
            f"{group}.{key}": fact.function
            for group, facts in groups.items()
            for key, fact in facts.items()
            if fact.function
        }
        functions["packages"] = "mlprov_widgets.capture.packages.imported_packages"
        values = {
            group: {key: fact.value for key, fact in facts.items()}
            for group, facts in groups.items()
        }
        return {**values, "packages": imported_packages(), "functions": functions}

    def close(self) -> None:
        """Wait for what was asked, so that no program is left behind."""
        for command in (self._git, self._gpus, self._processor, self._birth):
            command.answer()

    def _experiment(self, title: str, origin: CodeOrigin) -> Facts:
        told = "json.loads" if title == origin.manifest.title else "mlprov_widgets.start_run"
        facts = {"title": Fact(title, told)}
        if origin.manifest.task_type:
            facts["task_type"] = Fact(origin.manifest.task_type, "json.loads")
        facts["creation_date"] = Fact(self._created.isoformat(), "datetime.datetime.now")
        status = _status(origin)
        if status is not None:
            stat = "pathlib.Path.stat"
            facts["modification_date"] = Fact(_date(status.st_mtime), stat)
            facts["file_size"] = Fact(f"{status.st_size} bytes", stat)
        return facts

    def _notebook(self, name: str, origin: CodeOrigin) -> Facts:
        facts = {
            "name": Fact(name),
            "file_format": Fact(Path(name).suffix.removeprefix(".") or "ipynb"),
            "kernel": machine.kernel_name(origin.kernel),
            "programming_language": Fact("Python"),
            "programming_language_version": machine.platform_fact("python_version"),
        }
        created = self._file_created(origin)
        return facts if created is None else facts | {"creation_date": created}

    def _file_created(self, origin: CodeOrigin) -> Fact | None:
        """When the notebook's file came into being, or at least the earliest date it bears."""
        created = commands.read_birth(self._birth.answer())
        if created is not None:
            return Fact(created.isoformat(), "stat --format=%W")
        status = _status(origin)
        if status is None:
            return None
        birth = getattr(status, "st_birthtime", None)
        seconds = birth if birth is not None else min(status.st_mtime, status.st_ctime)
        return Fact(_date(seconds), "pathlib.Path.stat")


def _seeds(seeding: Seeding) -> Facts:
    facts: Facts = {}
    if found := seeding.nondeterministic:
        facts["nondeterministic_operations"] = Fact(found, "warnings.showwarning")
    if seeding.seed is not None:
        facts["seeded"] = Fact(dict(seeding.done))
    return facts


def _status(origin: CodeOrigin) -> os.stat_result | None:
    try:
        return origin.path.stat() if origin.path is not None else None
    except OSError:
        return None


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().isoformat()
