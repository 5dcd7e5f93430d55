"""The wizard: stepper, form and preview around one state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from mlprov_widgets._files import write_over
from mlprov_widgets.errors import InvalidValuesError, MlprovError, Problem
from mlprov_widgets.hosting import Place
from mlprov_widgets.packs import Pack, discover_packs, find_pack
from mlprov_widgets.widgets.browser import Keyboard
from mlprov_widgets.widgets.drafts import Draft, parse_saved
from mlprov_widgets.widgets.fields import hide
from mlprov_widgets.widgets.guard import guarded, told_to_visitors
from mlprov_widgets.widgets.host import notebook_name, working_place
from mlprov_widgets.widgets.markup import escape, style
from mlprov_widgets.widgets.origin import run_values
from mlprov_widgets.widgets.page import PackPage
from mlprov_widgets.widgets.preview import Preview
from mlprov_widgets.widgets.results import Results
from mlprov_widgets.widgets.review import ReviewPage
from mlprov_widgets.widgets.run_page import RunPage
from mlprov_widgets.widgets.state import REVIEW, TASK, WizardState
from mlprov_widgets.widgets.stepper import Stepper
from mlprov_widgets.widgets.task_page import TaskPage

if TYPE_CHECKING:
    from mlprov_widgets.inspection import Inspection


class Wizard(widgets.VBox):
    """Choose an experiment, see its notebook while choosing, write it, run it.

    Parameters
    ----------
    state : WizardState
    draft : Draft, optional
        Where the choices are kept for the next kernel; by default nowhere.
    """

    def __init__(self, state: WizardState, draft: Draft | None = None) -> None:
        self._state, self._draft = state, draft
        self._pages: dict[str, PackPage] = {}
        self._pages_of: Pack | None = None
        self._results: Results | RunPage | None = None
        self._guard: Callable[[Callable[..., Any]], Callable[..., None]] = guarded(self._say)
        self._words = widgets.HTML()
        self._words.add_class("mlprov-words")
        self._task = TaskPage(state, self._refresh, self._reproduce)
        self._review = ReviewPage(state, self._guard(self._file_named))
        self._stepper = Stepper(self._guard(self._go))
        self._preview = Preview()
        self._page = widgets.VBox()
        self._page.add_class("mlprov-body")
        self._back = widgets.Button(description="Back")
        self._next = widgets.Button(description="Next")
        self._next.add_class("mlprov-primary")
        self._back.on_click(self._guard(self._go_back))
        self._next.on_click(self._guard(self._go_on))
        footer = widgets.HBox([self._back, self._next])
        footer.add_class("mlprov-footer")
        form = widgets.VBox([self._words, self._page, footer])
        form.add_class("mlprov-form")
        both = widgets.HBox([form, self._preview.widget])
        both.add_class("mlprov-both")
        super().__init__([widgets.HTML(style()), self._stepper.widget, both, Keyboard()])
        self.children[0].add_class("mlprov-hidden")
        self.add_class("mlprov")
        self._refresh()

    def __repr__(self) -> str:
        changed = len(self._state.checked.changed)
        return f"Wizard({self._state.pack.name!r}, {changed} changed, page {self._state.page!r})"

    @property
    def values(self) -> dict[str, Any]:
        """Every parameter with its value; where a field is wrong, the last right one."""
        return self._state.values

    @property
    def problems(self) -> list[Problem]:
        """What has to be changed before a notebook can be written."""
        return [Problem(p.name, message) for p, message in self._state.all_problems]

    def save(self, path: Path | str) -> Path:
        """Write the choices to a small JSON file, over an earlier one of the same kind only.

        Raises
        ------
        MlprovError
            If the file is something else, or cannot be written.
        """
        import json

        path = Path(path).expanduser()
        try:
            if path.exists():
                WizardState(self._state.packs, self._state.place).restore(
                    parse_saved(path.read_text(encoding="utf-8"))
                )
            write_over(path, (json.dumps(self._state.to_dict(), indent=2) + "\n").encode())
        except (MlprovError, UnicodeDecodeError):
            raise MlprovError(f"{path} is not a file of saved choices; it was kept.") from None
        except OSError as error:
            raise MlprovError(f"{path} cannot be written: {error.strerror or error}.") from None
        return path

    def load(self, path: Path | str) -> None:
        """Take over the choices that `save` wrote.

        Raises
        ------
        MlprovError
            If the file cannot be read or is something else.
        """
        try:
            text = Path(path).expanduser().read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise MlprovError(f"{path} is not a file of saved choices: it is not text.") from None
        except OSError as error:
            raise MlprovError(f"{path} cannot be read: {error.strerror or error}.") from None
        self._state.restore(parse_saved(text))
        self._task.keep("Choices from the file")
        self._refresh()

    def restored(self) -> None:
        """Say that the choices are those of last time."""
        self._task.keep("Your choices from last time")
        self._words.value = (
            '<div class="mlprov-calm" role="status">Your choices from last time are here again. '
            "To begin anew, choose another start on the Task page.</div>"
        )
        self._refresh()

    def begun(self, inspection: Inspection) -> None:
        """Say that the choices are those of a run."""
        self._task.begun(inspection)
        self._refresh()

    # -- what a person does -------------------------------------------------------------------

    def _answered(self, name: str, value: Any, typed: bool) -> None:
        if typed:
            self._state.set_text(name, value)
        else:
            self._state.set(name, value)
        self._say("")
        self._refresh()

    def _go(self, page: str) -> None:
        self._leave_results()
        self._state.go(page)
        self._say("")
        self._refresh()

    def _go_back(self, _button: Any) -> None:
        if self._results is not None:
            self._go(REVIEW if isinstance(self._results, Results) else TASK)
            # The page is the same as before, so the preview would see no turn.
            self._preview.to_head()
            return
        self._state.turn(-1)
        self._say("")
        self._refresh()

    def _go_on(self, _button: Any) -> None:
        if self._results is not None:  # the second half of a double click
            return
        if self._state.page == REVIEW:
            self._generate()
            return
        self._state.turn(1)
        self._say("")
        self._refresh()

    def _file_named(self, name: str) -> None:
        self._state.name_file(name)
        self._say("")
        self._refresh()

    def _generate(self) -> None:
        path = self._state.generate()
        self._say("")
        said = "Notebook written" if path.suffix == ".ipynb" else "Script written"
        self._results = Results(
            path, said, ended=lambda: self._say(""), folders=self._state.pack_folders
        )
        self._state.visited.add(REVIEW)
        self._refresh()
        self._preview.to_head()

    def _reproduce(self, inspection: Inspection) -> None:
        pack = self._state.packs.get(inspection.pack)
        self._say("")
        self._results = RunPage(
            inspection,
            pack,
            self._state.folder if self._state.place.confined else None,
            self._state.pack_folders,
            start=(lambda: self._go(TASK)) if pack is not None else None,
        )
        self._refresh()
        self._preview.to_head()

    def _leave_results(self) -> None:
        if self._results is None:
            return
        if self._results.running:
            raise MlprovError("The notebook is still running; stop it first, or wait for its end.")
        self._results = None
        self._state.renew_file_name()

    def _say(self, text: str) -> None:
        value = f'<div class="mlprov-banner" role="alert">{escape(text, 900)}</div>' if text else ""
        if self._words.value != value:
            self._words.value = value
        if text:
            # Whoever has clicked at the foot of a long page would not see it.
            self._preview.to_head()

    # -- what is shown ------------------------------------------------------------------------

    def _refresh(self) -> None:
        state = self._state
        if self._pages_of is not state.pack:
            self._pages, self._pages_of = {}, state.pack
        shown: Any
        if self._results is not None:
            shown = self._results
        elif state.page == TASK:
            shown = self._task
        elif state.page == REVIEW:
            shown = self._review
        else:
            if state.page not in self._pages:
                answer = self._guard(self._answered)
                self._pages[state.page] = PackPage(state.stop(state.page), state, answer)
            shown = self._pages[state.page]
        if self._results is None:
            shown.show(state)
        if self._page.children != (shown.widget,):
            self._page.children = (shown.widget,)
        self._stepper.show(state, written=isinstance(self._results, Results))
        hide(self._preview.widget, self._results is not None)
        self._preview.show(state)
        self._show_buttons()
        if self._draft is not None:
            self._draft.keep(state.to_dict())

    def _show_buttons(self) -> None:
        done = self._results is not None
        review = self._state.page == REVIEW
        names = [stop.title for stop in self._state.stops]
        back = "Change the choices" if done else "Back"
        if isinstance(self._results, RunPage):
            back = "Back to the wizard"
        if self._back.description != back:
            self._back.description = back
        hide(self._back, self._state.page == TASK and not done)
        hide(self._next, done)
        wanted = "Generate" if review else "Next"
        if self._next.description != wanted:
            self._next.description = wanted
        if not review:
            place = [stop.name for stop in self._state.stops].index(self._state.page)
            self._next.tooltip = f"On to {names[place + 1]}"
        else:
            self._next.tooltip = "Write the notebook"


@told_to_visitors
def wizard(
    task: Pack | Path | str | None = None,
    values: Mapping[str, Any] | None = None,
    *,
    start_from: Inspection | Path | str | None = None,
    folder: Path | str | None = None,
    pack_folders: Iterable[Path | str] = (),
) -> Wizard:
    """Open the wizard.

    Parameters
    ----------
    task : Pack, Path or str, optional
        A pack, its name or its folder; it can still be changed on the first page.
    values : Mapping, optional
        Values to begin with, by parameter; what a pack does not allow is said in the wizard.
    start_from : Path, str or Inspection, optional
        The provenance file or the notebook of an earlier run, whose values the wizard begins with;
        what is then changed, by `values` or by hand, is listed and recorded.
    folder : Path or str, optional
        Where the notebook will be written, by default where the current notebook is. In a hosted
        app each visitor writes to a private folder, and may read this one.
    pack_folders : iterable of Path or str
        Further packs, or folders of them.

    Returns
    -------
    Wizard

    Raises
    ------
    PackError
        If there is no such pack, one cannot be read, or none fits the run.
    RecordError
        If the file of the run is refused.
    MlprovError
        If there is no such folder, or `task` is not the experiment of the run.
    """
    place = working_place(folder)
    packs = discover_packs(pack_folders)
    name = None
    if task is not None:
        pack = task if isinstance(task, Pack) else find_pack(task, pack_folders)
        packs[pack.name] = pack
        name = pack.name
    if start_from is not None:
        return _from_run(start_from, packs, place, name, values, pack_folders)
    state = WizardState(packs, place, name, values)
    # Visitors of a hosted wizard share an account: nobody's choices are kept there.
    draft = None if place.confined else Draft(place.folder, notebook_name())
    kept = draft.read() if draft is not None and task is None and values is None else None
    if kept is None:
        return Wizard(state, draft)
    try:
        state.restore(kept)
    except (MlprovError, InvalidValuesError):
        return Wizard(WizardState(packs, place), draft)
    made = Wizard(state, draft)
    if state.given:
        made.restored()
    return made


def _from_run(
    source: Inspection | Path | str,
    packs: dict[str, Pack],
    place: Place,
    task: str | None,
    values: Mapping[str, Any] | None,
    pack_folders: Iterable[Path | str],
) -> Wizard:
    from mlprov_widgets.inspection import inspect_run

    if isinstance(source, Path | str):
        inspection = inspect_run(source, folders=pack_folders)
    else:
        inspection = source
    if task is not None and inspection.pack and task != inspection.pack:
        raise MlprovError(
            f"The run in {inspection.source.name} was one of {inspection.pack}, not of {task}; "
            "leave out the task, or the run."
        )
    state = WizardState(packs, place)
    state.begin_from(run_values(inspection))
    made = Wizard(state)
    made.begun(inspection)
    for name, value in (values or {}).items():
        if name not in state.pack.parameters:
            raise MlprovError(f"{state.pack.title} has no parameter {name!r}.")
        state.set(name, value)
    made._refresh()
    return made
