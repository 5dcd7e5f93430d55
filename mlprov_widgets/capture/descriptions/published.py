"""Which of torchvision's models a live model is, whatever the cell that made it says."""

from __future__ import annotations

import re
from typing import Any

from mlprov_widgets.capture.values import loaded, text
from mlprov_widgets.record import Value

# Torchvision tells the size of each model for the classes of ImageNet.
_CLASSES = 1000

# Title and address of the paper in the documentation of one of torchvision's models.
_PAPER = re.compile(r"`([^`<]{5,300}?)\s*<(https?://[^\s>]+)>`")


def describe_published(model: Any) -> dict[str, Value]:
    """What is published about a model of torchvision: its name, its paper, its weights.

    Parameters
    ----------
    model : object
        The model itself, or a chain that begins with it.

    Returns
    -------
    dict
        ``model_name``, ``model_source`` and ``model_source_url``, and for a model from
        `mlprov_widgets.datasets.load_pretrained` also ``pretrained``, ``pretrained_weights`` and
        ``pretrained_weights_url``. Empty for any other model.
    """
    if type(model).__name__ == "Sequential" and len(model):
        model = model[0]
    values: dict[str, Value] = {}
    torchvision = loaded("torchvision.models")
    name = _architecture(model, torchvision)
    if torchvision is not None and name:
        values["model_name"] = name
        builder = torchvision.get_model_builder(name)
        paper = _PAPER.search(" ".join((builder.__doc__ or "").split()))
        if paper:
            values |= {"model_source": text(paper[1], 1000), "model_source_url": paper[2]}
    weights = getattr(model, "pretrained_weights", None)
    if weights is not None:
        values |= {"pretrained": True, "pretrained_weights": text(str(weights), 1000)}
        if isinstance(getattr(weights, "url", None), str):
            values["pretrained_weights_url"] = text(weights.url, 2000)
    return values


def _architecture(model: Any, torchvision: Any) -> str:
    """Torchvision's name of a model, such as ``resnet18``; empty for any other model.

    A class is not enough: ``ResNet`` is ten of them. They are told apart by their numbers of
    parameters, the last layer aside, which has as many outputs as there are classes.
    """
    home = type(model).__module__
    if torchvision is None or not home.startswith("torchvision.models."):
        return ""
    names = [
        name
        for name in torchvision.list_models(module=torchvision)
        if torchvision.get_model_builder(name).__module__ == home
    ]
    if len(names) == 1:  # also where auxiliary classifiers were left out
        return str(names[0])
    last = _last_layer(model)
    if last is None:
        return ""
    size = _size(model, last)
    for name in names:
        if size == _published_size(model, last, next(iter(torchvision.get_model_weights(name)))):
            return str(name)
    return ""


def _size(model: Any, last: Any) -> int:
    """Parameters without the last layer's and those of a transformer's places in the image."""
    size: int = sum(parameter.numel() for parameter in model.parameters())
    size -= sum(parameter.numel() for parameter in last.parameters())
    size -= getattr(model, "seq_length", 0) * getattr(model, "hidden_dim", 0)
    return size


def _published_size(model: Any, last: Any, weights: Any) -> int:
    inputs = last.weight[0].numel() + (last.bias is not None)
    size = weights.meta["num_params"] - _CLASSES * inputs
    if hasattr(model, "seq_length"):
        size -= ((weights.meta["min_size"][0] // model.patch_size) ** 2 + 1) * model.hidden_dim
    return int(size)


def _last_layer(model: Any) -> Any:
    layers = [module for module in model.modules() if type(module).__name__ in ("Linear", "Conv2d")]
    return layers[-1] if layers else None
