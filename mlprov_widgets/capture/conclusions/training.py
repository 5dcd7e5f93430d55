"""What is known of how a model was trained; of several models, which ones there were."""

from __future__ import annotations

import math

from mlprov_widgets.capture.calls.contributions import TOLD
from mlprov_widgets.capture.conclusions.evidence import Evidence, metric_name
from mlprov_widgets.capture.conclusions.trained import (
    LOSS_FIELDS,
    MODEL_FIELDS,
    OPTIMIZER_FIELDS,
    TrainedModel,
    describe_trained,
    differences,
)
from mlprov_widgets.capture.observations import Observation
from mlprov_widgets.capture.values import is_a
from mlprov_widgets.record import Value
from mlprov_widgets.record.fields import CROSS_VALIDATED
from mlprov_widgets.record.results import counter_of

_MOST_MODELS = 50


def conclude_training(evidence: Evidence) -> None:
    """Complete the steps of the model and of its training."""
    model, told = evidence.model, evidence.of("model_training")
    if model is not None:
        _nothing_left(evidence, model)
        _initial_weights(evidence, model)
        _training(evidence, model)
    elif evidence.models:
        _several(evidence)
    elif "resumed_after_epoch" in told:
        epochs = told["resumed_after_epoch"]
        evidence.find("nothing_left_to_train", "model_training", epochs=epochs)
    elif evidence.observations.is_training_watched and not _cross_validation(evidence):
        _no_training(evidence)
    told = evidence.of("model_training")
    if "epochs" not in told and "epochs_run" in told:
        evidence.set("model_training", {"epochs": told["epochs_run"]}, TOLD)


def _nothing_left(evidence: Evidence, model: TrainedModel) -> None:
    """Say so where the training cell ran once more, and had no epoch left."""
    told = evidence.of("model_training")
    epochs = told.get("resumed_after_epoch")
    executions = evidence.step("model_training").executions
    again = [one for one in executions if one not in model.executions]
    # A history that is no longer than what was there before.
    if again and epochs is not None and told.get("epochs_run") == epochs:
        evidence.find(
            "nothing_left_to_train", "model_training", again[0], kind="note", epochs=epochs
        )


def _training(evidence: Evidence, model: TrainedModel) -> None:
    as_declared = evidence.contributions.declared("model_parameters")
    for code, said in differences(as_declared, model, evidence.roles):
        evidence.find(code, "model_training", model.executions[0], **said)
    parameters, training = describe_trained(model, _training_rows(evidence, model))
    if not model.trainings:
        evidence.drop("model_parameters", (*MODEL_FIELDS, *OPTIMIZER_FIELDS, *LOSS_FIELDS))
        evidence.drop("model_training", ("batch_size", "epochs"))
        if not _draws_by_seed(parameters):
            evidence.drop("model_training", ("random_seed",))
        if not evidence.of("model_training").get("history"):
            evidence.drop("model_training", ("history", "epochs_run"))
    elif model.trainings[-1].loss_values or _is_watched_loss(evidence):
        evidence.drop("model_parameters", LOSS_FIELDS)
    else:
        for name in LOSS_FIELDS:
            if name in evidence.of("model_parameters"):
                evidence.step("model_parameters").known[name] = TOLD
    maker = evidence.roles.get("model", "model_parameters")
    if maker is not None and model.trainings and model.trainings[0].seen.subject is not maker:
        # What was told has made the network for itself, and is not inside of it.
        evidence.drop("model_parameters", ("estimators", "pipeline"))
    evidence.set("model_parameters", parameters)
    if "resumed_from" in evidence.of("model_training") and "pretrained" in as_declared:
        # What was loaded to go on from are the run's own weights.
        evidence.set("model_parameters", {"pretrained": as_declared["pretrained"]})
    evidence.set("model_training", training)
    evidence.add_executions("model_training", model.executions)
    told = evidence.of("model_training")
    if told.get("epochs_run", 0) < told.get("epochs", len(model.executions) - 1):
        # What was told is the history of only some of it.
        evidence.drop("model_training", ("epochs_run",))
    if len(model.executions) > 1:
        said = {name: training[name] for name in ("epochs", "steps") if name in training}
        evidence.find(
            "trained_in_several_executions", "model_training", model.executions[-1],
            executions=len(model.executions), **said,
        )  # fmt: skip
    for one in model.trainings:
        for name, (was, now) in one.changed.items():
            evidence.find(
                "changed_during_training", "model_training", one.seen.execution,
                what="optimizer", field=name, was=was, **{"is": now},
            )  # fmt: skip
    _rows_trained_on(evidence, model)
    _divergence(evidence, model)


def _draws_by_seed(parameters: dict[str, Value]) -> bool:
    """Whether an estimator takes its random numbers from what the run has seeded."""
    found = parameters.get("hyperparameters")
    items = found.items() if isinstance(found, dict) else ()
    return any(value is None and name.split("__")[-1] == "random_state" for name, value in items)


def _rows_trained_on(evidence: Evidence, model: TrainedModel) -> None:
    """Say so where training was given other rows than those of the training part."""
    prepared = evidence.roles.get("training", "data_preparation") is not None
    for one in model.operations:
        if one.rows is None or "training" not in evidence.observations.parts:
            continue
        counts = evidence.parts_of(one) or {}
        if "validation" in counts and evidence.covers(one, "validation"):
            evidence.find(
                "trained_on_validation", "model_training", one.execution,
                rows=evidence.observations.parts["validation"].size,
            )  # fmt: skip
        given = evidence.membership.count(one.rows)
        # Of what a loader hands out, every image may have been turned.
        loaders = any(each.passes for each in model.trainings)
        if prepared and not loaders and set(given) == {"other"}:
            evidence.find("trained_on_other_rows", "model_training", one.execution)


