"""Every example of every pack in real kernels: generate, run, reproduce, run, bit-identical."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from mlprov_widgets.comparison import Verification, verify
from mlprov_widgets.notebooks import generate
from mlprov_widgets.notebooks.execution import NotebookRun
from mlprov_widgets.packs import discover_packs
from mlprov_widgets.provenance import read_record, validate
from mlprov_widgets.rebuild import reproduce
from tests.image_data import digits, write_cifar, write_folder, write_idx

EXAMPLES = [
    (name, example, values)
    for name, pack in sorted(discover_packs().items())
    for example, values in pack.examples.items()
]
# What a person brings along, in beside the examples.
OWN = [
    ("multiclass_classification", "own table", {"dataset": "csv", "csv_path": "own.csv"}),
    (
        "tabular_regression",
        "own table",
        {
            "dataset": "csv",
            "csv_path": "own.csv",
            "target_column": "width",
            "estimator": "network",
            "target_scaling": "standard",
            "epochs": 3,
        },
    ),
    (
        "tabular_classification",
        "own table",
        {
            "dataset": "csv",
            "csv_path": "own.csv",
            "estimator": "extra_trees",
            "resampling": "k_fold",
            "search": "random",
            "n_trials": 3,
        },
    ),
    ("image_classification", "own pictures", {"dataset": "image_folder", "image_folder": "own"}),
    ("image_classification", "own arrays", {"dataset": "arrays", "arrays_path": "own.npz"}),
]


def run(notebook: Path) -> Path:
    """Run a notebook in a kernel of its own; its provenance file."""
    file = NotebookRun(notebook).start().wait().provenance_file
    assert file is not None
    return file


def code(notebook: Path) -> list[str]:
    cells = nbformat.read(notebook, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "code"]


def run_twice(notebook: Path) -> Verification:
    """Run, reproduce without having to accept anything, run again and compare."""
    first = run(notebook)
    made = reproduce(first)
    assert made.edited == []
    assert code(made.file) == code(notebook)
    second = run(made.file)
    for file in (first, second):
        assert validate(file) == []
    found = verify(second, first)
    told = read_record(second).original
    assert (told["verdict"], told["run_id"]) == (found.verdict, read_record(first).run_id)
    # A notebook that was run stands for its run.
    assert verify(made.file, notebook).verdict == found.verdict
    return found


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all that the examples load, made of scikit-learn's digits: no network."""
    rows = [f"{n * 37 % 11 / 7},{n % 5},{'red' if n % 3 else 'blue'},{n % 4}" for n in range(120)]
    (tmp_path / "own.csv").write_text("length,width,colour,kind\n" + "\n".join(rows))
    write_folder(tmp_path / "own")
    pixels, labels = digits(90, 16)
    np.savez(tmp_path / "own.npz", images=pixels, labels=labels)
    root = tmp_path / "sets"
    for name in ("MNIST", "FashionMNIST"):
        write_idx(root, name)
    from torchvision.datasets import CIFAR10

    write_cifar(root, monkeypatch)
    # The kernels have to accept these batches too.
    lines = [
        "from torchvision.datasets import CIFAR10",
        *(
            f"CIFAR10.{part} = {getattr(CIFAR10, part)!r}"
            for part in ("train_list", "test_list", "meta")
        ),
    ]
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00-sets.py").write_text("\n".join(lines))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pack", "example", "values"),
    EXAMPLES + OWN,
    ids=[f"{pack}: {example}" for pack, example, _ in EXAMPLES + OWN],
)
def test_every_example_is_bit_identical_the_second_time(
    data: Path, pack: str, example: str, values: dict[str, Any]
) -> None:
    if pack == "image_classification":
        values = {"data_root": str(data / "sets"), **values}
        values["epochs"] = min(values.get("epochs", 3), 3)
    if example.startswith("own") and "epochs" in discover_packs()[pack].parameters:
        values = {"epochs": 3, **values}
    found = run_twice(generate(pack, values, data / "run.ipynb"))
    assert found.verdict == "bit-identical", found.to_text()
    assert found.differences == [], found.to_text()


@pytest.mark.slow
def test_a_table_of_ones_own_is_bit_identical_the_second_time(data: Path) -> None:
    values = {"dataset": "csv", "csv_path": "own.csv", "epochs": 2, "plots": False}
    found = run_twice(generate("multiclass_classification", values, data / "run.ipynb"))
    assert found.verdict == "bit-identical", found.to_text()
    assert found.differences == [], found.to_text()


@pytest.mark.slow
def test_on_another_number_of_threads(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Convolutions add up in another order, so the weights are others: a notebook sets it."""
    values = {"dataset": "digits", "epochs": 1, "plots": False, "threads": 1}
    first = run(generate("image_classification", values, data / "run.ipynb"))
    again = reproduce(first).file
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert verify(run(again), first).verdict == "bit-identical"
    text = again.read_text(encoding="utf-8")
    assert "THREADS = 1" in text
    again.write_text(text.replace("THREADS = 1", "THREADS = 2"), encoding="utf-8")
    found = verify(run(again), first)
    assert "torch_threads" in [one.name for one in found.differences if one.kind == "threads"]
    same = {item.name for item in found.items if item.verdict == "identical"}
    assert {"data", "split", "initial_weights"} <= same
    if found.verdict != "bit-identical":
        assert "(parameters) is not the same" in found.conclusion.cause


@pytest.mark.slow
def test_a_script_is_reproduced_and_compared(data: Path) -> None:
    import subprocess
    import sys

    values = {"epochs": 2, "plots": False}
    script = generate("multiclass_classification", values, data / "run.py")
    files = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, script.name], cwd=data, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        files.append(script.with_name(f"{script.stem}.prov.json"))
        script = reproduce(files[0], data / "again.py").file if len(files) == 1 else script
    assert json.loads(files[1].read_text(encoding="utf-8"))["entity"]["run:original"]
    assert verify(files[1], files[0]).verdict == "bit-identical"
