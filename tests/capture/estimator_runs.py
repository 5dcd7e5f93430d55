"""Runs with estimators, one after the other in one process; the tests read their records."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Lasso, Ridge
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    cross_val_score,
    cross_validate,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

from mlprov_widgets import start_run

X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=0)


def measure(model: Any) -> tuple[dict[str, float], Any]:
    answers = model.predict(X_test)
    metrics = {
        "r2": r2_score(y_test, answers),
        "mae": mean_absolute_error(y_test, answers),
        "rmse": root_mean_squared_error(y_test, answers),
    }
    return metrics, answers


def told() -> None:
    """A pipeline in a loop of folds, with a line a step."""
    run = start_run("told", seed=0)
    run.record("data_ingestion", features=X, labels=y, dataset_id="diabetes")
    run.record("data_segregation", training=X_train, testing=X_test)
    model = make_pipeline(StandardScaler(), Ridge(alpha=0.5))
    run.record("model_parameters", model=model)
    history = []
    for fold, (mine, other) in enumerate(KFold(3).split(X_train), 1):
        model.fit(X_train[mine], y_train[mine])
        history.append({"fold": fold, "r2": model.score(X_train[other], y_train[other])})
    model.fit(X_train, y_train)
    run.record("model_training", model=model, history=history)
    metrics, answers = measure(model)
    run.record("model_evaluation", model=model, metrics=metrics, predictions=answers)
    run.finish()


def folds() -> None:
    """Two lines, and nothing but a cross-validation."""
    run = start_run("folds", seed=0)
    cross_val_score(make_pipeline(StandardScaler(), Ridge(alpha=0.5)), X, y, cv=KFold(4))
    run.finish()


def search() -> None:
    """A search, of which the best estimator is told and measured."""
    run = start_run("search", seed=0)
    grid = GridSearchCV(
        make_pipeline(StandardScaler(), Ridge()), {"ridge__alpha": [0.1, 9.0]}, cv=3
    )
    grid.fit(X_train, y_train)
    best = grid.best_estimator_
    run.record("model_training", model=best)
    metrics, answers = measure(best)
    run.record("model_evaluation", model=best, metrics=metrics, predictions=answers)
    run.finish()


class Mean(RegressorMixin, BaseEstimator):
    """An estimator of the notebook's own, defined before the run."""

    def __init__(self, shift: float = 0.0) -> None:
        self.shift = shift

    def fit(self, X: Any, y: Any) -> Mean:
        self.mean_ = float(np.mean(y))
        return self

    def predict(self, X: Any) -> Any:
        return np.full(len(X), self.mean_ + self.shift)


def own() -> None:
    """Classes that nobody knows: one like scikit-learn's, one like nothing."""
    run = start_run("own", seed=0)

    class Later(Mean):
        def fit(self, X: Any, y: Any) -> Later:
            super().fit(X, y)
            return self

    class Alone:
        def __init__(self, k: int = 3) -> None:
            self.k = k

        def fit(self, X: Any, y: Any) -> Alone:
            self.mean_ = float(np.mean(y)) + self.k
            return self

        def predict(self, X: Any) -> Any:
            return np.full(len(X), self.mean_)

    Mean(shift=1.0).fit(X_train, y_train)
    Later().fit(X_train, y_train)
    alone = Alone(k=5)
    run.record("model_parameters", model=alone)
    alone.fit(X_train, y_train)
    run.record("model_training", model=alone)
    metrics, answers = measure(alone)
    run.record("model_evaluation", model=alone, metrics=metrics, predictions=answers)
    run.finish()


def several() -> None:
    """Two estimators, cross-validated."""
    run = start_run("several", seed=0)
    cross_validate(Ridge(), X, y, cv=3, scoring=["r2", "neg_mean_squared_error"])
    cross_val_score(Lasso(alpha=0.1), X, y, cv=3)
    run.finish()


def prepared() -> None:
    """Nothing but a preparation."""
    run = start_run("prepared", seed=0)
    columns = [("a", MinMaxScaler(), [0, 2]), ("b", OneHotEncoder(), [1])]
    make_pipeline(StandardScaler(), ColumnTransformer(columns)).fit(X)
    run.finish()


def tried() -> None:
    """A search that fits none of what it has found."""
    run = start_run("tried", seed=0)
    GridSearchCV(Ridge(), {"alpha": [0.1, 9.0]}, cv=3, refit=False).fit(X, y)
    run.finish()


def workers() -> None:
    """A search in other processes, to which classes of a notebook travel by what they hold."""
    run = start_run("workers", seed=0)
    Mean().fit(X_train, y_train).predict(X_test)
    GridSearchCV(Mean(), {"shift": [0.0, 1.0]}, cv=3, n_jobs=2).fit(X_train, y_train)
    run.finish()


if __name__ == "__main__":
    for name in sys.argv[1:]:
        globals()[name]()
