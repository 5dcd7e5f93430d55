"""Whether an object is still as it was: a token of its state, as cheap as the object allows."""

from __future__ import annotations

from typing import Any

import xxhash

from mlprov_widgets.capture.values import is_a, loaded, numpy, qualified_name, torch

WHOLE, SAMPLED, NONE = "whole", "sampled", "none"
_MOST_BYTES = 64_000_000  # of one object that are hashed whole
_SAMPLES = 2_000  # rows of a larger one
_MOST_OBJECTS = 200_000  # elements of an array of Python objects that are hashed whole


class Budget:
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


def kind_of(value: Any) -> str:
    """What an object is to a record: ``module``, ``array`` and so on; empty for anything else."""
    if isinstance(value, type):
        return ""
    if is_a(value, "numpy.ndarray"):
        return "array" if value.ndim else ""
    if is_a(value, "torch.Tensor"):
        return "tensor" if value.dim() else ""
    for kind, name in _KINDS.items():
        if is_a(value, name):
            return kind
    sparse = loaded("scipy.sparse")
    is_sparse = sparse is not None and hasattr(sparse, "issparse") and sparse.issparse(value)
    return "sparse" if is_sparse else ""


def state_of(value: Any, kind: str, budget: Budget) -> tuple[object, str]:
    """A token that differs where the object does, and how much of the object was looked at.

    Parameters
    ----------
    value : object
    kind : str
        As `kind_of` gives it.
    budget : Budget
        Past it, content is sampled: changes of single cells can be missed, which is said.

    Returns
    -------
    tuple of object and str
        The token, to be compared with one of the same object; ``whole``, ``sampled`` or ``none``.
    """
    if kind in ("array", "tensor"):
        return _array_state(value, budget)
    if kind == "series":
        return _column_state(value, budget)
    if kind == "frame":
        return _frame_state(value, budget)
    if kind == "sparse" and hasattr(value, "data"):
        return _array_state(value.data, budget)
    if kind == "module":
        return _module_state(value, budget)
    if kind == "optimizer":
        groups = [
            {name: item for name, item in group.items() if name != "params"}
            for group in value.param_groups
        ]
        return repr(groups), WHOLE
    if kind in ("estimator", "scheduler", "loss"):
        return _attributes(value), SAMPLED
    return None, NONE


def _attributes(value: Any) -> object:
    # Fitting and setting replace what an attribute holds; what changes inside of it is not seen.
    return tuple(sorted((name, id(item)) for name, item in vars(value).items()))


def _module_state(module: Any, budget: Budget) -> tuple[object, str]:
    tensors = [*module.named_parameters(), *module.named_buffers()]
    frozen = tuple(one.requires_grad for _, one in tensors)
    size = sum(one.numel() * one.element_size() for _, one in tensors)
    on_cpu = all(one.device.type == "cpu" for _, one in tensors)
    if on_cpu and budget.takes(size):
        digest = xxhash.xxh3_128()
        for name, one in tensors:
            digest.update(f"{name} {one.dtype} {tuple(one.shape)}".encode())
            digest.update(_bytes_of_tensor(one))
        return (digest.digest(), frozen), WHOLE
    versions = tuple((name, one.data_ptr(), one._version) for name, one in tensors)
    return (versions, frozen), SAMPLED


def _bytes_of_tensor(tensor: Any) -> Any:
    flat = tensor.detach().resolve_conj().resolve_neg().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy() if flat.numel() else b""


def _array_state(value: Any, budget: Budget) -> tuple[object, str]:
    if is_a(value, "torch.Tensor"):
        shape = (str(value.dtype), tuple(value.shape))
        if value.device.type != "cpu" or value.layout is not torch.strided:
            return (shape, value._version), SAMPLED
        if value.dtype == torch.bfloat16 or value.is_quantized or value.is_conj():
            return (shape, value._version), SAMPLED
        value = value.detach().numpy()
    value = numpy.asarray(value)
    shape = (str(value.dtype), value.shape)
    if value.dtype.hasobject:
        if value.size > _MOST_OBJECTS:
            return (shape, _digest(value[_samples(value)][:_SAMPLES])), SAMPLED
        return (shape, _digest(value)), WHOLE
    if budget.takes(value.nbytes):
        return (shape, _digest(value)), WHOLE
    return (shape, value.ctypes.data, _digest(value[_samples(value)][:_SAMPLES])), SAMPLED


def _samples(value: Any) -> slice:
    return slice(None, None, max(1, len(value) // _SAMPLES))


def _column_state(value: Any, budget: Budget) -> tuple[object, str]:
    values = value.array
    numpy_values = getattr(values, "_ndarray", None)
    if numpy_values is not None and numpy_values.ndim == 1:
        token, coverage = _array_state(numpy_values, budget)
        return (str(value.dtype), token), coverage
    is_large = len(value) > _MOST_OBJECTS
    looked_at = value.iloc[_samples(value)] if is_large else value
    digest = _digest(looked_at.astype(object).to_numpy())
    return (str(value.dtype), len(value), digest), SAMPLED if is_large else WHOLE


def _frame_state(value: Any, budget: Budget) -> tuple[object, str]:
    tokens: list[object] = [tuple(map(str, value.columns)), len(value)]
    coverages = set()
    for position in range(value.shape[1]):
        token, coverage = _column_state(value.iloc[:, position], budget)
        tokens.append(token)
        coverages.add(coverage)
    return tuple(tokens), SAMPLED if SAMPLED in coverages else WHOLE


def _digest(value: Any) -> bytes:
    if value.dtype.hasobject:
        return xxhash.xxh3_128_digest(repr(value.tolist()).encode("utf-8", "surrogatepass"))
    if value.flags.f_contiguous and not value.flags.c_contiguous:
        value = value.T
    flat = numpy.ascontiguousarray(value).reshape(-1)
    return xxhash.xxh3_128_digest(flat.view(numpy.uint8) if flat.size else b"")


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