def _training_rows(evidence: Evidence, model: TrainedModel) -> int | None:
    """How many rows an epoch has; None where that is not known."""
    part = evidence.observations.parts.get("training")
    size = part.size if part is not None else None
    sizes = set()
    for one in model.trainings:
        counts = evidence.parts_of(one.seen)
        if not counts or "other" in counts:
            return size
        # Equal rows were counted once, in the part as in the training.
        whole = set(counts) == {"training"} and evidence.covers(one.seen, "training")
        sizes.add(size if whole else len(one.seen.rows))
    return sizes.pop() if len(sizes) == 1 else None


def _is_watched_loss(evidence: Evidence) -> bool:
    """Whether the loss that was told is of a kind that would have been seen in training."""
    told = evidence.roles.get("loss_function", "model_training", "model_parameters")
    return told is not None and is_a(told.value, "torch.nn.modules.loss._Loss")


def _initial_weights(evidence: Evidence, model: TrainedModel) -> None:
    if not model.trainings or "resumed_from" in evidence.of("model_training"):
        return
    first, told = model.trainings[0], evidence.roles.get("model", "model_parameters")
    declared = evidence.observations.declared
    same = told is not None and told is first.seen.subject
    if same and declared and first.initial_weights and declared != first.initial_weights:
        evidence.find("initial_weights_differ", "model_training", first.seen.execution)


def _divergence(evidence: Evidence, model: TrainedModel) -> None:
    if any(one.finite is False for one in model.trainings):
        evidence.find("diverged", "model_training", model.executions[-1], what="weights")
        return
    history = evidence.of("model_training").get("history")
    for place, row in enumerate(history if isinstance(history, list) else (), 1):
        losses = [
            value
            for name, value in (row.items() if isinstance(row, dict) else ())
            if "loss" in str(name) and isinstance(value, float)
        ]
        if not all(map(math.isfinite, losses)):
            evidence.find(
                "diverged", "model_training", model.executions[-1],
                what="loss", since=row.get(counter_of(history), place),
            )  # fmt: skip
            return


def _several(evidence: Evidence) -> None:
    names = []
    for one in evidence.models[:_MOST_MODELS]:
        found, _ = describe_trained(one, None)
        names.append(_told_of_several(found, _metrics_of(evidence, one)))
        evidence.add_executions("model_training", one.executions)
    evidence.drop("model_parameters", (*MODEL_FIELDS, *OPTIMIZER_FIELDS, *LOSS_FIELDS))
    evidence.set("model_training", {"models": names, "number_of_models": len(evidence.models)})


def _told_of_several(found: dict[str, Value], metrics: dict[str, Value]) -> dict[str, Value]:
    """What is told of each model where there are several."""
    kept = (
        *("model_name", "pipeline", "hyperparameters", "hyperparameter_defaults"),
        *("optimizer", "optimizer_learning_rate"),
    )
    told = {name: found[name] for name in kept if name in found}
    return told | ({"metrics": metrics} if metrics else {})


def _metrics_of(evidence: Evidence, model: TrainedModel) -> dict[str, Value]:
    """What was computed of a model's answers, or by its own ``score``: the last of a name."""
    answers = {
        id(version)
        for one in evidence.seen("predict")
        if one.subject is model.tracked
        for version in one.made
    }
    return {
        metric_name(one): value
        for one, value in evidence.computed
        if one.subject is model.tracked or any(id(version) in answers for version in one.used)
    }


def _changed_models(evidence: Evidence) -> list[str]:
    """Names of models that no optimizer and no ``fit`` has changed, and that are changed."""
    return [
        next(iter(one.names))
        for one in evidence.observations.objects.all
        if one.kind in ("module", "estimator")
        and one.names
        and any(version.change == "changed" for version in one.versions)
    ]


def _cross_validation(evidence: Evidence) -> bool:
    """Tell the estimators whose clones were trained, where nothing else was."""
    found = {one.subject: one for one in evidence.seen("evaluate") if one.described}
    if not found:
        return False
    described = [one.described["model_parameters"] for one in found.values()]
    if len(found) == 1:
        evidence.set("model_parameters", described[0])
    else:
        metrics = [_scores_of(one) for one in found.values()]
        models = [_told_of_several(*one) for one in zip(described, metrics, strict=True)]
        told = {"models": models[:_MOST_MODELS], "number_of_models": len(models)}
        evidence.set("model_training", told)
    cross_validated = [one for one in evidence.seen("evaluate") if one.described]
    executions = list(dict.fromkeys(one.execution for one in cross_validated))
    evidence.set("model_training", {"executions": len(executions)})
    evidence.add_executions("model_training", executions)
    return True


def _scores_of(one: Observation) -> dict[str, Value]:
    scores = one.values.get("scores", {})
    return {f"{CROSS_VALIDATED}{name}": values for name, values in scores.items()}


def _no_training(evidence: Evidence) -> None:
    about_one = {"model_parameters", "model_training"} & evidence.contributions.called
    if not about_one and evidence.seen("fit"):
        return  # a decomposition, say: it is all that there was to fit
    changed, kind = _changed_models(evidence), "warning" if about_one else "note"
    said: dict[str, Value] = {"changed": [*changed]} if changed else {}
    evidence.find("no_training_seen", "model_training", kind=kind, **said)
    digests = evidence.contributions.fingerprints()
    if digests.get("weights", "") != digests.get("initial_weights", ""):
        # Something did train it, and it was no optimizer.
        evidence.drop("model_parameters", OPTIMIZER_FIELDS)
    # What was declared, and never seen in use, is no more than told.
    for step in ("model_parameters", "model_training"):
        known = evidence.step(step).known
        known.update(dict.fromkeys(known, TOLD))
