"""Trials that do worse than those before are stopped early, by Optuna's pruners.

What a trial is held against are those that the search had been told of when it was asked for it, so
whether it is stopped depends neither on timing nor on what runs beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from mlprov_widgets.extras import needed

# Those whose decision depends on the values alone.
PRUNERS = {"median": "MedianPruner", "halving": "SuccessiveHalvingPruner"}


class Pruning(TypedDict):
    """By what a trial is stopped early; JSON can say it.

    Parameters
    ----------
    pruner : str
        A key of `PRUNERS`.
    metric, direction : str
        What is watched, and whether it is to ``maximize`` or to ``minimize``.
    told : list of dict
        ``score``, ``pruned`` and ``reported`` of the trials before.
    """

    pruner: str
    metric: str
    direction: str
    told: list[dict[str, Any]]


class Pruned(KeyboardInterrupt):
    """A pruner has stopped the trial: to the run it is an interruption, and no failure."""


class Watch:
    """Holds what a trial says on its way against the trials before.

    Parameters
    ----------
    pruning : Pruning

    Raises
    ------
    MissingPackageError
        If Optuna is not installed.
    """

    def __init__(self, pruning: Pruning) -> None:
        with needed():
            import optuna as library
        optuna: Any = library  # its types take no text that only turns out to be a direction
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.reported: list[list[float]] = []
        self._metric, self._name = pruning["metric"], PRUNERS[pruning["pruner"]]
        pruner = getattr(optuna.pruners, self._name)()
        study = optuna.create_study(direction=pruning["direction"], pruner=pruner)
        states = optuna.trial.TrialState
        for one in pruning["told"]:
            reported = {int(step): value for step, value in one["reported"]}
            state = states.PRUNED if one["pruned"] else states.COMPLETE
            value = one["score"] if state is states.COMPLETE else None
            if state is states.COMPLETE and value is None:
                continue
            study.add_trial(
                optuna.trial.create_trial(state=state, value=value, intermediate_values=reported)
            )
        self._trial = study.ask()

    def __call__(self, row: Mapping[str, Any]) -> None:
        """Take what one epoch came to.

        Raises
        ------
        Pruned
            If the trial is to be stopped.
        """
        value, step = row.get(self._metric), len(self.reported) + 1
        # A training that is begun again, as for folds, is no more of this one.
        if not isinstance(value, int | float) or row.get("epoch", step) != step or value != value:
            return
        self.reported.append([step, float(value)])
        self._trial.report(float(value), step)
        if self._trial.should_prune():
            raise Pruned(f"stopped early after {step} epochs by Optuna's {self._name}")
