"""The pack of tabular regression: whatever the wizard offers runs, and means something."""

from __future__ import annotations

import contextlib
import io
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from mlprov_widgets.comparison import verify
from mlprov_widgets.notebooks import generate, render_cells
from mlprov_widgets.packs import check_values, find_pack
from mlprov_widgets.provenance import read_record
from tests.pairs import every_two

TASK = "tabular_regression"
PACK = find_pack(TASK)
ESTIMATORS = [choice.value for choice in PACK.parameters["estimator"].choices]
OPTIONS: dict[str, list[Any]] = {
    "dataset": ["diabetes", "made_linear", "friedman1", "friedman2", "csv"],
    "group_column": ["", "patient"],
    "test_size": [0.2, 0.5],
    "max_depth": [0, 3],
}
QUICK = {"n_estimators": 8, "n_trials": 2, "n_splits": 2, "n_repeats": 2, "epochs": 3}
FRIEDMAN = {"dataset": "friedman1", "n_samples": 300, "plots": False, "importance": False}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a table: numbers with gaps, a text, and six rows of each patient."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CI", "true")
    mpl.use("Agg")
    generator = random.Random(0)
    lines = ["height;weight;colour;patient;dose"]
    for number in range(90):
        height, weight = generator.uniform(1, 2), generator.uniform(40, 90)
        dose = 3 * height + weight / 10 + generator.gauss(0, 0.2)
        cells = [height, "" if number % 11 == 0 else weight, ["red", "blue"][number % 2]]
        cells += [f"patient {number // 6}", dose]
        lines.append(";".join(f"{c:.4f}" if isinstance(c, float) else str(c) for c in cells))
    (tmp_path / "table.csv").write_text("\n".join(lines).replace(".", ",") + "\n")
    return tmp_path


def execute(values: dict[str, Any]) -> dict[str, Any]:
    """Run the cells of these values in a fresh namespace, as a script would."""
    if values.get("dataset") == "csv":
        values = {**values, "csv_path": "table.csv", "target_column": "dose"}
    if values.get("group_column"):
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
    assert len(parts[0]) + len(parts[1]) == len(parts[0] | parts[1]) == len(namespace["target"])
    metrics, errors = namespace["metrics"], namespace["y_test"] - namespace["predictions"]
    assert metrics["root_mean_squared_error"] == pytest.approx(np.sqrt(np.mean(errors**2)))
    assert metrics["mean_absolute_error"] == pytest.approx(np.mean(np.abs(errors)))
    assert metrics["median_absolute_error"] == pytest.approx(np.median(np.abs(errors)))
    guesses = namespace["y_test"] - namespace["y_train"].mean()
    expected = pytest.approx(np.sqrt(np.mean(guesses**2)))
    assert metrics["baseline_root_mean_squared_error"] == expected
    if "groups" in namespace:
        groups = [{namespace["groups"][row] for row in part} for part in parts]
        assert not groups[0] & groups[1]


@pytest.mark.slow
def test_every_two_choices_run_together(folder: Path) -> None:
    for values in every_two(PACK, OPTIONS):
        if check_values(PACK, {**QUICK, **values}, look=False).problems:
            continue
        try:
            check(execute(values))
        except Exception as error:
            error.add_note(f"values: {values}")
            raise


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_every_estimator_runs_and_learns_with_and_without_folds(
    folder: Path, estimator: str
) -> None:
    more = {"epochs": 40} if estimator == "network" else {"n_estimators": 20}
    values = {**FRIEDMAN, **more, "estimator": estimator}
    for resampling in ("hold_out", "k_fold"):
        namespace = execute({**values, "resampling": resampling})
        check(namespace)
        metrics = namespace["metrics"]
        baseline = metrics["baseline_root_mean_squared_error"]
        assert metrics["root_mean_squared_error"] < 0.9 * baseline
    assert len(metrics["cross_validation_r2"]) == QUICK["n_splits"]


@pytest.mark.parametrize("estimator", ["ridge", "svr", "hist_gradient_boosting"])
def test_metrics_are_those_that_scikit_learn_computes(folder: Path, estimator: str) -> None:
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.datasets import load_diabetes
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.linear_model import Ridge
    from sklearn.metrics import r2_score
    from sklearn.model_selection import train_test_split
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVR

    X, y = load_diabetes(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)
    by_hand = {
        "ridge": make_pipeline(StandardScaler(), Ridge()),
        "svr": TransformedTargetRegressor(
            make_pipeline(StandardScaler(), SVR()), transformer=StandardScaler()
        ),
        "hist_gradient_boosting": make_pipeline(
            StandardScaler(), HistGradientBoostingRegressor(random_state=42)
        ),
    }[estimator].fit(X_train, y_train)
    namespace = execute({"estimator": estimator, "plots": False, "importance": False})
    predictions = by_hand.predict(X_test)
    assert namespace["predictions"] == pytest.approx(predictions)
    assert namespace["metrics"]["r2"] == pytest.approx(r2_score(y_test, predictions))


