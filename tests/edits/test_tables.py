"""Each edit of a notebook, and what the record of its run must and must not say."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mlprov_widgets.provenance import read_record
from tests.edits import (
    table_data,
    table_estimators,
    table_evaluation,
    table_images,
    table_optimizers,
    table_own,
    table_rows,
    table_shown,
    table_training,
)
from tests.edits.harness import run_cells
from tests.edits.notebook import IMAGES, MULTICLASS, Notebook, generated
from tests.edits.saying import Case, Edit

PACKS = {
    "multiclass": ("multiclass_classification", MULTICLASS),
    "images": ("image_classification", IMAGES),
}
TABLES = (
    table_shown,
    table_training,
    table_optimizers,
    table_estimators,
    table_data,
    table_evaluation,
    table_images,
    table_own,
    table_rows,
)
CASES = [case for table in TABLES for case in table.CASES]


def make_notebook(case: Case, folder: Path, edit: Edit) -> Notebook:
    """The edited notebook, saved in the folder as a person saves it."""
    path = folder / "it.ipynb"
    path.unlink(missing_ok=True)
    if case.pack == "own":
        notebook = Notebook([])
    else:
        pack, values = PACKS[case.pack]
        notebook = generated(pack, {**values, **case.values}, path)
        if case.pack == "images":
            table_images.take_few(notebook)
    edit(notebook)
    notebook.save(path)
    return notebook


def run(notebook: Notebook, folder: Path, failing: str = "") -> dict[str, Any]:
    """Run the notebook to the end, or to the cell that fails; what its record says."""
    told = run_cells(folder, notebook.order(), "it")
    if failing:
        assert told.failed, "no cell failed"
        assert failing in told.failed[0]
    else:
        assert not told.failed, told.failed
    record = read_record(Path(told.data["source"]))
    return {**told.data, "status": record.status, "fingerprints": record.fingerprints}


@cache
def unedited(pack: str, folder: Path) -> dict[str, Any]:
    """What the record of the notebook as generated says."""
    folder.mkdir()
    plain = Case("", lambda notebook: None, pack=pack)
    return run(make_notebook(plain, folder, plain.edit), folder)


def test_names_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def shown_first(case: Case) -> Any:
    """The edits that everybody makes are tried in each test run, the others in CI."""
    often = case in table_shown.CASES
    name = re.sub(r"\W+", "_", case.name)
    return pytest.param(case, id=name, marks=[] if often else pytest.mark.slow)


@pytest.mark.parametrize("case", [shown_first(case) for case in CASES])
def test_the_record_says_what_happened(
    case: Case,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)  # files are looked for where the notebook is
    for name, content in case.files.items():
        (tmp_path / name).write_text(content)
    if case.earlier is not None:
        run(make_notebook(case, tmp_path, case.earlier), tmp_path)
    told = run(make_notebook(case, tmp_path, case.edit), tmp_path, case.failing)
    if case.pack != "own":
        told["unedited"] = unedited(case.pack, tmp_path_factory.getbasetemp() / case.pack)
    problems = case.problems(told)
    assert not problems, "\n" + "\n".join(problems)
