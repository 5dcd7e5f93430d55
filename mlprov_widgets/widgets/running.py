"""A notebook run from the wizard: its steps as they go, a stop button, and how it went."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import ExecutionError, MlprovError
from mlprov_widgets.notebooks.formats.ipynb import step_of
from mlprov_widgets.provenance import read_record
from mlprov_widgets.record import Record, Value
from mlprov_widgets.record.fields import title_of
from mlprov_widgets.record.findings import caveats
from mlprov_widgets.record.story import Story
from mlprov_widgets.widgets.comparison import ComparisonPanel
from mlprov_widgets.widgets.guard import guarded, log, sentence
from mlprov_widgets.widgets.last_time import seconds_last_time
from mlprov_widgets.widgets.markup import banner, escape
from mlprov_widgets.widgets.outcome import failure_html, findings_html, metrics_html
from mlprov_widgets.widgets.parts import button, hbox, hide, html_widget, vbox
from mlprov_widgets.widgets.plots import plots_html
from mlprov_widgets.wording import format_count, format_duration

if TYPE_CHECKING:
    from mlprov_widgets.notebooks.execution import NotebookRun
    from mlprov_widgets.notebooks.results import ExecutionResult

# The other states are words already.
_WORDS = {"start": "running", "left": "not run"}
_WORTH_SAYING = 1.0  # seconds
# A step is in the first of these states that one of its cells is in.
_TELLING = ("failed", "stopped", "start", "waiting", "left")


@dataclass
class _Row:
    """How a cell of code goes."""

    title: str
    line: str = ""
    last_time: float | None = None  # seconds
    state: str = "waiting"
    began: float = 0.0
    seconds: float | None = None


class RunPanel:
    """Runs one notebook in a kernel of its own and shows how it goes.

    Parameters
    ----------
    path : Path
        The notebook.
    finished : callable, optional
        Called with the `ExecutionResult` once the run has ended, however it ended.
    original : Path, optional
        The provenance file of the run that it reproduces.
    packs : iterable of Path or str
        Further folders with packs.
    """

    def __init__(
        self,
        path: Path,
        finished: Callable[[ExecutionResult | None], None] = lambda _result: None,
        original: Path | None = None,
        packs: Iterable[Path | str] = (),
    ) -> None:
        self.path, self._packs = path, tuple(packs)
        self._original = original
        self._finished = finished
        self._run: NotebookRun | None = None
        self._cells: dict[int, _Row] = {}  # those of code, by their number among all
        self._lock = threading.Lock()
        self._began = 0.0
        self._verdict = ""
        self.stop_button = button(
            "Stop", guarded(self._say)(self._stop), "mlprov-stop", tooltip="Interrupt the run"
        )
        self.head = html_widget("", "mlprov-run-head")
        self.steps = html_widget("", "mlprov-steps")
        self.outcome = html_widget("", "mlprov-outcome")
        self.comparison = vbox((), "mlprov-comparison")
        self.graph = vbox((), "mlprov-graph")
        top = hbox([self.head, self.stop_button], "mlprov-run-top")
        both = hbox([self.outcome, self.steps], "mlprov-run-both")
        self.widget = vbox([top, both, self.comparison], "mlprov-run")

    @property
    def running(self) -> bool:
        """Whether the run has begun and not ended."""
        return self._run is not None and self._run.running

    def start(self) -> None:
        """Begin; returns at once."""
        from mlprov_widgets.notebooks.execution import NotebookRun, read_notebook

        cells = [*enumerate(read_notebook(self.path).cells, 1)]
        code = {n: one for n, one in cells if one.cell_type == "code" and one.source.strip()}
        took = seconds_last_time(self.path, {str(one.id): one.source for one in code.values()})
        self._cells = {
            number: _Row(_title(one), _first_line(one), took.get(str(one.id)))
            for number, one in code.items()
        }
        self._run = NotebookRun(
            self.path, on_cell=self._on_cell, on_wait=self._on_wait, folders=self._packs
        )
        self._began = time.monotonic()
        self.head.value = _head("Starting a kernel…", busy=True)
        self._draw()
        hide(self.stop_button, False)
        self._run.start()
        threading.Thread(
            target=self._watch, args=(self._run,), name="mlprov-run-watch", daemon=True
        ).start()

    def _stop(self, _button: Any = None) -> None:
        if self._run is not None and self._run.running:
            self.stop_button.disabled = True
            self.head.value = _head("Stopping…", busy=True)
            self._run.stop()

    def _say(self, text: str) -> None:
        self.outcome.value = banner(text)

    # -- in the run's thread ------------------------------------------------------------------

    def _on_wait(self, before: int) -> None:
        if not self.stop_button.disabled:
            runs = format_count(before, "run comes", "runs come")
            self.head.value = _head(f"Waiting: {runs} before this one…", busy=True)

    def _on_cell(self, index: int, total: int, _cell: Any, state: str) -> None:
        with self._lock:
            row = self._cells.get(index)
            if row is None:
                return
            row.state = state
            if state == "start":
                row.began = time.monotonic()
            else:
                row.seconds = time.monotonic() - row.began
            done = sum(one.state == "done" for one in self._cells.values())
            if not self.stop_button.disabled:
                words = f"{row.title}: {done} of {len(self._cells)} cells done"
                self.head.value = _head(words + self._rest(), busy=True)
        self._draw()

    def _rest(self) -> str:
        """How long the cells that are not done took last time; empty where that is not known."""
        left = [row.last_time for row in self._cells.values() if row.state in ("start", "waiting")]
        known = [one for one in left if one is not None]
        total = sum(known)
        if len(known) < len(left) or total < _WORTH_SAYING:
            return ""
        return f"; the rest took {format_duration(total)} last time"

    def _draw(self, title: str = "") -> None:
        with self._lock:
            rows = [*self._cells.values()]
        steps = (_step(name, [*cells]) for name, cells in groupby(rows, lambda one: one.title))
        heading = f"<h3>{escape(title)}</h3>" if title else ""
        self.steps.value = f"{heading}<ol>{''.join(steps)}</ol>"

    # -- in a thread that waits for the end ---------------------------------------------------

    def _watch(self, run: NotebookRun) -> None:
        failure: Exception | None = None
        try:
            run.wait()
        except Exception as error:
            failure = error
            if not isinstance(error, MlprovError):
                log.error("A run failed.", exc_info=True)
        try:
            self.conclude(run.result, failure)
        except Exception as error:
            log.error("The end of a run could not be shown.", exc_info=True)
            self._say(sentence(error))

    def conclude(self, result: ExecutionResult | None, failure: Exception | None = None) -> None:
        """Show how the run ended.

        Parameters
        ----------
        result : ExecutionResult, optional
            None where it did not get as far as to have one.
        failure : Exception, optional
            What it raised.
        """
        hide(self.stop_button, True)
        status = result.status if result is not None else "failed"
        ended = f"Run {status} after {format_duration(time.monotonic() - self._began)}"
        self.head.value = _head(ended, status=status)
        with self._lock:
            for row in self._cells.values():
                if row.state == "waiting":
                    row.state = "left"
        self._draw("What ran")
        file = result.provenance_file if result is not None else None
        record = _record_of(file)
        self.outcome.value = _outcome(result, failure, record)
        but = caveats(record) if record is not None and status == "finished" else ""
        if but:
            # A run that came to its end without its training is no success in green.
            ended, self._verdict = f"{ended}; {but}", "different"
            self.head.value = _head(ended, status=self._verdict)
        if file is not None and (verdict := self.show_record(file)):
            self.head.value = _head(f"{ended}: {verdict}", status=self._verdict or status)
        self._finished(result)

    def show_earlier(self, record: Record, file: Path) -> None:
        """Show how a run ended that is over.

        Parameters
        ----------
        record : Record
        file : Path
            Its provenance file.
        """
        story = Story(record)
        when = f" of {story.began}" if story.began else ""
        hide(self.stop_button, True)
        self.outcome.value = _told(self.path, record.metrics, record)
        verdict = self.show_record(file)
        words = f"The last run{when}: {story.ended}{f', {verdict}' if verdict else ''}"
        self.head.value = _head(words, status=self._verdict or _status_of(record))

    def show_record(self, file: Path) -> str:
        """Show whether a reproduction came to the same, and say it in words; else the graph."""
        from mlprov_widgets.comparison import verify
        from mlprov_widgets.notebooks import read_manifest

        try:
            manifest = read_manifest(self.path)
            if manifest is not None and manifest.original:
                found = verify(file, manifest.original)
                # A run that came to its end, and to something else, is no success in green.
                if found.verdict == "different":
                    self._verdict = "different"
                # Wider than the room beside the bars; its graphs are opened on request.
                self.comparison.children = [ComparisonPanel(found, file, self._original).widget]
                return f"{found.title[:1].lower()}{found.title[1:]}"
        except MlprovError as error:
            words = f"It could not be compared with the original: {escape(error, 400)}"
            self.comparison.children = [html_widget(f"<p>{words}</p>")]
            return ""
        from mlprov_widgets.widgets.viewer import view

        heading = html_widget("<h3>Where it came from</h3>")
        self.graph.children = [heading, view(file)]
        return ""


def _outcome(
    result: ExecutionResult | None, failure: Exception | None, record: Record | None
) -> str:
    parts = []
    if isinstance(failure, ExecutionError):
        parts.append(failure_html(failure))
    elif failure is not None:
        parts.append(banner(sentence(failure)))
    if result is not None and result.status == "stopped":
        recorded = result.provenance_file is not None
        kept = "kept and recorded" if recorded else "kept; its recording had not begun"
        parts.append(f"<p>It was stopped; what ran before is {kept}.</p>")
    if result is not None:
        parts.append(_told(result.notebook, result.metrics, record))
    return "".join(parts)


def _told(notebook: Path | None, metrics: Mapping[str, Value], record: Record | None) -> str:
    """What a run came to: numbers and curves, what to know of them, the notebook's plots."""
    plots = plots_html(notebook) if notebook is not None else ""
    return f"{metrics_html(metrics, record)}{findings_html(record)}{plots}"


