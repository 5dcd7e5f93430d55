"""The pack of tabular classification: whatever the wizard offers runs, and means something."""

from __future__ import annotations

import contextlib
import io
import math
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from mlprov_widgets.notebooks import generate, render_cells
from mlprov_widgets.packs import check_values, complete_values, find_pack
from tests.pairs import every_two

TASK = "tabular_classification"
PACK = find_pack(TASK)
ESTIMATORS = [choice.value for choice in PACK.parameters["estimator"].choices]
# Numbers at which code paths part, beside every choice and flag of the pack.
OPTIONS: dict[str, list[Any]] = {
    "dataset": ["iris", "breast_cancer", "moons", "blobs", "three.csv", "two.csv"],
    "group_column": ["", "patient"],
    "threshold": [0.5, 0.2],
    "test_size": [0.2, 0.5],
    "max_depth": [0, 3],
}
QUICK = {"n_estimators": 8, "n_trials": 2, "n_samples": 200, "n_splits": 2, "n_repeats": 2}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with tables of one's own: of three classes, and of two."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CI", "true")
    mpl.use("Agg")
    for name, classes in (("three", 3), ("two", 2)):
        write_table(tmp_path / f"{name}.csv", 90, classes)
    return tmp_path


def write_table(file: Path, rows: int, classes: int) -> None:
    """Numbers with gaps, a text, a patient of six rows each, and a class that they tell of."""
    generator = random.Random(0)
    lines = ["height;weight;colour;patient;kind"]
    for number in range(rows):
        kind = number % classes
        weight = "" if number % 11 == 0 else f"{generator.gauss(kind, 0.4):.3f}".replace(".", ",")
        height = f"{generator.gauss(-kind, 0.8):.2f}".replace(".", ",")
        colour = "red" if generator.random() < 0.4 + kind / 5 else "blue"
        lines.append(f"{height};{weight};{colour};patient {number // 6};class {kind + 1}")
    file.write_text("\n".join(lines) + "\n")


def execute(values: dict[str, Any]) -> dict[str, Any]:
    """Run the cells of these values in a fresh namespace, as a script would."""
    if str(values.get("dataset")).endswith(".csv"):
        values = {**values, "dataset": "csv", "csv_path": values["dataset"]}
    if values.get("test_size", 0) > 0.2 and values.get("group_column"):
        values = {**values, "test_size": 0.2}
    checked = check_values(PACK, {**QUICK, **values})
    assert not checked.problems, [problem.message for problem in checked.problems]
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in render_cells(PACK, checked.values, "run.ipynb"):
            if cell.kind == "code":
                exec(compile(cell.source, cell.name, "exec"), namespace)
    plt.close("all")
    return namespace


def check(namespace: dict[str, Any]) -> None:
    """What must be true of any run."""
    parts = [set(map(int, namespace[name])) for name in ("training_rows", "test_rows")]
    assert len(parts[0]) + len(parts[1]) == len(parts[0] | parts[1]) == len(namespace["labels"])
    metrics, rows = namespace["metrics"], len(namespace["y_test"])
    assert sum(map(sum, metrics["confusion_matrix"])) == rows
    most_frequent = np.bincount(namespace["y_train"]).argmax()
    assert metrics["baseline_accuracy"] == np.mean(namespace["y_test"] == most_frequent)
    correct = np.mean(namespace["y_test"] == namespace["predictions"])
    assert metrics["accuracy"] == pytest.approx(correct)
    for name in ("roc_auc", "average_precision"):
        assert math.isnan(metrics[name]) or 0 <= metrics[name] <= 1
    if "probabilities" in namespace:
        assert abs(namespace["probabilities"].sum(axis=1) - 1).max() < 1e-6
        assert metrics["log_loss"] >= 0
    else:
        assert "log_loss" not in metrics
    if "groups" in namespace:
        groups = [{namespace["groups"][row] for row in part} for part in parts]
        assert not groups[0] & groups[1]


