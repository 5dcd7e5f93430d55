"""The runs that are compared: where they come from, and what each is called."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from mlprov_widgets.comparison import Outcome
from mlprov_widgets.errors import MlprovError, RecordError
from mlprov_widgets.messages import Note
from mlprov_widgets.notebooks.beside import ENDING, read_run
from mlprov_widgets.record import Record
from mlprov_widgets.record.story import Story
from mlprov_widgets.store.facts import MLFLOW, RunFacts, facts_of
from mlprov_widgets.store.paging import Row
from mlprov_widgets.store.scanning import read_run_in, scan
from mlprov_widgets.store.store import RunStore
from mlprov_widgets.wording import one_line, shorten_middle

MAX_RUNS = 500
_NAME = 40


@dataclass(frozen=True)
class ComparedRun:
    """One of several runs that are compared.

    Parameters
    ----------
    name : str
        What tells it from the others: that of its file.
    facts : RunFacts
    record : Record or None
        None of a run of MLflow, of which only the facts are known.
    file : Path or None
        Where its record is, as far as it is known.
    """

    name: str
    facts: RunFacts
    record: Record | None = None
    file: Path | None = None

    @property
    def is_told_apart(self) -> bool:
        """Whether a seed or a split was recorded, which tells repeats from the same run again."""
        return bool(self.facts.seeds or self.facts.split)

    @cached_property
    def story(self) -> Story | None:
        """The run as it is told; None where there is no record."""
        return Story(self.record) if self.record is not None else None

    @cached_property
    def outcome(self) -> Outcome | None:
        """What it came to; None where there is no record."""
        return Outcome.from_record(self.record) if self.record is not None else None


@dataclass
class Gathered:
    """What was found to be compared.

    Parameters
    ----------
    runs : list of ComparedRun
    problems : list of str
        What was passed over, and why, a sentence each.
    """

    runs: list[ComparedRun] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def gathered(sources: Iterable[Any]) -> Gathered:
    """The runs that files, folders, records, rows or stores stand for, each once.

    Raises
    ------
    MlprovError
        If there are not two of them, or too many, or a file that was named holds no run.
    """
    found = Gathered()
    seen: set[str] = set()
    for run in _each(sources, found.problems):
        if run.facts.status == "not whole":
            found.problems.append(f"{run.facts.path}: {run.facts.problem}")
        elif run.facts.run_id and run.facts.run_id in seen:
            found.problems.append(Note("compare_same_run", file=run.facts.path))
        else:
            seen.add(run.facts.run_id)
            # Of what is not known to be configured alike, each run stands for itself.
            own = run.facts.configuration or f"run {len(found.runs)}"
            found.runs.append(replace(run, facts=replace(run.facts, configuration=own)))
        if len(found.runs) > MAX_RUNS:
            raise MlprovError("compare_too_many", most=MAX_RUNS)
    if len(found.runs) < 2:
        raise MlprovError(
            "compare_too_few", count=len(found.runs) or None, problems=found.problems[:3]
        )
    found.runs = _named(found.runs)
    return found


def _each(sources: Iterable[Any], problems: list[str]) -> Iterator[ComparedRun]:
    for source in sources:
        match source:
            case ComparedRun():
                yield source
            case Record():
                yield _of_record(source, None)
            case Row():
                yield from _of_row(source)
            case RunStore():
                source.refresh()
                for row in source.runs():
                    yield from _of_row(row)
            case str() | Path():
                yield from _of_path(source, problems)
            case list() | tuple() | set() | Iterator():
                yield from _each(source, problems)
            case _:
                record, file = getattr(source, "record", None), getattr(source, "file", None)
                if not isinstance(record, Record):
                    raise RecordError("compare_of_no_run", kind=type(source).__name__)
                yield _of_record(record, file if isinstance(file, Path) else None)


def _of_record(record: Record, file: Path | None) -> ComparedRun:
    path = file.name if file is not None else str(record.notebook.get("name") or record.run_id)
    return ComparedRun("", facts_of(record, one_line(path)), record, file)


def _of_row(row: Row) -> Iterator[ComparedRun]:
    found = read_run_in(Path(row.store), row.facts.path)
    if found is None:
        raise MlprovError("run_gone")
    yield ComparedRun("", found[0], found[1], Path(row.store) / row.facts.path)


def _of_path(source: str | Path, problems: list[str]) -> Iterator[ComparedRun]:
    try:
        path = Path(source).expanduser()
    except (ValueError, RuntimeError) as error:
        raise RecordError("path_invalid", path=str(source), reason=error) from None
    if not os.path.isdir(path):  # noqa: PTH112  (a name that is too long is no error)
        record, file = read_run(path)
        yield _of_record(record, file)
        return
    for one in scan(path, problems):
        found = read_run_in(path, one.path)
        if found is not None:
            yield ComparedRun("", *found, path / one.path)


def _place(run: ComparedRun) -> str:
    """Where a run is, with its name at the end; of MLflow all files are called alike."""
    if run.facts.format == MLFLOW:
        return (run.facts.title or run.facts.run_id).replace("/", " ")
    return str(run.file or run.facts.path).replace("\\", "/")


def _named(runs: list[ComparedRun]) -> list[ComparedRun]:
    """Each with the name of its file, and as much of its folder as it takes to tell them apart."""
    paths = [PurePosixPath(_place(one)) for one in runs]
    names = [path.name.removesuffix(ENDING) for path in paths]
    several = Counter(names)
    longer = [
        f"{path.parent.name}/{name}" if several[name] > 1 and path.parent.name else name
        for path, name in zip(paths, names, strict=True)
    ]
    several = Counter(longer)
    found = []
    for at, (run, name) in enumerate(zip(runs, longer, strict=True), 1):
        name = f"{name} ({at})" if several[name] > 1 else name
        found.append(replace(run, name=shorten_middle(one_line(name), _NAME)))
    return found
