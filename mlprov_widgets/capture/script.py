"""A script in place of a notebook: its percent cells, by the lines that have been reached."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from datetime import datetime
from types import FrameType, TracebackType
from typing import Any

from mlprov_widgets.capture.cells import Captured
from mlprov_widgets.capture.clock import now
from mlprov_widgets.capture.hooks import one_line, status_of
from mlprov_widgets.capture.names import names_of
from mlprov_widgets.capture.origin import Origin, SourceCell
from mlprov_widgets.provenance.record import STEPS, Execution


def _ignore(status: str, error: str) -> None:
    """What a run that is over does about a failure."""


class ScriptCells:
    """What a script has run so far.

    A script reports nothing by itself. Its calls say which line it has reached and when; a cell
    with such a call is timed from the call before it to its own last one, one without has no time.

    Parameters
    ----------
    origin : Origin
        The script; an empty one where the code has no file.
    frame : FrameType
        Of the code that called ``start_run``.
    failed : callable
        Called with status and error when an exception ends the script.
    """

    def __init__(
        self, origin: Origin, frame: FrameType, failed: Callable[[str, str], None]
    ) -> None:
        self.origin = origin
        self.file = frame.f_code.co_filename
        self._marks: list[tuple[int, datetime]] = []
        self._steps: dict[int, list[str]] = {}
        self._error: tuple[int, str, str] | None = None
        self._failed = failed
        self._previous_hook = sys.excepthook
        sys.excepthook = self._excepthook
        self.mark(frame)

    def stop(self) -> None:
        """Let exceptions go their usual way again."""
        if sys.excepthook == self._excepthook:
            sys.excepthook = self._previous_hook
        # Threads keep the hook that they began with; the run and its data must not stay with it.
        self._failed = _ignore

    def mark(self, frame: FrameType | None, step: str = "") -> None:
        """Note which line the script has reached, and the step that it records there."""
        line = self._line(frame)
        self._marks.append((line, now()))
        if step:
            self._steps.setdefault(self._cell_at(line), []).append(step)

    def uses(self, step: str) -> dict[str, frozenset[str]]:
        """For each step the names that the code since the last call uses, up to this call.

        Parameters
        ----------
        step : str
            The step that this call names.
        """
        uses: dict[str, frozenset[str]] = {step: frozenset()}
        lines = [line for line, _ in self._marks]
        if len(lines) < 2 or not self.origin.cells:
            return uses
        if len(self.origin.cells) > 1:
            last, this = self._cell_at(lines[-2]), self._cell_at(lines[-1])
            steps = {cell.id: cell.step for cell in self.origin.generated if cell.step in STEPS}
            for at in range(min(last + 1, this), this + 1):
                cell = self.origin.cells[at]
                if cell.kind == "code":
                    # A cell of another step without a call of its own, such as a plot.
                    own = step if at == this else steps.get(cell.id) or step
                    uses[own] = uses.get(own, frozenset()) | names_of(cell.source).uses
            return uses
        # One long script without cells: the statements between the two calls.
        try:
            tree = ast.parse("\n" * (self.origin.cells[0].line - 1) + self.origin.cells[0].source)
        except (SyntaxError, ValueError):
            return uses
        between = [s for s in tree.body if lines[-2] < s.lineno <= lines[-1]]
        return {step: names_of(ast.unparse(ast.Module(between, []))).uses}

    def captured(self) -> list[Captured]:
        """One `Captured` for each code cell that the script has reached."""
        reached = max((line for line, _ in self._marks), default=0)
        if self._error is not None:
            reached = max(reached, self._error[0])
        result = []
        for at, cell in enumerate(self.origin.cells):
            if cell.kind != "code" or cell.line > reached:
                continue
            names = names_of(cell.source)
            execution = Execution(cell.source, reads=list(names.reads), binds=list(names.binds))
            inside = [
                place for place, (line, _) in enumerate(self._marks) if self._cell_at(line) == at
            ]
            if inside:
                execution.start = self._marks[max(0, inside[0] - 1)][1]
                execution.end = self._marks[inside[-1]][1]
            if self._error is not None and self._cell_at(self._error[0]) == at:
                _, execution.status, execution.error = self._error
            steps = self._steps.get(at, [])
            result.append(Captured(execution, cell.id or None, names, steps))
        return result

    def _cell_at(self, line: int) -> int:
        cells: list[SourceCell] = self.origin.cells
        return max((at for at, cell in enumerate(cells) if cell.line <= line), default=-1)

    def _line(self, frame: FrameType | None) -> int:
        """The line of the script's top level that is being run."""
        line = 0
        while frame is not None:
            if frame.f_code.co_filename == self.file:
                line = frame.f_lineno
                if frame.f_code.co_name == "<module>":
                    break
            frame = frame.f_back
        return line

    def _excepthook(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> Any:
        try:
            line, step = 0, trace
            while step is not None and not line:
                if step.tb_frame.f_code.co_filename == self.file:
                    line = step.tb_lineno
                step = step.tb_next
            status, message = status_of(error), one_line(error)
            self._error = (line, status, message)
            self._failed(status, message)
        finally:
            self._previous_hook(kind, error, trace)
