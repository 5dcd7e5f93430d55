"""The wizard and its kin in a notebook, and hosted with Voilà."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlprov_widgets.reproduction import Reproduction
    from mlprov_widgets.widgets.reproduce_widget import ReproduceWidget
    from mlprov_widgets.widgets.viewer import ProvenanceViewer, view
    from mlprov_widgets.widgets.wizard_widget import Wizard, wizard

__all__ = ["ProvenanceViewer", "ReproduceWidget", "Wizard", "reproduce", "view", "wizard"]


def reproduce(
    source: Path | str | None = None,
    out: Path | str | None = None,
    *,
    accept: bool | Iterable[str] = False,
    restore: Iterable[str] = (),
    folders: Iterable[Path | str] = (),
    requirements: bool = False,
) -> Reproduction | ReproduceWidget:
    """Rebuild the notebook of an earlier run; without a file, choose one in a widget.

    Parameters
    ----------
    source : Path or str, optional
        A provenance file of ours or of MLProvCodeGen 1.x, or a generated notebook.
    out : Path or str, optional
        The file to write, or the folder to write it into.
    accept : bool or iterable of str
        Cells that are not what the pack here writes are somebody else's code: True takes all of
        them over, a list of ids only these. `inspect_run` shows them.
    restore : iterable of str
        Ids of such cells that are to be as the pack writes them.
    folders : iterable of Path or str
        Further folders with packs.
    requirements : bool
        Whether to write the recorded versions beside the notebook.

    Returns
    -------
    Reproduction or ReproduceWidget

    Raises
    ------
    RecordError
        If the file is none of these, or has cells that are neither accepted nor restored.
    MlprovError
        If the new file cannot be written.
    """
    if source is None:
        from mlprov_widgets.widgets.reproduce_widget import choose_run

        return choose_run(out, folders)
    # A script that names its file pays for no widget.
    from mlprov_widgets.reproduction import reproduce as rebuild

    return rebuild(
        source, out, accept=accept, restore=restore, folders=folders, requirements=requirements
    )


def __getattr__(name: str) -> Any:
    if name in ("Wizard", "wizard"):
        from mlprov_widgets.widgets import wizard_widget as module

        return getattr(module, name)
    if name in ("ProvenanceViewer", "view"):
        from mlprov_widgets.widgets import viewer

        return getattr(viewer, name)
    if name == "ReproduceWidget":
        from mlprov_widgets.widgets.reproduce_widget import ReproduceWidget

        return ReproduceWidget
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