@pytest.mark.slow
def test_every_two_choices_run_together(folder: Path) -> None:
    for values in every_two(PACK, OPTIONS):
        try:
            check(execute(values))
        except Exception as error:
            error.add_note(f"values: {values}")
            raise


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_every_estimator_runs_and_learns_with_and_without_folds(
    folder: Path, estimator: str
) -> None:
    values = {"dataset": "wine", "estimator": estimator, "plots": False, "importance": False}
    for resampling in ("hold_out", "k_fold"):
        few = {"max_iter": 20} if estimator == "hist_gradient_boosting" else {}
        namespace = execute({**values, **few, "resampling": resampling})
        check(namespace)
        assert namespace["metrics"]["accuracy"] > 0.8 > namespace["metrics"]["baseline_accuracy"]
    assert len(namespace["metrics"]["cross_validation_accuracy"]) == QUICK["n_splits"]


# -- the same with scikit-learn alone ---------------------------------------------------------


def by_hand(estimator: str) -> Any:
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC
    from sklearn.tree import DecisionTreeClassifier

    made = {
        "logistic_regression": LogisticRegression(max_iter=1000),
        "svc": SVC(),
        "decision_tree": DecisionTreeClassifier(random_state=42),
        "random_forest": RandomForestClassifier(8, random_state=42),
    }
    return make_pipeline(StandardScaler(), made[estimator])


@pytest.mark.parametrize(
    "estimator", ["logistic_regression", "svc", "decision_tree", "random_forest"]
)
def test_metrics_are_those_that_scikit_learn_computes(folder: Path, estimator: str) -> None:
    from sklearn.datasets import load_wine
    from sklearn.metrics import f1_score, log_loss, recall_score, roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_score, train_test_split

    values = {"dataset": "wine", "estimator": estimator, "resampling": "k_fold", "plots": False}
    metrics = execute({**values, "n_splits": 5, "importance": False})["metrics"]
    X, y = load_wine(return_X_y=True)
    parts = train_test_split(X, y, test_size=0.2, stratify=y, random_state=42)
    X_train, X_test, y_train, y_test = parts
    model = by_hand(estimator).fit(X_train, y_train)
    answers = model.predict(X_test)
    assert metrics["accuracy"] == model.score(X_test, y_test)
    assert metrics["f1_macro"] == pytest.approx(f1_score(y_test, answers, average="macro"))
    recall = recall_score(y_test, answers, average=None)
    assert list(metrics["recall_per_class"].values()) == pytest.approx(list(recall))
    if estimator == "svc":
        scores = model.decision_function(X_test)
        one_by_one = [roc_auc_score(y_test == n, scores[:, n]) for n in range(3)]
        assert metrics["roc_auc"] == pytest.approx(np.mean(one_by_one))
    else:
        scores = model.predict_proba(X_test)
        together = roc_auc_score(y_test, scores, multi_class="ovr")
        assert metrics["roc_auc"] == pytest.approx(together)
        assert metrics["log_loss"] == pytest.approx(log_loss(y_test, scores))
    folds = StratifiedKFold(5, shuffle=True, random_state=42)
    expected = cross_val_score(by_hand(estimator), X_train, y_train, cv=folds)
    assert metrics["cross_validation_accuracy"] == pytest.approx(list(expected))


def test_a_search_finds_what_scikit_learn_finds_and_tells_each_trial(folder: Path) -> None:
    from sklearn.model_selection import GridSearchCV

    values = {"dataset": "two.csv", "search": "grid", "n_splits": 3, "plots": False}
    namespace = execute({**values, "importance": False})
    again = GridSearchCV(
        namespace["search"].estimator,
        {"model__C": [0.01, 0.1, 1, 10, 100]},
        scoring="accuracy",
        cv=namespace["folds"],
    ).fit(namespace["X_train"], namespace["y_train"])
    assert again.best_params_["model__C"] == namespace["pipeline"]["model"].C
    trials = namespace["trials"]
    assert [trial["trial"] for trial in trials] == [1, 2, 3, 4, 5]
    assert [trial["accuracy"] for trial in trials] == list(again.cv_results_["mean_test_score"])


