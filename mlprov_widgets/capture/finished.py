"""A run that has ended: its file, its record, and how it compares with the one it reproduces."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from mlprov_widgets.capture.cells.notebook import current_shell
from mlprov_widgets.notebooks.beside import OUTPUT_METADATA
from mlprov_widgets.record import Record, Value

if TYPE_CHECKING:
    from mlprov_widgets.comparison.verification import Verification
    from mlprov_widgets.reporting import RunReport


class RunState(TypedDict):
    """What has become of a run, for whoever runs the notebook; no file while there is none."""

    run_id: str
    status: str
    file: str | None
    metrics: Value
    problem: str


@dataclass(frozen=True)
class FinishedRun:
    """What `Run.finish` gives back.

    Parameters
    ----------
    file : Path
        The provenance file.
    record : Record
        Its content.
    verification : Verification or None
        The comparison with the original run, where this notebook reproduces one.
    """

    file: Path
    record: Record
    verification: Verification | None = None

    def report(self) -> RunReport:
        """A report on this run for an appendix or a reviewer: ``to_html()``, ``to_markdown()``."""
        from mlprov_widgets.reporting import run_report

        return run_report(self)

    def __repr__(self) -> str:
        verdict = f", {self.verification.verdict}" if self.verification is not None else ""
        return f"<FinishedRun: {self.file.name}{verdict}>"


def relative_place(file: Path, folder: Path) -> str:
    """Name of a file, with its folder where that is another one."""
    return file.name if file.parent == folder else str(file)


def show(verification: Verification) -> None:
    """Show the comparison with the original run where the run's output goes."""
    if current_shell() is not None:
        from IPython.display import display

        display(verification)
    else:
        print(verification.to_text())


def show_file(file: Path, place: str, run_id: str | None) -> None:
    """Say where the record is; in a notebook the output says of which run it is, too.

    Parameters
    ----------
    file : Path
        The record.
    place : str
        Its path as it is shown.
    run_id : str or None
        None in a script.
    """
    line = f"Provenance: {place}"
    if run_id is None:
        print(line)
        return
    from IPython.display import display

    run = {"run_id": run_id, "file": file.name}
    display({"text/plain": line}, raw=True, metadata={OUTPUT_METADATA: run})
