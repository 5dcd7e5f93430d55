"""What is said below metrics is said only where it is so."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mlprov_widgets.record.fields import core
from mlprov_widgets.record.results import (
    headline_metrics,
    of_class_numbers,
    remarks,
    single_metrics,
)

ERRORS = {"mean_absolute_error": 0.1, "mean_squared_error": 0.2}


def test_errors_of_class_numbers_are_told_apart_from_those_of_a_regression() -> None:
    assert of_class_numbers({"accuracy": 0.9, **ERRORS, "loss": 1}) == [*ERRORS]
    assert "the classes have an order" in remarks({"accuracy": 0.9, "MAE": 0.1})[0]
    assert remarks({"r2": 0.9, **ERRORS}) == []
    assert remarks({"accuracy": 0.9}) == []


def test_what_a_function_was_seen_to_make_is_the_metric() -> None:
    assert core().metric_of("accuracy_score").name == "accuracy"
    assert core().metric_of("f1_score").label == "F1"  # which average it is, its name does not say
    assert core().metric_of("f1_macro").phrase == "a macro F1"
    assert core().metric_of("accuracy").phrase == "an accuracy"


def test_a_metric_that_nobody_declared_is_told_by_its_own_name() -> None:
    told = single_metrics({"top_5": 0.5, "loss": 0.25, "accuracy": 1.0})
    assert [(one.label, one.text) for one in told] == [
        ("Accuracy", "1"),
        ("Loss", "0.25"),
        ("Top 5", "0.5"),
    ]
    assert told[2].metric.direction == ""


MATRIX = [[5, 0, 0], [1, 4, 0], [0, 0, 0]]  # no row of the last class


@pytest.mark.parametrize(
    ("macro", "parts", "said"),
    [
        (0.6, {"a": 0.9, "b": 0.9, "c": 0.0}, ["counts as 0 the class c, of which no row was"]),
        (0.9, {"a": 0.9, "b": 0.9, "c": math.nan}, ["leaves out the class c, of which no row"]),
        (0.9, {"a": 0.9, "b": 0.9, "c": 0.0}, ["leaves out the class c"]),
        (0.6, [0.9, 0.9, 0.0], ["counts as 0 the class 2"]),
        (0.5, {"a": 0.9, "b": 0.9, "c": 0.0}, []),  # of something else
        (math.nan, {"a": 0.9, "b": 0.9, "c": 0.0}, []),
        (0.9, {"a": 0.9, "b": 0.9}, []),
    ],
)
def test_classes_without_rows(macro: float, parts: Any, said: list[str]) -> None:
    found = remarks({"f1_macro": macro, "f1_per_class": parts, "confusion_matrix": MATRIX})
    assert len(found) == len(said)
    assert all(part in one for part, one in zip(said, found, strict=True))


def test_where_all_classes_have_rows_there_is_nothing_to_say() -> None:
    metrics = {"f1_macro": 0.45, "f1_per_class": {"a": 0.9, "b": 0}}
    assert remarks({**metrics, "confusion_matrix": [[5, 0], [2, 0]]}) == []


@pytest.mark.parametrize("odd", [None, "x", [], [[1], 2], [["a", 1], [1, 1]], {"a": [1]}, [[True]]])
def test_odd_records_say_nothing(odd: Any) -> None:
    assert (
        remarks({"f1_macro": 0.5, "f1_per_class": {"a": 0, "b": 1}, "confusion_matrix": odd}) == []
    )
    assert (
        remarks({"f1_macro": 0.5, "f1_per_class": odd, "confusion_matrix": [[1, 0], [0, 0]]}) == []
    )


def test_errors_are_a_result_of_a_regression_and_not_of_class_numbers() -> None:
    errors = {"rmse": 57.0, "mae": 43.0}
    assert [one.label for one in headline_metrics({**errors, "r2": 0.5})] == [
        "R²",
        "Mean absolute error",
        "Root mean squared error",
    ]
    assert [one.label for one in headline_metrics({**errors, "accuracy": 0.9})] == ["Accuracy"]


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("accuracy", "an accuracy"),
        ("r2", "an R²"),
        ("roc_auc", "an ROC AUC"),
        ("f1", "an F1"),
        ("f1_macro", "a macro F1"),
        ("loss", "a loss"),
        ("rmse", "a root mean squared error"),
        ("", "a "),
    ],
)
def test_a_metric_has_its_article(name: str, phrase: str) -> None:
    assert core().metric_of(name).phrase == phrase