# -- two classes ------------------------------------------------------------------------------


def test_a_lower_threshold_finds_more_of_the_class_that_is_looked_for(folder: Path) -> None:
    values = {"dataset": "breast_cancer", "plots": False, "importance": False, "n_neighbors": 15}
    recalls, precisions = [], []
    for threshold in (0.2, 0.5, 0.8):
        namespace = execute({**values, "estimator": "knn", "threshold": threshold})
        check(namespace)
        chances = namespace["probabilities"][:, namespace["positive"]]
        assert ((chances >= threshold) == (namespace["predictions"] == 0)).all()
        recalls.append(namespace["metrics"]["recall_per_class"]["malignant"])
        precisions.append(namespace["metrics"]["precision_per_class"]["malignant"])
    assert recalls[0] > recalls[2]
    assert precisions[0] < precisions[2]


@pytest.mark.parametrize("sought", ["class 1", "class 2"])
def test_the_class_that_is_looked_for_is_that_of_curves_and_threshold(
    folder: Path, sought: str
) -> None:
    values = {"dataset": "two.csv", "positive_class": sought, "threshold": 0.9}
    namespace = execute({**values, "importance": False})
    (number,) = namespace["roc_auc"]
    assert namespace["class_names"][number] == sought
    chances = namespace["probabilities"][:, number]
    assert (chances >= 0.9).sum() == (namespace["predictions"] == number).sum()
    with pytest.raises(ValueError, match="No row is of the class 'class 9'"):
        execute({**values, "positive_class": "class 9"})


def test_the_classes_of_a_known_data_set_are_known_before_it_runs() -> None:
    checked = check_values(PACK, {"dataset": "moons", "positive_class": "left moon"})
    assert [problem.parameter for problem in checked.problems] == ["positive_class"]
    assert not check_values(PACK, {"dataset": "moons"}).problems


# -- parts ------------------------------------------------------------------------------------


def test_preparation_knows_the_training_part_only(folder: Path) -> None:
    namespace = execute({"dataset": "three.csv", "plots": False, "importance": False})
    prepared = namespace["pipeline"]["preprocessing"].named_transformers_["numeric"]
    expected = namespace["X_train"][["height", "weight"]].median()
    assert list(prepared["simpleimputer"].statistics_) == pytest.approx(list(expected))


@pytest.mark.parametrize("stratify", [True, False])
@pytest.mark.parametrize("resampling", ["k_fold", "repeated_k_fold"])
def test_a_group_is_in_one_part_and_one_fold(folder: Path, resampling: str, stratify: bool) -> None:
    values = {"dataset": "three.csv", "group_column": "patient", "resampling": resampling}
    namespace = execute({**values, "stratify": stratify, "plots": False, "importance": False})
    check(namespace)
    assert "patient" not in namespace["features"]
    given = (namespace["X_train"], namespace["y_train"], namespace["groups_train"])
    folds = namespace["folds" if resampling == "k_fold" else "repeated_folds"]
    folds = folds if isinstance(folds, list) else list(folds.split(*given))
    repeats = 1 if resampling == "k_fold" else QUICK["n_repeats"]
    assert len(folds) == len(namespace["fold_scores"]) == QUICK["n_splits"] * repeats
    for kept, left_out in folds:
        assert not set(given[2][kept]) & set(given[2][left_out])


def test_groups_that_cannot_be_split_are_said(folder: Path) -> None:
    text = Path("two.csv").read_text().splitlines()
    Path("one.csv").write_text(
        "\n".join(f"{line};{'g' if n else 'centre'}" for n, line in enumerate(text))
    )
    with pytest.raises(ValueError, match="centre has 1 groups"):
        execute({"dataset": "one.csv", "group_column": "centre", "plots": False})


