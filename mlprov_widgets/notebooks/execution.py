"""Run a notebook in a kernel of its own, watch it cell by cell, and stop it when asked."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets._files import naming, rescue_folder
from mlprov_widgets.errors import ExecutionError, MlprovError, NotSavedError
from mlprov_widgets.messages import message
from mlprov_widgets.notebooks.failures import Failure, failure_of
from mlprov_widgets.notebooks.formats import read_text
from mlprov_widgets.notebooks.formats.ipynb import read_node
from mlprov_widgets.notebooks.kernels import (
    ask_run,
    new_manager,
    shut_down,
    start_kernel,
    take_over,
    without_escapes,
)
from mlprov_widgets.notebooks.permission import check_permission
from mlprov_widgets.notebooks.results import ExecutionResult, record_of
from mlprov_widgets.notebooks.spare import ahead_of, spare
from mlprov_widgets.notebooks.supervision import (
    Allowance,
    current_allowance,
    hide_server_paths,
    turn,
)
from mlprov_widgets.notebooks.target import Target

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbformat import NotebookNode

# on_cell(index, total, cell, state): index from 1 among all cells, markdown too, as errors count.
CellCallback = Callable[[int, int, Any, str], None]

log = logging.getLogger(__name__)

# A cell that ignores the interrupt is given this long before its kernel is ended, in seconds.
INTERRUPT_GRACE = 5.0


class NotebookRun:
    """One execution of a notebook, in a thread and a kernel of its own.

    The notebook runs in its own folder with the Python that runs this code, whatever the
    installed kernelspecs say. The thread has its own event loop, so that a widget in a running
    kernel can start it and stay responsive.

    Parameters
    ----------
    path : str or Path
        The notebook to run.
    out : str or Path, optional
        Where the executed notebook goes, by default over `path` itself. No other existing file is
        overwritten.
    on_cell : callable, optional
        Called as ``on_cell(index, total, cell, state)`` when a code cell begins (``start``) and
        when it ends (``done``, ``failed`` or ``stopped``); `index` counts all cells of the
        notebook from 1. It is called from the run's thread.
    on_wait : callable, optional
        In a hosted app, called with the number of runs that come before this one.
    timeout : float, optional
        Seconds that one cell may take, by default without limit.
    folders : iterable of Path or str
        Further folders with packs; a hosted app runs only what a pack writes.

    Raises
    ------
    RecordError
        If `path` cannot be read as a Python notebook.
    MlprovError
        If it may not be run here, `out` exists already, or nothing can be written where the
        executed notebook is to go: better before hours of training than after.
    """

    def __init__(
        self,
        path: str | Path,
        out: str | Path | None = None,
        *,
        on_cell: CellCallback | None = None,
        on_wait: Callable[[int], None] | None = None,
        timeout: float | None = None,
        folders: Iterable[Path | str] = (),
    ) -> None:
        self.path = Path(path).expanduser().resolve()
        self._notebook = read_notebook(self.path)
        check_permission(self._notebook, self.path, folders)
        self._allowance = current_allowance()
        self._target = Target(self.path, None if out is None else Path(out).expanduser().resolve())
        self._on_cell = on_cell or (lambda *_: None)
        self._on_wait = on_wait or (lambda _before: None)
        self._timeout = timeout
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._manager: AsyncKernelManager | None = None
        self._stopping = threading.Event()
        self._finished = threading.Event()
        self._error: BaseException | None = None
        self._began = 0.0
        self._task_ended = False
        self._exceeded: Failure | None = None
        self._cell = 0
        # Whether the kernel is there and runs no cell, so that it can be asked.
        self._idle = False
        self._report: dict[str, Any] | None = None
        self.run_id = str(uuid.uuid4())
        self.result: ExecutionResult | None = None

    def __repr__(self) -> str:
        state = self.result.status if self.result else "running" if self.running else "not started"
        return f"<NotebookRun {self.path.name}: {state}>"

    @property
    def running(self) -> bool:
        """Whether the run has begun and not ended."""
        return self._thread is not None and not self._finished.is_set()

    def start(self) -> NotebookRun:
        """Begin; returns at once."""
        if self._thread is not None:
            raise MlprovError("run_started_before")
        if self._allowance is not None:
            self._allowance.begin()
        self._thread = threading.Thread(target=self._run, name="mlprov-run", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Interrupt the cell that is running and end the run; returns at once."""
        self._stopping.set()
        loop = self._loop
        if loop is not None and not self._finished.is_set():
            # The loop may close between the test and the call: then there is nothing to stop.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._interrupt_soon)

    def wait(self, timeout: float | None = None) -> ExecutionResult:
        """Wait for the end of the run.

        Parameters
        ----------
        timeout : float, optional
            Seconds to wait at most, by default without limit.

        Returns
        -------
        ExecutionResult
            Also kept as `result`, which is there for a failed run too.

        Raises
        ------
        ExecutionError
            If a cell raised, took too long, or its kernel died.
        NotSavedError
            If the run went well, but its notebook or its record is not where it belongs.
        TimeoutError
            If the run has not ended after `timeout` seconds; it goes on.
        """
        if self._thread is None:
            raise MlprovError("run_not_started")
        if not self._finished.wait(timeout):
            raise TimeoutError(f"{self.path.name} is still running.")
        self._thread.join()
        if self._error is not None:
            raise self._error
        if self.result is None:
            raise MlprovError("run_result_unknown", file=self.path.name)
        return self.result

    # -- in the run's own thread --------------------------------------------------------------

    def _run(self) -> None:
        atexit.register(self._end_with_python)
        self._began = time.monotonic()
        try:
            with turn(self._allowance, self._on_wait, self._stopping.is_set):
                if not self._stopping.is_set():
                    asyncio.run(self._execute())
        except BaseException as error:  # handed to whoever waits
            if self._finished.is_set():
                log.info("The kernel of a run that has ended could not be ended.", exc_info=True)
            else:
                self._error = error
        finally:
            atexit.unregister(self._end_with_python)
            try:
                if not self._finished.is_set():
                    self._conclude()
            finally:
                if self._allowance is not None:
                    self._allowance.end()
                self._finished.set()

    def _conclude(self) -> None:
        duration = time.monotonic() - self._began
        stopped = self._stopping.is_set()
        status = "stopped" if stopped else "failed" if self._error else "finished"
        if stopped and isinstance(self._error, ExecutionError):
            self._error = None
        folders = [self.path.parent, rescue_folder()]
        try:
            file, metrics, unfound = record_of(self.run_id, self._report, folders)
        except Exception as error:
            file, metrics = None, {}
            unfound = message("run_record_not_sought", {"reason": error})
        if self._allowance is not None:
            hide_server_paths(self._notebook)
        saved, problem = self._target.save(self._notebook)
        problems = [text for text in (unfound, problem) if text]
        self.result = ExecutionResult(saved, status, file, metrics, duration, self.run_id, problems)
        if problems and self._error is None:
            self._error = NotSavedError(
                "result_not_saved", problem=problems[0], more=" ".join(problems[1:])
            )

    def _end_with_python(self) -> None:
        self.stop()
        if self._thread is not None:
            self._thread.join(INTERRUPT_GRACE + 10)

    async def _execute(self) -> None:
        from nbclient import NotebookClient

        self._loop = asyncio.get_running_loop()
        allowance = self._allowance
        ready = None if allowance is not None else self._spare()
        self._manager = manager = ready or new_manager()
        client = NotebookClient(
            self._notebook,
            km=manager,
            timeout=self._timeout,
            startup_timeout=120,
            coalesce_streams=True,
            extra_arguments=list(allowance.arguments) if allowance is not None else [],
        )
        client.on_cell_execute = partial(self._before_cell, client)
        watch: asyncio.Task[None] | None = None
        try:
            more = allowance.environment() if allowance is not None else {}
            if ready is not None:
                await take_over(client, ready, self.path, self.run_id)
            else:
                await start_kernel(client, self.path, self.run_id, more)
            if allowance is not None:
                pid = getattr(manager.provisioner, "pid", None)
                watch = asyncio.ensure_future(self._supervise(allowance, pid))
            self._task = asyncio.ensure_future(self._cells(client))
            if self._stopping.is_set():
                self._task.cancel()
            await self._task
            self._task_ended = True
        except asyncio.CancelledError:
            if self._exceeded:
                self._fail(self._cell, self._exceeded)
            if not self._stopping.is_set():
                raise
        finally:
            self._task = None
            if watch is not None:
                watch.cancel()
            if self._idle:
                self._report = await ask_run(client, self.run_id)
            if allowance is None and self._is_whole():
                self._conclude()
                self._finished.set()
            await shut_down(client, manager)

    def _is_whole(self) -> bool:
        """Whether the end of the kernel changes nothing, so that nobody waits for it."""
        ran = self._task_ended and not self._stopping.is_set()
        return ran and self._report is not None and self._report.get("status") == "finished"

    def _spare(self) -> AsyncKernelManager | None:
        """A kernel that has already imported just what this notebook does, if there is one."""
        cells = (cell.source for cell in self._notebook.cells if cell.cell_type == "code")
        return spare.take(self.path.parent, ahead_of(cells))

    async def _supervise(self, allowance: Allowance, pid: int | None) -> None:
        if pid is None:
            return
        allowance.restrict(pid)
        self._exceeded = await allowance.watch(pid)
        await self._interrupt()

    def _before_cell(self, client: NotebookClient, cell: Any, cell_index: int) -> None:
        if cell.get("id"):
            # Front ends name the cell in the message's metadata; capture reads it there.
            assert client.kc is not None
            session = client.kc.session
            session.metadata = {**session.metadata, "cellId": cell["id"]}
        self._report_cell(cell_index, "start")

    async def _cells(self, client: NotebookClient) -> None:
        from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

        assert client.kc is not None
        reply = await client.async_wait_for_reply(client.kc.kernel_info())
        if reply is not None:
            self._notebook.metadata["language_info"] = reply["content"].get("language_info", {})
            self._idle = True
        for cell in self._notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        try:
            for index, cell in enumerate(self._notebook.cells):
                if cell.cell_type != "code" or not cell.source.strip():
                    continue
                if self._stopping.is_set():
                    return
                self._idle, self._cell = False, index
                try:
                    await client.async_execute_cell(
                        cell, index, execution_count=client.code_cells_executed + 1
                    )
                    self._idle = True
                except CellExecutionError as error:
                    self._idle = True
                    self._fail(index, failure_of(cell, error))
                except CellTimeoutError:
                    self._fail(index, Failure("cell_timed_out", {"limit": self._timeout}))
                except DeadKernelError:
                    self._fail(index, Failure("cell_ended_kernel"))
                self._report_cell(index, "done")
        finally:
            client.set_widgets_metadata()

    def _fail(self, index: int, failure: Failure) -> None:
        self._report_cell(index, "stopped" if self._stopping.is_set() else "failed")
        failure = self._exceeded or failure
        raise ExecutionError(
            failure.code,
            index + 1,
            self._notebook.cells[index].source,
            without_escapes(failure.traceback),
            file=self.path.name,
            **failure.arguments,
        ) from None

    def _report_cell(self, index: int, state: str) -> None:
        cells = self._notebook.cells
        self._on_cell(index + 1, len(cells), cells[index], state)

    def _interrupt_soon(self) -> None:
        self._interruption = asyncio.ensure_future(self._interrupt())

    async def _interrupt(self) -> None:
        task, manager = self._task, self._manager
        if task is None or manager is None or not manager.has_kernel:
            return
        await manager.interrupt_kernel()
        await asyncio.wait([task], timeout=INTERRUPT_GRACE)
        task.cancel()


def read_notebook(path: Path) -> NotebookNode:
    """A Python notebook of nbformat 4, checked against nbformat's schema.

    Raises
    ------
    RecordError
        If there is no such file, or it is not a notebook for Python.
    """
    with naming(path):
        return read_node(read_text(path))
