"""What a file says of a run, before anything is made of it, and the two ways to go on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting import hosted
from mlprov_widgets.provenance.beside import read_run
from mlprov_widgets.reproduction import EditsNotAcceptedError, reproduce
from mlprov_widgets.widgets import inspection_view as view
from mlprov_widgets.widgets.browser import Copy, Scroller
from mlprov_widgets.widgets.download import Download
from mlprov_widgets.widgets.edit_choices import EditChoices
from mlprov_widgets.widgets.fields import hide
from mlprov_widgets.widgets.guard import guarded
from mlprov_widgets.widgets.host import check_room
from mlprov_widgets.widgets.markup import escape
from mlprov_widgets.widgets.outcome import reproduction_html
from mlprov_widgets.widgets.results import Results

if TYPE_CHECKING:
    from mlprov_widgets.inspection import Inspection
    from mlprov_widgets.packs import Pack
    from mlprov_widgets.reproduction import Reproduction

EXACT, START = "exact", "start"
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
    pack_folders : iterable of Path or str
        Further folders with packs.
    start : callable, optional
        Called when somebody wants to start from the values; without it, that is not offered.
    """

    def __init__(
        self,
        inspection: Inspection,
        pack: Pack | None,
        out: Path | None,
        pack_folders: Iterable[Path | str],
        start: Callable[[], None] | None = None,
    ) -> None:
        self._inspection, self._out = inspection, out
        self._pack_folders = tuple(pack_folders)
        self.results: Results | None = None
        guard = guarded(self._say)
        self.words = widgets.HTML()
        self.words.add_class("mlprov-words")
        hide(self.words, True)
        self.edits = EditChoices(
            inspection.edits if EXACT in inspection.ways else [], self._show_missing
        )
        self.requirements = widgets.Checkbox(
            description="Also write a requirements file with the recorded package versions",
            value=False,
            indent=False,
        )
        self.requirements.add_class("mlprov-control")
        label = "exactly as run" if EXACT in inspection.ways else "with these values"
        self.exact = widgets.Button(description=f"Write the notebook {label}")
        self.exact.add_class("mlprov-primary")
        self.exact.on_click(guard(self._write))
        self.missing = widgets.HTML()
        self.start = widgets.Button(description="Open the wizard, filled in")
        if start is not None:
            self.start.on_click(guard(lambda _button: start()))
        about = _card(*self._about_exact())
        exact = widgets.VBox([about, self.requirements, self.exact, self.missing])
        begin = widgets.VBox([_card("As a starting point", self._about_start()), self.start])
        for part in (exact, begin):
            part.add_class("mlprov-way")
        hide(begin, start is None)
        if not self._writes:
            hide(self.requirements, True)
        ways = widgets.HBox([exact, begin])
        ways.add_class("mlprov-ways")
        head = widgets.HTML(f"<h2>{escape(inspection.source.name, 200)}</h2>")
        head.add_class("mlprov-title")
        said = widgets.HTML(_said(inspection, pack))
        said.add_class("mlprov-inspection")
        self._before = widgets.VBox([said, self.edits.widget, ways])
        self._before.add_class("mlprov-run-page")
        self._after = widgets.VBox()
        self._after.add_class("mlprov-after")
        self._again = widgets.Button(description="Back to the run")
        self._again.on_click(guard(self._back))
        back = widgets.HBox([self._again])
        back.add_class("mlprov-footer")
        self._footer = back
        self._scroller = Scroller()
        self.widget = widgets.VBox(
            [head, self.words, self._before, self._after, back, self._scroller]
        )
        self.widget.add_class("mlprov-page")
        hide(back, True)
        self._show_missing()

    @property
    def running(self) -> bool:
        """Whether a run that was started here is going on."""
        return self.results is not None and self.results.running

    @property
    def _writes(self) -> bool:
        """Whether a notebook can be written straight from the file."""
        return bool(self._inspection.ways)

    def _about_exact(self) -> tuple[str, str]:
        if EXACT in self._inspection.ways:
            return "Exactly as run", _EXACT if self._inspection.record is not None else _UNCOMPARED
        return "With the recorded values", _WITHOUT_CELLS if self._writes else _NOTHING

    def _about_start(self) -> str:
        return _START if START in self._inspection.ways else _WITHOUT_PACK

    def _show_missing(self) -> None:
        left = self.edits.open
        self.exact.disabled = not self._writes or left > 0
        self.start.disabled = START not in self._inspection.ways
        words = ""
        if left:
            cells = "1 cell" if left == 1 else f"{left} cells"
            words = f'<p class="mlprov-note">{cells} above still to be decided upon.</p>'
        html = f'<div role="status">{words}</div>'
        if self.missing.value != html:
            self.missing.value = html
        hide(self.missing, not words)

    def _say(self, text: str) -> None:
        self.words.value = (
            f'<div class="mlprov-banner" role="alert">{escape(text, 900)}</div>' if text else ""
        )
        hide(self.words, not text)
        if text:
            self._scroller.to_head()

    def _write(self, _button: Any = None) -> None:
        if self.edits.open or not self._writes or self.results is not None:
            return  # also the second half of a double click
        self._say("")
        check_room()
        self.exact.disabled, words = True, self.exact.description
        self.exact.description = "Writing…"
        try:
            made = self._made()
        finally:
            self.exact.description = words
            self._show_missing()
        self.results = Results(
            made.file,
            "Notebook rebuilt",
            reproduction_html(made) + self._needed(),
            original=self._original(),
            folders=self._pack_folders,
        )
        if self._inspection.record is not None:
            self.results.run_button.description = "Run and compare"
        self._after.children = [self.results.widget, *self._install(made)]
        hide(self._before, True)
        hide(self._footer, False)
        self._scroller.to_head()

    def _needed(self) -> str:
        data = self._inspection.data
        # Only a file of their own lies beside a visitor's notebook; what is there was theirs.
        if not hosted() or data.state != "not at hand":
            return ""
        return f'<p class="mlprov-remark">To run, it needs {escape(data.what, 120)} beside it.</p>'

    def _made(self) -> Reproduction:
        try:
            return reproduce(
                self._inspection.source,
                self._out,
                accept=self.edits.accepted,
                restore=self.edits.restored,
                folders=self._pack_folders,
                requirements=self.requirements.value,
            )
        except EditsNotAcceptedError:
            # All that was shown was decided upon, so there are cells that were not there then.
            name = self._inspection.source.name
            raise MlprovError(
                f"{name} has been changed since it was read; read it again."
            ) from None

    def _original(self) -> Path | None:
        """The original's provenance file: the source itself, or what lies beside the notebook."""
        source, record = self._inspection.source, self._inspection.record
        if self._inspection.kind in ("run", "MLProvCodeGen"):
            return source
        with contextlib.suppress(MlprovError, OSError):
            found, file = read_run(source)
            return file if record is not None and found.run_id == record.run_id else None
        return None

    def _install(self, made: Reproduction) -> list[widgets.Widget]:
        if made.requirements is None:
            return []
        from mlprov_widgets.reproduction.requirements import install_command, run_command

        record = self._inspection.record
        version = record.notebook.get("programming_language_version", "") if record else ""
        # A visitor takes the file away; the folders of the server are of no use to them.
        file = Path(made.requirements.name) if hosted() else made.requirements
        command = install_command(file, str(version))
        run = run_command(file, Path(made.file.name) if hosted() else made.file)
        words = widgets.HTML(
            f"<h3>The same packages</h3><p>{escape(made.requirements.name, 200)} names their "
            "versions. In a shell, this makes an environment of them:</p>"
            f'<pre class="mlprov-command" tabindex="0">{escape(command, 2000)}</pre>'
            f"<p>In it, the notebook is run by <code>{escape(run, 600)}</code>.</p>"
        )
        copy = Copy(label="Copy")
        copy.text = command

        def content() -> tuple[str, bytes]:
            assert made.requirements is not None
            return made.requirements.name, made.requirements.read_bytes()

        tools = widgets.HBox([copy, Download("Download the requirements file", content)])
        tools.add_class("mlprov-actions")
        shell = widgets.VBox([words, tools])
        shell.add_class("mlprov-shell")
        return [shell]

    def _back(self, _button: Any = None) -> None:
        if self.running:
            raise MlprovError("The notebook is still running; stop it first, or wait for its end.")
        self._say("")
        self.results, self._after.children = None, ()
        hide(self._before, False)
        hide(self._footer, True)
        self._scroller.to_head()


def _said(inspection: Inspection, pack: Pack | None) -> str:
    sections = (
        view.differences_html(inspection),
        view.unmapped_html(inspection),
        view.fields_html(inspection, pack),
    )
    return (
        f"{view.facts_html(inspection)}"
        f"{view.notes_html(inspection)}"
        f'<div class="mlprov-sections">{"".join(sections)}</div>'
    )


def _card(title: str, words: str) -> widgets.HTML:
    return widgets.HTML(f"<h3>{escape(title)}</h3><p>{escape(words, 400)}</p>")
