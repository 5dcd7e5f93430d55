"""Two runs are compared; each test changes one thing and looks what is said about it."""

from __future__ import annotations

import copy
import json
import math
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlprov_widgets.errors import RecordError
from mlprov_widgets.provenance import write_record
from mlprov_widgets.reproduction import VERDICTS, Outcome, verify
from tests.reproduction.made_runs import cell, record


def changed(**fields):
    """A record that is like the other but for entries of its dicts."""
    made = record()
    for name, entries in fields.items():
        getattr(made, name).update(entries)
    return made


def with_metrics(**metrics):
    made = copy.deepcopy(record())
    made.steps["model_evaluation"].values["evaluation_metrics"].update(metrics)
    return made


def items(verification):
    return {item.name: item for item in verification.items}


def test_a_run_is_the_same_as_itself():
    found = verify(record(), record())
    assert found.verdict == "bit-identical"
    assert found.differences == []
    assert found.first_difference is None
    assert [item.name for item in found.items] == [
        "data",
        "split",
        "initial_weights",
        "weights",
        "predictions",
        "history",
        "accuracy",
        "loss",
        "roc_auc",
        "f1_per_class: setosa",
        "f1_per_class: virginica",
        "confusion_matrix",
    ]
    assert {item.verdict for item in found.items} == {"identical"}
    assert found.to_text().splitlines()[-1] == "Verdict: bit-identical"


def test_the_same_metrics_from_other_weights():
    found = verify(changed(fingerprints={"weights": "f" * 64}), record())
    assert found.verdict == "metric-identical"
    assert found.first_difference.name == "weights"


@pytest.mark.parametrize("name", ["data", "weights", "predictions"])
def test_without_a_decisive_fingerprint_nothing_is_bit_identical(name):
    one, two = record(), record()
    del one.fingerprints[name], two.fingerprints[name]
    found = verify(one, two)
    assert items(found)[name].verdict == "missing"
    assert found.verdict == "metric-identical"
    assert re.search(rf"^{name} +– +– +missing$", found.to_text(), re.MULTILINE)


@pytest.mark.parametrize(
    ("loss", "verdict"),
    [
        (0.125, "bit-identical"),
        (0.125 * (1 + 1e-7), "within tolerance"),
        (0.125 * (1 + 1e-5), "different"),
        (math.nan, "different"),
        ("0.125", "different"),
        (None, "different"),
    ],
)
def test_levels(loss, verdict):
    assert verify(with_metrics(loss=loss), record()).verdict == verdict


def test_the_tolerance_can_be_set():
    new = with_metrics(loss=0.126)
    assert verify(new, record(), relative=0.01).verdict == "within tolerance"
    assert verify(new, record(), absolute=0.01).verdict == "within tolerance"
    near = with_metrics(loss=0.125 + 1e-12)
    assert verify(near, record(), relative=0, absolute=0).verdict == "different"
    with pytest.raises(ValueError, match="negative"):
        verify(new, record(), relative=-1)


def test_numbers_that_look_alike_are_shown_to_the_digit_that_differs():
    row = next(
        line
        for line in verify(with_metrics(loss=0.125 + 1e-12), record()).to_text().splitlines()
        if line.startswith("loss")
    )
    assert row.split()[:3] == ["loss", repr(0.125 + 1e-12), "0.125"]


def test_inside_a_matrix():
    found = items(verify(with_metrics(confusion_matrix=[[10, 0], [2, 8]]), record()))
    assert found["confusion_matrix"].verdict == "different"
    assert found["confusion_matrix"].note == "first at 2, 1"
    other_shape = items(verify(with_metrics(confusion_matrix=[[10, 0]]), record()))
    assert other_shape["confusion_matrix"].verdict == "different"


def test_a_class_that_only_one_run_has():
    found = verify(with_metrics(f1_per_class={"setosa": 1.0, "versicolor": 0.5}), record())
    assert items(found)["f1_per_class: virginica"].verdict == "missing"
    assert items(found)["f1_per_class: versicolor"].verdict == "missing"
    assert found.verdict == "different"


def test_a_run_without_metrics():
    without = record(steps={})
    assert verify(without, record()).verdict == "different"
    nothing = record(steps={}, fingerprints={})
    assert verify(nothing, nothing).verdict == "different"


def test_where_the_histories_part():
    new = record()
    epochs = new.steps["model_training"].values["history"]
    epochs[1] = {**epochs[1], "loss": 0.6}
    found = verify(new, record())
    assert items(found)["history"].verdict == "different"
    assert items(found)["history"].note == "from epoch 2 at loss"
    assert found.verdict == "metric-identical"
    assert "from epoch 2 at loss" in found.to_text()

    del epochs[2]
    epochs[1] = {**epochs[1], "loss": 0.5}
    found = verify(new, record())
    assert (items(found)["history"].new, items(found)["history"].original) == (
        "2 epochs",
        "3 epochs",
    )
    assert items(found)["history"].note == "after epoch 2"


def test_a_history_by_columns_and_without_times():
    rows, columns = record(), record()
    rows.steps["model_training"].values["history"] = [
        {"loss": 1.0, "epoch_seconds": 0.1},
        {"loss": 0.5, "epoch_seconds": 0.1},
    ]
    columns.steps["model_training"].values["history"] = {"loss": [1.0, 0.5]}
    assert verify(columns, rows).verdict == "bit-identical"


