"""What the cells of both packs do when a person deletes some, or runs one again."""

from __future__ import annotations

import contextlib
import io
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from mlprov_widgets.capture.cells.names import names_of
from mlprov_widgets.notebooks import generate, render_cells
from mlprov_widgets.packs import complete_values, find_pack

TABLE, IMAGES = "multiclass_classification", "image_classification"
ESTIMATORS = "tabular_classification"
QUICK = {TABLE: {"epochs": 3}, IMAGES: {"epochs": 2, "batch_size": 256}, ESTIMATORS: {}}
PLOTS = ["086_data_exploration", "107_model_training", "113_model_evaluation"]
PLOTS += ["114_model_evaluation", "115_model_evaluation"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CI", "true")
    mpl.use("Agg")
    return tmp_path


def cells_of(task: str, **values: Any) -> dict[str, str]:
    pack = find_pack(task)
    complete = complete_values(pack, {**QUICK[task], **values})
    cells = render_cells(pack, complete, "run.ipynb")
    return {cell.name: cell.source for cell in cells if cell.kind == "code"}


def run(
    cells: dict[str, str],
    again: str = "",
    after: dict[str, Callable[[dict[str, Any]], None]] | None = None,
) -> dict[str, Any]:
    """Run cells one after the other; `again` once more, and after some of them a change."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        for name, source in cells.items():
            for _ in range(1 + (name == again)):
                exec(compile(source, name, "exec"), namespace)
            if after and name in after:
                after[name](namespace)
    plt.close("all")
    namespace["printed"] = printed.getvalue()
    return namespace


# -- cells that draw --------------------------------------------------------------------------


@pytest.mark.parametrize("task", [TABLE, IMAGES])
def test_nothing_reads_what_a_cell_that_draws_has_bound(task: str) -> None:
    pack = find_pack(task)
    for values in ({"plots": True}, *pack.examples.values()):
        cells = cells_of(task, **values)
        for drawing in set(PLOTS) & set(cells):
            bound = set(names_of(cells[drawing]).binds)
            others = {name: names_of(source).reads for name, source in cells.items()}
            del others[drawing]
            assert not {name for name, reads in others.items() if bound & set(reads)}


@pytest.mark.parametrize("task", [TABLE, IMAGES])
def test_all_cells_that_draw_can_be_deleted_and_each_draws_alone(task: str) -> None:
    cells = cells_of(task)
    assert sum("plt.show()" in source for source in cells.values()) >= 4
    kept = {name: source for name, source in cells.items() if name not in PLOTS}
    namespace = run({name: source for name, source in kept.items() if "provenance" not in name})
    assert namespace["metrics"]["accuracy"] > 0.5
    for drawing in set(PLOTS) & set(cells):
        exec(compile(cells[drawing], drawing, "exec"), dict(namespace))
    exec(compile(cells["121_provenance"], "121_provenance", "exec"), namespace)
    plt.close("all")


# -- training again ---------------------------------------------------------------------------


@pytest.mark.parametrize("schedule", ["step", "cosine"])
@pytest.mark.parametrize("task", [TABLE, IMAGES])
def test_a_second_training_begins_its_schedule_anew(
    task: str, schedule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    rates: list[float] = []
    step = torch.optim.Adam.step

    def noted(self: Any, *arguments: Any) -> Any:
        rates.append(self.param_groups[0]["lr"])
        return step(self, *arguments)

    monkeypatch.setattr(torch.optim.Adam, "step", noted)
    cells = cells_of(task, plots=False, lr_schedule=schedule, epochs=3)
    run(cells, again="106_model_training")
    assert len(set(rates)) == 3
    half = len(rates) // 2
    assert rates[:half] == pytest.approx(rates[half:])
    assert rates[0] == 0.001


# -- divergence -------------------------------------------------------------------------------


def spoil(namespace: dict[str, Any]) -> None:
    """Weights as a training that diverged leaves them."""
    import torch

    with torch.no_grad():
        for weight in namespace["model"].parameters():
            weight.fill_(math.nan)


@pytest.mark.parametrize("task", [TABLE, IMAGES])
def test_a_model_without_numbers_has_no_metrics(task: str) -> None:
    namespace = run(cells_of(task, plots=False), after={"091_model_parameters": spoil})
    metrics, printed = namespace["metrics"], namespace["printed"]
    assert "accuracy" in metrics
    assert all(map(math.isnan, metrics.values()))
    assert "Training diverged" in printed
    assert len(namespace["history"]) == 1
    assert all(math.isnan(x) for key, x in namespace["history"][0].items() if key != "epoch")
    assert not namespace["confusion"].any()
    run(cells_of(task), after={"091_model_parameters": spoil})  # draws all the same


# -- classes that are rare --------------------------------------------------------------------


def split_of(labels: list[int], size: int, **values: Any) -> tuple[Any, Any, str]:
    """How `split_off` of the generated cell splits these labels."""
    source = cells_of(TABLE, **values)["081_data_segregation"].split("\n\n\n")[0]
    from sklearn.model_selection import train_test_split

    names = [f"kind {number}" for number in range(max(labels) + 1)]
    namespace: dict[str, Any] = {"np": np, "train_test_split": train_test_split}
    namespace |= {"labels": np.array(labels), "class_names": names, "RANDOM_STATE": 1}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(source, namespace)
        first, second = namespace["split_off"](np.arange(len(labels)), size)
    assert sorted([*first, *second]) == list(range(len(labels)))
    assert len(second) == size
    return first, second, printed.getvalue()


def test_one_class_with_a_single_row_does_not_switch_stratification_off() -> None:
    labels = np.array([0] * 40 + [1] * 40 + [2] + [3] * 20)
    first, second, printed = split_of(labels.tolist(), 20)
    assert printed == "Not stratified: classes that have a single row (kind 2)\n"
    assert 80 in first
    assert np.bincount(labels[second]).tolist() == [8, 8, 0, 4]


@pytest.mark.parametrize(
    ("labels", "size"),
    [([0, 1, 2, 3, 4, 5], 2), ([0, 0, 1, 2, 3], 2), ([0] * 9 + [1] * 9, 1)],
    ids=str,
)
def test_where_classes_have_no_room_the_notebook_says_so(labels: list[int], size: int) -> None:
    number = len(set(labels))
    printed = split_of(labels, size)[2]
    assert printed == f"Not stratified: {number} classes have no room in both parts\n"


def test_a_split_that_works_says_nothing() -> None:
    assert split_of([0] * 50 + [1] * 50, 20)[2] == ""
    assert split_of([0, 1, 2], 1, stratify=False)[2] == ""


def test_classes_that_did_not_occur_have_no_f1() -> None:
    cells = cells_of(TABLE, plots=False, validation_size=0)
    names = ["a", "b", "c", "never"]
    actual, predictions = np.array([0, 0, 1, 1, 1, 1]), np.array([0, 0, 1, 1, 1, 2])
    namespace: dict[str, Any] = {"class_names": names, "actual": actual, "test_loss": 0.5}
    namespace |= {"predictions": predictions, "model": None, "run": Recorded()}
    namespace |= {"labels": np.array([1, 1, 0]), "training_rows": np.arange(3)}
    namespace["probabilities"] = np.eye(4)[predictions]
    with contextlib.redirect_stdout(io.StringIO()):
        exec(cells["030_imports"], namespace)
        exec(cells["112_model_evaluation"], namespace)
    metrics = namespace["metrics"]
    assert list(metrics["f1_per_class"]) == names
    assert list(metrics["f1_per_class"].values()) == pytest.approx(
        [1, 6 / 7, 0, math.nan], nan_ok=True
    )
    assert metrics["f1_macro"] == pytest.approx((1 + 6 / 7 + 0) / 3)
    assert metrics["baseline_accuracy"] == pytest.approx(4 / 6)  # of always guessing b
    assert list(metrics["recall_per_class"].values())[:2] == [1, 0.75]
    assert list(metrics["precision_per_class"].values())[2:] == pytest.approx(
        [0, math.nan], nan_ok=True
    )
    assert metrics["balanced_accuracy"] == pytest.approx((1 + 3 / 4) / 2)
    assert next(iter(metrics)) == "accuracy"


class Recorded:
    """Takes what a notebook records, and does nothing with it."""

    def record(self, step: str, **terms: Any) -> None:
        assert step


# -- threads ----------------------------------------------------------------------------------


@pytest.mark.parametrize("task", [TABLE, IMAGES])
def test_the_number_of_threads_is_set_and_recorded(task: str, folder: Path) -> None:
    import torch

    from mlprov_widgets.provenance import read_record

    set_before = torch.get_num_threads()
    try:
        run(cells_of(task, plots=False, epochs=1, threads=3))
    finally:
        torch.set_num_threads(set_before)
    (file,) = folder.glob("*.prov.json")
    assert read_record(file).environment["torch_threads"] == 3


def test_the_number_of_threads_of_scikit_learn_is_set_and_recorded(folder: Path) -> None:
    from threadpoolctl import threadpool_limits

    from mlprov_widgets.provenance import read_record

    with threadpool_limits():
        run(cells_of(ESTIMATORS, plots=False, importance=False, threads=3))
    (file,) = folder.glob("*.prov.json")
    pools = read_record(file).environment["thread_pools"]
    assert {pool["num_threads"] for pool in pools} == {3}


@pytest.mark.slow
@pytest.mark.parametrize("estimator", ["hist_gradient_boosting", "mlp"])
def test_the_environment_does_not_decide_the_bits(estimator: str, folder: Path) -> None:
    from mlprov_widgets.provenance import read_record

    values = {"dataset": "digits", "estimator": estimator, "plots": False, "importance": False}
    found = []
    for threads in ("1", "4"):
        script = generate(ESTIMATORS, values, folder / f"with_{threads}.py")
        variables = {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        subprocess.run(
            [sys.executable, script.name], cwd=folder, check=True, env={**os.environ, **variables}
        )
        found.append(read_record(script.with_suffix(".prov.json")))
    assert found[0].fingerprints == found[1].fingerprints
    assert found[0].metrics == found[1].metrics
