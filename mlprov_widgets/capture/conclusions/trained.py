"""Which model the run is about, and what was seen of how it came to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlprov_widgets.capture.calls.roles import Roles
from mlprov_widgets.capture.descriptions.estimators import describe_text, held_by
from mlprov_widgets.capture.objects.tracking import Tracked
from mlprov_widgets.capture.observations import Observation, Observations
from mlprov_widgets.capture.observers.torch.training import Training
from mlprov_widgets.record import Value

# What only the model itself can say: of another model than the one that was trained it is false.
MODEL_FIELDS = (
    "model_name", "model_description", "activation_function", "output_activation",
    "output_neurons", "number_of_parameters", "number_of_trainable_parameters", "hyperparameters",
    "gpu_enable", "device", "pretrained", "architecture", "published", "pipeline", "estimators",
    "hyperparameter_defaults", "random_seed",
)  # fmt: skip
OPTIMIZER_FIELDS = ("optimizer", "optimizer_learning_rate", "optimizer_parameters")
LOSS_FIELDS = ("loss_function", "loss_description", "loss_parameters")
_Values = dict[str, Value]
_SIZES = ("number_of_parameters", "number_of_trainable_parameters")


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
    wrappers : list of Tracked
        Estimators in whose ``fit`` an optimizer trained it.
    """

    tracked: Tracked | None = None
    trainings: list[Training] = field(default_factory=list)
    fits: list[Observation] = field(default_factory=list)
    wrappers: list[Tracked] = field(default_factory=list)

    @property
    def executions(self) -> list[str]:
        """Executions that trained it."""
        seen = sorted(self.operations, key=lambda one: one.start)
        return list(dict.fromkeys(one.execution for one in seen))

    def holds(self, other: Tracked | None) -> bool:
        """Whether another object stands for this one: a part, a search's best, a wrapper."""
        held = self.fits[-1].held if self.fits else []
        is_held = other is not None and any(one is other.reference for one in held)
        return is_held or other in self.wrappers

    @property
    def operations(self) -> list[Observation]:
        return [*(one.seen for one in self.trainings), *self.fits]


def trained_models(observations: Observations) -> list[TrainedModel]:
    """Every model that was trained or fitted, in the order of their first training."""
    found: dict[object, TrainedModel] = {}
    for training in observations.trainings:
        if training.steps:
            tracked = training.seen.subject
            model = found.setdefault(tracked or training.model_id, TrainedModel(tracked))
            model.trainings.append(training)
    for one in observations.seen:
        tracked = one.subject
        if one.kind != "fit" or one.status != "ok" or not tracked or tracked.role != "model":
            continue
        inside = [model for model in found.values() if _trained_in(one, model)]
        if inside:
            inside[-1].wrappers.append(tracked)  # an estimator that is a network inside
        else:
            found.setdefault(tracked, TrainedModel(tracked)).fits.append(one)
    return list(found.values())


def _trained_in(fit: Observation, model: TrainedModel) -> bool:
    """Whether it was a ``fit`` in which an optimizer trained a model."""
    began = [one.seen.start for one in model.trainings if one.seen.execution == fit.execution]
    return any(fit.start <= one <= (fit.end or fit.start) for one in began)


def main_model(models: Sequence[TrainedModel], roles: Roles) -> TrainedModel | None:
    """The one that the run is about; None where that cannot be said."""
    at_training = roles.get("model", "model_training")
    wanted = at_training or roles.get("model", "model_parameters", "model_evaluation")
    told = next((one for one in models if wanted is not None and one.tracked is wanted), None)
    told = told or next((one for one in models if one.holds(wanted)), None)
    if told is not None:
        return told
    if at_training is not None and at_training.value is not None:
        return None  # it was told, and nobody saw it being trained
    return models[0] if len(models) == 1 else None


def describe_trained(model: TrainedModel, training_rows: int | None) -> tuple[_Values, _Values]:
    """The fields of ``model_parameters`` and ``model_training``, as they were in training."""
    if model.trainings:
        return _describe_trainings(model, training_rows)
    fit = model.fits[-1]
    value = model.tracked.value if model.tracked is not None else None
    parameters = {"model_name": _short(fit.name)} | fit.described.get("model_parameters", {})
    if value is not None:
        # The record is written once more when the model may be gone.
        fit.described.setdefault("model_parameters", {})["model_description"] = describe_text(value)
        parameters |= fit.described["model_parameters"]
    training = {"executions": len(model.executions)}
    return parameters, training | fit.described.get("model_training", {})


