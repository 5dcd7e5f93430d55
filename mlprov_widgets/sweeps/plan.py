"""What a sweep is going to do: all that its result depends on, and nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.packs import Pack
from mlprov_widgets.record.fields import Metric, Vocabulary, vocabulary_of
from mlprov_widgets.record.run import Record
from mlprov_widgets.sweeps.order import Trial
from mlprov_widgets.sweeps.pruning import PRUNERS, Pruning
from mlprov_widgets.sweeps.search import GRID, OPTUNA, RANDOM, Listed, Search, Told, Tuned
from mlprov_widgets.sweeps.space import Space

FORMAT = 1
# How many points Optuna suggests before it is told of the first, unless somebody says otherwise.
WINDOW = 4


@dataclass(frozen=True)
class Plan:
    """What a sweep is going to do.

    Parameters
    ----------
    id : str
        Of the sweep, a UUID.
    pack : dict
        ``name``, ``version``, ``sha256``.
    values : dict
        Those that stay.
    over : dict
        As `Space.to_dict` gives it.
    seeds : list of int
    search : str
        ``grid``, ``random`` or ``optuna``.
    search_seed : int
    trials : int or None
        How many points; of a grid all.
    window : int
        How many points are asked for before the first of them is told; of a list that is known
        from the beginning 0, as nothing is told.
    metric : str
        What the trials are compared by; empty where that follows from what they measure.
    time_limit : float or None
        Seconds that a trial has.
    memory_limit : int or None
        Bytes that a trial may ask for.
    pruner : str
        What stops trials early that do worse than those before; empty for nothing.
    format : int
    software : dict
        Versions of what suggests values.
    """

    id: str
    pack: dict[str, str]
    values: dict[str, Any]
    over: dict[str, Any]
    seeds: list[int]
    search: str = GRID
    search_seed: int = 0
    trials: int | None = None
    window: int = 0
    metric: str = ""
    time_limit: float | None = None
    memory_limit: int | None = None
    pruner: str = ""
    format: int = FORMAT
    software: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Plan:
        """What `to_dict` gave.

        Raises
        ------
        MlprovError
            If it is of a later version, or no plan.
        """
        if data.get("format", FORMAT) > FORMAT:
            raise MlprovError("sweep_too_new")
        try:
            return cls(**{one.name: data[one.name] for one in fields(cls) if one.name in data})
        except TypeError:
            raise MlprovError("sweep_plan_wrong") from None

    @property
    def question(self) -> dict[str, Any]:
        """All of it but the id and the versions of libraries: equal for the same sweep again."""
        return {name: one for name, one in self.to_dict().items() if name not in ("id", "software")}

    def search_of(self, space: Space, points: list[dict[str, Any]]) -> Search:
        """What gives the points of this plan.

        Parameters
        ----------
        space : Space
        points : list of dict
            Those of a grid or of a random search.
        """
        if self.search != OPTUNA:
            return Listed(points)
        assert self.trials is not None
        direction = metric_named(self.metric, space.pack).direction
        return Tuned(space, self.trials, self.search_seed, direction)


def new_plan(
    space: Space,
    *,
    search: str,
    search_seed: int,
    trials: int | None,
    window: int | None,
    metric: str,
    time_limit: float | None,
    memory_limit: int | None,
    pruner: str = "",
) -> Plan:
    """A plan, checked.

    Raises
    ------
    MlprovError
        If what was asked for does not go together, or the metric is measured on the test part.
    """
    pack = space.pack
    if search not in (GRID, RANDOM, OPTUNA):
        raise MlprovError("sweep_search_unknown", search=search)
    if search != GRID and not space.over:
        raise MlprovError("sweep_search_of_nothing", search=search)
    if search != GRID and trials is None:
        raise MlprovError("sweep_trials_missing", search=search)
    if search == GRID and trials is not None:
        raise MlprovError("sweep_trials_of_grid")
    if trials is not None and trials < 1:
        raise MlprovError("sweep_trials_wrong")
    if metric:
        metric_named(metric, pack)
    elif search == OPTUNA:
        raise MlprovError("sweep_metric_missing")
    if window is not None and (window < 1 or search != OPTUNA):
        raise MlprovError("sweep_window_wrong")
    if pruner and (pruner not in PRUNERS or search != OPTUNA or space.seeds):
        raise MlprovError("sweep_pruner_wrong", pruners=list(PRUNERS))
    return Plan(
        id=str(uuid.uuid4()),
        pack={"name": pack.name, "version": pack.version, "sha256": pack.sha256},
        values=space.fixed,
        over=space.to_dict(),
        seeds=list(space.seeds),
        search=search,
        search_seed=search_seed,
        trials=trials,
        window=(window or WINDOW) if search == OPTUNA else 0,
        metric=metric,
        time_limit=time_limit,
        memory_limit=memory_limit,
        pruner=pruner,
        software=_software(search),
    )


def vocabulary_of_pack(pack: Pack) -> Vocabulary:
    """What metrics mean in records of a pack."""
    return vocabulary_of(Record("", declared=pack.declared))


def metric_named(name: str, pack: Pack) -> Metric:
    """A metric that trials may be compared by.

    Raises
    ------
    MlprovError
        If it is not declared, or measured on what is kept for the end.
    """
    metric = vocabulary_of_pack(pack).metric_of(name)
    if not metric.direction:
        raise MlprovError("sweep_metric_unknown", metric=name, pack=pack.name)
    if metric.part not in ("validation", "folds"):
        raise MlprovError("sweep_metric_of_test", metric=name)
    return metric


def score_of(metric: str) -> Callable[[list[Trial]], float | None]:
    """What tells, of the trials of a point, their mean; None where one has not come to its end."""

    def score(trials: list[Trial]) -> float | None:
        found = [
            one.outcome.scores[metric]
            for one in trials
            if one.outcome and one.is_finished and metric in one.outcome.scores
        ]
        return sum(found) / len(found) if found and len(found) == len(trials) else None

    return score


def told_of(metric: str) -> Callable[[list[Trial]], Told]:
    """What tells of the trials of a point what a search has to know."""
    score = score_of(metric)

    def told(trials: list[Trial]) -> Told:
        first = trials[0].outcome
        reported = first.reported if first is not None and len(trials) == 1 else []
        return Told(score(trials), any(one.is_pruned for one in trials), reported)

    return told


def pruning_of(plan: Plan, pack: Pack, trial: Trial, trials: list[Trial]) -> Pruning | None:
    """By what a trial is stopped early: those that the search knew when it was asked for it."""
    if not plan.pruner:
        return None
    told = told_of(plan.metric)
    return {
        "pruner": plan.pruner,
        "metric": plan.metric,
        "direction": metric_named(plan.metric, pack).direction,
        "told": [asdict(told([one])) for one in trials[: trial.told]],
    }


def _software(search: str) -> dict[str, str]:
    """The version of what suggests values: another one may suggest others."""
    if search != OPTUNA:
        return {}
    from importlib.metadata import PackageNotFoundError, version

    try:
        return {"optuna": version("optuna")}
    except PackageNotFoundError:
        return {}
