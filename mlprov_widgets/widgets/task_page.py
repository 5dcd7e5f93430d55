"""The first page: what kind of experiment, and what to start from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from mlprov_widgets.errors import MlprovError, PackError
from mlprov_widgets.messages import Note
from mlprov_widgets.packs import Pack, is_trusted
from mlprov_widgets.packs.sources import INSTALLED
from mlprov_widgets.packs.trust import trust_folder, trust_pack
from mlprov_widgets.widgets.drafts import MAX_SAVED
from mlprov_widgets.widgets.fields import OnAnswer, messages_html, title
from mlprov_widgets.widgets.guard import guarded
from mlprov_widgets.widgets.markup import note, plain, remark
from mlprov_widgets.widgets.origin import StartingRun
from mlprov_widgets.widgets.parts import (
    Quiet,
    button,
    classed,
    hbox,
    hide,
    html_widget,
    update,
    vbox,
)
from mlprov_widgets.widgets.quick_start import QuickStart
from mlprov_widgets.widgets.state import WizardState

if TYPE_CHECKING:
    from mlprov_widgets.inspection import Inspection
    from mlprov_widgets.widgets.run_start import RunStart
    from mlprov_widgets.widgets.transfer import Upload

NEW, KEPT, SAVED, RUN = "new", "kept", "saved", "run"
_ABOUT = {
    NEW: "Nothing changed yet. They work as they are: choose the data, then Generate.",
    KEPT: "Your own choices; everything can still be changed.",
    SAVED: "A file that the Review page, or Wizard.save, has written.",
    RUN: "The same experiment as an earlier run, which you can then change.",
}
_NOW = "What is chosen now"
_RUN_NOW = "What is chosen now, started from a run"


class TaskPage(Quiet):
    """Choose a pack, and one of: its defaults, an example, an earlier run, what was saved.

    Parameters
    ----------
    state : WizardState
    changed : callable
        Called when the state has been changed here.
    reproduce : callable
        Called with an inspected run that somebody wants to have again as it is.
    answer : callable
        Takes an answer of the quick start: ``answer(name, value, typed)``.
    """

    def __init__(
        self,
        state: WizardState,
        changed: Callable[[], None],
        reproduce: Callable[[Inspection], None],
        answer: OnAnswer,
    ) -> None:
        self._state, self._changed, self._reproduce = state, changed, reproduce
        self._kept: dict[str, Any] | None = None
        self._kept_origin: StartingRun | None = None
        self._kept_label = _NOW
        self._started: dict[str, Any] = {}
        self.packs = widgets.RadioButtons(
            options=_titles(state),
            value=state.task,
            description="What do you want to know?",
        )
        self.summary = html_widget("", "mlprov-said")
        self.start = widgets.RadioButtons(description="Start from")
        self.about = html_widget("", "mlprov-said")
        self.notices = html_widget("", "mlprov-said")
        for control in (self.packs, self.start):
            classed(control, "mlprov-control", "mlprov-radios")
        self.packs.add_class("mlprov-tasks")
        self.start.add_class("mlprov-starts")
        self.on_change(self.packs, guarded(self._say)(self._pack_chosen))
        self.on_change(self.start, guarded(self._say)(self._start_chosen))
        stacked = ("mlprov-field", "mlprov-stacked")
        self._begin = vbox([self.start, self.about, self.notices], *stacked)
        self.left_out = html_widget("", "mlprov-said")
        self.trust_button = button("Trust this pack", guarded(self._say)(self._trust))
        self.own_button = button(
            "It is mine: trust its folder",
            guarded(self._say)(self._trust_folder),
            tooltip="Also with all later changes, so that nobody asks again while you write it",
        )
        self._trust_row = hbox([self.trust_button, self.own_button], "mlprov-file-buttons")
        about = [self.summary, self._trust_row, self.left_out]
        experiment = vbox([self.packs, *about], *stacked)
        self.quick = QuickStart(answer)
        parts = [title(state.pages[0]), experiment, self.quick.widget, self._begin]
        self.widget = vbox(parts, "mlprov-page")
        self._list_starts()

    @cached_property
    def upload(self) -> Upload:
        """For a file of saved choices."""
        from mlprov_widgets.widgets.transfer import Upload

        kinds = ".json,application/json"
        return Upload("Choose the file…", kinds, MAX_SAVED, self._uploaded)

    @cached_property
    def _saved(self) -> widgets.HBox:
        return hbox([self.upload], "mlprov-file-buttons")

    @cached_property
    def run(self) -> RunStart:
        """An earlier run to start from."""
        from mlprov_widgets.widgets.run_start import RunStart

        return RunStart(self._state, self._run_taken, self._reproduce)

    def leave_out(self, errors: Iterable[PackError]) -> None:
        """Say which packs cannot be chosen, and what is wrong with them."""
        notes = [Note("pack_left_out", reason=error) for error in errors]
        self.left_out.value = messages_html(notes=notes)

    def keep(self, label: str) -> None:
        """Offer what is chosen now as something to start from, under this name."""
        self._kept = self._started = self._state.to_dict()["values"]
        self._kept_origin = self._state.origin
        self._kept_label = label
        self._list_starts(KEPT)

    def _say(self, text: str) -> None:
        self.notices.value = messages_html([text])

    def _list_starts(self, value: str = NEW) -> None:
        pack = self._state.pack
        # One that changes nothing is the usual settings again under another name.
        examples = [
            (f"Example: {name}", f"example {name}")
            for name, values in pack.examples.items()
            if any(pack.parameters[one].default != value for one, value in values.items())
        ]
        kept = [(self._kept_label, KEPT)] if self._kept is not None else []
        with self.quietly():
            self.start.options = [
                *kept,
                ("The usual settings", NEW),
                *examples,
                ("A run (its provenance file or notebook)", RUN),
                ("Choices saved in a file", SAVED),
            ]
            self.start.value = value

    def _pack_chosen(self, name: str | None) -> None:
        # A browser may send that nothing is picked.
        if name is None:
            return
        self._state.choose_pack(name)
        self._kept, self._started = None, {}
        self._list_starts()
        self._changed()

    def _trust(self, _button: object) -> None:
        trust_pack(self._state.pack)
        self._changed()

    def _trust_folder(self, _button: object) -> None:
        trust_folder(self._state.pack.folder)
        self._changed()

    def _start_chosen(self, chosen: str | None) -> None:
        if chosen is None:
            return
        if chosen == NEW:
            self._state.replace({})
        elif chosen == KEPT:
            self._state.replace(self._kept or {})
            self._state.origin = self._kept_origin
        elif chosen not in (SAVED, RUN):
            self._state.replace(self._state.pack.examples[chosen.removeprefix("example ")])
        self._started = self._state.to_dict()["values"]
        self._changed()

    def show_run(self, inspection: Inspection) -> None:
        """Say that the choices are those of a run."""
        self.run.inspection = inspection
        self.keep(f"The run in {plain(inspection.source.name, 60)}")

    def _run_taken(self, inspection: Inspection) -> None:
        self.show_run(inspection)
        self._changed()

    def _uploaded(self, _name: str, content: bytes) -> None:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise MlprovError("upload_not_text") from None
        page = self._state.page
        self._state.restore(text)
        self._state.go(page)
        self.keep("Choices from the uploaded file")
        self._changed()

    def show(self, state: WizardState) -> None:
        """Bring the page up to date with the state."""
        with self.quietly():
            if self.packs.options != _titles(state):
                self.packs.options = _titles(state)
            if self.packs.value != state.task:
                self.packs.value = state.task
                self._list_starts(self.start.value if self._kept is not None else NEW)
        # Once something was changed, a start has to be one that can be clicked to go back to.
        if state.wrong or state.to_dict()["values"] != self._started:
            self.keep(_NOW if state.origin is None else _RUN_NOW)
        trusted = is_trusted(state.pack)
        update(self.summary, value=_summary(state.pack, trusted))
        hide(self._trust_row, trusted)
        # Nobody writes in the folder of an installed package.
        hide(self.own_button, state.pack.source.kind == INSTALLED)
        self.quick.show(state)
        update(self.about, value=self._about(state.pack))
        update(self.notices, value=messages_html(notes=state.notices))
        source: list[widgets.Widget] = []
        if self.start.value == SAVED:
            source.append(self._saved)
        if self.start.value == RUN or state.origin is not None:
            self.run.show(state, choosing=self.start.value == RUN)
            source.append(self.run.widget)
        update(self._begin, children=(self.start, self.about, *source, self.notices))

    def _about(self, pack: Pack) -> str:
        chosen = self.start.value or NEW
        if chosen == KEPT and self._kept_origin is not None:
            return remark("The values of an earlier run; everything can still be changed.")
        if chosen in _ABOUT:
            return remark(_ABOUT[chosen])
        values = pack.examples[chosen.removeprefix("example ")]
        listed = [
            f"{pack.parameters[name].label}: {pack.parameters[name].describe(value)}"
            for name, value in values.items()
        ]
        return remark(" · ".join(listed), 900)


def _titles(state: WizardState) -> tuple[tuple[str, str], ...]:
    """Lines and name of each pack: its title, what it answers, and the data that takes."""
    titles = Counter(pack.title for pack in state.packs.values())

    def label(pack: Pack) -> str:
        # Of those with one title also where they come from.
        title = f"{pack.title} ({pack.source.text})" if titles[pack.title] > 1 else pack.title
        needs = f"Needs {pack.needs}" if pack.needs else ""
        return "\n".join(plain(line) for line in (title, pack.question, needs) if line)

    return tuple((label(pack), name) for name, pack in state.packs.items())


def _summary(pack: Pack, trusted: bool) -> str:
    """What a pack does, where it comes from, and what its author may do here."""
    text = remark(pack.summary, 400)
    if not pack.source.is_bundled:
        text += remark(Note("pack_comes", source=pack.source.text))
    return text if trusted else text + note(Note("pack_trust_question"))
