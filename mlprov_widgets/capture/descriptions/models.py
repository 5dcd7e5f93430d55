"""What the model, the loss and the optimizer really are, read from the live objects."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from mlprov_widgets.capture.descriptions.estimators import describe_estimator, describe_text
from mlprov_widgets.capture.descriptions.published import describe_published
from mlprov_widgets.capture.values import is_a, plain, qualified_name, text
from mlprov_widgets.record import Value
from mlprov_widgets.record.results import counter_of

# Activations that a module may call as a function instead of holding them as a layer.
_FUNCTIONS = {
    name.lower(): name
    for name in (
        "ReLU", "GELU", "ELU", "SELU", "SiLU", "Mish", "CELU", "Tanh", "Sigmoid", "LogSigmoid",
        "Softplus", "Softmax", "Hardswish", "ReLU6",
    )
} | {"leaky_relu": "LeakyReLU", "log_softmax": "LogSoftmax"}  # fmt: skip


# Layers that have activations inside.
_WITH_OWN = ("torch.nn.modules.rnn", "torch.nn.modules.transformer", "torch.nn.modules.adaptive")

_ABSENT = object()

# What a group of parameters holds beside its settings.
_NO_SETTINGS = {"params", "param_names"}


def describe_model(model: Any) -> dict[str, Value]:
    """The fields of ``model_parameters`` that a model itself can tell."""
    if not is_a(model, "torch.nn.Module"):
        return describe_estimator(model) | {"model_description": describe_text(model)}
    values: dict[str, Value] = {
        "model_name": type(model).__name__,
        "model_description": text(str(model)),
    }
    values |= {"pretrained": False} | _describe_module(model) | describe_device(model)
    return values | describe_published(model)


def describe_device(model: Any) -> dict[str, Value]:
    """Where the weights really are: ``gpu_enable`` and ``device``."""
    parameters = getattr(model, "parameters", None)
    if not callable(parameters):
        return {}
    devices = {str(parameter.device) for parameter in parameters()} or {"cpu"}
    on_gpu = any(device.partition(":")[0] not in ("cpu", "meta") for device in devices)
    return {"gpu_enable": on_gpu, "device": ", ".join(sorted(devices))}


def _describe_module(model: Any) -> dict[str, Value]:
    modules = list(model.modules())
    activations = [name for module in modules for name in _activations(module)]
    weights = list(model.parameters())
    values: dict[str, Value] = {
        "number_of_parameters": sum(one.numel() for one in weights),
        "number_of_trainable_parameters": sum(one.numel() for one in weights if one.requires_grad),
    }
    is_chain = all(_is_known(module) for module in modules)
    if activations:
        values["activation_function"] = ", ".join(dict.fromkeys(activations))
    elif is_chain and not any(type(module).__module__ in _WITH_OWN for module in modules):
        values["activation_function"] = "none"
    if is_chain:
        values["output_activation"] = _output_activation(modules)
    # Any other forward() is free to use its last layer first.
    if is_chain or type(model).__module__.startswith("torchvision.models."):
        outputs = [one for one in map(_outputs_of_layer, modules) if one is not None]
        if outputs:
            values["output_neurons"] = outputs[-1]
    return values


def _outputs_of_layer(module: Any) -> int | None:
    outputs = getattr(module, "out_features", None) or getattr(module, "out_channels", None)
    return outputs if isinstance(outputs, int) else None


def _is_leaf(module: Any) -> bool:
    return next(module.children(), None) is None


def _is_known(module: Any) -> bool:
    """Whether a module is PyTorch's own layer or chain of layers: any other forward() is free."""
    is_chain = type(module).__name__ == "Sequential" or _is_leaf(module)
    return is_chain and type(module).__module__.startswith("torch.nn.")


def _is_activation(module: Any) -> bool:
    return type(module).__module__ == "torch.nn.modules.activation" and _is_leaf(module)


