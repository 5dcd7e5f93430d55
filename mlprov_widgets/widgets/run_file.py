"""Where a run comes from: a file that is chosen in the folder, or uploaded."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import MlprovError, RecordError
from mlprov_widgets.hosting import Place
from mlprov_widgets.notebooks.formats import suffixes
from mlprov_widgets.widgets.fields import messages_html
from mlprov_widgets.widgets.guard import guarded
from mlprov_widgets.widgets.host import store
from mlprov_widgets.widgets.markup import escape
from mlprov_widgets.widgets.parts import hbox, hide, html_widget, vbox
from mlprov_widgets.widgets.transfer import Upload
from mlprov_widgets.wording import shorten_middle

if TYPE_CHECKING:
    from mlprov_widgets.store.paging import Row
    from mlprov_widgets.widgets.runs_table import RunsTable

RECORDS = (".json", ".provn", ".xml", ".ttl", ".trig", ".rdf")
LARGEST = 50 * 10**6


def _endings() -> tuple[str, ...]:
    return RECORDS[0], *suffixes(), *RECORDS[1:]


class RunFile:
    """A file chooser and an upload button; nothing is taken from outside of a confined folder.

    Parameters
    ----------
    place : Place
        Where the chooser begins, where uploads are kept, and what may be read.
    taken : callable
        Called with the path; an upload that it refuses, by raising, is not kept.
    """

    def __init__(self, place: Place, taken: Callable[[Path], None]) -> None:
        self._space, self._taken = place, taken
        self.chooser: Any = None
        self._uploads: dict[str, Path] = {}
        self.words = html_widget("", "mlprov-said")
        self.table: RunsTable | None = None
        self._table_place = vbox((), "mlprov-hidden")
        self.place = vbox((), "mlprov-chooser")
        limit = place.largest_upload(LARGEST)
        self.upload = Upload(
            "Upload a file…", ",".join(_endings()), limit, self._uploaded, "from your computer"
        )
        tools = hbox([self.upload], "mlprov-file-buttons")
        file = vbox([self.place, tools, self.words], "mlprov-run-file")
        self.widget = vbox([self._table_place, file], "mlprov-run-choice")

    def open(self) -> None:
        """List the folder, which is not looked at before somebody wants to choose."""
        if self.chooser is None:
            from mlprov_widgets.widgets.chooser import Chooser

            picked = guarded(self._refuse)(self.take)
            self.chooser = Chooser(self._space, picked, _endings(), self.say, self._remark)
            # Before a first file there is nothing to go back to.
            hide(self.chooser.cancel_button, True)
            self.place.children = [self.chooser]
            guarded(self.say)(self._list_runs)()
            self.chooser.on_unfold = self._show_table
        else:
            self.chooser.unfold()

    def _list_runs(self) -> None:
        """Offer the runs whose records lie in the folder, where there are any."""
        from mlprov_widgets.store import RunStore
        from mlprov_widgets.widgets.runs_table import RunsTable

        runs = RunStore(self._space.folder, below=False)

        def opened(row: Row) -> None:
            self.take(runs.file(row))

        self.table = RunsTable(runs, opened, choosing=True)
        self._show_table()

    def _show_table(self) -> None:
        if self.table is not None and self.table.grid.rows:
            self._table_place.children = [self.table.widget]
            hide(self._table_place, False)

    def say(self, text: str) -> None:
        """Say what is wrong; nothing if the text is empty."""
        self._show(messages_html([text]))

    def _remark(self, text: str) -> None:
        self._show(messages_html(text=text))

    def _show(self, words: str) -> None:
        self.words.value = words
        hide(self.words, not words)

    def _refuse(self, text: str) -> None:
        # Another one can be chosen at once, beside the words on this one.
        self.chooser.unfold()
        self.say(text)

    def take(self, path: Path | str) -> None:
        """Use this file.

        Raises
        ------
        MlprovError
            If it may not be read, or is refused.
        """
        if not self._space.may_read(path):
            raise MlprovError("file_outside")
        # The first file of a kernel takes a moment, and a page that says nothing looks broken.
        self._show('<p class="mlprov-remark" role="status">Reading the file…</p>')
        try:
            self._taken(Path(path))
        except RecordError as error:
            # The file is known by its name to whoever has just chosen it.
            raise error.renamed(Path(path), Path(path).name) from None
        finally:
            self.say("")
        name = escape(Path(path).name, 120)
        # Only heard: whoever sees the page sees what has appeared below.
        self._show(f'<p class="mlprov-sr" role="status">{name} was read; see below.</p>')
        if self.chooser is not None:
            self.chooser.fold()
            hide(self.chooser.cancel_button, False)
            hide(self._table_place, True)

    def _uploaded(self, name: str, content: bytes) -> None:
        if Path(name).suffix.lower() not in _endings():
            raise MlprovError("run_file_ending_wrong", endings=", ".join(_endings()))
        key = hashlib.sha256(content).hexdigest()
        kept = self._uploads.get(key)
        # Who uploads a file twice needs no second copy, unless the first one is another by now.
        if kept is not None and kept.is_file() and kept.read_bytes() == content:
            self.take(kept)
            return
        path = store(self._space, name, content, _endings())
        try:
            self.take(path)
        except Exception as error:
            with contextlib.suppress(OSError):
                path.unlink()
            if isinstance(error, RecordError):
                # Nobody knows the name under which it was kept for a moment.
                raise error.renamed(path, shorten_middle(name, 80)) from None
            raise
        self._uploads[key] = path
