"""The report tells what happened, how it is known, and what to know before believing it."""

from __future__ import annotations

import math

import pytest

from mlprov_widgets.comparison import verify
from mlprov_widgets.notebooks import generate, read_manifest
from mlprov_widgets.present.blocks import Checklist, DataTable, FieldTable, Pairs, Paragraph
from mlprov_widgets.record import Cell, Execution
from mlprov_widgets.reporting import run_report
from tests.observed import BEGAN, finding, observed
from tests.reporting.reading import blocks, both, full
from tests.reproduction.made_runs import record


def section(run, key):
    page = run_report(run).page
    return next((one.blocks for one in page.sections if one.key == key), [])


def facts(run):
    return {one.label: one for part in blocks(run_report(run), FieldTable) for one in part.rows}


@pytest.mark.parametrize("form", [0, 1])
def test_the_run_is_told_from_what_was_seen(form):
    told = both(observed())[form]
    assert (
        "A network (Sequential) with 2,953 parameters was trained on iris (150 samples, 3 classes) "
        "for 4 epochs with SGD at a learning rate of 0.05, in batches of 16."
    ) in told
    assert "Evaluated on 30 samples of the testing part, it reached an accuracy of 0.9" in told
    assert "Constants that the cells read" in told
    assert "hidden layers" not in told.lower().replace("hidden_layers", "")


def test_how_each_value_is_known_stands_beside_it():
    found = facts(observed())
    assert found["Optimizer"].known == "observed"
    assert found["Data set"].known == "told"
    assert found["HIDDEN_LAYERS"].known == ""
    assert found["Rows that it was fitted on"].text == "90"
    assert {one.known for one in facts(full()).values()} == {""}
    assert "Known" not in run_report(full()).to_markdown()
    assert "| Known |" in run_report(observed()).to_markdown()


def test_rates_epochs_and_executions_are_those_of_training():
    run = observed()
    run.steps["model_training"].values |= {
        "learning_rate_last": 0.005, "epochs": 8, "epochs_run": 4, "executions": 2
    }  # fmt: skip
    told = both(run)[0]
    assert (
        "for 8 epochs in 2 executions with SGD at a learning rate of 0.05 (from 0.05 to 0.005)"
        in (told)
    )
    assert "Training went on in 2 executions, 8 epochs in all, and one evaluation" in told
    assert "One training run" not in told
    assert facts(run)["Epochs of the history that was told"].text == "4"
    assert "Epochs run" not in facts(run)


def test_a_run_that_trained_nothing_is_not_praised():
    run = observed(finding("no_training_seen"), finding("cells_not_run", count=12), operations=[])
    page = run_report(run).page
    assert page.badges[0] == (
        "Finished; 12 cells did not run, no training was seen", "fair"
    )  # fmt: skip
    assert "was set up on iris" in page.summary
    for never in ("trained on", "epochs", "SGD", "batches"):
        assert never not in page.summary
    run.steps["model_parameters"].values["device"] = "cpu"
    assert "Trained on" not in both(run)[0]
    assert "12 cells did not run, no training was seen." in page.summary


def test_diverged_is_said_wherever_an_accuracy_is():
    run = observed(finding("diverged", what="weights"))
    page = run_report(run).page
    assert page.badges[0] == ("Finished; training diverged", "fair")
    assert page.tiles[0] == ("Training", "diverged")
    assert "Accuracy" not in dict(page.tiles)
    assert "macro F1 of 0.875, but training diverged." in page.summary
    assert section(run, "results")[0] == Paragraph(
        "Training diverged before this was measured.", "bad"
    )


def test_findings_and_leaks_have_sections_of_their_own():
    leak = finding("fitted_outside_training", "leak", what="MinMaxScaler", rows=150, outside=60)
    run = observed(leak, finding("not_stratified", "note"), finding("diverged"))
    keys = [one.key for one in run_report(run).page.sections]
    assert keys[:3] == ["findings", "leaks", "what"]
    assert section(run, "findings") == [
        Paragraph("Training diverged.", "fair"), Paragraph("The split is not stratified."),
    ]  # fmt: skip
    (told,) = section(run, "leaks")
    assert told == Paragraph(
        "MinMaxScaler was fitted on 150 rows, 60 of them outside the training part.", "bad"
    )
    assert ("1 leak", "bad") in run_report(run).page.badges
    assert section(observed(), "leaks")[0].text == "None was seen."
    assert section(record(), "leaks") == section(record(), "findings") == []


