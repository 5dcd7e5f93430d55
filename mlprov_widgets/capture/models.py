"""What the model, the loss and the optimizer really are, read from the live objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mlprov_widgets.capture.plain import loaded, plain, qualified_name, shortened, text
from mlprov_widgets.provenance.record import Value

# Activations that a module may call as a function instead of holding them as a layer.
_FUNCTIONS = {
    "relu": "ReLU",
    "gelu": "GELU",
    "elu": "ELU",
    "selu": "SELU",
    "silu": "SiLU",
    "mish": "Mish",
    "celu": "CELU",
    "leaky_relu": "LeakyReLU",
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
    "logsigmoid": "LogSigmoid",
    "softplus": "Softplus",
    "softmax": "Softmax",
    "log_softmax": "LogSoftmax",
    "hardswish": "Hardswish",
    "relu6": "ReLU6",
}


def describe_model(model: Any) -> dict[str, Value]:
    """The fields of ``model_parameters`` that a model itself can tell."""
    values: dict[str, Value] = {
        "model_name": type(model).__name__,
        "model_description": text(str(model)),
        "pretrained": False,
    }
    torch = loaded("torch.nn")
    if torch is not None and isinstance(model, torch.Module):
        return values | _describe_module(model) | describe_device(model)
    activation = getattr(model, "activation", None)
    values["activation_function"] = activation if isinstance(activation, str) else "none"
    outputs = _outputs_of_estimator(model)
    if outputs is not None:
        values["output_neurons"] = outputs
    values["gpu_enable"] = False
    if callable(getattr(model, "get_params", None)):
        values["hyperparameters"] = plain(model.get_params(deep=False))
    return values


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
    values: dict[str, Value] = {
        "activation_function": ", ".join(dict.fromkeys(activations)) or "none",
        "number_of_parameters": sum(parameter.numel() for parameter in model.parameters()),
        "number_of_trainable_parameters": sum(
            parameter.numel() for parameter in model.parameters() if parameter.requires_grad
        ),
    }
    if all(_is_known(module) for module in modules):
        values["output_activation"] = _output_activation(modules)
    for module in reversed(modules):
        outputs = getattr(module, "out_features", None) or getattr(module, "out_channels", None)
        if isinstance(outputs, int):
            values["output_neurons"] = outputs
            break
    return values


def _is_known(module: Any) -> bool:
    """Whether a module is PyTorch's own layer or chain of layers: any other forward() is free."""
    kind = type(module)
    is_chain = kind.__name__ == "Sequential" or not any(True for _ in module.children())
    return is_chain and kind.__module__.startswith("torch.nn.")


def _is_activation(module: Any) -> bool:
    return type(module).__module__ == "torch.nn.modules.activation" and not any(
        True for _ in module.children()
    )


def _activations(module: Any) -> Iterable[str]:
    if _is_activation(module):
        return [type(module).__name__]
    if type(module).__module__.startswith("torch.nn."):
        return []
    # The names that its forward() looks up: functional activations leave no module behind.
    code = getattr(getattr(type(module), "forward", None), "__code__", None)
    return [_FUNCTIONS[name] for name in getattr(code, "co_names", ()) if name in _FUNCTIONS]


def _output_activation(modules: list[Any]) -> str:
    """The activation after a chain's last layer with weights; several are joined."""
    leaves = [module for module in modules if not any(True for _ in module.children())]
    tail: list[str] = []
    for module in reversed(leaves):
        if _is_activation(module):
            tail.append(type(module).__name__)
        elif any(True for _ in module.parameters(recurse=False)):
            break
    return ", ".join(reversed(tail)) or "none"


def _outputs_of_estimator(model: Any) -> int | None:
    classes = getattr(model, "classes_", None)
    if classes is not None:
        return len(classes)
    outputs = getattr(model, "n_outputs_", None)
    return int(outputs) if isinstance(outputs, int) else None


def describe_loss(loss: Any) -> dict[str, Value]:
    """``loss_function`` by name, and its settings where it is a module."""
    if isinstance(loss, str):
        return {"loss_function": text(loss, 1000)}
    if isinstance(loss, type) or hasattr(loss, "__qualname__"):
        return {"loss_function": getattr(loss, "__name__", qualified_name(loss))}
    return {"loss_function": type(loss).__name__, "loss_description": shortened(loss)}


def describe_optimizer(optimizer: Any) -> dict[str, Value]:
    """``optimizer`` by name, ``optimizer_learning_rate`` before any schedule, all settings."""
    if isinstance(optimizer, str):
        return {"optimizer": text(optimizer, 1000)}
    values: dict[str, Value] = {"optimizer": type(optimizer).__name__}
    groups = getattr(optimizer, "param_groups", None) or []
    rates = [plain(group.get("initial_lr", group.get("lr"))) for group in groups]
    if rates:
        same = all(rate == rates[0] for rate in rates)
        values["optimizer_learning_rate"] = rates[0] if same else rates
    defaults = getattr(optimizer, "defaults", None)
    if isinstance(defaults, Mapping):
        values["optimizer_parameters"] = plain(dict(defaults))
    return values


def describe_scheduler(scheduler: Any) -> dict[str, Value]:
    """``lr_scheduler`` by name, with its plain settings."""
    if scheduler is None:
        return {"lr_scheduler": "none"}
    if isinstance(scheduler, str):
        return {"lr_scheduler": text(scheduler, 1000)}
    settings = {
        name: plain(value)
        for name, value in vars(scheduler).items()
        if not name.startswith("_") and isinstance(value, (bool, int, float, str, list, tuple))
    }
    return {"lr_scheduler": type(scheduler).__name__, "lr_scheduler_parameters": settings}


def describe_history(history: Any) -> dict[str, Value]:
    """``history`` as one dict an epoch, and ``epochs_run``, the epochs that there really were."""
    if callable(getattr(history, "to_dict", None)):  # a data frame
        history = history.to_dict("list")
    if isinstance(history, Mapping):
        columns = {str(name): list(column) for name, column in history.items()}
        length = max((len(column) for column in columns.values()), default=0)
        rows: list[Any] = [
            {name: column[row] for name, column in columns.items() if row < len(column)}
            for row in range(length)
        ]
    else:
        rows = [row if isinstance(row, Mapping) else {"loss": row} for row in history]
    return {"history": plain(rows), "epochs_run": len(rows)}
