"""What a record says as PROV: the questions that people ask of the graph can be answered in it."""

from __future__ import annotations

import json
from pathlib import Path

import prov.tests
import pytest
from prov.model import ProvActivity, ProvEntity, ProvGeneration, ProvMembership

from mlprov_widgets.provenance import to_prov
from mlprov_widgets.provenance.prov_json import to_prov_json
from mlprov_widgets.provenance.vocabulary import NAMESPACES
from mlprov_widgets.record import Record, Step
from tests.provenance.sample import FUNCTIONS, failed, sample


@pytest.fixture(scope="module")
def container() -> dict:
    return to_prov_json(sample())


def ends(container: dict, kind: str, source: str, target: str) -> set[tuple[str, str]]:
    """Pairs of one kind of relation, without the prefix of the run."""
    return {
        (body[f"prov:{source}"].removeprefix("run:"), body[f"prov:{target}"].removeprefix("run:"))
        for body in container.get(kind, {}).values()
    }


def types(container: dict, section: str, name: str) -> set[str]:
    found = container[section][f"run:{name}"]["prov:type"]
    return {one["$"] for one in (found if isinstance(found, list) else [found])}


def texts(body: dict, name: str) -> list[str]:
    """The texts of a list that is written as JSON."""
    return json.loads(body[name]["$"])


