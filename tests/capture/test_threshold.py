"""Predictions of two classes by a threshold, told from predictions that somebody has changed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import numpy
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

from mlprov_widgets import start_run

run = start_run("study.py", seed=1)
generator = numpy.random.default_rng(0)
X = generator.normal(size=(200, 2))
y = (X[:, 0] + generator.normal(size=200) > 0).astype(int)
training, testing = train_test_split(numpy.arange(200), random_state=0)
run.record("data_ingestion", features=X, labels=y)
run.record("data_segregation", split=(training, testing))
model = LogisticRegression().fit(X[training], y[training])
run.record("model_training", model=model)
chances = model.predict_proba(X[testing])
predictions = {predictions}
metrics = {{"accuracy": accuracy_score(y[testing], predictions)}}
run.record("model_evaluation", model=model, predictions=predictions, metrics=metrics)
record = run.finish().record
print("FOUND", [one.code for one in record.findings])
"""


@pytest.mark.parametrize(
    ("predictions", "found"),
    [
        ("(chances[:, 1] >= 0.2).astype(int)", False),
        ("numpy.where(chances[:, 0] >= 0.1, 0, 1)", False),
        ("y[testing].copy()", True),
        ("1 - chances.argmax(axis=1)", True),
        ("numpy.ones(len(testing), dtype=int)", True),
    ],
)
def test_a_threshold_changes_no_prediction(tmp_path: Path, predictions: str, found: bool) -> None:
    (tmp_path / "study.py").write_text(SCRIPT.format(predictions=predictions))
    done = subprocess.run(
        [sys.executable, "study.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (line,) = [one for one in done.stdout.splitlines() if one.startswith("FOUND")]
    assert ("predictions_overwritten" in line) is found, line
