"""The image pack: whatever the wizard offers runs, means something, and is the same twice."""

from __future__ import annotations

import contextlib
import io
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from allpairspy import AllPairs

from mlprov_widgets.notebooks import generate, render_cells
from mlprov_widgets.packs import complete_values, find_pack
from tests.image_data import write_cifar, write_folder, write_idx

PACK = find_pack("image_classification")
METRICS = {
    "accuracy",
    "balanced_accuracy",
    "loss",
    "roc_auc",
    "f1_macro",
    "f1_per_class",
    "mean_absolute_error",
    "mean_squared_error",
    "confusion_matrix",
}
DATASETS = [choice.value for choice in PACK.parameters["dataset"].choices]
# Every way in which a network is built, in the smallest of its kind.
MODELS = ["small_cnn", "resnet18", "shufflenet_v2_x0_5", "squeezenet1_1", "mnasnet0_5"]
NUMBERS: dict[str, list[Any]] = {
    "test_size": [0.2, 0.01],
    "validation_size": [0.2, 0.0],
    "image_size": [0, 24],
    "label_smoothing": [0.0, 0.1],
    "learning_rate": [None, 100.0],
    "batch_size": [16, 1_000_000],
    "early_stopping": [0, 1],
    "gradient_clip": [0.0, 1.0],
    "print_every": [2, 0],
    "num_workers": [0, 1],
}
QUICK = {"epochs": 1, "n_samples": 60, "batch_size": 32, "num_workers": 0}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a small real set of every kind, and no network."""
    import urllib.request

    def fail(*arguments: Any, **options: Any) -> None:
        raise OSError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", fail)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CI", "true")
    mpl.use("Agg")
    for name in ("MNIST", "FashionMNIST"):
        write_idx(tmp_path / "data", name, train=60, test=20)
    write_cifar(tmp_path / "data", monkeypatch, per_batch=12)
    write_folder(tmp_path / "pictures")
    write_folder(tmp_path / "divided", ("train", "val", "test"))
    write_arrays(tmp_path)
    return tmp_path


def write_arrays(folder: Path) -> None:
    generator = np.random.default_rng(0)
    labels = np.arange(60) % 3
    levels = (labels[:, None, None, None] * 80 + generator.integers(0, 60, (60, 20, 24, 3))) % 256
    np.savez(folder / "colour.npz", x=levels.astype(np.uint8), y=labels)


@pytest.fixture
def made_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretrained weights that are made on the spot, and go through torchvision's own loading."""
    import torch
    from torchvision.models import get_model, list_models
    from torchvision.models import get_model_weights as weights_of

    addresses = {weights.url: name for name in list_models() for weights in weights_of(name)}

    def load(address: str, *arguments: Any, **options: Any) -> Any:
        name = addresses[address]
        torch.manual_seed(7)
        auxiliary = {"aux_logits": True} if name in ("googlenet", "inception_v3") else {}
        return get_model(name, weights=None, **auxiliary).state_dict()

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", load)


def execute(values: dict[str, Any], few: int = 0, stop: Callable[[str], None] | None = None) -> Any:
    """Run the cells of these values in a fresh namespace, as a script would.

    With `few`, only that many of scikit-learn's digits are there.
    """
    if values.get("dataset") == "image_folder":
        values = {"image_folder": "pictures", **values}
    if values.get("dataset") == "arrays":
        values = {"arrays_path": "colour.npz", **values}
    complete = complete_values(PACK, {**QUICK, **values})
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        for cell in render_cells(PACK, complete, "run.ipynb"):
            if cell.kind == "code":
                exec(compile(cell.source, cell.name, "exec"), namespace)
                if few and cell.name == "061_data_ingestion" and "images" in namespace:
                    namespace["images"] = namespace["images"][:few]
                    namespace["labels"] = namespace["labels"][:few]
    plt.close("all")
    namespace["printed"] = printed.getvalue()
    return namespace


def check_meaning(namespace: dict[str, Any]) -> None:
    """What any classifier's results must satisfy."""
    metrics = namespace["metrics"]
    assert set(metrics) >= METRICS
    assert 0 <= metrics["accuracy"] <= 1
    assert sum(map(sum, metrics["confusion_matrix"])) == len(namespace["test_rows"])
    if not math.isnan(metrics["loss"]):
        assert metrics["loss"] >= 0, "a negative loss: log-probabilities were missing"
    if math.isfinite(metrics["loss"]):
        assert abs(namespace["probabilities"].sum(axis=1) - 1).max() < 1e-3
    parts = [set(namespace["training_rows"].tolist()), set(namespace["test_rows"].tolist())]
    if "validation_rows" in namespace:
        parts.append(set(namespace["validation_rows"].tolist()))
    assert sum(map(len, parts)) == len(set().union(*parts)) == len(namespace["labels"])


def weights_of(namespace: dict[str, Any]) -> str:
    from mlprov_widgets.capture.fingerprint import weights_fingerprint

    digest = weights_fingerprint(namespace["model"])
    assert digest is not None
    return digest


def last_record(folder: Path) -> Any:
    from mlprov_widgets.provenance import read_record

    newest = max(folder.glob("*.prov.json"), key=lambda file: file.stat().st_mtime_ns)
    return read_record(newest)


def values_of(record: Any, step: str) -> dict[str, Any]:
    return next(one.values for one in record.steps if one.name == step)


def pairwise() -> list[dict[str, Any]]:
    """Value sets in which every two choices meet."""
    options: dict[str, list[Any]] = {"dataset": DATASETS, "model": MODELS}
    for name, parameter in PACK.parameters.items():
        if parameter.type == "choice" and name != "dataset":
            options[name] = [choice.value for choice in parameter.choices]
        elif parameter.type == "flag" and name != "compile":
            options[name] = [True, False]
        elif name in NUMBERS:
            options[name] = NUMBERS[name]
    names = list(options)

    def allowed(row: list[Any]) -> bool:
        some = dict(zip(names, row, strict=False))
        return not (some.get("early_stopping") and some.get("validation_size") == 0.0)

    return [
        {name: value for name, value in zip(names, row, strict=True) if value is not None}
        for row in AllPairs(list(options.values()), filter_func=allowed)
    ]


def test_every_two_choices_run_together(folder: Path, made_weights: None) -> None:
    rows = pairwise()
    assert len(rows) >= 40
    for values in rows:
        for file in folder.glob("*.pt"):  # of another model: not to be gone on from
            file.unlink()
        try:
            check_meaning(execute(values, few=100))
        except Exception as error:
            error.add_note(f"values: {values}")
            raise


def test_what_is_generated_passes_the_linter(folder: Path) -> None:
    for number, values in enumerate([*pairwise(), *PACK.examples.values()]):
        values = dict(values)
        if values.get("dataset") == "image_folder":
            values["image_folder"] = ["pictures", "divided"][number % 2]
        if values.get("dataset") == "arrays":
            values["arrays_path"] = "colour.npz"
        if number % 3 == 0:
            values["compile"] = True
        generate(PACK, values, out=folder / f"case_{number}.py")
    for arguments in (["check"], ["format", "--check", "--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, "--isolated", "."],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr
