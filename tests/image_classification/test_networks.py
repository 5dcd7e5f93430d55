"""Networks of torchvision: pretrained or not, with a new head, and what is recorded of them."""

from __future__ import annotations

import gc
import math
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from mlprov_widgets.datasets import load_pretrained
from mlprov_widgets.errors import DataUnavailableError
from mlprov_widgets.images import torchvision_models
from tests.image_classification.running import execute, last_record, values_of
from tests.metrics import check_metrics


def test_pretrained_weights_without_a_network(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(folder / "torch"))
    with pytest.raises(DataUnavailableError, match=r"resnet18-\w+\.pth .* put it here: .*torch"):
        execute({"model": "resnet18", "pretrained": True})


@pytest.mark.parametrize("content", [b"", b"<html>", b"PK\x03\x04 cut off"])
def test_pretrained_weights_that_are_damaged(
    folder: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    from torchvision.models import get_model_weights

    monkeypatch.setenv("TORCH_HOME", str(folder / "torch"))
    address = get_model_weights("resnet18").DEFAULT.url
    file = folder / "torch" / "hub" / "checkpoints" / address.rpartition("/")[2]
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    with pytest.raises(DataUnavailableError, match=r"could not be loaded: .* put it here: .*torch"):
        load_pretrained("resnet18", 10)


@pytest.mark.parametrize(
    "model", ["resnet18", "squeezenet1_1", "shufflenet_v2_x0_5", "mnasnet0_5", "googlenet"]
)
def test_only_the_new_head_learns_if_so_chosen(
    folder: Path, made_weights: None, model: str
) -> None:
    import torch

    values = {"model": model, "pretrained": True, "train_backbone": False, "image_size": 32}
    namespace = execute({**values, "plots": False, "optimizer": "SGD"}, few=40)
    trained = namespace["model"].state_dict()
    torch.manual_seed(7)
    from torchvision.models import get_model

    options = {"aux_logits": True, "init_weights": True} if model == "googlenet" else {}
    before = get_model(model, weights=None, **options).state_dict()
    changed = [name for name in trained if not same(trained[name], before[name])]
    assert changed
    assert len({name.rpartition(".")[0] for name in changed}) == 1, changed
    described = values_of(last_record(folder), "model_parameters")
    assert described["pretrained"] is True
    assert "IMAGENET1K" in described["pretrained_weights"]
    assert described["output_neurons"] == 10
    assert described["number_of_trainable_parameters"] < described["number_of_parameters"]


def same(one: Any, other: Any) -> bool:
    import torch

    return one.shape == other.shape and torch.equal(one, other)


def test_pretrained_models_see_images_as_their_weights_did(
    folder: Path, made_weights: None
) -> None:
    values = {"model": "resnet18", "pretrained": True, "dataset": "MNIST", "plots": False}
    namespace = execute({**values, "image_size": 24})
    assert namespace["mean"].flatten().tolist() == pytest.approx([123.675, 116.28, 103.53])
    assert namespace["std"].flatten().tolist() == pytest.approx([58.395, 57.12, 57.375])


def test_what_a_model_is_stands_in_the_record(folder: Path) -> None:
    execute({"model": "shufflenet_v2_x0_5", "plots": False}, few=100)
    record = last_record(folder)
    described = values_of(record, "model_parameters")
    assert described["model_name"] == "shufflenet_v2_x0_5"
    assert described["model_source"].startswith("ShuffleNet V2")
    assert described["model_source_url"].startswith("https://arxiv.org/abs/1807.11164")
    assert described["number_of_parameters"] == 352_042
    assert described["pretrained"] is False
    assert set(record.fingerprints) >= {"data", "split", "weights", "predictions"}
    ingested = values_of(record, "data_ingestion")
    assert ingested["feature_dimensions"] == [1, 8, 8]
    assert ingested["dataset_classes"] == 10


def memory_of(name: str) -> int:
    """Bytes for a model's weights, their gradients and copies."""
    return 20 * (torchvision_models()[name].parameters or 0)


def needs_memory(name: str) -> None:
    """Skip where a model would not find room."""
    gc.collect()
    if psutil.virtual_memory().available < memory_of(name):
        pytest.skip(f"{name} needs {memory_of(name) / 1e9:.0f} GB of free memory")


# One process takes the large ones: two at a time would be in each other's way.
LARGE = pytest.mark.xdist_group("large models")
MODELS = [
    pytest.param(name, marks=LARGE if memory_of(name) > 1e9 else ())
    for name in torchvision_models()
]


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_every_model_of_torchvision_makes_a_step(folder: Path, name: str) -> None:
    needs_memory(name)
    values = {"model": name, "batch_size": 4, "optimizer": "SGD", "validation_size": 0.0}
    namespace = execute({**values, "plots": False, "learning_rate": 1e-4}, few=6)
    check_metrics(namespace)
    assert math.isfinite(namespace["history"][0]["loss"])


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_every_pretrained_model_gets_a_new_head(made_weights: None, name: str) -> None:
    import torch

    needs_memory(name)
    model, head = load_pretrained(name, 7)
    size = max(32, *np.atleast_1d(model.pretrained_weights.meta["min_size"]).tolist())
    model.eval()
    with torch.no_grad():
        assert model(torch.zeros(1, 3, size, size)).shape == (1, 7)
    assert 1 <= len(head) <= 2
    assert {id(weight) for weight in head} <= {id(weight) for weight in model.parameters()}
