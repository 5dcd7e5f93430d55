"""A notebook that was written is run, stopped, fails, and is reproduced."""

from __future__ import annotations

from pathlib import Path

import nbformat

from mlprov_widgets.errors import ExecutionError
from mlprov_widgets.widgets.outcome import failure_html, metrics_html
from mlprov_widgets.widgets.state import WizardState
from mlprov_widgets.widgets.wizard_widget import Wizard
from tests.watchdog import until
from tests.widgets.sight import hidden, results_panel


def notebook(path: Path, *sources: str) -> Path:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_a_run_is_shown_cell_by_cell(tmp_path: Path) -> None:
    results = results_panel(notebook(tmp_path / "a.ipynb", "a = 1", "", "print(a)"))
    results.run_button.click()
    assert results.run is not None
    assert results.run.bars.value.count("<li") == 2
    until(lambda: not results.run_button.disabled)
    assert "Run finished" in results.run.head.value
    assert results.run.bars.value.count("mlprov-run-done") == 2
    assert hidden(results.run.stop_button)
    assert "1" in nbformat.read(tmp_path / "a.ipynb", 4).cells[2].outputs[0]["text"]


def test_a_failing_cell_is_named_without_a_traceback_dump(tmp_path: Path) -> None:
    results = results_panel(notebook(tmp_path / "a.ipynb", "a = 1", "{}['<b>key</b>']", "a"))
    results.run_button.click()
    run = results.run
    assert run is not None
    until(lambda: not results.run_button.disabled)
    assert "Run failed" in run.head.value
    assert "Cell 2 of a.ipynb raised KeyError" in run.outcome.value
    assert "<b>key</b>" not in run.outcome.value
    before, _, folded = run.outcome.value.partition("<details>")
    assert "Traceback" not in before
    assert "&lt;b&gt;key" in folded
    assert "mlprov-run-failed" in run.bars.value
    assert "not run" in run.bars.value


def test_a_cell_whose_metadata_are_not_ours_is_called_by_its_first_line(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", "a = 1\nb = 2")
    book = nbformat.read(path, 4)
    book.cells[0].metadata["mlprov"] = ["no", "step"]
    nbformat.write(book, path)
    results = results_panel(path)
    results.run_button.click()
    assert results.run is not None
    assert "<span>a = 1</span>" in results.run.bars.value
    until(lambda: not results.run_button.disabled)


def test_a_run_is_stopped(tmp_path: Path) -> None:
    results = results_panel(notebook(tmp_path / "a.ipynb", "import time", "time.sleep(60)"))
    results.run_button.click()
    run = results.run
    assert run is not None
    until(lambda: "running" in run.bars.value and "done" in run.bars.value)
    results.run_button.click()
    assert results.run is run
    run.stop_button.click()
    until(lambda: not results.run_button.disabled)
    assert "Run stopped" in run.head.value
    assert "mlprov-banner" not in run.outcome.value
    assert "its recording had not begun" in run.outcome.value


def test_a_wizard_is_left_only_when_nothing_runs(state: WizardState, folder: Path) -> None:
    wizard = Wizard(state)
    wizard.generate()
    results = wizard.results
    assert results is not None
    notebook(results.path, "import time", "time.sleep(60)")
    again = results_panel(notebook(folder / "again.ipynb", "import time", "time.sleep(60)"))
    results.reproduction = again
    for part in (results, again):
        part.run_button.click()
        wizard.back_button.click()
        assert "still running" in wizard.message.value
        assert wizard.results is results
        assert part.run is not None
        part.run.stop_button.click()
        until(lambda part=part: not part.run_button.disabled)
        if part is results:
            until(lambda: wizard.message.value == "")
    wizard.back_button.click()
    assert wizard.results is None
    # A long page of results shrinks to a short one, and its foot is where nothing is any more.
    assert wizard.preview.scroller.target["head"]


def test_a_notebook_that_is_gone_is_said(tmp_path: Path) -> None:
    results = results_panel(tmp_path / "gone.ipynb")
    results.run_button.click()
    assert "cannot be read" in results.message.value
    assert not results.run_button.disabled


def test_a_script_is_not_run_here(tmp_path: Path) -> None:
    results = results_panel(tmp_path / "a.py")
    assert hidden(results.run_button)
    results.run_button.click()
    assert results.run is None


def test_metrics_are_readable() -> None:
    html = metrics_html(
        {
            "f1_per_class": {"<a>": 0.5, "b": 1.0},
            "loss": 0.123456,
            "accuracy": 1 / 3,
            "confusion_matrix": [[3, 1], [0, 4]],
            "note": "ignored",
            "nan": float("nan"),
        }
    )
    assert html.index("Accuracy") < html.index("Loss")
    assert "0.3333" in html
    assert html.count("&lt;a&gt;") == 3
    assert "<a>" not in html
    assert metrics_html({}) == ""


def test_what_a_failed_cell_says_is_escaped() -> None:
    error = ExecutionError("Cell 1 raised <i>.", 1, "<script>", "<script>\n" * 5)
    assert "<script>" not in failure_html(error)
    assert "<i>" not in failure_html(error)
