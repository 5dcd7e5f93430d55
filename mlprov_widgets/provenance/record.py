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


def source_hash(source: str) -> str:
    """SHA-256 of a cell's source as hexadecimal digits; trailing white space does not count."""
    return hashlib.sha256(source.rstrip().encode("utf-8", "surrogatepass")).hexdigest()


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
    """

    source: str
    count: int | None = None
    start: datetime | None = None
    end: datetime | None = None
    status: str = "ok"
    error: str = ""
    reads: list[str] = field(default_factory=list)
    binds: list[str] = field(default_factory=list)


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
    """

    start: datetime | None = None
    end: datetime | None = None
    values: dict[str, Value] = field(default_factory=dict)

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
    original: dict[str, Value] = field(default_factory=dict)
    started_from: dict[str, Value] = field(default_factory=dict)

    @property
    def metrics(self) -> dict[str, Value]:
        """The evaluation metrics by name; empty where the run did not get that far."""
        step = self.steps.get("model_evaluation")
        values = step.values.get("evaluation_metrics") if step else None
        return dict(values) if isinstance(values, dict) else {}
