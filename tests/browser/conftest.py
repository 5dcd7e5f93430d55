"""JupyterLab, Notebook 7 and Voilà as servers of their own, and a Chromium that looks at them."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from mlprov_widgets.graph import static_view
from tests.browser.viewing import SHOW, Viewer, put_run, recorded
from tests.ports import free_port
from tests.watchdog import WATCHDOG

FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
STARTING = WATCHDOG * 1000
NOTEBOOK = "demo.ipynb"
RUN_ALL = """async () => {
  const panel = jupyterapp.shell.currentWidget;
  await panel.context.ready;
  await panel.sessionContext.ready;
  await panel.sessionContext.session.kernel.info;
  jupyterapp.commands.execute('notebook:run-all-cells');
}"""
RUN_CODE = """async (code) => {
  const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  let text = '';
  const future = kernel.requestExecute({ code });
  future.onIOPub = ({ header, content }) => {
    if (header.msg_type === 'stream') text += content.text;
    if (header.msg_type === 'error') text += `${content.ename}: ${content.evalue}`;
  };
  await future.done;
  return text;
}"""
READY = "() => window.jupyterapp?.shell.currentWidget?.sessionContext"


@dataclass
class Host:
    """A server, and the folder that it serves."""

    kind: str
    url: str
    folder: Path

    @property
    def files(self) -> Path:
        """Where the files are that are made on the page opened last: for a visitor, their own."""
        if self.kind != "voila":
            return self.folder
        homes = (self.folder.parent / "visitors").glob(".mlprov-*/visitor-*/files")
        return max(homes, key=lambda home: home.parent.stat().st_ctime_ns)

    def open(self, page: Any, *sources: str, shows: str = ".mlprov") -> None:
        """Run a notebook of these cells in the page; without any, that of a wizard."""
        # A wizard goes on where the last one in a notebook of this name was left.
        shutil.rmtree(self.folder.parent / "state", ignore_errors=True)
        write_notebook(self.folder, *sources or ("wizard()",))
        if self.kind == "voila":
            page.goto(self.url)
        else:
            place = "lab/tree" if self.kind == "lab" else "notebooks"
            # JupyterLab would go on with the panels of the page before, which may have been narrow.
            page.goto(f"{self.url}/{place}/{NOTEBOOK}?reset")
            page.wait_for_function(READY)
            page.evaluate(RUN_ALL)
        page.wait_for_selector(shows)


def write_notebook(folder: Path, *sources: str, name: str = NOTEBOOK) -> Path:
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{at}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": f"from mlprov_widgets import reproduce, view, wizard\n{source}",
        }
        for at, source in enumerate(sources)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4}
    file = folder / name
    file.write_text(json.dumps({**notebook, "nbformat_minor": 5}))
    return file


def run_python(page: Any, code: str) -> str:
    """What code prints in the kernel of the notebook that the page shows."""
    return page.evaluate(RUN_CODE, code)


def chromium(playwright: Any) -> str | None:
    """A Chromium on this machine: on the PATH, where distributions put it, or Playwright's own."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    for path in ("/usr/bin/chromium", playwright.chromium.executable_path):
        if Path(path).is_file():
            return path
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process takes this folder's tests: they share servers, kernels and a browser."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.xdist_group("browser"))


# Closed after this folder's tests: Playwright keeps an event loop running in the main thread.
@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    from playwright.sync_api import expect, sync_playwright

    # A watchdog, not a measure: its five seconds are short where other tests keep the cores busy.
    expect.set_options(timeout=STARTING)
    with sync_playwright() as playwright:
        path = chromium(playwright)
        if path is None:
            pytest.skip("no Chromium was found: install one, or run playwright install chromium")
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@contextlib.contextmanager
def new_page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(
        viewport={"width": 1440, "height": 1000}, accept_downloads=True, reduced_motion="reduce"
    )
    context.set_default_timeout(STARTING)
    try:
        yield context.new_page()
    finally:
        context.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    with new_page(browser) as page:
        yield page


