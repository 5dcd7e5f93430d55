"""Several runs of a notebook that the wizard has written."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from mlprov_widgets.notebooks import generate
from mlprov_widgets.widgets.results import ResultsPanel
from mlprov_widgets.widgets.sweep_panel import SweepPanel
from tests.sweeps.trial_pack import write_pack
from tests.watchdog import until
from tests.widgets.sight import hidden


@pytest.fixture
def results(tmp_path: Path) -> ResultsPanel:
    pack = write_pack(tmp_path / "packs" / "behaviour")
    notebook = generate(pack, {"x": 0.5}, tmp_path / "study.ipynb")
    return ResultsPanel(notebook, packs=[pack])


def opened(results: ResultsPanel) -> SweepPanel:
    results.sweep_button.click()
    assert results.sweep is not None
    return results.sweep


def visible_fields(panel: SweepPanel) -> list[str]:
    """Labels of the fields that are in sight."""
    rows = [one for one in panel.widget.children if "mlprov-field" in one._dom_classes]
    return [row.children[0].children[0].description for row in rows if not hidden(row)]


def test_it_is_repeated_with_several_seeds(results: ResultsPanel, tmp_path: Path) -> None:
    panel = opened(results)
    assert "Values" not in visible_fields(panel)
    panel.seeds.value = 3
    panel.run_button.click()
    until(lambda: not panel.run_button.disabled)
    assert panel.result is not None
    assert [one.values for one in panel.result.trials] == [{"seed": 42 + n} for n in range(3)]
    assert "Mean mean squared error" in panel.outcome.value
    assert "3 runs ended" in panel.head.value
    assert panel.result.folder == tmp_path / "study-sweep"


def test_several_values_are_tried(results: ResultsPanel) -> None:
    panel = opened(results)
    panel.parameter.value = "x"
    assert "Values" in visible_fields(panel)
    panel.values.value = "0.1, 0.3"
    panel.seeds.value = 1
    panel.run_button.click()
    until(lambda: not panel.run_button.disabled)
    assert panel.result is not None
    assert [one.values["x"] for one in panel.result.trials] == [0.1, 0.3]
    assert "Best by validation loss" in panel.outcome.value


def test_a_wrong_value_is_said_and_nothing_is_run(results: ResultsPanel) -> None:
    panel = opened(results)
    panel.parameter.value = "x"
    panel.values.value = "0.1, <b>many</b>"
    panel.run_button.click()
    assert not panel.running
    assert "<b>" not in panel.message.value
    assert "many" in panel.message.value
    panel.values.value = ""
    panel.run_button.click()
    until(lambda: not panel.run_button.disabled)
    assert "at least one value" in panel.message.value


def test_it_is_stopped(results: ResultsPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLEEP", "3600")
    panel = opened(results)
    panel.run_button.click()
    until(lambda: "0 of 5 runs" in panel.head.value)
    assert results.running
    panel.stop_button.click()
    until(lambda: not panel.run_button.disabled)
    assert "The sweep was stopped" in panel.message.value
    assert not results.running


def test_a_notebook_of_somebody_is_not_swept(tmp_path: Path) -> None:
    path = tmp_path / "own.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), path)
    assert hidden(ResultsPanel(path).sweep_button)
