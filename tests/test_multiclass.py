"""The multiclass pack: whatever the wizard offers runs, and means something."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import random
import shutil
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from mlprov_widgets.notebooks import render_cells
from mlprov_widgets.packs import check_values, complete_values, find_pack
from tests.metrics import check_metrics
from tests.pairs import every_two

PACK = find_pack("multiclass_classification")
SHAPE_SETS = ("spiral", "aggregation", "r15")
TABLE = ("csv_path", "target_column", "feature_columns")
# Numbers at which code paths part, beside every choice and flag of the pack.
NUMBERS: dict[str, list[Any]] = {
    "test_size": [0.2, 0.01],
    "validation_size": [0.2, 0.0],
    "hidden_layers": [1, 0],
    "dropout": [0.0, 0.3],
    "learning_rate": [None, 100.0],
    "batch_size": [16, 0, 1_000_000],
    "early_stopping": [0, 1],
    "print_every": [0, 2],
}
QUICK = {"epochs": 3, "hidden_neurons": 8, "n_samples": 90, "n_splits": 3}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a table of one's own, and with the shape sets where they are."""
    monkeypatch.chdir(tmp_path)
    mpl.use("Agg")
    generator = random.Random(0)
    rows = ["height;weight;colour;kind"]
    for number in range(60):
        height = f"{number / 7 + generator.random():.2f}".replace(".", ",")
        weight = (
            "" if number % 11 == 0 else f"{generator.gauss(number % 3, 0.3):.3f}".replace(".", ",")
        )
        rows.append(f"{height};{weight};{'red' if number % 2 else 'blue'};class {number % 3 + 1}")
    Path("mine.csv").write_text("\n".join(rows) + "\n")
    shared = Path(__file__).resolve().parents[2] / "shared/data/clustering"
    for name in SHAPE_SETS:
        if (shared / f"{name}.csv").is_file():
            shutil.copy(shared / f"{name}.csv", tmp_path)
    return tmp_path


def datasets(folder: Path) -> list[str]:
    """All data sets; those that have to be downloaded only where they are here already."""
    names = [choice.value for choice in PACK.parameters["dataset"].choices]
    return [name for name in names if name not in SHAPE_SETS or Path(f"{name}.csv").is_file()]


def execute(values: dict[str, Any]) -> dict[str, Any]:
    """Run the cells of these values in a fresh namespace, as a script would."""
    if values.get("dataset") == "csv":
        values = {"csv_path": "mine.csv", **values}
    complete = complete_values(PACK, {**QUICK, **values})
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in render_cells(PACK, complete, "run.ipynb"):
            if cell.kind == "code":
                exec(compile(cell.source, cell.name, "exec"), namespace)
    plt.close("all")
    return namespace


@pytest.mark.slow
def test_every_two_choices_run_together(folder: Path) -> None:
    found = datasets(folder)
    rows = every_two(PACK, {"dataset": found, **NUMBERS})
    optimizers = PACK.parameters["optimizer"].choices
    assert len({(row["dataset"], row["optimizer"]) for row in rows}) == len(found) * len(optimizers)
    for values in rows:
        try:
            check_metrics(execute(values))
        except Exception as error:
            error.add_note(f"values: {values}")
            raise


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", [one.value for one in PACK.parameters["optimizer"].choices])
def test_every_data_set_optimizer_loss_and_output_activation(folder: Path, optimizer: str) -> None:
    names = ("loss_function", "output_activation")
    choices = [[choice.value for choice in PACK.parameters[name].choices] for name in names]
    count = 0
    for dataset, *rest in itertools.product(datasets(folder), *choices):
        chosen = {"dataset": dataset, "optimizer": optimizer, "plots": False}
        values = {**chosen, **dict(zip(names, rest, strict=True))}
        try:
            check_metrics(execute(values))
        except Exception as error:
            error.add_note(f"values: {values}")
            raise
        count += 1
    assert count == len(datasets(folder)) * 3 * 4


@pytest.mark.parametrize(
    "values",
    [
        {"test_size": 0.001, "validation_size": 0.001},
        {"test_size": 0.5, "validation_size": 0.3},
        {"test_size": 0.8, "validation_size": 0.0},
        {"test_size": 0.5, "resampling": "k_fold", "n_splits": 20, "validation_size": 0.0},
        {"learning_rate": 1000.0, "optimizer": "SGD", "hidden_layers": 3},
        {"learning_rate": 1e-300},
        {"epochs": 1, "lr_schedule": "step", "early_stopping": 1, "save_checkpoint": True},
        {"hidden_layers": 20, "hidden_neurons": 1},
        {"seed": 2**32 - 1, "random_state": 2**32 - 1},
    ],
    ids=str,
)
def test_values_at_the_edge_run_too(folder: Path, values: dict[str, Any]) -> None:
    check_metrics(execute(values))


