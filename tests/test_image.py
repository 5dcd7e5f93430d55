"""The image pack: whatever the wizard offers runs, means something, and is the same twice."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import io
import itertools
import json
import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import psutil
import pytest
from allpairspy import AllPairs

from mlprov_widgets.errors import DataUnavailableError
from mlprov_widgets.images import torchvision_models
from mlprov_widgets.notebooks import generate, render_cells
from mlprov_widgets.packs import check_values, complete_values, find_pack
from tests.image_data import accept_cifar, gzip_idx, write_cifar, write_folder, write_idx

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
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working directory with a small real set of every kind, and no network."""
    import urllib.request

    import torch

    # Such small steps wait for each other's threads longer than they take.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)

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
    yield tmp_path
    torch.set_num_threads(threads)


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


def execute(values: dict[str, Any], few: int = 0) -> Any:
    """Run the cells of these values in a fresh namespace, as a script would.

    With `few`, only that many of scikit-learn's digits are there.
    """
    if values.get("dataset") == "image_folder":
        values = {"image_folder": "pictures", **values}
    if values.get("dataset") == "arrays":
        values = {"arrays_path": "colour.npz", **values}
    gc.collect()  # functions and their names hold each other: gigabytes of earlier models stay
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
    values: dict[str, Any] = record.steps[step].values
    return values


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
            check_meaning(execute(values, few=80))
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


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_the_number_of_workers_changes_nothing(
    folder: Path, workers: int, fingerprints: dict[str, str]
) -> None:
    values = {"dataset": "image_folder", "augmentation": "flip_crop", "epochs": 2, "plots": False}
    digest = weights_of(execute({**values, "num_workers": workers}))
    assert fingerprints.setdefault("weights", digest) == digest


@pytest.fixture(scope="module")
def fingerprints() -> dict[str, str]:
    return {}


def test_the_same_seed_gives_the_same_weights_and_another_gives_others(folder: Path) -> None:
    def digest(**values: Any) -> str:
        chosen = {"augmentation": "randaugment", "plots": False, **values}
        return weights_of(execute(chosen, few=100))

    first = digest()
    assert first == digest()
    assert first != digest(seed=1)
    assert first != digest(random_state=1)
    assert first != digest(augmentation="crop")


