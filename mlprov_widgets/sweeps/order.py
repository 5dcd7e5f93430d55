"""The order of a sweep: a point is asked for once that many before it have been told, and no more.

Point ``j`` is told before point ``j + window`` is asked for, and nothing else lies between the two.
So what a search knows when it is asked never depends on how many trials run at a time, or on which
of them ends first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlprov_widgets.sweeps.outcome import FINISHED, PRUNED, Outcome
from mlprov_widgets.sweeps.search import Search, Told


@dataclass
class Trial:
    """One run of a sweep.

    Parameters
    ----------
    number : int
        From 1.
    point : int
        Which of the points of the search it is of, from 0.
    values : dict
        What it tries: the point, and its seed where there are several.
    outcome : Outcome or None
        None while it has not ended.
    told : int
        How many points the search had been told of when it was asked for this one.
    """

    number: int
    point: int
    values: dict[str, Any] = field(default_factory=dict)
    outcome: Outcome | None = None
    told: int = 0

    @property
    def is_finished(self) -> bool:
        """Whether it came to its end, and to numbers."""
        return self.outcome is not None and self.outcome.status == FINISHED

    @property
    def is_pruned(self) -> bool:
        """Whether a pruner has stopped it early, as it was asked to."""
        return self.outcome is not None and self.outcome.status == PRUNED


class Order:
    """Gives out the trials of a sweep, and tells the search of them in their order.

    Parameters
    ----------
    search : Search
    repeats : sequence of dict
        What each point is tried with, a trial each.
    window : int
        How many points are asked for before the first of them is told.
    score : callable
        Of the trials of a point, what the search is told.
    """

    def __init__(
        self,
        search: Search,
        repeats: Sequence[dict[str, Any]],
        window: int,
        score: Callable[[list[Trial]], Told],
    ) -> None:
        self._search, self._repeats, self._window, self._score = search, repeats, window, score
        self.trials: list[Trial] = []
        self._given = 0
        self._asked = self._told = 0
        self._exhausted = False

    @property
    def is_complete(self) -> bool:
        """Whether all trials that there are have ended."""
        return self._exhausted and all(one.outcome is not None for one in self.trials)

    def next(self) -> Trial | None:
        """The trial to run next; None where others have to end first, or there are no more."""
        if self._given == len(self.trials) and not self._ask():
            return None
        trial = self.trials[self._given]
        self._given += 1
        return trial

    def _ask(self) -> bool:
        if self._exhausted:
            return False
        before = self._asked - self._window
        if before >= 0:
            ended = self.of_point(before)
            if any(one.outcome is None for one in ended):
                return False
            if self._told == before:
                self._search.tell(before, self._score(ended))
                self._told += 1
        point = self._search.ask()
        if point is None:
            self._exhausted = True
            return False
        for repeat in self._repeats:
            number = len(self.trials) + 1
            trial = Trial(number, self._asked, {**point, **repeat}, told=self._told)
            self.trials.append(trial)
        self._asked += 1
        return True

    def of_point(self, point: int) -> list[Trial]:
        """The trials of a point."""
        number = len(self._repeats)
        return self.trials[point * number : (point + 1) * number]
