"""Two runs as one graph: every element of either is there once, with how it differs."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from mlprov_widgets import view
from mlprov_widgets.graph import static_view
from mlprov_widgets.graph.merging import MergedView, merged_view
from mlprov_widgets.record import Step
from tests.observed import observed
from tests.reproduction.made_runs import record


def pair(**changes: Any) -> MergedView:
    """A run, and one with another accuracy, a step less and a step more."""
    first, second = record(), record(run_id="another", **changes)
    first.steps["data_preparation"] = Step(values={"operations": ["Scaler"]})
    second.steps["model_parameters"] = Step(values={"model_name": "Net"})
    second.steps["model_evaluation"].values["evaluation_metrics"]["accuracy"] = 0.5
    return merged_view(first, second)


def notes(made: MergedView, level: str) -> dict[str, str]:
    return {node.title: node.note for node in made.levels.model(level).nodes.values()}


def test_steps_say_how_they_differ() -> None:
    said = notes(pair(), "analyst")
    assert said["Preparation"] == "− only in A"
    assert said["Model"] == "+ only in B"
    assert said["Result"] == "≠ changed"
    assert said["Training"] == "= same"
    (result,) = [node for node in pair().scene()["nodes"] if node["title"] == "Result"]
    assert ("accuracy", "0.9737 → 0.5") in result["lines"]
    assert result["change"] == "changed"


def test_equal_runs_are_the_same_all_over() -> None:
    made = merged_view(observed(), observed())
    assert set(made.levels.changes.values()) == {"same"}
    assert {node["change"] for node in made.scene()["nodes"]} == {"same"}


def test_every_element_and_relation_of_either_is_there_once() -> None:
    made = pair(packages={"numpy": "1.26", "pandas": "3.0"})
    whole = made.levels.model("engineer")
    related = Counter((edge.kind, edge.source, edge.target) for edge in whole.edges)
    for one in (record(), record(packages={"numpy": "1.26", "pandas": "3.0"})):
        alone = static_view(one).levels.model("engineer")
        assert alone.nodes.keys() <= whole.nodes.keys()
        own = Counter((edge.kind, edge.source, edge.target) for edge in alone.edges)
        assert all(related[relation] == number for relation, number in own.items())
    names = [node.title for node in whole.nodes.values() if node.type == "Package"]
    assert sum(name.startswith("pandas") for name in names) == 1
    (changed,) = [name for name in names if name.startswith("numpy")]
    assert "2.0" in changed + str(whole.nodes["run:package.numpy"].lines)
    assert "1.26" in changed + str(whole.nodes["run:package.numpy"].lines)


def test_what_a_run_alone_has_is_not_said_of_both() -> None:
    made = view(pair())
    made.level = "engineer"
    made.selected = "run:metric.accuracy"
    values = {one["name"]: one["value"] for one in made.details["attributes"]}
    assert values["compared"] == "≠ changed"
    assert (values["value, first run"], values["value, second run"]) == (
        "0.9736842105263158",
        "0.5",
    )
    assert "value" not in values
    # Nothing of a step is read from one of the records alone.
    made.selected = "step:model_evaluation"
    text = json.dumps(made.details["attributes"], ensure_ascii=False)
    assert "0.9737 → 0.5" in text


def test_it_can_be_searched_and_walked_through() -> None:
    made = view(pair())
    assert made.search("only in B").total > 0
    for level in ("analyst", "engineer"):
        made.level = level
        for node in list(made.scene["nodes"]):
            made.selected = node["id"]
            assert made.details["title"]


@pytest.mark.parametrize("level", ["analyst", "engineer"])
def test_a_page_carries_both(level: str) -> None:
    page = pair().to_page(level)
    assert "only in A" in page
    assert "A and B in one graph" in page


def test_it_is_told_in_lines_too() -> None:
    text = str(pair())
    assert "Result (≠ changed): accuracy 0.9737 → 0.5" in text
    assert "Preparation (− only in A)" in text
