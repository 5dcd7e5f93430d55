"""Fits every estimator and optimizer that can be fitted, and prints their fingerprints as JSON."""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

import numpy as np
import torch
from sklearn import linear_model, preprocessing
from sklearn.datasets import make_classification
from sklearn.utils import all_estimators
from sklearn.utils._testing import set_random_state

from mlprov_widgets.capture.objects.fingerprint import examine

OPTIMIZERS = ("SGD", "Adam", "AdamW", "Adagrad", "RMSprop", "Adadelta", "Adamax", "ASGD", "NAdam",
              "RAdam", "Rprop", "LBFGS")  # fmt: skip
QUICK = {"CountVectorizer", "TfidfVectorizer", "GradientBoostingClassifier", "SGDClassifier",
         "GridSearchCV", "KNeighborsClassifier", "SimpleImputer", "StandardScaler",
         "RandomForestClassifier", "MLPClassifier"}  # fmt: skip


def arguments() -> list[dict[str, Any]]:
    classifier, regressor = linear_model.LogisticRegression, linear_model.Ridge
    named = [("a", classifier()), ("b", classifier(C=2.0))]
    return [
        {},
        {"estimator": classifier()},
        {"estimators": named},
        {"steps": named[:1]},
        {"transformers": [("a", "passthrough", [0])]},
        {"transformer_list": [("a", preprocessing.StandardScaler())]},
        {"estimator": classifier(), "param_grid": {"C": [1.0, 2.0]}},
        {"estimator": classifier(), "param_distributions": {"C": [1.0, 2.0]}},
        {"base_estimator": regressor()},
        {"dictionary": np.eye(8)},
        {"estimator": regressor()},
        {"estimators": [("a", regressor())]},
    ]


def data(shift: float) -> list[tuple[Any, ...]]:
    X, y = make_classification(60, 8, n_informative=5, random_state=0)
    X = X + shift * np.arange(60)[:, None]
    words = [f"first{n % 3} words{n % (5 + int(shift > 0))} here" for n in range(60)]
    both = np.c_[y, 1 - y]
    return [
        (X, y), (np.abs(X), y), (X,), (np.abs(X),), (words, y), (words,), (y,), (X, both),
        (X, both.astype(float)), (X[:, 0], y), ([{"a": 1, "b": n + shift} for n in range(9)],),
        (X @ X.T, y), (np.abs(X), y + 1.0),
    ]  # fmt: skip


def fitted(kind: Any, shift: float = 0.0) -> Any:
    """An estimator of a class, fitted on whatever it takes; None where it takes nothing."""
    for given in arguments():
        try:
            estimator = kind(**given)
            set_random_state(estimator, 0)
            if "param_distributions" in given:
                estimator.set_params(n_iter=1)
        except Exception:
            continue
        for one in data(shift):
            try:
                return estimator.fit(*one)
            except Exception:
                continue
    return None


def optimizers() -> dict[str, Any]:
    found = {}
    for name in OPTIMIZERS:
        torch.manual_seed(0)
        model = torch.nn.Linear(3, 1)
        optimizer = getattr(torch.optim, name)(model.parameters(), lr=0.1)

        def closure(model: Any = model, optimizer: Any = optimizer) -> Any:
            optimizer.zero_grad()
            loss = model(torch.ones(2, 3)).sum()
            loss.backward()
            return loss

        optimizer.step(closure)
        schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1)
        schedule.step()
        found |= {name: optimizer, f"schedule of {name}": schedule}
    return found


def main(quick: bool) -> dict[str, Any]:
    warnings.simplefilter("ignore")
    result: dict[str, Any] = {}
    for name, kind in all_estimators():
        if quick and name not in QUICK:
            continue
        estimator = fitted(kind)
        if estimator is not None:
            other = fitted(kind, shift=0.5)
            result[name] = [*examine(estimator), examine(other)[0]]
    for name, one in optimizers().items():
        result[name] = [*examine(one), ""]
    return result


if __name__ == "__main__":
    json.dump(main(quick=sys.argv[1:] == ["quick"]), sys.stdout)
