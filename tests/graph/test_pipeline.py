"""The analyst's level: what was done, in its order, with the values that matter."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from mlprov_widgets.graph.document.model import Model
from mlprov_widgets.record import Record
from mlprov_widgets.record.story import Story
from tests.graph.made_documents import check_model, workflow
from tests.graph.small import levels_of
from tests.provenance.sample import failed, sample


def analyst(source: Any) -> Model:
    model = levels_of(source).model("analyst")
    check_model(model)
    assert model.level == "analyst"
    return model


def arrows(model: Model) -> list[tuple[str, str]]:
    assert all(edge.flow == 1 for edge in model.edges)
    return [(edge.source, edge.target) for edge in model.edges]


def test_a_run_is_its_pipeline() -> None:
    model = analyst(sample())
    boxes = tuple(Story(sample()).steps)
    assert list(model.nodes) == [f"step:{box.step}" for box in boxes]
    ids = list(model.nodes)
    assert arrows(model) == list(pairwise(ids))
    result = model.nodes["step:model_evaluation"]
    assert (result.kind, result.title, result.headline, result.state) == (
        "step",
        "Result",
        "0.9667",
        "result",
    )
    assert ("optimizer", "Adam") in model.nodes["step:model_parameters"].lines


def test_a_failed_run_says_where() -> None:
    model = analyst(failed())
    assert model.nodes["step:model_training"].state == "failed"
    assert model.nodes["step:model_evaluation"].state == "missing"


def test_a_run_without_a_step_says_so() -> None:
    model = analyst(Record("3f0f4b3e-4b7f-4d70-9d5e-7f8f6d3a1c55"))
    assert [node.lines for node in model.nodes.values()] == [
        (("", "no step of the pipeline was reached"),)
    ]


def test_activities_in_the_order_of_the_flow() -> None:
    model = analyst(
        {
            "activity": {"ex:draw": {}, "ex:compose": {}, "ex:publish": {}, "ex:alone": {}},
            "entity": {
                "ex:table": {"prov:label": "the table", "prov:value": "42"},
                "ex:picture": {},
                "ex:raw": {},
            },
            "used": {
                "_:1": {"prov:activity": "ex:compose", "prov:entity": "ex:raw"},
                "_:2": {"prov:activity": "ex:draw", "prov:entity": "ex:table"},
            },
            "wasGeneratedBy": {
                "_:1": {"prov:entity": "ex:table", "prov:activity": "ex:compose"},
                "_:2": {"prov:entity": "ex:picture", "prov:activity": "ex:draw"},
            },
            "wasInformedBy": {"_:1": {"prov:informed": "ex:publish", "prov:informant": "ex:draw"}},
        }
    )
    assert list(model.nodes) == ["ex:compose", "ex:draw", "ex:publish", "ex:alone"]
    assert arrows(model) == [("ex:draw", "ex:publish"), ("ex:compose", "ex:draw")]
    compose = model.nodes["ex:compose"]
    assert (compose.kind, compose.name) == ("step", "ex:compose")
    assert compose.lines == (("the table", "42"), ("made", "the table"))


def test_what_was_derived_connects_what_made_it() -> None:
    model = analyst(
        {
            "wasGeneratedBy": {
                "_:1": {"prov:entity": "ex:a", "prov:activity": "ex:first"},
                "_:2": {"prov:entity": "ex:b", "prov:activity": "ex:second"},
            },
            "activity": {"ex:second": {}, "ex:first": {}},
            "wasDerivedFrom": {"_:1": {"prov:generatedEntity": "ex:b", "prov:usedEntity": "ex:a"}},
        }
    )
    assert list(model.nodes) == ["ex:first", "ex:second"]
    assert arrows(model) == [("ex:first", "ex:second")]


def test_earlier_activities_come_first() -> None:
    starts = {"ex:c": "2026-01-03T00:00:00", "ex:a": "2026-01-01T00:00:00Z"}
    starts["ex:b"] = "2026-01-02T00:00:00"
    activity = {name: {"prov:startTime": start} for name, start in starts.items()}
    assert list(analyst({"activity": activity}).nodes) == ["ex:a", "ex:b", "ex:c"]


def test_cycles_end() -> None:
    informed = {
        f"_:{at}": {"prov:informed": f"ex:{at}", "prov:informant": f"ex:{(at + 1) % 5}"}
        for at in range(5)
    }
    informed["_:self"] = {"prov:informed": "ex:1", "prov:informant": "ex:1"}
    model = analyst({"activity": {f"ex:{at}": {} for at in range(5)}, "wasInformedBy": informed})
    assert len(model.nodes) == len(model.edges) == 5


def test_without_activities_the_entities_by_derivation() -> None:
    model = analyst(
        {
            "entity": {"ex:new": {}, "ex:old": {}, "ex:alone": {}},
            "agent": {"ex:me": {}},
            "wasDerivedFrom": {
                "_:1": {"prov:generatedEntity": "ex:new", "prov:usedEntity": "ex:old"}
            },
        }
    )
    assert list(model.nodes) == ["ex:old", "ex:new"]
    assert arrows(model) == [("ex:old", "ex:new")]
    assert model.nodes["ex:new"].kind == "entity"


def test_without_either_everything() -> None:
    source = {"entity": {"ex:a": {}}, "agent": {"ex:b": {}}}
    model = analyst(source)
    assert list(model.nodes) == ["ex:a", "ex:b"]
    assert analyst({}).nodes == {}


def test_many_activities_are_grouped() -> None:
    model = analyst(workflow(1000))
    assert len(model.nodes) == 200
    assert len(model.subgroups[""]) + len(model.members.get("", ())) <= 40


def test_activities_of_many_bundles_stay_with_their_bundle() -> None:
    model = analyst({"bundle": {f"ex:b{at}": workflow(40) for at in range(20)}})
    assert len(model.nodes) == 160
    assert model.nodes["ex:b3/ex:task1"].parent == "group:bundle/ex:b3"
