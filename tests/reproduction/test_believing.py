"""What to know before believing a run is told wherever it is compared, or taken as a start."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mlprov_widgets.comparison import Outcome, verify
from mlprov_widgets.errors import RecordError
from tests.observed import finding, observed
from tests.reproduction.made_runs import record

LEAK = finding("target_in_features", "leak", feature="petal <width>")


def test_both_runs_tell_what_is_to_be_known_of_them():
    found = verify(observed(finding("diverged"), finding("x", "note")), observed(LEAK))
    assert found.to_know == {
        "this run": ["Training diverged."],
        "the original": ["Leak: The feature petal <width> says the same as the target."],
    }
    text = found.to_text()
    assert "numbers of this run:\n  Training diverged." in text
    assert "numbers of the original:\n  Leak: The feature petal <width>" in text
    assert "petal &lt;width&gt;" in found.to_html()
    assert found.to_dict()["to_know"] == found.to_know


def test_what_is_to_be_known_of_both_is_told_once():
    text = verify(observed(LEAK), observed(LEAK)).to_text()
    assert text.count("petal <width>") == 1
    assert "numbers of both runs" in text
    assert "What to know" not in verify(record(), record()).to_text()


def test_the_note_in_a_notebook_carries_it():
    noted = json.loads(json.dumps(Outcome.of(observed(LEAK)).to_dict()))
    assert verify(observed(), noted).to_know == {"the original": Outcome.of(observed(LEAK)).to_know}
    # Notes of earlier versions say nothing of it.
    del noted["to_know"]
    assert verify(observed(), noted).to_know == {}
    with pytest.raises(RecordError, match="to_know"):
        Outcome.from_dict({**noted, "to_know": [1]})


@pytest.mark.parametrize("status", ["failed", "interrupted", "unfinished"])
def test_runs_that_did_not_finish_reproduce_nothing(status):
    stopped = observed(status=status)
    for found in (verify(stopped, stopped), verify(observed(), stopped), verify(stopped, record())):
        assert found.verdict == "different"
        assert not found.is_at_least("within tolerance")
        assert "a run did not finish" in found.title
        assert "cannot be said to reproduce the other" in found.conclusion.meaning
        assert "identical to the original" not in found.to_html()
        assert found.to_text().endswith("Verdict: different (a run did not finish)")
    without = replace(stopped, steps={})
    assert "there is no result to compare" in verify(without, without).conclusion.meaning


def test_runs_of_other_times_that_do_not_say_how_they_ended_are_compared():
    noted = Outcome.of(observed()).to_dict()
    assert verify(observed(), {**noted, "status": ""}).verdict == "bit-identical"
