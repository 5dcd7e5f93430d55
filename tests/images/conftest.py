"""Image files and arrays made for a test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.ImageFile import ImageFile

_BANDS = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "CMYK": 4}
Draw = Callable[..., Path]


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """Write an image of noise below the folder ``images``."""
    random = np.random.default_rng(7)

    def _draw(name: str, size: tuple[int, int] = (12, 10), mode: str = "RGB") -> Path:
        path = tmp_path / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = random.integers(0, 256, (size[1], size[0], _BANDS[mode]), dtype="uint8")
        image = Image.frombytes(mode, size, pixels.tobytes())
        image.save(path)
        return path

    return _draw


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The sizes of the images that are decoded in the test."""
    sizes: list[tuple[int, int]] = []
    load = ImageFile.load

    def _load(image: ImageFile) -> object:
        if getattr(image, "tile", None):
            sizes.append(image.size)
        return load(image)

    monkeypatch.setattr(ImageFile, "load", _load)
    return sizes


@pytest.fixture
def pets(draw: Draw, tmp_path: Path) -> Path:
    """Cats and dogs, six of each."""
    for name in ("cat", "dog"):
        for number in range(6):
            draw(f"{name}/{number}.png")
    return tmp_path / "images"
