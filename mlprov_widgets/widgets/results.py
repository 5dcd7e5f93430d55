"""After a notebook has been written: where it is, and what can be done with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from html import escape as html_escape
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting import hosted
from mlprov_widgets.notebooks.beside import read_run, records_in, shown_run
from mlprov_widgets.notebooks.formats import is_notebook
from mlprov_widgets.notebooks.manifest import read_manifest
from mlprov_widgets.present.blocks import Block, Paragraph, Tiles
from mlprov_widgets.provenance import read_record
from mlprov_widgets.record.fields import vocabulary_of
from mlprov_widgets.record.results import headline_metrics
from mlprov_widgets.widgets.guard import guarded
from mlprov_widgets.widgets.host import check_room, server_path
from mlprov_widgets.widgets.markup import banner, escape, remark
from mlprov_widgets.widgets.outcome import reproduction_html
from mlprov_widgets.widgets.parts import button, hbox, hide, html_widget, mark, vbox
from mlprov_widgets.widgets.running import RunPanel
from mlprov_widgets.widgets.transfer import Download

if TYPE_CHECKING:
    from mlprov_widgets.notebooks.results import ExecutionResult
    from mlprov_widgets.widgets.compare_widget import ComparisonView
    from mlprov_widgets.widgets.run_page import RunPage
    from mlprov_widgets.widgets.sweep_panel import SweepPanel

_MOST_COMPARED = 40  # runs
_YOURS = (
    "Only you see what you make here, and it is removed soon after this page is closed: download "
    "what you want to keep."
)


class ResultsPanel:
    """Open, download, run, reproduce.

    Parameters
    ----------
    path : Path
        The notebook or script.
    title : str
        What has just happened.
    html : str
        What is shown underneath, its texts escaped.
    ended : callable, optional
        Called when a run that was started here has ended.
    original : Path, optional
        In a reproduction: the provenance file of the original run.
    packs : iterable of Path or str
        Further folders with packs.

    Attributes
    ----------
    run : RunPanel or None
        The run that was started last.
    record : Path or None
        Its provenance file.
    reproduction : ResultsPanel, RunPage or None
        What `reproduce_button` has made.
    comparison : ComparisonView or None
        What `compare_button` has made.
    sweep : SweepPanel or None
        What `sweep_button` has made.
    """

    def __init__(
        self,
        path: Path,
        title: str = "Notebook written",
        html: str = "",
        ended: Callable[[], None] | None = None,
        original: Path | None = None,
        packs: Iterable[Path | str] = (),
    ) -> None:
        self.path, self._original, self._packs = path, original, tuple(packs)
        self._on_end = ended
        self.run: RunPanel | None = None
        self.record: Path | None = None
        self.reproduction: ResultsPanel | RunPage | None = None
        refusal = _refusal(path, self._packs)
        self._may_run = is_notebook(path) and not refusal
        self.heading = html_widget(_heading(path, title) + html + remark(refusal), "mlprov-title")
        guard = guarded(self._say)
        self.run_button = button(
            "Run here",
            guard(self._run),
            "mlprov-primary",
            tooltip="Run all cells in a kernel of their own",
        )
        hide(self.run_button, not self._may_run)
        self.open = html_widget(open_button(path))
        hide(self.open, not self.open.value)
        self.download = Download("Download", lambda: (path.name, path.read_bytes()))
        # Where a visitor can run nothing, it is all that there is to do.
        mark(self.download, "mlprov-primary", hosted() and not self._may_run)
        self.record_download = Download("Download the provenance file", self._record_file)
        self.reproduce_button = button(
            "Reproduce",
            guard(self._reproduce),
            tooltip="Write the notebook of this run again, to compare",
        )
        self.comparison: ComparisonView | None = None
        self.compare_button = button(
            "Compare",
            guard(self._compare),
            tooltip="Beside the other runs of this task in the same folder",
        )
        self.sweep: SweepPanel | None = None
        self.sweep_button = button(
            "Several runs…",
            guard(self._sweep),
            tooltip="Repeat it with other seeds, or try several values of a field",
        )
        hide(self.sweep_button, not self._may_run or hosted() or not _is_generated(path))
        buttons = [self.run_button, self.sweep_button, self.open, self.download]
        actions = hbox(buttons, "mlprov-actions")
        after = [self.reproduce_button, self.compare_button, self.record_download]
        self.after = hbox(after, "mlprov-actions", "mlprov-hidden")
        self.message = html_widget()
        self._panel, self._compared, self._graph = vbox(), vbox(), vbox()
        self._below, self._several = vbox(), vbox()
        asked = [self._compared, self._below, self._several]
        below = [self._panel, self.after, *asked, self._graph]
        parts = [self.heading, actions, self.message, *below]
        self.widget = vbox(parts, "mlprov-results")

    @property
    def running(self) -> bool:
        """Whether a run that was started here is going on, that of a reproduction included."""
        started = (self.run, self.reproduction, self.sweep)
        return any(one is not None and one.running for one in started)

    def show_last_run(self) -> None:
        """Show what the notebook's last run came to; nothing where its outputs are of none."""
        with suppress(MlprovError, OSError):
            # A record that only names it may be of an earlier notebook of that name.
            if shown_run(self.path) is None:
                return
            record, file = read_run(self.path)
            self.run, self.record = RunPanel(self.path, packs=self._packs), file
            self.run.show_earlier(record, file)
            self._panel.children, self._graph.children = [self.run.widget], [self.run.graph]
            hide(self.after, False)
            self.run_button.description = "Run again"

    def saved_blocks(self) -> list[Block]:
        """The notebook and what it came to, for who reads the page without Python."""
        blocks: list[Block] = [Paragraph(f"Written: {self.path.name}")]
        with suppress(MlprovError, OSError):
            record = read_record(self.record) if self.record is not None else None
            if record is not None:
                told = headline_metrics(record.metrics, vocabulary_of(record))
                blocks.append(Tiles([(one.described, one.text) for one in told]))
        return blocks

    def _say(self, text: str) -> None:
        self.message.value = banner(text)

    def _record_file(self) -> tuple[str, bytes]:
        if self.record is None:
            raise FileNotFoundError(2, "there is no provenance file")
        return self.record.name, self.record.read_bytes()

    def _run(self, _button: Any = None) -> None:
        if (self.run is not None and self.run.running) or not self._may_run:
            return
        self._say("")
        self.run = RunPanel(self.path, self._ended, self._original, self._packs)
        self.run_button.disabled = True
        hide(self.after, True)
        try:
            self.run.start()
        except BaseException:
            self.run_button.disabled = False
            raise
        self._panel.children, self._graph.children = [self.run.widget], [self.run.graph]

    def _compare(self, _button: Any = None) -> None:
        from mlprov_widgets.several import compare_runs
        from mlprov_widgets.widgets.compare_widget import ComparisonView

        if self.record is None:
            return
        self._say("")
        self.comparison, self._compared.children = None, ()
        files = _alike(self.record)
        if len(files) < 2:
            raise MlprovError("no_run_to_compare")
        self.comparison = ComparisonView(compare_runs(files))
        self._compared.children = [self.comparison.widget]

    def _sweep(self, _button: Any = None) -> None:
        from mlprov_widgets.widgets.sweep_panel import SweepPanel

        self._say("")
        self.sweep = SweepPanel(self.path, self._packs)
        self._several.children = [self.sweep.widget]
        self.sweep_button.disabled = True

    def _ended(self, result: ExecutionResult | None) -> None:
        self.run_button.disabled = False
        self.run_button.description = "Run again"
        self.record = result.provenance_file if result is not None else None
        hide(self.after, self.record is None)
        self.reproduce_button.disabled = False
        if self._on_end is not None:
            self._on_end()

    def _reproduce(self, _button: Any = None) -> None:
        from mlprov_widgets.inspection import inspect_run
        from mlprov_widgets.rebuild import reproduce
        from mlprov_widgets.widgets.run_page import RunPage

        if self.record is None or self.reproduce_button.disabled:
            return  # the second half of a double click
        if self.reproduction is not None and self.reproduction.running:
            raise MlprovError("reproduction_still_going")
        self._say("")
        check_room()
        inspection = inspect_run(self.record, packs=self._packs)
        if inspection.edits:
            # Cells that were changed before the run are to be read and decided upon first.
            self.reproduction = RunPage(inspection, packs=self._packs)
        else:
            made = reproduce(self.record, packs=self._packs)
            again = ResultsPanel(
                made.file,
                "The same notebook again",
                reproduction_html(made),
                ended=self._on_end,
                original=self.record,
                packs=self._packs,
            )
            again.run_button.description = "Run and compare"
            self.reproduction = again
        self._below.children = [self.reproduction.widget]
        self.reproduce_button.disabled = True


