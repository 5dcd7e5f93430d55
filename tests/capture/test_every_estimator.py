"""Fingerprints are of content alone: the same in every process, another after every change."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("every_estimator.py")


def in_a_process(seed: str, *arguments: str) -> dict[str, Any]:
    result = subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(SCRIPT.parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def check(*arguments: str) -> dict[str, Any]:
    one, other = in_a_process("1", *arguments), in_a_process("2", *arguments)
    assert {name: found[1] for name, found in one.items() if found[0] is None} == {}
    assert [name for name in one if one[name][0] != other[name][0]] == []
    return one


@pytest.mark.slow
def test_some_are_the_same_in_two_processes() -> None:
    found = check("quick")
    assert {"TfidfVectorizer", "GridSearchCV", "GradientBoostingClassifier"} <= found.keys()
    assert [name for name, (mine, _, changed) in found.items() if mine == changed] == []


@pytest.mark.slow
def test_all_are_the_same_in_two_processes() -> None:
    found = check()
    assert len(found) > 220
    # Fitted on other data they are others, but for those that learn nothing from it.
    alike = {name for name, (mine, _, changed) in found.items() if mine == changed}
    assert len(alike) < 30, alike