@pytest.mark.parametrize("estimator", ["logistic_regression", "knn", "svc"])
def test_a_table_of_very_few_rows_runs(folder: Path, estimator: str) -> None:
    lines = [f"{number * 37 % 10},{'ab'[number % 2]}" for number in range(10)]
    Path("few.csv").write_text("x,kind\n" + "\n".join(lines))
    base = {"dataset": "few.csv", "estimator": estimator, "plots": False, "n_splits": 5}
    for values in ({}, {"resampling": "k_fold"}, {"search": "grid", "test_size": 0.5}):
        check(execute({**base, **values}))


# -- what comes of it -------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("example", list(PACK.examples))
def test_every_example_runs_and_learns(folder: Path, example: str) -> None:
    values = {"n_estimators": 8, **PACK.examples[example]}
    namespace = execute(values)
    check(namespace)
    assert namespace["metrics"]["accuracy"] >= 0.85


def test_the_saved_pipeline_answers_as_the_one_that_was_trained(folder: Path) -> None:
    import joblib

    namespace = execute({"dataset": "three.csv", "estimator": "extra_trees", "save_model": True})
    (file,) = folder.glob("*.joblib")
    kept = joblib.load(file)
    expected = namespace["pipeline"].predict_proba(namespace["X_test"])
    assert np.array_equal(kept.predict_proba(namespace["X_test"]), expected)


def chances(**values: Any) -> Any:
    quick = {"plots": False, "importance": False, "save_model": False}
    return execute({**quick, **values})["probabilities"]


@pytest.mark.parametrize("estimator", [one for one in ESTIMATORS if one != "svc"])
def test_the_same_cells_give_the_same_model(folder: Path, estimator: str) -> None:
    values = {"estimator": estimator, "max_iter": 20} if "boost" in estimator else {}
    first, second = (chances(**{"estimator": estimator, **values}) for _ in range(2))
    assert np.array_equal(first, second)


def test_another_seed_gives_another_model(folder: Path) -> None:
    first = chances(estimator="random_forest")
    assert not np.array_equal(first, chances(estimator="random_forest", seed=1))
    assert not np.array_equal(first, chances(estimator="random_forest", random_state=1))


def test_a_class_name_is_shown_as_it_is_and_runs_nothing(folder: Path) -> None:
    names = ["$\\frac{", "{{ 7*7 }}", "_hidden", "';open('PWNED','w')#"]
    rows = "".join(f'{number * 37 % 10},"{names[number % 4]}"\n' for number in range(40))
    Path("hostile.csv").write_text("x,kind\n" + rows)
    namespace = execute({"dataset": "hostile.csv"})
    assert sorted(namespace["class_names"]) == sorted(names)
    assert not Path("PWNED").exists()


MORE: dict[str, dict[str, Any]] = {
    "nothing but the result": {"plots": False, "importance": False, "save_model": False},
    "a grouped table": {
        "dataset": "csv",
        "csv_path": "three.csv",
        "group_column": "patient",
        "resampling": "repeated_k_fold",
        "search": "random",
    },
    "two classes": {"dataset": "csv", "csv_path": "two.csv", "threshold": 0.3},
}


@pytest.mark.parametrize("case", [*PACK.examples, *MORE])
def test_generated_code_is_clean(folder: Path, case: str) -> None:
    values = {**PACK.examples, **MORE}[case]
    for name in ("run.ipynb", "run.py"):
        text = generate(TASK, values, out=folder / name).read_text()
        assert "import torch" not in text
    for arguments in (["check"], ["format", "--check", "--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, "--isolated", "."],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_notebook_has_only_what_its_choices_need() -> None:
    def code(**values: Any) -> str:
        cells = render_cells(PACK, complete_values(PACK, values), "run.ipynb")
        return "\n".join(cell.source for cell in cells if cell.kind == "code")

    small = code(plots=False, importance=False, save_model=False)
    for word in (
        "plt",
        "joblib",
        "permutation",
        "THRESHOLD",
        "ColumnTransformer",
        "Search",
        "fold",
    ):
        assert word not in small, word
    assert "calibration" not in code(estimator="svc")
    assert "class_weight" not in code(estimator="knn")
