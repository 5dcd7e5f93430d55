"""Scikit-learn's estimators in the network's place."""

from __future__ import annotations

from typing import Any

from tests.edits.editing import ADAM, EVALUATION, FIT, MODEL, TRAINING
from tests.edits.notebook import Notebook
from tests.edits.saying import ABSENT, Case, Check, has_operation, never, says


def puts(imported: str, model: str) -> Any:
    """An edit that trains and measures an estimator instead of the network."""

    def edit(notebook: Notebook) -> None:
        notebook.instead("model = make_model(", f"{imported}\nmodel = {model}")
        notebook.delete("criterion = nn.CrossEntropyLoss()")
        notebook.delete(ADAM)
        notebook.replace(", loss=criterion, optimizer=optimizer)", ")")
        notebook.instead(FIT, "model.fit(X_train.numpy(), y_train.numpy())")
        if any('used = {"model"' in cell.source for cell in notebook.cells):
            notebook.delete('used = {"model"')
        notebook.instead('run.record("model_training"', 'run.record("model_training", model=model)')
        notebook.delete("outputs = model(X_test)")
        notebook.delete("probabilities = torch.nan_to_num")
        notebook.substitute(
            r"(?m)^model\.eval\(\)$", "probabilities = model.predict_proba(X_test.numpy())"
        )
        notebook.replace('"loss": test_loss,', "")
        notebook.delete("validation_loss, validation_accuracy = score(")
        for name in ("validation_loss", "validation_accuracy"):
            notebook.replace(f'"{name}": {name},', "")
        notebook.delete("if not math.isfinite(test_loss)")

    return edit


NO_NETWORK: tuple[Check, ...] = (
    says(TRAINING, "epochs", ABSENT),
    says(TRAINING, "epochs_run", ABSENT),
    says(TRAINING, "batch_size", ABSENT),
    says(MODEL, "optimizer", ABSENT),
    says(MODEL, "loss_function", ABSENT),
    says(MODEL, "number_of_parameters", ABSENT),
    says(EVALUATION, "measured_on", "testing"),
    never("Sequential", "ReLU", 2953, steps=(MODEL, TRAINING)),
)

CASES = [
    Case(
        "gradient boosting",
        puts(
            "from sklearn.ensemble import GradientBoostingClassifier",
            "GradientBoostingClassifier(n_estimators=9, learning_rate=0.3, random_state=1)",
        ),
        (
            says(MODEL, "model_name", "GradientBoostingClassifier"),
            says(MODEL, "hyperparameters", {"n_estimators": 9, "learning_rate": 0.3}),
            has_operation("fit", "GradientBoostingClassifier", parts={"training": 90}),
            *NO_NETWORK,
        ),
    ),
    Case(
        "logistic regression in a pipeline",
        puts(
            "from sklearn.linear_model import LogisticRegression\n"
            "from sklearn.pipeline import make_pipeline\n"
            "from sklearn.preprocessing import PolynomialFeatures",
            "make_pipeline(PolynomialFeatures(2), LogisticRegression(C=0.25, max_iter=500))",
        ),
        (
            says(MODEL, "model_name", "LogisticRegression"),
            says(MODEL, "pipeline", ["PolynomialFeatures", "LogisticRegression"]),
            says(MODEL, "hyperparameters", {"logisticregression__C": 0.25}),
            says(MODEL, "hyperparameter_defaults", {"logisticregression__C": False}),
            *NO_NETWORK,
        ),
    ),
    Case(
        "nearest neighbours",
        puts(
            "from sklearn.neighbors import KNeighborsClassifier",
            'KNeighborsClassifier(n_neighbors=7, weights="distance")',
        ),
        (
            says(MODEL, "model_name", "KNeighborsClassifier"),
            says(MODEL, "hyperparameters", {"n_neighbors": 7, "weights": "distance"}),
            *NO_NETWORK,
        ),
    ),
    Case(
        "scikit-learn's own network",
        puts(
            "from sklearn.neural_network import MLPClassifier",
            "MLPClassifier(hidden_layer_sizes=(6,), max_iter=30, random_state=2)",
        ),
        (
            says(MODEL, "model_name", "MLPClassifier"),
            says(MODEL, "hyperparameters", {"hidden_layer_sizes": [6], "max_iter": 30}),
            says(MODEL, "optimizer", ABSENT, "adam"),
            says(TRAINING, "batch_size", ABSENT),
            never("Sequential", 2953, 16, steps=(MODEL, TRAINING)),
        ),
    ),
    Case(
        "a grid search",
        puts(
            "from sklearn.model_selection import GridSearchCV\n"
            "from sklearn.svm import SVC",
            'GridSearchCV(SVC(probability=True, random_state=0), {"C": [0.5, 4.0]}, cv=3)',
        ),
        (
            says(MODEL, "model_name", "SVC"),
            says(TRAINING, "search", "GridSearchCV"),
            says(TRAINING, "search_space", {"C": [0.5, 4.0]}),
            has_operation("fit", "GridSearchCV", parts={"training": 90}),
            *NO_NETWORK,
        ),
    ),
    Case(
        "parameters set after the declaration",
        lambda notebook: (
            puts(
                "from sklearn.ensemble import ExtraTreesClassifier",
                "ExtraTreesClassifier(n_estimators=50, random_state=0)",
            )(notebook),
            notebook.before("model.fit(", "model.set_params(n_estimators=12, max_depth=3)"),
        )[0],
        (
            says(MODEL, "model_name", "ExtraTreesClassifier"),
            says(MODEL, "hyperparameters", {"n_estimators": 12, "max_depth": 3}),
            *NO_NETWORK,
        ),
        may=("changed_before_training",),
    ),
]  # fmt: skip