def _describe_trainings(model: TrainedModel, training_rows: int | None) -> tuple[_Values, _Values]:
    last, optimizers = model.trainings[-1], [one.optimizer_values for one in model.trainings]
    parameters = last.model_values | last.loss_values | last.optimizer_values
    kinds = {one["optimizer"]: one["optimizer_parameters"] for one in optimizers}
    if len(kinds) > 1:
        rates = [one.get("optimizer_learning_rate") for one in optimizers]
        parameters["optimizer"] = ", ".join(kinds)
        parameters["optimizer_learning_rate"] = rates
        parameters["optimizer_parameters"] = kinds
    training: _Values = {"steps": sum(one.steps for one in model.trainings)}
    seen = [one.seen.values for one in model.trainings]
    sizes = {one["batch_size"] for one in seen if "batch_size" in one}
    if len(sizes) == 1:
        training["batch_size"] = sizes.pop()
    rated = [one for one in seen if "learning_rate_first" in one]
    if rated and len(kinds) == 1:  # of several optimizers each has its own
        training["learning_rate_first"] = rated[0]["learning_rate_first"]
        training["learning_rate_last"] = rated[-1]["learning_rate_last"]
    training["executions"] = len(model.executions)
    epochs = [one.epochs(training_rows) for one in model.trainings]
    if None not in epochs:
        training["epochs"] = sum(filter(None, epochs))
    return parameters, training | last.schedule | {"random_seed": last.seed}


def differences(
    declared: _Values, model: TrainedModel, roles: Roles
) -> Iterator[tuple[str, _Values]]:
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
        if told is not None and model.tracked is not None and told is not model.tracked:
            yield _replaced("model", _with_size(declared), _short(model.tracked.type_name))
        return
    first = model.trainings[0]
    subject = first.seen.subject
    inside = told is not None and subject is not None and _holds(told.value, subject.value)
    if told is not None and subject not in (None, told) and not inside:
        yield _replaced("model", _with_size(declared), _with_size(first.model_values))
    else:
        yield from _changed("model", _SIZES, declared, first.model_values)
    optimizer = roles.get("optimizer", "model_parameters")
    before = declared.get("optimizer_parameters")
    if optimizer is not None and optimizer is not first.tracked_optimizer:
        yield _replaced("optimizer", _with_rate(declared), _with_rate(first.optimizer_values))
    elif optimizer is not None and isinstance(before, dict):
        yield from _changed("optimizer", before, before, first.seen.settings)
    loss, used = roles.get("loss_function", "model_parameters"), first.loss_values
    changed = declared.get("loss_description") != used.get("loss_description")
    if loss is not None and first.loss is not None and (loss is not first.tracked_loss or changed):
        yield _replaced("loss", _loss_of(declared), _loss_of(used))


def _holds(estimator: Any, network: Any) -> bool:
    """Whether a network is one that an estimator has made for itself when it was fitted."""
    pending = [estimator, *held_by(estimator)] if hasattr(estimator, "get_params") else []
    return any(network is value for one in pending for value in vars(one).values())


def _with_size(values: _Values) -> Value:
    name, size = values.get("model_name"), values.get("number_of_parameters")
    return f"{name} ({size:,} parameters)" if isinstance(size, int) else name


def _with_rate(values: _Values) -> Value:
    name, rate = values.get("optimizer"), values.get("optimizer_learning_rate")
    return f"{name} (lr {rate})" if rate is not None else name


def _loss_of(values: _Values) -> Value:
    return values.get("loss_description", values.get("loss_function"))


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _replaced(what: str, was: Value, now: Value) -> tuple[str, _Values]:
    return "replaced_before_training", {"what": what, "was": was, "is": now}


def _changed(
    what: str, names: Iterable[str], before: _Values, after: _Values
) -> Iterator[tuple[str, _Values]]:
    for name in names:
        if name in before and name in after and before[name] != after[name]:
            said = {"what": what, "field": name, "was": before[name], "is": after[name]}
            yield "changed_before_training", said
