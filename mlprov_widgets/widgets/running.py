"""A notebook run from the wizard: a bar for each cell, a stop button, and how it went."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from mlprov_widgets.errors import ExecutionError, MlprovError
from mlprov_widgets.widgets.comparison import Comparison
from mlprov_widgets.widgets.fields import hide
from mlprov_widgets.widgets.guard import guarded, log, sentence
from mlprov_widgets.widgets.markup import escape
from mlprov_widgets.widgets.outcome import failure_html, metrics_html

_WORDS = {
    "waiting": "waiting",
    "start": "running",
    "done": "done",
    "failed": "failed",
    "stopped": "stopped",
    "left": "not run",
}


class RunPanel:
    """Runs one notebook in a kernel of its own and shows how it goes.

    Parameters
    ----------
    path : Path
        The notebook.
    finished : callable
        Called with the `ExecutionResult` once the run has ended, however it ended.
    original : Path, optional
        The provenance file of the run that it reproduces.
    folders : iterable of Path or str
        Further folders with packs.
    """

    def __init__(
        self,
        path: Path,
        finished: Callable[[Any], None],
        original: Path | None = None,
        folders: Iterable[Path | str] = (),
    ) -> None:
        self.path, self._folders = path, tuple(folders)
        self._original = original
        self._finished = finished
        self._run: Any = None
        self._cells: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._began = 0.0
        self._verdict = ""
        self.stop = widgets.Button(description="Stop", tooltip="Interrupt the run")
        self.stop.add_class("mlprov-stop")
        self.stop.on_click(guarded(self._say)(self._stop))
        self.head = widgets.HTML()
        self.head.add_class("mlprov-run-head")
        self.bars = widgets.HTML()
        self.bars.add_class("mlprov-bars")
        self.outcome = widgets.HTML()
        self.outcome.add_class("mlprov-outcome")
        self.comparison = widgets.VBox()
        self.comparison.add_class("mlprov-comparison")
        self.graph = widgets.VBox()
        self.graph.add_class("mlprov-graph")
        top = widgets.HBox([self.head, self.stop])
        top.add_class("mlprov-run-top")
        both = widgets.HBox([self.bars, self.outcome])
        both.add_class("mlprov-run-both")
        self.widget = widgets.VBox([top, both, self.comparison, self.graph])
        self.widget.add_class("mlprov-run")

    @property
    def running(self) -> bool:
        """Whether the run has begun and not ended."""
        return self._run is not None and self._run.running

    def start(self) -> None:
        """Begin; returns at once."""
        from mlprov_widgets.notebooks.execution import NotebookRun, read_notebook

        self._cells = [
            {"title": _title(cell), "state": "waiting", "began": 0.0, "took": 0.0}
            if cell.cell_type == "code" and cell.source.strip()
            else {}
            for cell in read_notebook(self.path).cells
        ]
        self._run = NotebookRun(
            self.path, on_cell=self._on_cell, on_wait=self._on_wait, folders=self._folders
        )
        self._began = time.monotonic()
        self.head.value = _head("Starting a kernel…", busy=True)
        self._draw()
        hide(self.stop, False)
        self._run.start()
        threading.Thread(target=self._watch, name="mlprov-run-watch", daemon=True).start()

    def _stop(self, _button: Any = None) -> None:
        if self.running:
            self.stop.disabled = True
            self.head.value = _head("Stopping…", busy=True)
            self._run.stop()

    def _say(self, text: str) -> None:
        self.outcome.value = f'<div class="mlprov-banner" role="alert">{escape(text, 900)}</div>'

    # -- in the run's thread ------------------------------------------------------------------

    def _on_wait(self, before: int) -> None:
        if not self.stop.disabled:
            runs = "1 run comes" if before == 1 else f"{before} runs come"
            self.head.value = _head(f"Waiting: {runs} before this one…", busy=True)

    def _on_cell(self, index: int, total: int, _cell: Any, state: str) -> None:
        with self._lock:
            row = self._cells[index - 1]
            if not row:
                return
            row["state"] = state
            if state == "start":
                row["began"] = time.monotonic()
            else:
                row["took"] = time.monotonic() - row["began"]
            code = [row for row in self._cells if row]
            done = sum(row["state"] == "done" for row in code)
            if not self.stop.disabled:
                self.head.value = _head(f"{done} of {len(code)} cells done", busy=True)
        self._draw()

    def _draw(self) -> None:
        items = []
        for row in self._cells:
            if row:
                state, took = row["state"], f"{row['took']:.1f} s" if row["took"] else ""
                items.append(
                    f'<li class="mlprov-run-{state}"><span>{escape(row["title"], 60)}</span>'
                    f'<i aria-hidden="true"></i><b>{_WORDS[state]}</b><time>{took}</time></li>'
                )
        self.bars.value = f"<ol>{''.join(items)}</ol>"

    # -- in a thread that waits for the end ---------------------------------------------------

    def _watch(self) -> None:
        failure: Exception | None = None
        try:
            self._run.wait()
        except Exception as error:
            failure = error
            if not isinstance(error, MlprovError):
                log.error("A run failed.", exc_info=True)
        try:
            self._conclude(failure)
        except Exception as error:
            log.error("The end of a run could not be shown.", exc_info=True)
            self._say(sentence(error))

    def _conclude(self, failure: Exception | None) -> None:
        hide(self.stop, True)
        result = self._run.result
        seconds = time.monotonic() - self._began
        status = result.status if result is not None else "failed"
        ended = f"Run {status} after {_duration(seconds)}"
        self.head.value = _head(ended, status=status)
        with self._lock:
            for row in self._cells:
                if row and row["state"] == "waiting":
                    row["state"] = "left"
        self._draw()
        parts = []
        if isinstance(failure, ExecutionError):
            parts.append(failure_html(failure))
        elif failure is not None:
            parts.append(f'<div class="mlprov-banner">{escape(sentence(failure), 900)}</div>')
        if status == "stopped":
            recorded = result is not None and result.provenance_file is not None
            kept = "kept and recorded" if recorded else "kept; its recording had not begun"
            parts.append(f"<p>It was stopped; what ran before is {kept}.</p>")
        if result is not None:
            parts.append(metrics_html(result.metrics))
        self.outcome.value = "".join(parts)
        if result is not None and result.provenance_file is not None:
            said = self._show_record(result.provenance_file)
            if said:
                self.head.value = _head(f"{ended}: {said}", status=self._verdict or status)
        self._finished(result)

    def _show_record(self, file: Path) -> str:
        """Show whether a reproduction came to the same, and say it in words; else the graph."""
        from mlprov_widgets.notebooks import read_manifest
        from mlprov_widgets.reproduction import verify

        try:
            manifest = read_manifest(self.path)
            if manifest is not None and manifest.original:
                found = verify(file, manifest.original)
                # A run that came to its end, and to something else, is no success in green.
                self._verdict = "different" if found.verdict == "different" else ""
                # Wider than the room beside the bars; its graphs are opened on request.
                self.comparison.children = [Comparison(found, file, self._original).widget]
                return found.title[0].lower() + found.title[1:]
        except MlprovError as error:
            words = f"It could not be compared with the original: {escape(error, 400)}"
            self.comparison.children = [widgets.HTML(f"<p>{words}</p>")]
            return ""
        from mlprov_widgets.widgets.viewer import view

        heading = widgets.HTML("<h3>Where it came from</h3>")
        self.graph.children = [heading, view(file)]
        return ""


def _head(text: str, busy: bool = False, status: str = "") -> str:
    kind = " mlprov-busy" if busy else f" mlprov-was-{status}" if status else ""
    return f'<p class="mlprov-status{kind}" role="status">{escape(text)}</p>'


def _title(cell: Any) -> str:
    step = cell.metadata.get("mlprov", {}).get("step", "")
    if isinstance(step, str) and step:
        return step.replace("_", " ").capitalize()
    return cell.source.strip().partition("\n")[0]


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"
