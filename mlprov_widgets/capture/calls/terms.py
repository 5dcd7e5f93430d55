"""From the terms of one ``run.record`` call to fields of the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlprov_widgets.capture.descriptions import data, models
from mlprov_widgets.capture.descriptions.preprocessing import list_operations
from mlprov_widgets.capture.objects.fingerprint import (
    examine,
    examine_weights,
    fingerprint,
    weights_fingerprint,
)
from mlprov_widgets.capture.values import is_a, plain, shortened, text, torch
from mlprov_widgets.record import PARTS, Value

_DATA = ("features", "labels")
_ALIASES = {"loss": "loss_function", "criterion": "loss_function", "metrics": "evaluation_metrics"}


@dataclass
class Description:
    """What one call found out.

    Parameters
    ----------
    told : dict
        Step to values that the call gave as they are.
    found : dict
        Step to values that were read from live objects; what was told counts more.
    fingerprints : dict
        Name to SHA-256.
    incomparable : dict
        Name of what has none to why.
    """

    told: dict[str, dict[str, Value]] = field(default_factory=dict)
    found: dict[str, dict[str, Value]] = field(default_factory=dict)
    fingerprints: dict[str, str] = field(default_factory=dict)
    incomparable: dict[str, str] = field(default_factory=dict)

    def add(self, step: str, values: Mapping[str, Value]) -> None:
        """Take over values that were read from a live object."""
        self.found.setdefault(step, {}).update(values)

    def mark(self, name: str, digest: str | None, reason: str = "") -> None:
        """Take over a fingerprint, or the reason why there is none."""
        if digest is not None:
            self.fingerprints[name] = digest
        if reason:
            self.incomparable[name] = reason


def describe(step: str, terms: Mapping[str, Any]) -> Description:
    """Describe the terms of one call; never raises.

    Parameters
    ----------
    step : str
        The pipeline step that the call names.
    terms : mapping
        Term to value: live objects under the names in `DESCRIBERS` are described, everything else
        is stored as a plain value. What cannot be described is stored as a shortened ``repr``.
    """
    description = Description()
    told = description.told.setdefault(step, {})
    for term, value in terms.items():
        if term in PARTS:
            continue
        describer = DESCRIBERS.get(term)
        # A number or flag under a described name is what the notebook wants to say.
        if describer is None or isinstance(value, (bool, int, float)):
            told[term] = plain(value)
            continue
        if step == "model_evaluation" and term in _DATA:
            continue  # what the model was given, not what the data are
        try:
            describer(step, value, description)
        except Exception:
            told[term] = shortened(value)
    for several in (_fingerprint_data, _describe_parts):
        try:
            several(step, terms, description)
        except Exception as error:
            told["not_described"] = shortened(error)
    return description


def named(terms: Mapping[str, Any]) -> dict[str, Any]:
    """Terms by the names that a record has for them, the parts of a split each by its own."""
    found = {_ALIASES.get(term, term): value for term, value in terms.items()}
    if "split" in found and not isinstance(found["split"], (str, bool, int, float)):
        split = found.pop("split")
        if not isinstance(split, Mapping):
            names = PARTS if len(split) == 3 else ("training", "testing")
            split = dict(zip(names, split, strict=False))
        found.update({str(name): part for name, part in split.items()})
    return found


def _describe_parts(step: str, terms: Mapping[str, Any], description: Description) -> None:
    parts = {name: terms[name] for name in PARTS if name in terms}
    if not parts or step not in ("data_ingestion", "data_preparation", "data_segregation"):
        return
    for one, values in data.describe_parts(parts).items():
        description.add(one, values)
    for part in parts.values():
        description.add("model_training", data.describe_loader(part))
    if step != "data_preparation":  # there, the parts are what became of their rows
        items = (item for name in PARTS for item in (name, parts.get(name)))
        description.mark("split", fingerprint(*items))


def _fingerprint_data(step: str, terms: Mapping[str, Any], description: Description) -> None:
    if step == "model_evaluation":
        return
    given = [terms[name] for name in _DATA if terms.get(name) is not None]
    if given:
        description.mark("data", *examine(*given))


def _operations(step: str, value: Any, description: Description) -> None:
    operations = list_operations(value)
    description.add(step, {"number_of_operations": len(operations), "operations": operations})


def _model(step: str, value: Any, description: Description) -> None:
    if step == "model_parameters":
        description.add(step, models.describe_model(value))
        if callable(getattr(value, "state_dict", None)):
            description.mark("initial_weights", weights_fingerprint(value))
        return
    description.add("model_parameters", models.describe_device(value))
    if step == "model_training":
        description.mark("weights", *examine_weights(value))
        if is_a(value, "torch.nn.Module"):
            description.add(step, {"resulting_model_seed": torch.initial_seed()})


def _predictions(step: str, value: Any, description: Description) -> None:
    description.mark("predictions", fingerprint(value))
    description.add(step, {"number_of_predictions": len(value)})


_Describe = Callable[[str, Any, Description], None]


def _fields(
    describe: Callable[[Any], dict[str, Value]], of: str = "", named: str = "", weak: bool = False
) -> _Describe:
    """Adds the fields that a function reads from an object to a step, by default the call's.

    Where the object may be `named` instead, a text is that field by itself. What is `weak` counts
    less than what other objects of the call have said.
    """

    def add(step: str, value: Any, description: Description) -> None:
        is_name = named and isinstance(value, str)
        found = {named: text(value, 1000)} if is_name else describe(value)
        earlier = description.found.get(of or step, {})
        description.found[of or step] = found | earlier if weak else earlier | found

    return add


DESCRIBERS: dict[str, _Describe] = {
    "source": _fields(data.describe_source, weak=True),
    # What the file was says more than what it has become in memory.
    "features": _fields(data.describe_features, weak=True),
    "labels": _fields(data.describe_labels),
    "operations": _operations,
    "model": _model,
    "resumed_from": _fields(data.describe_checkpoint),
    "loss_function": _fields(models.describe_loss, "model_parameters", "loss_function"),
    "optimizer": _fields(models.describe_optimizer, "model_parameters", "optimizer"),
    "scheduler": _fields(models.describe_scheduler, named="lr_scheduler"),
    "history": _fields(models.describe_history),
    "predictions": _predictions,
    "evaluation_metrics": _fields(lambda value: {"evaluation_metrics": plain(value)}),
    # Only says which rows belong together.
    "groups": lambda step, value, description: None,
}
