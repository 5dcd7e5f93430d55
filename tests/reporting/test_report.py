"""The report on a run: it says what the record says, stays text, and never fails on a record."""

from __future__ import annotations

import copy
import json
import math
import re
import shlex
import subprocess
import sys
from datetime import datetime
from html.parser import HTMLParser
from types import SimpleNamespace

import mistune
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mlprov_widgets.errors import RecordError
from mlprov_widgets.provenance import Record, Step, write_record
from mlprov_widgets.reporting import run_report
from mlprov_widgets.reporting.blocks import Answers, Facts, Names, Table
from mlprov_widgets.reproduction import verify
from tests.reproduction.made_legacy import IMAGES, MULTICLASS, legacy
from tests.reproduction.made_runs import BEGAN, cell, record


def words(text: str) -> list[str]:
    return text.split()


TAGS = set(
    words(
        "a article b body dd div dl dt figcaption figure footer h1 h2 h3 h4 head header html li "
        "line meta nav ol p path pre section span style svg table tbody td text th thead title tr "
        "ul wbr"
    )
)
ATTRIBUTES = set(
    words(
        "aria-hidden aria-label charset class content d href http-equiv id lang name role scope "
        "tabindex text-anchor viewbox x x1 x2 y y1 y2"
    )
)
ADDRESSES = {
    "https://neurips.cc/public/guides/PaperChecklist",
    "https://aclrollingreview.org/responsibleNLPresearch/",
    "https://www.cs.mcgill.ca/~jpineau/ReproducibilityChecklist.pdf",
}
VOID = {"meta", "wbr"}


