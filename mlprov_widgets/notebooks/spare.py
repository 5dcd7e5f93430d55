"""A kernel that is there before it is needed, and has imported what a notebook imports."""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlprov_widgets.hosting import hosted
from mlprov_widgets.notebooks.imports import imports_of
from mlprov_widgets.notebooks.kernels import end_kernel, kill_kernel, start_with

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager

SWITCH = "MLPROV_SPARE_KERNEL"
# It looks for the run that a process belongs to when it is imported: that is not known yet.
_OWN = "mlprov_widgets"
_KEPT = 900.0  # seconds until one that nobody has used is ended
log = logging.getLogger(__name__)


def ahead_of(sources: Iterable[str]) -> list[str]:
    """What can be imported before it is known which run cells are for; see `imports_of`."""
    return imports_of(sources, without=_OWN)


class SpareKernel:
    """At most one kernel that waits for a notebook in its folder with just its imports."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: _Prepared | None = None

    def prepare(self, folder: Path, imports: Sequence[str]) -> None:
        """Begin to start one, unless it is there already; returns at once.

        Not in a hosted app, where each visitor has their limits, and not where the variable
        ``MLPROV_SPARE_KERNEL`` is 0.

        Parameters
        ----------
        folder : Path
            Of the notebook; modules of one's own may lie there.
        imports : sequence of str
            What the notebook imports, as `ahead_of` says it.
        """
        if hosted() or os.environ.get(SWITCH) == "0":
            return
        with self._lock:
            before = self._waiting
            if before is not None and before.fits(folder, imports):
                return
            self._waiting = _Prepared(folder, imports, self._expire)
        if before is not None:
            before.end()

    def take(self, folder: Path, imports: Sequence[str]) -> AsyncKernelManager | None:
        """The kernel, for good; None where none fits. One that is still starting is waited for."""
        with self._lock:
            found = self._waiting
            if found is None or not found.fits(folder, imports):
                return None
            self._waiting = None
        return found.result()

    def end(self) -> None:
        """End the kernel, if there is one."""
        with self._lock:
            found, self._waiting = self._waiting, None
        if found is not None:
            found.end()

    @property
    def is_ready(self) -> bool:
        """Whether one waits that has imported all it was to."""
        waiting = self._waiting
        return waiting is not None and waiting.is_ready

    def kill(self) -> None:
        """End the kernel at once; for the end of Python, when no thread can be started any more."""
        if self._waiting is not None:
            self._waiting.kill()

    def _expire(self, one: _Prepared) -> None:
        with self._lock:
            if self._waiting is not one:
                return
            self._waiting = None
        one.end()


class _Prepared:
    """A kernel on its way, in a thread of its own."""

    def __init__(
        self, folder: Path, imports: Sequence[str], expire: Callable[[_Prepared], None]
    ) -> None:
        self._fits = self._key(folder, imports)
        self._imports = list(imports)
        self._folder = folder
        self._manager: AsyncKernelManager | None = None
        self._thread = threading.Thread(target=self._start, name="mlprov-spare", daemon=True)
        self._thread.start()
        self._timer = threading.Timer(_KEPT, expire, (self,))
        self._timer.daemon = True
        self._timer.start()

    def fits(self, folder: Path, imports: Sequence[str]) -> bool:
        """Whether one that is started now would be the same."""
        return self._fits == self._key(folder, imports)

    @staticmethod
    def _key(folder: Path, imports: Sequence[str]) -> object:
        return folder.resolve(), tuple(imports), dict(os.environ)

    def _start(self) -> None:
        try:
            self._manager = asyncio.run(start_with(self._folder, self._imports))
        except Exception:  # a run without it starts its own, and says what is wrong
            log.info("No kernel could be started ahead of time.", exc_info=True)

    @property
    def is_ready(self) -> bool:
        """Whether it has imported all it was to."""
        return self._manager is not None

    def kill(self) -> None:
        """End it at once. One that is just starting ends by itself, as its parent is gone."""
        if self._manager is not None:
            kill_kernel(self._manager)

    def result(self) -> AsyncKernelManager | None:
        """The kernel once it is ready; None where it could not be."""
        self._timer.cancel()
        self._thread.join()
        return self._manager

    def end(self) -> None:
        """End it; returns at once."""
        self._timer.cancel()
        threading.Thread(target=self._end, name="mlprov-spare-end", daemon=True).start()

    def _end(self) -> None:
        self._thread.join()
        if self._manager is not None:
            asyncio.run(end_kernel(self._manager))


spare = SpareKernel()
atexit.register(spare.kill)