@pytest.mark.parametrize("rows", [10, 12])
def test_a_table_of_very_few_rows_runs(folder: Path, rows: int) -> None:
    text = "x,kind\n" + "".join(
        f"{number * 37 % 10},{'ab'[number % 2]}\n" for number in range(rows)
    )
    Path("few.csv").write_text(text)
    folds = {"resampling": "k_fold", "n_splits": 2, "test_size": 0.5, "early_stopping": 1}
    for values in (
        {},
        {"test_size": 0.01, "validation_size": 0.79},
        {"resampling": "k_fold"},
        folds,
    ):
        case = {"dataset": "csv", "csv_path": "few.csv", **values}
        check_metrics(execute(case))


@pytest.mark.slow
def test_every_awkward_table_runs_or_is_refused_in_words(folder: Path, shared_data: Path) -> None:
    awkward = shared_data / "awkward_csv"
    expected = json.loads((awkward / "expectations.json").read_text())
    shutil.copytree(awkward, "awkward", copy_function=shutil.copy)
    verdicts = {}
    for name in expected:
        case = {"dataset": "csv", "csv_path": f"awkward/{name}", "plots": name == "01_clean.csv"}
        checked = check_values(PACK, case)
        about_the_table = [note for note in checked.notes if note.parameter in TABLE]
        verdicts[name] = "refuse" if checked.problems else "warn" if about_the_table else "ok"
        if checked.problems:
            assert all(problem.message.endswith((".", "?")) for problem in checked.problems)
        else:
            check_metrics(execute(case))
    for name, case in expected.items():
        allowed = {"warn", "refuse"} if case["verdict"] == "warn" else {case["verdict"]}
        assert verdicts[name] in allowed, (name, verdicts[name])
    assert not list(folder.rglob("PWNED*"))


@pytest.mark.slow
@pytest.mark.parametrize("example", list(PACK.examples))
def test_every_example_runs_and_learns(folder: Path, example: str) -> None:
    values = PACK.examples[example]
    namespace = execute({"hidden_neurons": 50, "epochs": 100, **values})
    check_metrics(namespace)
    assert namespace["metrics"]["accuracy"] >= 0.85


@pytest.mark.slow
def test_learning_happens(folder: Path) -> None:
    namespace = execute({"dataset": "iris", "epochs": 100, "hidden_neurons": 50})
    assert namespace["metrics"]["accuracy"] >= 0.9
    deep = {"hidden_layers": 3, "hidden_neurons": 64, "n_samples": 900, "epochs": 120}
    namespace = execute({"dataset": "three_spirals", "hidden_activation": "Tanh", **deep})
    assert namespace["metrics"]["accuracy"] >= 0.95


def test_preparation_is_fitted_on_the_training_part_only(folder: Path) -> None:
    namespace = execute({"dataset": "wine"})
    training = namespace["features"].iloc[namespace["training_rows"]]
    assert namespace["preprocessing"].mean_ == pytest.approx(training.mean().to_numpy())


def test_early_stopping_goes_back_to_the_best_epoch(folder: Path) -> None:
    namespace = execute({"early_stopping": 2, "epochs": 200, "learning_rate": 0.5})
    history = namespace["history"]
    assert len(history) < 200
    X, y = namespace["X_validation"], namespace["y_validation"]
    best = min(row["validation_loss"] for row in history)
    assert namespace["score"](namespace["model"], X, y)[0] == pytest.approx(best)


def test_the_fold_that_is_scored_does_not_choose_the_best_epoch(folder: Path) -> None:
    values = {"resampling": "k_fold", "dataset": "csv", "early_stopping": 2}
    for stratify in (True, False):
        namespace = execute({**values, "stratify": stratify, "feature_columns": ["height"]})
        rows = namespace["rows"]
        parts = [namespace["kept_rows"], namespace["watching_rows"], rows[namespace["left_out"]]]
        assert sorted(rows) == sorted(row for part in parts for row in part)
        assert len(namespace["watching_rows"]) == len(namespace["X_watching"]) > 0
        assert len(namespace["fold_scores"]) == namespace["n_splits"]
        metrics = namespace["metrics"]
        assert metrics["cross_validation_f1_macro"] == list(namespace["fold_scores"]["f1_macro"])


