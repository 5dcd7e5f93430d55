"""A run that is being recorded: from its first cell to the provenance file."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from mlprov_widgets._version import __version__
from mlprov_widgets.capture.cells.arrangement import CapturedExecution, arrange
from mlprov_widgets.capture.cells.errors import describe_error, status_of
from mlprov_widgets.capture.cells.notebook import NotebookCells, current_shell
from mlprov_widgets.capture.cells.script import ScriptCells, is_script
from mlprov_widgets.capture.clock import now, set_clock
from mlprov_widgets.capture.conclusions.completion import complete, find_cells_not_run
from mlprov_widgets.capture.data_check import changes_of
from mlprov_widgets.capture.environment.agent import find_agent
from mlprov_widgets.capture.environment.context import ContextQueries
from mlprov_widgets.capture.environment.seeding import Seeding
from mlprov_widgets.capture.finished import FinishedRun, RunState, relative_place, show, show_file
from mlprov_widgets.capture.notices import print_notice, print_sentence
from mlprov_widgets.capture.output import ProvenanceFile, working_directory
from mlprov_widgets.capture.recorder import Recorder
from mlprov_widgets.capture.saving import save_state
from mlprov_widgets.capture.values import text
from mlprov_widgets.deprecation import warn_of
from mlprov_widgets.errors import MlprovError, RecordError
from mlprov_widgets.notebooks.formats import format_of, stem_of
from mlprov_widgets.record import Finding, Record, Step
from mlprov_widgets.wording import seconds_between

if TYPE_CHECKING:
    from mlprov_widgets.comparison.verification import Verification

_LONG_CELL = 10.0  # seconds after which a cell is worth a file, should the kernel be killed


class Run:
    """A run that is being recorded; made by `start_run`.

    Parameters
    ----------
    notebook, seed, title, agent
        As in `start_run`.
    frame : FrameType
        Of the caller.
    previous : Run or None
        The run that was recorded before in this process.
    run_id : str
        Its id.

    Attributes
    ----------
    id : str
    seed : int or None
    status : str
        ``unfinished``, ``finished``, ``failed`` or ``interrupted``.
    start, end : datetime
    """

    def __init__(
        self,
        notebook: str,
        seed: int | None,
        title: str | None,
        agent: str | Mapping[str, str] | None,
        frame: FrameType,
        previous: Run | None,
        run_id: str,
    ) -> None:
        self.id = run_id
        self.seed = seed
        self.status = "unfinished"
        set_clock()
        self.start = self.end = now()
        self._process = os.getpid()
        self._folder = working_directory()
        self._finished = self._closed = self._model_is_new = False
        self._context: dict[str, Any] | None = None
        self._verdict: dict[str, Any] = {}
        self._last_problem = ""

        name = Path(notebook.replace("\\", "/")).name or "run"
        self._cells = self._watch_cells(name, frame, previous)
        if previous is not None:
            previous.close()
        origin = self._cells.origin
        self._notebook = origin.path.name if origin.path else text(name, 200)
        # A name that is no file's is one that somebody has chosen, for each run of a sweep perhaps.
        own = stem_of(self._notebook if format_of(name) else text(name, 200))
        self._title = title or origin.manifest.title or own
        # A worker that imports the script again to get at its functions is not the experiment.
        self._is_worker = frame.f_globals.get("__name__") == "__mp_main__"
        self._file = ProvenanceFile(self._folder, own)
        self._agent, self._agent_function = find_agent(agent)
        self._queries = ContextQueries(self._folder, origin)
        self._seeding = Seeding(seed)
        self._recorder = Recorder(self._cells.execution_id, self._cells.namespace, seed)
        if not self._is_script and origin.path is None and format_of(name):
            print_notice("notebook_not_found", notebook=name, folder=self._folder)
            self._recorder.findings.append(Finding("notebook_not_found", "note"))
        # The name is this run's from now on, and a folder that cannot be written is noticed before
        # anything has been computed.
        try:
            self._write(self._first_record())
        except RecordError:
            self._stop()
            self._queries.close()
            raise

    def _watch_cells(
        self, name: str, frame: FrameType, previous: Run | None
    ) -> NotebookCells | ScriptCells:
        shell = None if is_script(frame) else current_shell()
        if shell is None:
            return ScriptCells(frame, self._failed)
        earlier = previous._cells if previous is not None else None
        return NotebookCells(shell, self._cell_began, self._cell_ended, name, self._folder, earlier)

    @property
    def _is_script(self) -> bool:
        return isinstance(self._cells, ScriptCells)

    @property
    def name(self) -> str:
        """Stem of the provenance file, for other files of the same run: ``iris``, ``iris-2``."""
        return self._file.name

    def newest_file(self, ending: str) -> str | None:
        """Name of the newest file that a run of this notebook left with that ending.

        Parameters
        ----------
        ending : str
            What follows the run's `name`, such as ``-last.pt``.

        Returns
        -------
        str or None
            None where there is no such file, or no record beside it that names this notebook.
        """
        file, others = self._file.newest(ending, self._notebook)
        if file is None and others:
            print_notice("files_passed_over", files=others, notebook=self._notebook)
        return None if file is None else file.name

    def save(self, state: Any, ending: str) -> str | None:
        """Name of a file beside the record with weights or a checkpoint, whole or not at all.

        Where the disk is full or cannot be written, that is said, an earlier file of that name
        stays as it is, and training goes on.

        Parameters
        ----------
        state : object
            As for ``torch.save``; for an ending with ``.joblib`` as for ``joblib.dump``.
        ending : str
            What follows the run's `name`, such as ``-last.pt``.

        Returns
        -------
        str or None
            Name of the file, with its folder where that is not the notebook's; None where it could
            not be written.
        """
        file = self._file.path.with_name(f"{self.name}{ending}")
        self._recorder.observations.has_saved = True
        problem = save_state(state, file)
        if problem and problem != self._last_problem:
            print_sentence(problem)
        self._last_problem = problem
        return None if problem else relative_place(file, self._folder)

    def __enter__(self) -> Run:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """End the run; where an exception leaves the block, the record says so, and it goes on."""
        if error is None:
            self.finish()
            return
        self._finished = False
        self._cells.add_failure(error)
        self._failed(status_of(error))

    def __repr__(self) -> str:
        return f"<Run of {self._notebook}: {self.status}>"

    def record(self, step: str, /, **terms: Any) -> None:
        """Record what a pipeline step really had. Never raises.

        Numbers, texts, and lists and dicts of these are stored as they are. Some terms take live
        objects, which are described: ``source`` (of the data), ``features`` and ``labels``,
        ``operations``, ``training``, ``validation`` and ``testing`` (row numbers or data sets),
        ``model``, ``loss_function``, ``optimizer``, ``scheduler``, ``history``, ``predictions``,
        ``evaluation_metrics``. Constants in capitals that the cells since the last call have used
        are recorded as such.

        Parameters
        ----------
        step : str
            ``data_ingestion``, ``data_preparation``, ``data_segregation``, ``data_exploration``,
            ``model_parameters``, ``model_training``, ``model_evaluation``, or a step of one's own.
        **terms
            Term to value.
        """
        if self._closed:
            print_notice("run_has_ended")
            return
        try:
            self._record(text(str(step), 200), terms)
        except Exception as error:
            print_notice("step_not_recorded", error=describe_error(error))

    def _record(self, step: str, terms: dict[str, Any]) -> None:
        cell = self._cells.add_call(step)
        self._recorder.record(step, terms, cell)
        if isinstance(self._cells, ScriptCells):
            self._recorder.add_constants(step, self._cells.constants())
        self._model_is_new |= step == "model_parameters"

    def check_data(self, path: Path | str) -> None:
        """Hold a data file against what it was when the notebook was generated for it.

        What has changed is said and recorded. Nothing is known of a file for which no notebook was
        generated.

        Parameters
        ----------
        path : Path or str

        Raises
        ------
        TableError
            If the notebook cannot use the file as it is now: with the reason and what to do.
        """
        manifest = self._cells.origin.manifest
        every = manifest.data
        known = every.get(str(path)) or (next(iter(every.values())) if len(every) == 1 else None)
        if known is None:
            return
        formats = (value for value in manifest.values.values() if isinstance(value, dict))
        format = next((one for one in formats if "sep" in one), {})
        file = self._folder / path
        if told := changes_of(file, known, format):
            said = {"file": file.name, "changes": told}
            print_notice("data_file_changed", **said)
            kind, step = "warning", "data_ingestion"
            self._recorder.findings.append(Finding("data_file_changed", kind, step, "", said))

    def finish(self) -> FinishedRun:
        """End the run, write its provenance file and say where it is.

        Cells that run afterwards are captured too; the file is brought up to date when the kernel
        ends, or by another call. In a notebook that reproduces an earlier run, the two are
        compared, and the table is shown.

        Returns
        -------
        FinishedRun

        Raises
        ------
        RecordError
            If the file cannot be written.
        """
        if self._cells.end() and self._finished:
            # A result that was written before stays in its file, once more has been run since.
            self._file = self._file.next()
            self.id = str(uuid.uuid4())
        self._recorder.observers.cell_ended()
        self._finished, self.status, self.end = True, "finished", now()
        self._context = None
        self._verdict = {}
        record = self._make_record()
        verification = self._verify(record)
        record.original = self._verdict
        file = self._write(record)
        show_file(file, relative_place(file, self._folder), None if self._is_script else self.id)
        if verification is not None:
            verification = verification.beside(file)
            show(verification)
        return FinishedRun(file, record, verification)

    def _verify(self, record: Record) -> Verification | None:
        original = self._cells.origin.manifest.original
        if not original:
            return None
        from mlprov_widgets.comparison import verify

        try:
            verification = verify(record, original)
        except MlprovError as error:
            print_notice("original_not_compared", error=error)
            return None
        self._verdict = {
            **{key: original[key] for key in ("run_id", "name") if key in original},
            **verification.to_record(),
        }
        return verification

    def report(self) -> RunState:
        """`state` under its old name."""
        warn_of("Run.report()", "Run.state()")
        return self.state()

    def state(self) -> RunState:
        """What has become of this run: status, file (None while there is none), metrics."""
        step = self._recorder.contributions.steps().get("model_evaluation", Step())
        return {
            "run_id": self.id,
            "status": self.status,
            "file": str(self._file.path) if self._file.is_untouched else None,
            "metrics": step.values.get("evaluation_metrics", {}),
            "problem": self._file.problem,
        }

    def close(self) -> None:
        """Write what there is and stop: the kernel ends, or another run begins. Never raises."""
        if self._closed or os.getpid() != self._process:
            return
        self._closed = True
        self._try(self._stop, self._save, self._queries.close)

    def _stop(self) -> None:
        """Capture no more."""
        self._cells.stop()
        self._recorder.stop()
        self._seeding.stop()

    # -- while cells run ----------------------------------------------------------------------

    def _cell_began(self, captured: CapturedExecution) -> None:
        """A cell is about to run."""
        self._recorder.cell_began(captured)

    def _cell_ended(self, captured: CapturedExecution) -> None:
        """A cell has ended."""
        execution = captured.execution
        took = seconds_between(execution.start, execution.end) or 0
        self._recorder.cell_ended(captured)
        if self._finished:
            return
        if execution.status != "ok":
            self._failed(execution.status)
        elif self._model_is_new or took > _LONG_CELL:
            # Training comes next, and where memory runs out in it, the kernel is killed.
            self._model_is_new = False
            self._try(self._save)

    def _failed(self, status: str) -> None:
        if not self._finished:
            self.status = "interrupted" if status == "interrupted" else "failed"
        self._try(self._save)

    # -- the file -----------------------------------------------------------------------------

    def _try(self, *actions: Callable[[], None]) -> None:
        try:
            for action in actions:
                action()
        except Exception as error:
            print_notice("record_not_written", error=describe_error(error))

    def _save(self) -> None:
        """Bring the file up to date; one that the person has moved or changed is left alone."""
        if self.status != "finished":
            self.end = now()
        if not self._finished or self._file.is_untouched:
            self._write(self._make_record())

    def _write(self, record: Record) -> Path:
        if self._is_worker or os.getpid() != self._process:  # a child that was forked has no say
            return self._file.path
        known = self._file.problem
        file = self._file.write(record)
        if self._file.problem != known:
            print_sentence(self._file.problem)
        return file

    def _first_record(self) -> Record:
        """What is known before anything was asked: should the process be killed, it has begun."""
        manifest = self._cells.origin.manifest
        return Record(
            run_id=self.id,
            status=self.status,
            start=self.start,
            end=self.end,
            agent=self._agent,
            software=__version__,
            pack=manifest.pack,
            values=manifest.values,
            parameters=manifest.parameters,
            declared=manifest.declared,
            experiment_info={"title": self._title},
            notebook={"name": self._notebook},
            started_from=manifest.started_from,
        )

    def _make_record(self) -> Record:
        captured = self._cells.captured()
        origin = self._cells.origin
        cells = arrange(origin, captured)
        if self._context is None or not self._finished:
            self._context = self._queries.answer(self._notebook, self._title, origin, self._seeding)
        functions = {**self._context["functions"], "agent.name": self._agent_function}
        record = replace(
            self._first_record(),
            **{**self._context, "functions": functions},
            cells=cells,
            original=self._verdict,
        )
        self._recorder.fill(record, captured)
        complete(record, self._notebook, self._recorder.observations.has_saved)
        find_cells_not_run(record, origin)
        return record
