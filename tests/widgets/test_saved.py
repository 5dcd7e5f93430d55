"""What a saved notebook shows of widgets, without Python behind it."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.several.made import run_file

CELLS = (
    "from mlprov_widgets import compare, reproduce, runs, wizard\n"
    "made = wizard('multiclass_classification')\nmade",
    "made.state.set('epochs', 7)\nmade.refresh()",
    "runs()",
    "reproduce()",
    "compare()",
)
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[list[Any]]:
    folder = tmp_path_factory.mktemp("saved")
    for name, accuracy in (("Adam", 0.9), ("SGD", 0.8)):
        run_file(folder, name, {"accuracy": accuracy}, {"optimizer": name}, 1)
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}).execute()
    return [[one.data for one in cell.outputs if "data" in one] for cell in notebook.cells]


def test_each_widget_leaves_a_page_before_it(outputs: list[list[Any]]) -> None:
    for shown in (outputs[0], *outputs[2:]):
        page, widget = shown
        assert WIDGET in widget
        assert "Run the cell again to go on." in page["text/html"]
        assert "<script" not in page["text/html"]
        assert WIDGET not in page


def test_the_page_of_the_wizard_follows_the_choices(outputs: list[list[Any]]) -> None:
    page = outputs[0][0]["text/html"]
    assert "Multiclass classification. Different from the usual settings:" in page
    assert page.index(">Epochs<") < page.index(">7<")


def test_the_page_of_a_comparison_says_what_it_came_to(outputs: list[list[Any]]) -> None:
    page = outputs[4][0]["text/html"]
    assert page.index("optimizer") < page.index("Run the cell again")
    assert "each was run once, so that it may be chance" in page
