"""Training throughput of the generated loop, against what this machine can do at most.

Every figure is a ratio of two measurements that take turns in one process, so that what else the
machine does falls on both.
"""

from __future__ import annotations

import contextlib
import io
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlprov_widgets.notebooks import render_cells
from mlprov_widgets.packs import complete_values, find_pack

pytestmark = pytest.mark.benchmark

ROUNDS = 10


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CI", "true")


def notebook(**values: Any) -> dict[str, Any]:
    """The names of a generated notebook whose cells have run up to its training."""
    fixed = {"plots": False, "validation_size": 0.0, "epochs": 1, "test_size": 0.01}
    pack = find_pack("image_classification")
    cells = render_cells(pack, complete_values(pack, {**fixed, **values}), "run.ipynb")
    names: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in cells:
            if cell.name == "106_model_training":
                break
            if cell.kind == "code":
                exec(compile(cell.source, cell.name, "exec"), names)
    # The same work without learning: weights that fit one batch perfectly have gradients so small
    # that a processor slows down over them.
    for group in names["optimizer"].param_groups:
        group["lr"] = 0.0
    return names


def seconds(function: Callable[[], object]) -> float:
    with contextlib.redirect_stdout(io.StringIO()):
        start = time.perf_counter()
        function()
        return time.perf_counter() - start


def compare(*functions: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Median seconds of each, in turns there and back after one turn that does not count.

    There and back, so that a machine that slowly gets slower does not favour whoever goes first.
    """
    for function in functions:
        seconds(function)
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(rounds):
        for column, function in zip(times, functions, strict=True):
            column.append(seconds(function))
        for column, function in zip(times[::-1], functions[::-1], strict=True):
            column.append(seconds(function))
    return [statistics.median(column) for column in times]


def step_over(names: dict[str, Any], batches: Any) -> None:
    """What training is at the least: no data to fetch, nothing to count."""
    model, optimizer, criterion = names["model"], names["optimizer"], names["criterion"]
    model.train()
    for X, y in batches:
        optimizer.zero_grad()
        criterion(model(X), y).backward()
        optimizer.step()


@pytest.mark.parametrize(
    ("model", "n_samples", "options"),
    [
        ("resnet18", 600, {}),
        ("small_cnn", 2000, {}),
        ("small_cnn", 2000, {"augmentation": "flip_crop"}),
    ],
)
def test_the_generated_loop_is_as_fast_as_the_machine_allows(
    model: str, n_samples: int, options: dict[str, Any]
) -> None:
    names = notebook(dataset="FakeData", model=model, n_samples=n_samples, **options)
    n_images = len(names["training_rows"])
    names["training_rows"] = names["training_rows"][: n_images // 64 * 64]
    n_batches = n_images // 64
    batch = next(names["batches"](names["training_rows"]))
    loop, limit = compare(names["fit"], lambda: step_over(names, [batch] * n_batches))
    rate = n_batches * 64 / loop
    print(f"\n{model} {options}: {rate:.0f} images/s, {limit / loop:.1%} of the limit")
    # Augmentation is work that the limit does not do.
    assert limit / loop >= (0.97 if not options else 0.85)


def test_against_a_plain_data_loader() -> None:
    import torch
    from torch.utils.data import DataLoader, TensorDataset
    from torchvision.transforms import v2

    names = notebook(dataset="FakeData", model="small_cnn", n_samples=1000)
    transform = v2.Compose(
        [
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize((0.5,) * 3, (0.3,) * 3),
        ]
    )

    class Pictures(TensorDataset):
        """As torchvision's data sets: an image of Pillow at a time, prepared one by one."""

        def __getitem__(self, number: int) -> Any:
            image, label = super().__getitem__(number)
            return transform(v2.functional.to_pil_image(image)), label

    rows = names["training_rows"]
    pictures = Pictures(names["images"][rows], names["targets"][rows])

    def usual(workers: int) -> Callable[[], None]:
        return lambda: step_over(
            names, DataLoader(pictures, batch_size=64, shuffle=True, num_workers=workers)
        )

    loop, alone, two_workers = compare(names["fit"], usual(0), usual(2), rounds=3)
    print(
        f"\nDataLoader: {alone / loop:.2f} times as long, with 2 workers {two_workers / loop:.2f}"
    )
    assert alone / loop > 1.1
    assert two_workers / loop > 1.0


def test_against_everything_blown_up_to_224_pixels() -> None:
    import torch
    from torch.utils.data import DataLoader, TensorDataset
    from torchvision.transforms import v2

    names = notebook(dataset="digits", image_size=28, model="resnet18", test_size=0.8)
    names["training_rows"] = names["training_rows"][:64]
    transform = v2.Compose(
        [
            v2.Resize((224, 224)),
            v2.Grayscale(3),
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
        ]
    )

    class Blown(TensorDataset):
        def __getitem__(self, number: int) -> Any:
            image, label = super().__getitem__(number)
            return transform(v2.functional.to_pil_image(image)), label

    rows = names["training_rows"]
    blown = Blown(names["images"][rows], names["targets"][rows])
    loop, reference = compare(
        names["fit"], lambda: step_over(names, DataLoader(blown, batch_size=64)), rounds=1
    )
    print(f"\n{64 / loop:.0f} images/s at 28 pixels, {64 / reference:.1f} at 224")
    assert reference / loop > 8


def test_capture_costs_less_than_a_hundredth_of_half_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All time spent in capture, for as many bytes as all of MNIST has."""
    from mlprov_widgets.capture.run import Run

    spent: list[float] = []

    def timed(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*arguments, **options)
            finally:
                spent.append(time.perf_counter() - start)

        return call

    for name in ("__init__", "record", "finish"):
        monkeypatch.setattr(Run, name, timed(getattr(Run, name)))
    for _ in range(2):
        names = notebook(dataset="FakeData", model="resnet18", n_samples=18_000)
        run = names["run"]
        run.record("model_training", model=names["model"], history=[{"epoch": 1, "loss": 1.0}])
        metrics = {"accuracy": 0.5}
        predictions = names["labels"]
        run.record("model_evaluation", predictions=predictions, evaluation_metrics=metrics)
        with contextlib.redirect_stdout(io.StringIO()):
            run.finish()
        total, _ = sum(spent), spent.clear()
        print(f"\ncapture: {total:.3f} s of a run of 30 s, {total / 30:.2%}")
    assert total < 0.3