def test_what_differed_most_likely_cause_first():
    new = changed(
        values={"seed": 1},
        fingerprints={"data": "9" * 64},
        packages={"tqdm": "5.0", "torch": "3.0", "extra": "1"},
        environment={"num_threads": 1, "cpu_capability": "AVX512", "cuda_version": "13.0"},
        hardware_info={"CPU": "Another"},
    )
    new.cells[3] = cell("training", "x = 2", generated="x = 1", step="model_training")
    found = verify(new, record())
    assert [(one.kind, one.name) for one in found.differences] == [
        ("data", "data"),
        ("value", "seed"),
        ("code", "code cell 3 (model training)"),
        ("threads", "num_threads"),
        ("CPU capability", "cpu_capability"),
        ("library", "torch"),
        ("GPU", "cuda_version"),
        ("package", "extra"),
        ("package", "tqdm"),
        ("hardware", "CPU"),
    ]
    text = found.to_text()
    assert re.search(r"^library: torch +3\.0 +2\.9$", text, re.MULTILINE)
    assert re.search(r"^package: extra +1 +–$", text, re.MULTILINE)
    assert text.endswith("Verdict: metric-identical")


def test_a_value_changed_in_the_notebook():
    new = record()
    new.steps["model_training"].values["batch_size"] = 32
    (one,) = verify(new, record()).differences
    assert (one.kind, one.name, one.new, one.original) == (
        "value",
        "model_training.batch_size",
        32,
        16,
    )


def test_a_value_that_one_run_did_not_get_to():
    new = record()
    del new.steps["model_training"].values["batch_size"]
    assert verify(new, record()).differences == []


def test_cells():
    new = record()
    new.cells.insert(2, cell("added-1", "y = 2", generated=None))
    new.cells[4] = cell("training", generated="x = 1", step="model_training")
    # The last cell has not run either, but the comparison may be made while it runs.
    new.cells.append(cell("late", generated="z = 1"))
    found = verify(new, record()).differences
    assert [(one.name, one.new) for one in found] == [
        ("code cell 4 (model training)", "not run"),
        ("code cell 2", "added"),
    ]


def test_an_added_cell_whose_id_was_made_up():
    one, two = record(), record()
    one.cells.insert(2, cell("added-1", "y = 2", generated=None))
    two.cells.insert(2, cell("added-77", "y = 2", generated=None))
    assert verify(one, two).differences == []


def test_a_file_a_record_and_a_note_are_the_same(tmp_path):
    path = write_record(record(), tmp_path / "iris.prov.json")
    note = json.loads(json.dumps(Outcome.of(record()).to_dict(), allow_nan=False))
    for source in (path, str(path), note):
        found = verify(source, record())
        assert found.verdict == "bit-identical"
        assert found.differences == []
        assert found.new_name == "iris.ipynb"


@pytest.mark.parametrize(
    "note",
    [
        {"metrics": []},
        {"history": {"loss": 1}},
        {"fingerprints": {"data": 1}},
        {"cells": [1]},
        {"cells": [{}]},
        {"run_id": 3},
    ],
)
def test_a_damaged_note(note):
    with pytest.raises(RecordError, match="note of the original run"):
        verify(record(), note)


class Reader(HTMLParser):
    """Collects the tags and the texts of cells."""

    def __init__(self):
        super().__init__()
        self.tags, self.open = set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        assert all(name in {"class", "scope"} for name, _ in attrs)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


hostile = st.sampled_from(
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "\x1b[2J", "a\nVerdict: x"]
)
numbers = st.integers() | st.floats() | st.none() | st.booleans()
texts = hostile | st.text(max_size=20)
values = st.recursive(
    numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
tables = st.dictionaries(texts, values, max_size=4)


@st.composite
def outcomes(draw):
    names = st.dictionaries(texts, texts, max_size=3)
    return Outcome(
        name=draw(texts),
        fingerprints=draw(names),
        metrics=draw(tables),
        history=draw(st.lists(values, max_size=3)),
        environment=draw(tables),
        packages=draw(names),
        hardware_info=draw(tables),
        values=draw(tables),
    )


@given(outcomes(), outcomes())
def test_whatever_the_records_hold(new, original):
    found = verify(new, original)
    assert found.verdict in VERDICTS
    assert verify(original, new).verdict == found.verdict
    lines = found.to_text().split("\n")
    assert lines[-1] == f"Verdict: {found.verdict}"
    assert [line for line in lines if line.startswith("Verdict: ")] == lines[-1:]
    assert all(line.isprintable() for line in lines)
    reader = Reader()
    reader.feed(found.to_html())
    assert reader.open == []
    assert reader.tags <= {
        *("div", "style", "table", "caption", "thead", "tbody", "tr", "th", "td", "p", "strong")
    }
    json.dumps(found.to_dict(), allow_nan=False)


@given(outcomes())
def test_every_outcome_is_the_same_as_itself(outcome):
    found = verify(outcome, Outcome.from_dict(outcome.to_dict()))
    assert not {item.verdict for item in found.items} & {"different", "within tolerance"}


def test_very_many_metrics():
    many = {f"metric_{number}": number for number in range(5000)}
    new = with_metrics(**{**many, "metric_4321": -1})
    found = verify(new, with_metrics(**many))
    assert "metric 4321" in found.to_text()
    assert len(found.to_text().splitlines()) < 300
    assert len(found.to_html()) < 100_000
