"""Estimators are described by what they are: their own names, and every parameter they have."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import AdaBoostClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from mlprov_widgets.capture.calls.terms import describe
from mlprov_widgets.capture.descriptions.estimators import describe_search, held_by, scores_of


def told(model: Any) -> dict[str, Any]:
    return describe("model_parameters", {"model": model}).found["model_parameters"]


def fitted(model: Any) -> Any:
    rows = np.random.default_rng(0)
    X = rows.normal(size=(60, 4))
    return model.fit(X, (X[:, 0] + X[:, 1] > 0).astype(int))


def test_a_pipeline_is_told_by_its_last_step_and_all_its_parameters() -> None:
    found = told(make_pipeline(StandardScaler(with_mean=False), Ridge(alpha=0.5)))
    assert found["model_name"] == "Ridge"
    assert found["pipeline"] == ["StandardScaler", "Ridge"]
    parameters, defaults = found["hyperparameters"], found["hyperparameter_defaults"]
    assert parameters["ridge__alpha"] == 0.5
    assert parameters["standardscaler__with_mean"] is False
    assert parameters["steps"] == [["standardscaler", "StandardScaler"], ["ridge", "Ridge"]]
    set_ = {name for name, is_default in defaults.items() if not is_default}
    assert set_ == {"ridge__alpha", "standardscaler__with_mean"}
    assert defaults["ridge__solver"] is True
    # Of what every pipeline must be given there is no default.
    assert parameters.keys() - defaults.keys() == {"steps"}
    every = Ridge().get_params().keys()
    assert {f"ridge__{name}" for name in every} <= parameters.keys()


@pytest.mark.parametrize(
    ("model", "name", "inside", "parameter", "value"),
    [
        (
            VotingClassifier([("a", LogisticRegression(C=2.0)), ("b", DecisionTreeClassifier())]),
            "VotingClassifier",
            ["LogisticRegression", "DecisionTreeClassifier"],
            "a__C",
            2.0,
        ),
        (
            AdaBoostClassifier(DecisionTreeClassifier(max_depth=2)),
            "AdaBoostClassifier",
            ["DecisionTreeClassifier"],
            "estimator__max_depth",
            2,
        ),
        (
            TransformedTargetRegressor(make_pipeline(StandardScaler(), Ridge(3.0)), func=np.log1p),
            "TransformedTargetRegressor",
            ["Pipeline(StandardScaler, Ridge)"],
            "regressor__ridge__alpha",
            3.0,
        ),
    ],
)
def test_what_is_made_of_others_is_told_by_its_own_name(
    model: Any, name: str, inside: list[str], parameter: str, value: object
) -> None:
    found = told(model)
    assert (found["model_name"], found["estimators"]) == (name, inside)
    assert found["hyperparameters"][parameter] == value
    assert found["hyperparameter_defaults"][parameter] is False


def test_each_branch_of_a_column_transformer_has_its_parameters() -> None:
    branches = ColumnTransformer(
        [
            ("number", StandardScaler(), ["age", "size"]),
            ("share", MinMaxScaler((0, 2)), ["share"]),
            ("word", OneHotEncoder(handle_unknown="ignore"), ["town"]),
            ("rest", "drop", ["id"]),
        ]
    )
    found = told(Pipeline([("columns", branches), ("model", Ridge())]))
    made_of = "ColumnTransformer(StandardScaler, MinMaxScaler, OneHotEncoder)"
    assert found["pipeline"] == [made_of, "Ridge"]
    parameters, defaults = found["hyperparameters"], found["hyperparameter_defaults"]
    assert parameters["columns__transformers"][0] == ["number", "StandardScaler", ["age", "size"]]
    assert parameters["columns__share__feature_range"] == [0, 2]
    assert parameters["columns__word__handle_unknown"] == "ignore"
    assert not defaults["columns__word__handle_unknown"]
    assert defaults["columns__word__drop"]


def test_a_search_is_told_by_the_best_that_it_found() -> None:
    steps = Pipeline([("scale", StandardScaler()), ("tree", DecisionTreeClassifier())])
    space = {"tree__max_depth": [1, 3], "tree__random_state": [0]}
    search = GridSearchCV(steps, space, cv=3)
    assert told(search)["hyperparameters"]["tree__max_depth"] is None
    fitted(search)
    found, how = told(search), describe_search(search)
    assert (found["model_name"], found["pipeline"][-1]) == ("DecisionTreeClassifier",) * 2
    best = how["best_parameters"]["tree__max_depth"]
    assert best in (1, 3)
    assert found["hyperparameters"]["tree__max_depth"] == best
    assert found["random_seed"] == 0
    assert how["search"] == "GridSearchCV"
    assert how["search_space"] == space
    assert (how["candidates_tried"], how["search_folds"]) == (2, 3)
    assert how["best_score"] == search.best_score_
    held = {id(one) for one in held_by(search)}
    assert {id(search.best_estimator_), id(search.best_estimator_["tree"])} <= held
    assert id(search) not in held


def test_the_distributions_that_a_search_draws_from_have_names() -> None:
    from scipy.stats import loguniform

    search = RandomizedSearchCV(Ridge(), {"alpha": loguniform(0.1, 10)}, n_iter=2, cv=2)
    found = describe_search(fitted(search))
    assert found["search_space"] == {"alpha": "loguniform(0.1, 10)"}
    assert found["candidates_tried"] == 2
    assert describe_search(Ridge()) == {}


class Hostile(RegressorMixin, BaseEstimator):
    """Holds whatever it is given."""

    def __init__(
        self,
        plain: object = (1, 2),
        odd: object = None,
        api_key: object = None,
        nan: object = np.nan,
    ) -> None:
        self.plain, self.odd, self.api_key, self.nan = plain, odd, api_key, nan

    def fit(self, X: Any, y: Any) -> Hostile:
        return self


class Unwritable:
    def __repr__(self) -> str:
        raise RuntimeError("no")


def recursive() -> list[Any]:
    made: list[Any] = []
    made.append(made)
    return made


@pytest.mark.parametrize(
    "odd",
    [Unwritable(), recursive(), ["x" * 1000] * 1000, np.zeros((999, 1)), {Unwritable(): 1}, Ridge],
)
def test_values_that_are_hostile_to_be_written_are_survived(odd: Any) -> None:
    found = told(Hostile(odd=odd))
    assert found["model_name"] == "Hostile"
    assert found["hyperparameters"]["plain"] == [1, 2]
    assert found["hyperparameter_defaults"] == {
        "plain": True, "odd": False, "api_key": True, "nan": True,
    }  # fmt: skip
    assert len(json.dumps(found)) < 12_000


def test_what_may_be_secret_is_not_recorded() -> None:
    found = told(Hostile(api_key="sk-123456"))
    assert found["hyperparameters"]["api_key"] == "not recorded"
    assert "sk-123456" not in json.dumps(found)
    assert "Hostile(api_key=" in found["model_description"]


def test_an_estimator_that_cannot_tell_its_parameters_is_told_by_its_name() -> None:
    class Silent(Ridge):
        def get_params(self, deep: bool = True) -> dict[str, Any]:
            raise RuntimeError("no")

        def __repr__(self) -> str:
            raise RuntimeError("no")

    found = told(Silent(alpha=2.0))
    assert (found["model_name"], found["model_description"]) == ("Silent", "Silent")
    assert found["hyperparameters"]["alpha"] == 2.0


def test_a_class_of_no_library_is_told_by_what_it_keeps() -> None:
    class Own:
        def __init__(self, k: int = 3, *, depth: int) -> None:
            self.k, self.depth = k, depth

    found = told(Own(k=4, depth=1))
    assert found == {
        "model_name": "Own",
        "model_description": "Own",
        "hyperparameters": {"k": 4, "depth": 1},
        "hyperparameter_defaults": {"k": False},
    }


def test_of_very_many_parameters_those_that_were_set_are_kept() -> None:
    class Wide(BaseEstimator):
        def get_params(self, deep: bool = True) -> dict[str, Any]:
            return {f"p{at}": at for at in range(5_000)}

    found = told(Wide())["hyperparameters"]
    assert len(found) == 301
    assert found["…"] == "4700 more"
    many = told(Pipeline([(f"s{at}", StandardScaler()) for at in range(150)] + [("r", Ridge(9))]))
    assert many["hyperparameters"]["r__alpha"] == 9


@pytest.mark.parametrize("model", [Ridge(), make_pipeline(StandardScaler(), Ridge())])
def test_nothing_of_a_network_is_said_of_what_is_none(model: Any) -> None:
    found = told(model)
    for name in ("activation_function", "output_neurons", "output_activation", "pretrained"):
        assert name not in found
    assert describe("model_training", {"model": fitted(model)}).found["model_parameters"] == {}


def test_the_scores_of_folds_are_those_of_the_metric() -> None:
    folds = np.array([0.5, 0.25])
    assert scores_of(Ridge(), None, folds) == {"r2": [0.5, 0.25]}
    assert scores_of(make_pipeline(LogisticRegression()), None, folds) == {"accuracy": [0.5, 0.25]}
    found = {"fit_time": folds, "test_neg_mean_squared_error": -folds, "train_r2": folds}
    assert scores_of(Ridge(), ["r2"], found) == {"mean_squared_error": [0.5, 0.25]}
    assert scores_of(Ridge(), lambda *_: 1.0, folds) == {}
