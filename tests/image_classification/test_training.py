"""Training is the same twice, keeps the best epoch, and learns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.image_classification.running import execute, weights_of


def test_the_number_of_workers_changes_nothing(folder: Path) -> None:
    values = {"dataset": "image_folder", "augmentation": "flip_crop", "epochs": 2, "plots": False}
    alone, *others = (weights_of(execute({**values, "num_workers": n})) for n in (0, 1, 2))
    assert others == [alone, alone]


def test_the_same_seed_gives_the_same_weights_and_another_gives_others(folder: Path) -> None:
    def digest(**values: Any) -> str:
        chosen = {"augmentation": "randaugment", "plots": False, **values}
        return weights_of(execute(chosen, few=100))

    first = digest()
    assert first == digest()
    assert first != digest(seed=1)
    assert first != digest(random_state=1)
    assert first != digest(augmentation="crop")


def test_early_stopping_goes_back_to_the_best_epoch(folder: Path) -> None:
    namespace = execute({"early_stopping": 2, "epochs": 40, "learning_rate": 0.3}, few=300)
    history = namespace["history"]
    assert len(history) < 40
    best = min(row["validation_loss"] for row in history)
    assert namespace["score"](namespace["validation_rows"])[0] == pytest.approx(best)


def test_learning_happens(folder: Path) -> None:
    namespace = execute({"epochs": 3, "batch_size": 64, "plots": False})
    assert namespace["metrics"]["accuracy"] >= 0.95


def test_learning_happens_on_real_images(folder: Path, shared_data: Path) -> None:
    for file in (folder / "data" / "MNIST" / "raw").iterdir():
        real = shared_data / "small" / "MNIST" / "raw" / file.name
        file.write_bytes(real.read_bytes())
    values = {"dataset": "MNIST", "epochs": 2, "batch_size": 64, "plots": False}
    assert execute(values)["metrics"]["accuracy"] >= 0.85


def test_a_saved_model_is_used_on_a_new_image(folder: Path) -> None:
    values = {"epochs": 2, "plots": False, "save_model": True, "class_weights": True}
    namespace = execute({**values, "weight_decay": 0.01}, few=300)
    assert namespace["optimizer"].param_groups[0]["weight_decay"] == 0.01
    counts = namespace["counts"].cpu()
    expected = counts.sum() / (len(counts) * counts)
    assert namespace["criterion"].weight.tolist() == pytest.approx(expected.tolist())
    found = namespace["classify"](namespace["new_image"])
    assert found == namespace["class_names"][namespace["predictions"][0]]