def _alike(record: Path) -> list[Path]:
    """The provenance files beside one, that one included, of runs of the same pack."""
    pack = read_record(record).pack.get("name")
    found = (file for one, file in records_in(record.parent) if one.pack.get("name") == pack)
    others = islice((file for file in found if file != record), _MOST_COMPARED - 1)
    return [record, *others]


def _is_generated(path: Path) -> bool:
    """Whether a pack wrote the notebook, and it reproduces no other run."""
    with suppress(MlprovError, OSError):
        manifest = read_manifest(path)
        return manifest is not None and not manifest.original
    return False


def _refusal(path: Path, packs: Iterable[Path | str]) -> str:
    """Why the notebook is not run here; empty where it is, or is no notebook."""
    if not hosted() or not is_notebook(path):
        return ""
    from mlprov_widgets.notebooks.execution import read_notebook
    from mlprov_widgets.notebooks.permission import check_permission

    try:
        check_permission(read_notebook(path), path, packs)
    except MlprovError as error:
        return str(error)
    return ""


def _heading(path: Path, title: str) -> str:
    # A visitor of a hosted app has no use for the server's folders.
    where = path.name if hosted() else str(path)
    return (
        f'<h2 class="mlprov-success">{escape(title)}</h2>'
        f'<p class="mlprov-path" role="status"><code>{escape(where, 500)}</code></p>'
        f"{remark(_YOURS) if hosted() else ''}"
    )


def open_button(path: Path) -> str:
    """HTML of a button that opens a file in JupyterLab; empty where there is no such front end."""
    known = server_path(path)
    if known is None:
        return ""
    arguments = html_escape(json.dumps({"path": known}), quote=True)
    return (
        '<button type="button" class="mlprov-button mlprov-open" '
        'data-commandlinker-command="docmanager:open" '
        f'data-commandlinker-args="{arguments}">Open</button>'
    )