def test_stratified_is_what_was_seen_of_the_split():
    run = observed(values={"stratify": True})
    run.steps["data_segregation"].values |= {"stratified": False, "stratify": True}
    assert facts(run)["Stratified by class"].text == "no"
    del run.steps["data_segregation"].values["stratified"]
    assert "Stratified by class" not in facts(run)


def test_values_of_the_notebook_are_not_called_those_of_the_task():
    def titles(run):
        return [one.title for one in blocks(run_report(run), Pairs)]

    run = observed(values={"optimizer": "Adam"})
    assert "What the notebook was generated with" in titles(run)
    assert "All values of the task" in titles(record())
    told = both(run)[0]
    assert "trained" in told
    assert "Adam at" not in told


def test_errors_of_class_numbers_say_what_they_are():
    (metrics,) = (
        one for one in blocks(run_report(observed()), DataTable) if "Metrics" in one.title
    )
    assert metrics.title == "Metrics of the evaluation (30 predictions, testing part)"
    assert "only where the classes have an order" in metrics.note
    assert "Not of the" not in metrics.note
    run = observed()
    run.steps["model_evaluation"].values["evaluation_metrics"]["validation_loss"] = 0.2
    (other,) = (one for one in blocks(run_report(run), DataTable) if "Metrics" in one.title)
    assert "Not of the testing part: validation loss." in other.note
    assert "Mean absolute error" in [row[0] for row in metrics.rows]
    assert not any("error" in label.lower() for label, _ in run_report(observed()).page.tiles)


def test_what_libraries_were_seen_to_do_is_a_table():
    (table,) = (
        one for one in blocks(run_report(observed()), DataTable) if "libraries" in one.title
    )
    assert table.rows[0][:3] == ("fit", "StandardScaler", "training: 90")
    assert table.rows[1][:2] == ("train", "SGD")
    assert table.rows[1][3] == "lr = 0.05, momentum = 0.9"
    many = observed(operations=observed().operations * 50)
    (table,) = (one for one in blocks(run_report(many), DataTable) if "libraries" in one.title)
    assert (len(table.rows), table.note) == (40, "60 more are in the record.")


def hyperparameters(run):
    tables = blocks(run_report(run), DataTable)
    return next(one for one in tables if one.title == "Hyperparameters")


def test_an_estimator_is_told_by_its_hyperparameters():
    run = observed()
    parameters = run.steps["model_parameters"]
    parameters.values = {
        "model_name": "RandomForestClassifier",
        "hyperparameters": {"n_estimators": 50, "max_depth": None},
    }
    parameters.known = dict.fromkeys(parameters.values, "observed")
    run.steps["model_training"].values = {"executions": 1}
    run.steps["model_training"].known = {"executions": "observed"}
    # A record of a format before does not say which of them are defaults.
    table = hyperparameters(run)
    assert table.head == ("Parameter", "Value")
    assert table.rows == [("n_estimators", "50"), ("max_depth", "none")]
    parameters.values["hyperparameter_defaults"] = {"max_depth": True, "n_estimators": "x"}
    assert hyperparameters(run).rows == [("n_estimators", "50", "–"), ("max_depth", "none", "yes")]
    summary = run_report(run).page.summary
    assert summary.startswith(
        "RandomForestClassifier was trained on iris (150 samples, 3 classes). Evaluated"
    )
    told = both(run)[0]
    assert "its hyperparameters are listed" in told
    assert "layers" not in told.replace("HIDDEN_LAYERS", "")


def test_how_an_estimator_writes_itself_is_not_called_its_layers():
    run = observed()
    values = run.steps["model_parameters"].values
    values["model_description"] = "Sequential(\n  (0): Linear(4, 3)\n)"
    assert "Layers of the model" in both(run)[0]
    assert "its layers are listed" in both(run)[0]
    values |= {
        "model_description": "Pipeline(steps=[\n('a', Ridge())])",
        "hyperparameters": {"a": 1},
    }
    told = both(run)[0]
    assert "The estimator as it writes itself" in told
    assert "Layers of the model" not in told
    assert "its layers are listed" not in told


