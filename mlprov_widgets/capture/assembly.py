"""Everything that was captured, put together as a record."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from mlprov_widgets.capture import background, environment
from mlprov_widgets.capture.clock import now
from mlprov_widgets.capture.origin import Origin
from mlprov_widgets.capture.packages import imported_packages
from mlprov_widgets.capture.seeding import Seeding
from mlprov_widgets.provenance.record import STEPS, Cell, Step, Value

_SAVES = re.compile(
    r"\b(?:torch\.save|joblib\.dump|pickle\.dump|save_file|save_model|save_pretrained)\("
)
_SHOWS = re.compile(r"\b(?:print|tqdm|trange|display|progress)\b")


@dataclass
class Facts:
    """What surrounds a run: everything about it that no cell decides."""

    experiment_info: dict[str, Value] = field(default_factory=dict)
    hardware_info: dict[str, Value] = field(default_factory=dict)
    notebook: dict[str, Value] = field(default_factory=dict)
    environment: dict[str, Value] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)
    git: dict[str, Value] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)


class Surroundings:
    """Asks slow questions when the run begins, and collects the answers when it is written.

    Parameters
    ----------
    folder : Path
        The working directory.
    origin : Origin
    """

    def __init__(self, folder: Path, origin: Origin) -> None:
        self.created = now()
        self._git = background.ask_git(origin.path.parent if origin.path else folder)
        self._gpus = background.ask_gpus()
        self._processor = background.ask_processor()
        self._birth = background.ask_birth(origin.path) if origin.path else None

    def facts(self, name: str, title: str, origin: Origin, seeding: Seeding) -> Facts:
        """Everything as it is now; the answers of other programs as they were at the start."""
        facts = Facts()
        self._describe_experiment(facts, title, origin)
        self._describe_notebook(facts, name, origin)
        facts.hardware_info, functions = environment.hardware(self._gpus, self._processor)
        _name_functions(facts, "hardware_info", functions)
        facts.environment, functions = environment.settings(self._gpus)
        if seeding.nondeterministic:
            facts.environment["nondeterministic_operations"] = list(seeding.nondeterministic)
            functions["nondeterministic_operations"] = "warnings.showwarning"
        if seeding.seed is not None:
            facts.environment["seeded"] = dict(seeding.done)
        _name_functions(facts, "environment", functions)
        facts.packages = imported_packages()
        facts.functions["packages"] = "mlprov_widgets.capture.packages.imported_packages"
        facts.git = background.read_git(self._git.answer())
        _name_functions(facts, "git", dict.fromkeys(facts.git, "git status"))
        return facts

    def close(self) -> None:
        """Wait for what was asked, so that no program is left behind."""
        for question in (self._git, self._gpus, self._processor, self._birth):
            if question is not None:
                question.answer()

    def _describe_experiment(self, facts: Facts, title: str, origin: Origin) -> None:
        info = facts.experiment_info
        functions = {"creation_date": "datetime.datetime.now"}
        info["title"] = title
        functions["title"] = "json.loads" if title == origin.title else "mlprov_widgets.start_run"
        if origin.task_type:
            info["task_type"] = origin.task_type
            functions["task_type"] = "json.loads"
        info["creation_date"] = self.created.isoformat()
        if origin.path is not None:
            try:
                status = origin.path.stat()
            except OSError:
                pass
            else:
                changed = datetime.fromtimestamp(status.st_mtime).astimezone()
                info["modification_date"] = changed.isoformat()
                info["file_size"] = f"{status.st_size} bytes"
                functions |= dict.fromkeys(("modification_date", "file_size"), "pathlib.Path.stat")
        _name_functions(facts, "experiment_info", functions)

    def _describe_notebook(self, facts: Facts, name: str, origin: Origin) -> None:
        kernel, kernel_function = environment.kernel_name(origin.kernel)
        facts.notebook = {
            "name": name,
            "file_format": Path(name).suffix.removeprefix(".") or "ipynb",
            "kernel": kernel,
            "programming_language": "Python",
            "programming_language_version": platform.python_version(),
        }
        functions = {
            "kernel": kernel_function,
            "programming_language_version": "platform.python_version",
        }
        created, function = self._created(origin)
        if created is not None:
            facts.notebook["creation_date"] = created.isoformat()
            functions["creation_date"] = function
        _name_functions(facts, "notebook", functions)

    def _created(self, origin: Origin) -> tuple[datetime | None, str]:
        """When the notebook's file came into being, or at least the earliest date it bears."""
        if self._birth is not None:
            created = background.read_birth(self._birth.answer())
            if created is not None:
                return created, "stat --format=%W"
        try:
            status = origin.path.stat() if origin.path else None
        except OSError:
            status = None
        if status is None:
            return None, ""
        birth = getattr(status, "st_birthtime", None)
        seconds = birth if birth is not None else min(status.st_mtime, status.st_ctime)
        return datetime.fromtimestamp(seconds).astimezone(), "pathlib.Path.stat"


def _name_functions(facts: Facts, group: str, functions: dict[str, str]) -> None:
    facts.functions.update({f"{group}.{name}": function for name, function in functions.items()})


def complete(
    values: dict[str, dict[str, Value]], cells: list[Cell], notebook: str, saves: bool
) -> None:
    """Fill in the fields of the paper's table that no call named, from what really ran."""
    data = values.get("data_ingestion")
    if data is not None:
        # Data that were loaded from nowhere were made in the notebook.
        data.setdefault("root_location", notebook)
        sizes = {
            "rows": data.get("samples_total"),
            "features": data.get("feature_dimensions"),
            "classes": data.get("dataset_classes"),
        }
        told = ", ".join(f"{size} {name}" for name, size in sizes.items() if size is not None)
        data.setdefault("dataset_description", told)
    ran = [cell for cell in cells if cell.executions and cell.kind == "code"]
    if "model_parameters" in values:
        saves = saves or any(_SAVES.search(cell.source) for cell in ran)
        values["model_parameters"].setdefault("save_checkpoint", saves)
    training = values.get("model_training")
    if training is not None:
        if "epochs_run" in training:
            training.setdefault("epochs", training["epochs_run"])
        trained = [cell for cell in ran if cell.step == "model_training"]
        if trained:
            shows = any(_SHOWS.search(cell.source) for cell in trained)
            training.setdefault("print_progress", shows)


def make_steps(
    values: dict[str, dict[str, Value]], recorded: Iterable[str], cells: list[Cell]
) -> dict[str, Step]:
    """Steps in the pipeline's order, each with the times of the last executions of its cells."""
    last: dict[str, list[tuple[datetime, datetime]]] = {}
    for cell in cells:
        times = [(each.start, each.end) for each in cell.executions if each.start and each.end]
        if cell.step and times:
            last.setdefault(cell.step, []).append(times[-1])
    names = [name for name in STEPS if name in values or name in last]
    names += [name for name in dict.fromkeys((*values, *recorded)) if name not in STEPS]
    return {
        name: Step(
            min((start for start, _ in last.get(name, ())), default=None),
            max((end for _, end in last.get(name, ())), default=None),
            values.get(name, {}),
        )
        for name in names
    }
