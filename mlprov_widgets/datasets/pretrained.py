"""Torchvision's models with pretrained weights and a new head."""

from __future__ import annotations

from pickle import UnpicklingError
from typing import Any

from mlprov_widgets.datasets.network import reason, time_limit
from mlprov_widgets.errors import DataUnavailableError

_IMAGENET_CLASSES = 1000


def load_pretrained(name: str, n_outputs: int) -> tuple[Any, list[Any]]:
    """A model with the best weights that torchvision has for it, and a new last layer.

    Parameters
    ----------
    name : str
        As `torchvision.models.get_model` knows it.
    n_outputs : int
        Number of classes of the new last layer.

    Returns
    -------
    model : torch.nn.Module
        Auxiliary classifiers, which GoogLeNet and Inception have, are taken off. Which weights it
        started from is in its ``pretrained_weights`` (`torchvision.models.WeightsEnum`);
        ``pretrained_weights.transforms()`` is how their images were prepared.
    head : list of torch.nn.Parameter
        Weights of the new layer.

    Raises
    ------
    DataUnavailableError
        If the weights are neither here nor to be had; the message says which file to put where.
    """
    import torch
    from torchvision.models import get_model, get_model_weights

    weights = get_model_weights(name).DEFAULT
    try:
        with time_limit():
            model = get_model(name, weights=weights)
    except (OSError, RuntimeError, EOFError, UnpicklingError) as error:
        raise DataUnavailableError(
            "weights_unavailable",
            model=name,
            reason=reason(error),
            address=weights.url,
            place=f"{torch.hub.get_dir()}/checkpoints",
        ) from None
    for auxiliary in ("AuxLogits", "aux1", "aux2"):
        if getattr(model, auxiliary, None) is not None:
            setattr(model, auxiliary, None)
            model.aux_logits = False
    head: list[Any] = []
    # Whatever its family calls it, the head is the layer with one output a class of ImageNet.
    for path, layer in list(model.named_modules()):
        new = _same_layer(layer, n_outputs)
        if new is not None:
            parent, _, attribute = path.rpartition(".")
            setattr(model.get_submodule(parent), attribute, new)
            head += new.parameters()
    model.pretrained_weights = weights  # a record of the model says which they were
    return model, head


def _same_layer(layer: Any, n_outputs: int) -> Any:
    """A fresh layer like this one with other outputs; None if it is not a head."""
    from torch import nn

    if isinstance(layer, nn.Linear) and layer.out_features == _IMAGENET_CLASSES:
        return nn.Linear(layer.in_features, n_outputs, bias=layer.bias is not None)
    if isinstance(layer, nn.Conv2d) and layer.out_channels == _IMAGENET_CLASSES:
        return nn.Conv2d(layer.in_channels, n_outputs, layer.kernel_size)  # type: ignore[arg-type]
    return None
