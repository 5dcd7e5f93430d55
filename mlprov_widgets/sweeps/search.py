"""Which point comes next: from a list, or from Optuna, which is told what came of those before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from mlprov_widgets.extras import needed
from mlprov_widgets.sweeps.space import Range, Space

GRID, RANDOM, OPTUNA = "grid", "random", "optuna"
SEARCHES = (GRID, RANDOM, OPTUNA)


@dataclass(frozen=True)
class Told:
    """What a search is told of a point.

    Parameters
    ----------
    score : float or None
        None where it is no number.
    pruned : bool
        Whether its trial was stopped early.
    reported : list of list
        Step and value of what it said on its way.
    """

    score: float | None = None
    pruned: bool = False
    reported: list[list[float]] = field(default_factory=list)


class Search(Protocol):
    """Gives points, and is told of each what it came to."""

    def ask(self) -> dict[str, Any] | None:
        """The next point; None where there are no more."""

    def tell(self, point: int, told: Told) -> None:
        """What a point came to.

        Parameters
        ----------
        point : int
            From 0, in the order of `ask`.
        told : Told
        """


class Listed:
    """Points that are known from the beginning.

    Parameters
    ----------
    points : iterable of dict
    """

    def __init__(self, points: Iterable[dict[str, Any]]) -> None:
        self._points = iter(points)

    def ask(self) -> dict[str, Any] | None:
        """The next point; None where there are no more."""
        return next(self._points, None)

    def tell(self, point: int, told: Told) -> None:
        """Nothing follows from it."""


class Tuned:
    """Points that Optuna suggests (its tree-structured Parzen estimator).

    Parameters
    ----------
    space : Space
    number : int
        How many points.
    seed : int
        The same suggests the same, if it is told the same.
    direction : str
        ``maximize`` or ``minimize``.

    Raises
    ------
    MissingPackageError
        If Optuna is not installed.
    """

    def __init__(self, space: Space, number: int, seed: int, direction: str) -> None:
        with needed():
            import optuna
        # Its lines for each trial would break the one that shows how far the sweep is.
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._optuna: Any = optuna
        sampler = optuna.samplers.TPESampler(seed=seed)
        self._study = self._optuna.create_study(sampler=sampler, direction=direction)
        self._space, self._left = space, number
        self._choices = _choices_of(space)
        self._distributions = {
            name: self._distribution(name, one) for name, one in space.over.items()
        }
        self._asked: list[Any] = []

    def _distribution(self, name: str, one: tuple[Any, ...] | Range) -> Any:
        kinds = self._optuna.distributions
        if not isinstance(one, Range):
            # By their place: Optuna takes texts and numbers, and a value may be a list.
            return kinds.CategoricalDistribution(list(range(len(one))))
        if one.whole:
            return kinds.IntDistribution(int(one.low), int(one.high), log=one.log)
        return kinds.FloatDistribution(one.low, one.high, log=one.log)

    def ask(self) -> dict[str, Any] | None:
        """The next point; None where there are no more."""
        if self._left == 0:
            return None
        self._left -= 1
        trial = self._study.ask(self._distributions)
        self._asked.append(trial)
        return {
            name: self._choices[name][value] if name in self._choices else value
            for name, value in trial.params.items()
        }

    def tell(self, point: int, told: Told) -> None:
        """Tell Optuna what a point came to; one without a score has failed."""
        trial, states = self._asked[point], self._optuna.trial.TrialState
        for step, value in told.reported:
            trial.report(value, int(step))
        if told.pruned:
            self._study.tell(trial, state=states.PRUNED)
        elif told.score is None:
            self._study.tell(trial, state=states.FAIL)
        else:
            self._study.tell(trial, told.score)


def _choices_of(space: Space) -> Mapping[str, tuple[Any, ...]]:
    return {name: one for name, one in space.over.items() if not isinstance(one, Range)}
