"""Notebooks with a manifest, shells inside the tests, and kernels outside of them."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

import pytest

from mlprov_widgets.provenance import read_record
from mlprov_widgets.record import Cell, Record, source_hash
from tests.watchdog import WATCHDOG

# A study in miniature: (id, kind, step, source).
STUDY: list[tuple[str, str, str, str]] = [
    ("title", "markdown", "title", "# A study"),
    ("imports", "code", "imports", "import math\n\nfrom mlprov_widgets import start_run"),
    ("parameters", "code", "parameters", "EPOCHS = 3\nLEARNING_RATE = 0.1\nKEEP_BEST = True"),
    ("start", "code", "start", 'run = start_run("study.ipynb", seed=7)'),
    (
        "ingestion",
        "code",
        "data_ingestion",
        "rows = [math.sqrt(row) for row in range(12)]\n"
        'run.record("data_ingestion", dataset_id="roots")',
    ),
    (
        "exploration",
        "code",
        "data_exploration",
        "BINS = 4\nprint([rows[at::BINS] for at in range(BINS)])",
    ),
    (
        "model",
        "code",
        "model_parameters",
        'optimizer = "Adam"\nrate = LEARNING_RATE\n'
        'run.record("model_parameters", optimizer=optimizer, model_name="mean")',
    ),
    (
        "training",
        "code",
        "model_training",
        "def fit():\n    return [sum(rows) * rate for _ in range(EPOCHS)]\n\n\n"
        'history = fit()\nrun.record("model_training", history=history, kept=KEEP_BEST)',
    ),
    (
        "evaluation",
        "code",
        "model_evaluation",
        'run.record("model_evaluation", evaluation_metrics={"loss": history[-1]})',
    ),
    ("provenance", "code", "provenance", "finished = run.finish()"),
]

PARAMETERS = [
    {"name": "epochs", "constant": "EPOCHS", "step": "model_training", "term": "epochs"},
    {
        "name": "learning_rate",
        "constant": "LEARNING_RATE",
        "step": "model_parameters",
        "term": "optimizer_learning_rate",
    },
    {
        "name": "keep_best",
        "constant": "KEEP_BEST",
        "step": "model_parameters",
        "term": "save_checkpoint",
    },
]


@dataclass
class Study:
    """A generated notebook on disk, and what a person then did to it."""

    folder: Path
    name: str = "study.ipynb"
    cells: list[tuple[str, str, str]] = field(
        default_factory=lambda: [(cell_id, kind, source) for cell_id, kind, _, source in STUDY]
    )
    original: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, cell_id: str) -> str:
        return next(source for found, _, source in self.cells if found == cell_id)

    def edit(self, cell_id: str, old: str, new: str) -> None:
        assert old in self[cell_id]
        self.cells = [
            (found, kind, source.replace(old, new) if found == cell_id else source)
            for found, kind, source in self.cells
        ]

    def add(self, after: str, cell_id: str, source: str) -> None:
        place = next(at for at, cell in enumerate(self.cells) if cell[0] == after)
        self.cells.insert(place + 1, (cell_id, "code", source))

    def delete(self, cell_id: str) -> None:
        self.cells = [cell for cell in self.cells if cell[0] != cell_id]

    def write(self) -> Path:
        manifest = {
            "format": 1,
            "title": "A study",
            "task_type": "Study",
            "pack": {"name": "study", "version": "1", "sha256": "0" * 64},
            "values": {"epochs": 3, "optimizer": "Adam"},
            "parameters": PARAMETERS,
            "generated": [
                {"id": i, "kind": k, "step": s, "source": t, "sha256": source_hash(t)}
                for i, k, s, t in STUDY
            ],
            **({"original": self.original} if self.original else {}),
        }
        cells: list[dict[str, Any]] = []
        for cell_id, kind, source in self.cells:
            cell = {"cell_type": kind, "id": cell_id, "metadata": {}, "source": source}
            if kind == "code":
                cell |= {"execution_count": None, "outputs": []}
            cells.append(cell)
        notebook = {
            "cells": cells,
            "metadata": {"mlprov": manifest},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        path = self.folder / self.name
        path.write_text(json.dumps(notebook), encoding="utf-8")
        return path

    @property
    def file(self) -> Path:
        return self.folder / "study.prov.json"

    def record(self) -> Record:
        return read_record(self.file)

    def cell(self, cell_id: str) -> Cell:
        return next(cell for cell in self.record().cells if cell.id == cell_id)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(tmp_path)


class Front:
    """A front end: runs cells and gives their ids, or none, as plain nbclient does."""

    def __init__(self, run: Callable[[str, str | None], str]) -> None:
        self._run = run

    def run(self, source: str, cell_id: str | None = None) -> str:
        """``ok`` or the name of the exception."""
        return self._run(source, cell_id)

    def run_study(self, study: Study, *ids: str, give_ids: bool = True) -> None:
        for cell_id, kind, source in study.cells:
            if kind == "code" and (not ids or cell_id in ids):
                assert self.run(source, cell_id if give_ids else None) == "ok", cell_id


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    """A real shell in this process, in an empty folder: quick, but it cannot be killed."""
    with shell_in(tmp_path, monkeypatch) as front:
        yield front


@contextmanager
def shell_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    """A real shell in this process that works in a folder; one at a time."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    from mlprov_widgets.capture import Run

    monkeypatch.chdir(folder)
    monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
    for name in ("MLPROV_NOTEBOOK", "JPY_SESSION_NAME"):
        monkeypatch.delenv(name, raising=False)
    config = Config()
    config.HistoryManager.enabled = False
    InteractiveShell.clear_instance()
    instance = InteractiveShell.instance(config=config)

    def run(source: str, cell_id: str | None) -> str:
        result = instance.run_cell(source, store_history=True, cell_id=cell_id)
        error = result.error_before_exec or result.error_in_exec
        return type(error).__name__ if error is not None else "ok"

    front = Front(run)
    front.shell = instance  # type: ignore[attr-defined]
    try:
        yield front
    finally:
        for value in list(instance.user_ns.values()):
            if isinstance(value, Run):
                value.close()
        InteractiveShell.clear_instance()


