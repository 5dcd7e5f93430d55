"""SHA-256 over all of a run's data, weights and predictions, independent of how they are stored."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from typing import Any

from mlprov_widgets.capture.plain import loaded, qualified_name

_CHUNK = 1 << 26  # bytes copied at a time where an array is not contiguous
_MAX_DEPTH = 40
_BIG_ENDIAN = sys.byteorder == "big"


def fingerprint(*values: object) -> str | None:
    """SHA-256 over values: dtype, shape, column names and every byte.

    Parameters
    ----------
    *values : object
        Arrays, tensors, data frames, series, sparse matrices, data sets of PyTorch, plain values,
        lists and dicts of these. The row labels (index) of a data frame do not count.

    Returns
    -------
    str or None
        Hexadecimal digits; None where a value holds something whose content cannot be read.
    """
    digest = _Digest()
    try:
        for value in values:
            digest.add(value)
    except Exception:
        return None
    return digest.hash.hexdigest()


def weights_fingerprint(model: object) -> str | None:
    """SHA-256 over the sorted (name, dtype, shape, bytes) of a model's weights.

    For a PyTorch module these are the entries of its ``state_dict``, buffers included; for a
    scikit-learn estimator its parameters and fitted attributes (times it took are left out).
    """
    state = getattr(model, "state_dict", None)
    if callable(state):
        try:
            entries = state()
        except Exception:
            return None
        return fingerprint(*(entry for name in sorted(entries) for entry in (name, entries[name])))
    return fingerprint(model)


class _Digest:
    """Feeds values to one hash, each with its kind and length so that no two run together."""

    def __init__(self) -> None:
        self.hash = hashlib.sha256()
        self.open: set[int] = set()

    def add(self, value: Any, depth: int = 0) -> None:
        if depth > _MAX_DEPTH or id(value) in self.open:
            raise TypeError("a value that contains itself has no fingerprint")
        if value is None or isinstance(value, (bool, int, float, complex)):
            self._say(type(value).__name__, repr(value))
        elif isinstance(value, str):
            self._say("str", value)
        elif isinstance(value, (bytes, bytearray)):
            self._say("bytes", str(len(value)))
            self.hash.update(value)
        else:
            self.open.add(id(value))
            try:
                self._add_object(value, depth + 1)
            finally:
                self.open.discard(id(value))

    def _say(self, kind: str, content: str) -> None:
        data = content.encode("utf-8", "surrogatepass")
        self.hash.update(f"{kind}:{len(data)}:".encode())
        self.hash.update(data)

    def _add_object(self, value: Any, depth: int) -> None:
        numpy, torch, pandas = loaded("numpy"), loaded("torch"), loaded("pandas")
        if torch is not None and isinstance(value, torch.Tensor):
            self._add_tensor(value)
        elif numpy is not None and isinstance(value, (numpy.ndarray, numpy.generic)):
            self._add_array(numpy.asarray(value), depth)
        elif pandas is not None and isinstance(value, pandas.DataFrame):
            self._say("frame", f"{len(value)} {len(value.columns)}")
            for position, name in enumerate(value.columns):
                self._say("column", str(name))
                self._add_series(value.iloc[:, position], depth)
        elif pandas is not None and isinstance(value, (pandas.Series, pandas.Index)):
            self._say("series", str(getattr(value, "name", "")))
            self._add_series(value, depth)
        elif isinstance(value, Mapping):
            self._say("mapping", str(len(value)))
            for key in sorted(value, key=repr):
                self.add(key, depth)
                self.add(value[key], depth)
        elif isinstance(value, (list, tuple, range)):
            self._say("sequence", str(len(value)))
            for item in value:
                self.add(item, depth)
        elif isinstance(value, (set, frozenset)):
            self.add(sorted(value, key=repr), depth)
        elif callable(getattr(value, "tocsr", None)) and hasattr(value, "nnz"):
            rows = value.tocsr()
            rows.sort_indices()
            self.add([list(rows.shape), rows.data, rows.indices, rows.indptr], depth)
        elif isinstance(value, type) or (callable(value) and hasattr(value, "__qualname__")):
            self._say("name", qualified_name(value))
        else:
            self._add_instance(value, depth)

    def _add_instance(self, value: Any, depth: int) -> None:
        self._say("object", qualified_name(type(value)))
        torch = loaded("torch.utils.data")
        if callable(getattr(value, "digests", None)):  # files that tell what is in them
            self.add(value.digests(), depth)
        elif torch is not None and isinstance(value, torch.DataLoader):
            self.add(value.dataset, depth)
        elif torch is not None and isinstance(value, torch.TensorDataset):
            self.add(list(value.tensors), depth)
        elif torch is not None and isinstance(value, torch.Subset):
            self.add([value.dataset, list(value.indices)], depth)
        elif torch is not None and isinstance(value, torch.Dataset):
            # Only what the data set holds in memory: reading a lazy one would be a run of its own.
            held = [getattr(value, name, None) for name in ("data", "targets", "labels")]
            if all(item is None for item in held):
                raise TypeError("a data set that loads its items one by one has no fingerprint")
            self.add(held, depth)
        elif callable(getattr(value, "get_state", None)):  # random generators
            self.add(value.get_state(), depth)
        else:
            state = value.__getstate__() if hasattr(value, "__getstate__") else vars(value)
            if not isinstance(state, Mapping):
                raise TypeError(f"{qualified_name(type(value))} has no fingerprint")
            kept = {key: item for key, item in state.items() if "_time" not in str(key)}
            self.add(kept, depth)

    def _add_tensor(self, value: Any) -> None:
        torch: Any = loaded("torch")
        tensor = value.detach()
        if tensor.is_quantized:
            tensor = tensor.dequantize()
        if tensor.layout is not torch.strided:
            tensor = tensor.to_dense()
        tensor = tensor.resolve_conj().resolve_neg().cpu()
        self._say("tensor", f"{tensor.dtype} {tuple(tensor.shape)}")
        if tensor.numel():
            # Seen as bytes, because NumPy has no bfloat16 and no float8.
            flat = tensor.contiguous().reshape(-1).view(torch.uint8)
            self.hash.update(flat.numpy())

    def _add_array(self, value: Any, depth: int) -> None:
        numpy: Any = loaded("numpy")
        if value.dtype.hasobject or value.dtype.kind == "T":
            self._say("objects", str(value.shape))
            self._add_objects(value.reshape(-1).tolist(), depth)
            return
        if value.dtype.names:  # padding between the fields holds whatever was in memory
            self._say("fields", str(value.shape))
            for name in value.dtype.names:
                self._say("field", name)
                self._add_array(numpy.asarray(value[name]), depth)
            return
        if value.dtype.byteorder == ">" or (value.dtype.byteorder == "=" and _BIG_ENDIAN):
            value = value.astype(value.dtype.newbyteorder("<"))
        self._say("array", f"{value.dtype.str} {value.shape}")
        if value.size == 0:
            return
        if value.ndim == 0:
            value = value.reshape(1)
        step = len(value)
        if not value.flags.c_contiguous:
            step = max(1, _CHUNK * len(value) // max(1, value.nbytes))
        for start in range(0, len(value), step):
            part = numpy.ascontiguousarray(value[start : start + step])
            self.hash.update(part.reshape(-1).view(numpy.uint8))

    def _add_series(self, value: Any, depth: int) -> None:
        numpy: Any = loaded("numpy")
        if isinstance(value.dtype, numpy.dtype) and not value.dtype.hasobject:
            self._add_array(value.to_numpy(), depth)
            return
        self._say("dtype", str(value.dtype))
        self._add_objects(list(value.astype(object)), depth)

    def _add_objects(self, values: list[Any], depth: int) -> None:
        """Texts with missing values among them, by far the most usual case, in two updates."""
        numpy: Any = loaded("numpy")
        pieces: list[bytes] = []
        lengths = numpy.empty(len(values), dtype="<i8")
        for position, value in enumerate(values):
            if isinstance(value, str):
                pieces.append(value.encode("utf-8", "surrogatepass"))
                lengths[position] = len(pieces[-1])
            elif value is None or type(value).__name__ == "NAType" or _is_nan(value):
                lengths[position] = -1
            else:
                lengths[position] = -2
        self.hash.update(lengths)
        self.hash.update(b"".join(pieces))
        for position in numpy.flatnonzero(lengths == -2):
            self.add(values[position], depth)


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and value != value
