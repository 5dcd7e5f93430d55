"""A wizard that follows the files of packs while their author writes them."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Iterable
from pathlib import Path

from mlprov_widgets.errors import PackError
from mlprov_widgets.packs.discovery import packs_and_errors
from mlprov_widgets.packs.watching import PackWatch
from mlprov_widgets.widgets.guard import log
from mlprov_widgets.widgets.wizard_widget import Wizard

_SECONDS = 0.7
# The loop itself keeps only a weak hold on what runs in it.
_following: set[asyncio.Task[None]] = set()


def follow_packs(wizard: Wizard, folders: Iterable[Path | str], wanted: str = "") -> None:
    """Read packs again whenever one of their files is saved, as long as there is the wizard.

    Without a running event loop, outside of notebooks, nothing is followed.

    Parameters
    ----------
    wizard : Wizard
    folders : iterable of Path or str
        Packs, or folders of packs.
    wanted : str
        The pack to turn to as soon as it can be read.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return
    folders = tuple(folders)
    # What is saved from now on counts, also before the loop comes to it.
    following = _follow(weakref.ref(wizard), folders, PackWatch(folders), wanted)
    task = loop.create_task(following)
    _following.add(task)
    task.add_done_callback(_following.discard)


async def _follow(
    wizard: weakref.ref[Wizard], folders: tuple[Path | str, ...], watch: PackWatch, wanted: str
) -> None:
    while True:
        await asyncio.sleep(_SECONDS)
        shown = wizard()
        if shown is None or shown.comm is None:  # closed
            return
        if watch.has_changed():
            _renew(shown, folders, wanted)
        del shown


def _renew(wizard: Wizard, folders: tuple[Path | str, ...], wanted: str) -> None:
    is_new = wanted not in wizard.state.packs
    try:
        wizard.renew_packs(*packs_and_errors(folders))
        if is_new and wanted in wizard.state.packs:
            wizard.choose_task(wanted)
    except PackError as error:  # the folder itself is gone
        wizard.renew_packs(wizard.state.packs, {wizard.state.task: error})
    except Exception:
        log.error("Packs could not be followed.", exc_info=True)
