"""Run a notebook in a kernel of its own, watch it cell by cell, and stop it when asked."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import threading
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets._files import rescue_folder
from mlprov_widgets.errors import ExecutionError, MlprovError, NotSavedError, RecordError
from mlprov_widgets.notebooks.failures import what_happened
from mlprov_widgets.notebooks.kernels import ask_run, new_manager, plain, shut_down, start_kernel
from mlprov_widgets.notebooks.manifest import read_text
from mlprov_widgets.notebooks.permission import check_permission
from mlprov_widgets.notebooks.records import RunRecord, new_run_id, record_of
from mlprov_widgets.notebooks.supervision import (
    Allowance,
    current_allowance,
    hide_server_paths,
    turn,
)
from mlprov_widgets.notebooks.target import Target

if TYPE_CHECKING:
    from jupyter_client import AsyncKernelManager
    from nbclient import NotebookClient

# on_cell(index, total, cell, state): index from 1 among all cells, markdown too, as errors count.
CellCallback = Callable[[int, int, Any, str], None]

# A cell that ignores the interrupt is given this long before its kernel is ended, in seconds.
INTERRUPT_GRACE = 5.0


@dataclass(frozen=True)
class ExecutionResult:
    """How the execution of a notebook ended.

    Parameters
    ----------
    notebook : Path or None
        The executed notebook; None where it could not be saved anywhere.
    status : str
        ``finished``, ``failed`` (a cell raised) or ``stopped`` (somebody asked for it).
    provenance_file : Path or None
        The provenance file that the run wrote; None where it wrote none.
    metrics : dict
        Evaluation metrics by name; empty where the run did not get that far.
    duration : float
        Seconds from the start of the kernel to its end.
    run_id : str
        The id that the record of this run has, whether it wrote one or not.
    problems : list of str
        What could not be written where it belongs, and where it is instead, in sentences.
    """

    notebook: Path | None
    status: str
    provenance_file: Path | None = None
    metrics: dict[str, Any] = field(default_factory=dict)
    duration: float = 0.0
    run_id: str = ""
    problems: list[str] = field(default_factory=list)


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
        self._on_cell, self._on_wait = on_cell, on_wait
        self._timeout = timeout
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._manager: AsyncKernelManager | None = None
        self._stopping = threading.Event()
        self._finished = threading.Event()
        self._error: BaseException | None = None
        self._exceeded = ""
        self._cell = 0
        # Whether the kernel is there and runs no cell, so that it can be asked.
        self._idle = False
        self._report: dict[str, Any] | None = None
        self.run_id = new_run_id()
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
            raise MlprovError("This run was started before; make another NotebookRun.")
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
            raise MlprovError("This run was not started.")
        if not self._finished.wait(timeout):
            raise TimeoutError(f"{self.path.name} is still running.")
        self._thread.join()
        if self._error is not None:
            raise self._error
        if self.result is None:
            raise MlprovError(f"{self.path.name} was run, but what became of it is not known.")
        return self.result

    # -- in the run's own thread --------------------------------------------------------------

    def _run(self) -> None:
        atexit.register(self._end_with_python)
        began = time.monotonic()
        try:
            with turn(self._allowance, self._told_to_wait, self._stopping.is_set):
                if not self._stopping.is_set():
                    asyncio.run(self._execute())
        except BaseException as error:  # handed to whoever waits
            self._error = error
        finally:
            atexit.unregister(self._end_with_python)
            try:
                self._conclude(time.monotonic() - began)
            finally:
                if self._allowance is not None:
                    self._allowance.end()
                self._finished.set()

    def _conclude(self, duration: float) -> None:
        stopped = self._stopping.is_set()
        status = "stopped" if stopped else "failed" if self._error else "finished"
        if stopped and isinstance(self._error, ExecutionError):
            self._error = None
        found = RunRecord()
        try:
            found = record_of(self.run_id, self._report, [self.path.parent, rescue_folder()])
        except Exception as error:
            found = RunRecord(None, {}, f"Its record could not be looked for ({error}).")
        if self._allowance is not None:
            hide_server_paths(self._notebook)
        saved, problem = self._target.save(self._notebook)
        problems = [text for text in (found.problem, problem) if text]
        self.result = ExecutionResult(
            saved, status, found.file, found.metrics, duration, self.run_id, problems
        )
        if problems and self._error is None:
            self._error = NotSavedError(" ".join(problems))

    def _end_with_python(self) -> None:
        self.stop()
        self._finished.wait(INTERRUPT_GRACE + 10)

    async def _execute(self) -> None:
        from nbclient import NotebookClient

        self._loop = asyncio.get_running_loop()
        self._manager = manager = new_manager()
        allowance = self._allowance
        client = NotebookClient(
            self._notebook,
            km=manager,
            timeout=self._timeout,
            startup_timeout=120,
            coalesce_streams=True,
            extra_arguments=list(allowance.arguments) if allowance is not None else [],
        )
        client.on_cell_execute = self._before_cell(client)
        watch: asyncio.Task[None] | None = None
        try:
            more = allowance.environment() if allowance is not None else {}
            await start_kernel(client, self.path, self.run_id, more)
            if allowance is not None:
                pid = getattr(manager.provisioner, "pid", None)
                watch = asyncio.ensure_future(self._supervise(allowance, pid))
            self._task = asyncio.ensure_future(self._cells(client))
            if self._stopping.is_set():
                self._task.cancel()
            await self._task
        except asyncio.CancelledError:
            if self._exceeded:
                self._fail(self._cell, "did not end when it was asked to")
            if not self._stopping.is_set():
                raise
        finally:
            self._task = None
            if watch is not None:
                watch.cancel()
            if self._idle:
                self._report = await ask_run(client, self.run_id)
            await shut_down(client, manager)

    async def _supervise(self, allowance: Allowance, pid: int | None) -> None:
        if pid is None:
            return
        allowance.restrict(pid)
        self._exceeded = await allowance.watch(pid)
        await self._interrupt()

    def _told_to_wait(self, before: int) -> None:
        if self._on_wait is not None:
            self._on_wait(before)

    def _before_cell(self, client: NotebookClient) -> Callable[..., None]:
        def hook(cell: Any, cell_index: int) -> None:
            if cell.get("id"):
                # Front ends name the cell in the message's metadata; capture reads it there.
                assert client.kc is not None
                session = client.kc.session
                session.metadata = {**session.metadata, "cellId": cell["id"]}
            self._tell(cell_index, "start")

        return hook

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
                    self._fail(index, *what_happened(cell, error))
                except CellTimeoutError:
                    self._fail(index, f"took longer than {self._timeout:g} seconds")
                except DeadKernelError:
                    self._fail(index, "ended its kernel; it may have run out of memory")
                self._tell(index, "done")
        finally:
            client.set_widgets_metadata()

    def _fail(self, index: int, what: str, traceback: str = "") -> None:
        self._tell(index, "stopped" if self._stopping.is_set() else "failed")
        what, source = self._exceeded or what, self._notebook.cells[index].source
        message = f"Cell {index + 1} of {self.path.name} {what}."
        raise ExecutionError(message, index + 1, source, plain(traceback)) from None

    def _tell(self, index: int, state: str) -> None:
        if self._on_cell is not None:
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


def run_notebook(
    path: str | Path,
    out: str | Path | None = None,
    *,
    on_cell: CellCallback | None = None,
    on_wait: Callable[[int], None] | None = None,
    timeout: float | None = None,
    folders: Iterable[Path | str] = (),
) -> ExecutionResult:
    """Execute a notebook and wait for its end.

    Parameters are those of `NotebookRun`. The executed notebook is saved in any case, with the
    outputs up to the cell that failed; where its folder has become unwritable, to a second place.

    Returns
    -------
    ExecutionResult
        The saved notebook, the provenance file, the metrics and the duration.

    Raises
    ------
    RecordError
        If `path` cannot be read as a Python notebook.
    ExecutionError
        If a cell raised, took too long, or its kernel died.
    NotSavedError
        If the run went well, but its notebook or its record is not where it belongs.
    """
    run = NotebookRun(
        path, out, on_cell=on_cell, on_wait=on_wait, timeout=timeout, folders=folders
    ).start()
    try:
        return run.wait()
    except KeyboardInterrupt:
        run.stop()
        with contextlib.suppress(MlprovError):
            run.wait()
        raise


def read_notebook(path: str | Path) -> Any:
    """Read a Python notebook of nbformat 4.

    Returns
    -------
    nbformat.NotebookNode
        The notebook, checked against nbformat's schema.

    Raises
    ------
    RecordError
        If there is no such file, or it is not a notebook for Python.
    """
    import nbformat

    path = Path(path)
    text = read_text(path)
    try:
        with warnings.catch_warnings():
            # nbformat mends missing and doubled cell ids, and warns of it.
            warnings.simplefilter("ignore")
            notebook = nbformat.reads(text, as_version=4)
            nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        raise RecordError(f"{path.name} is not a valid notebook: {_fault(error)}.") from error
    except Exception as error:  # nbformat's converters raise nearly anything on foreign JSON
        raise RecordError(f"{path.name} is not a Jupyter notebook.") from error
    language = notebook.metadata.get("kernelspec", {}).get("language", "python")
    if str(language).lower() != "python":
        raise RecordError(f"{path.name} is a notebook for {language}; only Python ones can be run.")
    return notebook


def _fault(error: Any) -> str:
    """What nbformat does not accept; its own words quote all of it."""
    place = list(getattr(error, "relative_path", None) or getattr(error, "path", None) or ())
    if place[:1] == ["cells"] and len(place) > 1:
        place = [f"cell {place[1] + 1}", *place[2:]]
    if not place:
        return "a part of it is missing or of another kind than the notebook format has it"
    where = ", ".join(str(part)[:40] for part in place[:4])
    return f"{where} is not as the notebook format has it"
