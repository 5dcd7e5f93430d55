"""IPython's events: every executed cell, without a line of code in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from mlprov_widgets.capture.cells import Captured
from mlprov_widgets.capture.clock import now
from mlprov_widgets.capture.names import names_of
from mlprov_widgets.capture.plain import loaded, text
from mlprov_widgets.provenance.record import Execution

_MAX_HISTORY = 500  # cells before the start that are taken over
_MAX_ERROR = 500  # characters


def one_line(error: BaseException) -> str:
    """``ValueError: message`` in one line. Never raises."""
    try:
        message = " ".join(str(error).split())
    except Exception:
        message = ""
    name = type(error).__name__
    return text(f"{name}: {message}" if message else name, _MAX_ERROR)


def status_of(error: BaseException) -> str:
    """``interrupted`` where a person stopped the cell, else ``error``."""
    stopped = (KeyboardInterrupt, asyncio.CancelledError)
    return "interrupted" if isinstance(error, stopped) else "error"


def current_shell() -> Any:
    """The shell whose cell runs now; None in a script, also under ``ipython file.py``."""
    ipython = loaded("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None or getattr(shell, "history_manager", None) is None:
        return None
    return shell if len(shell.history_manager.input_hist_raw) > 1 else None


class CellHooks:
    """Captures the cells that a shell runs.

    Parameters
    ----------
    shell : InteractiveShell
    ended : callable
        Called with the `Captured` when a cell has ended.
    """

    def __init__(self, shell: Any, ended: Callable[[Captured], None]) -> None:
        self.shell = shell
        self.captured: list[Captured] = []
        # A cell may run another one; the last is the one that runs now.
        self._running: list[tuple[str, Captured]] = []
        self._ended = ended
        history = shell.history_manager
        count = len(history.input_hist_raw) - 1
        # The cell that starts the run gets no event at its beginning.
        self._begin(history.input_hist_raw[-1], history.input_hist_parsed[-1], count)
        shell.events.register("pre_run_cell", self._before)
        shell.events.register("post_run_cell", self._after)

    @property
    def current(self) -> Captured | None:
        """The cell that runs now."""
        return self._running[-1][1] if self._running else None

    def drop_current(self) -> str | None:
        """Forget the cell that runs now, because it begins another run; gives back its id."""
        if not self._running:
            return None
        _, captured = self._running.pop()
        self.captured.remove(captured)
        return captured.cell_id

    def stop(self) -> None:
        """Capture no more cells."""
        for event, hook in (("pre_run_cell", self._before), ("post_run_cell", self._after)):
            try:
                self.shell.events.unregister(event, hook)
            except ValueError:
                continue

    def earlier(self) -> list[Captured]:
        """Cells that this kernel ran before, from its history, without times."""
        history = self.shell.history_manager
        raw, parsed = history.input_hist_raw, history.input_hist_parsed
        errors = getattr(history, "exceptions", {})
        found = []
        for count in range(max(1, len(raw) - _MAX_HISTORY), len(raw) - 1):
            if not raw[count].strip():
                continue
            names = names_of(parsed[count])
            execution = Execution(
                text(raw[count]), count, reads=list(names.reads), binds=list(names.binds)
            )
            if count in errors:
                execution.status = "error"
            found.append(Captured(execution, names=names, before=True))
        return found

    def _begin(self, raw: str, parsed: str, count: int, cell_id: Any = None) -> None:
        names = names_of(parsed)
        execution = Execution(
            text(raw, 10_000_000), count, now(), reads=list(names.reads), binds=list(names.binds)
        )
        cell_id = cell_id if isinstance(cell_id, str) and cell_id else None
        captured = Captured(execution, cell_id, names)
        self.captured.append(captured)
        self._running.append((raw, captured))

    def _before(self, info: Any) -> None:
        # A cell that cannot be captured must run all the same.
        with suppress(Exception):
            if not info.store_history:  # code that a front end or a magic runs for itself
                return
            parsed = getattr(info, "transformed_cell", None)
            if parsed is None:  # IPython before 9.16
                parsed = self.shell.transform_cell(info.raw_cell)
            self._begin(info.raw_cell, parsed, self.shell.execution_count - 1, info.cell_id)

    def _after(self, result: Any) -> None:
        with suppress(Exception):
            captured = self._end(getattr(result, "info", None))
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
                captured.execution.error = one_line(error)
            self._ended(captured)

    def _end(self, info: Any) -> Captured | None:
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
