"""Images from everywhere: official sets, folders and arrays; their parts, levels and variety."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlprov_widgets.errors import DataUnavailableError
from mlprov_widgets.notebooks import render_cells
from mlprov_widgets.packs import complete_values
from tests.image_classification.running import (
    PACK,
    execute,
    last_record,
    values_of,
)
from tests.image_data import accept_cifar, gzip_idx, write_folder
from tests.metrics import check_metrics


def test_normalisation_is_that_of_the_training_part_only(folder: Path) -> None:
    namespace = execute({"dataset": "CIFAR10", "plots": False})
    training = namespace["images"][namespace["training_rows"]].double()
    mean, std = training.mean(dim=(0, 2, 3)), training.std(dim=(0, 2, 3), correction=0)
    assert namespace["mean"].flatten().tolist() == pytest.approx(mean.tolist())
    assert namespace["std"].flatten().tolist() == pytest.approx(std.tolist())
    recorded = values_of(last_record(folder), "data_preparation")
    assert recorded["mean"] == pytest.approx(mean.tolist())


def test_each_image_of_a_batch_is_augmented_on_its_own(folder: Path) -> None:
    import torch

    functions = execute({"augmentation": "flip_crop", "plots": False}, few=100)
    batch = torch.arange(2 * 64, dtype=torch.uint8).reshape(1, 2, 8, 8).repeat(200, 1, 1, 1)
    torch.manual_seed(0)
    flipped = functions["flip"](batch)
    mirrored = [torch.equal(image, batch[0].flip(2)) for image in flipped]
    kept = [torch.equal(image, batch[0]) for image in flipped]
    assert all(a != b for a, b in zip(mirrored, kept, strict=True))
    assert 60 < sum(mirrored) < 140
    moved = functions["crop"](batch)
    seen = set()
    for image in moved:
        found = [
            (down, across)
            for down in (-1, 0, 1)
            for across in (-1, 0, 1)
            if torch.equal(image, shifted(batch[0], down, across))
        ]
        assert len(found) == 1
        seen.add(found[0])
    assert len(seen) == 9


def shifted(image: Any, down: int, across: int) -> Any:
    import torch

    result = torch.zeros_like(image)
    height, width = image.shape[1:]
    result[:, max(0, down) : height + min(0, down), max(0, across) : width + min(0, across)] = (
        image[:, max(0, -down) : height - max(0, down), max(0, -across) : width - max(0, across)]
    )
    return result


def test_the_official_test_part_stays_as_it_is(folder: Path) -> None:
    namespace = execute({"dataset": "FashionMNIST", "plots": False})
    assert namespace["test_rows"].tolist() == list(range(60, 80))
    assert len(namespace["training_rows"]) == 54
    assert len(namespace["validation_rows"]) == 6


def test_parts_of_a_folder_stay_as_they_are(folder: Path) -> None:
    namespace = execute({"dataset": "image_folder", "image_folder": "divided"})
    files = namespace["files"]
    for part, rows in (
        ("train", "training_rows"),
        ("val", "validation_rows"),
        ("test", "test_rows"),
    ):
        assert {files.paths[row].parts[-3] for row in namespace[rows]} == {part}


def test_what_was_downloaded_before_is_used_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torchvision.datasets import MNIST

    hashes = gzip_idx(folder / "data", "MNIST")
    resources = [(name, hashes[name]) for name, _ in MNIST.resources]
    monkeypatch.setattr(MNIST, "resources", resources)
    check_metrics(execute({"dataset": "MNIST", "plots": False}))


@pytest.mark.parametrize(
    ("name", "place"),
    [("MNIST", "elsewhere/MNIST/raw"), ("CIFAR10", "here: elsewhere")],
)
def test_without_a_network_it_says_which_files_to_put_where(
    folder: Path, name: str, place: str
) -> None:
    with pytest.raises(DataUnavailableError, match=place) as caught:
        execute({"dataset": name, "data_root": "elsewhere"})
    assert f"{name} could not be loaded: there is no network here" in str(caught.value)
    assert "from http" in str(caught.value)


def test_the_real_subset_of_cifar10_is_read(
    folder: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torchvision.datasets import CIFAR10

    small = shared_data / "small"
    hashes = json.loads((small / "cifar10_md5.json").read_text())
    accept_cifar(monkeypatch, hashes)
    official = {"filename": "batches.meta", "key": "label_names"}
    meta = small / "cifar-10-batches-py" / "batches.meta"
    md5 = hashlib.md5(meta.read_bytes(), usedforsecurity=False).hexdigest()
    monkeypatch.setattr(CIFAR10, "meta", {**official, "md5": md5})
    values = {"dataset": "CIFAR10", "data_root": str(small), "augmentation": "flip_crop"}
    namespace = execute({**values, "epochs": 1, "batch_size": 64})
    assert namespace["images"].shape == (1200, 3, 32, 32)
    assert namespace["class_names"][:2] == ["airplane", "automobile"]


def test_the_hash_of_a_folder_is_that_of_its_files(folder: Path) -> None:
    from PIL import Image

    def digest() -> str:
        execute({"dataset": "image_folder", "plots": False})
        return last_record(folder).fingerprints["data"]

    first = digest()
    assert first == digest()
    file = next((folder / "pictures" / "two").iterdir())
    Image.new("RGB", (30, 30), "red").save(file)
    assert digest() != first


def test_awkward_files_are_left_out_or_read(folder: Path) -> None:
    from PIL import Image

    awkward = folder / "awkward"
    write_folder(awkward)
    mine = awkward / "two"
    (mine / "text.jpg").write_text("not an image at all")
    (mine / "cut.png").write_bytes((mine / "0.png").read_bytes()[:60])
    Image.new("CMYK", (30, 20), (0, 200, 0, 0)).save(mine / "cmyk.jpg")
    Image.new("RGB", (1, 1)).save(mine / "dot.png")
    Image.new("RGBA", (9, 500), (0, 0, 0, 0)).save(mine / "clear.png")
    Image.fromarray(np.full((20, 20), 40_000, dtype=np.uint16)).save(mine / "deep.png")
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(mine / "moving.gif", save_all=True, append_images=frames[1:])
    outside = folder / "outside.png"
    Image.new("RGB", (20, 20)).save(outside)
    (mine / "link.png").symlink_to(outside)
    turned = Image.new("RGB", (40, 20), "blue")
    turned.paste("red", (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: left is up
    turned.save(mine / "turned.JPEG", exif=exif, quality=95)
    palette = Image.new("P", (20, 20), 0)
    palette.putpalette([255, 0, 0] * 256)
    palette.save(mine / "palette.PNG", transparency=0)
    (mine / "circle.png").symlink_to("circle.png")
    (awkward / "empty class").mkdir()

    namespace = execute({"dataset": "image_folder", "image_folder": "awkward"})
    check_metrics(namespace)
    files = namespace["files"]
    names = {path.name for path in files.paths}
    assert names >= {"cmyk.jpg", "dot.png", "clear.png", "deep.png", "moving.gif"}
    assert names >= {"turned.JPEG", "palette.PNG"}
    assert not names & {"text.jpg", "cut.png", "link.png", "circle.png"}
    levels = {path.name: files[row][0].float().mean() for row, path in enumerate(files.paths)}
    assert levels["clear.png"] == levels["palette.PNG"] == 255
    (row,) = [row for row, path in enumerate(files.paths) if path.name == "turned.JPEG"]
    image = files[row][0].float()
    half = image.shape[1] // 2
    assert image[0, : half - 2].mean() > 200 > 50 > image[0, half + 2 :].mean()
    assert levels["deep.png"] == pytest.approx(40_000 / 256, abs=1)


@pytest.mark.parametrize(
    "values",
    [
        {"dataset": "image_folder", "image_folder": "divided"},
        {"dataset": "arrays", "arrays_path": "levels.npz"},
    ],
    ids=str,
)
def test_recorded_values_give_the_same_cells_again(folder: Path, values: dict[str, Any]) -> None:
    with np.load("colour.npz") as arrays:
        np.savez("levels.npz", **{"a/x": arrays["x"] / 7 - 3, "a/y": arrays["y"]})
    complete = complete_values(PACK, values)
    recorded = json.loads(json.dumps(complete, sort_keys=True))
    again = complete_values(PACK, recorded)
    assert render_cells(PACK, again, "run.ipynb") == render_cells(PACK, complete, "run.ipynb")


@pytest.mark.slow
def test_arrays_of_all_kinds_run(folder: Path) -> None:
    with np.load("colour.npz") as arrays:
        levels, labels = arrays["x"], arrays["y"]
    levels[:, 0, 0], levels[:, 0, -1] = 0, 255  # at the edge, which is cut off: the whole range
    kinds = {
        "floats.npz": {"x": levels / 255, "y": labels},
        "first.npz": {"images": levels.transpose(0, 3, 1, 2), "labels": labels + 5},
        "grey.npz": {"X": levels[..., 0], "y": np.array(["a$b", "c{", "d'"])[labels]},
        "hot.npz": {"x_train": levels, "y_train": np.eye(3)[labels]},
        "bytes.npz": {"x": levels, "y": np.array([b"a", b"z", b"\xc3\xa4"])[labels]},
        "deep.npz": {"x": levels.astype("uint16") * 257, "y": labels.astype("float16")},
        "far.npz": {"x": levels.astype("int64") + 10**9, "y": labels[:, None]},
    }
    for name, arrays in kinds.items():
        np.savez(name, **arrays)
    np.save("images.npy", levels)
    np.save("labels.npy", labels)
    for name in (*kinds, "images.npy"):
        namespace = execute({"dataset": "arrays", "arrays_path": name})
        check_metrics(namespace)
        first = namespace["images"][:3, 0].numpy()
        # Twenty of each twenty-four columns, the middle ones, at the size they have.
        assert abs(first.astype(int) - levels[:3, :, 2:22, 0]).max() <= 1, name
        assert namespace["labels"].tolist() == labels.tolist(), name
        if name == "bytes.npz":
            assert namespace["class_names"] == ["a", "z", "ä"]
