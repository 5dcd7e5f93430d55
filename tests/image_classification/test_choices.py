"""Whatever the wizard offers runs together, reads well, and what cannot work is refused."""

from __future__ import annotations

import ast
import itertools
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mlprov_widgets.notebooks import generate, render_cells
from mlprov_widgets.packs import check_values, complete_values
from tests.image_classification.running import PACK, execute
from tests.metrics import check_metrics
from tests.pairs import every_two

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


def pairwise() -> list[dict[str, Any]]:
    """Value sets in which every two choices meet, small networks standing for their families."""
    return every_two(PACK, {"dataset": DATASETS, "model": MODELS, **NUMBERS}, without=["compile"])


@pytest.mark.slow
def test_every_two_choices_run_together(folder: Path, made_weights: None) -> None:
    rows = pairwise()
    assert len(rows) >= 40
    for values in rows:
        for file in folder.glob("*.pt"):  # of another model: not to be gone on from
            file.unlink()
        try:
            check_metrics(execute(values, few=80))
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


def test_torch_compile_is_tried_and_done_without(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    def fail(model: Any) -> Any:
        raise RuntimeError("no compiler")

    monkeypatch.setattr(torch, "compile", fail)
    namespace = execute({"compile": True, "plots": False}, few=100)
    assert "without torch.compile" in namespace["printed"]
    check_metrics(namespace)


@pytest.mark.parametrize("example", list(PACK.examples))
def test_provenance_costs_the_reader_few_lines(folder: Path, example: str) -> None:
    values = complete_values(PACK, PACK.examples[example])
    cells = [cell for cell in render_cells(PACK, values, "run.ipynb") if cell.kind == "code"]
    lines = [line for cell in cells for line in cell.source.splitlines() if line.strip()]
    lines = [line for line in lines if not line.strip().startswith("#")]
    calls = [
        (call, ast.unparse(call))
        for cell in cells
        for call in ast.walk(ast.parse(cell.source))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) in ("start_run", "run.record", "run.finish")
    ]
    once = [text.split(",")[0] for _, text in calls if "resumed_from" not in text]
    assert len(once) == len(set(once)), "one call a step"
    assert all(call.end_lineno == call.lineno for call, _ in calls), "one line a step"
    assert len(calls) / len(lines) <= 0.05, (len(calls), len(lines))


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


@pytest.mark.slow
@pytest.mark.parametrize("model", ["resnet18", "shufflenet_v2_x1_0", "mobilenet_v3_small"])
def test_every_model_optimizer_loss_and_start(folder: Path, made_weights: None, model: str) -> None:
    names = ("optimizer", "loss_function")
    choices = [[choice.value for choice in PACK.parameters[name].choices] for name in names]
    count = 0
    for pretrained, *rest in itertools.product((True, False), *choices):
        values = {"model": model, "pretrained": pretrained, "plots": False, "image_size": 32}
        values |= dict(zip(names, rest, strict=True))
        try:
            check_metrics(execute(values, few=24))
        except Exception as error:
            error.add_note(f"values: {values}")
            raise
        count += 1
    assert count == 2 * 7 * 2
