"""Measure what watching costs, in a Python of its own; prints JSON."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time

import numpy as np
import pandas as pd
import torch
from IPython.core.interactiveshell import InteractiveShell
from torch import nn

from mlprov_widgets.capture.objects.tracking import ObjectTracker
from mlprov_widgets.capture.observations import Observations
from mlprov_widgets.capture.observers import Observers

ROUNDS, STEPS, BATCH = 9, 25, 64


def train(steps: int) -> float:
    """Seconds of processor time for some steps of a small network on images."""
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
        nn.Conv2d(32, 64, 3, stride=2, padding=1), nn.BatchNorm2d(64), nn.ReLU(),
        nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(1024, 10),
    )  # fmt: skip
    optimizer = torch.optim.Adam(model.parameters())
    criterion = nn.CrossEntropyLoss()
    images, labels = torch.randn(BATCH, 3, 32, 32), torch.randint(10, (BATCH,))
    begun = time.process_time()
    for _ in range(steps):
        optimizer.zero_grad()
        criterion(model(images), labels).backward()
        optimizer.step()
    return time.process_time() - begun


def watched(steps: int) -> float:
    observers = Observers(Observations(ObjectTracker(), lambda: "e1"))
    try:
        return train(steps)
    finally:
        observers.stop()


def training() -> float:
    """Share of a training's time that watching it takes: per step, and once at the beginning."""
    train(5)
    watched(5)
    bare, more = [], []
    for _ in range(ROUNDS):
        bare.append(train(STEPS))
        more.append(watched(STEPS))
    # Of a training of 30 seconds the beginning is a small part: it is taken off by a shorter one.
    short = statistics.median(watched(1) - train(1) for _ in range(5))
    per_step = (statistics.median(more) - statistics.median(bare) - short) / (STEPS - 1)
    step = statistics.median(bare) / STEPS
    return (per_step * (30 / step) + short) / 30


def large_frame() -> float:
    """Seconds that a cell which touches a frame of 1 GB takes longer than one that does not."""
    os.chdir(tempfile.mkdtemp())
    shell = InteractiveShell.instance()
    shell.user_ns["frame"] = pd.DataFrame(np.random.default_rng(0).random((1_250_000, 100)))

    def cell(source: str) -> float:
        begun = time.perf_counter()
        shell.run_cell(source, store_history=True)
        return time.perf_counter() - begun

    cell("from mlprov_widgets import start_run")
    cell("run = start_run('large')")
    cell("frame.iloc[0, 0] = 1.0")
    touching = [cell("frame.iloc[0, 0] += 1.0") for _ in range(7)]
    others = [cell("other = 1") for _ in range(7)]
    record = shell.run_cell("run.finish().record", store_history=True).result
    assert [len(one.versions) for one in record.objects if "frame" in one.names] == [9]
    return statistics.median(touching) - statistics.median(others)


if __name__ == "__main__":
    torch.set_num_threads(1)
    print("MEASURED" + json.dumps({"training": training(), "frame": large_frame()}))