def _status_of(record: Record) -> str:
    """The colour of how a run ended: one without its training is no success in green."""
    if record.status != "finished":
        return "failed"
    return "different" if caveats(record) else "finished"


def _step(title: str, rows: Sequence[_Row]) -> str:
    """A step of the pipeline with the cells in it."""
    states = [row.state for row in rows]
    state = next((one for one in _TELLING if one in states), "done")
    if state == "waiting" and "done" in states:
        state = "start"  # between two of its cells
    took = [row.seconds for row in rows if row.seconds is not None]
    seconds = sum(took) if took else None
    number = states.count("done")
    told = format_count(len(rows), "cell")
    told = told if number == len(rows) else f"{number} of {told}"
    line = _line(title, state, seconds, told if len(rows) > 1 else "")
    if len(rows) == 1:
        return f'<li class="mlprov-run-{state}">{line}</li>'
    cells = "".join(
        f'<li class="mlprov-run-{row.state}">{_line(row.line, row.state, row.seconds)}</li>'
        for row in rows
    )
    opened = " open" if state in ("failed", "stopped") else ""
    return (
        f'<li class="mlprov-run-{state}"><details{opened}><summary>{line}</summary>'
        f"<ol>{cells}</ol></details></li>"
    )


def _line(title: str, state: str, seconds: float | None, note: str = "") -> str:
    more = f" <small>{escape(note)}</small>" if note else ""
    return (
        f'<i aria-hidden="true"></i><span>{escape(title, 60)}{more}</span>'
        f"<b>{_WORDS.get(state, state)}</b><time>{format_duration(seconds)}</time>"
    )


def _record_of(file: Path | None) -> Record | None:
    """What a run has recorded; None where nothing can be read."""
    with contextlib.suppress(MlprovError, OSError):
        return read_record(file) if file is not None else None
    return None


def _head(text: str, busy: bool = False, status: str = "") -> str:
    kind = " mlprov-busy" if busy else f" mlprov-was-{status}" if status else ""
    return f'<p class="mlprov-status{kind}" role="status">{escape(text)}</p>'


def _title(cell: Any) -> str:
    step = step_of(cell)
    return title_of(step) if step else _first_line(cell)


def _first_line(cell: Any) -> str:
    return str(cell.source).strip().partition("\n")[0]
