"""The wizard: stepper, form and preview around one state."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from mlprov_widgets._files import reason, write_over
from mlprov_widgets.errors import MlprovError, PackError, Problem
from mlprov_widgets.notebooks.formats import format_of
from mlprov_widgets.packs import Pack
from mlprov_widgets.present.blocks import Block, DataTable, Paragraph
from mlprov_widgets.widgets.action_bar import ActionBar, Wanted, wanted
from mlprov_widgets.widgets.drafts import Draft
from mlprov_widgets.widgets.fields import PackPage
from mlprov_widgets.widgets.guard import guarded, sentence
from mlprov_widgets.widgets.history import History
from mlprov_widgets.widgets.host import when_shown
from mlprov_widgets.widgets.markup import banner, style
from mlprov_widgets.widgets.origin import parameter_text
from mlprov_widgets.widgets.parts import hbox, hide, html_widget, mark, update, vbox
from mlprov_widgets.widgets.preview import Preview
from mlprov_widgets.widgets.saved import SavedBox
from mlprov_widgets.widgets.state import REVIEW, TASK, WizardState
from mlprov_widgets.widgets.stepper import Stepper
from mlprov_widgets.widgets.task_page import TaskPage
from mlprov_widgets.wording import capitalize

if TYPE_CHECKING:
    from mlprov_widgets.inspection import Inspection
    from mlprov_widgets.widgets.results import ResultsPanel
    from mlprov_widgets.widgets.review import ReviewPage
    from mlprov_widgets.widgets.run_page import RunPage


class Wizard(SavedBox):
    """Choose an experiment, see its notebook while choosing, write it, run it.

    Parameters
    ----------
    state : WizardState
    draft : Draft, optional
        Where the choices are kept for the next kernel; by default nowhere.

    Attributes
    ----------
    state : WizardState
        All that is known: pack, values, problems, page, cells.
    task_page : TaskPage
        The first page.
    pages : dict of str to PackPage
        Those of the pack between them, by name, as far as they have been opened.
    stepper : Stepper
        Above the form.
    message : HTML
        What has just gone wrong, or is to be known.
    history : History
        Of the choices, for undo and redo.
    actions : ActionBar
        The buttons below the form.
    results : ResultsPanel, RunPage or None
        The notebook that was written, or the run that is looked at, in place of the form.
    """

    saved_title = "The wizard"

    def __init__(self, state: WizardState, draft: Draft | None = None) -> None:
        self.state, self._draft = state, draft
        self.pages: dict[str, PackPage] = {}
        self._pages_of: Pack | None = None
        self.results: ResultsPanel | RunPage | None = None
        self._back_to = REVIEW  # from the results
        guard = self._guard = guarded(self._say)
        self.message = html_widget("", "mlprov-words")
        answer = guard(self._answered)
        self.task_page = TaskPage(state, self.refresh, self._look_at_run, answer)
        self.stepper = Stepper(guard(self.go))
        self._preview, self._completed = Preview(), False
        self.history = History(state)
        self._place = vbox((), "mlprov-body")
        self.actions = ActionBar(
            guard(self._go_back),
            guard(self._go_on),
            guard(self._generate),
            guard(self._lead),
            guard(lambda _button: self._turn_to(self.history.undo)),
            guard(lambda _button: self._turn_to(self.history.redo)),
        )
        form = vbox([self.message, self._place], "mlprov-form")
        both = hbox([form, self._preview.widget], "mlprov-both")
        sheet = html_widget(style(), "mlprov-hidden")
        self._frame = vbox([self.stepper.widget, both, self.actions.widget], "mlprov-frame")
        super().__init__([sheet, self._frame])
        self.add_class("mlprov")
        self.refresh()
        when_shown(guard(self._complete))

    def __repr__(self) -> str:
        changed = len(self.state.checked.changed)
        return f"Wizard({self.state.pack.name!r}, {changed} changed, page {self.state.page!r})"

    @cached_property
    def review_page(self) -> ReviewPage:
        """The last page."""
        from mlprov_widgets.widgets.review import ReviewPage

        return ReviewPage(self.state, self._guard(self._file_named), self._guard(self._made_plain))

    @property
    def back_button(self) -> widgets.Button:
        """One page back, or away from what is shown instead of the form."""
        return self.actions.back_button

    @property
    def next_button(self) -> widgets.Button:
        """One page on; on the last one it writes the notebook."""
        return self.actions.next_button

    @property
    def preview(self) -> Preview:
        """Beside the form."""
        self._complete()
        return self._preview

    @property
    def values(self) -> dict[str, Any]:
        """Every parameter with its value; where a field is wrong, the last right one."""
        return self.state.values

    @property
    def problems(self) -> list[Problem]:
        """What has to be changed before a notebook can be written."""
        return [Problem(p.name, "verbatim", {"text": text}) for p, text in self.state.all_problems]

    def save(self, path: Path | str) -> Path:
        """Write the choices to a small JSON file.

        Parameters
        ----------
        path : Path or str
            A new file, or an earlier one of the same kind, which is written over.

        Returns
        -------
        Path
            That file.

        Raises
        ------
        MlprovError
            If the file is something else, or cannot be written.
        """
        path = Path(path).expanduser()
        try:
            if path.exists():
                earlier = path.read_text(encoding="utf-8")
                WizardState(self.state.packs, self.state.place).restore(earlier)
            write_over(path, (json.dumps(self.state.to_dict(), indent=2) + "\n").encode())
        except (MlprovError, UnicodeDecodeError):
            raise MlprovError("choices_not_replaced", file=path) from None
        except OSError as error:
            raise MlprovError("file_not_writable", file=path, reason=reason(error)) from None
        return path

    def load(self, path: Path | str) -> None:
        """Take over the choices that `save` wrote.

        Parameters
        ----------
        path : Path or str

        Raises
        ------
        MlprovError
            If the file cannot be read or is something else.
        """
        try:
            text = Path(path).expanduser().read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise MlprovError("choices_not_text", file=path) from None
        except OSError as error:
            raise MlprovError("file_not_readable", file=path, reason=reason(error)) from None
        self.state.restore(text)
        self.task_page.keep("Choices from the file")
        self.refresh()

    def show_restored(self) -> None:
        """Say that the choices are those of last time."""
        self.task_page.keep("Your choices from last time")
        self.message.value = (
            '<div class="mlprov-calm" role="status">Your choices from last time are here again. '
            "To begin anew, choose another start on the Task page.</div>"
        )
        self.refresh()

    def renew_packs(self, packs: Mapping[str, Pack], errors: Mapping[str, PackError]) -> None:
        """Go on with packs as their files are now, and say what is wrong with them.

        Parameters
        ----------
        packs, errors : Mapping
            As `packs_and_errors` gives them.
        """
        self.task_page.leave_out(errors.values())
        if self.results is None:
            self.state.renew_packs(packs)
            self.refresh()
        wrong = errors.get(self.state.task)
        self._say(sentence(wrong) if wrong is not None else "")

    def choose_task(self, name: str) -> None:
        """Turn to another experiment.

        Parameters
        ----------
        name : str
            As it is called on the first page.

        Raises
        ------
        PackError
            If there is none of this name.
        """
        self.state.choose_pack(name)
        self.refresh()

    def show_run(self, inspection: Inspection) -> None:
        """Say that the choices are those of a run.

        Parameters
        ----------
        inspection : Inspection
        """
        self.task_page.show_run(inspection)
        self.refresh()

    # -- what a person does -------------------------------------------------------------------

    def go(self, page: str) -> None:
        """Turn to a page, away from a notebook that was written.

        Parameters
        ----------
        page : str
            Its name: ``"task"``, one of the pack's pages, or ``"review"``.

        Raises
        ------
        MlprovError
            If the notebook is still running.
        """
        self._leave_results()
        self.state.go(page)
        self._changed()

    def generate(self) -> None:
        """Write the notebook, and show what can be done with it.

        Raises
        ------
        MlprovError
            If something has to be changed first, or the file cannot be written.
        """
        path = self.state.generate()
        self._say("")
        self._show_written(path)

    def show_earlier(self, name: str) -> None:
        """Show a notebook that was written before, and what its last run came to.

        Parameters
        ----------
        name : str
            Of the file in the wizard's folder; one that is not there any more is passed over.
        """
        path = self.state.folder / Path(name).name
        if name and path.is_file():
            self._guard(self._show_written(path).show_last_run)()
            self.renew_saved()

    def _show_written(self, path: Path) -> ResultsPanel:
        from mlprov_widgets.widgets.results import ResultsPanel

        one = format_of(path)
        title = f"{capitalize(one.noun if one else 'file')} written"
        folders = self.state.pack_folders
        panel = ResultsPanel(path, title, ended=self._run_ended, packs=folders)
        self.state.visited.add(REVIEW)
        self._show_results(panel, REVIEW)
        return panel

    def _run_ended(self) -> None:
        self._say("")
        self.renew_saved()

    def _changed(self) -> None:
        self._say("")
        self.refresh()

    def _answered(self, name: str, value: Any, typed: bool) -> None:
        self.state.set(name, value, typed)
        self.history.keep(name if typed else "")
        self._changed()

    def _turn_to(self, others: Callable[[], None]) -> None:
        """Show earlier or later choices, on the page that is looked at."""
        if self.results is None:
            others()
            self._changed()

    def _go_back(self, _button: Any) -> None:
        if self.results is not None:
            self.go(self._back_to)
            # The page is the same as before, so the preview would see no turn.
            self.preview.to_head()
            return
        self.state.turn(-1)
        self._changed()

    def _go_on(self, button: Any) -> None:
        if self.results is not None:  # the second half of a double click
            return
        if self.state.page == REVIEW:
            self._generate(button)
            return
        here = [one for one in wanted(self.state) if one.page == self.state.page]
        if here:
            self._lead(here[0])
            return
        if self.state.page == TASK:
            self.state.check_trust()
        self.state.turn(1)
        self._changed()

    def _generate(self, _button: Any) -> None:
        if self.results is not None:
            return
        self.state.check_trust()
        # Where something is to be changed, one stands before it rather than before a sentence.
        if problems := wanted(self.state):
            self._lead(problems[0])
        else:
            self.generate()

    def _lead(self, to: Wanted) -> None:
        asked_here = self.state.page == TASK and to.name in self.task_page.quick.fields
        if to.page != self.state.page and not asked_here:
            self.go(to.page)
        self.preview.scroller.to_field(to.name)

    def _file_named(self, name: str) -> None:
        self.state.name_file(name)
        self._changed()

    def _made_plain(self, plain: bool) -> None:
        self.state.plain = plain
        self.state.update()
        self._changed()

    def _look_at_run(self, inspection: Inspection) -> None:
        from mlprov_widgets.widgets.run_page import RunPage

        pack = self.state.packs.get(inspection.pack)
        self._say("")
        out = self.state.folder if self.state.place.confined else None
        start = (lambda: self.go(TASK)) if pack is not None else None
        page = RunPage(inspection, pack, out, self.state.pack_folders, start)
        self._show_results(page, TASK)

    def _show_results(self, results: ResultsPanel | RunPage, back_to: str) -> None:
        self.results, self._back_to = results, back_to
        self.refresh()
        self.preview.to_head()

    def _leave_results(self) -> None:
        if self.results is None:
            return
        if self.results.running:
            raise MlprovError("run_still_going")
        self.results = None
        self.state.renew_file_name()

    def _say(self, text: str) -> None:
        update(self.message, value=banner(text))
        if text:
            # Whoever has clicked at the foot of a long page would not see it.
            self.preview.to_head()

    # -- what is shown ------------------------------------------------------------------------

    def refresh(self) -> None:
        """Bring all that is shown up to date with the state."""
        state = self.state
        if self._pages_of is not state.pack:
            self.pages, self._pages_of = {}, state.pack
        if self.results is not None:
            shown = self.results.widget
        else:
            page = self._page()
            page.show(state)
            shown = page.widget
        update(self._place, children=(shown,))
        self.stepper.show(state, written=self._is_written)
        hide(self._preview.widget, self.results is not None)
        # What a run brings is long, and has graphs that scroll by themselves.
        mark(self._frame, "mlprov-flows", self.results is not None)
        if self._completed:
            self._preview.show(state)
        self.history.keep()
        leave = "Change the choices" if self._is_written else "Back to the wizard"
        self.actions.show(state, self.history, leave if self.results is not None else "")
        if self._draft is not None:
            path = getattr(self.results, "path", None) if self._is_written else None
            written = {} if path is None else {"written": path.name}
            self._draft.keep({**state.to_dict(), **written})
        self.renew_saved()

    def saved_blocks(self) -> list[Block]:
        """The task, what was chosen, and the file that was written."""
        state, values = self.state, self.state.checked.values
        rows = [
            (one.label, parameter_text(one, values[one.name])) for one in state.changed_parameters
        ]
        usual = "The usual settings." if not rows else "Different from the usual settings:"
        blocks: list[Block] = [Paragraph(f"{state.pack.title}. {usual}")]
        if rows:
            blocks.append(DataTable("", ("Choice", "Value"), rows))
        if self.results is not None:
            blocks += self.results.saved_blocks()
        return blocks

    def _complete(self) -> None:
        """Add what takes longer than the form, and is not needed before one has seen it."""
        if not self._completed:
            from mlprov_widgets.widgets.browser import Keyboard

            self._completed = True
            self._preview.show(self.state)
            self.children += (Keyboard(),)

    @property
    def _is_written(self) -> bool:
        return self.results is not None and self._back_to == REVIEW

    def _page(self) -> TaskPage | ReviewPage | PackPage:
        name = self.state.page
        if name == TASK:
            return self.task_page
        if name == REVIEW:
            return self.review_page
        if name not in self.pages:
            answer = self._guard(self._answered)
            self.pages[name] = PackPage(self.state.page_called(name), self.state, answer)
        return self.pages[name]
