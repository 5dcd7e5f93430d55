"""The report on a run says what the record says."""

from __future__ import annotations

import json
import math
import re
from datetime import datetime
from types import SimpleNamespace

import pytest

from mlprov_widgets.authoring import new_pack
from mlprov_widgets.comparison import verify
from mlprov_widgets.errors import RecordError
from mlprov_widgets.present.blocks import Chart, Checklist, DataTable, FieldTable
from mlprov_widgets.provenance import write_record
from mlprov_widgets.record import Record
from mlprov_widgets.reporting import run_report
from tests.reporting.reading import blocks, both, full, read, read_markdown
from tests.reproduction.made_legacy import IMAGES, MULTICLASS, legacy
from tests.reproduction.made_runs import BEGAN, cell, record


@pytest.mark.parametrize("form", [0, 1])
@pytest.mark.parametrize(
    "said",
    [
        "12,345",  # samples
        "sklearn.datasets.load_iris",
        "StandardScaler()",
        "90 (60 %)",
        "SmallNet with 2,953 parameters was trained on iris (12,345 samples, 2 classes)",
        "for 3 epochs with Adam at a learning rate of 0.001, in batches of 16",
        "CrossEntropyLoss",
        "A processor (8 cores), 16 GiB, A GPU",
        "0123abcd (main)",
        "with changes that were not committed",
        "0.9736842105263158",  # as recorded
        "accuracy of 0.9737",
        "virginica",
        "whole run took 9 s",
        "a" * 64,  # the data's fingerprint
        "numpy",
        "2.9",
        "not yet reproduced",
        "mlprov reproduce iris.prov.json",
        "This is one run with one seed, so it has no error bars.",
    ],
)
def test_both_forms_say_what_the_record_says(said, form):
    assert said in both(full())[form]


def test_where_each_value_stands_is_said_beside_it():
    facts = {
        row.where: row.text
        for block in blocks(run_report(full()), FieldTable)
        for row in block.rows
    }
    assert facts["data_ingestion.samples_total"] == "12,345"
    assert facts["data_segregation.random_state"] == "7"
    assert facts["model_training.random_seed"] == "42"
    assert facts["fingerprints.split"] == "b" * 64
    assert facts["git.commit"] == "0123abcd (main)"
    assert facts["start"] == "2026-03-01 12:00:00 UTC"


def test_a_page_of_its_own_asks_for_nothing():
    page = run_report(full()).to_html()
    read(page)
    assert "default-src 'none'" in page
    assert not re.search(r"url\(|@import|<script|<link|\bsrc=|\bon\w+=", page)


def test_metrics_classes_and_matrix():
    tables = {block.title: block for block in blocks(run_report(full()), DataTable)}
    (metrics,) = (table for title, table in tables.items() if title.startswith("Metrics"))
    assert ("Accuracy", "0.9737", "0.9736842105263158") in metrics.rows
    assert ("ROC AUC", "nan", "nan") in metrics.rows
    assert [row[0] for row in metrics.rows] == ["Accuracy", "Loss", "ROC AUC"]
    assert tables["By class"].rows == [
        ("setosa", "1", "10"),
        ("virginica", "0.9", "10"),
    ]
    assert tables["Confusion matrix"].rows == [("setosa", "10", "0"), ("virginica", "1", "9")]


def test_folds_are_told_with_mean_and_deviation():
    made = full()
    metrics = made.steps["model_evaluation"].values["evaluation_metrics"]
    metrics["cross_validation_accuracy"] = [0.9, 0.95, 1.0]
    page, _ = both(made)
    assert "0.95 ± 0.05 (n = 3)" in page


def test_the_history_is_drawn_and_tabled():
    report = run_report(full())
    page = report.to_html()
    assert page.count("<figure>") == 2
    assert page.count("<path class='line l0' d='M46") == 2
    assert "| 3 | 0.3333 |" in report.to_markdown()


def test_gaps_and_numbers_that_cannot_be_drawn_break_the_line():
    made = full()
    losses = [1.0, math.nan, 0.5, None, math.inf, "x", 0.25, 10**400]
    made.steps["model_training"].values["history"] = [
        {"epoch": row, "loss": loss} for row, loss in enumerate(losses, 1)
    ]
    page = run_report(made).to_html()
    read(page)
    (line,) = re.findall(r"<path class='line l0' d='(M46[^']*)'", page)
    assert len(re.findall("M", line)) == 3
    assert "L" not in line


def test_a_run_without_results_says_why():
    for status, why in (
        ("failed", "A cell failed"),
        ("interrupted", "A person stopped the run"),
        ("unfinished", "did not come to its end"),
        ("finished", "holds no metrics"),
    ):
        for text in both(record(status=status, steps={})):
            assert "There are no results to report." in text
            assert why in text


def test_the_cell_that_failed_is_named():
    made = full()
    made.status = "failed"
    execution = made.cells[3].executions[-1]
    execution.status, execution.error = "error", "ValueError: no <good>"
    for text in both(made):
        assert "The run failed in cell 4 (model training): ValueError: no <good>." in text


