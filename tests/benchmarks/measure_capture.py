"""Measure what capture costs; runs in a Python of its own, because imports and hooks would count.

Reads ``[cells of a notebook, number of further cells]`` as JSON and prints seconds as JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import sys
import time
import warnings
from typing import NamedTuple

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot
import pandas
import sklearn.metrics
import sklearn.model_selection
import torch
import tqdm
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import mlprov_widgets

LOADED = (matplotlib.pyplot, pandas, sklearn.metrics, sklearn.model_selection, torch, tqdm)


class NoRun:
    """Stands for a run where nothing is captured."""

    name = "none"

    def __init__(self, *args: object, **terms: object) -> None: ...

    def record(self, step: str, **terms: object) -> None: ...

    def finish(self) -> None: ...


class Time(NamedTuple):
    """Seconds: of this process alone, which other programs cannot spoil, and by the clock."""

    cpu: float
    wall: float


def execute(shell: InteractiveShell, cells: list[str]) -> Time:
    """What the cells take, one after the other."""
    began = time.process_time(), time.perf_counter()
    for number, source in enumerate(cells):
        shell.run_cell(source, store_history=True, cell_id=f"cell-{number}").raise_error()
    return Time(time.process_time() - began[0], time.perf_counter() - began[1])


def without_capture(shell: InteractiveShell, cells: list[str]) -> Time:
    mlprov_widgets.start_run = NoRun
    try:
        return execute(shell, cells)
    finally:
        del mlprov_widgets.start_run


def with_capture(shell: InteractiveShell, cells: list[str]) -> Time:
    try:
        return execute(shell, cells)
    finally:
        shell.user_ns["run"].close()


def measure(cells: list[str], number: int) -> dict[str, float]:
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    mlprov_widgets.view = lambda run: None  # the picture is measured where it is drawn
    for _ in range(2):  # what PyTorch loads on first use is not ours
        without_capture(shell, cells)
    bare, captured = [without_capture(shell, cells)], [with_capture(shell, cells)]
    for _ in range(4):
        bare.append(without_capture(shell, cells))
        captured.append(with_capture(shell, cells))

    further = [
        f"rows_{cell} = [row * {cell} for row in range(EPOCHS)]\nprint(len(rows_{cell}))"
        for cell in range(number)
    ]
    start = ["from mlprov_widgets import start_run\nrun = start_run('further.ipynb')"]
    alone = without_capture(shell, [*start, *further, "run.finish()"])
    few = with_capture(shell, [*start, "run.finish()"])
    many = with_capture(shell, [*start, *further, "run.finish()"])
    return {
        "first run": captured[0].cpu - bare[0].cpu,
        "first run by the clock": captured[0].wall - bare[0].wall,
        "later run": statistics.median(t.cpu for t in captured)
        - statistics.median(t.cpu for t in bare),
        "best run by the clock": min(t.wall for t in captured) - min(t.wall for t in bare),
        "the cells alone": statistics.median(t.wall for t in bare),
        "further cell": (many.cpu - few.cpu - alone.cpu) / number,
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    task, further_cells = json.load(sys.stdin)
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):  # noqa: PTH123
        figures = measure(task, further_cells)
    print(json.dumps(figures))
