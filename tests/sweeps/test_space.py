"""What may be tried, and what a search gives of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlprov_widgets import MlprovError, sweep
from mlprov_widgets.packs import load_pack
from mlprov_widgets.sweeps.space import Range, Space


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({}, "There is nothing to try"),
        ({"over": {"y": [1]}}, "no parameter 'y'"),
        ({"over": {"x": [11]}}, "x"),
        ({"over": {"x": []}}, "at least one value"),
        ({"over": {"x": {"low": 2, "high": 1}}}, "low is less than high"),
        ({"over": {"x": {"low": 0, "high": 1, "log": True}}}, "above 0"),
        ({"over": {"behaviour": {"low": 0, "high": 1}}}, "a range is of a number"),
        ({"over": {"x": {"low": 0, "high": 1}}}, "a grid needs its values one by one"),
        ({"over": {"seed": [1]}, "seeds": 2}, "among the values to try"),
        ({"seeds": 0}, "Seeds are"),
        ({"seeds": [1, 1]}, "Seeds are"),
        ({"seeds": 2, "search": "random", "trials": 3}, "none are given"),
        ({"over": {"x": [1]}, "search": "best"}, "no search 'best'"),
        ({"over": {"x": [1]}, "search": "random"}, "how many combinations"),
        ({"over": {"x": [1]}, "trials": 3}, "A grid tries all"),
        ({"over": {"x": [1]}, "metric": "accuracy"}, "not measured on the validation part"),
        ({"over": {"x": [1]}, "metric": "speed"}, "no metric"),
        ({"over": {"x": [1]}, "search": "optuna", "trials": 3}, "name a metric"),
        ({"over": {"x": [1]}, "window": 3}, "only of a search by Optuna"),
        ({"over": {"x": [1]}, "workers": 0}, "At least one worker"),
        ({"over": {"count": list(range(1, 400)), "x": [i / 100 for i in range(300)]}}, "119,700"),
        ({"over": {"x": [1]}, "resume": True}, "in which folder"),
    ],
)
def test_what_cannot_be_tried_is_said(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MlprovError, match=re.escape(says)):
        sweep(pack, progress=False, **asked)


def space(pack: Path, over: dict[str, Any], seeds: Any = None) -> Space:
    return Space.read(load_pack(pack), {}, over, seeds)


def test_a_grid_has_all_combinations_in_the_order_of_their_values(pack: Path) -> None:
    found = list(space(pack, {"x": [2, 1, 2], "count": [1, 2]}).grid())
    assert found == [{"x": x, "count": c} for x in (2, 1) for c in (1, 2)]


def test_a_random_search_draws_the_same_with_the_same_seed(pack: Path) -> None:
    tried = space(pack, {"x": {"low": 0.001, "high": 1, "log": True}, "count": [1, 2, 3]})
    assert tried.random(20, 7) == tried.random(20, 7) != tried.random(20, 8)
    assert all(0.001 <= one["x"] <= 1 for one in tried.random(200, 1))
    assert sum(one["x"] < 0.03 for one in tried.random(400, 1)) in range(150, 250)


def test_a_random_search_of_lists_draws_none_twice(pack: Path) -> None:
    tried = space(pack, {"x": [1, 2, 3], "count": [1, 2]})
    assert sorted(map(str, tried.random(99, 1))) == sorted(map(str, tried.grid()))


def test_seeds_are_counted_from_the_one_there_is(pack: Path) -> None:
    assert space(pack, {}, 3).repeats == [{"seed": 42}, {"seed": 43}, {"seed": 44}]
    assert space(pack, {}, [5, 1]).repeats == [{"seed": 5}, {"seed": 1}]
    assert space(pack, {"x": [1]}).repeats == [{}]


@given(low=st.integers(1, 10**6), more=st.integers(1, 10**6), log=st.booleans(), seed=st.integers())
def test_whole_numbers_of_a_range_lie_in_it(low: int, more: int, log: bool, seed: int) -> None:
    import random

    chance = random.Random(seed)
    drawn = [Range(low, low + more, log, True).draw(chance) for _ in range(20)]
    assert all(isinstance(one, int) and low <= one <= low + more for one in drawn)
