"""An interrupted run goes on as if nothing had happened, or says why it cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlprov_widgets.errors import CheckpointError
from tests.image_classification.running import execute, last_record, values_of, weights_of

RESUMABLE = {"save_checkpoint": True, "resume": True, "plots": False}


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(
            {"model": "shufflenet_v2_x0_5", "lr_schedule": "cosine", "optimizer": "SGD"},
            marks=pytest.mark.slow,
        ),
        {"augmentation": "flip_crop", "lr_schedule": "step", "early_stopping": 5},
        pytest.param(
            {"model": "mnasnet0_5", "loss_function": "NLLLoss", "optimizer": "Adagrad"},
            marks=pytest.mark.slow,
        ),
        pytest.param(
            {"dataset": "image_folder", "augmentation": "crop", "num_workers": 1},
            marks=pytest.mark.slow,
        ),
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


def test_the_checkpoint_holds_the_best_weights(folder: Path) -> None:
    import torch

    namespace = execute({"save_checkpoint": True, "epochs": 2}, few=100)
    saved = torch.load(folder / "run-best.pt", weights_only=True)
    for name, weights in namespace["model"].state_dict().items():
        assert torch.equal(saved[name], weights)
    assert not list(folder.glob("*.part"))


@pytest.mark.parametrize(
    ("saved", "now"),
    [(2, 4), (2, 2), (3, 2)],
    ids=["more epochs than before", "nothing left", "fewer epochs than are done"],
)
def test_the_number_of_epochs_may_change(folder: Path, saved: int, now: int) -> None:
    whole = execute({**RESUMABLE, "epochs": max(saved, now)}, few=100)
    for file in folder.glob("*.pt"):
        file.unlink()
    execute({**RESUMABLE, "epochs": saved}, few=100)
    again = execute({**RESUMABLE, "epochs": now}, few=100)
    assert f"after epoch {saved} of {now}" in again["printed"]
    nothing = f"Nothing is left to train: {saved} epochs were trained already"
    assert (nothing in again["printed"]) == (saved >= now)
    assert again["history"] == whole["history"]
    assert weights_of(again) == weights_of(whole)
    # What is printed about the best weights is true of a run that had no epoch left, too.
    (named,) = [line.split()[-1] for line in again["printed"].splitlines() if "best" in line]
    assert (folder / named).is_file()


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ({}, {"model": "shufflenet_v2_x0_5"}, "of another model, one without conv1.0.weight"),
        ({}, {"image_size": 16}, r"shape \(10, 512\) instead of \(10, 2048\)"),
        ({}, {"optimizer": "SGD"}, "its optimizer was another one than SGD"),
        ({}, {"optimizer": "AdamW"}, "its optimizer"),
        ({}, {"learning_rate": 0.01}, r"had lr = 0.001, and here it is 0.01"),
        ({}, {"lr_schedule": "step"}, "without a learning-rate schedule"),
        ({"lr_schedule": "step"}, {}, "with a learning-rate schedule"),
        ({"lr_schedule": "step"}, {"lr_schedule": "cosine"}, "another one than CosineAnnealingLR"),
        ({"lr_schedule": "cosine"}, {"lr_schedule": "cosine", "epochs": 3}, "T_max = 1, .* is 3"),
        ({}, {"mixed_precision": True}, "without mixed precision"),
        ({}, {"random_state": 1}, "with other training rows; and with other validation rows"),
        ({}, {"test_size": 0.3}, "with other training rows; and with other validation rows"),
        ({}, {"seed": 1, "batch_size": 16}, "seed = 42, .* is 1; and with batch size = 32, .* 16"),
        ({}, {"augmentation": "flip"}, "augmentation = none, and here it is flip"),
        ({}, {"label_smoothing": 0.1}, "without label smoothing, and here it is 0.1"),
        ({"gradient_clip": 1.0}, {}, "with gradient clipping = 1.0, which is not so here"),
        ({}, {"loss_function": "NLLLoss"}, "loss function = CrossEntropyLoss, and here it is NLL"),
    ],
    ids=str,
)
def test_a_checkpoint_of_another_training_is_refused_in_words(
    folder: Path, before: dict[str, Any], now: dict[str, Any], words: str
) -> None:
    execute({**RESUMABLE, **before}, few=60)
    with pytest.raises(CheckpointError, match=words) as caught:
        execute({**RESUMABLE, **now}, few=60)
    message = str(caught.value)
    assert message.startswith("Training cannot go on from 'run-last.pt': it")
    assert "set RESUME = False" in message
    check_sentence(message)


def test_a_checkpoint_that_does_not_say_how_it_was_trained_is_refused(folder: Path) -> None:
    import torch

    execute(RESUMABLE, few=60)
    file = folder / "run-last.pt"
    state = torch.load(file, weights_only=True)
    settings = state.pop("settings")
    torch.save(state, file)
    words = "does not say on which rows and how it was trained. Set RESUME = False"
    with pytest.raises(CheckpointError, match=words) as caught:
        execute(RESUMABLE, few=60)
    check_sentence(str(caught.value))
    long, other = "x" * 100_000, settings["labels"]
    for odd in ([], {}, settings | {"seed": other}, settings | {"labels": long}, {long: long}):
        torch.save({**state, "settings": odd}, file)
        with pytest.raises(CheckpointError, match=r"was trained with|not say") as caught:
            execute(RESUMABLE, few=60)
        check_sentence(str(caught.value))


def test_changed_images_are_not_gone_on_with(folder: Path) -> None:
    values = {**RESUMABLE, "dataset": "MNIST"}
    execute(values)
    for file in (folder / "data" / "MNIST" / "raw").glob("train-images*"):
        data = bytearray(file.read_bytes())
        data[-400] ^= 255
        file.write_bytes(data)
    with pytest.raises(CheckpointError, match=r"it was trained with other images\. Change"):
        execute(values)


def test_changed_image_files_are_not_gone_on_with(folder: Path) -> None:
    values = {**RESUMABLE, "dataset": "image_folder", "epochs": 1}
    execute(values)
    picture = next((folder / "pictures").rglob("*.png"))
    picture.write_bytes(picture.read_bytes() + b"0")
    with pytest.raises(CheckpointError, match="it was trained with other image files"):
        execute(values)


def check_sentence(message: str) -> None:
    assert "\n" not in message
    assert message.endswith(".")
    assert "Error" not in message


@pytest.mark.parametrize("size", [0, 1, 500, -100])
def test_a_checkpoint_that_is_cut_off_is_refused_in_words(folder: Path, size: int) -> None:
    execute(RESUMABLE, few=60)
    file = folder / "run-last.pt"
    file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(CheckpointError, match="the file is damaged") as caught:
        execute(RESUMABLE, few=60)
    check_sentence(str(caught.value))


def test_a_checkpoint_with_a_wrong_byte_is_refused_in_words(folder: Path) -> None:
    execute(RESUMABLE, few=60)
    file = folder / "run-last.pt"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(CheckpointError, match="the file is damaged"):
        execute(RESUMABLE, few=60)


def test_other_files_are_no_checkpoints_and_run_nothing(folder: Path) -> None:
    import torch

    class Harm:
        def __reduce__(self) -> Any:
            return open, (str(folder / "harm"), "w")

    execute(RESUMABLE, few=60)  # leaves the record of a run with this name
    file = folder / "run-last.pt"
    for content in (Harm(), {}, {"model": 1}, {"model": {}, "optimizer": {}, "history": [1]}, [1]):
        torch.save(content, file)
        with pytest.raises(CheckpointError) as caught:
            execute(RESUMABLE, few=60)
        check_sentence(str(caught.value))
    assert not (folder / "harm").exists()


def test_a_refused_checkpoint_leaves_the_model_as_it_was(folder: Path) -> None:
    import torch
    from torch import nn

    from mlprov_widgets.datasets import load_checkpoint

    execute({**RESUMABLE, "lr_schedule": "step"}, few=60)
    namespace = execute({"plots": False}, few=60)
    before = weights_of(namespace)
    other = torch.optim.SGD(nn.Linear(2, 2).parameters())
    with pytest.raises(CheckpointError):
        load_checkpoint("run-last.pt", model=namespace["model"], optimizer=other)
    assert weights_of(namespace) == before


def test_a_checkpoint_of_another_notebook_is_not_gone_on_from(folder: Path) -> None:
    execute(RESUMABLE, few=60)
    # Notebooks run-2.ipynb and run.ipynb give their files names of the same kind.
    record, checkpoint = folder / "run.prov.json", folder / "run-last.pt"
    record.write_text(record.read_text().replace('"run.ipynb"', '"another.ipynb"'))
    printed = execute(RESUMABLE, few=60)["printed"]
    assert "Going on" not in printed
    words = "run-last.pt is passed over: no record beside it says that it is of a run of run.ipynb."
    assert words in printed
    before = checkpoint.read_bytes()
    assert "Going on from run-2-last.pt" in execute(RESUMABLE, few=60)["printed"]
    assert checkpoint.read_bytes() == before
