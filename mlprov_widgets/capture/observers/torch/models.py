"""Which of all modules of PyTorch is the model that an optimizer trains."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from mlprov_widgets.capture.values import loaded, torch

_MOST_FRAMES = 40


def model_of(optimizer: Any, known: Iterable[Any]) -> Any:
    """The smallest module that has most of the parameters which an optimizer changes.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
        Whose step is running: the functions that call it know the model.
    known : iterable of torch.nn.Module
        Models that are known already.

    Returns
    -------
    torch.nn.Module or None
        None where no module has any of them.
    """
    wanted = {id(one) for group in optimizer.param_groups for one in group["params"]}
    ranked: list[tuple[int, int, Any]] = []
    for module in [*known, *_in_frames(torch.nn.Module)]:
        if is_loss(type(module)):
            continue
        own = {id(one) for one in module.parameters()}
        covered = len(own & wanted)
        if covered:
            ranked.append((-covered, len(own), module))
    return min(ranked, key=lambda row: row[:2], default=(0, 0, None))[2]


def is_at_step(optimizer: Any) -> bool:
    """Whether one of the functions that are running is a step of this optimizer."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        if frame.f_locals.get("self") is optimizer:
            return True
        frame = frame.f_back
    return False


def _in_frames(kind: type) -> list[Any]:
    """Modules that the functions which are running know by a name or by an attribute."""
    found: list[Any] = []
    frame: Any = sys._getframe(2)
    for _ in range(_MOST_FRAMES):
        if frame is None:
            break
        values = list(frame.f_locals.values())
        if frame.f_locals is not frame.f_globals:
            for value in values:
                held = getattr(value, "__dict__", None)
                if isinstance(held, dict) and not isinstance(value, (type, kind)):
                    values = [*values, *list(held.values())[:50]]
        found += [value for value in values if isinstance(value, kind)]
        if frame.f_code.co_name == "<module>" and found:
            found += [v for v in frame.f_globals.values() if isinstance(v, kind)]
            break
        frame = frame.f_back
    return found


_loss_types: dict[type, bool] = {}


def is_loss(kind: type) -> bool:
    """Whether a class of modules is one of PyTorch's losses."""
    known = _loss_types.get(kind)
    if known is None:
        module = loaded("torch.nn.modules.loss")
        base = getattr(module, "_Loss", None)
        known = _loss_types[kind] = base is not None and issubclass(kind, base)
    return known
