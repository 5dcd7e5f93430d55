"""A run that is being recorded: from its first cell to the provenance file."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from mlprov_widgets._version import __version__
from mlprov_widgets.capture.agent import find_agent
from mlprov_widgets.capture.assembly import Facts, Surroundings, complete, make_steps
from mlprov_widgets.capture.cells import Captured, arrange, places, with_ids
from mlprov_widgets.capture.clock import now, set_clock
from mlprov_widgets.capture.contributions import Contributions
from mlprov_widgets.capture.describe import describe
from mlprov_widgets.capture.hooks import CellHooks, current_shell, one_line
from mlprov_widgets.capture.origin import Origin, find_notebook, read_origin
from mlprov_widgets.capture.output import ProvenanceFile
from mlprov_widgets.capture.plain import loaded, text
from mlprov_widgets.capture.saving import save_state
from mlprov_widgets.capture.script import ScriptCells
from mlprov_widgets.capture.seeding import Seeding
from mlprov_widgets.errors import MlprovError, RecordError
from mlprov_widgets.provenance.beside import OUTPUT_METADATA
from mlprov_widgets.provenance.record import STEPS, Execution, Record, source_hash

if TYPE_CHECKING:
    from mlprov_widgets.reporting import RunReport
    from mlprov_widgets.reproduction.verify import Verification

_LONG_CELL = 10.0  # seconds after which a cell is worth a file, should the kernel be killed


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
        self._folder = _working_directory()
        self._finished = self._closed = False
        self._facts: Facts | None = None
        self._verdict: dict[str, Any] = {}
        self._saves, self._said = False, ""
        self._reported = 0
        self._before: list[Captured] = []
        self._hooks: CellHooks | None = None
        self._script: ScriptCells | None = None

        handed_over = previous.hand_over() if previous is not None else None
        shell = current_shell()
        name = Path(notebook.replace("\\", "/")).name or "run"
        if shell is not None:
            self._hooks = CellHooks(shell, self._cell_ended)
            self._namespace: Mapping[str, Any] = shell.user_ns
            assert self._hooks.current is not None
            running = self._hooks.current.execution.source
            self.origin = find_notebook(name, running, shell.user_ns, self._folder)
            if handed_over is None:
                self._before = self._hooks.earlier()
            else:
                self._before, self._hooks.current.cell_id = handed_over
            self._reported = 1
        else:
            file = frame.f_globals.get("__file__")
            origin = read_origin(Path(file)) if isinstance(file, str) else None
            self.origin = with_ids(origin or Origin())
            self._script = ScriptCells(self.origin, frame, self._script_failed)
            self._namespace = frame.f_globals
        if previous is not None:
            previous.close()

        self._notebook = self.origin.path.name if self.origin.path else text(name, 200)
        self._title = title or self.origin.title or Path(self._notebook).stem
        # A worker that imports the script again to get at its functions is not the experiment.
        passive = frame.f_globals.get("__name__") == "__mp_main__"
        self._file = ProvenanceFile(self._folder, Path(self._notebook).stem, writes=not passive)
        self._agent, self._agent_function = find_agent(agent)
        self._surroundings = Surroundings(self._folder, self.origin)
        self._contributions = Contributions(self.origin.parameters)
        self._seeding = Seeding(seed)
        self._model_is_new = False
        # The name is this run's from now on, and a folder that cannot be written is noticed before
        # anything has been computed.
        try:
            self._write(self._first_record())
        except RecordError:
            self._stop()
            self._surroundings.close()
            raise

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
            print(
                f"mlprov-widgets: {', '.join(others[:3])} is passed over: no record beside it says "
                f"that it is of a run of {self._notebook}."
            )
        return None if file is None else file.name

    def save(self, state: Any, ending: str) -> str | None:
        """Write weights or a checkpoint beside the record, whole or not at all.

        Where the disk is full or cannot be written, that is said, an earlier file of that name
        stays as it is, and training goes on.

        Parameters
        ----------
        state : dict
            As for ``torch.save``.
        ending : str
            What follows the run's `name`, such as ``-last.pt``.

        Returns
        -------
        str or None
            Name of the file, with its folder where that is not the notebook's; None where it could
            not be written.
        """
        file = self._file.path.with_name(f"{self.name}{ending}")
        self._saves = True
        problem = save_state(state, file)
        if problem and problem != self._said:
            print(f"mlprov-widgets: {problem}")
        self._said = problem
        return None if problem else self._shown(file)

    def __repr__(self) -> str:
        return f"<Run of {self._notebook}: {self.status}>"

    def record(self, step: str, /, **terms: Any) -> None:
        """Record what a pipeline step really had. Never raises.

        Numbers, texts, and lists and dicts of these are stored as they are. Some terms take live
        objects, which are described: ``source`` (of the data), ``features`` and ``labels``,
        ``operations``, ``training``, ``validation`` and ``testing`` (row numbers or data sets),
        ``model``, ``loss_function``, ``optimizer``, ``scheduler``, ``history``, ``predictions``,
        ``evaluation_metrics``. Constants in capitals that the cells since the last call have used
        are recorded without being named.

        Parameters
        ----------
        step : str
            ``data_ingestion``, ``data_preparation``, ``data_segregation``, ``data_exploration``,
            ``model_parameters``, ``model_training``, ``model_evaluation``, or a step of one's own.
        **terms
            Term to value.
        """
        try:
            self._record(text(str(step), 200), terms, sys._getframe(1))
        except Exception as error:
            print(f"mlprov-widgets: this step could not be recorded ({one_line(error)}).")

    def _record(self, step: str, terms: dict[str, Any], frame: FrameType) -> None:
        self._seeding.catch_up()
        findings = describe(step, terms)
        if step == "model_training":
            findings.add(step, self._seeds())
        cell, execution, uses = self._calling_cell(step, frame)
        self._contributions.add(step, findings, uses, self._namespace, cell, execution)
        self._model_is_new |= step == "model_parameters"

    def _seeds(self) -> dict[str, Any]:
        torch = loaded("torch")
        seeds: dict[str, Any] = {"random_seed": self.seed}
        if torch is not None:
            seeds["resulting_model_seed"] = torch.initial_seed()
        return seeds

    def _calling_cell(
        self, step: str, frame: FrameType
    ) -> tuple[object, object, dict[str, frozenset[str]]]:
        """Which cell calls, which execution of it, and for each step the names used since."""
        if self._hooks is None:
            assert self._script is not None
            self._script.mark(frame, step)
            return None, None, self._script.uses(step)
        captured, current = self._hooks.captured, self._hooks.current
        since = captured[self._reported :]
        self._reported = len(captured)
        if current is not None:
            current.steps.append(step)
            since = [one for one in since if one is not current]
        uses: dict[str, frozenset[str]] = {step: frozenset()}
        if current is not None:
            uses[step] = current.names.uses
        for one in since:
            # A cell of another step without a call of its own, such as a plot, keeps its own.
            own = self._generated_step(one) or step
            uses[own] = uses.get(own, frozenset()) | one.names.uses
            if not self.origin.has_manifest:
                # Nothing else says to which step the cells before this call belong.
                one.steps = one.steps or [step]
        if current is None:
            return None, None, uses
        return current.cell_id or source_hash(current.execution.source), current, uses

    def _generated_step(self, captured: Captured) -> str:
        """The pipeline step for which a cell was generated; empty where it is not known."""
        digest = source_hash(captured.execution.source)
        for cell in self.origin.generated:
            if cell.id == captured.cell_id or source_hash(cell.source) == digest:
                return cell.step if cell.step in STEPS else ""
        return ""

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
        if self._script is not None:
            self._script.mark(sys._getframe(1))
        self._finished, self.status, self.end = True, "finished", now()
        self._facts = None
        self._verdict = {}
        verification = self._verify(self._make_record())
        record = self._make_record()
        file = self._write(record)
        self._tell(file)
        if verification is not None:
            verification = verification.beside(file)
            _show(verification)
        return FinishedRun(file, record, verification)

    def _shown(self, file: Path) -> str:
        return file.name if file.parent == self._folder else str(file)

    def _tell(self, file: Path) -> None:
        """Say where the record is; in a notebook the output says of which run it is, too."""
        line = f"Provenance: {self._shown(file)}"
        if self._hooks is None:
            print(line)
            return
        from IPython.display import display

        run = {"run_id": self.id, "file": file.name}
        display({"text/plain": line}, raw=True, metadata={OUTPUT_METADATA: run})

    def _verify(self, record: Record) -> Verification | None:
        original = self.origin.original
        if not original:
            return None
        from mlprov_widgets.reproduction.verify import verify

        try:
            verification = verify(record, original)
        except MlprovError as error:
            print(f"mlprov-widgets: the original run could not be compared: {error}")
            return None
        self._verdict = {
            **{key: original[key] for key in ("run_id", "name") if key in original},
            **verification.to_record(),
        }
        return verification

    def report(self) -> dict[str, Any]:
        """``run_id``, ``status``, ``file`` (None while there is none), ``metrics``, ``problem``."""
        values = self._contributions.values().get("model_evaluation", {})
        file = str(self._file.path) if self._file.is_untouched else None
        metrics = values.get("evaluation_metrics", {})
        return {
            "run_id": self.id,
            "status": self.status,
            "file": file,
            "metrics": metrics,
            "problem": self._file.problem,
        }

    def hand_over(self) -> tuple[list[Captured], str | None]:
        """Give a new run in the same kernel what ran before it, and end the capture of this one.

        The cells that stand before the start of the run belong to the new one: with their
        executions since this run ended where they ran again, else with their last ones. Where the
        new run is started further down, so do those that stand between the two starts.

        Returns
        -------
        tuple of list of Captured and str or None
            Those cells, and the id of the cell that starts the new run.
        """
        hooks = self._hooks
        if hooks is None:
            return [], None
        hooks.stop()
        starting = hooks.current
        cell_id = hooks.drop_current()
        everything = [*self._before, *hooks.captured, *([starting] if starting else [])]
        if not hooks.captured:
            return self._before, cell_id
        place = dict(zip(map(id, everything), places(self.origin, everything), strict=True))
        start = place[id(hooks.captured[0])]
        new_start = place[id(starting)] if starting else start
        again: list[Captured] = []
        while len(hooks.captured) > 1 and place[id(hooks.captured[-1])] < start:
            again.insert(0, hooks.captured.pop())
        between = [one for one in hooks.captured if start <= place[id(one)] < new_start]
        last = {place[id(one)]: one for one in (*self._before, *between, *again)}
        found = [replace(one, before=True) for one in last.values()]
        return sorted(found, key=lambda one: one.execution.count or 0), cell_id

    def close(self) -> None:
        """Write what there is and stop: the kernel ends, or another run begins. Never raises."""
        if self._closed or os.getpid() != self._process:
            return
        self._closed = True
        try:
            self._stop()
            self._save()
            self._surroundings.close()
        except Exception as error:
            print(f"mlprov-widgets: the provenance file could not be written ({one_line(error)}).")

    def _stop(self) -> None:
        """Capture no more."""
        if self._hooks is not None:
            self._hooks.stop()
        if self._script is not None:
            self._script.stop()
        self._seeding.stop()

    def _save(self) -> None:
        """Bring the file up to date; one that the person has moved or changed is left alone."""
        if self.status != "finished":
            self.end = now()
        if not self._finished or self._file.is_untouched:
            self._write(self._make_record())

    def _write(self, record: Record) -> Path:
        known = self._file.problem
        file = self._file.write(record)
        if self._file.problem != known:
            print(f"mlprov-widgets: {self._file.problem}")
        return file

    def _cell_ended(self, captured: Captured) -> None:
        execution = captured.execution
        self._seeding.catch_up(execution.source)
        if execution.status != "ok" and not self._finished:
            self.status = "interrupted" if execution.status == "interrupted" else "failed"
            self._try_to_save()
        elif not self._finished and (self._model_is_new or self._lasted(execution) > _LONG_CELL):
            # Training comes next, and where memory runs out in it, the kernel is killed.
            self._model_is_new = False
            self._try_to_save()

    @staticmethod
    def _lasted(execution: Execution) -> float:
        if execution.start is None or execution.end is None:
            return 0.0
        return (execution.end - execution.start).total_seconds()

    def _script_failed(self, status: str, message: str) -> None:
        if not self._finished:
            self.status = "interrupted" if status == "interrupted" else "failed"
        self._try_to_save()

    def _try_to_save(self) -> None:
        try:
            self._save()
        except Exception as error:
            print(f"mlprov-widgets: the provenance file could not be written ({one_line(error)}).")

    def _first_record(self) -> Record:
        """What is known before anything was asked: should the process be killed, it has begun."""
        return Record(
            run_id=self.id,
            status=self.status,
            start=self.start,
            end=self.end,
            agent=self._agent,
            software=__version__,
            pack=self.origin.pack,
            values=self.origin.values,
            parameters=self.origin.parameters,
            experiment_info={"title": self._title},
            notebook={"name": self._notebook},
            started_from=self.origin.started_from,
        )

    def _make_record(self) -> Record:
        if self._hooks is not None:
            self.origin = self.origin.refreshed()
            captured = [*self._before, *self._hooks.captured]
            current = self._hooks.current
            if current is not None:
                current.execution.end = now()
        else:
            assert self._script is not None
            captured = self._script.captured()
        cells = arrange(self.origin, captured)
        values = self._contributions.values()
        complete(values, cells, self._notebook, self._saves)
        if self._facts is None or not self._finished:
            self._facts = self._surroundings.facts(
                self._notebook, self._title, self.origin, self._seeding
            )
        facts = self._facts
        return replace(
            self._first_record(),
            experiment_info=facts.experiment_info,
            hardware_info=facts.hardware_info,
            packages=facts.packages,
            notebook=facts.notebook,
            environment=facts.environment,
            git=facts.git,
            functions={**facts.functions, "agent.name": self._agent_function},
            steps=make_steps(values, self._contributions.steps, cells),
            fingerprints=self._contributions.fingerprints(),
            cells=cells,
            original=self._verdict,
        )


def _working_directory() -> Path:
    try:
        return Path.cwd()
    except OSError as error:
        raise RecordError(
            "The working directory is no longer there, so the run has no place for its record. "
            "Change to a folder that exists and start again."
        ) from error


def _show(verification: Verification) -> None:
    ipython = loaded("IPython")
    if ipython is not None and current_shell() is not None:
        from IPython.display import display

        display(
            {"text/plain": verification.to_text(), "text/html": verification.to_html()}, raw=True
        )
    else:
        print(verification.to_text())
