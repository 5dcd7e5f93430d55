"""The door to sweeps: plan, trials in their order, and what they come to."""

from __future__ import annotations

import os
import queue
import shutil
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.notebooks.assembly import as_text, make_manifest
from mlprov_widgets.notebooks.formats import DEFAULT
from mlprov_widgets.notebooks.imports import imports_of
from mlprov_widgets.notebooks.permission import check_several
from mlprov_widgets.notebooks.rendering import render_cells
from mlprov_widgets.notebooks.template_names import check_templates
from mlprov_widgets.packs import Pack, check_trust, find_pack
from mlprov_widgets.packs.types.paths import expand_home
from mlprov_widgets.provenance import read_record
from mlprov_widgets.sweeps.journal import LOCK, Journal
from mlprov_widgets.sweeps.order import Order, Trial
from mlprov_widgets.sweeps.outcome import Outcome
from mlprov_widgets.sweeps.plan import Plan, new_plan, pruning_of, told_of
from mlprov_widgets.sweeps.pool import LocalPool, Pool
from mlprov_widgets.sweeps.progress import Progress, follow
from mlprov_widgets.sweeps.record import SweepRecord, read_sweep, write_sweep
from mlprov_widgets.sweeps.result import SweepResult
from mlprov_widgets.sweeps.search import GRID, OPTUNA
from mlprov_widgets.sweeps.space import Space
from mlprov_widgets.sweeps.trial import Job

# Folders of trials that run now; what is left of one that was killed is removed.
_RUNNING = ".running-"
_AHEAD = 2  # trials that wait, so that no worker does
_LOOK_AGAIN = 0.2  # seconds, for whether it is to be stopped


def sweep(
    pack: Pack | Path | str,
    values: Mapping[str, Any] | None = None,
    over: Mapping[str, Any] | None = None,
    seeds: int | Sequence[int] | None = None,
    search: str = GRID,
    *,
    trials: int | None = None,
    search_seed: int = 0,
    window: int | None = None,
    metric: str = "",
    pruner: str = "",
    time_limit: float | None = None,
    memory_limit: int | None = None,
    workers: int | None = None,
    dask: str | Any = None,
    folder: Path | str | None = None,
    notebooks: bool = False,
    resume: bool = False,
    packs: Iterable[Path | str] = (),
    progress: Progress | bool = True,
    stop: threading.Event | None = None,
) -> SweepResult:
    """The runs of several values of an experiment, and which of these are best.

    Each trial is a run like any other, in a process of its own, with its own record. What a sweep
    comes to does not depend on how many of them run at a time, or on which of them ends first.

    Parameters
    ----------
    pack : Pack, Path or str
        A pack, its name or its folder; or the record of a sweep, which is then done again.
    values : mapping, optional
        Values of parameters that are the same in all trials.
    over : mapping, optional
        Parameter name to the values to try: a list, or ``{"low": 1e-4, "high": 0.1, "log": True}``
        for all numbers between two.
    seeds : int or sequence of int, optional
        With how many seeds, or which, each of them is tried.
    search : str, default ``grid``
        ``grid`` (all combinations), ``random`` or ``optuna``.
    trials : int, optional
        How many combinations ``random`` and ``optuna`` try.
    search_seed : int, default 0
        The same draws the same combinations.
    window : int, optional
        How many combinations Optuna suggests before it is told of the first of them; by default 4.
        So many can run at a time. The result depends on it.
    metric : str, optional
        What the trials are compared by: a metric that is measured on the validation part or on
        folds. By default the first such metric that the pack declares and all trials have.
    pruner : str, optional
        ``median`` or ``halving``: Optuna's pruner of that name stops trials early whose `metric`
        after an epoch is worse than that of those before.
    time_limit : float, optional
        Seconds that a trial has.
    memory_limit : int, optional
        Bytes that a trial may ask for, the libraries included (Linux).
    workers : int, optional
        How many trials run at a time; by default as many as there are processors.
    dask : str or distributed.Client, optional
        Address of a Dask cluster that runs the trials.
    folder : Path or str, optional
        Where all is written; by default a new folder in the working directory.
    notebooks : bool, default False
        Whether the notebook of each trial is kept beside its record.
    resume : bool, default False
        Whether `folder` has a sweep that was stopped and is to go on.
    packs : iterable of Path or str
        Further folders with packs.
    progress : bool or callable, default True
        Whether to show how far it is; or what is called with a `State` whenever a trial ends.
    stop : threading.Event, optional
        Set by another thread, it stops the sweep, which can be gone on with.

    Returns
    -------
    SweepResult

    Raises
    ------
    InvalidValuesError
        If a value is not allowed.
    MlprovError
        If what was asked for does not go together, the folder is taken, or somebody else is at it.
    MissingPackageError
        If Optuna or Dask is asked for and not installed.
    """
    check_several()
    options = {
        "search": search,
        "search_seed": search_seed,
        "trials": trials,
        "window": window,
        "metric": metric,
        "pruner": pruner,
        "time_limit": time_limit,
        "memory_limit": memory_limit,
    }
    original = _record_of(pack)
    if original is not None:
        found, space, plan = _again(original.plan, packs)
    else:
        found = pack if isinstance(pack, Pack) else find_pack(pack, packs)
        space = Space.read(found, _with_places(found, values or {}), over or {}, seeds)
        plan = new_plan(space, **options)  # type: ignore[arg-type]
    check_trust(found)
    check_templates(found)
    place = _folder(folder, found, resume)
    journal = Journal(place)
    try:
        running = _Running(space, plan, place, journal, notebooks)
        running.begin(resume)
        pool = _pool(workers, dask)
        try:
            running.run(pool, follow(progress), stop or threading.Event())
        finally:
            pool.close()
        return running.result(original)
    finally:
        journal.close()
        for one in place.glob(f"{_RUNNING}*"):
            shutil.rmtree(one, ignore_errors=True)


