"""The core knows no pack, metric, estimator or data set by name: what is declared names them."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import mlprov_widgets
from mlprov_widgets.packs import bundled_folder, discover_packs
from mlprov_widgets.record.fields import core

PACKAGE = Path(mlprov_widgets.__file__).parent
# What old files say, loaders of data sets, and the pack that new ones are made of.
ELSEWHERE = ("provenance/legacy/", "datasets/", "authoring/template/", "cell_templates/")
# A loss is also what training makes small, and digits are also those of a number.
WORDS = {"loss", "digits"}


def _estimators() -> set[str]:
    utils = pytest.importorskip("sklearn.utils", reason="scikit-learn is not installed")
    return {name for name, _ in utils.all_estimators()}


def _metrics() -> set[str]:
    every = [*core().metrics, *(one for pack in discover_packs().values() for one in pack.metrics)]
    return {name for one in every for name in (one.name, *one.aliases)}


def _data_sets() -> set[str]:
    found = set()
    for file in bundled_folder().glob("*/pack.toml"):
        declared = tomllib.loads(file.read_text(encoding="utf-8"))["parameters"]
        choices = [one["choices"] for one in declared if one["name"] == "dataset"]
        found |= {choice["value"] for some in choices for choice in some if choice.get("code")}
    return found


def _texts() -> Iterator[tuple[str, int, str]]:
    """File, line and text of each text in the code that is no docstring."""
    for file in sorted(PACKAGE.rglob("*.py")):
        place = file.relative_to(PACKAGE).as_posix()
        if place.startswith(ELSEWHERE):
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        docs = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, documented) and ast.get_docstring(node) is not None
        }
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and id(node) not in docs:
                yield place, node.lineno, text


def test_no_name_of_a_pack_metric_estimator_or_data_set_is_in_the_core() -> None:
    names = {*discover_packs(), *_metrics(), *_estimators(), *_data_sets()} - WORDS
    assert {"multiclass_classification", "accuracy_score", "StandardScaler", "load_iris"} & names
    found = [
        f"{place}:{line}: {sorted(named)}"
        for place, line, text in _texts()
        if (named := names & set(re.findall(r"\w+", text)))
    ]
    assert found == []
