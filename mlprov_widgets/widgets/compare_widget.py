"""Several runs compared: what differs, which is better, and whether that is more than chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting import without_server_paths
from mlprov_widgets.present.blocks import Block, CodeBlock
from mlprov_widgets.several import RunComparison, compare_runs
from mlprov_widgets.widgets.guard import explained_to_visitors, guarded
from mlprov_widgets.widgets.host import working_place
from mlprov_widgets.widgets.markup import banner, plain, remark, style
from mlprov_widgets.widgets.parts import Quiet, classed, hbox, hide, html_widget, update, vbox
from mlprov_widgets.widgets.saved import SavedBox
from mlprov_widgets.widgets.transfer import Download

if TYPE_CHECKING:
    from collections.abc import Callable

_FILE = "comparison"


class ComparisonView(Quiet):
    """A comparison with what can be asked of it.

    Parameters
    ----------
    comparison : RunComparison

    Attributes
    ----------
    metric_field : Dropdown
        What it is judged by.
    shown : HTML
        What the comparison comes to.
    downloads : list of Download
        The same as files.
    graph_toggle : ToggleButton
        Shows both graphs in one, to walk through, where two are compared.
    """

    def __init__(self, comparison: RunComparison) -> None:
        self.comparison = comparison
        self.message = html_widget("", "mlprov-words")
        self.metric_field = widgets.Dropdown(
            options=self._options(), value=comparison.metric or None, description="Judged by"
        )
        classed(self.metric_field, "mlprov-control", "mlprov-compare-metric")
        self.on_change(self.metric_field, guarded(self._say)(self._judge))
        forms: dict[str, Callable[[], str]] = {
            "html": lambda: self.comparison.to_html(),
            "md": lambda: self.comparison.to_markdown(),
            "csv": lambda: self.comparison.to_csv(),
        }
        labels = {"html": "Page", "md": "Markdown", "csv": "Table (CSV)"}
        self.downloads = [
            Download(f"Download: {labels[ending]}", self._file(ending, make))
            for ending, make in forms.items()
        ]
        self.shown = html_widget(self._html(), "mlprov-comparison")
        self.graph_toggle = widgets.ToggleButton(description="Both graphs in one", value=False)
        hide(self.graph_toggle, comparison.pair is None)
        self.on_change(self.graph_toggle, guarded(self._say)(self._show_graph))
        self.graph = vbox((), "mlprov-graph")
        actions = hbox([self.metric_field, *self.downloads, self.graph_toggle], "mlprov-actions")
        parts = [actions, self.message, self.graph, self.shown]
        self.widget = vbox(parts, "mlprov-compared-runs")

    def _options(self) -> list[tuple[str, str]]:
        found = [
            (plain(f"{row.metric.label}{f', {row.part}' if row.part else ''}", 80), name)
            for row, name in zip(self.comparison.metrics, self.comparison.metric_names, strict=True)
            if not row.metric.baseline_of
        ]
        # Labels of others may be the same; a choice may not.
        labels = [label for label, _ in found]
        return [
            (label if labels.count(label) == 1 else f"{label} ({plain(name, 40)})", name)
            for label, name in found
        ]

    def _file(self, ending: str, make: Callable[[], str]) -> Callable[[], tuple[str, bytes]]:
        return lambda: (f"{_FILE}.{ending}", make().encode("utf-8", "replace"))

    def _say(self, text: str) -> None:
        update(self.message, value=banner(text))

    def _judge(self, metric: str) -> None:
        self.comparison = self.comparison.judged_by(metric)
        self._say("")
        update(self.shown, value=self._html())

    def _show_graph(self, on: bool) -> None:
        from mlprov_widgets.graph.merging import merged_view
        from mlprov_widgets.widgets.viewer import view

        pair = self.comparison.pair if on else None
        shown: tuple[widgets.Widget, ...] = ()
        if pair is not None:
            told = f"{pair.one} is {pair.first_name}, {pair.two} is {pair.second_name}."
            merged = merged_view(pair.first, pair.second, pair.one, pair.two)
            shown = (html_widget(remark(told)), view(merged))
        self.graph.children = shown
        self._say("")

    def _html(self) -> str:
        return without_server_paths(self.comparison.to_element())


class ComparisonWidget(SavedBox):
    """Several runs beside each other.

    Parameters
    ----------
    comparison : RunComparison

    Attributes
    ----------
    view : ComparisonView
        What is shown, and the choice of the metric.
    comparison : RunComparison
        What is said of the runs now, with `to_html`, `to_markdown`, `to_csv` and `to_text`.
    """

    saved_title = "Runs compared"

    def __init__(self, comparison: RunComparison) -> None:
        self.view = ComparisonView(comparison)
        sheet = html_widget(style(), "mlprov-hidden")
        super().__init__([sheet, self.view.widget])
        classed(self, "mlprov", "mlprov-compare")

    @property
    def comparison(self) -> RunComparison:
        """What is said of the runs now."""
        return self.view.comparison

    def saved_blocks(self) -> list[Block]:
        """What is said of the runs, in words."""
        return [CodeBlock(self.comparison.to_text())]

    def __repr__(self) -> str:
        return repr(self.comparison)


@explained_to_visitors
def compare(*runs: Any, metric: str = "") -> ComparisonWidget:
    """Show what differs between runs, which is better, and whether that is more than chance.

    Parameters
    ----------
    *runs : path, Record, finished run, row of a store, RunStore, or several of them
        Two or more; a record, a notebook that was run, or a folder, of which all runs count with
        those below it. By default the folder of the notebook; in a hosted app that of the visitor.
    metric : str, optional
        What they are judged by; by default the one that most of them are told by first.

    Returns
    -------
    ComparisonWidget
        Its `comparison` holds what is said, and writes it as HTML, Markdown, text or CSV.

    Raises
    ------
    MlprovError
        If there are not two runs that can be read, or none has the metric.
    MissingPackageError
        If SciPy is not installed.
    """
    sources = runs or (working_place().folder,)
    return ComparisonWidget(compare_runs(*sources, metric=metric))


def view_of_rows(rows: list[Any]) -> ComparisonView:
    """The comparison of rows of a store; raises as `compare`."""
    if len(rows) < 2:
        raise MlprovError("compare_choose_two")
    return ComparisonView(compare_runs(*rows))
