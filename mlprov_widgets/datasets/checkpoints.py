"""Training that goes on where an earlier run was interrupted."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import CheckpointError
from mlprov_widgets.messages import message

# What a checkpoint holds beside the states of model, optimizer and the like.
_PROGRESS: dict[str, type | tuple[type, ...]] = {
    "history": list,
    "best_loss": float,
    "best_weights": (Mapping, type(None)),
}
_PLAIN = (bool, int, float, str)


def load_checkpoint(
    file: Path | str, settings: Mapping[str, Any] | None = None, **parts: Any
) -> dict[str, Any]:
    """Bring a model, its optimizer and what else trains it back to where a run was interrupted.

    Parameters
    ----------
    file : Path or str
        A checkpoint written by ``torch.save``: a dictionary with the ``state_dict()`` of each part
        under its name, and with ``history``, ``best_loss``, ``best_weights`` and
        ``random_state``.
    settings : mapping, optional
        What training depends on beside its parts, by a name in words: numbers, texts, and tensors
        such as the numbers of the training rows. The checkpoint must have been written with the
        same, under ``settings``: rows that were trained on could now be in the test part.
    **parts : torch.nn.Module, torch.optim.Optimizer, and so on
        ``model``, ``optimizer`` and, where the training has them, ``scheduler`` and ``scaler``.

    Returns
    -------
    dict
        What else is in the checkpoint.

    Raises
    ------
    CheckpointError
        If the file is damaged, or belongs to another model, other rows or another way of training
        it. The parts are left as they were.
    """
    code = "checkpoint_unusable"
    try:
        state = _read(Path(file))
        if settings is not None and not isinstance(state.get("settings"), Mapping):
            raise CheckpointError("checkpoint_without_settings")
        code = "checkpoint_of_other_training"
        for name, (words, _) in _PARTS.items():
            if (name in state) != (name in parts):
                how = "with" if name in state else "without"
                raise CheckpointError("checkpoint_of_other_parts", how=how, part=words)
        for name, part in parts.items():
            _PARTS[name][1](part, state[name])
        if settings is not None:
            _check_settings(settings, state["settings"])
        for name, part in parts.items():
            # A scaler that is switched off has no state to go back to.
            if state[name]:
                part.load_state_dict(state[name])
    except CheckpointError as error:
        raise CheckpointError(code, file=Path(file).name, reason=error) from None
    return {key: value for key, value in state.items() if key not in _PARTS}


def _read(file: Path) -> dict[str, Any]:
    import torch

    try:
        with zipfile.ZipFile(file) as archive:
            # PyTorch itself does not look at the checksums.
            if archive.testzip() is not None:
                raise CheckpointError("checkpoint_damaged")
        state = torch.load(file, map_location="cpu", weights_only=True)
    except PermissionError:
        raise CheckpointError("checkpoint_no_permission") from None
    except CheckpointError:
        raise
    except Exception:  # unpickling damaged bytes raises nearly anything
        raise CheckpointError("checkpoint_unreadable") from None
    if (
        not isinstance(state, dict)
        or not all(isinstance(state.get(name), dict) for name in ("model", "optimizer"))
        or not all(isinstance(state.get(key, 0), kind) for key, kind in _PROGRESS.items())
        or not all(isinstance(row, dict) for row in state["history"])
        or not isinstance(state.get("random_state"), torch.Tensor)
    ):
        raise CheckpointError("checkpoint_of_something_else")
    return state


def _check_settings(own: Mapping[str, Any], saved: Mapping[str, Any]) -> None:
    """All that differs is named at once: it may have been changed in one go."""
    differ = []
    for name in [*own, *(str(name) for name in saved if name not in own)]:
        now, then = own.get(name), saved.get(name)
        if _same(now, then):
            continue
        code = "setting_other"
        if isinstance(now, _PLAIN) and isinstance(then, _PLAIN):
            code = "setting_changed"
        elif isinstance(now, _PLAIN) and then is None:
            code = "setting_added"
        elif isinstance(then, _PLAIN) and now is None:
            code = "setting_gone"
        differ.append(message(code, {"name": name, "then": str(then), "now": str(now)}))
    if differ:
        raise CheckpointError("checkpoint_of_other_settings", differences="; and ".join(differ))


def _same(own: Any, saved: Any) -> bool:
    import torch

    if isinstance(own, torch.Tensor) and isinstance(saved, torch.Tensor):
        return own.dtype == saved.dtype and torch.equal(own.cpu(), saved.cpu())
    return isinstance(own, _PLAIN) and isinstance(saved, _PLAIN) and own == saved


def _check_model(model: Any, saved: Mapping[str, Any]) -> None:
    own = {name: tuple(weight.shape) for name, weight in model.state_dict().items()}
    found = {name: tuple(getattr(weight, "shape", ())) for name, weight in saved.items()}
    if own == found:
        return
    for name in own:
        if name not in found:
            raise CheckpointError("checkpoint_lacks_layer", layer=name)
        if own[name] != found[name]:
            shapes = {"found": str(found[name]), "wanted": str(own[name])}
            raise CheckpointError("checkpoint_layer_of_other_shape", layer=name, **shapes)
    raise CheckpointError("checkpoint_of_more_layers")


def _check_optimizer(optimizer: Any, saved: Mapping[str, Any]) -> None:
    kind = type(optimizer).__name__
    groups, owns = saved.get("param_groups") or [], optimizer.param_groups
    if [len(group["params"]) for group in groups] != [len(group["params"]) for group in owns]:
        raise CheckpointError("checkpoint_of_other_weights")
    for group, own in zip(groups, owns, strict=True):
        if set(optimizer.defaults) - set(group) or len(set(group) - set(own) - {"initial_lr"}):
            raise CheckpointError("checkpoint_of_other_optimizer", kind=kind)
        for name in optimizer.defaults:
            # A schedule changes the rate, and keeps the one that it began with.
            first = f"initial_{name}" if f"initial_{name}" in group else name
            _compare(f"optimizer ({kind})", name, group[first], own.get(first, own[name]))


def _check_scheduler(scheduler: Any, saved: Mapping[str, Any]) -> None:
    kind = type(scheduler).__name__
    own = scheduler.state_dict()
    if set(own) != set(saved):
        raise CheckpointError("checkpoint_of_other_schedule", kind=kind)
    for name, value in own.items():
        if not name.startswith("_") and name != "last_epoch":
            _compare(f"learning-rate schedule ({kind})", name, saved[name], value)


def _check_scaler(scaler: Any, saved: Mapping[str, Any]) -> None:
    if scaler.is_enabled() and not saved:
        raise CheckpointError("checkpoint_without_scaler")


def _compare(what: str, name: str, saved: Any, own: Any) -> None:
    if saved != own:
        raise CheckpointError(
            "checkpoint_part_of_other_setting", part=what, name=name, then=str(saved), now=str(own)
        )


# What is trained, in words, and what holds it against what was saved.
_PARTS = {
    "model": ("a model", _check_model),
    "optimizer": ("an optimizer", _check_optimizer),
    "scheduler": ("a learning-rate schedule", _check_scheduler),
    "scaler": ("mixed precision", _check_scaler),
}