def schema_errors(document: dict) -> list[str]:
    jsonschema = pytest.importorskip("jsonschema")
    file = Path(prov.tests.__file__).parent / "schemas" / "prov-json.schema.json"
    schema = json.loads(file.read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    return [str(error) for error in validator.iter_errors(document)]


@pytest.mark.parametrize(
    "record", [sample(), failed(), Record("x")], ids=["done", "failed", "bare"]
)
def test_valid_against_the_schema_of_prov_json(record):
    document = json.loads(json.dumps(to_prov_json(record), allow_nan=False))
    assert schema_errors(document) == []


def test_function_that_determined_the_creation_date_is_in_the_graph():
    document = to_prov(sample())
    dates = [
        entity
        for entity in document.get_records(ProvEntity)
        if entity.label == "creation_date" and entity.value == {"2026-11-22T16:30:00+00:00"}
    ]
    assert len(dates) == 1
    makers = [
        document.get_record(generation.args[1])[0]
        for generation in document.get_records(ProvGeneration)
        if generation.args[0] == dates[0].identifier
    ]
    assert [type(maker) for maker in makers] == [ProvActivity]
    assert makers[0].label == "datetime.datetime.now"


def test_every_function_made_the_value_that_it_obtained(container):
    made = ends(container, "wasGeneratedBy", "entity", "activity")
    for field, function in FUNCTIONS.items():
        entity = next(
            name for name, body in container["entity"].items() if body.get("mlprov:field") == field
        )
        activity = dict(made)[entity.removeprefix("run:")]
        assert container["activity"][f"run:{activity}"]["prov:label"] == function


def test_notebook_is_a_plan_and_a_collection_of_its_cells(container):
    assert {"prov:Plan", "p-plan:Plan", "prov:Collection"} <= types(container, "entity", "notebook")
    members = ends(container, "hadMember", "collection", "entity")
    cells = {f"cell.{number}" for number in range(1, 13)}
    assert {entity for collection, entity in members if collection == "notebook"} == cells
    code = container["entity"]["run:cell.3"]
    assert "p-plan:Step" in types(container, "entity", "cell.3")
    assert code["p-plan:isStepOfPlan"] == {"$": "run:notebook", "type": "xsd:QName"}
    assert code["p-plan:isPrecededBy"] == {"$": "run:cell.2", "type": "xsd:QName"}
    assert "p-plan:Step" not in types(container, "entity", "cell.1"), "text is no step of a plan"


def test_execution_is_an_activity_that_its_cell_started(container):
    activity = container["activity"]["run:execution.5.1"]
    assert activity["prov:startTime"].startswith("2026-11-22T16:30:00.2")
    assert activity["p-plan:correspondsToStep"]["$"] == "run:cell.5"
    assert "p-plan:Activity" in types(container, "activity", "execution.5.1")
    assert ("execution.5.1", "cell.5") in ends(container, "wasStartedBy", "activity", "trigger")


def test_last_execution_of_a_step_makes_its_data_and_is_the_only_one(container):
    made = ends(container, "wasGeneratedBy", "entity", "activity")
    makers = [activity for entity, activity in made if entity == "data.model_parameters"]
    assert makers == ["execution.8.2"]
    derived = ends(container, "wasDerivedFrom", "generatedEntity", "usedEntity")
    assert ("data.model_parameters", "result.8.1") in derived


def test_nothing_is_generated_twice(container):
    entities = [body["prov:entity"] for body in container["wasGeneratedBy"].values()]
    assert len(entities) == len(set(entities))


def test_cells_are_influenced_by_the_data_of_the_step_before(container):
    influences = ends(container, "wasInfluencedBy", "influencee", "influencer")
    assert ("cell.6", "data.data_ingestion") in influences
    assert ("cell.9", "data.model_parameters") in influences
    assert not [pair for pair in influences if pair[0] == "cell.5"], "nothing came before the data"


def test_lineage_follows_the_last_binder_before_the_read(container):
    used = {
        (body["prov:activity"], body["prov:entity"]): body.get("prov:role")
        for body in container["used"].values()
    }
    # The model cell ran twice; training read what the second execution bound.
    assert (
        used["run:execution.9.1", "run:data.model_parameters"] == "model, optimizer, loss_function"
    )
    assert ("run:execution.9.1", "run:result.8.1") not in used
    informed = ends(container, "wasInformedBy", "informed", "informant")
    assert ("execution.9.1", "execution.8.2") in informed
    derived = ends(container, "wasDerivedFrom", "generatedEntity", "usedEntity")
    assert ("data.model_training", "data.model_parameters") in derived
    # A cell that a person put at the end but ran before the view cell reads what evaluation bound.
    assert used["run:execution.12.1", "run:data.model_evaluation"] == "metrics"


def test_results_are_terms_of_the_ml_schema(container):
    assert "mls:Dataset" in types(container, "entity", "dataset")
    assert "mls:Model" in types(container, "entity", "model")
    assert "mls:Run" in types(container, "activity", "execution.9.1")
    accuracy = container["entity"]["run:metric.accuracy"]
    assert types(container, "entity", "metric.accuracy") == {"mls:ModelEvaluation"}
    assert accuracy["prov:value"] == {"$": "0.9666666666666667", "type": "xsd:double"}
    torch = container["entity"]["run:package.torch"]
    assert torch["schema:softwareVersion"] == "2.15.0+cpu"
    assert torch["schema:sameAs"]["$"] == "pkg:pypi/torch@2.15.0+cpu"


def test_agents_are_who_ran_it_and_what_captured_it(container):
    agents = container["agent"]
    assert agents["orcid:0000-0002-1825-0097"]["schema:name"] == "Ada Lovelace"
    software = agents["run:mlprov-widgets"]
    assert software["schema:softwareVersion"] == "0.1.0"
    assert all("prov:role" not in agent for agent in agents.values())
    association = next(
        body
        for body in container["wasAssociatedWith"].values()
        if body["prov:agent"].startswith("orcid")
    )
    assert association["prov:plan"] == "run:notebook"
    assert association["prov:role"]["$"] == "mlprov:experimenter"


def test_two_runs_share_no_identifier():
    other = sample()
    other.run_id = "00000000-0000-4000-8000-000000000000"
    iris = [to_prov_json(record)["prefix"]["run"] for record in (sample(), other)]
    assert iris[0] != iris[1]
    assert NAMESPACES["p-plan"] == "http://purl.org/net/p-plan#"


def test_data_of_a_step_without_cells_comes_from_the_run():
    record = Record("x", steps={"data_ingestion": Step(values={"dataset_id": "iris"})})
    made = ends(to_prov_json(record), "wasGeneratedBy", "entity", "activity")
    assert ("data.data_ingestion", "run") in made


def test_collections_hold_what_they_should():
    members = [m.args for m in to_prov(sample(packages=5)).get_records(ProvMembership)]
    packages = [entity for collection, entity in members if collection.localpart == "packages"]
    assert len(packages) == 5