def test_the_smallest_record_there_can_be():
    for text in both(Record("an-id")):
        assert "A run" in text
        assert "There are no results to report." in text
        assert "For the authors" in text
    answers = blocks(run_report(Record("an-id")), Checklist)
    assert [len(one.answered) for one in answers] == [0, 0, 0]


def test_times_with_and_without_a_zone():
    for text in both(record(start=BEGAN, end=datetime(2026, 3, 1, 13, 0))):
        assert "no time zone recorded" in text
        assert "Whole run" not in text


def test_a_record_of_mlprovcodegen():
    made = full()
    made.software, made.cells, made.fingerprints, made.pack = "MLProvCodeGen", [], {}, {}
    made.environment = {}
    made.start, made.end = made.start.replace(tzinfo=None), made.end.replace(tzinfo=None)
    made.steps["model_evaluation"].values["evaluation_metrics"]["f1_per_class"] = [0.5, 0.75]
    for text in both(made):
        assert "none of its code" in text
        assert "cannot be repeated exactly" in text
        assert "0.75" in text


@pytest.mark.parametrize("data", [MULTICLASS, IMAGES])
def test_files_of_mlprovcodegen(data, tmp_path):
    file = tmp_path / "theirs.json"
    file.write_text(json.dumps(legacy(data)))
    made = run_report(file)
    for text in (read(made.to_html()), read_markdown(made.to_markdown())):
        assert "none of its code" in text
        assert "with Adam" in text
        assert f"mlprov reproduce {file.name}" in text
    for answers in blocks(made, Checklist):
        assert "Dependencies" not in [one.item for one in answers.answered if one.whole]


def edited_run() -> Record:
    made = full()
    made.pack = {"name": "no such pack", "version": "1", "sha256": "0" * 64}
    made.cells[3] = cell("training", "x = 2 # <b>", generated="x = 1", step="model_training")
    made.cells.insert(4, cell("mine", "y = `3` | 4", generated=None))
    return made


def test_cells_changed_by_hand_are_shown_as_diffs():
    for text in both(edited_run()):
        assert "2 cells changed by hand" in text
        assert "-x = 1" in text
        assert "+x = 2 # <b>" in text
        assert "+y = `3` | 4" in text


def test_only_what_the_pack_writes_counts_as_generated():
    made = full()
    made.pack = {"name": "multiclass_classification", "version": "1", "sha256": "0" * 64}
    # The record says of itself that nothing was edited, but no pack writes such cells.
    assert all(cell.origin == "generated" for cell in made.cells)
    page, _ = both(made)
    assert "code cells are not what the pack writes here today. By the record’s own word" in page
    assert "x = 1" in page


def test_against_an_original():
    same = both(full(), full())
    different = full()
    different.steps["model_evaluation"].values["evaluation_metrics"]["accuracy"] = 0.5
    different.environment["num_threads"] = 4
    other = both(different, full())
    for text in same:
        assert "Bit-identical" in text
        assert "Number by number" in text
    for text in other:
        assert "Different from the original" in text
        assert "Most likely cause" in text
        assert "num threads" in text


def test_the_verdict_that_a_record_holds():
    original = {
        "run_id": "x",
        "name": "first.ipynb",
        "verdict": "within tolerance",
        "tolerance": {"relative": 1e-6, "absolute": 1e-8},
        "first_difference": "weights",
        "cause": "Most likely cause: threads.",
    }
    for text in both(record(original=original)):
        assert "compared itself with the original run" in text
        assert "Within tolerance" in text
        assert "first.ipynb" in text
        assert "Most likely cause: threads." in text
        assert "not yet reproduced" not in text
    for text in both(record(original={"run_id": "x", "name": "first.ipynb"})):
        assert "was not compared with it" in text
    # As good as the comparison itself says: the weights were not the same.
    page = run_report(record(original={**original, "verdict": "metric-identical"})).page
    assert ("Metric-identical", "fair") in page.badges
    for text in both(record(original={"verdict": "<script>perfect</script>"})):
        assert "perfect" not in text


def test_what_a_report_is_made_of(tmp_path):
    made = full()
    file = write_record(made, tmp_path / "iris.prov.json")
    notebook = tmp_path / "iris.ipynb"
    notebook.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    finished = SimpleNamespace(record=made, file=file, verification=verify(made, made))
    for source in (file, str(file), notebook, made, finished):
        assert "12,345" in run_report(source).to_markdown()
        assert "Bit-identical" in run_report(made, source).to_markdown()
    assert "Bit-identical" in run_report(finished).to_markdown()
    assert "SHA-256" in run_report(file).page.footer


def test_the_run_that_it_started_from():
    changes = {"epochs": [3, 5], "plots": [True, False], "odd": "x"}
    start = {"run_id": "an-id", "name": "first.ipynb", "changes": changes}
    for text in both(record(started_from=start)):
        assert "Started from another run" in text
        assert "first.ipynb" in text
        assert "3 → 5" in text
        assert "yes → no" in text


@pytest.mark.parametrize("source", [None, 3, {"run_id": "x"}, object()])
def test_what_is_no_run_is_a_sentence(source):
    with pytest.raises(RecordError, match="A report is made of a run"):
        run_report(source)


