"""Voilà with the settings that an app for a class needs, and with nothing served but the app."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
from tornado.netutil import bind_sockets
from traitlets import Bool, Instance
from traitlets.config import Config
from voila.app import Voila
from voila.tornado.handler import TornadoVoilaHandler

from mlprov_widgets._files import reason
from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting import Limits, sessions_root
from mlprov_widgets.notebooks.formats import is_notebook
from mlprov_widgets.server.pages import AppPage
from mlprov_widgets.server.sockets import VisitorConnection

# What pages of the app need; the rest of what Voilà offers is not served.
_SERVED = ("/api/kernels/", "/voila/static", "/voila/templates", "/voila/api/themes",
           "/voila/api/shutdown", "/voila/query", "/voila/labextensions")  # fmt: skip
_EXTENSIONS = [
    "@jupyter-widgets/jupyterlab-manager",
    "@voila-dashboards/widgets-manager8",
    "anywidget",
]
# Kernels that have opened the app already, so that a visitor need not wait for one.
_HEATED = 2
_MANY = 999_999
# Measured with the wizard open on its first pages, in bytes.
_VISITOR_MEMORY = 120 * 10**6


class App(Voila):
    limits = Instance(Limits, args=())
    alone = Bool()

    def init_handlers(self) -> list[Any]:
        handlers = []
        for pattern, handler, *settings in super().init_handlers():
            if isinstance(handler, type) and issubclass(handler, TornadoVoilaHandler):
                own = {"visitors": self.limits.visitors, "alone": self.alone}
                handlers.append((pattern, AppPage, settings[0] | own))
            elif "/voila/query" in pattern and self.alone:
                continue  # of use to notebooks that ask for what their page was asked with
            elif any(part in pattern for part in _SERVED):
                handlers.append((pattern, handler, *settings))
        return handlers


def memory_warning(limits: Limits) -> str:
    """Whether this machine has the memory for what is allowed, in a sentence; empty if it has."""
    needed = limits.visitors * _VISITOR_MEMORY + limits.runs * limits.run_memory
    there = psutil.virtual_memory().total
    if needed <= there:
        return ""
    return (
        f"{limits.visitors} visitors and {limits.runs} runs at a time may need "
        f"{needed / 1e9:.0f} GB of memory; this machine has {there / 1e9:.0f} GB."
    )


def serve(
    notebook: Path | None = None,
    limits: Limits | None = None,
    ip: str = "127.0.0.1",
    port: int = 8866,
    base_url: str = "/",
    close_after: float = 45.0,
) -> None:
    """Serve the app until the process is ended.

    Parameters
    ----------
    notebook : Path, optional
        A notebook of the host's, by default one with the wizard.
    limits : Limits, optional
        What visitors may use.
    ip : str
        The interface to listen on.
    port : int
    base_url : str
        The path under which a proxy forwards to it.
    close_after : float
        Seconds from the closing of a page to the end of its kernel; a page whose connection broke
        goes on if it is back within them.

    Raises
    ------
    MlprovError
        If there is no such notebook, the port is taken, or there is no place for visitors' files.
    """
    limits = limits or Limits()
    page = Path(__file__).parent / "app" / "app.ipynb" if notebook is None else notebook.resolve()
    if not is_notebook(page) or not page.is_file():
        raise MlprovError("served_notebook_missing", file=page.name)
    sessions_root()
    _check_port(ip, port)
    # The server counts the visitors itself, and kernels that wait for one are none.
    os.environ.update(replace(limits, visitors=_MANY).to_environment())
    app = App(
        limits=limits,
        alone=notebook is None,
        notebook_path=str(page),
        ip=ip,
        port=port,
        port_retries=0,
        base_url=f"/{base_url.strip('/')}/".replace("//", "/"),
        open_browser=False,
        config_file_paths=[],
        kernel_websocket_connection_class=VisitorConnection,
        config=_settings(min(_HEATED, limits.visitors), close_after, own=notebook is None),
    )
    app.initialize([])
    app.start()


def _check_port(ip: str, port: int) -> None:
    """Say that a port cannot be had before anything is started for nothing."""
    try:
        for listening in bind_sockets(port, ip):
            listening.close()
    except OSError as error:
        raise MlprovError("port_unusable", port=port, ip=ip, reason=reason(error)) from None


def _settings(heated: int, close_after: float, own: bool) -> Config:
    settings: dict[str, Any] = {
        "multi_kernel_manager_class": "mlprov_widgets.server.kernels.VisitorKernels",
        "allow_template_override": "NO",
        "allow_theme_override": "NO",
        "file_allowlist": [],
        "preheat_kernel": True,
        "default_pool_size": heated,
        "show_tracebacks": False,
    }
    if own:
        # A notebook of the host's may have widgets of others too.
        settings["extension_allowlist"] = _EXTENSIONS
    return Config(
        {
            "VoilaConfiguration": settings,
            "VisitorKernels": {
                "left_timeout": float(close_after),
                "cull_idle_timeout": 3600,
                "cull_interval": 5,
                "cull_connected": True,
            },
            # One that was started again would have no app in it, and no limits.
            "KernelManager": {"autorestart": False},
        }
    )
