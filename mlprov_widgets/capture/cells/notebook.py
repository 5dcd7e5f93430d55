"""The cells that a shell runs, by IPython's events, without a line of code in any of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mlprov_widgets.capture.cells.arrangement import CapturedExecution, begin_execution, places
from mlprov_widgets.capture.cells.errors import describe_error, status_of
from mlprov_widgets.capture.cells.origin import find_notebook
from mlprov_widgets.capture.clock import now
from mlprov_widgets.capture.values import ipython, text
from mlprov_widgets.record import source_hash

_MAX_HISTORY = 500  # cells before the start that are taken over
_MAX_EARLIER, _MAX_SOURCE = 100_000, 10_000_000  # characters of a cell before the start, and since
# Executions are numbered through all runs of a process: a later run takes over earlier ones.
_numbers = itertools.count(1)


def _next_id() -> str:
    return f"e{next(_numbers)}"


def current_shell() -> Any:
    """The shell whose cell runs now; None in a script, also under ``ipython file.py``."""
    shell = ipython.get_ipython() if ipython else None
    history = getattr(shell, "history_manager", None)
    return shell if history is not None and len(history.input_hist_raw) > 1 else None


class NotebookCells:
    """What a shell has run so far.

    Parameters
    ----------
    shell : InteractiveShell
    began, ended : callable
        Called with every cell that is about to run, and that has ended.
    name : str
        The name that the notebook gave.
    folder : Path
        The working directory.
    earlier : object
        The cells of the run that was recorded before in this process; None where there was none.
    """

    def __init__(
        self,
        shell: Any,
        began: Callable[[CapturedExecution], None],
        ended: Callable[[CapturedExecution], None],
        name: str,
        folder: Path,
        earlier: object,
    ) -> None:
        self.shell: Any = shell
        self.namespace: Mapping[str, Any] = shell.user_ns
        self._began, self._ended = began, ended
        self._since_start: list[CapturedExecution] = []
        # A cell may run another one; the last is the one that runs now.
        self._running: list[tuple[str, CapturedExecution]] = []
        history = shell.history_manager
        raw, parsed = history.input_hist_raw, history.input_hist_parsed
        # The cell that starts the run gets no event at its beginning.
        starting = self._begin(raw[-1], parsed[-1], len(raw) - 1)
        self._hooks = {"pre_run_cell": self._pre_run_cell, "post_run_cell": self._post_run_cell}
        for event, hook in self._hooks.items():
            shell.events.register(event, hook)
        self.origin = find_notebook(name, starting.execution.source, shell.user_ns, folder)
        if isinstance(earlier, NotebookCells) and earlier.shell is shell:
            self._before, starting.cell_id = earlier.hand_over()
        else:
            self._before = self._from_history()
        # How many cells had run when a call last recorded a step, and when the run last ended.
        self._at_last_call, self._at_last_end = 1, 0

    # -- what a run asks ----------------------------------------------------------------------

    @property
    def _current(self) -> CapturedExecution | None:
        """The cell that runs now."""
        return self._running[-1][1] if self._running else None

    def execution_id(self) -> str:
        """Id of the execution that runs now; empty between two cells."""
        return self._current.execution.id if self._current is not None else ""

    def add_call(self, step: str) -> object:
        """Note that a step is recorded; gives what tells the calling cell from others."""
        current = self._current
        since = self._since_start[self._at_last_call :]
        self._at_last_call = len(self._since_start)
        if current is not None:
            current.steps.append(step)
        if not self.origin.generated:
            # Nothing else says to which step the cells before this call belong.
            for one in since:
                one.steps = one.steps or [step]
        if current is None:
            return None
        return current.cell_id or source_hash(current.execution.source)

    def captured(self) -> list[CapturedExecution]:
        """All that ran, in the order of time, with the notebook's file as it is now."""
        self.origin = self.origin.refreshed()
        if self._current is not None:
            self._current.execution.end = now()
        return [*self._before, *self._since_start]

    def end(self) -> bool:
        """Note that the run ends; tells whether other cells ran since it ended before."""
        current = self._current
        ran = [one for one in self._since_start if one is not current]
        sources = {one.execution.source for one in ran[self._at_last_end :]}
        self._at_last_end = len(ran) + 1
        return bool(sources - {current.execution.source if current else ""})

    def add_failure(self, error: BaseException) -> None:
        """Note an exception that the cell may go on after: its own end says how it ended."""

    def stop(self) -> None:
        """Capture no more cells."""
        for event, hook in self._hooks.items():
            with suppress(ValueError):
                self.shell.events.unregister(event, hook)

    def hand_over(self) -> tuple[list[CapturedExecution], str | None]:
        """What belongs to the next run in this shell, and the id of its cell; no more is captured.

        It gets those cells that stand before the start of this run: with their executions since it
        ended where they ran again, else with their last ones. Where the new run is started further
        down, also those that stand between the two starts.
        """
        self.stop()
        starting = self._running.pop()[1] if self._running else None
        cell_id = starting.cell_id if starting is not None else None
        mine = self._since_start = [one for one in self._since_start if one is not starting]
        everything = [*self._before, *mine, *([starting] if starting else [])]
        if not mine:
            return self._before, cell_id
        place = places(self.origin, everything)
        start = place[mine[0]]
        new_start = place[starting] if starting else start
        again: list[CapturedExecution] = []
        while len(mine) > 1 and place[mine[-1]] < start:
            again.insert(0, mine.pop())
        between = [one for one in mine if start <= place[one] < new_start]
        last = {place[one]: one for one in (*self._before, *between, *again)}
        found = sorted(last.values(), key=lambda one: one.execution.count or 0)
        return found, cell_id

    # -- IPython's events ---------------------------------------------------------------------

    def _pre_run_cell(self, info: Any) -> None:
        # A cell that cannot be captured must run all the same.
        with suppress(Exception):
            if not info.store_history:  # code that a front end or a magic runs for itself
                return
            parsed = getattr(info, "transformed_cell", None)
            if parsed is None:  # IPython before 9.16
                parsed = self.shell.transform_cell(info.raw_cell)
            count = self.shell.execution_count - 1
            self._began(self._begin(info.raw_cell, parsed, count, info.cell_id))

    def _begin(
        self, raw: str, parsed: str, count: int, cell_id: object = None
    ) -> CapturedExecution:
        one = begin_execution(text(raw, _MAX_SOURCE), parsed, _next_id(), count, now())
        one.cell_id = cell_id if isinstance(cell_id, str) and cell_id else None
        self._since_start.append(one)
        self._running.append((raw, one))
        return one

    def _post_run_cell(self, result: Any) -> None:
        with suppress(Exception):
            captured = self._take_ended(getattr(result, "info", None))
            if captured is None:
                return
            captured.execution.end = now()
            error = getattr(result, "error_before_exec", None) or getattr(
                result, "error_in_exec", None
            )
            if result is None:  # the kernel gave the cell up
                error = KeyboardInterrupt()
            if isinstance(error, BaseException):
                captured.execution.status = status_of(error)
                captured.execution.error = describe_error(error)
            self._ended(captured)

    def _take_ended(self, info: Any) -> CapturedExecution | None:
        """The running cell that an event is about; None where it is about none of them."""
        if info is None:
            return self._running.pop()[1] if self._running else None
        if not info.store_history:
            return None
        # Compared by source: where IPython stumbles over an error, it makes up another info.
        while any(raw == info.raw_cell for raw, _ in self._running):
            raw, captured = self._running.pop()
            if raw == info.raw_cell:
                captured.cell_id = captured.cell_id or getattr(info, "cell_id", None) or None
                return captured
        return None

    def _from_history(self) -> list[CapturedExecution]:
        """Cells that this kernel ran before, without times."""
        history = self.shell.history_manager
        raw, parsed = history.input_hist_raw, history.input_hist_parsed
        found = []
        for count in range(max(1, len(raw) - _MAX_HISTORY), len(raw) - 1):
            if raw[count].strip():
                source = text(raw[count], _MAX_EARLIER)
                one = begin_execution(source, parsed[count], _next_id(), count)
                if count in getattr(history, "exceptions", {}):
                    one.execution.status = "error"
                found.append(one)
        return found
