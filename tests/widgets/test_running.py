"""A notebook that was written is run, stopped, fails, and is reproduced."""

from __future__ import annotations

import base64
from html import unescape
from pathlib import Path

import nbformat

from mlprov_widgets.errors import ExecutionError
from mlprov_widgets.widgets.outcome import failure_html, metrics_html
from mlprov_widgets.widgets.plots import plots_html
from mlprov_widgets.widgets.state import WizardState
from mlprov_widgets.widgets.wizard_widget import Wizard
from tests.several.made import run_file
from tests.watchdog import until
from tests.widgets.sight import hidden, results_panel

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(8)).decode()


def notebook(path: Path, *sources: str) -> Path:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_a_run_is_shown_cell_by_cell(tmp_path: Path) -> None:
    results = results_panel(notebook(tmp_path / "a.ipynb", "a = 1", "", "print(a)"))
    results.run_button.click()
    assert results.run is not None
    assert results.run.steps.value.count("<li") == 2
    until(lambda: not results.run_button.disabled)
    assert "Run finished" in results.run.head.value
    assert results.run.steps.value.count("mlprov-run-done") == 2
    assert hidden(results.run.stop_button)
    assert "1" in nbformat.read(tmp_path / "a.ipynb", 4).cells[2].outputs[0]["text"]


def test_the_cells_of_a_step_are_shown_together(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", "a = 1", "b = 2", "print(a)")
    book = nbformat.read(path, 4)
    for cell in book.cells[:2]:
        cell.metadata["mlprov"] = {"step": "model_training"}
    nbformat.write(book, path)
    results = results_panel(path)
    results.run_button.click()
    run = results.run
    assert run is not None
    until(lambda: not results.run_button.disabled)
    steps, cells = run.steps.value.split("<ol>", 1)[1], run.steps.value.count("<summary>")
    assert cells == 1
    assert steps.index("Training") < steps.index("2 cells") < steps.index("a = 1")
    assert steps.index("b = 2") < steps.index("print(a)")


def test_the_second_run_says_how_long_the_first_one_took(tmp_path: Path) -> None:
    sources = ["from mlprov_widgets import start_run\nrun = start_run('slow')"]
    sources += ["import time", "time.sleep(1.5)", "run.finish()"]
    results = results_panel(notebook(tmp_path / "a.ipynb", *sources))
    said: list[str] = []
    for number in range(2):
        results.run_button.click()
        assert results.run is not None
        results.run.head.observe(lambda change: said.append(change["new"]), "value")
        until(lambda: not results.run_button.disabled)
        told = [one for one in said if "last time" in one]
        assert bool(told) is (number == 1)
    assert "; the rest took " in told[0]
    # Where a cell is another one, nobody knows.
    book = nbformat.read(tmp_path / "a.ipynb", 4)
    book.cells[2].source = "time.sleep(0.1)"
    nbformat.write(book, tmp_path / "a.ipynb")
    said.clear()
    results.run_button.click()
    results.run.head.observe(lambda change: said.append(change["new"]), "value")
    until(lambda: not results.run_button.disabled)
    assert not any("last time" in one for one in said)


def test_the_plots_of_the_notebook_are_shown_and_nothing_that_is_none(tmp_path: Path) -> None:
    shown = f"display({{'image/png': '{PNG}', 'text/plain': 'a plot'}}, raw=True)"
    other = "display({'image/png': '\"><script>alert(1)</script>', 'text/plain': 'x'}, raw=True)"
    results = results_panel(notebook(tmp_path / "a.ipynb", shown, other))
    results.run_button.click()
    run = results.run
    assert run is not None
    until(lambda: not results.run_button.disabled)
    assert run.outcome.value.count("<img") == 1
    assert f"data:image/png;base64,{PNG}" in run.outcome.value
    assert "The notebook's 1 plot" in unescape(run.outcome.value)
    assert "script" not in run.outcome.value


def test_more_plots_than_anybody_looks_at_are_counted(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", "")
    book = nbformat.read(path, 4)
    data = {"image/png": PNG}
    book.cells[0].outputs = [nbformat.v4.new_output("display_data", data) for _ in range(15)]
    nbformat.write(book, path)
    html = plots_html(path)
    widget = {**data, "application/vnd.jupyter.widget-view+json": {"model_id": "a"}}
    book.cells[0].outputs.append(nbformat.v4.new_output("display_data", widget))
    nbformat.write(book, path)
    assert plots_html(path) == html
    assert html.count("<img") == 12
    assert "3 more plots are in the notebook." in html
    assert plots_html(tmp_path / "gone.ipynb") == ""


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
    assert "mlprov-run-failed" in run.steps.value
    assert "not run" in run.steps.value


def test_a_cell_whose_metadata_are_not_ours_is_called_by_its_first_line(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", "a = 1\nb = 2")
    book = nbformat.read(path, 4)
    book.cells[0].metadata["mlprov"] = ["no", "step"]
    nbformat.write(book, path)
    results = results_panel(path)
    results.run_button.click()
    assert results.run is not None
    assert "<span>a = 1</span>" in results.run.steps.value
    until(lambda: not results.run_button.disabled)


def test_a_run_is_stopped(tmp_path: Path) -> None:
    results = results_panel(notebook(tmp_path / "a.ipynb", "import time", "time.sleep(60)"))
    results.run_button.click()
    run = results.run
    assert run is not None
    until(lambda: "running" in run.steps.value and "done" in run.steps.value)
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


def test_the_first_number_says_which_way_is_better_and_what_guessing_comes_to() -> None:
    html = metrics_html({"loss": 0.5, "baseline_accuracy": 0.25, "accuracy": 0.75})
    first = html.partition("<dt>")[2]
    assert first.startswith("Accuracy, baseline 0.25; higher is better</dt><dd>0.75")
    assert html.count("0.25") == 1


def test_a_run_is_compared_with_the_others_of_its_task(tmp_path: Path) -> None:
    results = results_panel(tmp_path / "a.ipynb")
    results.compare_button.click()
    assert results.comparison is None
    results.record = run_file(tmp_path, "a", {"accuracy": 0.9}, {"optimizer": "Adam"}, 1)
    results.compare_button.click()
    assert "no other run of this task" in results.message.value
    run_file(tmp_path, "b", {"accuracy": 0.8}, {"optimizer": "SGD"}, 1)
    results.compare_button.click()
    assert results.message.value == ""
    assert results.comparison is not None
    assert len(results.comparison.comparison.runs) == 2


def test_what_a_failed_cell_says_is_escaped() -> None:
    error = ExecutionError("Cell 1 raised <i>.", 1, "<script>", "<script>\n" * 5)
    assert "<script>" not in failure_html(error)
    assert "<i>" not in failure_html(error)
