"""What a file says of a run, before anything is made of it, and the two ways to go on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting import hosted
from mlprov_widgets.inspection.inspect import EXACT, START
from mlprov_widgets.notebooks.beside import read_run
from mlprov_widgets.present.blocks import Block, Paragraph
from mlprov_widgets.rebuild import EditsNotAcceptedError, reproduce
from mlprov_widgets.widgets import inspection_view as view
from mlprov_widgets.widgets.browser import Copy, Scroller
from mlprov_widgets.widgets.edit_choices import ACCEPT, RESTORE, EditChoices
from mlprov_widgets.widgets.guard import guarded
from mlprov_widgets.widgets.host import check_room
from mlprov_widgets.widgets.markup import banner, escape, note, plain, remark
from mlprov_widgets.widgets.outcome import findings_html, reproduction_html
from mlprov_widgets.widgets.parts import button, classed, hbox, hide, html_widget, update, vbox
from mlprov_widgets.widgets.results import ResultsPanel
from mlprov_widgets.widgets.transfer import Download
from mlprov_widgets.wording import format_count

if TYPE_CHECKING:
    from mlprov_widgets.inspection import Inspection
    from mlprov_widgets.packs import Pack
    from mlprov_widgets.rebuild import Reproduction

_EXACT = (
    "The notebook again, cell by cell. When it has run, it says number by number whether it came "
    "to the same."
)
_UNCOMPARED = "The notebook again, cell by cell. No run of it is known to compare a new one with."
_START = (
    "The wizard opens with these values filled in. Change what you like; it keeps a list of what "
    "is no longer as it was."
)
_WITHOUT_CELLS = (
    "The file holds values but no cells. Today's notebook is written with these values; when it "
    "has run, it compares its numbers with those in the file."
)
_NOTHING = "Not possible for this file: it holds no cells, and no experiment here fits it."
_WITHOUT_PACK = "Not possible for this file: no experiment here fits it."


class RunPage:
    """A run from a file: what it says, which of its cells to use, and what to do with it.

    Parameters
    ----------
    inspection : Inspection
    pack : Pack, optional
        Its experiment, as it is here; none where none fits.
    out : Path, optional
        Where the notebook is written, by default beside the file.
    packs : iterable of Path or str
        Further folders with packs.
    start : callable, optional
        Called when somebody wants to start from the values; without it, that is not offered.

    Attributes
    ----------
    edits : EditChoices
        What to do with cells that are not as generated.
    exact_button, start_button, back_button : Button
        Write the notebook; open the wizard; back from the notebook that was written.
    results : ResultsPanel or None
        The notebook, once it has been written.
    """

    def __init__(
        self,
        inspection: Inspection,
        pack: Pack | None = None,
        out: Path | None = None,
        packs: Iterable[Path | str] = (),
        start: Callable[[], None] | None = None,
    ) -> None:
        self._inspection, self._out = inspection, out
        self._packs = tuple(packs)
        self.results: ResultsPanel | None = None
        guard = guarded(self._say)
        self.message = html_widget("", "mlprov-words", "mlprov-hidden")
        exact = EXACT in inspection.ways
        self.edits = EditChoices(inspection.edits if exact else [], self._show_missing)
        also = "Also write a requirements file with the recorded package versions"
        checkbox = widgets.Checkbox(description=also, indent=False)
        self.requirements = classed(checkbox, "mlprov-control")
        hide(self.requirements, not inspection.ways)
        label = f"Write the notebook {'exactly as run' if exact else 'with these values'}"
        self.exact_button = button(label, guard(self._write), "mlprov-primary")
        self.missing = html_widget()
        begin = guard(lambda _button: start()) if start is not None else None
        self.start_button = button("Open the wizard, filled in", begin)
        self.back_button = button("Back to the run", guard(self._back))
        facts = html_widget(_facts(inspection, pack), "mlprov-inspection")
        ways = self._ways(begin is not None)
        self._before = vbox([facts, self.edits.widget, ways], "mlprov-run-page")
        self._after = vbox((), "mlprov-after")
        self._footer = hbox([self.back_button], "mlprov-footer", "mlprov-hidden")
        self._scroller = Scroller()
        head = html_widget(f"<h2>{escape(inspection.source.name)}</h2>", "mlprov-title")
        parts = [head, self.message, self._before, self._after, self._footer, self._scroller]
        self.widget = vbox(parts, "mlprov-page")
        self._show_missing()

    @property
    def running(self) -> bool:
        """Whether a run that was started here is going on."""
        return self.results is not None and self.results.running

    def saved_blocks(self) -> list[Block]:
        """The file that is looked at, for who reads the page without Python."""
        looked_at: list[Block] = [Paragraph(f"A run is looked at: {self._inspection.source.name}")]
        return looked_at + (self.results.saved_blocks() if self.results is not None else [])

    def _ways(self, startable: bool) -> widgets.Widget:
        ways = self._inspection.ways
        if EXACT in ways:
            title, text = "Exactly as run", _EXACT if self._inspection.record else _UNCOMPARED
        else:
            title, text = "With the recorded values", _WITHOUT_CELLS if ways else _NOTHING
        exact = [_card(title, text), self.requirements, self.exact_button, self.missing]
        about = _card("As a starting point", _START if START in ways else _WITHOUT_PACK)
        begin = vbox([about, self.start_button], "mlprov-way")
        hide(begin, not startable)
        return hbox([vbox(exact, "mlprov-way"), begin], "mlprov-ways")

    def _show_missing(self) -> None:
        left = self.edits.open
        self.exact_button.disabled = not self._inspection.ways or left > 0
        self.start_button.disabled = START not in self._inspection.ways
        told = f"{format_count(left, 'cell')} above still to be decided upon."
        words = note(told if left else "")
        update(self.missing, value=f'<div role="status">{words}</div>')
        hide(self.missing, not words)

    def _say(self, text: str) -> None:
        self.message.value = banner(text)
        hide(self.message, not text)
        if text:
            self._scroller.to_head()

    def _write(self, _button: Any = None) -> None:
        if self.edits.open or not self._inspection.ways or self.results is not None:
            return  # also the second half of a double click
        self._say("")
        check_room()
        self.exact_button.disabled, label = True, self.exact_button.description
        self.exact_button.description = "Writing…"
        try:
            made = self._made()
        finally:
            self.exact_button.description = label
            self._show_missing()
        self.results = ResultsPanel(
            made.file,
            "Notebook rebuilt",
            reproduction_html(made) + self._needed(),
            original=self._original(),
            packs=self._packs,
        )
        version: Any = ""
        if (record := self._inspection.record) is not None:
            self.results.run_button.description = "Run and compare"
            version = record.notebook.get("programming_language_version", "")
        packages = [_packages(made, made.requirements, str(version))] if made.requirements else []
        self._after.children = [self.results.widget, *packages]
        hide(self._before, True)
        hide(self._footer, False)
        self._scroller.to_head()

    def _needed(self) -> str:
        data = self._inspection.data
        # Only a file of their own lies beside a visitor's notebook; what is there was theirs.
        if not hosted() or data.state != "not at hand":
            return ""
        return remark(f"To run, it needs {plain(data.what, 120)} beside it.")

    def _made(self) -> Reproduction:
        try:
            return reproduce(
                self._inspection.source,
                self._out,
                accept=self.edits.chosen(ACCEPT),
                restore=self.edits.chosen(RESTORE),
                packs=self._packs,
                requirements=self.requirements.value,
            )
        except EditsNotAcceptedError:
            # All that was shown was decided upon, so there are cells that were not there then.
            raise MlprovError("edits_unknown", file=self._inspection.source.name) from None

    def _original(self) -> Path | None:
        """The original's provenance file: the source itself, or what lies beside the notebook."""
        source, record = self._inspection.source, self._inspection.record
        if self._inspection.kind not in ("notebook", "script"):
            return source
        with contextlib.suppress(MlprovError, OSError):
            found, file = read_run(source)
            return file if record is not None and found.run_id == record.run_id else None
        return None

    def _back(self, _button: Any = None) -> None:
        if self.running:
            raise MlprovError("run_still_going")
        self._say("")
        self.results, self._after.children = None, ()
        hide(self._before, False)
        hide(self._footer, True)
        self._scroller.to_head()


