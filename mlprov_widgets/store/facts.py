"""What is known of one run for a table of many."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from mlprov_widgets.record import STEPS, Record, Value, source_hash
from mlprov_widgets.record.results import headline_metrics, is_number, single_metrics
from mlprov_widgets.record.story import Story
from mlprov_widgets.wording import format_value, is_numeric, one_line

# How a run can have ended; ``not whole`` is a file that holds no record which can be read.
STATUSES = ("finished", "failed", "interrupted", "unfinished", "diverged", "not whole")
PROV, LEGACY, MLFLOW = "PROV", "MLProvCodeGen", "MLflow"
MAX_METRICS = 200
MAX_PARAMETERS = 500
_MAX_TEXT = 300


@dataclass(frozen=True)
class RunFacts:
    """What a table of runs shows of one, and searches in it.

    Parameters
    ----------
    path : str
        Of its record, relative to the folder of the store, with ``/``.
    format : str
        What wrote it: ``PROV``, ``MLProvCodeGen`` or ``MLflow``.
    status : str
        One of `STATUSES`.
    problem : str
        Why it cannot be read; else what makes it hard to believe; may be empty.
    run_id, title, task, pack, notebook, data, model, person, git_commit : str
        Empty where they are not known.
    started : float or None
        Seconds since 1970, UTC; of MLProvCodeGen, which records no zone, as its clock showed it.
    duration : float or None
        Seconds.
    seeds : str
        All that were set.
    verdict : str
        How it compared with the run that it reproduces; empty where it reproduces none.
    original : str
        Id of that run.
    configuration : str
        SHA-256 over pack, code and values but for the seeds: equal for repeats of one thing.
    split : str
        SHA-256 of the rows of each part; empty where it is not known.
    trained_on, tested_on : int or None
        How many rows the model was trained and measured on.
    headline : str
        Name of the metric that most readers look for.
    metrics : dict of str to float
        Those that are one number; of folds their mean.
    labels : dict of str to dict
        Of each metric its ``label``, ``unit`` and ``direction``, as its record declares them.
    parameters : dict of str to Value
        What was chosen and counts, else what its cells have set.
    seed_parameters : list of str
        Those of the parameters that are nothing but seeds.
    marked : bool
        Whether somebody has marked it.
    note : str
        What somebody has said of it.
    """

    path: str
    format: str = PROV
    status: str = "unfinished"
    problem: str = ""
    run_id: str = ""
    title: str = ""
    task: str = ""
    pack: str = ""
    notebook: str = ""
    data: str = ""
    model: str = ""
    person: str = ""
    git_commit: str = ""
    started: float | None = None
    duration: float | None = None
    seeds: str = ""
    verdict: str = ""
    original: str = ""
    configuration: str = ""
    split: str = ""
    trained_on: int | None = None
    tested_on: int | None = None
    headline: str = ""
    marked: bool = False
    note: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    parameters: dict[str, Value] = field(default_factory=dict)
    seed_parameters: list[str] = field(default_factory=list)


def facts_of(record: Record, path: str, format: str = PROV) -> RunFacts:
    """What is known of a run, from its record.

    Parameters
    ----------
    record : Record
    path : str
        Where it lies, in the store.
    format : str
        What wrote it.
    """
    story = Story(record)
    metrics, labels = _metrics(story)
    headlines = headline_metrics(record.metrics, story.vocabulary)
    start, end = record.start, record.end
    parameters = dict(_parameters(record))
    return RunFacts(
        path=path,
        format=format,
        status=_status(story),
        problem=_text(story.status.partition("; ")[2]),
        run_id=_text(record.run_id),
        title=_text(story.title),
        task=_text(record.experiment_info.get("task_type")),
        pack=_text(record.pack.get("name")),
        notebook=_text(record.notebook.get("name")),
        data=_text(story.data),
        model=_text(story.text("model_parameters", "model_name")),
        person=_text(story.agent),
        git_commit=_text(record.git.get("commit")),
        started=_seconds(start),
        duration=(end - start).total_seconds() if start and end else None,
        seeds=", ".join(dict.fromkeys(one.text for one in story.seeds)),
        verdict=_text(story.verdict),
        original=_text(record.original.get("run_id")),
        configuration=_configuration(story, parameters),
        split=_text(record.fingerprints.get("split")),
        trained_on=_count(story, "training_samples"),
        tested_on=_count(story, "testing_samples"),
        headline=next((one.name for one in headlines if one.name in metrics), ""),
        metrics=metrics,
        labels=labels,
        parameters=parameters,
        seed_parameters=sorted(seed_names(story) & parameters.keys()),
    )


def unreadable(path: str, why: object) -> RunFacts:
    """A file that should hold a record and does not."""
    return RunFacts(
        path, status="not whole", problem=one_line(why, _MAX_TEXT), title=Path(path).name
    )


def _text(value: object) -> str:
    return one_line(value, _MAX_TEXT) if value not in (None, "") else ""


def _count(story: Story, part: str) -> int | None:
    """The rows of a part; None where they are not known, or only as a share."""
    value = story.value("data_segregation", part)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _seconds(moment: datetime | None) -> float | None:
    """Since 1970; of a time without a zone as if it were UTC, which keeps the order."""
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _status(story: Story) -> str:
    if story.is_diverged:
        return "diverged"
    return story.record.status if story.record.status in STATUSES else "unfinished"


def _metrics(story: Story) -> tuple[dict[str, float], dict[str, dict[str, str]]]:
    found: dict[str, float] = {}
    labels: dict[str, dict[str, str]] = {}
    # The numbers of classes are no folds.
    single = {one.name for one in single_metrics(story.record.metrics, story.vocabulary)}
    for name, value in list(story.record.metrics.items())[:MAX_METRICS]:
        if str(name) not in single:
            continue
        if isinstance(value, list) and value and all(map(is_number, value)):
            value = sum(value) / len(value)
        if not is_numeric(value):
            continue
        key = one_line(name, 80)
        metric = story.vocabulary.metric_of(str(name))
        found[key] = float(value)
        labels[key] = {
            "label": metric.label,
            "unit": metric.unit,
            "direction": metric.direction,
        }
    return found, labels


def _parameters(record: Record) -> Iterator[tuple[str, Value]]:
    """What was chosen and counts; of a notebook of somebody's own the constants of its cells."""
    if record.values:
        counted = [str(row.get("name", "")) for row in record.parameters]
        names = [name for name in counted if name in record.values] or list(record.values)
        pairs = [(name, record.values[name]) for name in names]
    else:
        pairs = [pair for step in record.steps.values() for pair in step.constants.items()]
    for name, value in pairs[:MAX_PARAMETERS]:
        yield one_line(name, 80), value if is_simple(value) else format_value(value, _MAX_TEXT)


def is_simple(value: object) -> bool:
    """Whether a value is a number, a text of a bearable length, a flag or nothing."""
    if isinstance(value, str):
        return len(value) <= _MAX_TEXT
    return value is None or isinstance(value, bool | int | float)


def _configuration(story: Story, parameters: Mapping[str, Value]) -> str:
    """Equal for runs that differ in their seeds alone."""
    record, seeds = story.record, seed_names(story)
    values = {name: value for name, value in parameters.items() if name not in seeds}
    own = [
        source_hash(cell.source)
        for cell in record.cells
        if cell.kind == "code" and not (record.pack and cell.origin == "generated")
    ]
    told = [record.pack.get("name", ""), record.pack.get("sha256", ""), values, own]
    text = json.dumps(told, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def seed_names(story: Story) -> set[str]:
    """The parameters of a run that are nothing but seeds, by the fields that they are recorded as.

    Parameters
    ----------
    story : Story
    """
    fields = (one for step in STEPS for one in story.vocabulary.fields_of(step))
    names = {
        name for one in fields if one.kind == "identifier" for name in (one.name, *one.aliases)
    }
    rows = story.record.parameters
    terms = {str(row.get("name")) for row in rows if str(row.get("term")) in names}
    return terms | names
