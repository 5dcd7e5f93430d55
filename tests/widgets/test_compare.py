"""Runs compared in a notebook, without a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlprov_widgets import ComparisonWidget, MlprovError, RunComparison, RunsWidget, compare, runs
from tests.several.made import run_file
from tests.widgets.sight import hidden, shown, tell

BETTER = [0.95, 0.96, 0.94, 0.95, 0.97, 0.96]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for seed, value in enumerate(BETTER, 1):
        for name, less in (("Adam", 0.0), ("SGD", 0.1 + seed / 1000)):
            metrics = {"accuracy": value - less, "loss": 0.5 - less}
            run_file(tmp_path, f"{name}-{seed}", metrics, {"optimizer": name}, seed)
    return tmp_path


def told(widget: Any, content: dict[str, Any]) -> list[Any]:
    """What a widget sends back when its other half says this."""
    sent: list[Any] = []
    widget.send = lambda message, buffers=None: sent.append((message, buffers))
    tell(widget, {"method": "custom", "content": content})
    return sent


def test_the_answer_is_in_sight_and_follows_the_metric(folder: Path) -> None:
    made = compare(folder)
    assert isinstance(made, ComparisonWidget)
    assert isinstance(made.comparison, RunComparison)
    assert "A (optimizer Adam) has the highest accuracy" in shown(made)
    assert [name for _, name in made.view.metric_field.options] == ["accuracy", "loss"]
    made.view.metric_field.value = "loss"
    assert "A (optimizer SGD) has the lowest loss" in shown(made)
    assert made.comparison.metric == "loss"


@pytest.mark.parametrize(
    ("at", "name", "start"),
    [
        (0, "comparison.html", b"<!doctype"),
        (1, "comparison.md", b"# 12 runs"),
        (2, "comparison.csv", b"group,"),
    ],
)
def test_it_comes_as_a_file(folder: Path, at: int, name: str, start: bytes) -> None:
    made = compare(folder)
    ((message, (content,)),) = told(made.view.downloads[at], {"kind": "wanted"})
    assert message["name"] == name
    assert bytes(content).startswith(start)


def test_two_runs_are_one_graph_to_walk_through(folder: Path) -> None:
    made = compare(folder / "Adam-1.prov.json", folder / "SGD-1.prov.json")
    assert not hidden(made.view.graph_toggle)
    made.view.graph_toggle.value = True
    words, viewer = made.view.graph.children
    assert "A is Adam-1, B is SGD-1." in words.value
    assert viewer.summary["title"] == "A and B in one graph"
    assert {node["note"] for node in viewer.scene["nodes"]} >= {"≠ changed", "= same"}
    made.view.graph_toggle.value = False
    assert made.view.graph.children == ()


def test_of_three_runs_there_is_no_one_graph(folder: Path) -> None:
    names = ("Adam-1", "Adam-2", "SGD-1")
    made = compare(*(folder / f"{name}.prov.json" for name in names))
    assert hidden(made.view.graph_toggle)


def test_without_two_runs_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(MlprovError, match="Comparing takes two runs"):
        compare(tmp_path)


def test_a_visitor_compares_their_own_and_sees_no_path_of_the_server(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("VOILA_KERNEL_ID", "x")
    assert "Comparing takes two runs" in compare().value
    assert str(folder) not in shown(compare(folder))


# -- in the table of runs ---------------------------------------------------------------------


def tick(made: RunsWidget, *names: str) -> None:
    for row in made.table.grid.rows:
        if row["name"].removesuffix(".prov.json") in names:
            content = {"kind": "choose", "id": row["id"], "on": True}
            tell(made.table.grid, {"method": "custom", "content": content})


def test_runs_that_are_ticked_are_compared_below_the_table(folder: Path) -> None:
    made = runs(folder)
    assert not hidden(made.table.compare_button)
    tick(made, "Adam-1", "SGD-1")
    made.table.compare_button.click()
    assert "each was run once" in shown(made)
    assert made.comparison is not None
    assert {run.name for run in made.comparison.comparison.runs} == {"Adam-1", "SGD-1"}
    # The table is still there, and can be asked again.
    assert "12 runs." in shown(made)
    tick(made, *(f"{name}-{seed}" for name in ("Adam", "SGD") for seed in range(1, 7)))
    made.table.compare_button.click()
    assert "That is more than chance." in shown(made)


def test_one_run_is_not_compared_and_that_is_said(folder: Path) -> None:
    made = runs(folder)
    tick(made, "Adam-1")
    made.table.compare_button.click()
    assert "Choose two runs or more" in made.table.message.value
    tick(made, "SGD-1")
    made.table.compare_button.click()
    assert made.table.message.value == ""


def test_a_run_that_is_gone_meanwhile_is_said(folder: Path) -> None:
    made = runs(folder)
    tick(made, "Adam-1", "SGD-1")
    (folder / "Adam-1.prov.json").unlink()
    made.table.compare_button.click()
    assert made.table.message.value
    assert made.comparison is None


def test_where_one_run_is_chosen_there_is_nothing_to_compare(folder: Path) -> None:
    from mlprov_widgets import ReproduceWidget

    assert hidden(ReproduceWidget(folder).file.table.compare_button)
