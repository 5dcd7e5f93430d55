"""A network that an estimator makes for itself, and calls that shuffle rows, told as they are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from mlprov_widgets.provenance import read_record
from mlprov_widgets.record.story import Story
from mlprov_widgets.record.summary import summary_of

SCRIPT = """
import numpy as np
import torch
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.inspection import permutation_importance
from sklearn.metrics import r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlprov_widgets import start_run

run = start_run("study.py", seed=1)


class Network(RegressorMixin, BaseEstimator):
    def fit(self, X, y):
        X, y = torch.as_tensor(X, dtype=torch.float32), torch.as_tensor(y, dtype=torch.float32)
        self.network_ = torch.nn.Linear(X.shape[1], 1)
        optimizer = torch.optim.SGD(self.network_.parameters(), lr=0.1)
        for _ in range(5):
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(self.network_(X).ravel(), y).backward()
            optimizer.step()
        return self

    def predict(self, X):
        with torch.no_grad():
            return self.network_(torch.as_tensor(X, dtype=torch.float32)).numpy().ravel()


X = np.random.default_rng(0).normal(size=(90, 3))
y = X.sum(axis=1)
rows = np.arange(90)
run.record("data_ingestion", features=X, labels=y)
run.record("data_segregation", split=(rows[:60], rows[60:]))
pipeline = make_pipeline(StandardScaler(), Network())
run.record("model_parameters", model=pipeline)
pipeline.fit(X[:60], y[:60])
run.record("model_training", model=pipeline)
predictions = pipeline.predict(X[60:])
metrics = {"r2": r2_score(y[60:], predictions)}
run.record("model_evaluation", model=pipeline, predictions=predictions, metrics=metrics)
permutation_importance(pipeline, X[60:], y[60:], n_repeats=3, random_state=0)
run.finish()
"""


def test_the_network_is_the_model_and_shuffled_rows_measure_nothing(tmp_path: Path) -> None:
    script = tmp_path / "study.py"
    script.write_text(SCRIPT)
    subprocess.run([sys.executable, script], cwd=tmp_path, check=True, capture_output=True)
    record = read_record(tmp_path / "study.prov.json")
    assert record.findings == []
    model = record.steps["model_parameters"].values
    assert model["model_name"] == "Linear"
    assert not {"pipeline", "estimators"} & model.keys()
    assert record.steps["model_evaluation"].values["measured_on"] == "testing"
    assert " inside" not in summary_of(Story(record))
    shuffled = [one for one in record.operations if one.name.endswith("permutation_importance")]
    assert len(shuffled) == 1