def test_a_file_that_is_none_is_a_sentence(tmp_path):
    (tmp_path / "x.prov.json").write_text("{")
    for path in (tmp_path / "x.prov.json", tmp_path / "none.prov.json", tmp_path, "a\0b"):
        with pytest.raises(RecordError):
            run_report(path)
        with pytest.raises(RecordError):
            run_report(full(), path)


def test_every_item_is_answered_or_left_to_the_authors():
    for run in (full(), record(), Record("an-id")):
        for found, total in zip(blocks(run_report(run), Checklist), (16, 14, 20), strict=True):
            told = [(one.key, one.item) for one in found.answered] + found.open
            assert len(told) == len(set(told)) == total


def test_what_no_record_can_know_is_left_to_the_authors():
    neurips, acl, pineau = blocks(run_report(full()), Checklist)
    assert {"1", "2", "3", "9", "10", "11", "14", "15", "16"} <= {key for key, _ in neurips.open}
    assert {"A1", "A2", "B3", "D", "E"} <= {key for key, _ in acl.open}
    assert any("considered" in item for _, item in pineau.open)
    answered = {one.key: one for one in neurips.answered}
    # The compute of one run is not that of the project, and one seed gives no error bars.
    assert not answered["8"].whole
    assert not answered["7"].whole
    assert answered["6"].whole
    assert "optimizer Adam" in answered["6"].text


def test_a_notebook_shows_the_report_without_a_page_of_its_own():
    shown = run_report(full())._repr_html_()
    read(shown)
    assert "<html" not in shown


@pytest.mark.parametrize(
    ("name", "again"),
    [
        ("iris.ipynb", "iris-reproduction"),
        ("iris-reproduction.ipynb", "iris-reproduction-2"),
        ("iris-reproduction-9.ipynb", "iris-reproduction-10"),
    ],
)
def test_the_commands_lead_to_a_new_run_that_is_compared_with_this_one(name, again):
    given = name.replace(".ipynb", ".prov.json")
    text = read(run_report(record(notebook={"name": name})).to_html())
    assert f"mlprov reproduce {given} -o {again}.ipynb --requirements" in text
    assert f"mlprov run {again}.ipynb" in text
    assert f"mlprov report {again}.prov.json --against {given} -o {again}.html" in text


@pytest.mark.parametrize("is_here", [False, True])
def test_the_commands_name_the_pack_of_somebody_else(is_here, tmp_path):
    made = record(notebook={"name": "a.ipynb"}, pack={"name": "study", "version": "1"})
    folder = new_pack(tmp_path / "study") if is_here else None
    text = read(run_report(made, packs=[folder] if folder else []).to_html())
    assert (
        "mlprov reproduce a.prov.json -o a-reproduction.ipynb --requirements --packs study" in text
    )
    assert "the pack study (version 1), which does not come with mlprov-widgets" in text


def test_the_commands_name_no_folder_for_a_pack_that_everybody_has():
    made = record(notebook={"name": "a.ipynb"}, pack={"name": "tabular_regression", "version": "1"})
    assert "--packs" not in read(run_report(made).to_html())


def test_the_data_file_keeps_its_name():
    made = full()
    made.steps["data_ingestion"].values |= {"root_location": "my_data.csv", "source_sha256": "f0"}
    assert "The data file my_data.csv has to lie" in read(run_report(made).to_html())


def with_history(history):
    made = record()
    made.steps["model_training"].values["history"] = history
    return run_report(made)


def test_trials_stand_in_one_table_with_their_settings():
    history = [
        {"trial": 1, "C": 0.1, "gamma": "scale", "accuracy": 0.5},
        {"trial": 2, "C": 10, "gamma": 0.01, "accuracy": 0.75, "extra": None},
    ]
    made = with_history(history)
    (table,) = [one for one in blocks(made, DataTable) if one.title == "Trials"]
    assert table.head[:4] == ("Trial", "C", "Gamma", "Accuracy")
    assert [row[:4] for row in table.rows] == [
        ("1", "0.1", "scale", "0.5"),
        ("2", "10", "0.01", "0.75"),
    ]
    assert not blocks(made, Chart)


def test_of_many_trials_it_is_said_how_many_are_left_out():
    history = [{"trial": number, "accuracy": 0.5} for number in range(1, 251)]
    (table,) = [one for one in blocks(with_history(history), DataTable) if one.title == "Trials"]
    assert len(table.rows) == 200
    assert table.note == "50 more are in the record."


def test_folds_are_listed_to_the_last_digit():
    folds = [0.1 * number for number in range(1, 31)]
    made = full()
    made.steps["model_evaluation"].values["evaluation_metrics"] = {"r2": folds}
    text = read(run_report(made).to_html())
    assert "0.30000000000000004" in text
    assert "… and 10 more" in text


def test_hyperparameters_are_listed_once():
    made = full()
    made.steps["model_parameters"].values["hyperparameters"] = {"C": 2.0, "gamma": "scale"}
    titles = [one.title for one in blocks(run_report(made), DataTable)]
    assert titles.count("Hyperparameters") == 1
