"""A script in place of a notebook: its percent cells, by the lines that have been reached."""

from __future__ import annotations

import ast
import sys
import weakref
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from traceback import walk_stack, walk_tb
from types import FrameType, TracebackType
from typing import Any

from mlprov_widgets.capture.cells.arrangement import CapturedExecution, begin_execution, with_ids
from mlprov_widgets.capture.cells.errors import describe_error, status_of
from mlprov_widgets.capture.cells.origin import CodeOrigin, read_origin
from mlprov_widgets.capture.cells.reach import constants_in, reachable
from mlprov_widgets.capture.clock import now
from mlprov_widgets.capture.values import ipython
from mlprov_widgets.record import Value

_Hook = Callable[[type[BaseException], BaseException, TracebackType | None], Any]


def is_script(frame: FrameType) -> bool:
    """Whether a file is run, from a notebook's cell perhaps (``%run``), and not a cell itself."""
    names = frame.f_globals
    shell = ipython.get_ipython() if ipython else None
    main = names.get("__name__") == "__main__" and isinstance(names.get("__file__"), str)
    return main and shell is not None and names is not shell.user_ns


class ScriptCells:
    """What a script has run so far.

    A script reports nothing by itself. Its calls say which line it has reached and when; a cell
    with such a call is timed from the call before it to its own last one, one without has no time.

    Parameters
    ----------
    frame : FrameType
        Of the code that called ``start_run``.
    failed : callable
        Called with the status when an exception ends the script.
    """

    def __init__(self, frame: FrameType, failed: Callable[[str], None]) -> None:
        self.namespace: Mapping[str, Any] = frame.f_globals
        path = frame.f_globals.get("__file__")
        origin = read_origin(Path(path)) if isinstance(path, str) else None
        self.origin = with_ids(origin or CodeOrigin())
        self._file = frame.f_code.co_filename
        self._marks: list[tuple[int, datetime]] = []
        self._steps: dict[int, list[str]] = {}
        self._error: tuple[int, str, str] | None = None
        self._failed = failed
        self._stopped = False
        self._previous_hook = sys.excepthook
        self._hook = sys.excepthook = _excepthook(self, sys.excepthook)
        self._mark()

    # -- what a run asks ----------------------------------------------------------------------

    def execution_id(self) -> str:
        """Id of the execution of the cell that the script has reached."""
        at = self._cell_at(self._line())
        return f"e{at + 1}" if at >= 0 else ""

    def add_call(self, step: str) -> object:
        """Note that a step is recorded; gives what tells the calling cell from others."""
        self._steps.setdefault(self._cell_at(self._mark()), []).append(step)
        return self.execution_id()

    def constants(self) -> dict[str, Value]:
        """Named constants that statements since the last call read, where there are no cells."""
        lines = [line for line, _ in self._marks]
        if len(self.origin.cells) != 1 or len(lines) < 2:
            return {}
        cell = self.origin.cells[0]
        try:
            tree = ast.parse("\n" * (cell.line - 1) + cell.source)
        except (SyntaxError, ValueError):
            return {}
        between = [one for one in tree.body if lines[-2] < one.lineno <= lines[-1]]
        source = ast.unparse(ast.Module(between, []))
        return constants_in(reachable(source, self.namespace), self.namespace)

    def captured(self) -> list[CapturedExecution]:
        """One `CapturedExecution` for each code cell that the script has reached."""
        lines = [line for line, _ in self._marks]
        reached = max([*lines, self._error[0] if self._error is not None else 0])
        result = []
        for at, cell in enumerate(self.origin.cells):
            if cell.kind != "code" or cell.line > reached:
                continue
            one = begin_execution(cell.source, cell.source, f"e{at + 1}")
            one.cell_id, one.steps = cell.id or None, self._steps.get(at, [])
            execution = one.execution
            inside = [place for place, line in enumerate(lines) if self._cell_at(line) == at]
            if inside:
                execution.start = self._marks[max(0, inside[0] - 1)][1]
                execution.end = self._marks[inside[-1]][1]
            if self._error is not None and self._cell_at(self._error[0]) == at:
                _, execution.status, execution.error = self._error
            if len(self.origin.cells) > 1:
                one.constants = constants_in(reachable(cell.source, self.namespace), self.namespace)
            result.append(one)
        return result

    def end(self) -> bool:
        """Note that the run ends; a script runs no cell again."""
        self._mark()
        return False

    def add_failure(self, error: BaseException) -> None:
        """Note an exception that the script itself may go on after."""
        line = self._lines(walk_tb(error.__traceback__))[-1]
        self._error = (line, status_of(error), describe_error(error))

    def stop(self) -> None:
        """Let exceptions go their usual way again."""
        if sys.excepthook is self._hook:
            sys.excepthook = self._previous_hook
        self._stopped = True

    # -- lines --------------------------------------------------------------------------------

    def _mark(self) -> int:
        """Note which line the script has reached."""
        line = self._line()
        self._marks.append((line, now()))
        return line

    def _cell_at(self, line: int) -> int:
        cells = enumerate(self.origin.cells)
        return max((at for at, cell in cells if cell.line <= line), default=-1)

    def _line(self) -> int:
        """The line of the script's top level that is being run."""
        return self._lines(walk_stack(sys._getframe(1)))[-1]

    def _lines(self, frames: Iterable[tuple[FrameType, int]]) -> list[int]:
        """Where the script itself is, in these frames; 0 where it is in none of them."""
        return [at for frame, at in frames if frame.f_code.co_filename == self._file] or [0]

    def ended_by(self, error: BaseException, trace: TracebackType | None) -> None:
        """Note the exception that ends the script."""
        if not self._stopped:
            self._error = (self._lines(walk_tb(trace))[0], status_of(error), describe_error(error))
            self._failed(status_of(error))


def _excepthook(cells: ScriptCells, previous: _Hook) -> _Hook:
    # Threads keep the hook that they began with; the run and its data must not stay with it.
    reference = weakref.ref(cells)

    def excepthook(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> Any:
        try:
            known = reference()
            if known is not None:
                known.ended_by(error, trace)
        finally:
            previous(kind, error, trace)

    return excepthook
