"""After a reproduction has run: whether it came to the same, both graphs, and a report of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import ipywidgets as widgets

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.widgets.guard import guarded
from mlprov_widgets.widgets.markup import banner, escape
from mlprov_widgets.widgets.parts import hbox, hide, html_widget, vbox
from mlprov_widgets.widgets.transfer import Download

if TYPE_CHECKING:
    from mlprov_widgets.comparison import Verification


class ComparisonPanel:
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
        self.table = html_widget(f"<h3>The same as before?</h3>{verification.to_html()}")
        self.this_graph = self._toggle("Graph of this run", run)
        self.original_graph = self._toggle("Graph of the original", original)
        self.report = Download("Download the report", self._report)
        actions = hbox([self.this_graph, self.original_graph, self.report], "mlprov-actions")
        self.message = html_widget()
        self.graph = vbox((), "mlprov-graph")
        self.widget = vbox([self.table, actions, self.message, self.graph], "mlprov-compared")

    def _toggle(self, label: str, file: Path | None) -> widgets.ToggleButton:
        toggle = widgets.ToggleButton(description=label, value=False)
        hide(toggle, file is None)
        toggle.observe(guarded(self._say)(lambda _change: self._show(file, toggle)), "value")
        return toggle

    def _say(self, text: str) -> None:
        self.message.value = banner(text)

    def _show(self, file: Path | None, toggle: widgets.ToggleButton) -> None:
        if file is None or not toggle.value:
            if not (self.this_graph.value or self.original_graph.value):
                self.graph.children = ()
            return
        for other in (self.this_graph, self.original_graph):
            if other is not toggle:
                other.value = False
        self._say("")
        from mlprov_widgets.widgets.viewer import view

        self.graph.children = (html_widget(f"<h3>{escape(toggle.description)}</h3>"), view(file))

    def _report(self) -> tuple[str, bytes]:
        from mlprov_widgets.reporting import run_report

        if not self._run.is_file():
            raise MlprovError("run_file_gone", file=self._run.name)
        found = self._verification
        report = run_report(
            self._run, self._original, relative=found.relative, absolute=found.absolute
        )
        stem = self._run.name.removesuffix(".prov.json")
        return f"{stem}-report.html", report.to_html().encode()
