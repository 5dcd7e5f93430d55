"""Whatever a record holds, its report stays text, and ends."""

from __future__ import annotations

import copy
import re
import shlex
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mlprov_widgets.errors import RecordError
from mlprov_widgets.present.blocks import Pairs
from mlprov_widgets.record import Record, Step
from mlprov_widgets.reporting import run_report
from tests.reporting.reading import blocks, full, read, read_markdown, words
from tests.reproduction.made_runs import BEGAN, cell, record

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
    (names,) = (one for one in blocks(run_report(made), Pairs) if "values" in one.title)
    assert ("n_splits", "5") not in names.pairs
    assert ("dataset", "iris") in names.pairs
    assert ("unknown", "1") in names.pairs
    assert "Left out: 1 parameter without effect beside these." in names.note


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
        "import sys, mlprov_widgets.comparison\n"
        "assert 'mlprov_widgets.reporting' not in sys.modules\n"
        "import mlprov_widgets.reporting\n"
        "assert 'torch' not in sys.modules and 'pandas' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
