"""One training: the steps of one optimizer in one execution of a cell."""

from __future__ import annotations

import weakref
from collections import Counter
from typing import Any

from mlprov_widgets.capture.clock import now
from mlprov_widgets.capture.descriptions.models import (
    describe_loss,
    describe_model,
    describe_optimizer,
    one_or_all,
)
from mlprov_widgets.capture.objects.fingerprint import fingerprint, weights_fingerprint
from mlprov_widgets.capture.objects.rows import Batches
from mlprov_widgets.capture.objects.state import HashBudget
from mlprov_widgets.capture.objects.tracking import ObjectTracker, Tracked
from mlprov_widgets.capture.observations import Observation, Observations
from mlprov_widgets.capture.values import numpy, plain, torch
from mlprov_widgets.record import Value

_MOST_WEIGHTS = 500_000_000  # bytes of a model that are hashed
_OF_SCHEDULES = {
    "lr", "initial_lr", "momentum", "betas", "base_momentum", "max_momentum", "max_lr", "min_lr",
    "swa_lr",
}  # fmt: skip
# Nodes of the autograd graph that only one loss function leaves behind.
_LOSSES = {
    f"{name.title().replace('_', '')}Backward0": name
    for name in (
        "mse_loss", "l1_loss", "huber_loss", "smooth_l1_loss", "binary_cross_entropy",
        "binary_cross_entropy_with_logits", "kl_div", "soft_margin_loss", "multi_margin_loss",
    )
}  # fmt: skip


class Training:
    """What one optimizer did in one execution.

    Parameters
    ----------
    seen : Observation
        The operation, as it goes into the record.
    optimizer, model : object
        As they are before the first step; not kept alive.
    objects : ObjectTracker
        Follows them from now on.
    """

    def __init__(
        self, seen: Observation, optimizer: Any, model: Any, objects: ObjectTracker
    ) -> None:
        self.seen = seen
        self._optimizer = weakref.ref(optimizer)
        self.optimizer_values = describe_optimizer(optimizer)
        seen.settings = self.optimizer_values["optimizer_parameters"]
        self.tracked_optimizer = objects.follow(optimizer, seen.execution, role="optimizer")
        self._model = weakref.ref(model) if model is not None else None
        self.model_id = id(model) if model is not None else 0
        self.model_values: dict[str, Value] = {}
        self.initial_weights = ""
        if model is not None:
            self.model_values = describe_model(model)
            self.initial_weights = parameters_fingerprint(model)
            seen.subject = objects.follow(model, seen.execution, role="model")
            if seen.subject is not None:
                seen.used.append(seen.subject.current)
        self.tracked_loss: Tracked | None = None
        self.steps = self.examples = 0
        self.open = False
        self.sizes: Counter[int] = Counter()
        self.first: list[Any] = []
        self.last: list[Any] = []
        self.loss: Any = None
        self.graph = ""
        self.seed: int = torch.initial_seed()
        self.weights = ""
        self.finite: bool | None = None
        self.schedule: dict[str, Value] = {}
        self.changed: dict[str, tuple[Value, Value]] = {}
        self.loss_values: dict[str, Value] = {}
        # For each data loader the passes in which its rows were learned from.
        self.passes: dict[Any, set[int]] = {}
        self.batches = Batches()
        self.hashed = 0
        # Whether it learned from more than was looked at.
        self.overlooked = False

    @property
    def optimizer(self) -> Any:
        return self._optimizer()

    @property
    def model(self) -> Any:
        return self._model() if self._model is not None else None

    def read_rates(self, optimizer: Any) -> None:
        """Note the learning rates of this step."""
        rates = [group.get("lr") for group in optimizer.param_groups]
        if rates != self.last:
            if not self.first:
                self.first = [plain(rate) for rate in rates]
            # A rate may be a tensor, which is changed in place.
            self.last = [rate if isinstance(rate, float) else plain(rate) for rate in rates]

    def add_batches(self, sizes: list[int]) -> None:
        """Note how many rows the model was given for a step."""
        self.sizes.update(sizes)
        self.examples += sum(sizes)

    def epochs(self, rows: int | None) -> int | None:
        """How often training went through its data; None where that is not known.

        Parameters
        ----------
        rows : int or None
            Size of the training part.
        """
        if self.passes:
            return max(len(numbers) for numbers in self.passes.values())
        if rows and self.examples and self.examples % rows == 0 and self._goes_through(rows):
            return self.examples // rows
        return None

    def _goes_through(self, rows: int) -> bool:
        """Whether that many rows are all of them, and none twice, as far as they were looked at."""
        if self.overlooked or not self.batches:
            return True
        every = self.batches.hashes()
        # The first batches may have gone in before anybody knew which module is the model.
        start = (len(every) - self.examples) % rows
        once = every[start : start + rows]
        return len(once) < rows or len(numpy.unique(once)) == len(numpy.unique(every))

    def changed_settings(self) -> dict[str, tuple[Value, Value]]:
        """Settings of the optimizer that are no longer what they were before the first step.

        What schedules change is left out: rates are told by themselves.
        """
        if self.optimizer is None:
            return {}
        settings = describe_optimizer(self.optimizer)["optimizer_parameters"]
        before, after = _flat(self.seen.settings), _flat(settings)
        return {
            name: (value, after[name])
            for name, value in before.items()
            if name in after and after[name] != value
            if name.rpartition(" ")[2] not in _OF_SCHEDULES
        }

    @property
    def batch_size(self) -> int | None:
        """Rows in a step; None where they differ without an order."""
        if not self.sizes:
            return None
        largest = max(self.sizes)
        # The last batch of an epoch may be smaller, and no other one is.
        others = sum(count for size, count in self.sizes.items() if size != largest)
        return largest if self.sizes[largest] >= others else None