class Reader(HTMLParser):
    """Checks that every tag is one of ours and closed, and collects the text."""

    def __init__(self):
        super().__init__()
        self.open, self.text, self.links = [], [], []

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in ATTRIBUTES, name
            if name == "href":
                self.links.append(value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.text.append(data)


def read(page: str) -> str:
    """The text of a page that is well formed and asks for nothing from elsewhere."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    assert all(link in ADDRESSES or link.startswith("#mlprov-") for link in reader.links)
    return " ".join("".join(reader.text).split())


_render = mistune.create_markdown(escape=False, plugins=["table", "strikethrough", "url"])


def read_markdown(text: str) -> str:
    """The text of Markdown in which nothing but ours is a tag, a link or a picture."""
    found = _render(text)
    tags = set(re.findall(r"<\s*/?\s*([a-zA-Z][\w-]*)", found))
    assert tags <= set(words("h1 h2 h3 p strong table thead tbody tr th td code pre ul li a hr"))
    assert set(re.findall(r'href="([^"]*)"', found)) <= ADDRESSES
    # GitHub makes links of these as they stand, also of escaped ones, but never in code.
    outside = re.sub(r"<(code|pre|a)\b.*?</\1>", "", found, flags=re.DOTALL)
    assert not re.search(r"(?i)://|\bwww\.|@", outside)
    plain = re.sub(r"<[^>]*>", " ", found)
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"')):
        plain = plain.replace(entity, char)
    return " ".join(plain.replace("&amp;", "&").split())


def full() -> Record:
    """A run that has recorded something in every section."""
    made = record(
        hardware_info={"CPU": "A processor", "CPU_cores": 8, "GPUs": ["A GPU"], "RAM": "16 GiB"},
        git={"commit": "0123abcd", "branch": "main", "dirty": True},
        values={"seed": 42, "optimizer": "Adam", "epochs": 3},
    )
    made.steps = {
        "data_ingestion": Step(
            values={
                "dataset_id": "iris",
                "samples_total": 12345,
                "dataset_classes": 2,
                "root_location": "sklearn.datasets.load_iris",
            }
        ),
        "data_preparation": Step(values={"operations": ["StandardScaler()"]}),
        "data_segregation": Step(
            values={
                "training_samples": 90,
                "validation_samples": 30,
                "testing_samples": 30,
                "training_split": 0.6,
                "random_state": 7,
            }
        ),
        "model_parameters": Step(
            values={
                "model_name": "SmallNet",
                "model_description": "SmallNet(\n  (0): Linear()\n)",
                "number_of_parameters": 2953,
                "optimizer": "Adam",
                "optimizer_learning_rate": 0.001,
                "loss_function": "CrossEntropyLoss",
                "device": "cuda",
            }
        ),
        **made.steps,
    }
    made.steps["model_training"].values |= {"epochs": 3, "epochs_run": 3}
    made.steps["model_evaluation"].values["number_of_predictions"] = 20
    return made


def both(run, *rest) -> tuple[str, str]:
    report = run_report(run, *rest)
    return read(report.to_html()), read_markdown(report.to_markdown())


def blocks(report, kind):
    return [one for part in report.page.sections for one in part.blocks if isinstance(one, kind)]


@pytest.mark.parametrize("form", [0, 1])
@pytest.mark.parametrize(
    "said",
    [
        "12,345",  # samples
        "sklearn.datasets.load_iris",
        "StandardScaler()",
        "90 (60.0%)",
        "SmallNet with 2,953 parameters was trained on iris (12,345 samples, 2 classes)",
        "for 3 epochs with Adam at a learning rate of 0.001, in batches of 16",
        "CrossEntropyLoss",
        "A processor (8 cores), 16 GiB, A GPU",
        "0123abcd (main)",
        "with changes that were not committed",
        "0.9736842105263158",  # as recorded
        "accuracy of 0.9737",
        "virginica",
        "whole run took 9.0 s",
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
        row.where: row.value for block in blocks(run_report(full()), Facts) for row in block.rows
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
    tables = {block.title: block for block in blocks(run_report(full()), Table)}
    (metrics,) = (table for title, table in tables.items() if title.startswith("Metrics"))
    assert ("Accuracy", "0.9737", "0.9736842105263158") in metrics.rows
    assert ("ROC AUC", "nan", "nan") in metrics.rows
    assert [row[0] for row in metrics.rows] == ["Accuracy", "Loss", "ROC AUC"]
    assert tables["By class"].rows == [
        ("setosa", "1.0000", "10"),
        ("virginica", "0.9000", "10"),
    ]
    assert tables["Confusion matrix"].rows == [("setosa", "10", "0"), ("virginica", "1", "9")]


def test_folds_are_told_with_mean_and_deviation():
    made = full()
    metrics = made.steps["model_evaluation"].values["evaluation_metrics"]
    metrics["cross_validation_accuracy"] = [0.9, 0.95, 1.0]
    page, _ = both(made)
    assert "0.9500 ± 0.0500 (n = 3)" in page


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
        assert "The run failed in a cell (model training) with ValueError: no <good>." in text


def test_the_smallest_record_there_can_be():
    for text in both(Record("an-id")):
        assert "A run" in text
        assert "There are no results to report." in text
        assert "For the authors" in text
    answers = blocks(run_report(Record("an-id")), Answers)
    assert [len(one.answers) for one in answers] == [0, 0, 0]


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
        assert "0.7500" in text


@pytest.mark.parametrize("data", [MULTICLASS, IMAGES])
def test_files_of_mlprovcodegen(data, tmp_path):
    file = tmp_path / "theirs.json"
    file.write_text(json.dumps(legacy(data)))
    made = run_report(file)
    for text in (read(made.to_html()), read_markdown(made.to_markdown())):
        assert "none of its code" in text
        assert "with Adam" in text
        assert f"mlprov reproduce {file.name}" in text
    for answers in blocks(made, Answers):
        assert "Dependencies" not in [one.item for one in answers.answers if one.whole]


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
    assert "code cells are not what the pack multiclass_classification 1 writes" in page
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
        for found, total in zip(blocks(run_report(run), Answers), (16, 14, 20), strict=True):
            told = [(one.key, one.item) for one in found.answers] + found.open
            assert len(told) == len(set(told)) == total


def test_what_no_record_can_know_is_left_to_the_authors():
    neurips, acl, pineau = blocks(run_report(full()), Answers)
    assert {"1", "2", "3", "9", "10", "11", "14", "15", "16"} <= {key for key, _ in neurips.open}
    assert {"A1", "A2", "B3", "D", "E"} <= {key for key, _ in acl.open}
    assert any("considered" in item for _, item in pineau.open)
    answered = {one.key: one for one in neurips.answers}
    # The compute of one run is not that of the project, and one seed gives no error bars.
    assert not answered["8"].whole
    assert not answered["7"].whole
    assert answered["6"].whole
    assert "optimizer Adam" in answered["6"].text


def test_a_notebook_shows_the_report_without_a_page_of_its_own():
    shown = run_report(full())._repr_html_()
    read(shown)
    assert "<html" not in shown


HOSTILE = [
    "<script>alert(1)</script>",
    "'><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "a | b | c",
    "a\n\n# Heading\n\n| x |\n|---|\n| y |",
    "```\nrm -rf\n```",
    "`code` ``two``",
    "[link](javascript:alert(1)) ![x](http://example.org/x.png)",
    "<http://example.org> &lt;b&gt; &#60;b&#62;",
    "* one\n* two\n\n1. three\n\n---\n===",
    "\\| \\` \\<b\\>",
    "$x^2$ ~~gone~~ __bold__ *soft*",
    "\x1b[2J\x00\u202egnp.exe\u2028next",
    "</style></pre></table><h1>x",
    "@someone #1 x" + "x" * 5000,
    "at http://example.org/?a=`b`|c (HTTPS://example.org) or www.example.org",
    "a person <someone@example.org>",
]


def poisoned(text: str) -> Record:
    """A record that has this text wherever a text can be, and as every name that is free."""
    names = words(
        "dataset_id dataset_description root_location data_format operations model_name optimizer "
        "loss_function loss_description activation_function device batch_size epochs random_seed "
        "seed random_state training_samples source_sha256 model_source weights"
    )
    values = dict.fromkeys([*names, text], text)
    values |= {"model_description": f"{text}\n{text}", "optimizer_parameters": {text: [text]}}
    parts = "data_ingestion data_preparation data_segregation model_parameters model_training"
    steps = {name: Step(BEGAN, BEGAN, dict(values)) for name in words(parts)}
    steps["model_training"].values["history"] = [
        {"epoch": row, text: 1.0 / row, f"validation_{text}": 2.0} for row in (1, 2, 3)
    ]
    steps["model_evaluation"] = Step(
        BEGAN,
        BEGAN,
        {
            "number_of_predictions": text,
            "evaluation_metrics": {
                text: 0.5,
                "accuracy": text,
                "f1_per_class": {text: 1.0, f"{text}2": 0.5},
                f"{text}_per_class": [1.0, 2.0],
                "confusion_matrix": [[1, 2], [3, 4]],
            },
        },
    )
    cells = [
        cell(text, text, generated=f"{text}!", step=text),
        cell("b", text, generated=None),
        cell("c", text, kind="markdown"),
    ]
    cells[0].executions[-1].status, cells[0].executions[-1].error = "error", text
    facts = {text: text, "GPUs": [text], "CPU": text, "CPU_cores": text, "title": text}
    return Record(
        text,
        "failed",
        BEGAN,
        BEGAN,
        agent={"name": text, "orcid": text},
        software=text,
        pack={"name": text, "version": text, "sha256": text},
        values={text: text},
        experiment_info=facts,
        hardware_info=facts,
        packages={text: text, "torch": text},
        notebook={"name": text, "programming_language_version": text},
        environment={"python": text, "torch_version": text, "thread_pools": [{"version": text}]},
        git={"commit": text, "branch": text, "dirty": text},
        steps=steps,
        fingerprints={"data": text, "split": text, text: text},
        cells=cells,
        started_from={"name": text, "run_id": text, "changes": {text: [text, text]}},
        original={"name": text, "verdict": "different", "cause": text, "tolerance": {text: text}},
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_record_says_stays_text(text):
    made = poisoned(text)
    original = copy.deepcopy(made)
    original.environment["python"] = "other" + text
    original.steps["model_evaluation"].values["evaluation_metrics"][text] = 0.75
    for report in (run_report(made), run_report(made, original)):
        page, plain = read(report.to_html()), read_markdown(report.to_markdown())
        shown = " ".join(re.sub(r"[^\w\s<>()|`*#$~@\\=]", " ", text[:60]).split())[:12].strip()
        assert shown.split(" ")[0] in page
        assert len(plain) > 1000


@pytest.mark.parametrize("text", HOSTILE)
def test_tables_in_markdown_keep_their_columns(text):
    lines = run_report(poisoned(text)).to_markdown().split("\n")
    inside, width = False, 0
    for line in lines:
        if line.startswith(("```", "````")):
            inside = not inside
        if inside or not line.startswith("|"):
            width = 0
            continue
        cells = len(re.findall(r"(?<!\\)\|", re.sub(r"\\\\", "", line)))
        assert width in (0, cells), line
        width = cells


@pytest.mark.parametrize("name", ["x; rm -rf ~", "$(x).ipynb", "-rf.ipynb", "a b.ipynb", "`x`"])
def test_commands_quote_what_a_record_names(name):
    lines = [
        line
        for line in run_report(record(notebook={"name": name})).to_markdown().splitlines()
        if "mlprov " in line and line.split(" ")[0].endswith("mlprov")
    ]
    assert lines
    for line in lines:
        words = shlex.split(line)
        assert words[1] in {"reproduce", "run", "report"}
        assert not words[2].startswith("-")
        assert not set(line) & set("$;&|`") or "'" in line


def test_huge_values_make_no_huge_report():
    deep: list = []
    for _ in range(100):
        deep = [deep]
    made = full()
    made.values = {f"v{row}": "x" * 10_000 for row in range(5000)} | {"deep": deep, "big": 10**5000}
    made.packages = {f"p{row}": "1.0" for row in range(20_000)}
    made.hardware_info = {f"h{row}": row for row in range(10_000)}
    made.environment = {"thread_pools": [{"version": "9" * 10**5}] * 1000}
    made.fingerprints = {"data": "f" * 10**6}
    evaluation = made.steps["model_evaluation"].values
    evaluation["number_of_predictions"] = 10**5000
    evaluation["evaluation_metrics"] |= {
        "big": 10**5000,
        "accuracy": 10**400,
        "many_per_class": {f"c{row}": 0.5 for row in range(20_000)},
        "confusion_matrix": [[1] * 300 for _ in range(300)],
        **{f"m{row}": row for row in range(5000)},
    }
    made.steps["model_training"].values["history"] = [
        {"epoch": row, "loss": 1 / (row + 1), **{f"k{column}": row for column in range(20)}}
        for row in range(5000)
    ]
    made.steps["data_ingestion"].values |= {"feature_names": ["n" * 1000] * 10**5, "x": deep}
    made.cells[3] = cell("training", "x = 2\n" * 100_000, generated="x = 1", step="s" * 10**5)
    report = run_report(made, full())
    page, text = report.to_html(), report.to_markdown()
    read(page)
    read_markdown(text)
    assert len(page) < 700_000
    assert len(text) < 400_000


def test_a_record_that_is_nested_without_end_is_a_sentence():
    deep: list = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(RecordError, match="nested too deeply"):
        run_report(record(values={"x": deep}), record())


def test_values_that_do_not_count_are_left_out():
    values = {"dataset": "iris", "resampling": "hold_out", "n_splits": 5, "unknown": 1}
    made = record(values=values, pack={"name": "multiclass_classification"})
    (names,) = (one for one in blocks(run_report(made), Names) if "values" in one.title)
    assert ("n_splits", "5") not in names.pairs
    assert ("dataset", "iris") in names.pairs
    assert ("unknown", "1") in names.pairs
    assert "1 that do not count" in names.note


leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(HOSTILE)
)
anything = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
FIELDS = words(
    "dataset_id samples_total dataset_classes training_samples training_split operations "
    "model_name model_description number_of_parameters optimizer learning_rate epochs "
    "batch_size random_seed random_state history evaluation_metrics class_names"
)


@settings(
    max_examples=40,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
    deadline=None,
)
@given(
    st.dictionaries(st.sampled_from(FIELDS), anything, max_size=12),
    st.dictionaries(st.text(max_size=10), anything, max_size=4),
    st.dictionaries(
        st.sampled_from(["accuracy", "f1_per_class", "confusion_matrix", "x"]), anything, max_size=4
    ),
)
def test_no_value_of_a_record_breaks_the_report(values, others, metrics):
    made = full()
    for step in made.steps.values():
        step.values = {**step.values, **values}
    if "evaluation_metrics" not in values:
        made.steps["model_evaluation"].values["evaluation_metrics"] = metrics
    made.hardware_info = made.environment = made.git = made.values = others
    made.packages = made.fingerprints = made.agent = {key: str(one) for key, one in others.items()}
    report = run_report(made)
    read(report.to_html())
    read_markdown(report.to_markdown())


def test_who_only_compares_does_not_wait_for_the_report():
    code = (
        "import sys, mlprov_widgets.reproduction\n"
        "assert 'mlprov_widgets.reporting' not in sys.modules\n"
        "import mlprov_widgets.reporting\n"
        "assert 'torch' not in sys.modules and 'pandas' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
