"""The door to an earlier run: its notebook again, or a widget that asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, overload

from mlprov_widgets.deprecation import renamed_parameters

if TYPE_CHECKING:
    from mlprov_widgets.rebuild import EditedCell, Reproduction
    from mlprov_widgets.widgets.reproduce_widget import ReproduceWidget


@overload
def reproduce(
    source: None = None, out: Path | str | None = None, *, packs: Iterable[Path | str] = ()
) -> ReproduceWidget: ...


@overload
def reproduce(
    source: Path | str,
    out: Path | str | None = None,
    *,
    accept: bool | Iterable[str | EditedCell] = False,
    restore: Iterable[str | EditedCell] = (),
    packs: Iterable[Path | str] = (),
    requirements: bool = False,
    relative: float | None = None,
    absolute: float | None = None,
) -> Reproduction: ...


@renamed_parameters(folders="packs", pack_folders="packs")
def reproduce(
    source: Path | str | None = None,
    out: Path | str | None = None,
    *,
    accept: bool | Iterable[str | EditedCell] = False,
    restore: Iterable[str | EditedCell] = (),
    packs: Iterable[Path | str] = (),
    requirements: bool = False,
    relative: float | None = None,
    absolute: float | None = None,
) -> Reproduction | ReproduceWidget:
    """Rebuild the notebook of an earlier run; without a file, choose one in a widget.

    Parameters
    ----------
    source : Path or str, optional
        A provenance file of ours or of MLProvCodeGen 1.x, or a generated notebook.
    out : Path or str, optional
        The new file, or its folder.
    accept : bool or iterable of str
        Cells that the pack here does not write to take over: True for all, or their ids.
    restore : iterable of str
        Ids of such cells to be as the pack writes them; `inspect_run` shows them all.
    packs : iterable of Path or str
        Further folders with packs.
    requirements : bool
        Whether to write the recorded versions beside the notebook.
    relative, absolute : float, optional
        The tolerance of the comparison at the end of the new run, as `verify` takes it.

    Returns
    -------
    Reproduction or ReproduceWidget

    Raises
    ------
    RecordError
        If the file is none of these, or has cells neither accepted nor restored.
    ValueError
        If a tolerance is negative or no number.
    MlprovError
        If the new file cannot be written.
    """
    if source is None:  # a script that names its file pays for no widget
        from mlprov_widgets.widgets.reproduce_widget import choose_run

        return choose_run(out, packs)
    from mlprov_widgets.rebuild import reproduce as rebuild

    return rebuild(
        source,
        out,
        accept=accept,
        restore=restore,
        packs=packs,
        requirements=requirements,
        relative=relative,
        absolute=absolute,
    )
