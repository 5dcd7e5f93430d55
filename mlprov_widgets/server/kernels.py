"""The visitors' kernels: one for each page, ended soon after the page was closed."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

import psutil
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from traitlets import Float

from mlprov_widgets.hosting import sessions_root, sweep


class VisitorKernels(AsyncMappingKernelManager):
    """Kernels that end with their page, and all processes that they started with them."""

    left_timeout = Float(
        45.0, config=True, help="Seconds until a kernel is ended after its page was closed."
    )
    unseen_timeout = Float(
        30.0, config=True, help="Seconds that a page may take until it speaks to its kernel."
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seats: list[Seat] = []
        self._alone: dict[str, float] = {}
        self._seen: set[str] = set()

    def visitors(self) -> int:
        """How many pages are open, or being made."""
        self.seats = [seat for seat in self.seats if seat.is_taken]
        return len(self.seats)

    def notify_connect(self, kernel_id: str) -> None:
        """Note that the page of a kernel is there."""
        super().notify_connect(kernel_id)
        self._seen.add(kernel_id)

    async def cull_kernels(self) -> None:
        """End what nobody uses, and remove what killed kernels left behind."""
        await super().cull_kernels()
        await asyncio.get_running_loop().run_in_executor(None, sweep, sessions_root())

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End a kernel whose page was closed, whatever it does, or has long been left alone."""
        if self._kernel_connections.get(kernel_id, 0):
            self._alone.pop(kernel_id, None)
            await super().cull_kernel_if_idle(kernel_id)
            return
        since = self._alone.setdefault(kernel_id, time.monotonic())
        patience = self.left_timeout if kernel_id in self._seen else self.unseen_timeout
        if time.monotonic() - since > patience:
            self.log.info("The page of kernel %s is gone: it is ended.", kernel_id)
            await self.shutdown_kernel(kernel_id)

    # Declared without "async" in its base, and awaited by all who call it.
    async def shutdown_kernel(  # type: ignore[override]
        self, kernel_id: str, *args: Any, **kwargs: Any
    ) -> None:
        """End a kernel, and the run that was going on in it."""
        started = _descendants(self._kernels.get(kernel_id))
        try:
            await super().shutdown_kernel(kernel_id, *args, **kwargs)
        finally:
            self._alone.pop(kernel_id, None)
            self._seen.discard(kernel_id)
            for process in started:
                with contextlib.suppress(psutil.Error):
                    process.kill()


def _descendants(manager: Any) -> list[psutil.Process]:
    pid = getattr(getattr(manager, "provisioner", None), "pid", None)
    with contextlib.suppress(psutil.Error):
        return list(psutil.Process(pid).children(recursive=True)) if pid is not None else []
    return []


class Seat:
    """A visitor's place, from the request for the page until its kernel has ended.

    It stands for the manager of all kernels and notes which of them it gives to the visitor.

    Parameters
    ----------
    kernels : VisitorKernels
    """

    def __init__(self, kernels: VisitorKernels) -> None:
        self._kernels = kernels
        self._kernel_id: str | None = None
        self._left = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kernels, name)

    @property
    def is_taken(self) -> bool:
        """Whether the visitor is there, or on the way."""
        if self._kernel_id is None:
            return not self._left
        return self._kernel_id in self._kernels

    def made(self) -> None:
        """Say that the page was sent, or that it could not be made."""
        self._left = True

    async def start_kernel(self, **kwargs: Any) -> str:
        """Start a kernel for the visitor."""
        self._kernel_id = await self._kernels.start_kernel(**kwargs)
        return self._kernel_id

    async def get_rendered_notebook(self, **kwargs: Any) -> Any:
        """Give the visitor a kernel in which the notebook has run already."""
        found = await self._kernels.get_rendered_notebook(**kwargs)  # type: ignore[attr-defined]
        self._kernel_id = found[2]
        return found