def _facts(inspection: Inspection, pack: Pack | None) -> str:
    return (
        f"{view.facts_html(inspection)}"
        f"{findings_html(inspection.record, looked_for=True)}"
        f"{view.notes_html(inspection)}"
        f"{view.tables_html(inspection, pack)}"
    )


def _packages(made: Reproduction, requirements: Path, version: str) -> widgets.Widget:
    """How the recorded packages are installed, as commands for a shell."""
    from mlprov_widgets.rebuild.requirements import install_command, run_command

    # A visitor takes the file away; the folders of the server are of no use to them.
    file = Path(requirements.name) if hosted() else requirements
    command = install_command(file, version)
    run = run_command(file, Path(made.file.name) if hosted() else made.file)
    words = html_widget(
        f"<h3>The same packages</h3><p>{escape(requirements.name)} names their "
        "versions. In a shell, this makes an environment of them:</p>"
        f'<pre class="mlprov-command" tabindex="0">{escape(command, 2000)}</pre>'
        f"<p>In it, the notebook is run by <code>{escape(run, 600)}</code>.</p>"
    )
    download = Download(
        "Download the requirements file", lambda: (requirements.name, requirements.read_bytes())
    )
    return vbox([words, hbox([Copy(text=command), download], "mlprov-actions")], "mlprov-shell")


def _card(title: str, words: str) -> widgets.HTML:
    return html_widget(f"<h3>{escape(title)}</h3><p>{escape(words, 400)}</p>")
