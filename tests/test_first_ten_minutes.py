"""The notebook for the first ten minutes does what it says, from its first cell to its last."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "first_ten_minutes.ipynb"

pytestmark = pytest.mark.skipif(not NOTEBOOK.is_file(), reason="this is not a clone")


def text_of(notebook: Any, part: str) -> str:
    """What the cell with this in its source has shown."""
    (cell,) = (one for one in notebook.cells if one.cell_type == "code" and part in one.source)
    shown = (one.get("text") or one.get("data", {}).get("text/plain", "") for one in cell.outputs)
    return "\n".join(shown)


def test_it_names_files_that_are_there() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    texts = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    links = re.findall(r"\]\(([^)]+)\)", texts)
    assert links
    assert all((ROOT / link).is_file() for link in links)
    assert not any(cell.get("outputs") for cell in notebook.cells)


@pytest.mark.slow
def test_it_runs_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    monkeypatch.setenv("PATH", programs)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert "Result: accuracy 0." in text_of(notebook, "view(")
    inspected = text_of(notebook, "!mlprov inspect")
    assert "Cell 4 (parameters): edited" in inspected
    assert re.search(r"Learning rate +0\.01 ", inspected)
    assert "bit-identical" in text_of(notebook, "!mlprov reproduce").lower()
    assert "8 trials" in text_of(notebook, "sweep(")
    folder = tmp_path / "first-ten-minutes"
    assert len([*folder.rglob("*.prov.json")]) >= 11
