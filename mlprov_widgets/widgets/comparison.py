"""After a reproduction has run: whether it came to the same, both graphs, and a report of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.widgets.download import Download
from mlprov_widgets.widgets.fields import hide
from mlprov_widgets.widgets.guard import guarded
from mlprov_widgets.widgets.markup import escape

if TYPE_CHECKING:
    from mlprov_widgets.reproduction import Verification


class Comparison:
    """A run beside the one that it was to reproduce.

    Parameters
    ----------
    verification : Verification
    run : Path
        The provenance file of the new run.
    original : Path, optional
        That of the original, where it is at hand.
    """

    def __init__(self, verification: Verification, run: Path, original: Path | None) -> None:
        self._verification, self._run, self._original = verification, run, original
        self._shown: Path | None = None
        self.table = widgets.HTML(f"<h3>The same as before?</h3>{verification.to_html()}")
        self.this_graph = self._toggle("Graph of this run", run)
        self.original_graph = self._toggle("Graph of the original", original)
        self.report = Download("Download the report", self._report)
        actions = widgets.HBox([self.this_graph, self.original_graph, self.report])
        actions.add_class("mlprov-actions")
        self.words = widgets.HTML()
        self.graph = widgets.VBox()
        self.graph.add_class("mlprov-graph")
        self.widget = widgets.VBox([self.table, actions, self.words, self.graph])
        self.widget.add_class("mlprov-compared")

    def _toggle(self, label: str, file: Path | None) -> widgets.ToggleButton:
        button = widgets.ToggleButton(description=label, value=False)
        hide(button, file is None)

        def changed(change: Any) -> None:
            self._show(file if change["new"] else None, button)

        button.observe(guarded(self._say)(changed), "value")
        return button

    def _say(self, text: str) -> None:
        self.words.value = (
            f'<div class="mlprov-banner" role="alert">{escape(text, 900)}</div>' if text else ""
        )

    def _show(self, file: Path | None, button: widgets.ToggleButton) -> None:
        if file is None:
            if not (self.this_graph.value or self.original_graph.value):
                self.graph.children, self._shown = (), None
            return
        for other in (self.this_graph, self.original_graph):
            if other is not button:
                other.value = False
        self._say("")
        from mlprov_widgets.widgets.viewer import view

        heading = widgets.HTML(f"<h3>{escape(button.description)}</h3>")
        self.graph.children, self._shown = (heading, view(file)), file

    def _report(self) -> tuple[str, bytes]:
        from mlprov_widgets.reporting import run_report

        if not self._run.is_file():
            raise MlprovError(f"{self._run.name} is not there any more.")
        found = self._verification
        report = run_report(
            self._run, self._original, relative=found.relative, absolute=found.absolute
        )
        stem = self._run.name.removesuffix(".prov.json")
        return f"{stem}-report.html", report.to_html().encode()
