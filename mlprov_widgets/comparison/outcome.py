"""What one run came to: all that a second run is compared with, and no more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mlprov_widgets.comparison.execution_order import execution_orders, executions_of_run
from mlprov_widgets.comparison.json_numbers import jsonable, with_numbers
from mlprov_widgets.errors import InvalidToleranceError, RecordError
from mlprov_widgets.provenance.legacy import renamed_fields
from mlprov_widgets.record import Record, Value, source_hash
from mlprov_widgets.record.fields import vocabulary_of
from mlprov_widgets.record.findings import LEAK, NOTE, leaks, others, sentence
from mlprov_widgets.record.hyperparameters import hyperparameters_of
from mlprov_widgets.record.results import COUNTERS
from mlprov_widgets.record.story import Story
from mlprov_widgets.wording import is_numeric

# What these steps recorded is a result, or differs from run to run by its nature.
_RESULT_STEPS = {"model_evaluation"}
_OF_ONE_RUN = {"time", "seconds", "duration", "elapsed", "date", "path", "file", "location"}
_HOLD_NUMBERS = {"metrics", "history", "environment", "hardware_info", "values", "recorded"}
_HOLD_NUMBERS |= {"tolerance"}
_COUNTED = {f"{counter}s_run" for counter in COUNTERS}
_RESULT_FIELDS = {"history", "resulting_model_seed", "best_epoch", *_COUNTED}
_RESULT_FIELDS |= {"resumed_from", "resumed_from_sha256", "steps", "executions", "measured_on"}
_RESULT_FIELDS |= {"best_score"}
_MOST_TO_KNOW = 50
# The name of the notebook stands in the cell that starts the run.
_OWN_NAME = re.compile(r"(?<=\bstart_run\()\s*(\"[^\"\\\n]*\"|'[^'\\\n]*')")


@dataclass
class Outcome:
    """What one run came to.

    Parameters
    ----------
    run_id, name : str
        The run, and the notebook or script that it ran.
    fingerprints : dict
        ``data``, ``split``, ``initial_weights``, ``weights``, ``predictions`` to SHA-256.
    metrics : dict
        Evaluation metrics by name; numbers, and lists and dicts of them.
    history : list
        One dict of numbers for each epoch.
    environment, packages, hardware_info, values, pack : dict
        As in a `Record`.
    recorded : dict
        ``step.field`` to the value that the step really had, single values only.
    cells : list of dict
        Code cells in order: ``id``, ``step``, ``sha256`` of the source, ``nameless`` (the same
        without the notebook's name), ``ran`` (before the end of the run), ``order`` (places of its
        executions among all).
    status, software : str
        How the run ended, and what recorded it, as in a `Record`.
    file : str
        Name of its provenance file, without a folder; empty where it is not known.
    tolerance : dict
        ``relative`` and ``absolute``: how closely a second run is to be compared with it; what is
        left out is as in `verify`.
    to_know : list of str
        What has to be known before its numbers are believed: leaks and warnings, a sentence each.
    labels : dict of str to str
        What the pack calls the metrics that it declares, inside a sentence.
    """

    run_id: str = ""
    name: str = ""
    fingerprints: dict[str, str] = field(default_factory=dict)
    incomparable: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, Value] = field(default_factory=dict)
    history: list[Value] = field(default_factory=list)
    environment: dict[str, Value] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)
    hardware_info: dict[str, Value] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    pack: dict[str, str] = field(default_factory=dict)
    recorded: dict[str, Value] = field(default_factory=dict)
    cells: list[dict[str, Any]] = field(default_factory=list)
    status: str = ""
    software: str = ""
    file: str = ""
    tolerance: dict[str, float] = field(default_factory=dict)
    to_know: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Here alone, so that an outcome is the same as what is read back of it.
        self.history = _epochs(self.history)

    @classmethod
    def of(cls, source: Outcome | Record | Mapping[str, Any] | str | Path) -> Outcome:
        """The outcome in a record, a provenance file, or a manifest's ``original``.

        Of a notebook or a script, it is that of its run whose provenance file lies beside it.

        Raises
        ------
        RecordError
            If the file or the mapping is not what it claims to be.
        """
        if isinstance(source, Outcome):
            return source
        if isinstance(source, Record):
            return cls.from_record(source)
        if isinstance(source, Mapping):
            return cls.from_dict(source)
        from mlprov_widgets.notebooks.beside import read_run

        record, file = read_run(Path(source))
        return cls.from_record(record, file.name)

    @classmethod
    def from_record(cls, record: Record, file: str = "") -> Outcome:
        """Take the outcome out of a record; `file` is the name of its provenance file."""
        training = record.steps.get("model_training")
        order = execution_orders(record)
        language = record.notebook.get("programming_language_version")
        python = {"python": language} if language else {}
        cells = [
            {
                "id": cell.id,
                "step": cell.step,
                "sha256": source_hash(cell.source),
                "nameless": source_hash(_OWN_NAME.sub("", cell.source)),
                "ran": bool(executions_of_run(record, cell)),
                "order": order.get(place, []),
            }
            for place, cell in enumerate(record.cells)
            if cell.kind == "code"
        ]
        return cls(
            run_id=record.run_id,
            name=str(record.notebook.get("name", "")),
            fingerprints=dict(record.fingerprints),
            incomparable=dict(record.incomparable),
            metrics=with_numbers(record.metrics),
            history=with_numbers(training.values.get("history") if training else None),
            environment=with_numbers({**python, **record.environment}),
            packages=dict(record.packages),
            hardware_info=with_numbers(record.hardware_info),
            values=with_numbers(record.values),
            pack=dict(record.pack),
            recorded=_recorded(record),
            cells=cells,
            status=record.status,
            software=record.software,
            file=plain_file_name(file),
            to_know=[
                f"Leak: {sentence(one)}" if one.kind == LEAK else sentence(one)
                for one in [*leaks(record), *others(record)]
                if one.kind != NOTE
            ][:_MOST_TO_KNOW],
            labels=_labels(record),
        )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Outcome:
        """Check and take over what `to_dict` wrote; unknown fields are passed over.

        Raises
        ------
        RecordError
            If a field has the wrong type.
        """
        empty = cls()
        fields: dict[str, Any] = {}
        for name, default in vars(empty).items():
            if name not in data:
                continue
            value = data[name]
            if not isinstance(value, type(default)):
                raise RecordError("original_field_wrong", field=name)
            fields[name] = with_numbers(value) if name in _HOLD_NUMBERS else value
        for name in ("fingerprints", "packages", "pack", "labels"):
            if not all(isinstance(value, str) for value in fields.get(name, {}).values()):
                raise RecordError("original_field_wrong", field=name)
        for cell in fields.get("cells", []):
            texts = (cell.get("id", ""), cell.get("sha256")) if isinstance(cell, dict) else ()
            if not texts or not all(isinstance(text, str) for text in texts):
                raise RecordError("original_field_wrong", field="cells")
        tolerance = fields.get("tolerance", {})
        if not all(
            name in ("relative", "absolute") and is_tolerance(value)
            for name, value in tolerance.items()
        ):
            raise RecordError("original_field_wrong", field="tolerance")
        if not all(isinstance(one, str) for one in fields.get("to_know", [])):
            raise RecordError("original_field_wrong", field="to_know")
        fields["file"] = plain_file_name(fields.get("file", ""))
        return cls(**fields)

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values, strictly: ``"NaN"`` and the infinities as text."""
        found: dict[str, Any] = jsonable(asdict(self))
        return found