def spread(run):
    answers = [one for part in blocks(run_report(run), Checklist) for one in part.answered]
    return next(one for one in answers if one.item == "Statistical significance").text


def test_error_bars_are_those_of_folds_and_trials_where_there_are_any():
    run = observed()
    assert spread(run).startswith("This is one run with one seed, so it has no error bars.")
    run.steps["model_training"].values.pop("random_seed")
    assert spread(run).startswith("This is one run, so it has no error bars.")
    history = run.steps["model_training"].values["history"] = [{"trial": 1, "r2": 0.5}] * 7
    assert spread(run).startswith("7 trials: the values of each are in the results.")
    history[:] = [{"fold": at, "r2": 0.5} for at in (1, 2)]
    assert spread(run).startswith("Cross-validation: the values of all 2 folds are in the results.")
    history.clear()
    run.operations[0].kind = "evaluate"
    run.operations[0].values["scores"] = {"r2": [0.1, 0.2, 0.3]}
    assert spread(run).startswith("Cross-validation: the values of all 3 folds are in the results.")
    (table,) = (
        one for one in blocks(run_report(run), DataTable) if one.title == "Cross-validation"
    )
    assert table.rows[0][:2] == ("Cross-validated R²", "0.2 ± 0.1 (n = 3)")


def test_a_notebook_of_ones_own_of_which_only_cells_are_known():
    cells = [Cell("a", "code", "", None, [Execution("x = 1", 1, BEGAN, BEGAN)])]
    run = record(cells=cells, steps={}, values={}, pack={}, fingerprints={})
    assert "The record has the source of 1 code cell that ran" in both(run)[0]
    cells[0].executions = []
    assert "ended before anything of it was recorded" in both(run)[0]


def test_the_comparison_tells_what_to_know_of_both_runs():
    other = observed(finding("measured_on", parts="validation"))
    told = both(observed(), other)[0]
    assert "numbers of the original" in told
    assert (
        "The metrics were measured on the validation part" in told.partition("of the original")[2]
    )
    failed = observed(status="failed")
    told = both(failed, failed)[0]
    assert "Not to be compared: a run did not finish." in told
    assert "at least one metric is not the same" not in told
    assert verify(failed, failed).verdict == "different"


def test_hyperparameters_are_answered_in_part_where_cells_were_edited():
    def answer(run):
        answers = [one for part in blocks(run_report(run), Checklist) for one in part.answered]
        return next(one for one in answers if one.item == "All hyperparameters that were used")

    run = observed(values={"optimizer": "Adam"})
    assert answer(run).whole
    run.cells[1].executions[0].source += "  # mine"
    assert not answer(run).whole
    assert answer(full()).whole


def test_what_is_no_number_is_shown_and_not_reckoned_with():
    run = observed(finding("diverged"))
    metrics = run.steps["model_evaluation"].values["evaluation_metrics"]
    metrics |= dict.fromkeys(("accuracy", "loss", "f1_macro"), math.nan)
    for told in both(run):
        assert "nan" in told
        assert "reached" not in told
        assert "Training diverged." in told


def test_cells_that_did_not_run_were_not_changed_by_hand(tmp_path):
    notebook = generate("multiclass_classification", {"epochs": 3}, tmp_path / "iris.ipynb")
    manifest = read_manifest(notebook)
    cells = [
        Cell(
            row["id"], row["kind"], row["step"], row["source"],
            [Execution(row["source"], 1)] if row["step"] in ("imports", "provenance") else [],
        )
        for row in manifest.generated
    ]  # fmt: skip
    run = observed(
        finding("cells_not_run", count=9), cells=cells, pack=manifest.pack, values=manifest.values
    )
    page = run_report(run).page
    assert not any("by hand" in text for text, _ in page.badges)
    texts = [one.text for one in section(run, "changes") if isinstance(one, Paragraph)]
    assert texts[0].startswith("No code cell that ran was changed by hand")
    assert any("did not run in the original run" in one for one in texts)
