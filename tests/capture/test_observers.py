"""An observer is one file: what it sees of its library is in the record."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from types import ModuleType

import numpy
import pytest
import torch

from mlprov_widgets.capture import observers
from mlprov_widgets.capture.objects.tracking import ObjectTracker
from mlprov_widgets.capture.observations import Observations
from mlprov_widgets.capture.observers.sklearn import SklearnObserver
from tests.capture.conftest import Front, Study

LIBRARY = '''
"""A library that learns the mean."""


def fit_mean(rows):
    return sum(rows) / len(rows)
'''
OBSERVER = '''
"""Watches tinylearn: which means were learned."""

from mlprov_widgets.capture.observer import Observer
from mlprov_widgets.capture.values import loaded


class TinylearnObserver(Observer):
    """One run's view of tinylearn."""

    def start(self):
        self.notice_calls(loaded("tinylearn"), "fit_mean", "tinylearn.fit_mean", self._fitted)

    def _fitted(self, call):
        one = self.observations.add("fit", call.name, begun=call.begun)
        one.values = {"rows": len(call.args[0]), "mean": call.result}
'''


@pytest.fixture
def tinylearn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small library, and a file that watches it beside those of the package."""
    library, further = tmp_path / "library", tmp_path / "observers"
    for folder, source in ((library, LIBRARY), (further, OBSERVER)):
        folder.mkdir()
        (folder / "tinylearn.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(str(library))
    monkeypatch.setattr(observers, "__path__", [*observers.__path__, str(further)])
    monkeypatch.delitem(sys.modules, "tinylearn", raising=False)
    monkeypatch.delitem(sys.modules, f"{observers.__name__}.tinylearn", raising=False)


@pytest.mark.usefixtures("tinylearn")
def test_a_file_is_all_that_a_further_observer_takes(shell: Front, study: Study) -> None:
    study.add("model", "mean", "import tinylearn\n\nmean = tinylearn.fit_mean(rows)")
    study.write()
    shell.run_study(study)
    fits = [one for one in study.record().operations if one.name == "tinylearn.fit_mean"]
    assert [(one.kind, one.status, one.values["rows"]) for one in fits] == [("fit", "ok", 12)]
    (execution,) = study.cell("mean").executions
    assert fits[0].execution == execution.id
    library: ModuleType = sys.modules["tinylearn"]
    assert library.fit_mean([1, 3]) == 2


def test_an_observer_whose_code_fails_stops_nothing(
    shell: Front, study: Study, tinylearn: None, tmp_path: Path
) -> None:
    broken = OBSERVER.replace("len(call.args[0])", "1 / 0")
    (tmp_path / "observers" / "tinylearn.py").write_text(broken, encoding="utf-8")
    study.add("model", "mean", "import tinylearn\n\nmean = tinylearn.fit_mean(rows)")
    study.write()
    shell.run_study(study)
    assert study.record().status == "finished"


def test_objects_that_look_alike_are_told_apart() -> None:
    observations = Observations(ObjectTracker(), lambda: "e1")
    labels, answers = numpy.zeros(9), numpy.ones(9)
    one = observations.add("evaluate", "sklearn.metrics.accuracy_score")
    for value in (labels, answers, labels):
        observations.use(one, value)
    known = [observations.objects.find(value) for value in (labels, answers)]
    assert [id(version) for version in one.used] == [id(each.current) for each in known if each]


def test_weights_that_are_saved_are_noticed(tmp_path: Path) -> None:
    original = torch.save
    observations = Observations(ObjectTracker(), lambda: "e1")
    watching = observers.Observers(observations)
    try:
        assert not observations.has_saved
        torch.save({}, tmp_path / "weights.pt")
        assert observations.has_saved
    finally:
        watching.stop()
    assert torch.save is original


def test_an_observer_notes_nothing_in_another_process() -> None:
    made = pickle.dumps(SklearnObserver(Observations(ObjectTracker(), lambda: "e1")))
    elsewhere = pickle.loads(made)
    with elsewhere.depth as outermost:
        assert outermost is False
    assert elsewhere.notes(1, of="anything") is None
