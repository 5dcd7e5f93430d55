"""A kernel that is started ahead of time gives the same run, only sooner."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlprov_widgets import generate
from mlprov_widgets.errors import ExecutionError
from mlprov_widgets.notebooks.imports import imports_of
from mlprov_widgets.notebooks.spare import SWITCH, ahead_of, spare
from mlprov_widgets.provenance import read_record
from mlprov_widgets.record import Record
from tests.notebooks.runs import run_notebook
from tests.notebooks.test_execution import output, write

# Says whether a module was there before the notebook has imported it, and in which process.
ASK = "import sys\nprint('colorsys' in sys.modules, end=' ')\nimport colorsys"
ASKED = ["import sys", "import colorsys"]
NAMES = "print([n for n in dir() if not n.startswith('_')])"


@pytest.fixture(autouse=True)
def nothing_waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(SWITCH, raising=False)
    yield
    spare.end()


def is_used(path: Path) -> bool:
    run_notebook(path)
    return output(path, 1).startswith("True")


def notebook(folder: Path, *cells: str) -> Path:
    folder.mkdir(exist_ok=True)
    return write(folder / "asks.ipynb", ASK, *cells)


def test_what_cells_import() -> None:
    cells = [
        "import torch, numpy as np\nfrom sklearn.svm import SVC\nfrom .own import x",
        "def f():\n    import json\n",
        "from mlprov_widgets import start_run",
        "optimizer = torch.optim.Adam(model.parameters())",
        "this is no Python",
    ]
    assert imports_of(cells) == [
        "import torch, numpy as np",
        "from sklearn.svm import SVC",
        "from mlprov_widgets import start_run",
        "import torch._dynamo",
    ]
    assert ahead_of(cells) == [one for one in imports_of(cells) if "mlprov" not in one]


def test_one_notebook_gets_it_and_finds_it_as_if_it_were_new(tmp_path: Path) -> None:
    path = notebook(tmp_path, NAMES, "import os\nprint(os.environ['MLPROV_NOTEBOOK'], os.getcwd())")
    assert not is_used(path)
    new = output(path, 2)
    spare.prepare(tmp_path, [*ASKED, "import os"])
    assert is_used(path)
    assert output(path, 2) == new
    assert output(path, 3) == f"{path} {tmp_path}\n"
    counts = [cell.get("execution_count") for cell in json.loads(path.read_text())["cells"]]
    assert counts == [1, 2, 3]
    assert not is_used(path)


@pytest.mark.parametrize("what", ["folder", "modules", "variable", "switch", "ended"])
def test_it_is_used_only_where_it_makes_no_difference(
    tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = notebook(tmp_path / "here")
    imports = [*ASKED, *(["import statistics"] if what == "modules" else [])]
    if what == "switch":
        monkeypatch.setenv(SWITCH, "0")
    spare.prepare(tmp_path if what == "folder" else path.parent, imports)
    if what == "variable":
        monkeypatch.setenv("SOMETHING", "else")
    if what == "ended":
        spare.end()
    assert not is_used(path)


def test_a_module_of_the_folder_is_the_one_that_is_imported(tmp_path: Path) -> None:
    path = notebook(tmp_path, "import own\nprint(own.VALUE)")
    (tmp_path / "own.py").write_text("VALUE = 'mine'")
    spare.prepare(
        tmp_path,
        [*ASKED, "import own"],
    )
    assert is_used(path)
    assert output(path, 2) == "mine\n"


def test_a_module_that_is_missing_is_the_notebooks_to_tell_of(tmp_path: Path) -> None:
    path = notebook(tmp_path, "import nowhere_to_be_found")
    spare.prepare(tmp_path, [*ASKED, "import nowhere_to_be_found"])
    with pytest.raises(ExecutionError, match="ModuleNotFoundError"):
        run_notebook(path)


def facts(record: Record) -> dict[str, object]:
    """What must not depend on how the kernel was started."""
    return {
        "packages": record.packages,
        "fingerprints": record.fingerprints,
        "metrics": record.metrics,
        "cells": [
            (
                cell.id,
                [
                    (one.source, one.count, one.error, one.reads, one.binds)
                    for one in cell.executions
                ],
            )
            for cell in record.cells
        ],
        "status": record.status,
        "environment": record.environment,
    }


def test_the_record_is_that_of_a_kernel_started_for_the_run(tmp_path: Path) -> None:
    values = {"estimator": "logistic_regression", "plots": False}
    path = generate("tabular_classification", values, tmp_path / "a.ipynb")
    first = read_record(run_notebook(path).provenance_file)
    sources = (cell["source"] for cell in json.loads(path.read_text())["cells"])
    spare.prepare(tmp_path, ahead_of("".join(one) for one in sources))
    second = read_record(run_notebook(path).provenance_file)
    assert facts(second) == facts(first)
