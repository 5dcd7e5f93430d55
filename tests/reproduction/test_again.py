"""Notebooks are run, reproduced and run again: here in this process, on a table of twelve dozen."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
import torch

from mlprov_widgets.comparison import Difference, Verification, verify
from mlprov_widgets.comparison.differences import UNLIKELY
from mlprov_widgets.notebooks import generate
from mlprov_widgets.notebooks.beside import provenance_file_of
from mlprov_widgets.packs import find_pack
from mlprov_widgets.provenance import read_record
from mlprov_widgets.rebuild import reproduce
from mlprov_widgets.record import Record
from tests.capture.conftest import shell_in
from tests.image_classification.test_resuming import interrupt_in_epoch

TASK = "multiclass_classification"
QUICK = {"epochs": 3, "plots": False}

Run = Callable[..., Path]


@pytest.fixture(autouse=True)
def _settings() -> Iterator[None]:
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)
    torch.set_deterministic_debug_mode("default")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a notebook's cells, or those up to the first that fails; its provenance file."""

    def execute(notebook: Path, fails: bool = False) -> Path:
        before = set(notebook.parent.glob("*.prov.json"))
        with shell_in(notebook.parent, monkeypatch) as shell:
            # As the server tells its kernels: the copy's code is that of the original.
            monkeypatch.setenv("JPY_SESSION_NAME", str(notebook))
            for cell in nbformat.read(notebook, as_version=4).cells:
                if cell.cell_type != "code":
                    continue
                if shell.run(cell.source, cell.id) != "ok":
                    assert fails, cell.source
                    break
        (file,) = set(notebook.parent.glob("*.prov.json")) - before
        return file

    return execute


def edit(notebook: Path, change: Callable[[list[Any]], None]) -> Path:
    """Change a notebook's cells as a person would in a front end, and save it."""
    content = nbformat.read(notebook, as_version=4)
    change(content.cells)
    nbformat.write(content, notebook)
    return notebook


def replace(old: str, new: str) -> Callable[[list[Any]], None]:
    def change(cells: list[Any]) -> None:
        (cell,) = (cell for cell in cells if old in cell.source and cell.cell_type == "code")
        cell.source = cell.source.replace(old, new)

    return change


def code(notebook: Path) -> list[str]:
    cells = nbformat.read(notebook, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "code"]


def in_record(file: Path) -> dict[str, Any]:
    """What a run recorded of its comparison with the original."""
    record = read_record(file)
    assert isinstance(record, Record)
    return record.original


def factors(found: Verification) -> list[Difference]:
    """What differed; but a library that the first run imported is there in the second one."""
    return [one for one in found.differences if one.kind not in UNLIKELY]


def again(file: Path, run: Run, **how: Any) -> tuple[Verification, Path, Path]:
    """Reproduce, run and compare: the verdict, the new notebook and its provenance file."""
    made = reproduce(file, **how)
    second = run(made.file)
    found = verify(second, file)
    assert in_record(second)["verdict"] == found.verdict
    return found, made.file, second


def test_an_unedited_run_with_its_outcome_in_the_new_record(tmp_path, run) -> None:
    notebook = generate(TASK, QUICK, tmp_path / "iris.ipynb")
    file = run(notebook)
    found, copy, second = again(file, run)
    assert found.verdict == "bit-identical"
    assert factors(found) == []
    assert code(copy) == code(notebook)
    told = in_record(second)
    assert told["run_id"] == read_record(file).run_id
    assert told["tolerance"] == {"relative": 1e-6, "absolute": 1e-8}
    assert told["provenance_file"] == file.name
    container = json.loads(second.read_text(encoding="utf-8"))
    earlier = f"urn:uuid:{read_record(file).run_id}#"
    (prefix,) = (name for name, iri in container["prefix"].items() if iri == earlier)
    ends = [
        (one["prov:generatedEntity"], one["prov:usedEntity"])
        for one in container["wasDerivedFrom"].values()
    ]
    assert ("run:experiment", f"{prefix}:experiment") in ends


@pytest.mark.parametrize(
    "change",
    [
        replace("torch.optim.Adam", "torch.optim.RMSprop"),
        replace("EPOCHS = 3", "EPOCHS = 2"),
        lambda cells: cells.insert(
            7, nbformat.v4.new_code_cell("import random\nlucky = random.random()")
        ),
        lambda cells: cells.insert(6, cells.pop(4)),
    ],
    ids=["edited", "another value", "extended", "reordered"],
)
def test_a_run_of_changed_cells(tmp_path, run, change) -> None:
    notebook = edit(generate(TASK, QUICK, tmp_path / "iris.ipynb"), change)
    found, copy, _ = again(run(notebook), run, accept=True)
    assert found.verdict == "bit-identical"
    assert factors(found) == []
    assert code(copy) == code(notebook)


