"""What a pack declares of its metrics and fields is how a run is told, wherever it is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlprov_widgets import run_report
from mlprov_widgets.comparison import verify
from mlprov_widgets.graph import static_view
from mlprov_widgets.provenance import from_prov, to_prov
from mlprov_widgets.record import Record
from mlprov_widgets.record.results import curves
from mlprov_widgets.record.story import Story
from mlprov_widgets.record.summary import summary_of
from tests.observed import observed

PINBALL = {
    "name": "pinball_90",
    "label": "Pinball loss at 90 %",
    "unit": "minutes",
    "direction": "minimize",
    "headline": True,
}
TREES = {"name": "n_trees", "step": "model_training", "label": "Trees", "unit": "trees"}


def _run(**changes: Any) -> Record:
    record = observed(declared={"metrics": [PINBALL], "fields": [TREES]}, **changes)
    record.steps["model_evaluation"].values["evaluation_metrics"] = {"pinball_90": 4.25}
    record.steps["model_training"].values["n_trees"] = 300
    return record


def test_a_declared_metric_is_told_with_unit_and_direction() -> None:
    record = _run()
    told = "4.25 minutes"
    report = run_report(record).to_html()
    assert told in report
    assert "Pinball loss at 90 %, lower is better" in report
    page = static_view(record).to_text()
    assert told in page
    assert "pinball loss at 90 %, lower is better" in page
    assert f"a pinball loss at 90 % of {told}" in summary_of(Story(record))


def test_a_declared_field_has_its_label_and_unit() -> None:
    story = Story(_run())
    entry = story.entry("model_training", "n_trees")
    assert entry is not None
    assert (entry.label, entry.text) == ("Trees", "300")
    assert story.vocabulary.unit_of("n_trees", 300) == "trees"


def test_declarations_are_in_the_file_and_come_back() -> None:
    record = _run()
    document = json.loads(to_prov(record).serialize(format="json"))
    back = from_prov(to_prov(record))
    assert back.declared == record.declared
    assert back.values == record.values  # what is declared is no value of a parameter
    metric = next(one for name, one in document["entity"].items() if "pinball_90" in name)
    assert metric["mlprov:direction"] == "minimize"
    assert metric["schema:unitText"] == "minutes"


@pytest.mark.parametrize(
    "odd",
    [
        {"metrics": [{"name": "pinball_90"}]},
        {"metrics": [{"name": "pinball_90", "label": 3}]},
        {"metrics": [{"name": "pinball_90", "label": "P", "worth": "much"}]},
        {"fields": [{"label": "nameless"}]},
    ],
)
def test_what_is_no_declaration_is_not_believed(odd: dict[str, Any]) -> None:
    record = _run()
    record.declared = odd
    (told,) = Story(record).headlines
    assert (told.label, told.text) == ("Pinball 90", "4.25")


@pytest.mark.parametrize("counter", ["fold", "trial", "step"])
def test_a_history_is_told_by_what_it_counts(counter: str) -> None:
    history = [{counter: number, "r2": 0.5 + number / 10} for number in (1, 2, 3)]
    (chart,) = curves(history)
    assert chart[0] == f"R² by {counter}"
    assert chart[3] == counter
    record, other = _run(), _run()
    record.steps["model_training"].values["history"] = history
    other.steps["model_training"].values["history"] = [*history[:2], {**history[2], "r2": 0.1}]
    document = json.loads(to_prov(record).serialize(format="json"))
    rows = [name for name in document["entity"] if f"{counter}.2" in name]
    assert len(rows) == 1
    assert not any("epoch.2" in name for name in document["entity"])
    verdict = verify(other, record)
    (item,) = [one for one in verdict.items if one.name == "history"]
    assert item.note.startswith(f"from {counter} 3: r2 ")
