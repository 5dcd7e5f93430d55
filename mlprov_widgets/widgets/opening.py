"""The doors to the wizard: with which packs it opens, and from which values."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets.deprecation import renamed_parameters
from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting import Place
from mlprov_widgets.packs import Pack, find_pack, name_in
from mlprov_widgets.packs.discovery import packs_and_errors
from mlprov_widgets.widgets.drafts import Draft, parse_saved
from mlprov_widgets.widgets.guard import explained_to_visitors
from mlprov_widgets.widgets.host import notebook_name, working_place
from mlprov_widgets.widgets.state import WizardState
from mlprov_widgets.widgets.wizard_widget import Wizard

if TYPE_CHECKING:
    from mlprov_widgets.inspection import Inspection


@explained_to_visitors
@renamed_parameters(pack_folders="packs")
def wizard(
    task: Pack | Path | str | None = None,
    values: Mapping[str, Any] | None = None,
    *,
    start_from: Inspection | Path | str | None = None,
    folder: Path | str | None = None,
    packs: Iterable[Path | str] = (),
    follow: bool | None = None,
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
    packs : iterable of Path or str
        Further packs, or folders of them.
    follow : bool, optional
        Whether to read these packs again as their files are saved, so that an author sees each
        change; by default everywhere but in a hosted app. If True, a `task` that cannot be read
        now is turned to when it can.

    Returns
    -------
    Wizard

    Raises
    ------
    PackError
        If there is no such pack, that one cannot be read, or none fits the run.
    RecordError
        If the file of the run is refused.
    MlprovError
        If there is no such folder, or `task` is not the experiment of the run.
    """
    place, packs = working_place(folder), tuple(packs)
    known, errors = packs_and_errors(packs)
    name = None
    # A pack that is being written may be whole in a moment.
    if task is not None and not (follow and packs and str(task) in errors):
        pack = task if isinstance(task, Pack) else find_pack(task, packs)
        if all(pack is not one for one in known.values()):
            known[pack.name] = pack
        name = name_in(known, pack)
    if start_from is not None:
        return _from_run(start_from, known, place, name, values, packs)
    # Visitors of a hosted wizard share an account: nobody's choices are kept there.
    draft = None if place.confined else Draft(place.folder, notebook_name())
    state = WizardState(known, place, name, values)
    is_kept, written = False, ""
    if draft is not None and task is None and values is None:
        with contextlib.suppress(MlprovError):
            kept = draft.read()
            state.restore(kept)
            is_kept, written = bool(state.given), parse_saved(kept).get("written", "")
    made = Wizard(state, draft)
    made.task_page.leave_out(errors.values())
    if is_kept:
        made.show_restored()
    made.show_earlier(written)
    if packs and (not place.confined if follow is None else follow):
        from mlprov_widgets.widgets.following import follow_packs

        follow_packs(made, packs, "" if task is None else str(task))
    return made


def wizard_from(run: Inspection, packs: Mapping[str, Pack], place: Place) -> Wizard:
    """A wizard that begins with the values of a run, and says so.

    Raises
    ------
    PackError
        If the experiment of the run is not one of the packs.
    """
    state = WizardState(packs, place)
    state.begin_from(run)
    made = Wizard(state)
    made.show_run(run)
    return made


def _from_run(
    source: Inspection | Path | str,
    known: dict[str, Pack],
    place: Place,
    task: str | None,
    values: Mapping[str, Any] | None,
    packs: Iterable[Path | str],
) -> Wizard:
    from mlprov_widgets.inspection import inspect_run

    inspection = inspect_run(source, packs=packs) if isinstance(source, Path | str) else source
    if task is not None and inspection.pack and task != inspection.pack:
        raise MlprovError(
            "run_of_other_pack", file=inspection.source.name, pack=inspection.pack, task=task
        )
    made = wizard_from(inspection, known, place)
    state = made.state
    for name, value in (values or {}).items():
        if name not in state.pack.parameters:
            raise MlprovError("parameter_unknown", pack=state.pack.title, parameter=name)
        state.set(name, value)
    made.refresh()
    return made