def _record_of(pack: Pack | Path | str) -> SweepRecord | None:
    """The record of a sweep, where that is what was named."""
    if isinstance(pack, Pack) or not str(pack).endswith(".json"):
        return None
    return read_sweep(Path(pack).expanduser())


def _again(original: Plan, packs: Iterable[Path | str]) -> tuple[Pack, Space, Plan]:
    pack = find_pack(original.pack.get("name", ""), packs)
    seeds = original.seeds or None
    space = Space.read(pack, original.values, original.over, seeds)
    now = {"name": pack.name, "version": pack.version, "sha256": pack.sha256}
    same = {**original.to_dict(), "id": str(uuid.uuid4()), "pack": now}
    return pack, space, Plan.from_dict(same)


def _with_places(pack: Pack, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values whose relative paths start in the working directory, wherever a trial runs."""
    found = dict(values)
    for name, parameter in pack.parameters.items():
        value = found.get(name, parameter.default)
        # A folder that is filled is one for all trials, or each would download its own.
        is_meant = name in values or parameter.kind.is_filled
        if is_meant and parameter.is_path and isinstance(value, str) and value:
            found[name] = str(Path.cwd() / expand_home(value))
    return found


def _folder(folder: Path | str | None, pack: Pack, resume: bool) -> Path:
    if folder is None:
        if resume:
            raise MlprovError("sweep_folder_missing")
        names = (f"{pack.name}-sweep{'' if one == 1 else f'-{one}'}" for one in range(1, 10_000))
        folder = next(name for name in names if not os.path.lexists(name))
    place = Path(folder).expanduser().resolve()
    if not resume and place.exists() and any(one.name != LOCK for one in place.iterdir()):
        raise MlprovError("sweep_folder_taken", folder=place)
    if resume and not place.is_dir():
        raise MlprovError("sweep_missing", folder=place)
    place.mkdir(parents=True, exist_ok=True)
    return place


def _pool(workers: int | None, dask: Any) -> Pool:
    if dask is not None:
        from mlprov_widgets.sweeps.cluster import DaskPool

        return DaskPool(dask)
    if workers is not None and workers < 1:
        raise MlprovError("sweep_workers_wrong")
    return LocalPool(workers or os.cpu_count() or 1)


class _Running:
    """A sweep that goes on.

    Parameters
    ----------
    space : Space
    plan : Plan
    folder : Path
    journal : Journal
    notebooks : bool
        Whether those of the trials are kept.
    """

    def __init__(
        self, space: Space, plan: Plan, folder: Path, journal: Journal, notebooks: bool
    ) -> None:
        self._space, self._plan, self._folder = space, plan, folder
        self._journal, self._notebooks = journal, notebooks
        self._start = datetime.now(UTC)
        self._left_out = 0

    def begin(self, resume: bool) -> None:
        """Write the plan down, or read the one that is there and go on with it."""
        for left in self._folder.glob(f"{_RUNNING}*"):
            shutil.rmtree(left, ignore_errors=True)
        points = self._points()
        read = self._journal.resume() if resume else {}
        if read:
            plan = Plan.from_dict(read)
            if plan.question != self._plan.question:
                raise MlprovError("sweep_other_plan", folder=self._folder)
            self._plan = plan
        else:
            self._journal.begin({"plan": self._plan.to_dict()})
        search = self._plan.search_of(self._space, points)
        window = self._plan.window or len(points) or 1
        told = told_of(self._plan.metric)
        self._order = Order(search, self._space.repeats, window, told)
        number = self._plan.trials if self._plan.search == OPTUNA else len(points)
        self.total = (number or 0) * len(self._space.repeats)

    def _points(self) -> list[dict[str, Any]]:
        """The points of a grid or a random search that differ in what counts."""
        if self._plan.search == OPTUNA:
            return []
        if self._plan.search == GRID:
            points = list(self._space.grid())
        else:
            points = self._space.random(self._plan.trials or 0, self._plan.search_seed)
        found: dict[str, dict[str, Any]] = {}
        for point in points:
            # A value that does not count for the others makes no difference, and no trial.
            complete = self._space.complete(point, self._folder)
            found.setdefault(repr(sorted(complete.items())), point)
        self._left_out = len(points) - len(found)
        return list(found.values())

    def run(
        self, pool: Pool, told: Callable[[list[Trial], int, int], None], stop: threading.Event
    ) -> None:
        """Run all trials that have not been run, until it is stopped."""
        ended: queue.SimpleQueue[tuple[int, Outcome]] = queue.SimpleQueue()
        at_work: dict[int, Path] = {}
        while True:
            while len(at_work) < pool.workers + _AHEAD:
                trial = self._order.next()
                if trial is None:
                    break
                if not self._is_known(trial):
                    job = self._job(trial, pool)
                    at_work[trial.number] = Path(job["folder"])
                    pool.submit(trial.number, job, lambda *one: ended.put(one))
            told(self._order.trials, min(len(at_work), pool.workers), self.total)
            if not at_work:
                return
            number, outcome = self._next_of(ended, stop)
            trial = self._order.trials[number - 1]
            self._keep(trial, at_work.pop(number), outcome)

    def _next_of(
        self, ended: queue.SimpleQueue[tuple[int, Outcome]], stop: threading.Event
    ) -> tuple[int, Outcome]:
        while True:
            if stop.is_set():
                raise MlprovError("sweep_stopped", folder=self._folder)
            with suppress(queue.Empty):
                return ended.get(timeout=_LOOK_AGAIN)

    def _is_known(self, trial: Trial) -> bool:
        """Whether the trial was run before the sweep was stopped."""
        known = self._journal.ended.get(trial.number)
        if known is None:
            return False
        values, outcome = known
        if values != trial.values:
            raise MlprovError("sweep_other_values", trial=trial.number, folder=self._folder)
        trial.outcome = outcome
        return True

    def _job(self, trial: Trial, pool: Pool) -> Job:
        pack = self._space.pack
        name = f"{pack.name}-{trial.number:03d}{DEFAULT.suffix}"
        values = self._space.complete(trial.values, self._folder)
        cells = render_cells(pack, values, name)
        code = [[cell.id, cell.source] for cell in cells if cell.kind == "code"]
        imports = imports_of(source for _, source in code)
        pool.prepare(imports)
        manifest = make_manifest(pack, values, cells, None, self._folder)
        paths = {one for one, parameter in pack.parameters.items() if parameter.is_path}
        return {
            "folder": str(self._folder / f"{_RUNNING}{trial.number:03d}-{uuid.uuid4().hex[:8]}"),
            "name": name,
            "text": as_text(cells, manifest, name),
            "cells": code,
            "values": {one: value for one, value in values.items() if one not in paths},
            "imports": imports,
            "time_limit": self._plan.time_limit,
            "memory_limit": self._plan.memory_limit,
            "pruning": pruning_of(self._plan, pack, trial, self._order.trials),
        }

    def _keep(self, trial: Trial, folder: Path, outcome: Outcome) -> None:
        """Give the folder of a trial its place, and write down what became of it."""
        folder.mkdir(exist_ok=True)
        if not self._notebooks:
            (folder / f"{self._space.pack.name}-{trial.number:03d}{DEFAULT.suffix}").unlink(
                missing_ok=True
            )
        place = folder_of(self._folder, trial.number)
        if place.exists():  # of a trial that had ended and was not yet written down
            shutil.rmtree(place)
        if not outcome.record:
            outcome = _with_record(outcome, folder)
        folder.rename(place)
        trial.outcome = outcome
        self._journal.add(trial)

    def result(self, original: SweepRecord | None) -> SweepResult:
        """What the sweep came to, written down."""
        result = SweepResult(
            self._plan,
            self._space,
            self._folder,
            self._order.trials,
            self._start,
            earlier=original.digests if original is not None else {},
        )
        write_sweep(result)
        return result


def _with_record(outcome: Outcome, folder: Path) -> Outcome:
    """The outcome with the record that a trial left which could not tell of it any more."""
    for file in sorted(folder.glob("*.prov.json")):
        with suppress(MlprovError):
            return replace(outcome, run_id=read_record(file).run_id, record=file.name)
    return outcome


def folder_of(sweep: Path, number: int) -> Path:
    """Where the record of a trial is."""
    return sweep / f"{number:03d}"
