"""What the classifiers' results must be, whatever they classify."""

from __future__ import annotations

import math
from typing import Any

METRICS = {
    "accuracy",
    "baseline_accuracy",
    "balanced_accuracy",
    "loss",
    "roc_auc",
    "f1_macro",
    "precision_per_class",
    "recall_per_class",
    "f1_per_class",
    "mean_absolute_error",
    "mean_squared_error",
    "confusion_matrix",
}
# Where rows watch training.
VALIDATION = {"validation_loss", "validation_accuracy"}


def check_metrics(namespace: dict[str, Any]) -> None:
    """What the metrics and the parts of any classifier's run must satisfy."""
    metrics = namespace["metrics"]
    check_parts(namespace)
    if math.isnan(metrics["accuracy"]):
        # Training diverged: nothing is measured, rather than class 0 for each of the rows.
        assert not math.isfinite(namespace["test_loss"])
        several = ("_per_class", "_matrix")
        assert set(metrics) - VALIDATION == {name for name in METRICS if not name.endswith(several)}
        assert all(map(math.isnan, metrics.values()))
        return
    assert set(metrics) >= METRICS
    assert 0 <= metrics["accuracy"] <= 1
    assert sum(map(sum, metrics["confusion_matrix"])) == len(namespace["test_rows"])
    assert set(metrics["f1_per_class"]) == set(namespace["class_names"])
    assert metrics["loss"] >= 0, "a negative loss: log-probabilities were missing"
    assert abs(namespace["probabilities"].sum(axis=1) - 1).max() < 1e-3


def check_parts(namespace: dict[str, Any]) -> None:
    """Each row is in one part."""
    names = ("training_rows", "test_rows", "validation_rows")
    parts = [set(map(int, namespace[name])) for name in names if name in namespace]
    assert sum(map(len, parts)) == len(set().union(*parts)) == len(namespace["labels"])
