"""Two runs are compared; each test changes one thing and looks what is said about it."""

from __future__ import annotations

import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mlprov_widgets.comparison import VERDICTS, Outcome, verify
from mlprov_widgets.errors import RecordError
from mlprov_widgets.provenance import write_record
from tests.reproduction.made_runs import record
from tests.reproduction.verifying import changed, items, with_metrics


def test_a_run_is_the_same_as_itself():
    found = verify(record(), record())
    assert found.verdict == "bit-identical"
    assert found.differences == []
    assert found.first_difference is None
    assert [item.name for item in found.items] == [
        "data",
        "split",
        "initial_weights",
        "history",
        "weights",
        "predictions",
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


def test_a_class_keeps_its_name():
    found = verify(*[with_metrics(f1_per_class={"class_0": 1.0})] * 2)
    assert "f1 per class: class_0 " in found.to_text()


def test_gpus_are_told_by_name():
    before = record(hardware_info={"GPUs": ["One GPU", "Another"]})
    text = verify(changed(hardware_info={"GPUs": []}), before).to_text()
    assert re.search(r"GPUs +none +One GPU, Another\n", text)


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
    history = items(found)["history"]
    assert (history.epoch, history.quantity) == (2, "loss")
    assert history.note == "from epoch 2: loss 0.6 instead of 0.5"
    assert found.verdict == "metric-identical"
    assert found.first_difference is history
    assert history.note in found.to_text()

    del epochs[2]
    epochs[1] = {**epochs[1], "loss": 0.5}
    found = verify(new, record())
    assert (items(found)["history"].new, items(found)["history"].original) == (
        "2 epochs",
        "3 epochs",
    )
    assert items(found)["history"].note == "epoch 3 is only in the original"


def history_of(*losses, first=1, **more):
    """A record with these losses, one an epoch."""
    made = record()
    made.steps["model_training"].values["history"] = [
        {"epoch": epoch, "loss": loss, **more} for epoch, loss in enumerate(losses, start=first)
    ]
    return made


@pytest.mark.parametrize(
    ("new", "verdict", "epoch", "note"),
    [
        (history_of(3.0, 2.0, math.nan), "identical", None, ""),
        (history_of(3.0, 2.0), "different", 3, "epoch 3 is only in the original"),
        (
            history_of(3.0, 2.0, math.nan, 1.0, 0.5),
            "different",
            4,
            "epochs 4 to 5 are only in this run",
        ),
        (
            history_of(2.0, math.nan, first=2),
            "different",
            1,
            "epoch 1 is only in the original",
        ),
        (
            history_of(3.0, 2.0, 1.0),
            "different",
            3,
            "from epoch 3: loss 1 instead of nan",
        ),
        (
            history_of(3.0000001, 2.1, math.nan),
            "different",
            1,
            "from epoch 1: loss 3.0000001 instead of 3; beyond the tolerance from epoch 2",
        ),
        (
            history_of(3.0000001, 2.0, math.nan),
            "within tolerance",
            1,
            "from epoch 1: loss 3.0000001 instead of 3",
        ),
        (
            history_of(3.0, 2.0, math.nan, rate=0.1),
            "different",
            1,
            "from epoch 1: rate only in this run",
        ),
        (history_of(), "missing", None, ""),
    ],
)
def test_histories(new, verdict, epoch, note):
    history = items(verify(new, history_of(3.0, 2.0, math.nan)))["history"]
    assert (history.verdict, history.epoch, history.note) == (verdict, epoch, note)


def test_a_resumed_history_is_compared_epoch_by_epoch():
    """A run that was taken up again after its second epoch has the later ones only."""
    resumed, whole = history_of(1.5, 1.0, first=3), history_of(3.0, 2.0, 1.4, 1.0)
    history = items(verify(resumed, whole))["history"]
    assert history.note == (
        "from epoch 3: loss 1.5 instead of 1.4; epochs 1 to 2 are only in the original"
    )


def test_a_history_by_columns_and_without_times():
    rows, columns = record(), record()
    rows.steps["model_training"].values["history"] = [
        {"loss": 1.0, "epoch_seconds": 0.1},
        {"loss": 0.5, "epoch_seconds": 0.1},
    ]
    columns.steps["model_training"].values["history"] = {"loss": [1.0, 0.5]}
    assert verify(columns, rows).verdict == "bit-identical"


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


def test_files_are_known_where_they_are_there(tmp_path):
    old = write_record(record(), tmp_path / "iris.prov.json")
    new = write_record(record(), tmp_path / "iris-2.prov.json")
    found = verify(new, old)
    assert (found.new_file, found.original_file) == (new, old)
    assert "iris-2.prov.json&#34;) and view(" in found.to_html()
    assert verify(record(), record()).new_file is None

    note = Outcome.of(old).to_dict()
    assert note["file"] == "iris.prov.json"
    assert verify(record(), note).beside(new).original_file == old
    old.unlink()
    lost = verify(new, note)
    assert (lost.original_file, lost.original_file_name) == (None, "iris.prov.json")
    assert "iris.prov.json, is not in this folder" in lost.to_html()


def test_the_hint_can_be_written_whatever_the_file_is_called(tmp_path):
    odd = Path("a\udcff\n<b>.prov.json")
    page = verify(record(), record()).beside(tmp_path / odd).to_html()
    assert "a\\udcff\\n&lt;b&gt;.prov.json" in page
    page.encode()


@pytest.mark.parametrize("name", ["../iris.prov.json", "/etc/passwd", "..", "a\\b", 'a"b', "a\nb"])
def test_a_file_of_the_note_is_never_outside_the_folder(tmp_path, name):
    new = write_record(record(), tmp_path / "runs.prov.json")
    found = verify(new, {**Outcome.of(record()).to_dict(), "file": name})
    assert (found.original_file, found.original_file_name) == (None, "")


def test_what_is_recorded_of_it():
    new = changed(fingerprints={"weights": "f" * 64}, environment={"num_threads": 1})
    note = {**Outcome.of(record()).to_dict(), "file": "iris.prov.json"}
    assert verify(new, note, relative=1e-3).to_record() == {
        "verdict": "metric-identical",
        "tolerance": {"relative": 1e-3, "absolute": 1e-8},
        "first_difference": "weights",
        "cause": "Most likely cause: the number of threads (num threads: now 1, then 2).",
        "provenance_file": "iris.prov.json",
    }


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
        status=draw(texts),
        software=draw(texts),
        file=draw(texts),
        recorded=draw(tables),
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
    why = f" ({found.why_uncomparable})" if found.why_uncomparable else ""
    assert lines[-1] == f"Verdict: {found.verdict}{why}"
    assert [line for line in lines if line.startswith("Verdict: ")] == lines[-1:]
    assert all(line.isprintable() for line in lines)
    reader = Reader()
    reader.feed(found.to_html())
    assert reader.open == []
    assert reader.tags <= {
        *("div", "style", "table", "caption", "thead", "tbody", "tr", "th", "td", "p"),
        *("h3", "ul", "li", "details", "summary"),
    }
    json.dumps(found.to_dict(), allow_nan=False)


def test_two_runs_without_metrics_are_not_called_different():
    found = verify(Outcome(fingerprints={"weights": "1"}), Outcome(fingerprints={"weights": "1"}))
    assert found.title == "Not to be compared: no metric is in both runs"
    assert found.to_text().endswith("Verdict: different (no metric is in both runs)")


@given(outcomes())
@example(Outcome(history=[{"TIME": None}]))
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


def test_numbers_that_python_does_not_write():
    made = record()
    made.steps["model_evaluation"].values["evaluation_metrics"]["loss"] = 10**5000
    found = verify(made, record())
    assert found.verdict == "different"
    assert "a number of 16,610 bits" in found.to_text()
    assert "a number of 16,610 bits" in found.to_html()


def test_the_file_of_the_original_is_that_of_its_run(tmp_path: Path) -> None:
    first = record()
    original = write_record(first, tmp_path / "first.prov.json")
    told = Outcome.of(original).to_dict()
    new = write_record(record(run_id="another run"), tmp_path / "new.prov.json")
    assert verify(new, told).original_file == original
    # Somebody has run the notebook anew since, and the file has the same name.
    write_record(record(run_id="a third run"), original)
    found = verify(new, told)
    assert (found.original_file, found.original_file_name) == (None, "first.prov.json")
    original.unlink()
    assert verify(new, told).original_file is None