def _flat(settings: dict[str, Value]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, value in settings.items():
        if isinstance(value, dict):
            found |= {f"{name} {key}": item for key, item in value.items()}
        else:
            found[name] = value
    return found


def parameters_fingerprint(model: Any) -> str:
    """SHA-256 over what an optimizer can change; empty where that is too much.

    Buffers are left out: batch normalization counts in the first batch before the first step.
    """
    if _size(model) > _MOST_WEIGHTS:
        return ""
    named = list(model.named_parameters())
    return fingerprint(*(item for name, one in named for item in (name, one))) or ""


def _tensors(model: Any) -> list[Any]:
    return [*model.parameters(), *model.buffers()]


def _size(model: Any) -> int:
    return sum(one.numel() * one.element_size() for one in _tensors(model))


def conclude(training: Training, observations: Observations) -> None:
    """Describe a training as it is known now: its cell has ended, or somebody changes the model."""
    seen, model, objects = training.seen, training.model, observations.objects
    seen.end = now()
    training.open = False
    training.changed = training.changed_settings()
    values: dict[str, Value] = {"steps": training.steps}
    if training.examples:
        values["examples"] = training.examples
    if training.batch_size is not None:
        values["batch_size"] = training.batch_size
    if training.first:
        values["learning_rate_first"] = one_or_all(training.first)
        values["learning_rate_last"] = one_or_all(training.last)
    if training.loss is not None:
        training.tracked_loss = objects.follow(training.loss, seen.execution, role="loss")
        training.loss_values = describe_loss(training.loss)
    elif training.graph in _LOSSES:
        training.loss_values = {"loss_function": _LOSSES[training.graph]}
    values |= training.loss_values | training.schedule
    told = ("model_name", "number_of_parameters", "number_of_trainable_parameters")
    values |= {name: training.model_values[name] for name in told if name in training.model_values}
    values["seed"] = training.seed
    if model is not None and _size(model) <= _MOST_WEIGHTS:
        training.finite = all(
            bool(one.isfinite().all()) for one in _tensors(model) if one.is_floating_point()
        )
        values["finite_weights"] = training.finite
        training.weights = weights_fingerprint(model) or ""
    seen.values = values
    if training.batches:
        rows = numpy.unique(training.batches.hashes())
        part = observations.parts.get("training")
        forms = part.forms if part is not None else []
        # Of later epochs nothing has to be known where the first ones had all rows.
        if not training.overlooked or any(bool(numpy.isin(one, rows).all()) for one in forms):
            seen.rows = rows
    if seen.subject is not None:
        version = objects.change(seen.subject, "trained", seen.execution, training.weights)
        objects.refresh(seen.subject, HashBudget())
        seen.made = [version]
