"""What records, views and reports say of runs with estimators, and that these reproduce."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rdflib import Graph

from mlprov_widgets import inspect_run, run_report, verify
from mlprov_widgets.errors import RecordError
from mlprov_widgets.graph import static_view
from mlprov_widgets.graph.details.record import details
from mlprov_widgets.provenance import read_record
from mlprov_widgets.provenance.exporting import export
from mlprov_widgets.record import Record, Step
from tests.graph.small import levels_of

SCRIPT = Path(__file__).with_name("estimator_runs.py")
PREFIXES = """
PREFIX mls: <http://www.w3.org/ns/mls#>
PREFIX mlprov: <https://w3id.org/mlprov-widgets#>
"""
SETTINGS = """SELECT DISTINCT ?name ?value ?default WHERE {
  ?run a mls:Run ; mls:hasInput ?setting .
  ?setting a mls:HyperParameterSetting ; mls:specifiedBy ?parameter ; mls:hasValue ?value ;
    mlprov:isDefault ?default .
  ?parameter mlprov:parameterName ?name .
}"""
COUNT = "SELECT (COUNT(DISTINCT ?one) AS ?all) WHERE { ?one a mlprov:HyperParameterSetting . }"


def execute(folder: Path, *names: str) -> None:
    path = {"PYTHONPATH": str(SCRIPT.parents[2])}
    arguments = [sys.executable, str(SCRIPT), *names]
    subprocess.run(arguments, cwd=folder, env={**os.environ, **path}, check=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Records of all runs."""
    made = tmp_path_factory.mktemp("estimators")
    execute(made, "told", "folds", "search", "own", "several", "prepared", "tried")
    return made


def record(folder: Path, name: str) -> Record:
    return read_record(folder / f"{name}.prov.json")


def values(one: Record, step: str) -> dict[str, Any]:
    return one.steps[step].values


def report(folder: Path, name: str) -> str:
    return run_report(folder / f"{name}.prov.json").to_markdown().replace("\\", "")


def test_a_ridge_in_a_pipeline_is_a_ridge_everywhere(folder: Path) -> None:
    one = record(folder, "told")
    model, training = values(one, "model_parameters"), values(one, "model_training")
    assert (model["model_name"], model["pipeline"]) == ("Ridge", ["StandardScaler", "Ridge"])
    assert one.steps["model_parameters"].known["hyperparameters"] == "observed"
    assert training["folds_run"] == 3
    assert not {"epochs", "batch_size", "resulting_model_seed"} & training.keys()
    assert not one.findings
    text = static_view(folder / "told.prov.json").to_text()
    assert "Model: Ridge, pipeline StandardScaler, Ridge" in text
    assert "R² 0.3586, mean absolute error 45.15, root mean squared error 56.43" in text
    text = inspect_run(folder / "told.prov.json").to_text()
    assert "model_name Ridge, pipeline StandardScaler, Ridge, gpu_enable no" in text
    assert "hyperparameters ridge__alpha = 0.5 and 13 defaults, model_description" in text
    assert "hyperparameter_defaults" not in text


def test_its_report_has_every_parameter_and_nothing_of_a_network(folder: Path) -> None:
    text = report(folder, "told")
    assert (
        "Ridge, in a pipeline after StandardScaler, was trained on diabetes (442 samples). "
        "Evaluated on 111 samples of the testing part, it reached an R² of 0.3586, a mean absolute "
        "error of 45.15 and a root mean squared error of 56.43."
    ) in text
    assert "| Parameter | Value | Default |" in text
    assert "| ridge__alpha | 0.5 | no |" in text
    assert "| ridge__solver | auto | yes |" in text
    assert "| steps | [standardscaler, StandardScaler], [ridge, Ridge] | – |" in text
    assert "Cross-validation: the values of all 3 folds are in the results." in text
    assert "hyperparameters that are not the defaults: ridge__alpha = 0.5;" in text
    assert "Ridge; its hyperparameters are listed." in text
    assert "4 calls of fit, those inside of a search or a cross-validation not counted, and" in text
    assert "one evaluation on 111 samples." in text
    for false in ("layer", "epoch", "weights of", "Activation", "error bars", "set up"):
        assert false not in text, false


def test_the_details_of_a_model_are_a_table_with_defaults(folder: Path) -> None:
    found = details(levels_of(record(folder, "told")), "analyst", "step:model_parameters")
    (table,) = [one for one in found["attributes"] if one["name"] == "hyperparameters"]
    assert table["data"]["columns"] == ["Parameter", "Value", "Default"]
    assert ["ridge__alpha", "0.5", "no"] in table["data"]["rows"]
    assert ["ridge__max_iter", "none", "yes"] in table["data"]["rows"]
    assert "hyperparameter defaults" not in [one["name"] for one in found["attributes"]]


def test_every_setting_of_a_fit_can_be_asked_for(folder: Path, tmp_path: Path) -> None:
    one = record(folder, "told")
    fits = [each for each in one.operations if each.kind == "fit"]
    assert len(fits) == 4
    assert fits[0].settings["ridge__alpha"] == 0.5
    assert fits[0].defaults["ridge__solver"]
    assert not fits[0].defaults["ridge__alpha"]
    graph = Graph().parse(export(folder / "told.prov.json", tmp_path / "told.ttl"))
    found = {
        str(name): (value.toPython(), is_default.toPython())
        for name, value, is_default in graph.query(PREFIXES + SETTINGS)
    }
    assert found["ridge__alpha"] == (0.5, False)
    assert found["ridge__solver"] == ("auto", True)
    assert found.keys() == fits[0].defaults.keys()
    # What all four fits had is one setting.
    (count,) = graph.query(PREFIXES + COUNT)
    assert count[0].toPython() == len(fits[0].settings)


