"""The kernel that a notebook runs in: which Python, which environment, and its end."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.notebooks.beside import RUN_ID

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")

# Beside it are the sockets: its name less ".json", and "-ipc-1". An address of a socket has at
# most 104 bytes on macOS, 108 on Linux.
_CONNECTION = "kernel.json"
_LONGEST_CONNECTION = 100

_READY = 120.0  # seconds
# Neither binds a name.
_IMPORT = "exec({!r}, {{}})"
_ENVIRONMENT = "__import__('os').environ.update({!r})"

# Asked of the kernel after the last cell; the run knows best which file it wrote.
_ASK_RUN = (
    "(lambda capture: capture.run_report({!r}) if capture else '{{}}')"
    "(__import__('sys').modules.get('mlprov_widgets.capture'))"
)


def new_manager() -> AsyncKernelManager:
    """A manager for a kernel of the running Python, which nobody else on the machine can speak to.

    It is spoken to through sockets in a folder of its own. Where there are none it is through
    ports, encrypted if Jupyter can do that; another program may take one before the kernel does.
    """
    from jupyter_client.manager import AsyncKernelManager

    manager = AsyncKernelManager(kernel_spec_manager=_this_python(), kernel_name="python3")
    folder = _socket_folder()
    if folder is not None:
        manager.transport = "ipc"
        manager.connection_file = str(folder / _CONNECTION)
    elif manager.has_trait("transport_encryption"):
        manager.set_trait("transport_encryption", "auto")
    return manager


def _socket_folder() -> Path | None:
    if os.name != "posix":
        return None
    try:
        folder = Path(tempfile.mkdtemp(prefix="mlprov-kernel-"))
    except OSError:
        return None
    if len(os.fsencode(folder / _CONNECTION)) <= _LONGEST_CONNECTION:
        return folder
    folder.rmdir()
    return None


def _this_python() -> Any:
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

    class ThisPython(KernelSpecManager):
        """An installed "python3" may belong to another environment; this one never does."""

        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            return KernelSpec(**get_kernel_dict())

    return ThisPython()


def _kernel_environment(path: Path, run_id: str, more: Mapping[str, str]) -> dict[str, str]:
    # Set iteration order of strings depends on it, and only the start of a Python can set it.
    # Nobody watches a bar that goes into a file.
    defaults = {"PYTHONHASHSEED": "0", "TQDM_DISABLE": "1"}
    own = {"MLPROV_NOTEBOOK": str(path), RUN_ID: run_id}
    environment = {**defaults, **os.environ, **own, **more}
    # In a kernel these say which notebook *that* kernel belongs to.
    environment["JPY_SESSION_NAME"] = str(path)
    environment.pop("JPY_PARENT_PID", None)
    return environment


async def start_kernel(
    client: NotebookClient, path: Path, run_id: str, more: Mapping[str, str]
) -> None:
    """Start the kernel of `client` in the folder of the notebook at `path`.

    Its run has this id, and its environment the variables in `more` beside those of this process.
    """
    # What a kernel writes past its own streams is no output of a cell, and would mix with ours.
    with tempfile.TemporaryFile() as messages:
        try:
            await client.async_start_new_kernel(
                cwd=str(path.parent),
                env=_kernel_environment(path, run_id, more),
                stdout=messages,
                stderr=messages,
            )
            await client.async_start_new_kernel_client()
        except (OSError, RuntimeError) as error:
            messages.seek(0)
            said = without_escapes(messages.read()[-4000:].decode(errors="replace")).strip()
            reason = said.splitlines()[-1] if said else str(error)
            raise MlprovError("kernel_not_started", reason=reason) from error


async def start_with(folder: Path, imports: Iterable[str]) -> AsyncKernelManager:
    """A kernel in a folder that has carried out these import statements, as far as they can be.

    None of its names is bound and nothing is counted: a notebook finds it as if it were new.
    """
    manager = new_manager()
    await manager.start_kernel(
        cwd=str(folder),
        env=_kernel_environment(folder / "notebook", "", {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=_READY)
        for statement in imports:
            await _execute_silently(client, _IMPORT.format(statement))
    except BaseException:
        await end_kernel(manager)
        raise
    finally:
        client.stop_channels()
    return manager


async def take_over(
    client: NotebookClient, manager: AsyncKernelManager, path: Path, run_id: str
) -> None:
    """Have `client` speak to a kernel of `start_with`, which now belongs to a run of a notebook."""
    client.km = manager
    await client.async_start_new_kernel_client()
    assert client.kc is not None
    own = _kernel_environment(path, run_id, {})
    await _execute_silently(client.kc, _ENVIRONMENT.format(own))


async def _execute_silently(client: Any, code: str) -> None:
    request = client.execute(code, silent=True, store_history=False)
    while True:
        reply = await client.get_shell_msg(timeout=_READY)
        if reply["parent_header"].get("msg_id") == request:
            return


async def ask_run(client: NotebookClient, run_id: str) -> dict[str, Any] | None:
    """What the kernel says of this run: empty where it has none, None where it does not answer."""
    if client.kc is None:
        return None
    request = client.kc.execute(
        "", silent=True, store_history=False, user_expressions={"run": _ASK_RUN.format(run_id)}
    )
    try:
        reply = await asyncio.wait_for(client.async_wait_for_reply(request), timeout=10)
        assert reply is not None
        answer = reply["content"]["user_expressions"]["run"]["data"]["text/plain"]
        report = json.loads(ast.literal_eval(answer))
    except Exception:  # a kernel that has died, is busy, or says what is no answer
        return None
    return report if isinstance(report, dict) else None


async def shut_down(client: NotebookClient, manager: AsyncKernelManager) -> None:
    """End the kernel of `client`, and close what it was spoken to through."""
    try:
        await end_kernel(manager)
    finally:
        if client.kc is not None:
            client.kc.stop_channels()


async def end_kernel(manager: AsyncKernelManager) -> None:
    """End a kernel, whatever state it is in."""
    from jupyter_core.utils import ensure_async

    try:
        if manager.has_kernel:
            # Asked, not killed: a run that failed writes its provenance when Python ends.
            await manager.shutdown_kernel(now=not await manager.is_alive())
    finally:
        await ensure_async(manager.cleanup_resources())
        _remove_sockets(manager)


def kill_kernel(manager: AsyncKernelManager) -> None:
    """End a kernel that nothing is lost with, at once."""
    import psutil

    with contextlib.suppress(psutil.Error):
        psutil.Process(getattr(manager.provisioner, "pid", None) or 0).kill()
    _remove_sockets(manager)


def _remove_sockets(manager: AsyncKernelManager) -> None:
    if manager.transport == "ipc":
        shutil.rmtree(Path(manager.connection_file).parent, ignore_errors=True)


def without_escapes(text: str) -> str:
    """`text` without terminal escape sequences."""
    return _ANSI.sub("", text)