@pytest.fixture(scope="package")
def start(tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Iterator[Callable[..., Host]]:
    with contextlib.ExitStack() as running:
        hosts: dict[str, Host] = {}

        def started(kind: str) -> Host:
            if kind not in hosts:
                folder = tmp_path_factory.mktemp(kind)
                hosts[kind] = running.enter_context(serve(kind, folder))
            return hosts[kind]

        yield started


@pytest.fixture
def lab(start: Callable[..., Host]) -> Host:
    return start("lab")


@pytest.fixture
def voila(start: Callable[..., Host]) -> Host:
    return start("voila")


@pytest.fixture(scope="module")
def opened(
    browser: Any, start: Callable[..., Host], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], tuple[Viewer, list[str]]]]:
    """A viewer in each place, opened once for a module, and all that its page asked for."""
    pages: dict[str, tuple[Viewer, list[str]]] = {}
    contexts = []

    def show(kind: str) -> tuple[Viewer, list[str]]:
        if kind not in pages:
            contexts.append(new_page(browser))
            page = contexts[-1].__enter__()
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.url))
            if kind == "page":
                folder = tmp_path_factory.mktemp("alone")
                file = folder / "run.html"
                file.write_text(static_view(recorded()).to_page(), encoding="utf-8")
                page.goto(file.as_uri())
            else:
                host = start(kind)
                put_run(host.folder)
                host.open(page, SHOW, shows=".mlprov-viewer")
            pages[kind] = Viewer(page).ready(), asked
        return pages[kind]

    yield show
    for context in contexts:
        context.__exit__(None, None, None)


# It is the same bundle everywhere, and opens quickest in a page.
@pytest.fixture(
    params=[*(pytest.param(k, marks=pytest.mark.slow) for k in ("lab", "voila")), "page"]
)
def viewer(request: pytest.FixtureRequest, opened: Callable[..., Any]) -> Viewer:
    shown, _ = opened(request.param)
    shown.reset()
    return shown


@pytest.fixture
def in_lab(opened: Callable[..., Any]) -> Viewer:
    shown, _ = opened("lab")
    shown.reset()
    return shown


@contextlib.contextmanager
def serve(kind: str, folder: Path) -> Iterator[Host]:
    work = folder / "work"
    work.mkdir()
    write_notebook(work, "wizard()")
    names = ("CONFIG_DIR", "DATA_DIR")
    environment = {f"JUPYTER_{name}": str(folder / name.lower()) for name in names}
    environment |= {"IPYTHONDIR": str(folder / "ipython"), "XDG_STATE_HOME": str(folder / "state")}
    for place in environment.values():
        Path(place).mkdir(exist_ok=True)
    runtime = tempfile.TemporaryDirectory()  # short, for the kernels' sockets lie in it
    environment["JUPYTER_RUNTIME_DIR"] = runtime.name
    environment["MLPROV_HOST_SESSIONS"] = str(folder / "visitors")
    # This checkout, whichever one is installed.
    environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    port = free_port()
    with runtime, (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            command(kind, port),
            cwd=work,
            env={**os.environ, **environment},
            stdout=log,
            stderr=log,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            # Asking Voilà for its page would start a kernel each time.
            wait_for(server, url + ("/static/x" if kind == "voila" else "/api/status"))
            yield Host(kind, url, work)
        finally:
            server.terminate()
            try:
                server.wait(15)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def command(kind: str, port: int) -> list[str]:
    if kind == "voila":
        own = ["voila", NOTEBOOK, "--Voila.ip=127.0.0.1"]
    else:
        app = "LabApp" if kind == "lab" else "JupyterNotebookApp"
        own = [
            "jupyterlab" if kind == "lab" else "notebook",
            "--allow-root",
            "--ip=127.0.0.1",
            "--IdentityProvider.token=",
            f"--{app}.expose_app_in_browser=True",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ]
    # Between asking for a free port and a kernel's taking it another program may take it.
    sockets = "--KernelManager.transport=ipc"
    return [sys.executable, "-m", *own, "--no-browser", f"--port={port}", sockets]


def wait_for(server: subprocess.Popen[bytes], url: str) -> None:
    end = time.monotonic() + WATCHDOG
    while time.monotonic() < end:
        assert server.poll() is None, "the server has ended"
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except urllib.error.HTTPError as answer:
            answer.close()
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(url)
