"""IPython's events: every executed cell, without a line of code in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from mlprov_widgets.capture.cells import Captured
from mlprov_widgets.capture.names import names_of
from mlprov_widgets.capture.plain import loaded, text
from mlprov_widgets.provenance.record import Execution

_MAX_HISTORY = 500  # cells before the start that are taken over
_MAX_ERROR = 500  # characters


def now() -> datetime:
    """The present moment, with the machine's time zone."""
    return datetime.now().astimezone()


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
        self.current: Captured | None = None
        self._info: object = None
        self._ended = ended
        history = shell.history_manager
        count = len(history.input_hist_raw) - 1
        # The cell that starts the run gets no event at its beginning.
        self.current = self._begin(history.input_hist_raw[-1], history.input_hist_parsed[-1], count)
        self._starting = True
        shell.events.register("pre_run_cell", self._before)
        shell.events.register("post_run_cell", self._after)

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

    def _begin(self, raw: str, parsed: str, count: int | None, cell_id: Any = None) -> Captured:
        names = names_of(parsed)
        execution = Execution(
            text(raw, 10_000_000), count, now(), reads=list(names.reads), binds=list(names.binds)
        )
        cell_id = cell_id if isinstance(cell_id, str) and cell_id else None
        captured = Captured(execution, cell_id, names)
        self.captured.append(captured)
        return captured

    def _before(self, info: Any) -> None:
        try:
            # Code that a front end or a magic runs for itself is no cell.
            if not info.store_history or self.current is not None:
                return
            parsed = getattr(info, "transformed_cell", None)
            if parsed is None:  # IPython before 9.16
                parsed = self.shell.transform_cell(info.raw_cell)
            self._info = info
            count = self.shell.execution_count - 1
            self.current = self._begin(info.raw_cell, parsed, count, info.cell_id)
        except Exception:
            self.current = None  # a cell that cannot be captured must run all the same

    def _after(self, result: Any) -> None:
        try:
            captured, info = self.current, getattr(result, "info", None)
            if captured is None:
                return
            if self._starting:
                if info is not None and not info.store_history:
                    return
                captured.cell_id = getattr(info, "cell_id", None) or None
            elif info is not None and info is not self._info:
                return
            self._starting, self.current, self._info = False, None, None
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
        except Exception:
            return