def _activations(module: Any) -> Iterable[str]:
    if _is_activation(module):
        return [type(module).__name__]
    if type(module).__module__.startswith("torch.nn."):
        called = getattr(getattr(module, "activation", None), "__name__", "")
        return [_FUNCTIONS[called]] if called in _FUNCTIONS else []
    # The names that its methods look up: functional activations leave no module behind.
    own = (one for one in type(module).__mro__ if not one.__module__.startswith("torch."))
    codes = (getattr(one, "__code__", None) for kind in own for one in vars(kind).values())
    names = (name for code in codes for name in getattr(code, "co_names", ()))
    return [_FUNCTIONS[name] for name in names if name in _FUNCTIONS]


def _output_activation(modules: list[Any]) -> str:
    """The activation after a chain's last layer with weights; several are joined."""
    tail: list[str] = []
    for module in reversed(list(filter(_is_leaf, modules))):
        if _is_activation(module):
            tail.append(type(module).__name__)
        elif next(module.parameters(recurse=False), None) is not None:
            break
    return ", ".join(reversed(tail)) or "none"


def describe_loss(loss: Any) -> dict[str, Value]:
    """``loss_function`` by name, and its settings where it is a module."""
    if isinstance(loss, type) or hasattr(loss, "__qualname__"):
        return {"loss_function": getattr(loss, "__name__", qualified_name(loss))}
    settings = _settings_of(loss)
    shown = ", ".join(f"{name}={value}" for name, value in settings.items())
    values: dict[str, Value] = {
        "loss_function": type(loss).__name__,
        # PyTorch itself leaves out most of them.
        "loss_description": text(f"{type(loss).__name__}({shown})", 1000),
    }
    return {**values, "loss_parameters": settings} if settings else values


def _settings_of(module: Any) -> dict[str, Value]:
    """Arguments of a module that are not what they are by default, as far as it keeps them."""
    found: dict[str, Value] = {}
    try:
        parameters = inspect.signature(type(module)).parameters.values()
    except (TypeError, ValueError):
        return found
    for parameter in parameters:
        value = getattr(module, parameter.name, parameter.default)
        if value is parameter.default or callable(value):
            continue
        told = plain(value)
        if told != plain(parameter.default):
            found[parameter.name] = told
    return found


def describe_optimizer(optimizer: Any) -> dict[str, Value]:
    """``optimizer`` by name, ``optimizer_learning_rate`` before any schedule, all settings.

    Those of several groups of parameters are told by group.
    """
    values: dict[str, Value] = {"optimizer": type(optimizer).__name__}
    # Of the groups, not the defaults: these are what counts.
    groups = [
        {name: plain(item) for name, item in group.items() if name not in _NO_SETTINGS}
        for group in getattr(optimizer, "param_groups", None) or []
    ]
    rates = [group.get("initial_lr", group.get("lr")) for group in groups]
    if rates and rates[0] is not None:
        values["optimizer_learning_rate"] = one_or_all(rates)
    if groups:
        several = {f"group {number}": group for number, group in enumerate(groups, 1)}
        values["optimizer_parameters"] = groups[0] if len(groups) == 1 else several
    return values


def one_or_all(values: Sequence[Any]) -> Value:
    """The value that all of these are, else all of them; there is at least one."""
    found = [plain(one) for one in values]
    return found[0] if all(one == found[0] for one in found) else found


def describe_scheduler(scheduler: Any) -> dict[str, Value]:
    """``lr_scheduler`` by name, with its plain settings."""
    if scheduler is None:
        return {"lr_scheduler": "none"}
    settings = {
        name: plain(value)
        for name, value in vars(scheduler).items()
        if not name.startswith("_") and isinstance(value, (bool, int, float, str, list, tuple))
    }
    return {"lr_scheduler": type(scheduler).__name__, "lr_scheduler_parameters": settings}


def describe_history(history: Any) -> dict[str, Value]:
    """``history`` as one dict an epoch, fold or trial, and how many of them there really were."""
    if callable(getattr(history, "to_dict", None)):  # a data frame
        history = history.to_dict("list")
    if isinstance(history, Mapping):
        names = [str(name) for name in history]
        rows: list[Any] = [
            {name: value for name, value in zip(names, row, strict=True) if value is not _ABSENT}
            for row in zip_longest(*history.values(), fillvalue=_ABSENT)
        ]
    else:
        rows = [row if isinstance(row, Mapping) else {"loss": row} for row in history]
    return {"history": plain(rows), f"{counter_of(rows)}s_run": len(rows)}
