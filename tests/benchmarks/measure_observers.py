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

STEPS, STEP, BATCH, BATCHES = 600, 0.05, 64, 100


def train(images: torch.Tensor) -> float:
    """Seconds of processor time for the steps of a training of 30 seconds, but for its computing.

    The network has as many modules as one that takes 50 ms a step, and the rest of each step is
    spent on other products: what watching costs is the same, and does not drown in how much
    computing varies.
    """
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(3, 8, 8, stride=8), nn.BatchNorm2d(8), nn.ReLU(),
        nn.Conv2d(8, 16, 2, stride=2), nn.BatchNorm2d(16), nn.ReLU(),
        nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(64, 10),
    )  # fmt: skip
    optimizer = torch.optim.Adam(model.parameters())
    criterion = nn.CrossEntropyLoss()
    labels = torch.randint(10, (BATCH,))
    seconds, due = 0.0, time.perf_counter()
    for step in range(STEPS):
        begun = time.process_time()
        first = step % BATCHES * BATCH
        optimizer.zero_grad()
        criterion(model(images[first : first + BATCH]), labels).backward()
        optimizer.step()
        seconds += time.process_time() - begun
        due += STEP
        while time.perf_counter() < due:
            images[:1000, 0].matmul(images[:1000, 1])
    return seconds


def watched(images: torch.Tensor) -> float:
    observers = Observers(Observations(ObjectTracker(), lambda: "e1"))
    try:
        return train(images)
    finally:
        observers.stop()


def training() -> float:
    """Share of 30 seconds that watching the training takes."""
    images = torch.randn(BATCH * BATCHES, 3, 32, 32)
    # First one way round, then the other: what drifts with time cancels.
    bare, more = [train(images)], [watched(images), watched(images)]
    bare.append(train(images))
    return (sum(more) - sum(bare)) / 2 / (STEPS * STEP)


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
