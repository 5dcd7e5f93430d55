"""Which of all modules of PyTorch is the model that an optimizer trains."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import islice
from traceback import walk_stack
from typing import Any

from mlprov_widgets.capture.values import torch

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
        if isinstance(module, torch.nn.modules.loss._Loss):
            continue
        own = {id(one) for one in module.parameters()}
        covered = len(own & wanted)
        if covered:
            ranked.append((-covered, len(own), module))
    return min(ranked, key=lambda row: row[:2], default=(0, 0, None))[2]


def is_at_step(optimizer: Any) -> bool:
    """Whether one of the functions that are running is a step of this optimizer."""
    frames = walk_stack(sys._getframe(1))
    return any(frame.f_locals.get("self") is optimizer for frame, _ in frames)


def _in_frames(kind: type) -> list[Any]:
    """Modules that the functions which are running know by a name or by an attribute."""
    found: list[Any] = []
    for frame, _ in islice(walk_stack(sys._getframe(2)), _MOST_FRAMES):
        values = list(frame.f_locals.values())
        if frame.f_locals is not frame.f_globals:
            for value in values:
                held = getattr(value, "__dict__", None)
                if isinstance(held, dict) and not isinstance(value, (type, kind)):
                    values = [*values, *list(held.values())[:50]]
        found += [value for value in values if isinstance(value, kind)]
        if frame.f_code.co_name == "<module>" and found:
            found += [value for value in frame.f_globals.values() if isinstance(value, kind)]
            break
    return found
