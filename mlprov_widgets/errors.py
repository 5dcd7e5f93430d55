"""One root for every error that is meant for a person: a code, its arguments, and a sentence."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from mlprov_widgets.messages import catalogue, message, shortened


class MlprovError(Exception):
    """Root of all errors of this package: what was wrong, where, and what to do.

    Parameters
    ----------
    code : str
        Which error it is, such as ``file_exists``; its sentence is in `mlprov_widgets.messages`.
    **arguments
        What the sentence names: paths, numbers, names. Whatever a person wrote is made visible and
        short when the sentence is made.

    Attributes
    ----------
    code : str
    arguments : dict
    """

    def __init__(self, code: str, /, **arguments: object) -> None:
        self.code, self.arguments = code, arguments
        super().__init__(code)

    def __str__(self) -> str:
        # Anybody's code may raise one; what has no sentence here stands for itself.
        known = self.code in catalogue()
        return message(self.code, self.arguments) if known else shortened(self.code)

    def renamed(self, path: Path, name: str) -> Self:
        """The same error with another name for a file, for those who know it by that.

        Parameters
        ----------
        path : Path
            The file; wherever it, or its name alone, is an argument, it is replaced.
        name : str
            What it is called instead.

        Returns
        -------
        MlprovError
            A copy, of this error's own class.
        """
        error = copy.copy(self)
        error.arguments = {
            key: one.renamed(path, name)
            if isinstance(one, MlprovError)
            else name
            if str(one) in (str(path), path.name)
            else one
            for key, one in self.arguments.items()
        }
        return error

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (type(self), self.__dict__)

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: where in this package it was noticed helps nobody."""
        return [str(self)]


def _again(kind: type[MlprovError], state: dict[str, object]) -> MlprovError:
    error = kind.__new__(kind)
    error.__dict__.update(state)
    return error


class PackError(MlprovError):
    """A pack cannot be read.

    Parameters
    ----------
    code : str
        Which error it is.
    file : Path, optional
        The file that is at fault.
    line : int, optional
        Line in that file, from 1.
    field : str, optional
        The field in that file, such as ``parameters.epochs.default``.
    """

    def __init__(
        self,
        code: str,
        /,
        file: Path | None = None,
        line: int | None = None,
        field: str = "",
        **arguments: object,
    ) -> None:
        self.file, self.line, self.field = file, line, field
        super().__init__(code, **arguments)

    def __str__(self) -> str:
        place = "" if self.file is None else str(self.file)
        place += f", line {self.line}" if place and self.line else ""
        place = ", ".join(part for part in (place, self.field) if part)
        return shortened(f"{place}: {super().__str__()}") if place else super().__str__()


class InvalidValueError(MlprovError, ValueError):
    """A value that a parameter does not allow; its arguments name the ``parameter``."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with, or worth knowing about, the value of one parameter.

    Parameters
    ----------
    parameter : str
        Its name.
    code : str
        Which problem it is, as with errors.
    arguments : mapping
        What the sentence names beside the ``parameter``.
    """

    parameter: str
    code: str
    arguments: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, parameter: str, error: MlprovError) -> Problem:
        """The problem that an error about the value of a parameter is."""
        return cls(parameter, error.code, error.arguments)

    @property
    def message(self) -> str:
        """A sentence."""
        return message(self.code, {"parameter": self.parameter, **self.arguments})

    def called(self, label: str) -> Problem:
        """The same with other words for the parameter: beside its field its label is enough."""
        return replace(self, arguments={**self.arguments, "parameter": label})


class InvalidValuesError(MlprovError):
    """Values that a pack does not allow; `problems` names each of them."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("invalid_values")

    def __str__(self) -> str:
        return "\n".join(problem.message for problem in self.problems)


class TableError(MlprovError):
    """A table that cannot be used, with the reason in plain words."""


class ImageError(MlprovError):
    """A folder of images, or arrays of images, that cannot be used, with the reason in words."""


class InvalidToleranceError(MlprovError, ValueError):
    """A tolerance that is no number, or a negative one."""


class RecordError(MlprovError):
    """A provenance file or notebook that cannot be read as what it claims to be."""


class DataUnavailableError(MlprovError):
    """Data that could not be fetched; the message says which file to put where."""


class CheckpointError(MlprovError):
    """A checkpoint from which training cannot go on, with the reason in words."""


class ExecutionError(MlprovError):
    """A cell of a notebook raised.

    Parameters
    ----------
    code : str
        Which error it is.
    cell : int
        Number of the cell among all cells of the notebook, from 1.
    source : str
        The cell's source.
    traceback : str
        The traceback as plain text.
    """

    def __init__(
        self, code: str, /, cell: int, source: str = "", traceback: str = "", **arguments: object
    ) -> None:
        self.cell, self.source, self.traceback = cell, source, traceback
        super().__init__(code, cell=cell, **arguments)


class NameTakenError(MlprovError):
    """A file of this name is there already, and is not written over."""


class NotSavedError(MlprovError):
    """A run went well, but its notebook or its record is not where it belongs; says where it is.

    The run's `result` is there all the same.
    """


class MissingPackageError(MlprovError):
    """A package that is not part of the core is not installed; names the command that does it."""