def test_a_constant_set_to_never_in_the_notebook_means_never(folder: Path) -> None:
    values = {"early_stopping": 1, "print_every": 1, "learning_rate": 100.0}
    complete = complete_values(PACK, {**QUICK, **values, "epochs": 6, "plots": False})
    namespace: dict[str, Any] = {"__name__": "__main__"}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for cell in render_cells(PACK, complete, "run.ipynb"):
            if cell.kind == "code":
                exec(compile(cell.source, cell.name, "exec"), namespace)
            if cell.step == "parameters":
                namespace |= {"EARLY_STOPPING": 0, "PRINT_EVERY": 0}
    assert len(namespace["history"]) == 6
    assert ", validation loss" not in printed.getvalue()


def test_the_checkpoint_holds_the_weights(folder: Path) -> None:
    import torch

    namespace = execute({"save_checkpoint": True})
    (file,) = folder.glob("*.pt")
    saved = torch.load(file, weights_only=True)
    for name, weights in namespace["model"].state_dict().items():
        assert torch.equal(saved[name], weights)


def test_the_same_seed_gives_the_same_weights_and_another_gives_others(folder: Path) -> None:
    import torch

    def weights(**values: Any) -> Any:
        namespace = execute({"dropout": 0.2, **values})
        return torch.cat([w.flatten() for w in namespace["model"].state_dict().values()])

    first = weights()
    assert torch.equal(first, weights())
    assert not torch.equal(first, weights(seed=1))
    assert not torch.equal(first, weights(random_state=1))


def test_a_class_name_is_shown_as_it_is_and_runs_nothing(folder: Path) -> None:
    names = ["$\\frac{", "{{ 7*7 }}", "_hidden", "';open('PWNED','w')#"]
    rows = "".join(f'{number * 37 % 10},"{names[number % 4]}"\n' for number in range(40))
    Path("hostile.csv").write_text("x,kind\n" + rows)
    namespace = execute({"dataset": "csv", "csv_path": "hostile.csv"})
    assert sorted(namespace["class_names"]) == sorted(names)
    assert not Path("PWNED").exists()


def test_a_shape_set_without_a_network_says_which_file_to_put_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pooch

    from mlprov_widgets.datasets import load_shape_set
    from mlprov_widgets.errors import DataUnavailableError

    def fail(*arguments: Any, **options: Any) -> None:
        raise OSError("no network")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pooch, "retrieve", fail)
    with pytest.raises(DataUnavailableError, match=r"put it here: .*R15\.txt"):
        load_shape_set("r15", tmp_path / "cache")


def test_a_shape_set_with_other_values_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pooch

    from mlprov_widgets.datasets import load_shape_set
    from mlprov_widgets.errors import DataUnavailableError

    def fetch(*arguments: Any, fname: str, path: Path, **options: Any) -> str:
        path.mkdir()
        (path / fname).write_text("1\t2\t1\n3\t4\t2\n")
        return str(path / fname)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pooch, "retrieve", fetch)
    with pytest.raises(DataUnavailableError, match="expected hash"):
        load_shape_set("spiral", tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_downloaded_shape_set_is_read_and_kept(
    tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pooch

    from mlprov_widgets.datasets import load_shape_set

    def fetch(*arguments: Any, fname: str, path: Path, **options: Any) -> str:
        lines = (shared_data / "clustering/spiral.csv").read_text().splitlines()[1:]
        path.mkdir()
        (path / fname).write_text("\r\n".join(line.replace(",", "\t") for line in lines))
        return str(path / fname)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pooch, "retrieve", fetch)
    table = load_shape_set("spiral", tmp_path / "cache")
    assert table.shape == (312, 3)
    assert table["label"].nunique() == 3
    monkeypatch.setattr(pooch, "retrieve", None)  # from now on it is not asked again
    assert load_shape_set("spiral", tmp_path / "cache").equals(table)


def test_every_note_and_rule_of_the_pack_can_be_reached() -> None:
    for rule in PACK.rules:
        assert rule.parameter in PACK.parameters
    notes = check_values(PACK, {"loss_function": "NLLLoss", "output_activation": "tanh"}).notes
    assert any("LogSoftmax" in note.message for note in notes)


def test_a_saved_model_says_the_same_as_the_trained_one(folder: Path) -> None:
    values = {"dataset": "wine", "save_model": True, "optimizer": "SGD", "momentum": 0.9}
    namespace = execute({**values, "weight_decay": 0.01, "class_weights": True})
    (group,) = namespace["optimizer"].param_groups
    assert (group["momentum"], group["weight_decay"]) == (0.9, 0.01)
    counts = np.bincount(namespace["labels"][namespace["training_rows"]])
    assert namespace["criterion"].weight.numpy() == pytest.approx(counts.sum() / (3 * counts))
    assert (folder / namespace["file"]).is_file()
    first = namespace["test_rows"][:1]
    assert namespace["outputs"].argmax() == namespace["predictions"][0]
    assert namespace["new_row"].equals(namespace["features"].iloc[first])