def _labels(record: Record) -> dict[str, str]:
    """The words for metrics that the pack itself has declared."""
    declared = record.declared.get("metrics", ())
    names = {str(row.get("name")) for row in declared if isinstance(row, dict)}
    known = vocabulary_of(record)
    return {name: known.metric_of(name).term for name in record.metrics if name in names}


def _recorded(record: Record) -> dict[str, Value]:
    """The single values that steps, settings of an estimator and constants really had."""
    renamed = renamed_fields(record)
    settings = _hyperparameters(record)
    # How an estimator writes itself is its settings once more.
    once_more = {"model_description"} if settings else set()
    found = {
        renamed.get(f"{name}.{key}", f"{name}.{key}"): with_numbers(value)
        for name, step in record.steps.items()
        if name not in _RESULT_STEPS
        for key, value in step.values.items()
        if isinstance(value, str | int | float | bool)
        and not of_one_run(key)
        and key not in once_more
        # What was observed of epochs came of the run; how many were wanted is a constant.
        and not (key == "epochs" and step.known)
    }
    constants = {
        f"{name}.{key}": with_numbers(value)
        for name, step in record.steps.items()
        for key, value in step.constants.items()
        if isinstance(value, str | int | float | bool)
    }
    return found | settings | constants


def _hyperparameters(record: Record) -> dict[str, Value]:
    """The settings of an estimator; what a search has found is a result."""
    if Story(record).text("model_training", "search"):
        return {}
    return {
        f"model_parameters.{one.name}": with_numbers(one.value)
        for one in hyperparameters_of(record)
        if isinstance(one.value, str | int | float | bool)
    }


def is_tolerance(value: object) -> bool:
    """Whether numbers may differ by this much: a number from 0 upwards."""
    return is_numeric(value) and value >= 0


def tolerance_of(relative: float | None, absolute: float | None) -> dict[str, float]:
    """What was asked for of a tolerance, as an outcome holds it.

    Raises
    ------
    ValueError
        If one of them is negative or no number.
    """
    given = {"relative": relative, "absolute": absolute}
    if not all(value is None or is_tolerance(value) for value in given.values()):
        raise InvalidToleranceError("tolerance_wrong")
    return {name: value for name, value in given.items() if value is not None}


def plain_file_name(name: str) -> str:
    """A file's name that names nothing outside its folder; else empty."""
    plain = 0 < len(name) < 256 and not set(name) & set('/\\:"') and name.isprintable()
    return name if plain and name not in (".", "..") else ""


def _epochs(history: Value) -> list[Value]:
    """One dict an epoch, from that or from one list a quantity."""
    if isinstance(history, Mapping) and all(isinstance(item, list) for item in history.values()):
        length = max((len(column) for column in history.values()), default=0)
        return [
            {name: column[row] for name, column in history.items() if row < len(column)}
            for row in range(length)
        ]
    if not isinstance(history, Iterable) or isinstance(history, str | Mapping):
        return []
    return [
        {key: value for key, value in epoch.items() if not of_one_run(str(key))}
        if isinstance(epoch, Mapping)
        else epoch
        for epoch in history
    ]


def of_one_run(name: str) -> bool:
    """Whether a field differs from run to run although nothing differs: times and places."""
    if name in _RESULT_FIELDS:
        return True
    words = set(name.lower().split("_"))
    return bool(words & _OF_ONE_RUN)
