"""Small image sets on the disk, in the very formats that torchvision reads, from real digits."""

from __future__ import annotations

import gzip
import hashlib
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray


def digits(n_images: int, size: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Scikit-learn's digits, of which each class has a share, drawn larger without smoothing."""
    from sklearn.datasets import load_digits

    found = load_digits()
    order = np.argsort(np.arange(len(found.target)) // 10 * 10 + found.target, kind="stable")
    pixels = (found.images[order[:n_images]] * 255 / 16).round().astype(np.uint8)
    times = size // 8
    pixels = pixels.repeat(times, axis=1).repeat(times, axis=2)
    margin = size - 8 * times
    edges = (margin // 2, margin - margin // 2)
    pixels = np.pad(pixels, ((0, 0), edges, edges))
    return pixels, found.target[order[:n_images]]


def write_idx(root: Path, name: str, train: int = 120, test: int = 40) -> None:
    """Write MNIST's four files for a set of that name, gzipped as they are downloaded."""
    folder = root / name / "raw"
    folder.mkdir(parents=True)
    pixels, labels = digits(train + test, 28)
    for part, rows in (("train", slice(0, train)), ("t10k", slice(train, None))):
        images = pixels[rows]
        head = struct.pack(">IIII", 0x803, *images.shape)
        file = folder / f"{part}-images-idx3-ubyte"
        file.write_bytes(head + images.tobytes())
        head = struct.pack(">II", 0x801, len(images))
        file = folder / f"{part}-labels-idx1-ubyte"
        file.write_bytes(head + labels[rows].astype(np.uint8).tobytes())


def gzip_idx(root: Path, name: str) -> dict[str, str]:
    """Turn the four files into what a download leaves before it is unpacked; their MD5 sums."""
    hashes = {}
    for file in list((root / name / "raw").iterdir()):
        packed = gzip.compress(file.read_bytes())
        file.unlink()
        file.with_name(f"{file.name}.gz").write_bytes(packed)
        hashes[f"{file.name}.gz"] = hashlib.md5(packed, usedforsecurity=False).hexdigest()
    return hashes


def write_cifar(root: Path, monkeypatch: pytest.MonkeyPatch, per_batch: int = 24) -> None:
    """Write CIFAR10's batches, and let torchvision accept their hashes."""
    from torchvision.datasets import CIFAR10

    folder = root / CIFAR10.base_folder
    folder.mkdir(parents=True)
    pixels, labels = digits(6 * per_batch, 32)
    colours = np.stack([pixels, pixels // 2, 255 - pixels], axis=1)  # three channels that differ
    hashes = {}
    names = [name for name, _ in (*CIFAR10.train_list, *CIFAR10.test_list)]
    for number, name in enumerate(names):
        rows = slice(number * per_batch, (number + 1) * per_batch)
        batch: dict[str, Any] = {
            "data": colours[rows].reshape(per_batch, -1),
            "labels": labels[rows].tolist(),
        }
        hashes[name] = _dump(folder / name, batch)
    meta = {"label_names": [f"digit {number}" for number in range(10)]}
    meta_hash = _dump(folder / CIFAR10.meta["filename"], meta)
    accept_cifar(monkeypatch, hashes)
    monkeypatch.setattr(CIFAR10, "meta", {**CIFAR10.meta, "md5": meta_hash})


def accept_cifar(monkeypatch: pytest.MonkeyPatch, hashes: dict[str, str]) -> None:
    """Let torchvision accept batches with these MD5 sums instead of the official ones."""
    from torchvision.datasets import CIFAR10

    for part in ("train_list", "test_list"):
        rows = [[name, hashes[name]] for name, _ in getattr(CIFAR10, part)]
        monkeypatch.setattr(CIFAR10, part, rows)


def _dump(file: Path, value: Any) -> str:
    data = pickle.dumps(value)
    file.write_bytes(data)
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def write_folder(root: Path, parts: tuple[str, ...] = ("",), per_class: int = 12) -> None:
    """Write an image folder with three classes of real digits, of different sizes."""
    from PIL import Image

    pixels, labels = digits(1000, 8)
    for part_number, part in enumerate(parts):
        for label, name in enumerate(("naught", "one 'or' {one}", "two")):
            folder = root / part / name
            folder.mkdir(parents=True)
            rows = np.flatnonzero(labels == label)[part_number * per_class :][:per_class]
            for number, row in enumerate(rows):
                size = (24 + number, 32) if number % 3 else (40, 40)
                image = Image.fromarray(pixels[row]).resize(size, Image.Resampling.NEAREST)
                image = image.convert("RGB") if number % 2 else image
                image.save(folder / f"{number}.{'jpg' if number % 4 == 1 else 'png'}")
