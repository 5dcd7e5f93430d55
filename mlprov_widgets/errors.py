"""One root for every error that is meant for a person; its message is a whole sentence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MAX_SENTENCE = 900


def sentence(text: str) -> str:
    """One line of limited length, in which characters that are not seen are written as escapes."""
    if len(text) > MAX_SENTENCE:
        # What is wrong is said first, and what to do last.
        text = f"{text[: MAX_SENTENCE - 301]} … {text[-298:]}"
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else " " if char.isspace() else ascii(char)[1:-1]
        for char in text
    )[: MAX_SENTENCE + 100]


class MlprovError(Exception):
    """Root of all errors of this package: what was wrong, where, and what to do."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: where in this package it was noticed helps nobody."""
        return [str(self)]


class PackError(MlprovError):
    """A pack cannot be read.

    Parameters
    ----------
    message : str
        What is wrong and what is allowed.
    file : Path, optional
        The file that is at fault.
    line : int, optional
        Line in that file, from 1.
    field : str, optional
        The field in that file, such as ``parameters.epochs.default``.
    """

    def __init__(
        self, message: str, file: Path | None = None, line: int | None = None, field: str = ""
    ) -> None:
        self.file, self.line, self.field = file, line, field
        place = "" if file is None else str(file) + (f", line {line}" if line else "")
        if field:
            place = f"{place}, {field}" if place else field
        # It quotes what somebody else wrote.
        super().__init__(sentence(f"{place}: {message}" if place else message))


@dataclass(frozen=True)
class Problem:
    """What is wrong with, or worth knowing about, the value of one parameter."""

    parameter: str
    message: str


class InvalidValuesError(MlprovError):
    """Values that a pack does not allow; `problems` names each of them."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(problem.message for problem in problems))


class TableError(MlprovError):
    """A table that cannot be used, with the reason in plain words."""


class ImageError(MlprovError):
    """A folder of images, or arrays of images, that cannot be used, with the reason in words."""


class RecordError(MlprovError):
    """A provenance file or notebook that cannot be read as what it claims to be.

    Its message quotes what somebody else wrote, so it is kept to one line of what can be seen.
    """

    def __init__(self, message: str) -> None:
        super().__init__(sentence(message))


class DataUnavailableError(MlprovError):
    """Data that could not be fetched; the message says which file to put where."""


class CheckpointError(MlprovError):
    """A checkpoint from which training cannot go on, with the reason in words."""


class ExecutionError(MlprovError):
    """A cell of a notebook raised.

    Parameters
    ----------
    message : str
        The sentence to show.
    cell : int
        Number of the cell among all cells of the notebook, from 1.
    source : str
        The cell's source.
    traceback : str
        The traceback as plain text.
    """

    def __init__(self, message: str, cell: int, source: str = "", traceback: str = "") -> None:
        self.cell, self.source, self.traceback = cell, source, traceback
        super().__init__(message)


class NameTakenError(MlprovError):
    """A file of this name is there already, and is not written over."""


class NotSavedError(MlprovError):
    """A run went well, but its notebook or its record is not where it belongs; says where it is.

    The run's `result` is there all the same.
    """