@pytest.mark.parametrize(
    "values",
    [
        {"model": "shufflenet_v2_x0_5", "lr_schedule": "cosine", "optimizer": "SGD"},
        {"augmentation": "flip_crop", "lr_schedule": "step", "early_stopping": 5},
        {"model": "mnasnet0_5", "loss_function": "NLLLoss", "optimizer": "Adagrad"},
        {"dataset": "image_folder", "augmentation": "crop", "num_workers": 1},
    ],
    ids=str,
)
def test_resume_and_finish_equals_an_uninterrupted_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, values: dict[str, Any]
) -> None:
    values = {"save_checkpoint": True, "resume": True, "epochs": 4, "plots": False, **values}
    values["batch_size"] = 8
    whole = execute(values, few=100)
    expected, history = weights_of(whole), whole["history"]
    assert "Going on" not in whole["printed"]
    for file in folder.glob("*.pt"):
        file.unlink()

    interrupt_in_epoch(3, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        execute(values, few=100)
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CI", "true")
    again = execute(values, few=100)
    assert "after epoch 2" in again["printed"]
    assert weights_of(again) == expected
    assert again["history"] == history
    assert np.array_equal(again["predictions"], whole["predictions"])

    training = values_of(last_record(folder), "model_training")
    assert training["resumed_from"].endswith("-last.pt")
    assert len(training["resumed_from_sha256"]) == 64
    assert training["resumed_after_epoch"] == 2


def interrupt_in_epoch(epoch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupt training in the middle of an epoch, as a person does."""
    import torch

    order, steps = torch.randperm, torch.Tensor.backward
    seen = {"epochs": 0, "steps": 0}

    def randperm(*arguments: Any, **options: Any) -> Any:
        seen["epochs"] += 1
        return order(*arguments, **options)

    def backward(*arguments: Any, **options: Any) -> Any:
        seen["steps"] += seen["epochs"] == epoch
        if seen["steps"] == 2:
            raise KeyboardInterrupt
        return steps(*arguments, **options)

    monkeypatch.setattr(torch, "randperm", randperm)
    monkeypatch.setattr(torch.Tensor, "backward", backward)


def test_a_run_that_had_stopped_early_stops_at_once_when_it_goes_on(folder: Path) -> None:
    values = {"save_checkpoint": True, "resume": True, "early_stopping": 1, "epochs": 30}
    values |= {"learning_rate": 0.5, "plots": False}
    first = execute(values, few=100)
    assert len(first["history"]) < 30
    second = execute(values, few=100)
    assert second["history"] == first["history"]
    assert weights_of(second) == weights_of(first)


def test_early_stopping_goes_back_to_the_best_epoch(folder: Path) -> None:
    namespace = execute({"early_stopping": 2, "epochs": 40, "learning_rate": 0.3}, few=300)
    history = namespace["history"]
    assert len(history) < 40
    best = min(row["validation_loss"] for row in history)
    assert namespace["score"](namespace["validation_rows"])[0] == pytest.approx(best)


def test_the_checkpoint_holds_the_best_weights(folder: Path) -> None:
    import torch

    namespace = execute({"save_checkpoint": True, "epochs": 2}, few=100)
    saved = torch.load(folder / "run-best.pt", weights_only=True)
    for name, weights in namespace["model"].state_dict().items():
        assert torch.equal(saved[name], weights)
    assert not list(folder.glob("*.part"))


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
    check_meaning(execute({"dataset": "MNIST", "plots": False}))


@pytest.mark.parametrize(
    ("name", "place"),
    [("MNIST", "elsewhere/MNIST/raw"), ("CIFAR10", "here: elsewhere")],
)
def test_without_a_network_it_says_which_files_to_put_where(
    folder: Path, name: str, place: str
) -> None:
    with pytest.raises(DataUnavailableError, match=place) as caught:
        execute({"dataset": name, "data_root": "elsewhere"})
    assert "http" in str(caught.value)


def test_pretrained_weights_without_a_network(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(folder / "torch"))
    with pytest.raises(DataUnavailableError, match=r"resnet18-\w+\.pth .* put it here: .*torch"):
        execute({"model": "resnet18", "pretrained": True})


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
    (awkward / "empty class").mkdir()

    namespace = execute({"dataset": "image_folder", "image_folder": "awkward"})
    check_meaning(namespace)
    files = namespace["files"]
    names = {path.name for path in files.paths}
    assert names >= {"cmyk.jpg", "dot.png", "clear.png", "deep.png", "moving.gif"}
    assert not names & {"text.jpg", "cut.png", "link.png"}
    levels = {path.name: files[row][0].float().mean() for row, path in enumerate(files.paths)}
    assert levels["clear.png"] == 255
    assert levels["deep.png"] == pytest.approx(40_000 / 256, abs=1)


def test_arrays_of_all_kinds_run(folder: Path) -> None:
    with np.load("colour.npz") as arrays:
        levels, labels = arrays["x"], arrays["y"]
    kinds = {
        "floats.npz": {"x": levels / 255, "y": labels},
        "first.npz": {"images": levels.transpose(0, 3, 1, 2), "labels": labels + 5},
        "grey.npz": {"X": levels[..., 0], "y": np.array(["a$b", "c{", "d'"])[labels]},
        "hot.npz": {"x_train": levels, "y_train": np.eye(3)[labels]},
    }
    for name, arrays in kinds.items():
        np.savez(name, **arrays)
    np.save("images.npy", levels)
    np.save("labels.npy", labels)
    for name in (*kinds, "images.npy"):
        namespace = execute({"dataset": "arrays", "arrays_path": name})
        check_meaning(namespace)
        first = namespace["images"][:3, 0].numpy()
        # Twenty of each twenty-four columns, the middle ones, at the size they have.
        assert abs(first.astype(int) - levels[:3, :, 2:22, 0]).max() <= 1, name
        assert namespace["labels"].tolist() == labels.tolist(), name


def test_torch_compile_is_tried_and_done_without(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    def fail(model: Any) -> Any:
        raise RuntimeError("no compiler")

    monkeypatch.setattr(torch, "compile", fail)
    namespace = execute({"compile": True, "plots": False}, few=100)
    assert "without torch.compile" in namespace["printed"]
    check_meaning(namespace)


def test_learning_happens(folder: Path) -> None:
    namespace = execute({"epochs": 3, "batch_size": 64, "plots": False})
    assert namespace["metrics"]["accuracy"] >= 0.95


def test_learning_happens_on_real_images(folder: Path, shared_data: Path) -> None:
    for file in (folder / "data" / "MNIST" / "raw").iterdir():
        real = shared_data / "small" / "MNIST" / "raw" / file.name
        file.write_bytes(real.read_bytes())
    values = {"dataset": "MNIST", "epochs": 2, "batch_size": 64, "plots": False}
    assert execute(values)["metrics"]["accuracy"] >= 0.85


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


@pytest.mark.parametrize("example", list(PACK.examples))
def test_provenance_costs_the_reader_few_lines(folder: Path, example: str) -> None:
    values = complete_values(PACK, PACK.examples[example])
    cells = [cell for cell in render_cells(PACK, values, "run.ipynb") if cell.kind == "code"]
    lines = [line for cell in cells for line in cell.source.splitlines() if line.strip()]
    lines = [line for line in lines if not line.strip().startswith("#")]
    provenance = [line for line in lines if "run.record(" in line or "start_run" in line]
    provenance += [line for line in lines if "run.finish()" in line]
    assert all(line.count("(") == line.count(")") for line in provenance), "one line a step"
    assert len(provenance) / len(lines) <= 0.05, (len(provenance), len(lines))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"model": "vgg16", "image_size": 28}, "at least 32"),
        ({"model": "vit_b_16", "image_size": 100}, "multiple of 16"),
        ({"model": "maxvit_t", "image_size": 32}, "224"),
        ({"test_size": 0.5, "validation_size": 0.4}, "leave at least 0.2"),
        ({"early_stopping": 3, "validation_size": 0.0}, "validation_size"),
    ],
)
def test_what_cannot_work_is_refused_in_words(values: dict[str, Any], message: str) -> None:
    problems = check_values(PACK, values).problems
    assert any(message in problem.message for problem in problems), problems


def needs_memory(name: str) -> None:
    """Skip where a model's weights, gradients and copies would not find room."""
    gc.collect()
    needed = 20 * (torchvision_models()[name].parameters or 0)
    if psutil.virtual_memory().available < needed:
        pytest.skip(f"{name} needs {needed / 1e9:.0f} GB of free memory")


@pytest.mark.slow
@pytest.mark.parametrize("name", list(torchvision_models()))
def test_every_model_of_torchvision_makes_a_step(folder: Path, name: str) -> None:
    needs_memory(name)
    values = {"model": name, "batch_size": 4, "optimizer": "SGD", "validation_size": 0.0}
    namespace = execute({**values, "plots": False, "learning_rate": 1e-4}, few=6)
    check_meaning(namespace)
    assert math.isfinite(namespace["history"][0]["loss"])


@pytest.mark.slow
@pytest.mark.parametrize("name", list(torchvision_models()))
def test_every_pretrained_model_gets_a_new_head(made_weights: None, name: str) -> None:
    import torch

    from mlprov_widgets.datasets import load_pretrained

    needs_memory(name)
    model, head, weights = load_pretrained(name, 7)
    size = max(32, *np.atleast_1d(weights.meta["min_size"]).tolist())
    model.eval()
    with torch.no_grad():
        assert model(torch.zeros(1, 3, size, size)).shape == (1, 7)
    assert 1 <= len(head) <= 2
    assert {id(weight) for weight in head} <= {id(weight) for weight in model.parameters()}


@pytest.mark.slow
def test_every_model_optimizer_loss_and_start(folder: Path, made_weights: None) -> None:
    names = ("optimizer", "loss_function")
    choices = [[choice.value for choice in PACK.parameters[name].choices] for name in names]
    models = ("resnet18", "shufflenet_v2_x1_0", "vgg16")
    count = 0
    for model, pretrained, *rest in itertools.product(models, (True, False), *choices):
        values = {"model": model, "pretrained": pretrained, "plots": False, "image_size": 32}
        values |= dict(zip(names, rest, strict=True))
        try:
            check_meaning(execute(values, few=24))
        except Exception as error:
            error.add_note(f"values: {values}")
            raise
        count += 1
    assert count == 3 * 2 * 7 * 2