def this_python() -> Any:
    """An installed "python3" may belong to another environment; this one never does."""
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

    class ThisPython(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            return KernelSpec(**get_kernel_dict())

    return ThisPython()


class Kernel(Front):
    """A kernel in a process of its own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        from jupyter_client.manager import KernelManager

        super().__init__(self._execute)
        self.sockets = tempfile.TemporaryDirectory()
        self.manager = KernelManager(
            kernel_spec_manager=this_python(),
            transport="ipc",
            connection_file=f"{self.sockets.name}/kernel.json",
        )
        self.manager.start_kernel(
            cwd=str(folder),
            env={**os.environ, "IPYTHONDIR": str(folder / ".ipython"), **environment},
        )
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=WATCHDOG)

    def send(self, source: str, cell_id: str | None = None) -> str:
        self.client.session.metadata = {"cellId": cell_id} if cell_id else {}
        return self.client.execute(source)

    def wait(self, message: str, timeout: float = WATCHDOG) -> str:
        while True:
            reply = self.client.get_shell_msg(timeout=timeout)
            if reply["parent_header"].get("msg_id") == message:
                content = reply["content"]
                return "ok" if content["status"] == "ok" else content["ename"]

    def wait_for_output(self, text: str, timeout: float = WATCHDOG) -> None:
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                message = self.client.get_iopub_msg(timeout=1)
            except Empty:
                continue
            if message["msg_type"] == "stream" and text in message["content"]["text"]:
                return
        raise AssertionError(f"{text!r} was never printed")

    def _execute(self, source: str, cell_id: str | None) -> str:
        return self.wait(self.send(source, cell_id))

    def shut_down(self, now: bool = False) -> None:
        if self.manager.has_kernel:
            self.client.stop_channels()
            self.manager.shutdown_kernel(now=now)
        self.sockets.cleanup()


@pytest.fixture
def start_kernel(tmp_path: Path) -> Iterator[Callable[..., Kernel]]:
    kernels: list[Kernel] = []

    def start(**environment: str) -> Kernel:
        kernels.append(Kernel(tmp_path, **environment))
        return kernels[-1]

    yield start
    for kernel in kernels:
        kernel.shut_down(now=True)
