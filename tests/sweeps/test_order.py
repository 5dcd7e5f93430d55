"""In which order a search is asked and told, however trials end."""

from __future__ import annotations

import random
from typing import Any

import pytest

from mlprov_widgets.sweeps.order import Order, Trial
from mlprov_widgets.sweeps.outcome import FINISHED, Outcome
from mlprov_widgets.sweeps.search import Told


class Noted:
    """A search that notes when it was asked and told."""

    def __init__(self, number: int) -> None:
        self.said: list[str] = []
        self._left = number

    def ask(self) -> dict[str, Any] | None:
        if self._left == 0:
            return None
        self._left -= 1
        self.said.append("ask")
        return {"x": sum(map(len, self.said))}

    def tell(self, point: int, told: Told) -> None:
        self.said.append(f"tell {point} {told.score}")


def run(seed: int, workers: int, window: int = 3, repeats: int = 1) -> tuple[list[str], list[Any]]:
    """Run trials that end in a random order, so many at a time."""
    chance, search = random.Random(seed), Noted(10)
    order = Order(search, [{"seed": one} for one in range(repeats)], window, mean)
    at_work: list[Trial] = []
    while True:
        while len(at_work) < workers and (trial := order.next()) is not None:
            at_work.append(trial)
        if not at_work:
            break
        ended = at_work.pop(chance.randrange(len(at_work)))
        ended.outcome = Outcome(FINISHED, scores={"loss": ended.values["x"]})
    assert order.is_complete
    return search.said, [one.values for one in order.trials]


def mean(trials: list[Trial]) -> Told:
    found = [one.outcome.scores["loss"] for one in trials if one.outcome]
    assert len(found) == len(trials)
    return Told(sum(found) / len(found))


@pytest.mark.parametrize("repeats", [1, 3])
def test_neither_workers_nor_timing_change_what_is_asked(repeats: int) -> None:
    expected = run(0, 1, repeats=repeats)
    assert len(expected[1]) == 10 * repeats
    for seed in range(30):
        assert run(seed, 1 + seed % 8, repeats=repeats) == expected


def test_a_point_is_told_right_before_the_one_a_window_later_is_asked_for() -> None:
    said, _ = run(5, 4, window=3)
    assert [one.partition(" ")[0] for one in said[:7]] == [*["ask"] * 3, *["tell", "ask"] * 2]
    assert [one.split()[1] for one in said if one.startswith("tell")] == list("01234567")


def test_no_more_run_at_a_time_than_the_window_allows() -> None:
    order = Order(Noted(10), [{}], 2, mean)
    assert [order.next() is not None for _ in range(3)] == [True, True, False]
