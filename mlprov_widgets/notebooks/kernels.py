"""The kernel that a notebook runs in: which Python, which environment, and its end."""

from __future__ import annotations

import ast
import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_client import AsyncKernelManager
    from nbclient import NotebookClient

# Asked of the kernel after the last cell; the run knows best which file it wrote.
_ASK_RUN = "__import__('sys').modules['mlprov_widgets.capture'].last_run_report()"


def this_python() -> Any:
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

    class ThisPython(KernelSpecManager):
        """An installed "python3" may belong to another environment; this one never does."""

        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            return KernelSpec(**get_kernel_dict())

    return ThisPython()


def kernel_environment(path: Path) -> dict[str, str]:
    # Set iteration order of strings depends on it, and only the start of a Python can set it.
    environment = {"PYTHONHASHSEED": "0", **os.environ, "MLPROV_NOTEBOOK": str(path)}
    # In a kernel these say which notebook *that* kernel belongs to.
    environment["JPY_SESSION_NAME"] = str(path)
    environment.pop("JPY_PARENT_PID", None)
    return environment


async def ask_run(client: NotebookClient) -> dict[str, Any]:
    assert client.kc is not None
    request = client.kc.execute(
        "", silent=True, store_history=False, user_expressions={"run": _ASK_RUN}
    )
    try:
        reply = await asyncio.wait_for(client.async_wait_for_reply(request), timeout=10)
        assert reply is not None
        answer = reply["content"]["user_expressions"]["run"]["data"]["text/plain"]
        report = json.loads(ast.literal_eval(answer))
    except Exception:  # no run in this notebook, or a kernel that no longer answers
        return {}
    return report if isinstance(report, dict) else {}


async def shut_down(client: NotebookClient, manager: AsyncKernelManager) -> None:
    from jupyter_core.utils import ensure_async

    try:
        if manager.has_kernel:
            # Asked, not killed: a run that failed writes its provenance when Python ends.
            await manager.shutdown_kernel(now=not await manager.is_alive())
    finally:
        if client.kc is not None:
            client.kc.stop_channels()
        await ensure_async(manager.cleanup_resources())
