"""What differs between runs, side by side, in pictures and files; and who may say what in them."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from mlprov_widgets import start_run  # noqa: F401  (the public names are looked up lazily)
from mlprov_widgets.errors import MlprovError
from mlprov_widgets.record import Record, Step
from mlprov_widgets.several import RunComparison, compare_runs
from mlprov_widgets.store import RunStore
from tests.reproduction.made_runs import cell
from tests.several.made import made_run, repeats, run_file

HOSTILE = "<img src=x onerror=alert(1)>"


def two(first: dict[str, Any] | None = None, second: dict[str, Any] | None = None) -> RunComparison:
    return compare_runs(
        made_run("one", {"accuracy": 0.9}, first, seed=1),
        made_run("two", {"accuracy": 0.8}, second, seed=1),
    )


def section(told: RunComparison, key: str) -> str:
    """What a section says, as a person reads the page."""
    found = re.search(
        rf"<section id='mlprov-{key}'>(.*?)</section>", told.to_html(), flags=re.DOTALL
    )
    assert found, key
    text = re.sub(r"<style>.*?</style>|<[^>]*>", " ", found[1], flags=re.DOTALL)
    return " ".join(html.unescape(text).split())


def keys(told: RunComparison) -> list[str]:
    return [one.key for one in told.page.sections]


# -- what differs -----------------------------------------------------------------------------


def test_only_what_differs_comes_first() -> None:
    told = two({"optimizer": "Adam", "epochs": 3}, {"optimizer": "SGD", "epochs": 3})
    assert keys(told)[:3] == ["answer", "differs", "metrics"]
    said = section(told, "differs")
    assert "Optimizer Adam SGD" in said
    assert "Epochs" not in said
    assert "Equal in all" in said


def test_what_was_not_recorded_is_said_and_is_no_difference() -> None:
    told = two({"dropout": 0.5}, {})
    assert "Dropout" not in section(told, "differs")
    assert "Recorded of some alone, and below: 1 field." in section(told, "differs")
    assert "Dropout 0.5 not recorded" in section(told, "parameters")


def test_equal_runs_say_that_nothing_differs() -> None:
    assert "Nothing that was recorded of all these runs differs" in section(two(), "differs")


def test_numbers_that_part_late_do_not_look_the_same() -> None:
    told = two({"rate": 0.1234567891}, {"rate": 0.1234567892})
    assert "Rate 0.1234567891 0.1234567892" in section(told, "differs")


def test_what_was_chosen_is_not_told_as_what_was_seen() -> None:
    """Of a choice that a pack records under a field, and of which something else was seen."""
    runs = [made_run(name, {"accuracy": 0.9}, {"final": "none"}) for name in ("one", "two")]
    for run in runs:
        run.parameters = [
            {"name": "final", "step": "model_parameters", "term": "activation_function"}
        ]
        run.steps["model_parameters"] = Step(values={"activation_function": "ReLU"})
    rows = {row.where: row for row in compare_runs(*runs).fields}
    assert (rows["values.final"].label, rows["values.final"].values[0].text) == ("Final", "none")
    seen = rows["model_parameters.activation_function"]
    assert (seen.label, seen.values[0].text) == ("Activation", "ReLU")


def test_what_was_seen_as_it_was_chosen_is_told_once() -> None:
    runs = [made_run(one, {"accuracy": 0.9}, {"optimizer": one}) for one in ("Adam", "SGD")]
    for run in runs:
        run.steps["model_parameters"] = Step(values={"optimizer": run.values["optimizer"]})
    assert section(compare_runs(*runs), "differs").count("Optimizer Adam SGD") == 1


def test_environment_and_data_are_told_apart_from_parameters() -> None:
    one = made_run("one", {"accuracy": 0.9}, packages={"numpy": "2.0"})
    two_ = made_run("two", {"accuracy": 0.9}, packages={"numpy": "1.26"})
    two_.fingerprints["split"] = "f" * 64
    told = compare_runs(one, two_)
    assert "numpy 2.0 1.26" in section(told, "environment")
    assert "SHA-256 of the split bbbbbbbbbbbb ffffffffffff" in section(told, "data")
    assert "All that was recorded of this is equal" not in section(told, "environment")


# -- columns ----------------------------------------------------------------------------------


def test_many_runs_are_told_by_configuration_and_few_by_run() -> None:
    few = compare_runs(repeats("a", [0.9, 0.8], {}), repeats("s", [0.7], {"optimizer": "SGD"}))
    assert [one.key for one in few.columns] == ["A1", "A2", "B"]
    many = compare_runs(repeats("a", [0.9] * 13, {}), repeats("s", [0.7], {"optimizer": "SGD"}))
    assert [(one.key, len(one.runs)) for one in many.columns] == [("A", 13), ("B", 1)]
    repeated = compare_runs(
        repeats("a", [0.9, 0.8], {}), repeats("s", [0.7, 0.6], {"optimizer": "SGD"})
    )
    assert [len(one.runs) for one in repeated.columns] == [2, 2]


def test_hundreds_of_runs_have_a_page_of_bearable_size() -> None:
    runs = [
        made_run(f"{rate}-{seed}", {"accuracy": rate / 100 + seed / 1e4}, {"rate": rate}, seed)
        for rate in range(40)
        for seed in range(1, 6)
    ]
    told = compare_runs(runs)
    page = told.to_html()
    assert len(told.runs) == 200
    assert len(page) < 300_000
    assert page.count("<th scope='col'>") < 100
    assert "The 12 best have a column; 28 more are in the CSV file." in page
    # All of them are in the picture of all, and in the file.
    assert page.count("line other") == 37
    assert len(next(csv.reader(io.StringIO(told.to_csv())))) == 203


def test_names_tell_files_of_one_name_apart(tmp_path: Path) -> None:
    files = [run_file(tmp_path / name, "run", {"accuracy": 0.9}, {"x": name}) for name in "ab"]
    second = files[1].read_text().replace("run-run", "run-two")
    files[1].write_text(second)
    assert [run.name for run in compare_runs(*files).runs] == ["a/run", "b/run"]


# -- metrics and pictures ---------------------------------------------------------------------


def test_metrics_say_what_is_best_and_whether_that_is_chance() -> None:
    told = compare_runs(
        repeats("a", [0.95, 0.96, 0.94, 0.95, 0.97, 0.96], {}),
        repeats("s", [0.85, 0.87, 0.84, 0.86, 0.86, 0.85], {"optimizer": "SGD"}),
    )
    (row,) = told.metrics
    assert row.texts == ["0.955 ± 0.01", "0.855 ± 0.01"]
    assert (row.best, row.chance) == (0, "A: more than chance")
    assert "0.955 ± 0.01 ★" in section(told, "metrics")


def test_a_metric_that_a_run_lacks_is_not_recorded() -> None:
    one = made_run("one", {"accuracy": 0.9, "loss": 0.2})
    two_ = made_run("two", {"accuracy": 0.8}, {"optimizer": "SGD"})
    rows = {row.metric.name: row for row in compare_runs(one, two_).metrics}
    assert rows["loss"].texts == ["0.2", "not recorded"]
    assert rows["loss"].best is None


def test_the_numbers_of_classes_are_no_folds() -> None:
    metrics = {"accuracy": 0.9, "f1_per_class": [0.8, 1.0], "precision_per_class": [1, 1]}
    told = compare_runs(made_run("one", metrics, {"x": 1}), made_run("two", metrics, {"x": 2}))
    assert [row.metric.name for row in told.metrics] == ["accuracy"]


def test_of_repeats_of_one_thing_none_is_best() -> None:
    told = compare_runs(repeats("a", [0.9, 0.8], {}))
    assert told.metrics[0].best is None
    assert "★" not in told.to_html()


def test_folds_are_a_mean_with_its_deviation() -> None:
    runs = [
        made_run(name, {"cross_validation_accuracy": folds}, {"optimizer": name})
        for name, folds in (("Adam", [0.9, 0.8]), ("SGD", [0.7, 0.6]))
    ]
    (row,) = compare_runs(*runs).metrics
    assert row.texts == ["0.85 ± 0.071 (2 folds)", "0.65 ± 0.071 (2 folds)"]
    assert row.part == "folds"


def history(losses: list[float], counter: str = "epoch") -> list[dict[str, float]]:
    return [{counter: at, "loss": one} for at, one in enumerate(losses, 1)]


def with_history(name: str, losses: list[float], counter: str = "epoch", **more: Any) -> Record:
    made = made_run(name, {"accuracy": 0.9}, {"optimizer": name.partition("-")[0]}, **more)
    made.steps["model_training"].values["history"] = history(losses, counter)
    return made


def test_curves_lie_over_each_other_with_a_letter_and_a_mark_of_their_own() -> None:
    told = compare_runs(with_history("Adam", [3, 2, 1]), with_history("SGD", [4, 3.5, 3, 2]))
    drawn = told.to_html()
    figure = next(one for one in re.findall(r"<figure class='overlay'>.*?</figure>", drawn, re.S))
    assert "Loss, training" in figure
    for style in ("l0", "l1", "m0", "m1"):
        assert f"{style}" in figure
    assert len(re.findall(r'class="name strong"[^>]*>[AB]<', figure)) == 2
    assert "| A Adam | 3 | 1 | 1 | 3 | 1 to 3 |" in re.sub(r"optimizer ", "", told.to_markdown())


def test_repeats_are_drawn_as_a_mean_as_far_as_all_of_them_went() -> None:
    runs = [
        with_history("Adam-1", [3, 2, 1], seed=1),
        with_history("Adam-2", [5, 4], seed=2),
        with_history("SGD-1", [9, 9, 9], seed=1),
        with_history("SGD-2", [9, 9, 9], seed=2),
    ]
    text = compare_runs(runs).to_markdown()
    assert re.search(r"optimizer Adam \| 4 \| 3 \| 3 \| 4 \| 1 to 2 \|", text)


def test_folds_are_marks_without_a_line() -> None:
    told = compare_runs(
        with_history("Adam", [3, 2, 1], "fold"), with_history("SGD", [4, 3, 2], "fold")
    )
    figure = re.search(r"<figure class='overlay'>.*?</figure>", told.to_html(), re.S)[0]
    assert 'class="mark m0"' in figure
    assert 'class="line l0"' not in figure
    assert ">fold<" in figure


def test_parallel_coordinates_come_with_four_configurations() -> None:
    runs = [
        made_run(f"r{rate}", {"accuracy": 1 - rate}, {"rate": rate, "optimizer": name})
        for rate, name in ((0.001, "Adam"), (0.01, "SGD"), (0.1, "Adam"), (0.5, "SGD"))
    ]
    assert "parallel" not in keys(compare_runs(runs[:3]))
    told = compare_runs(runs)
    figure = re.search(r"<figure class='parallel'>.*?</figure>", told.to_html(), re.S)[0]
    for words in (">Rate<", ">logarithmic<", ">Optimizer<", ">Accuracy ↑<", ">0.001<", ">SGD<"):
        assert words in figure
    assert len(re.findall(r'class="line l\d"', figure)) == 4


def test_matrices_are_added_up_and_two_are_subtracted() -> None:
    def run(name: str, seed: int, matrix: list[list[int]]) -> Record:
        metrics = {"accuracy": 0.9, "confusion_matrix": matrix}
        return made_run(f"{name}{seed}", metrics, {"optimizer": name}, seed)

    told = compare_runs(
        [run("Adam", seed, [[9, 1], [0, 10]]) for seed in (1, 2)],
        [run("SGD", seed, [[5, 5], [2, 8]]) for seed in (1, 2)],
    )
    said = section(told, "matrices")
    assert "sum of 2 runs" in said
    assert "0 18 2 1 0 20" in said
    assert "B less A, in points of percent of each true class" in said
    assert "0 −40.0 +40.0 1 +20.0 −20.0" in said
    # All four are worse, and drawn as such.
    assert len(re.findall(r"<td class='miss s\d'>[+−]\d", told.to_html())) == 4


def test_a_metric_of_a_pack_keeps_its_words() -> None:
    declared = {
        "metrics": [
            {
                "name": "wobble",
                "label": "Wobble",
                "unit": "cm",
                "direction": "minimize",
                "headline": True,
                "part": "validation",
            }
        ]
    }
    runs = [
        made_run(name, {"wobble": value}, {"optimizer": name}, declared=declared)
        for name, value in (("Adam", 2.5), ("SGD", 3.5))
    ]
    told = compare_runs(runs)
    assert "the lowest wobble on the validation part, 2.5 cm" in str(told.answer.text)
    assert "Wobble (cm) ↓ 2.5 ★ 3.5" in section(told, "metrics")


# -- code and graph ---------------------------------------------------------------------------


def with_cells(name: str, training: str, *more: Any) -> Record:
    made = made_run(name, {"accuracy": 0.9}, {"optimizer": name})
    made.cells = [
        cell("start", f"run = start_run('{name}.ipynb', seed=42)"),
        cell("training", training, step="model_training"),
        *more,
    ]
    return made


def test_code_is_a_diff_by_cell_and_the_name_of_the_notebook_is_no_difference() -> None:
    told = compare_runs(
        with_cells("Adam", "a = 1\nb = 2"),
        with_cells("SGD", "a = 1\nb = 3", cell("more", "print('more')")),
    )
    changes = [(one.kind, one.title) for one in told.code.changes]
    assert changes == [
        ("changed", "Code cell 2 · Training: A → B"),
        ("added", "Code cell 3 of B: not in A"),
    ]
    assert told.code.changes[0].diff.splitlines()[1:] == [" a = 1", "-b = 2", "+b = 3"]
    assert "start_run" not in section(told, "code")
    assert "2 cells unlike A" in section(told, "differs")


def test_cells_of_one_source_are_told_once_for_all_that_have_it() -> None:
    told = compare_runs(
        with_cells("Adam", "x = 1"), with_cells("SGD", "x = 2"), with_cells("RMSprop", "x = 2")
    )
    (change,) = told.code.changes
    assert change.title.endswith("A → B and C")


def test_code_that_was_not_recorded_is_said_not_to_be() -> None:
    without = with_cells("SGD", "x = 2")
    without.cells = []
    told = compare_runs(with_cells("Adam", "x = 1"), without)
    assert "The code of B was not recorded." in section(told, "code")


def test_both_graphs_are_one_with_words_for_what_changed() -> None:
    one, two_ = (
        made_run(name, {"accuracy": value}, {"optimizer": name})
        for name, value in (("Adam", 0.9), ("SGD", 0.8))
    )
    one.steps["data_preparation"] = Step(values={"operations": ["Scaler"]})
    two_.steps["model_parameters"] = Step(values={"model_name": "Net"})
    told = compare_runs(one, two_)
    said = section(told, "graph")
    assert "− only in A" in said
    assert "+ only in B" in said
    assert "≠ changed" in said
    assert "= same" in said
    assert "0.9 → 0.8" in said
    three = compare_runs(one, two_, made_run("x", {"accuracy": 0.1}, {"optimizer": "x"}))
    assert "graph" not in keys(three)


# -- sources ----------------------------------------------------------------------------------


def test_runs_come_from_files_folders_stores_rows_and_records(tmp_path: Path) -> None:
    one = run_file(tmp_path, "one", {"accuracy": 0.9})
    run_file(tmp_path / "below", "two", {"accuracy": 0.8}, {"optimizer": "SGD"})
    three = made_run("three", {"accuracy": 0.7}, {"optimizer": "RMSprop"})
    assert len(compare_runs(tmp_path).runs) == 2
    assert len(compare_runs(str(tmp_path), three).runs) == 3
    store = RunStore(tmp_path)
    assert len(compare_runs(store).runs) == 2
    assert len(compare_runs(list(store.runs())).runs) == 2
    assert len(compare_runs(one, three).runs) == 2
    with pytest.raises(MlprovError, match="'int' is no run"):
        compare_runs(3, 4)
    with pytest.raises(MlprovError):
        compare_runs(tmp_path / "none.prov.json", one)


def test_a_run_that_is_there_twice_counts_once_and_is_said(tmp_path: Path) -> None:
    one = run_file(tmp_path, "one", {"accuracy": 0.9})
    (tmp_path / "copy.prov.json").write_bytes(one.read_bytes())
    run_file(tmp_path, "two", {"accuracy": 0.8})
    told = compare_runs(tmp_path)
    assert len(told.runs) == 2
    assert "a run that is there already" in told.to_text()


def test_what_cannot_be_read_is_said_and_the_rest_is_compared(tmp_path: Path) -> None:
    run_file(tmp_path, "one", {"accuracy": 0.9})
    run_file(tmp_path, "two", {"accuracy": 0.8}, {"optimizer": "SGD"})
    (tmp_path / "half.prov.json").write_text("{")
    assert "half.prov.json" in section(compare_runs(tmp_path), "answer")


# -- what others wrote ------------------------------------------------------------------------


def hostile() -> RunComparison:
    runs = []
    for name, value in (("one", 0.9), ("two", 0.8)):
        made = made_run(name, {"accuracy": value, HOSTILE: value}, {HOSTILE: name, "x": HOSTILE})
        made.notebook["name"] = f"=cmd|{name}\x1b[2J"
        made.experiment_info["title"] = HOSTILE
        made.packages = {HOSTILE: name}
        made.cells = [cell("a", f"# {HOSTILE} {name}", step="model_training")]
        made.steps["model_evaluation"].values["class_names"] = [HOSTILE, "b"]
        made.steps["model_parameters"] = Step(values={"model_name": HOSTILE + name})
        runs.append(made)
    return compare_runs(*runs)


def test_nothing_of_a_record_becomes_markup_a_formula_or_a_signal() -> None:
    told = hostile()
    assert "<img" not in told.to_html()
    assert "onerror=alert(1)&gt;" in told.to_html()
    # Between fences Markdown takes nothing for markup.
    assert "<img" not in re.sub(r"```.*?```", "", told.to_markdown(), flags=re.DOTALL)
    assert "\x1b" not in told.to_text()
    for row in csv.reader(io.StringIO(told.to_csv())):
        assert not any(one.startswith(("=", "+", "@", "\t", "\r")) for one in row)
    assert "'=cmd" in told.to_csv()


def test_the_page_is_whole_by_itself() -> None:
    page = two().to_html()
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert not re.search(r"(src|href)=['\"]https?:", page)


def test_json_is_strict_and_tells_the_answer() -> None:
    told = two({"optimizer": "Adam"}, {"optimizer": "SGD"})
    told.runs[0].record.metrics["accuracy"] = float("nan")
    plain = json.loads(json.dumps(told.to_dict(), allow_nan=False))
    assert plain["answer"]["verdict"] == "unknown"
    assert plain["answer"]["metric"] == "accuracy"
    (difference,) = [one for one in plain["differences"] if one["field"] == "Optimizer"]
    assert difference["values"] == ["Adam", "SGD"]