def test_the_target_is_scaled_by_the_training_part_alone(folder: Path) -> None:
    values = {**FRIEDMAN, "dataset": "friedman2"}
    scaled = execute({**values, "target_scaling": "standard"})
    transformer = scaled["pipeline"].transformer_
    assert transformer.mean_ == pytest.approx([scaled["y_train"].mean()])
    logarithm = execute({**values, "target_scaling": "log"})
    assert logarithm["predictions"].min() > -1
    check(scaled)
    check(logarithm)


@pytest.mark.parametrize("search", ["none", "grid"])
@pytest.mark.parametrize("resampling", ["hold_out", "k_fold", "repeated_k_fold"])
def test_a_group_is_in_one_part_and_one_fold(folder: Path, resampling: str, search: str) -> None:
    values = {"dataset": "csv", "group_column": "patient", "plots": False, "search": search}
    namespace = execute({**values, "resampling": resampling})
    check(namespace)
    assert list(namespace["features"]) == ["height", "weight", "colour"]
    assert namespace["metrics"]["r2"] > 0.5


def test_each_trial_of_a_search_is_recorded(folder: Path) -> None:
    values = {**FRIEDMAN, "estimator": "elastic_net", "search": "grid"}
    namespace = execute(values)
    (file,) = folder.glob("*.prov.json")
    history = read_record(file).steps["model_training"].values["history"]
    assert [row["trial"] for row in history] == list(range(1, 13))
    assert {"alpha", "l1_ratio", "neg_root_mean_squared_error"} <= history[0].keys()
    best = max(history, key=lambda row: row["neg_root_mean_squared_error"])
    assert namespace["search"].best_score_ == best["neg_root_mean_squared_error"]


def test_the_saved_model_answers_as_the_one_that_was_trained(folder: Path) -> None:
    for estimator in ("ridge", "network"):
        values = {**FRIEDMAN, "estimator": estimator, "target_scaling": "standard"}
        namespace = execute({**values, "save_model": True})
        answer = namespace["fitted"].predict(namespace["new_row"])
        assert answer == pytest.approx(namespace["predictions"][:1])


@pytest.mark.slow
@pytest.mark.parametrize("example", PACK.examples)
def test_every_example_runs_learns_and_is_the_same_twice(folder: Path, example: str) -> None:
    records = []
    for name in ("first", "second"):
        script = generate(PACK, {**PACK.examples[example], "plots": False}, folder / f"{name}.py")
        subprocess.run([sys.executable, script], cwd=folder, check=True, capture_output=True)
        records.append(read_record(folder / f"{name}.prov.json"))
    assert verify(*records).verdict == "bit-identical"
    assert records[0].metrics["r2"] > 0.3


def test_a_notebook_has_only_what_its_choices_need() -> None:
    values = check_values(PACK, {"plots": False, "importance": False}).values
    code = "\n".join(c.source for c in render_cells(PACK, values, "a.ipynb") if c.kind == "code")
    for word in ("torch", "pyplot", "permutation", "KFold", "Imputer", "TransformedTarget"):
        assert word not in code


def test_a_plain_table_is_read_in_one_line(tmp_path: Path) -> None:
    rows = [f"{number}.5,{number * 7 % 13}.25" for number in range(40)]
    (tmp_path / "plain.csv").write_text("\n".join(["size,price", *rows]))
    checked = check_values(PACK, {"dataset": "csv", "csv_path": "plain.csv"}, tmp_path)
    code = "\n".join(cell.source for cell in render_cells(PACK, checked.values, "a.ipynb"))
    assert "table = pd.read_csv(CSV_PATH)\n" in code


def test_a_table_without_numbers_is_refused_in_words(tmp_path: Path) -> None:
    rows = [f"{'ab'[n % 2]},{'xyz'[n % 3]}" for n in range(30)]
    (tmp_path / "words.csv").write_text("\n".join(["kind,answer", *rows]))
    checked = check_values(PACK, {"dataset": "csv", "csv_path": "words.csv"}, tmp_path)
    (problem,) = checked.problems
    assert problem.parameter == "target_column"
    assert "not numbers to predict" in problem.message
