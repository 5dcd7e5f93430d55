"""A small set of every kind on the disk, no network, and pretrained weights made on the spot."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

from tests.image_data import write_cifar, write_folder, write_idx


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a small real set of every kind, and no network."""
    import urllib.error
    import urllib.request

    def fail(*arguments: Any, **options: Any) -> None:
        assert socket.getdefaulttimeout(), "a firewall would make the cell hang for ever"
        raise urllib.error.URLError("Name or service not known")

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

    addresses = {
        weights.url: (name, weights) for name in list_models() for weights in weights_of(name)
    }

    def load(address: str, *arguments: Any, **options: Any) -> Any:
        name, weights = addresses[address]
        torch.manual_seed(7)
        auxiliary = {"aux_logits": True} if name in ("googlenet", "inception_v3") else {}
        # Vision transformers have a weight for each place in an image of their own size.
        size = {"image_size": weights.meta["min_size"][0]} if name.startswith("vit_") else {}
        return get_model(name, weights=None, **auxiliary, **size).state_dict()

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", load)
