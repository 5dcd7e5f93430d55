"""Watches PyTorch: which optimizer made how many steps, on which model, with which rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from mlprov_widgets.capture.descriptions.models import describe_scheduler
from mlprov_widgets.capture.observations import Observations
from mlprov_widgets.capture.observer import Observer, guarded
from mlprov_widgets.capture.observers.torch.inputs import Inputs
from mlprov_widgets.capture.observers.torch.models import is_at_step, model_of
from mlprov_widgets.capture.observers.torch.training import (
    Training,
    conclude,
    parameters_fingerprint,
)
from mlprov_widgets.capture.values import loaded, qualified_name, torch
from mlprov_widgets.record import Value


class TorchObserver(Observer):
    """One run's view of PyTorch."""

    trains = True

    def __init__(self, observations: Observations) -> None:
        super().__init__(observations)
        # Models whose weights were loaded before anything trained them.
        self._loaded_before: WeakSet[Any] = WeakSet()
        # In the order in which they came to be known.
        self._models: WeakKeyDictionary[Any, None] = WeakKeyDictionary()
        # Parts of models that are watched as a whole, and what other modules were given since a
        # step: the first batch goes in before it is known which module is the model.
        self._inner: WeakSet[Any] = WeakSet()
        self._recent: WeakKeyDictionary[Any, list[int]] = WeakKeyDictionary()
        self._losses: WeakSet[Any] = WeakSet()
        self._last_loss: Any = None
        self._last_graph = ""
        self._schedules: WeakKeyDictionary[Any, dict[str, Value]] = WeakKeyDictionary()
        # How many outputs each model gave for a row, also of one that is gone by the end of a cell.
        self._outputs: dict[int, int] = {}
        # How many modules are at work, one inside of the other, and optimizers likewise.
        self._at_work = 0
        self._stepping: list[Any] = []
        self._inputs = Inputs(observations)

    # -- what calls name ----------------------------------------------------------------------

    def read_terms(self, step: str, terms: Mapping[str, Any]) -> dict[str, Value]:
        """Watch the model and the loss that a call names."""
        model, loss = terms.get("model"), terms.get("loss_function")
        if callable(getattr(model, "modules", None)):
            guarded(self.watch_model)(model)
        if callable(getattr(loss, "modules", None)):
            # Whatever its class is.
            guarded(self._losses.add)(loss)
        if step != "model_parameters":
            return {}
        if callable(getattr(model, "named_parameters", None)):
            self.observations.declared = parameters_fingerprint(model)
        return {"pretrained": True} if self.was_loaded(model) else {}

    def watch_model(self, value: Any) -> None:
        """Watch what goes into a model from now on."""
        if value not in self._models:
            # What was known under its id was of an object that is gone.
            self._outputs.pop(id(value), None)
            self._models[value] = None
            self._inner |= {*value.modules()} - {*self._models}
            self._inner.discard(value)

    def was_loaded(self, value: Any) -> bool:
        """Whether a model, or one that it begins with, had its weights from elsewhere."""
        inside = [value, *value.children()] if callable(getattr(value, "children", None)) else []
        return any(one in self._loaded_before for one in inside)

    # -- starting ----------------------------------------------------------------

    def start(self) -> None:
        """Begin to watch, once PyTorch has been imported in full."""
        if self.undo or not hasattr(torch, "optim"):
            return
        optimizers: Any = loaded("torch.optim.optimizer")
        modules = torch.nn.modules.module
        handles = [
            optimizers.register_optimizer_step_pre_hook(self._before_step),
            optimizers.register_optimizer_step_post_hook(self._after_step),
            modules.register_module_forward_pre_hook(self._forward),
            modules.register_module_forward_hook(self._answered, always_call=True),
        ]
        self.undo += [handle.remove for handle in handles]
        self.wrap(loaded("torch"), "save", self._file_saved)
        self.wrap(torch.Tensor, "backward", self._backward)
        self.wrap(torch.nn.Module, "load_state_dict", self._loading, self._loaded)
        schedules = torch.optim.lr_scheduler
        # The second one does not call what the first one does.
        for kind in (schedules.LRScheduler, schedules.ReduceLROnPlateau):
            self.wrap(kind, "__init__", after=self._scheduled)
        loader: Any = loaded("torch.utils.data.dataloader")
        if loader is not None:
            iterator = loader._BaseDataLoaderIter
            self.wrap(iterator, "__init__", after=self._inputs.pass_began)
            self.wrap(iterator, "__next__", after=self._inputs.batch_handed)

    # -- events -------------------------------------------------------------------------------

    def _file_saved(self, *args: Any, **kwargs: Any) -> None:
        self.observations.has_saved = True

    def _backward(self, tensor: Any, *args: Any, **kwargs: Any) -> None:
        node = tensor.grad_fn
        if node is not None:
            self._last_graph = node.name()

    def _scheduled(
        self, result: Any, scheduler: Any, optimizer: Any, *args: Any, **kwargs: Any
    ) -> None:
        self._schedules[optimizer] = describe_scheduler(scheduler)

    @guarded
    def _before_step(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        # One that wraps another one lets it do its steps. Of a step that raised, no end is told.
        if self._stepping and not is_at_step(self._stepping[0]):
            self._stepping.clear()
        self._stepping.append(optimizer)
        if len(self._stepping) > 1:
            return
        training = self._by(optimizer)
        if training is None or training.seen.execution != self.observations.execution():
            training = self._begin(optimizer, training)
        training.read_rates(optimizer)

    @guarded
    def _after_step(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        if self._stepping:
            self._stepping.pop()
        training = self._by(optimizer)
        if self._stepping or training is None:
            return
        self._recent.clear()
        training.steps += 1
        training.open = True
        self._inputs.stepped(training)
        if training.loss is None:
            training.loss = self._last_loss
            training.graph = self._last_graph

    def _by(self, optimizer: Any) -> Training | None:
        """The last training by an optimizer."""
        trainings = reversed(self.observations.trainings)
        found = (one for one in trainings if one.optimizer is optimizer)
        return next(found, None)

    def _begin(self, optimizer: Any, earlier: Training | None) -> Training:
        model = earlier.model if earlier is not None else None
        if model is None:
            model = model_of(optimizer, self._models)
        seen = self.observations.add("train", qualified_name(type(optimizer)))
        training = Training(seen, optimizer, model, self.observations.objects)
        self.observations.trainings.append(training)
        if model is not None:
            if self.was_loaded(model):
                training.model_values["pretrained"] = True
            if model not in self._models:
                training.add_batches(self._recent.get(model, []))
            self.watch_model(model)
        self._recent.clear()
        # A loss that served another model says nothing about this one.
        self._inputs.began(training)
        return training

    @guarded
    def _forward(self, module: Any, args: Any) -> None:
        self._at_work += 1
        # First what a model calls by the dozen in each step.
        if module in self._inner and (self._at_work > 1 or not self._is_used(module)):
            return
        if self._at_work == 1 and module not in self._models and self._is_used(module):
            self.watch_model(module)
        if module in self._models:
            self._entered(module, args)
        elif self._is_loss(module):
            if torch.is_grad_enabled():
                self._last_loss = module
        elif module.training:
            value = _first_tensor(args)
            if value is not None and value.dim():
                self._recent.setdefault(module, []).append(len(value))

    def _is_loss(self, module: Any) -> bool:
        return module in self._losses or isinstance(module, torch.nn.modules.loss._Loss)

    def _is_used(self, module: Any) -> bool:
        """Whether a module that nobody has named is used as a model."""
        return (
            not torch.is_grad_enabled()
            and not self._is_loss(module)
            and next(module.parameters(), None) is not None
        )

    @guarded
    def _answered(self, module: Any, args: Any, output: Any) -> None:
        self._at_work = max(0, self._at_work - 1)
        if module in self._models:
            self._inputs.answered(module, output)
            shape: Any = getattr(output, "shape", ())
            if len(shape) == 2:
                self._outputs[id(module)] = int(shape[1])

    def _entered(self, module: Any, args: Any) -> None:
        value = _first_tensor(args)
        if value is None or not value.dim():
            return
        if torch.is_grad_enabled() and (module.training or _is_frozen(module)):
            self._inputs.trained(module, value)
        else:
            self._inputs.predicted(module, value)

    def _loading(self, module: Any, *args: Any, **kwargs: Any) -> None:
        """Weights are about to be replaced: a training that is over is known as it is now."""
        execution = self.observations.execution()
        for training in self.observations.trainings_of(module):
            if training.open and training.seen.execution != execution:
                conclude(training, self.observations)

    def _loaded(self, result: Any, module: Any, *args: Any, **kwargs: Any) -> None:
        objects, execution = self.observations.objects, self.observations.execution()
        trainings = self.observations.trainings_of(module)
        tracked = objects.find(module)
        if not trainings:
            self._loaded_before.add(module)
        # Weights of an earlier epoch, as early stopping restores them, are of the same training.
        within = bool(trainings) and trainings[-1].seen.execution == execution
        if tracked is not None and not within:
            objects.change(tracked, "loaded", execution)

    # -- what is known when a cell has ended ---------------------------------------------------

    def cell_ended(self) -> None:
        """Conclude the trainings of a cell, and list what its models were given afterwards."""
        self._stepping.clear()
        self._at_work = 0
        self._recent.clear()
        self._inner = WeakSet(part for one in [*self._models] for part in one.modules())
        self._inner -= {*self._models}
        for training in self.observations.trainings:
            if training.open:
                if training.optimizer in self._schedules:
                    training.schedule = self._schedules[training.optimizer]
                if training.model_id in self._outputs:
                    outputs = self._outputs[training.model_id]
                    training.model_values.setdefault("output_neurons", outputs)
                conclude(training, self.observations)
        self._inputs.cell_ended()


def _is_frozen(module: Any) -> bool:
    """Whether part of a model is kept as it is, which is trained in the mode for evaluation."""
    learns = [parameter.requires_grad for parameter in module.parameters()]
    return any(learns) and not all(learns)


def _first_tensor(args: Any) -> Any:
    for value in args:
        if isinstance(value, torch.Tensor):
            return value
        if isinstance(value, (list, tuple)) and value and isinstance(value[0], torch.Tensor):
            return value[0]
        if isinstance(value, dict):
            return next((one for one in value.values() if isinstance(one, torch.Tensor)), None)
    return None
