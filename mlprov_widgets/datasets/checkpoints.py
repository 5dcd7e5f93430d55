"""Training that goes on where an earlier run was interrupted."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import CheckpointError
from mlprov_widgets.tables.names import show

# What a checkpoint holds beside the states of model, optimizer and the like.
_PROGRESS: dict[str, type | tuple[type, ...]] = {
    "history": list,
    "best_loss": float,
    "best_weights": (Mapping, type(None)),
}
_PARTS = {
    "model": "a model",
    "optimizer": "an optimizer",
    "scheduler": "a learning-rate schedule",
    "scaler": "mixed precision",
}


def load_checkpoint(file: Path | str, **parts: Any) -> dict[str, Any]:
    """Bring a model, its optimizer and what else trains it back to where a run was interrupted.

    Parameters
    ----------
    file : Path or str
        A checkpoint written by ``torch.save``: a dictionary with the ``state_dict()`` of each part
        under its name, and with ``history``, ``best_loss``, ``best_weights`` and
        ``random_state``.
    **parts : torch.nn.Module, torch.optim.Optimizer, and so on
        ``model``, ``optimizer`` and, where the training has them, ``scheduler`` and ``scaler``.

    Returns
    -------
    dict
        What else is in the checkpoint.

    Raises
    ------
    CheckpointError
        If the file is damaged, or belongs to another model or to another way of training it. The
        parts are left as they were.
    """
    what_to_do = "Set"
    try:
        state = _read(Path(file))
        what_to_do = "Change that back, or set"
        for name, words in _PARTS.items():
            if (name in state) != (name in parts):
                how = "with" if name in state else "without"
                raise CheckpointError(f"it was trained {how} {words}, which is not so here")
        for name, part in parts.items():
            _CHECKS[name](part, state[name])
        for name, part in parts.items():
            # A scaler that is switched off has no state to go back to.
            if state[name]:
                part.load_state_dict(state[name])
    except CheckpointError as error:
        raise CheckpointError(
            f"Training cannot go on from {show(Path(file).name, 80)}: {error}. {what_to_do} "
            "RESUME = False to begin anew, or take the file away."
        ) from None
    return {key: value for key, value in state.items() if key not in _PARTS}


def _read(file: Path) -> dict[str, Any]:
    import torch

    try:
        with zipfile.ZipFile(file) as archive:
            # PyTorch itself does not look at the checksums.
            if archive.testzip() is not None:
                raise CheckpointError("the file is damaged")
        state = torch.load(file, map_location="cpu", weights_only=True)
    except PermissionError:
        raise CheckpointError("there is no permission to read it") from None
    except CheckpointError:
        raise
    except Exception:  # unpickling damaged bytes raises nearly anything
        raise CheckpointError("the file is damaged, or no checkpoint at all") from None
    if (
        not isinstance(state, dict)
        or not all(isinstance(state.get(name), dict) for name in ("model", "optimizer"))
        or not all(isinstance(state.get(key, 0), kind) for key, kind in _PROGRESS.items())
        or not all(isinstance(row, dict) for row in state["history"])
        or not isinstance(state.get("random_state"), torch.Tensor)
    ):
        raise CheckpointError("it is no checkpoint of a training, only of something else")
    return state


def _check_model(model: Any, saved: Mapping[str, Any]) -> None:
    own = {name: tuple(weight.shape) for name, weight in model.state_dict().items()}
    found = {name: tuple(getattr(weight, "shape", ())) for name, weight in saved.items()}
    if own == found:
        return
    for name in own:
        if name not in found:
            raise CheckpointError(f"it is of another model, one without {name}")
        if own[name] != found[name]:
            raise CheckpointError(
                f"it is of another model, whose {name} has the shape {found[name]} instead of "
                f"{own[name]}"
            )
    raise CheckpointError("it is of another model, one with more layers")


def _check_optimizer(optimizer: Any, saved: Mapping[str, Any]) -> None:
    kind = type(optimizer).__name__
    groups = saved.get("param_groups") or []
    if [len(group["params"]) for group in groups] != [
        len(group["params"]) for group in optimizer.param_groups
    ]:
        raise CheckpointError("its optimizer had other weights to move")
    for group, own in zip(groups, optimizer.param_groups, strict=True):
        if set(optimizer.defaults) - set(group) or len(set(group) - set(own) - {"initial_lr"}):
            raise CheckpointError(f"its optimizer was another one than {kind}")
        for name in optimizer.defaults:
            # A schedule changes the rate, and keeps the one that it began with.
            first = f"initial_{name}" if f"initial_{name}" in group else name
            _compare(f"optimizer ({kind})", name, group[first], own.get(first, own[name]))


def _check_scheduler(scheduler: Any, saved: Mapping[str, Any]) -> None:
    kind = type(scheduler).__name__
    own = scheduler.state_dict()
    if set(own) != set(saved):
        raise CheckpointError(f"its learning-rate schedule was another one than {kind}")
    for name, value in own.items():
        if not name.startswith("_") and name != "last_epoch":
            _compare(f"learning-rate schedule ({kind})", name, saved[name], value)


def _check_scaler(scaler: Any, saved: Mapping[str, Any]) -> None:
    if scaler.is_enabled() and not saved:
        raise CheckpointError("it was saved without mixed precision, on a machine without a GPU")


def _compare(what: str, name: str, saved: Any, own: Any) -> None:
    if saved != own:
        raise CheckpointError(f"its {what} had {name} = {saved}, and here it is {own}")


_CHECKS = {
    "model": _check_model,
    "optimizer": _check_optimizer,
    "scheduler": _check_scheduler,
    "scaler": _check_scaler,
}