def test_a_file_that_says_something_else_of_defaults_is_refused(
    folder: Path, tmp_path: Path
) -> None:
    text = (folder / "told.prov.json").read_text(encoding="utf-8")
    name = json.dumps(json.dumps("ridge__alpha"))[1:-1]
    file = tmp_path / "wrong.prov.json"
    file.write_text(text.replace(f"{name}: false", f"{name}: 7"), encoding="utf-8")
    with pytest.raises(RecordError, match="more than true and false"):
        read_record(file)


def test_a_cross_validation_alone_has_its_result(folder: Path) -> None:
    one = record(folder, "folds")
    assert values(one, "model_parameters")["model_name"] == "Ridge"
    scores = one.metrics["cross_validation_r2"]
    assert len(scores) == 4
    assert "measured_on" not in values(one, "model_evaluation")
    text = report(folder, "folds")
    assert "Ridge, in a pipeline after StandardScaler, was cross-validated with 4 folds" in text
    assert "It reached a cross-validated R² of 0.4849 ± 0.07723 (n = 4)." in text
    assert "the values of all 4 folds are in the results" in text


def test_a_search_is_told_with_what_it_tried(folder: Path) -> None:
    one = record(folder, "search")
    # The best estimator was told and measured: it is what the search has trained.
    assert not one.findings
    assert values(one, "model_parameters")["hyperparameters"]["ridge__alpha"] == 9.0
    assert values(one, "model_training")["best_parameters"] == {"ridge__alpha": 9.0}
    text = report(folder, "search")
    assert (
        "Ridge, in a pipeline after StandardScaler, the best of 2 candidates of GridSearchCV, "
        "was trained"
    ) in text
    assert (
        "GridSearchCV tried 2 candidates of ridge__alpha = [0.1, 9], each by cross-validation "
        "with 3 folds; the best: ridge__alpha = 9."
    ) in text
    assert "This is one run with one seed, so it has no error bars." in text


def test_classes_that_nobody_knows_are_seen_to_be_fitted(folder: Path) -> None:
    one = record(folder, "own")
    fits = [(each.name.rpartition(".")[2], each.settings) for each in one.operations[:3]]
    assert fits == [("Mean", {"shift": 1.0}), ("Later", {"shift": 0.0}), ("Alone", {"k": 5})]
    assert values(one, "model_parameters")["model_name"] == "Alone"
    assert "gpu_enable" not in values(one, "model_parameters")
    assert not one.findings
    assert "Alone was trained." in report(folder, "own")


def test_what_was_only_tried_or_prepared_is_not_said_to_be_more(folder: Path) -> None:
    tried = record(folder, "tried")
    assert values(tried, "model_training")["best_refitted"] is False
    assert "Ridge, of which GridSearchCV tried 2 candidates, was trained." in report(
        folder, "tried"
    )
    prepared = record(folder, "prepared")
    operations = ["StandardScaler", "ColumnTransformer(MinMaxScaler, OneHotEncoder)"]
    assert values(prepared, "data_preparation")["operations"] == operations
    assert "model_parameters" not in prepared.steps
    assert "was set up" not in report(folder, "prepared")


def test_several_that_are_cross_validated_are_told_with_their_folds(folder: Path) -> None:
    one = record(folder, "several")
    models = values(one, "model_training")["models"]
    assert [each["model_name"] for each in models] == ["Ridge", "Lasso"]
    assert [len(each["metrics"]["cross_validation_r2"]) for each in models] == [3, 3]
    assert len(models[0]["metrics"]["cross_validation_mean_squared_error"]) == 3
    assert min(models[0]["metrics"]["cross_validation_mean_squared_error"]) > 0
    assert "model_name" not in one.steps.get("model_parameters", Step()).values
    text = report(folder, "several")
    assert "2 models were cross-validated." in text
    assert "| Cross-validated R² |" in text


def test_the_same_again_is_the_same(folder: Path, tmp_path: Path) -> None:
    names = ("told", "folds", "search")
    execute(tmp_path, *names)
    for name in names:
        file = f"{name}.prov.json"
        found = verify(tmp_path / file, folder / file)
        assert not found.differences, name
        assert record(tmp_path, name).metrics == record(folder, name).metrics
    assert verify(tmp_path / "told.prov.json", folder / "told.prov.json").verdict == "bit-identical"


def test_another_setting_is_the_most_likely_cause(folder: Path) -> None:
    other = record(folder, "told")
    other.steps["model_parameters"].values["hyperparameters"]["ridge__alpha"] = 2.5
    other.steps["model_evaluation"].values["evaluation_metrics"]["r2"] = 0.25
    first = verify(other, record(folder, "told")).differences[0]
    assert (first.name, first.new, first.original) == ("model_parameters.ridge__alpha", 2.5, 0.5)
    # What a search has found is no cause of anything.
    found = record(folder, "search")
    found.steps["model_parameters"].values["hyperparameters"]["ridge__alpha"] = 2.5
    assert not verify(found, record(folder, "search")).differences


@pytest.mark.slow
def test_classes_travel_to_other_processes(tmp_path: Path) -> None:
    execute(tmp_path, "workers")
    fits = [one.name for one in record(tmp_path, "workers").operations if one.kind == "fit"]
    assert fits == ["Mean", "sklearn.model_selection.GridSearchCV"]
