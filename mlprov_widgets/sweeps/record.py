"""The sweep's own record: a PROV document of its trials, their order, and what they came to."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlprov_widgets._files import write_over
from mlprov_widgets._version import __version__
from mlprov_widgets.capture.environment.agent import find_agent
from mlprov_widgets.errors import MlprovError
from mlprov_widgets.provenance.container import Document, qualified
from mlprov_widgets.provenance.elements import Element, Reader, in_order
from mlprov_widgets.provenance.files import read_container
from mlprov_widgets.provenance.literals import Literal, encode, time_text
from mlprov_widgets.provenance.prov_json import GROUPS
from mlprov_widgets.provenance.reading import is_sweep
from mlprov_widgets.provenance.vocabulary import local_name, run_iri
from mlprov_widgets.record import Record
from mlprov_widgets.sweeps.order import Trial
from mlprov_widgets.sweeps.outcome import OUTCOMES
from mlprov_widgets.sweeps.plan import Plan
from mlprov_widgets.sweeps.result import SweepResult
from mlprov_widgets.sweeps.search import SEARCHES

# Each run's own IRI needs a prefix; of a longer sweep the ids of the runs have to do.
_MOST_RUNS = 900
_NUMBERS = {"search_seed": "mlprov:searchSeed", "window": "mlprov:window"}
_OPTIONAL = {
    "trials": "mlprov:points",
    "time_limit": "mlprov:timeLimit",
    "memory_limit": "mlprov:memoryLimit",
}


@dataclass(frozen=True)
class SweepRecord:
    """What the record of a sweep says that is needed to do it again.

    Parameters
    ----------
    plan : Plan
    hash : str
    digests : dict
        Number of a trial to its digest.
    """

    plan: Plan
    hash: str
    digests: dict[int, str] = field(default_factory=dict)


def write_sweep(result: SweepResult) -> Path:
    """Write the record of a sweep as PROV-JSON.

    Parameters
    ----------
    result : SweepResult

    Returns
    -------
    Path
        Its file.
    """
    text = json.dumps(to_prov_json(result), indent=1, allow_nan=False) + "\n"
    write_over(result.file, text.encode("ascii"))
    return result.file


def to_prov_json(result: SweepResult) -> dict[str, Any]:
    """The record of a sweep as a PROV-JSON container."""
    plan = result.plan
    document = Document(Record(run_id=plan.id, agent=find_agent()[0], software=__version__))
    sweep = _sweep(document, result)
    groups = _given(document, plan)
    document.use(sweep, *groups)
    trials = document.entity("trials", ["mlprov:Trials", "prov:Collection"], "trials", by=sweep)
    runs = [_trial(document, one, result) for one in result.trials]
    for trial, _ in runs:
        document.relate("hadMember", collection=trials, entity=trial)
    for _, run in runs:
        document.relate("wasInformedBy", informed=run, informant=sweep)
    if plan.window:
        _informed(document, result, [run for _, run in runs])
    _concluded(document, result, trials, [trial for trial, _ in runs], sweep)
    return document.container


def _sweep(document: Document, result: SweepResult) -> str:
    plan = result.plan
    attributes: dict[str, Literal] = {
        "dct:identifier": encode(plan.id, "id"),
        "mlprov:format": encode(plan.format, "format"),
        "mlprov:searchMethod": encode(plan.search, "search"),
        "mlprov:metric": encode(plan.metric, "metric"),
        "mlprov:pruner": encode(plan.pruner, "pruner"),
        "mlprov:seeds": encode(plan.seeds, "seeds"),
        "mlprov:searchSoftware": encode(plan.software, "software"),
        "prov:startTime": time_text(result.start),
        "prov:endTime": time_text(result.end),
    }
    for name, term in {**_NUMBERS, **_OPTIONAL}.items():
        value = getattr(plan, name)
        if value is not None:
            attributes[term] = encode(value, name)
    label = f"sweep of {plan.pack.get('name', '')}"
    sweep = document.element("activity", "sweep", ["mlprov:Sweep"], label, attributes)
    agent = document.record.agent
    person = document.element(
        "agent",
        "person",
        ["prov:Person", "mlprov:Experimenter"],
        agent.get("name", "") or "unknown person",
        document.fields("agent", agent),
    )
    software = document.element(
        "agent",
        "mlprov-widgets",
        ["prov:SoftwareAgent"],
        "mlprov-widgets",
        {"schema:name": "mlprov-widgets", "schema:softwareVersion": encode(__version__, "version")},
    )
    document.relate(
        "wasAssociatedWith", activity=sweep, agent=person, role=qualified("mlprov:experimenter")
    )
    document.relate("wasAssociatedWith", activity=sweep, agent=software)
    document.relate("actedOnBehalfOf", delegate=software, responsible=person, activity=sweep)
    return sweep


def _given(document: Document, plan: Plan) -> list[str]:
    """Pack, values that stay, and what is tried."""
    pack = document.entity(
        "pack",
        [GROUPS["pack"][0]],
        plan.pack.get("name") or "pack",
        document.fields("pack", plan.pack),
    )
    values = document.entity(
        "values", [GROUPS["values"][0]], "values", document.fields("values", plan.values)
    )
    space = document.entity("space", ["mlprov:SearchSpace", "prov:Collection"], "search space")
    for order, (name, tried) in enumerate(plan.over.items(), 1):
        attributes = {
            "mlprov:order": encode(order, "order"),
            "mlprov:parameter": encode(name, "over"),
        }
        if isinstance(tried, dict):
            attributes["mlprov:range"] = encode(tried, f"over.{name}")
        else:
            attributes["mlprov:tried"] = encode(list(tried), f"over.{name}")
        one = document.entity(
            f"over.{local_name(name)}", ["mlprov:TriedParameter"], name, attributes
        )
        document.relate("hadMember", collection=space, entity=one)
    return [pack, values, space]


def _trial(document: Document, trial: Trial, result: SweepResult) -> tuple[str, str]:
    """A trial, and the activity that was its run."""
    number, outcome = trial.number, trial.outcome
    assert outcome is not None
    attributes: dict[str, Literal] = {
        "mlprov:order": encode(number, "order"),
        "mlprov:point": encode(trial.point, "point"),
        "mlprov:tried": encode(trial.values, "values"),
        "mlprov:outcome": encode(outcome.status, "outcome"),
        "mlprov:sha256": encode(outcome.digest, "digest"),
    }
    if outcome.error:
        attributes["mlprov:error"] = encode(outcome.error, "error")
    metric = result.metric
    if metric is not None and metric.name in outcome.scores:
        attributes["mlprov:score"] = encode(outcome.scores[metric.name], "score")
    if outcome.reported:
        attributes["mlprov:reported"] = encode(outcome.reported, "reported")
    run, own = f"run:run.{number}", ""
    if outcome.run_id:
        attributes["dct:identifier"] = encode(outcome.run_id, "run_id")
        place = result.record_of(trial).relative_to(result.folder).as_posix()
        attributes["mlprov:record"] = encode(place, "record")
        if number <= _MOST_RUNS:
            prefix = document.prefix(f"t{number}", run_iri(outcome.run_id))
            run, own = f"{prefix}:run", f"{prefix}:experiment"
    label = f"trial {number} ({outcome.status})"
    document.element("activity", run, ["mlprov:TrialRun"], f"run of trial {number}")
    entity = document.entity(f"trial.{number}", ["mlprov:SweepTrial"], label, attributes, by=run)
    if own:
        kinds = ["mlprov:EarlierExperiment", "mls:Experiment"]
        document.element("entity", own, kinds, f"experiment of trial {number}")
        document.relate("alternateOf", alternate1=entity, alternate2=own)
    return entity, run


def _informed(document: Document, result: SweepResult, runs: list[str]) -> None:
    """Which runs were told before a point was asked for; what lies further back follows."""
    by_point: dict[int, list[str]] = {}
    for trial, run in zip(result.trials, runs, strict=True):
        by_point.setdefault(trial.point, []).append(run)
    for point, later in by_point.items():
        for informant in by_point.get(point - result.plan.window, ()):
            for informed in later:
                document.relate("wasInformedBy", informed=informed, informant=informant)


def _concluded(
    document: Document, result: SweepResult, collection: str, trials: list[str], sweep: str
) -> None:
    attributes: dict[str, Literal] = {"mlprov:sha256": encode(result.hash, "hash")}
    if result.metric is not None:
        attributes["mlprov:comparedBy"] = encode(result.metric.name, "metric")
    if result.without_best:
        attributes["mlprov:withoutBest"] = encode(result.without_best, "without_best")
    if result.verdict:
        attributes["mlprov:sweepVerdict"] = encode(str(result.verdict), "verdict")
    concluded = document.entity(
        "result", ["mlprov:SweepResult"], "result of the sweep", attributes, by=sweep
    )
    document.derive(concluded, collection)
    best = [trials[one.number - 1] for one in result.winners]
    if not best:
        return
    # Of no other trial the sweep knows anything that was measured on the test part.
    found = document.entity(
        "best",
        ["mlprov:BestConfiguration", "prov:Collection"],
        "best configuration",
        {"mlprov:testScores": encode(result.test, "test")},
        by=sweep,
    )
    document.derive(concluded, found)
    for one in best:
        document.relate("hadMember", collection=found, entity=one)


def read_sweep(file: Path) -> SweepRecord:
    """What the record of a sweep says.

    Parameters
    ----------
    file : Path

    Raises
    ------
    MlprovError
        If it is none, or damaged.
    """
    container = read_container(file)
    if not is_sweep(container):
        raise MlprovError("sweep_record_foreign", file=file)
    reader = Reader(container)
    sweep, concluded = reader.only("mlprov:Sweep"), reader.only("mlprov:SweepResult")
    pack, values = reader.only(GROUPS["pack"][0]), reader.only(GROUPS["values"][0])
    if sweep is None or concluded is None or pack is None or values is None:
        raise MlprovError("sweep_record_foreign", file=file)
    numbers: dict[str, Any] = {name: sweep.one(term, int) for name, term in _NUMBERS.items()}
    optional = {
        name: sweep.get(term)
        for name, term in _OPTIONAL.items()
        if any(one.endswith(term.partition(":")[2]) for one in sweep.attributes)
    }
    plan = Plan(
        id=sweep.one("dct:identifier", str),
        pack=pack.fields("pack"),
        values=values.fields("values"),
        over=dict(_over(one) for one in in_order(reader.all("mlprov:TriedParameter"))),
        seeds=sweep.one("mlprov:seeds", list),
        search=sweep.state("mlprov:searchMethod", SEARCHES),
        metric=sweep.one("mlprov:metric", str),
        pruner=sweep.one("mlprov:pruner", str),
        format=sweep.one("mlprov:format", int),
        **numbers,
        **optional,
    )
    digests = {}
    for one in reader.all("mlprov:SweepTrial"):
        one.state("mlprov:outcome", OUTCOMES)
        digests[one.one("mlprov:order", int)] = one.one("mlprov:sha256", str)
    return SweepRecord(plan, concluded.one("mlprov:sha256", str), digests)


def _over(one: Element) -> tuple[str, Any]:
    name = one.one("mlprov:parameter", str)
    if any(iri.endswith("#range") for iri in one.attributes):
        return name, one.one("mlprov:range", dict)
    return name, one.one("mlprov:tried", list)
