"""The files of a store: which there are, and whether they are what they were."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mlprov_widgets._files import reason
from mlprov_widgets.errors import MlprovError
from mlprov_widgets.provenance.files import read_container
from mlprov_widgets.provenance.legacy import legacy_record
from mlprov_widgets.provenance.reading import from_prov_json, is_sweep
from mlprov_widgets.record import Record
from mlprov_widgets.store.facts import LEGACY, PROV, RunFacts, facts_of, unreadable
from mlprov_widgets.store.mlflow import RUN_FILE, is_mlflow_run, mlflow_facts
from mlprov_widgets.wording import format_count

RECORD = ".prov.json"
# A file of MLProvCodeGen has a few thousand bytes; larger JSON is something else.
_MOST_LEGACY = 2_000_000
_LEGACY_MARK = b'"entity"'
_MOST_FILES = 2_000_000
_MOST_FOLDERS = 20_000


@dataclass(frozen=True)
class Found:
    """A file that may hold a run; most that end in ``.json`` do not.

    Parameters
    ----------
    path : str
        Relative to the folder of the store, with ``/``.
    stamp : str
        Size and time of change: a file with another one has changed.
    """

    path: str
    stamp: str


@dataclass
class Refreshed:
    """What came of looking at the files of a store.

    Parameters
    ----------
    files : int
        Files that hold a run, or should.
    added, changed, gone : int
        Since the store was last looked at.
    problems : list of str
        What could not be read, and why, a sentence each.
    rebuilt : bool
        Whether the index was missing, damaged or of another version, and was made anew.
    """

    files: int = 0
    added: int = 0
    changed: int = 0
    gone: int = 0
    problems: list[str] = field(default_factory=list)
    rebuilt: bool = False

    @property
    def text(self) -> str:
        """The same in a sentence; empty where nothing has changed."""
        numbers = [(self.added, "new"), (self.changed, "changed"), (self.gone, "gone")]
        told = ", ".join(f"{number:,} {word}" for number, word in numbers if number)
        if self.rebuilt:
            return f"The index was made anew from {format_count(self.files, 'file')}."
        return f"{format_count(self.files, 'file')}: {told}." if told else ""


def scan(folder: Path, problems: list[str], below: bool = True) -> Iterator[Found]:
    """The files in a folder, and in those below it, that may hold a run.

    Hidden folders are passed over and linked ones not entered; a file that a link leads out of the
    folder is none.

    Parameters
    ----------
    folder : Path
    problems : list of str
        Gets a sentence for each folder that cannot be listed.
    below : bool
        Whether to look into the folders below, too.
    """

    def say(error: OSError) -> None:
        problems.append(f"{error.filename}: {reason(error)}.")

    number = 0
    for entered, (place, folders, names) in enumerate(os.walk(folder, onerror=say)):
        folders[:] = sorted(name for name in folders if below and not name.startswith("."))
        if RUN_FILE in names and is_mlflow_run(Path(place)):
            folders.clear()
            names = [RUN_FILE]
        else:
            names = sorted(name for name in names if name.endswith(".json"))
        for name in names:
            number += 1
            if (found := _found(folder, Path(place, name))) is not None:
                yield found
        if number > _MOST_FILES or entered >= _MOST_FOLDERS:
            problems.append(
                f"Only the first {entered + 1:,} folders were looked at; name one of them."
            )
            return


def _found(folder: Path, path: Path) -> Found | None:
    try:
        if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
            return None
        status = path.stat()
        relative = path.relative_to(folder).as_posix()
        relative.encode("utf-8")
    except (OSError, UnicodeEncodeError, RuntimeError):
        return None
    return Found(relative, f"{status.st_size} {status.st_mtime_ns}")


def _may_be_legacy(path: Path) -> bool:
    try:
        if not path.is_file() or path.stat().st_size > _MOST_LEGACY:
            return False
        data = path.read_bytes()
    except OSError:
        return False
    return _LEGACY_MARK in data


def read_facts(folder: Path, path: str) -> RunFacts | None:
    """What is known of the run in a file; None where it is of another kind.

    Never raises for what a file holds: one of ours that cannot be read is told as such.
    """
    found = read_run_in(folder, path)
    return found[0] if found is not None else None


def read_run_in(folder: Path, path: str) -> tuple[RunFacts, Record | None] | None:
    """The same with the record; None where there is none, as of a run of MLflow."""
    file = folder / path
    try:
        if file.name == RUN_FILE:
            facts = mlflow_facts(file.parent, path)
            return (facts, None) if facts is not None else None
        if file.name.endswith(RECORD):
            container = read_container(file)
            if is_sweep(container):
                return None  # its trials have records of their own
            record = from_prov_json(container)
            return facts_of(record, path, PROV), record
        # Most JSON is something else, and reading it as PROV would take its time.
        if not _may_be_legacy(file):
            return None
        legacy = legacy_record(read_container(file))
        return (facts_of(legacy, path, LEGACY), legacy) if legacy is not None else None
    except (MlprovError, OSError, RecursionError) as error:
        if file.name.endswith(RECORD) or file.name == RUN_FILE:
            # The file is named by whoever tells of it.
            given = error.arguments if isinstance(error, MlprovError) else {}
            return unreadable(path, given.get("reason", error)), None
    return None
