"""Models in files beside the record."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys

import joblib
import numpy
from sklearn.linear_model import LogisticRegression

from mlprov_widgets import start_run

run = start_run("study.py")
model = LogisticRegression().fit(numpy.arange(8).reshape(-1, 1), [0] * 4 + [1] * 4)
file = run.save(model, ".joblib")
assert joblib.load(file).predict([[0], [7]]).tolist() == [0, 1]
assert run.save(lambda: None, "-none.joblib") is None
run.record("model_parameters", model=model)
record = run.finish().record
assert record.steps["model_parameters"].values["save_checkpoint"] is True
assert "torch" not in sys.modules
print(file)
"""


def test_an_estimator_is_saved_by_joblib_and_without_pytorch(tmp_path: Path) -> None:
    (tmp_path / "study.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "study.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "study.joblib" in done.stdout
    assert "-none.joblib" in done.stdout  # what was not saved is said
    assert [file.name for file in tmp_path.glob("*.joblib")] == ["study.joblib"]
