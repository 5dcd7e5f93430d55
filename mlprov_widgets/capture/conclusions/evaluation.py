"""What is known of how the model was measured: with which metrics, on which rows."""

from __future__ import annotations

import math
from typing import Any

from mlprov_widgets.capture.conclusions.evidence import Evidence, metric_name
from mlprov_widgets.capture.objects.tracking import Tracked
from mlprov_widgets.capture.observations import Observation
from mlprov_widgets.record import PARTS, Value
from mlprov_widgets.record.fields import CROSS_VALIDATED


def conclude_evaluation(evidence: Evidence) -> None:
    """Tell what was measured, and whether the model was the one that was trained."""
    if "evaluation_metrics" not in evidence.of("model_evaluation"):
        _seen_metrics(evidence)
    if "evaluation_metrics" not in evidence.of("model_evaluation"):
        return
    parts = _measured_on(evidence)
    if parts:
        evidence.set("model_evaluation", {"measured_on": ", ".join(parts)})
        if parts != ["testing"] and "testing" in evidence.observations.parts:
            evidence.find("measured_on", "model_evaluation", parts=", ".join(parts))
    _compare_metrics(evidence)


def _seen_metrics(evidence: Evidence) -> None:
    """Metrics that were computed, where nobody told any: the last of each name."""
    # Of several models it is not said here whose metrics these are: operations say it.
    computed = evidence.computed if len(evidence.models) <= 1 else []
    metrics: dict[str, Value] = {metric_name(one): value for one, value in computed}
    validated = [one for one in evidence.seen("evaluate") if "scores" in one.values]
    if len({one.subject for one in validated} | {one.tracked for one in evidence.models}) > 1:
        validated = []
    for one in validated:
        metrics |= {f"{CROSS_VALIDATED}{name}": each for name, each in one.values["scores"].items()}
    if metrics:
        seen = [*(one for one, _ in computed), *validated]
        evidence.set("model_evaluation", {"evaluation_metrics": metrics}, seen=seen)


def _measured_on(evidence: Evidence) -> list[str]:
    told = evidence.roles.get("features", "model_evaluation")
    chosen = _predictions_measured(evidence)
    evidence.measured = chosen
    _compare_models(evidence, chosen)
    _compare_predictions(evidence, chosen)
    found: set[str] = set()
    for one in chosen:
        parts = evidence.parts_of(one)
        if parts is None:
            return []
        found.update(parts)
    if not found:
        split = evidence.observations.parts
        found = {name for name, part in split.items() if told in part.objects}
    return [name for name in (*PARTS, "other") if name in found]


def _predictions_measured(evidence: Evidence) -> list[Observation]:
    """The predictions that the metrics are of; none where that is not known."""
    number = evidence.of("model_evaluation").get("number_of_predictions")
    executions = set(evidence.step("model_evaluation").executions)
    predictions = evidence.roles.get("predictions", "model_evaluation")
    if predictions is not None:
        executions.add(predictions.current.execution)
    seen = [one for one in evidence.seen("predict") if one.subject]
    if isinstance(number, int):
        seen = [one for one in seen if one.values.get("rows") == number]
    training = set(evidence.model.executions) if evidence.model is not None else set()
    inside = [one for one in seen if one.execution in executions]
    outside = [one for one in seen if one.execution not in training]
    found = inside or outside or ([] if predictions is not None else seen)
    subjects = _subjects(evidence)
    found = [one for one in found if one.subject in subjects] or (inside if subjects else [])
    # Where a model is trained, it is measured all the time: the last time counts.
    return found[-1:] if found and found[-1].execution in training else found


def _subjects(evidence: Evidence) -> list[Tracked]:
    """The models that the metrics may be of: as it was told, and the one that was trained."""
    told = evidence.roles.get("model", "model_evaluation")
    model = evidence.model
    trained = [] if model is None else [one for one in evidence.estimators if model.holds(one)]
    trained = trained if model is None or model.tracked is None else [model.tracked, *trained]
    return [*([] if told is None else [told]), *trained]


def _compare_models(evidence: Evidence, chosen: list[Observation]) -> None:
    """Say so where another model was measured than the one that was trained."""
    model = evidence.model
    subjects = [one.subject for one in chosen] or _subjects(evidence)[:1]
    if model is None or model.tracked is None or not subjects:
        return
    if not any(one is model.tracked or model.holds(one) for one in subjects):
        evidence.find("changed_after_training", "model_evaluation", what="model")


def _compare_metrics(evidence: Evidence) -> None:
    """Hold the metrics that were told against those that scikit-learn was seen to compute."""
    told = evidence.of("model_evaluation").get("evaluation_metrics")
    executions = {one.execution for one in evidence.measured}
    executions.update(evidence.step("model_evaluation").executions)
    computed: dict[str, list[float]] = {}
    for one, value in evidence.computed:
        known = computed.setdefault(metric_name(one), [])
        known.append(value if one.execution in executions else math.nan)
    for name, said in told.items() if isinstance(told, dict) else ():
        # Of several values nobody has said which one it is, or whether it is their mean.
        values = computed.get(name, [])
        if (
            isinstance(said, int | float)
            and len(values) == 1
            and math.isfinite(said)
            and math.isfinite(values[0])
            and not _is_rounded(said, values[0])
        ):
            evidence.find(
                "metric_differs", "model_evaluation", metric=name, told=said, computed=values[0]
            )


def _compare_predictions(evidence: Evidence, chosen: list[Observation]) -> None:
    """Hold the predictions that were told against what the model answered."""
    told = evidence.roles.predictions
    answered = [one for one in chosen if one.answers is not None]
    same_length = [one for one in answered if told is not None and len(one.answers) == len(told)]
    if told is None or not same_length or len(answered) != len(chosen):
        return
    differ = min(int((one.answers != told).sum()) for one in same_length)
    if differ and not any(_is_by_threshold(told, one.sureness) for one in same_length):
        evidence.find("predictions_overwritten", "model_evaluation", rows=differ, of=len(told))


def _is_by_threshold(told: Any, sureness: Any) -> bool:
    """Whether predictions follow from the output for the second of two classes, by a threshold."""
    if sureness is None:
        return False
    first, second = sureness[told == 0], sureness[told == 1]
    some = min(len(first), len(second)) > 0 and len(first) + len(second) == len(told)
    return some and bool(first.max() < second.min())


def _is_rounded(told: float, computed: float) -> bool:
    """Whether a number is another one as people write it: rounded, or as a percentage."""
    return any(
        math.isclose(told, round(scale * computed, digits), rel_tol=1e-6, abs_tol=1e-12)
        for scale, fewest in ((1, 2), (100, 0))
        for digits in (*range(fewest, 7), 15)
    )
