"""Whether an object is still as it was: a token of its state, as cheap as the object allows."""

from __future__ import annotations

from itertools import chain
from typing import Any

from mlprov_widgets.capture.objects.fingerprint import quick_digest
from mlprov_widgets.capture.values import is_a, qualified_name, torch

WHOLE, SAMPLED, NONE = "whole", "sampled", "none"
_MOST_BYTES = 64_000_000  # of one object that are hashed whole
_SAMPLES = 2_000  # rows of a larger one
_BYTES_OF_OBJECT = 320  # that could be hashed in the time of one Python object


class HashBudget:
    """How much content may still be hashed for one cell."""

    def __init__(self) -> None:
        self.left = _MOST_BYTES

    def takes(self, size: int) -> bool:
        """Whether so many bytes may be hashed whole; if so they count."""
        if size > self.left:
            return False
        self.left -= size
        return True


# Classes of what a record knows, the special ones first.
_KINDS = {
    "array": "numpy.ndarray",
    "tensor": "torch.Tensor",
    "frame": "pandas.DataFrame",
    "series": "pandas.Series",
    "loss": "torch.nn.modules.loss._Loss",
    "module": "torch.nn.Module",
    "optimizer": "torch.optim.Optimizer",
    "scheduler": "torch.optim.lr_scheduler.LRScheduler",
    "loader": "torch.utils.data.DataLoader",
    "dataset": "torch.utils.data.Dataset",
    "estimator": "sklearn.base.BaseEstimator",
}
_WITH_CONTENT = ("array", "tensor", "series", "frame", "sparse")


def kind_of(value: Any) -> str:
    """What an object is to a record: ``module``, ``array`` and so on; empty for anything else."""
    if isinstance(value, type):
        return ""
    for kind, name in _KINDS.items():
        if is_a(value, name):
            is_number = kind in ("array", "tensor") and not value.ndim
            return "" if is_number else kind
    if is_a(value, "scipy.sparse.spmatrix", "scipy.sparse.sparray"):
        return "sparse"
    # Other libraries' estimators, and those of the notebook itself.
    learns = (callable(getattr(type(value), name, None)) for name in ("fit", "predict"))
    return "estimator" if all(learns) else ""


def state_of(value: Any, kind: str, budget: HashBudget) -> tuple[object, str]:
    """A token that differs where the object does, and how much of the object was looked at.

    Parameters
    ----------
    value : object
    kind : str
        As `kind_of` gives it.
    budget : HashBudget
        Past it, content is sampled: changes of single cells can be missed, which is said.

    Returns
    -------
    tuple of object and str
        The token, to be compared with one of the same object; ``whole``, ``sampled`` or ``none``.
    """
    if kind == "optimizer":
        groups = [
            {name: item for name, item in group.items() if name != "params"}
            for group in value.param_groups
        ]
        return repr(groups), WHOLE
    if kind in ("estimator", "scheduler", "loss"):
        # Fitting and setting replace what an attribute holds; what changes inside is not seen.
        return tuple(
            sorted((name, id(item)) for name, item in getattr(value, "__dict__", {}).items())
        ), SAMPLED
    if kind == "module":
        return _module_state(value, budget)
    if kind == "sparse":
        value = getattr(value, "data", None)
    if kind not in _WITH_CONTENT or value is None:
        return None, NONE
    if not _is_at_hand(value):
        return (str(value.dtype), tuple(value.shape), value._version), SAMPLED
    if budget.takes(_size(value)):
        token = quick_digest(value)
        return token, WHOLE if token else NONE
    every = slice(None, None, max(1, len(value) // _SAMPLES))
    rows = value.iloc[every] if hasattr(value, "iloc") else value[every]
    # PyTorch counts changes, also of what is not looked at.
    version = getattr(value, "_version", 0)
    return (describe_shape(value), version, quick_digest(rows[:_SAMPLES])), SAMPLED


def _module_state(module: Any, budget: HashBudget) -> tuple[object, str]:
    tensors = [*module.named_parameters(), *module.named_buffers()]
    frozen = tuple(one.requires_grad for _, one in tensors)
    if all(_is_at_hand(one) for _, one in tensors) and budget.takes(
        sum(_size(one) for _, one in tensors)
    ):
        return (quick_digest(*chain.from_iterable(tensors)), frozen), WHOLE
    versions = tuple((name, one.data_ptr(), one._version) for name, one in tensors)
    return (versions, frozen), SAMPLED


def _is_at_hand(value: Any) -> bool:
    """Whether content can be read as it lies in memory; else its version has to tell."""
    if not is_a(value, "torch.Tensor"):
        return True
    return bool(value.device.type == "cpu" and value.layout is torch.strided)


def _size(value: Any) -> int:
    """Bytes to hash; an element that is an object costs as much as many numbers."""
    if is_a(value, "torch.Tensor"):
        return int(value.numel() * value.element_size())
    if is_a(value, "pandas.DataFrame"):
        return sum(_size(value.iloc[:, at]) for at in range(value.shape[1]))
    is_plain = getattr(value.dtype, "hasobject", True) is False
    return int(value.nbytes if is_plain else value.size * _BYTES_OF_OBJECT)


def describe_shape(value: Any) -> dict[str, Any]:
    """Class, shape and dtype of an object, as far as it has them."""
    found: dict[str, Any] = {"class": qualified_name(type(value))}
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        found["shape"] = [int(size) for size in shape]
    dtype = getattr(value, "dtype", None)
    if dtype is not None:
        found["dtype"] = str(dtype).removeprefix("torch.")
    return found
