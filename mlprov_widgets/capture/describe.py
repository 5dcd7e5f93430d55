"""From the terms of one ``run.record`` call to fields of the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlprov_widgets.capture import data, models
from mlprov_widgets.capture.architectures import describe_published
from mlprov_widgets.capture.fingerprint import fingerprint, weights_fingerprint
from mlprov_widgets.capture.operations import list_operations
from mlprov_widgets.capture.plain import loaded, plain, shortened
from mlprov_widgets.provenance.record import Value

_ALIASES = {"loss": "loss_function", "criterion": "loss_function", "metrics": "evaluation_metrics"}


@dataclass
class Findings:
    """What one call found out.

    Parameters
    ----------
    told : dict
        Step to values that the call gave as they are.
    found : dict
        Step to values that were read from live objects; what was told counts more.
    fingerprints : dict
        Name to SHA-256.
    """

    told: dict[str, dict[str, Value]] = field(default_factory=dict)
    found: dict[str, dict[str, Value]] = field(default_factory=dict)
    fingerprints: dict[str, str] = field(default_factory=dict)

    def add(self, step: str, values: Mapping[str, Value]) -> None:
        self.found.setdefault(step, {}).update(values)

    def mark(self, name: str, digest: str | None) -> None:
        if digest is not None:
            self.fingerprints[name] = digest


def describe(step: str, terms: Mapping[str, Any]) -> Findings:
    """Describe the terms of one call; never raises.

    Parameters
    ----------
    step : str
        The pipeline step that the call names.
    terms : mapping
        Term to value: live objects under the names in `DESCRIBERS` are described, everything else
        is stored as a plain value. What cannot be described is stored as a shortened ``repr``.
    """
    findings = Findings()
    told = findings.told.setdefault(step, {})
    terms = {_ALIASES.get(term, term): value for term, value in terms.items()}
    if "split" in terms and not isinstance(terms["split"], (str, bool, int, float)):
        terms.update(_parts_of(terms.pop("split")))
    for term, value in terms.items():
        if term in data.PARTS:
            continue
        describer = DESCRIBERS.get(term)
        # A number or flag under a described name is what the notebook wants to say.
        if describer is None or isinstance(value, (bool, int, float)):
            told[term] = plain(value)
            continue
        try:
            describer(step, value, findings)
        except Exception:
            told[term] = shortened(value)
    for several in (_fingerprint_data, _describe_parts):
        try:
            several(terms, findings)
        except Exception as error:
            told["not_described"] = shortened(error)
    return findings


def _parts_of(split: Any) -> dict[str, Any]:
    if isinstance(split, Mapping):
        return {str(name): part for name, part in split.items()}
    names = data.PARTS if len(split) == 3 else ("training", "testing")
    return dict(zip(names, split, strict=False))


def _describe_parts(terms: Mapping[str, Any], findings: Findings) -> None:
    parts = {name: terms[name] for name in data.PARTS if name in terms}
    if not parts:
        return
    for step, values in data.describe_parts(parts).items():
        findings.add(step, values)
    for part in parts.values():
        findings.add("model_training", data.describe_loader(part))
    findings.mark("split", data.part_fingerprint(parts))


def _fingerprint_data(terms: Mapping[str, Any], findings: Findings) -> None:
    given = [terms[name] for name in ("features", "labels") if terms.get(name) is not None]
    if given:
        findings.mark("data", fingerprint(*given))


def _source(step: str, value: Any, findings: Findings) -> None:
    findings.found[step] = data.describe_source(value) | findings.found.get(step, {})


def _features(step: str, value: Any, findings: Findings) -> None:
    earlier = findings.found.get(step, {})
    # What the file was says more than what it has become in memory.
    findings.found[step] = data.describe_features(value) | earlier


def _labels(step: str, value: Any, findings: Findings) -> None:
    findings.add(step, data.describe_labels(value))


def _operations(step: str, value: Any, findings: Findings) -> None:
    operations = list_operations(value)
    findings.add(step, {"number_of_operations": len(operations), "operations": operations})


def _model(step: str, value: Any, findings: Findings) -> None:
    if step == "model_parameters":
        findings.add("model_parameters", models.describe_model(value))
        findings.add("model_parameters", describe_published(value))
        if callable(getattr(value, "state_dict", None)):
            findings.mark("initial_weights", weights_fingerprint(value))
        return
    findings.add("model_parameters", models.describe_device(value))
    if step == "model_training":
        findings.mark("weights", weights_fingerprint(value))
        torch = loaded("torch")
        if torch is not None:
            findings.add(step, {"resulting_model_seed": torch.initial_seed()})


def _resumed_from(step: str, value: Any, findings: Findings) -> None:
    findings.add(step, data.describe_checkpoint(value))


def _loss(step: str, value: Any, findings: Findings) -> None:
    findings.add("model_parameters", models.describe_loss(value))


def _optimizer(step: str, value: Any, findings: Findings) -> None:
    findings.add("model_parameters", models.describe_optimizer(value))


def _scheduler(step: str, value: Any, findings: Findings) -> None:
    findings.add(step, models.describe_scheduler(value))


def _history(step: str, value: Any, findings: Findings) -> None:
    findings.add(step, models.describe_history(value))


def _predictions(step: str, value: Any, findings: Findings) -> None:
    findings.mark("predictions", fingerprint(value))
    findings.add(step, {"number_of_predictions": len(value)})


def _metrics(step: str, value: Any, findings: Findings) -> None:
    if isinstance(value, Mapping):
        findings.add(step, {"evaluation_metrics": plain(dict(value))})
    else:
        findings.told.setdefault(step, {})["evaluation_metrics"] = plain(value)


DESCRIBERS: dict[str, Callable[[str, Any, Findings], None]] = {
    "source": _source,
    "features": _features,
    "labels": _labels,
    "operations": _operations,
    "model": _model,
    "resumed_from": _resumed_from,
    "loss_function": _loss,
    "optimizer": _optimizer,
    "scheduler": _scheduler,
    "history": _history,
    "predictions": _predictions,
    "evaluation_metrics": _metrics,
}
