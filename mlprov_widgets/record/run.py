"""What a run leaves behind, before it is written as PROV and after it is read back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

# Values of a record are what JSON can say: str, int, float, bool, None, lists and dicts of them.
Value = Any

STEPS = (
    "data_ingestion",
    "data_preparation",
    "data_segregation",
    "data_exploration",
    "model_parameters",
    "model_training",
    "model_evaluation",
)
# What rows are set apart for.
PARTS = ("training", "validation", "testing")


def source_hash(source: str) -> str:
    """SHA-256 of a cell's source as hexadecimal digits; trailing white space does not count."""
    return text_hash(source.rstrip())


def text_hash(text: str) -> str:
    """SHA-256 of a text as it is, as hexadecimal digits; half a surrogate pair is no error."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass
class Execution:
    """One execution of a cell, with the source that ran.

    Parameters
    ----------
    source : str
        The source as it ran.
    count : int or None
        The kernel's execution count.
    start, end : datetime or None
        With time zone; None where the cell ran before capture began.
    status : str
        ``ok``, ``error`` or ``interrupted``.
    error : str
        ``ValueError: message`` in one line; empty when all went well.
    reads, binds : list of str
        Global names that the cell read and bound.
    id : str
        Unique in the record, for what happened in this execution; empty in records of format 1.
    used : list of str
        Ids of the versions of objects that it had to do with, as they were when it began.
    """

    source: str
    count: int | None = None
    start: datetime | None = None
    end: datetime | None = None
    status: str = "ok"
    error: str = ""
    reads: list[str] = field(default_factory=list)
    binds: list[str] = field(default_factory=list)
    id: str = ""
    used: list[str] = field(default_factory=list)


@dataclass
class Version:
    """An object as it was from one execution to the next that changed it.

    Parameters
    ----------
    id : str
        Unique in the record.
    execution : str
        Id of the execution that made it; empty where it was there before capture began.
    change : str
        ``made``, ``trained``, ``fitted``, ``loaded`` (weights from elsewhere) or ``changed``.
    sha256 : str
        Of its content; empty where that was not hashed.
    coverage : str
        How much of the content was looked at to notice a change: ``whole``, ``sampled``, ``none``.
    values : dict
        What it was like: shape, dtype, number of parameters, settings.
    """

    id: str
    execution: str = ""
    change: str = "made"
    sha256: str = ""
    coverage: str = "whole"
    values: dict[str, Value] = field(default_factory=dict)


@dataclass
class TrackedObject:
    """Something that cells made, read and changed in place.

    Parameters
    ----------
    id : str
        Unique in the record.
    kind : str
        Qualified name of its class.
    names : list of str
        Global names that it had; none where only functions knew it.
    role : str
        ``data``, ``labels``, ``training``, ``validation``, ``testing``, ``preprocessing``,
        ``model``, ``loss``, ``optimizer``, ``scheduler``, ``predictions``; empty for none of these.
    versions : list of Version
        In the order in which they were made.
    """

    id: str
    kind: str
    names: list[str] = field(default_factory=list)
    role: str = ""
    versions: list[Version] = field(default_factory=list)


@dataclass
class Operation:
    """What an observer saw a library do within an execution.

    Parameters
    ----------
    id : str
        Unique in the record.
    kind : str
        ``load``, ``split``, ``fit``, ``train``, ``transform``, ``predict`` or ``evaluate``.
    execution : str
        Id of the execution in which it happened.
    name : str
        Qualified name of the function or class that did it.
    start, end : datetime or None
        With time zone.
    status : str
        ``ok`` or ``error``.
    used, made : list of str
        Ids of versions.
    settings : dict
        Hyperparameters and arguments with their values.
    values : dict
        What it came to: rows, steps, epochs, rates, results.
    parts : dict
        Name of a part to the number of its rows that went in; ``other`` counts rows of no part.
        Empty where that is not known.
    defaults : dict
        Name of a setting to whether it has the value that it has by default; without those of
        which that is not known.
    """

    id: str
    kind: str
    execution: str = ""
    name: str = ""
    start: datetime | None = None
    end: datetime | None = None
    status: str = "ok"
    used: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    settings: dict[str, Value] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    parts: dict[str, int] = field(default_factory=dict)
    defaults: dict[str, bool] = field(default_factory=dict)


@dataclass
class Part:
    """Rows that were set apart for one purpose.

    Parameters
    ----------
    name : str
        ``training``, ``validation`` or ``testing``; with a number for a fold.
    rows : int
        How many.
    known : str
        ``observed`` (a library made the split) or ``told`` (by ``run.record``).
    sha256 : str
        Over which rows these are; empty where that is not known.
    numbers : str
        Their numbers in the data, as ranges: ``0-3,7``; empty where not known, or too many.
    objects : list of str
        Ids of the versions that hold these rows.
    overlap : dict
        Name of another part to the number of rows that are in both; empty where disjoint.
    """

    name: str
    rows: int = 0
    known: str = "told"
    sha256: str = ""
    numbers: str = ""
    objects: list[str] = field(default_factory=list)
    overlap: dict[str, int] = field(default_factory=dict)


@dataclass
class Finding:
    """What a reader of the record has to know before believing its numbers.

    Parameters
    ----------
    code : str
        Which one; the sentence for it is made elsewhere.
    kind : str
        ``leak`` (rows or labels reached training that must not), ``warning`` or ``note``.
    step : str
        The pipeline step that it is about; empty for the run.
    execution : str
        Id of the execution in which it was seen; empty where in none.
    arguments : dict
        What the sentence says.
    """

    code: str
    kind: str = "note"
    step: str = ""
    execution: str = ""
    arguments: dict[str, Value] = field(default_factory=dict)


@dataclass
class Cell:
    """One cell of the notebook, generated or added by a person.

    Parameters
    ----------
    id : str
        The nbformat cell id, or one made up for a cell whose id is not known.
    kind : str
        ``code`` or ``markdown``.
    step : str
        The pipeline step it belongs to; empty where it belongs to none.
    generated : str or None
        The source as generated; None where that is not known or a person added the cell.
    executions : list of Execution
        In the order in which they happened; empty where the cell never ran.
    """

    id: str
    kind: str = "code"
    step: str = ""
    generated: str | None = None
    executions: list[Execution] = field(default_factory=list)

    @property
    def source(self) -> str:
        """The source as it last ran, else as generated."""
        return self.executions[-1].source if self.executions else self.generated or ""

    @property
    def origin(self) -> str:
        """``generated``, ``edited`` or ``added``."""
        if self.generated is None:
            return "added"
        same = source_hash(self.source) == source_hash(self.generated)
        return "generated" if same else "edited"


@dataclass
class Step:
    """The values that one pipeline step really had.

    Parameters
    ----------
    start, end : datetime or None
        Of the (last) executions of its cells.
    values : dict
        Field name (the paper's Table 1, and ours beyond it) to value.
    known : dict
        Field name to how its value is known: ``observed`` or ``told``; empty in format 1.
    constants : dict
        Named constants of the notebook that the step's cells have read, by name. They are no facts
        about data or model: code may read a number and use another.
    executions : list of str
        Ids of the executions from which the values are known, in the order of time.
    """

    start: datetime | None = None
    end: datetime | None = None
    values: dict[str, Value] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    constants: dict[str, Value] = field(default_factory=dict)
    executions: list[str] = field(default_factory=list)

    @property
    def execution_time(self) -> float | None:
        """Seconds from start to end."""
        return (self.end - self.start).total_seconds() if self.start and self.end else None


@dataclass
class Record:
    """Everything that one run left behind.

    Parameters
    ----------
    run_id : str
        A UUID.
    status : str
        ``finished``, ``failed`` (a cell raised), ``interrupted`` (a person stopped a cell) or
        ``unfinished`` (the kernel ended before the run did).
    start, end : datetime or None
        With time zone.
    agent : dict
        ``name`` and, if known, ``orcid`` of whoever ran it.
    software : str
        Version of mlprov-widgets.
    pack : dict
        ``name``, ``version``, ``sha256`` of the pack; empty where the notebook was not generated.
    values : dict
        Parameter name to value, as they were when the notebook was generated.
    parameters : list of dict
        What the pack declared of them: ``name``, ``constant`` (its name in the notebook, or empty),
        ``step`` and ``term``; so that a later run records the same, whatever the pack is then.
    declared : dict
        ``metrics`` and ``fields``: what the pack declared of them, each as a list of dicts.
    experiment_info, hardware_info, notebook : dict
        Fields of the paper's Table 1.
    packages : dict
        Distribution name to version.
    environment : dict
        What exact re-runs depend on: threads, determinism flags, CPU capability, BLAS, CUDA.
    git : dict
        ``commit``, ``branch``, ``dirty``; empty outside a repository.
    functions : dict
        ``group.field`` (as ``experiment_info.creation_date``) to the function that obtained it.
    steps : dict
        Step name to `Step`.
    fingerprints : dict
        ``data``, ``split``, ``initial_weights``, ``weights``, ``predictions`` to SHA-256.
    cells : list of Cell
        In notebook order.
    objects : list of TrackedObject
    operations : list of Operation
        In the order of time.
    parts : list of Part
    findings : list of Finding
    incomparable : dict
        Name of what has no fingerprint to why, such as ``weights``.
    original : dict
        Where this run reproduces another: its ``run_id`` and ``name``, the ``verdict``, the
        ``tolerance`` (``relative``, ``absolute``), the ``first_difference`` and its likely
        ``cause``, and the name of its ``provenance_file`` where that is known; else empty.
    started_from : dict
        Where the values of another run were the starting point: its ``run_id`` and ``name``, and
        ``changes``, parameter name to a list of what the value was and what it is; else empty.
    """

    run_id: str
    status: str = "unfinished"
    start: datetime | None = None
    end: datetime | None = None
    agent: dict[str, str] = field(default_factory=dict)
    software: str = ""
    pack: dict[str, str] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    parameters: list[dict[str, str]] = field(default_factory=list)
    declared: dict[str, list[dict[str, Value]]] = field(default_factory=dict)
    experiment_info: dict[str, Value] = field(default_factory=dict)
    hardware_info: dict[str, Value] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)
    notebook: dict[str, Value] = field(default_factory=dict)
    environment: dict[str, Value] = field(default_factory=dict)
    git: dict[str, Value] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=dict)
    fingerprints: dict[str, str] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    objects: list[TrackedObject] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    incomparable: dict[str, str] = field(default_factory=dict)
    original: dict[str, Value] = field(default_factory=dict)
    started_from: dict[str, Value] = field(default_factory=dict)

    @property
    def metrics(self) -> dict[str, Value]:
        """The evaluation metrics by name; empty where the run did not get that far."""
        step = self.steps.get("model_evaluation")
        values = step.values.get("evaluation_metrics") if step else None
        return dict(values) if isinstance(values, dict) else {}

    @property
    def model_versions(self) -> set[str]:
        """Ids of all versions of what has the role of a model."""
        models = (one for one in self.objects if one.role == "model")
        return {version.id for one in models for version in one.versions}

    @property
    def trainings(self) -> list[Operation]:
        """The operations that made a model what it is, in the order of time."""
        models = self.model_versions
        return [
            one
            for one in self.operations
            if one.kind == "train" or (one.kind == "fit" and not models.isdisjoint(one.made))
        ]
