"""Which model the run is about, and what was seen of how it came to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mlprov_widgets.capture.calls.roles import Roles
from mlprov_widgets.capture.descriptions.models import describe_model, one_or_all
from mlprov_widgets.capture.objects.tracking import Tracked
from mlprov_widgets.capture.observations import Observation, Observations
from mlprov_widgets.capture.observers.torch.training import Training
from mlprov_widgets.capture.values import plain
from mlprov_widgets.record import Value

# What only the model itself can say: of another model than the one that was trained it is false.
MODEL_FIELDS = (
    "model_name", "model_description", "activation_function", "output_activation",
    "output_neurons", "number_of_parameters", "number_of_trainable_parameters", "hyperparameters",
    "gpu_enable", "device", "pretrained", "architecture", "published",
)  # fmt: skip
OPTIMIZER_FIELDS = ("optimizer", "optimizer_learning_rate", "optimizer_parameters")
LOSS_FIELDS = ("loss_function", "loss_description", "loss_parameters")
_TRAINING_FIELDS = ("steps", "batch_size", "learning_rate_first", "learning_rate_last")


@dataclass
class TrainedModel:
    """A model and all that trained it.

    Parameters
    ----------
    tracked : Tracked or None
    trainings : list of Training
        By optimizers, in the order of time.
    fits : list of Observation
        By methods called ``fit``, in the order of time.
    """

    tracked: Tracked | None = None
    trainings: list[Training] = field(default_factory=list)
    fits: list[Observation] = field(default_factory=list)

    @property
    def executions(self) -> list[str]:
        """Executions that trained it."""
        seen = sorted(self.operations, key=lambda one: one.start)
        return list(dict.fromkeys(one.execution for one in seen))

    @property
    def operations(self) -> list[Observation]:
        return [*(one.seen for one in self.trainings), *self.fits]


def trained_models(observations: Observations, trainings: Sequence[Training]) -> list[TrainedModel]:
    """Every model that was trained or fitted, in the order of their first training."""
    found: dict[object, TrainedModel] = {}
    for training in trainings:
        if training.steps:
            tracked = training.seen.subject
            model = found.setdefault(tracked or training.model_id, TrainedModel(tracked))
            model.trainings.append(training)
    for one in observations.seen:
        tracked = one.subject
        if one.kind == "fit" and one.status == "ok" and tracked and tracked.role == "model":
            found.setdefault(tracked, TrainedModel(tracked)).fits.append(one)
    return list(found.values())


def main_model(models: Sequence[TrainedModel], roles: Roles) -> TrainedModel | None:
    """The one that the run is about; None where that cannot be said."""
    at_training = roles.get("model", "model_training")
    wanted = at_training or roles.get("model", "model_parameters", "model_evaluation")
    told = next((one for one in models if wanted is not None and one.tracked is wanted), None)
    if told is not None:
        return told
    if at_training is not None and at_training.value is not None:
        return None  # it was told, and nobody saw it being trained
    return models[0] if len(models) == 1 else None


def describe_trained(model: TrainedModel, training_rows: int | None) -> dict[str, dict[str, Value]]:
    """The fields of ``model_parameters`` and ``model_training``, as they were in training."""
    if model.trainings:
        return _describe_trainings(model, training_rows)
    fit = model.fits[-1]
    value = model.tracked.value if model.tracked is not None else None
    parameters: dict[str, Any] = {"model_name": _short(fit.name)}
    if value is not None:
        parameters = describe_model(value)
    parameters["hyperparameters"] = dict(fit.settings)
    training: dict[str, Value] = {"executions": len(model.executions)}
    return {"model_parameters": parameters, "model_training": training}


def _describe_trainings(
    model: TrainedModel, training_rows: int | None
) -> dict[str, dict[str, Value]]:
    last = model.trainings[-1]
    parameters: dict[str, Any] = {**last.model_values, **last.loss_values}
    kinds = dict.fromkeys(_short(one.seen.name) for one in model.trainings)
    parameters["optimizer"] = ", ".join(kinds)
    groups: dict[str, Any] = last.seen.settings
    several: list[Any] = [one for name, one in groups.items() if name.startswith("group ")]
    rates = [_rate(one) for one in several or [groups]]
    if rates and rates[0] is not None:
        parameters["optimizer_learning_rate"] = one_or_all(rates)
    parameters["optimizer_parameters"] = dict(groups)
    if len(kinds) > 1:
        settings = [one.seen.settings for one in model.trainings]
        parameters["optimizer_learning_rate"] = [_rate(one) for one in settings]
        parameters["optimizer_parameters"] = {
            _short(one.seen.name): dict(one.seen.settings) for one in model.trainings
        }
    training: dict[str, Value] = {}
    for name in _TRAINING_FIELDS:
        given = [one.seen.values[name] for one in model.trainings if name in one.seen.values]
        if name == "batch_size" and any(one != given[0] for one in given):
            continue
        if name.startswith("learning_rate") and len(kinds) > 1:  # each has its own
            continue
        if given:
            training[name] = given[0] if name.endswith("_first") else given[-1]
    training["steps"] = sum(one.steps for one in model.trainings)
    training["executions"] = len(model.executions)
    epochs = [one.epochs(training_rows) for one in model.trainings]
    if None not in epochs:
        training["epochs"] = sum(filter(None, epochs))
    training |= last.schedule
    if last.seed is not None:
        training["random_seed"] = last.seed
    return {"model_parameters": parameters, "model_training": training}


def _rate(settings: dict[str, Value]) -> Value:
    return settings.get("initial_lr", settings.get("lr"))


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def differences(
    declared: dict[str, Value], model: TrainedModel, roles: Roles
) -> list[tuple[str, dict[str, Value]]]:
    """What is not as it was declared: codes of findings and what they say.

    Parameters
    ----------
    declared : dict
        The fields of ``model_parameters`` as the calls had them.
    model : TrainedModel
    roles : Roles
    """
    told = roles.get("model", "model_parameters")
    if not model.trainings:
        if told is None or model.tracked is None or told is model.tracked:
            return []
        return [_replaced("model", _with_size(declared), _short(model.tracked.type_name))]
    found: list[tuple[str, dict[str, Value]]] = []
    first = model.trainings[0]
    if told is not None and first.seen.subject not in (None, told):
        found.append(_replaced("model", _with_size(declared), _with_size(first.model_values)))
    else:
        for name in ("number_of_parameters", "number_of_trainable_parameters"):
            was, now = declared.get(name), first.model_values.get(name)
            if was is not None and now is not None and was != now:
                found.append(_changed("model", name, was, now))
    optimizer = roles.get("optimizer", "model_parameters")
    if optimizer is not None:
        found += _optimizer_differences(declared, optimizer, first)
    loss = roles.get("loss_function", "model_parameters")
    changed = declared.get("loss_description") != first.loss_values.get("loss_description")
    if loss is not None and first.loss is not None and (loss is not first.tracked_loss or changed):
        was = declared.get("loss_description", declared.get("loss_function"))
        now = first.loss_values.get("loss_description", first.loss_values.get("loss_function"))
        found.append(_replaced("loss", was, now))
    return found


def _optimizer_differences(
    declared: dict[str, Value], told: Tracked, first: Training
) -> list[tuple[str, dict[str, Value]]]:
    if told is not first.tracked_optimizer:
        was = _with_rate(declared.get("optimizer"), declared.get("optimizer_learning_rate"))
        now = _with_rate(_short(first.seen.name), first.seen.settings.get("lr"))
        return [_replaced("optimizer", was, now)]
    before, after = declared.get("optimizer_parameters"), first.seen.settings
    if not isinstance(before, dict) or before == after:
        return []
    return [
        _changed("optimizer", name, was, after[name])
        for name, was in before.items()
        if name in after and was != after[name]
    ]


def _with_size(values: dict[str, Value]) -> Value:
    name, size = values.get("model_name"), values.get("number_of_parameters")
    return f"{name} ({size:,} parameters)" if isinstance(size, int) else name


def _with_rate(name: Value, rate: Value) -> Value:
    return f"{name} (lr {rate})" if rate is not None else name


def _replaced(what: str, was: Value, now: Value) -> tuple[str, dict[str, Value]]:
    return "replaced_before_training", {"what": what, "was": plain(was), "is": plain(now)}


def _changed(what: str, name: str, was: Value, now: Value) -> tuple[str, dict[str, Value]]:
    return "changed_before_training", {"what": what, "field": name, "was": was, "is": now}