def stop(*_: Any) -> None:
    raise KeyboardInterrupt


def test_a_run_that_was_interrupted(tmp_path, run, monkeypatch) -> None:
    notebook = generate(TASK, QUICK, tmp_path / "iris.ipynb")
    with monkeypatch.context() as somebody:
        somebody.setattr(torch.nn.CrossEntropyLoss, "forward", stop)
        file = run(notebook, fails=True)
    assert read_record(file).status == "interrupted"
    found, copy, _ = again(file, run)
    assert code(copy) == code(notebook)
    same = {item.name for item in found.items if item.verdict == "identical"}
    assert same == {"data", "split", "initial_weights"}
    assert "The original run has no metrics (it was interrupted)" in found.conclusion.meaning
    assert "Still the same: data, split and initial weights." in found.conclusion.meaning


def test_a_run_that_was_taken_up_again(tmp_path, run, monkeypatch) -> None:
    """Its reproduction trains in one go, and comes to the same."""
    values = {"dataset": "digits", "model": "small_cnn", "epochs": 2, "plots": False}
    values |= {"batch_size": 512, "save_checkpoint": True, "resume": True}
    notebook = generate("image_classification", values, tmp_path / "digits.ipynb")
    with monkeypatch.context() as somebody:
        interrupt_in_epoch(2, somebody)
        stopped = run(notebook, fails=True)
    assert read_record(stopped).status == "interrupted"
    file = run(notebook)
    assert read_record(file).steps["model_training"].values["resumed_after_epoch"] == 1
    found, copy, second = again(file, run)
    assert code(copy) == code(notebook)
    assert "resumed_after_epoch" not in read_record(second).steps["model_training"].values
    assert found.verdict == "bit-identical", found.to_text()
    assert factors(found) == []


def write_table(folder: Path, first: float = 0.5) -> None:
    rows = [(first, 1, "a"), *((n * 37 % 11 / 7, n % 5, "ab"[n % 2]) for n in range(80))]
    text = "\n".join(",".join(map(str, row)) for row in rows)
    (folder / "own.csv").write_text(f"length,width,kind\n{text}\n")


def test_a_table_that_has_changed_since(tmp_path, run, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_table(tmp_path)
    values = {**QUICK, "dataset": "csv", "csv_path": "own.csv", "target_column": "kind"}
    file = run(generate(TASK, values, tmp_path / "own.ipynb"))
    found, _, _ = again(file, run)
    assert found.verdict == "bit-identical"

    write_table(tmp_path, first=9.5)
    found, _, second = again(file, run)
    assert found.verdict == "different"
    assert found.first_difference is not None
    assert found.first_difference.name == "data"
    assert found.differences[0].kind == "data"
    assert "the data are not the same" in in_record(second)["cause"]


def test_another_number_of_threads_is_named(tmp_path, run) -> None:
    two = run(generate(TASK, {**QUICK, "threads": 2}, tmp_path / "two.ipynb"))
    one = run(generate(TASK, {**QUICK, "threads": 1}, tmp_path / "one.ipynb"))
    found = verify(one, two)
    first = found.differences[0]
    # What the notebook sets explains what was measured of the machine.
    assert (first.kind, first.name, first.new, first.original) == ("value", "threads", 1, 2)


def test_a_pack_that_has_changed_since(tmp_path, run) -> None:
    """The record carries what is needed: the code is the same, whatever the pack writes now."""
    packs = tmp_path / "packs"
    original = find_pack(TASK).folder
    shutil.copytree(original, packs / "mine")
    shutil.copytree(original.parent / "_common", packs / "_common")
    settings = packs / "mine" / "pack.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(re.sub(rf'"{TASK}"', '"mine"', text), encoding="utf-8")
    notebook = generate(packs / "mine", QUICK, tmp_path / "iris.ipynb")
    file = run(notebook)

    training = packs / "mine" / "107_model_training.py.jinja"
    training.write_text(f"# Another pack.\n{training.read_text(encoding='utf-8')}")
    found, copy, _ = again(file, run, accept=True, folders=[packs])
    assert code(copy) == code(notebook)
    assert found.verdict == "bit-identical"
    assert factors(found) == []


def test_an_executed_notebook_is_compared_by_the_file_that_it_names(tmp_path, run) -> None:
    notebook = generate(TASK, QUICK, tmp_path / "iris.ipynb")
    first = run(notebook)
    second = run(notebook)
    assert provenance_file_of(notebook) == second

    def tell(cells: list[Any]) -> None:
        shown = nbformat.v4.new_output("stream", name="stdout", text=f"Provenance: {first.name}\n")
        cells[-1].outputs = [shown]

    edit(notebook, tell)
    assert provenance_file_of(notebook) == first
    found = verify(notebook, second)
    assert (found.new_file, found.original_file) == (first, second)
    assert found.verdict == "bit-identical"
