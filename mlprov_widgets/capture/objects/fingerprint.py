"""SHA-256 over all of a run's data, weights and predictions, independent of how they are stored."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from types import CodeType, FunctionType
from typing import Any

import xxhash

from mlprov_widgets.capture.values import is_a, numpy, qualified_name, text, torch

_CHUNK = 1 << 26  # bytes copied at a time where an array is not contiguous
_MAX_DEPTH = 90
# What fitting took, and what is no content of an estimator.
_TIMES = ("_time", "_time_")
_NOT_CONTENT = {"_sklearn_version", "_stop_words_id", "_cached_dict"}
_TREES = ("KDTree", "BallTree")
_WITH_STATE = (
    "torch.optim.Optimizer", "torch.optim.lr_scheduler.LRScheduler", "torch.nn.Module"
)  # fmt: skip
_BIG_ENDIAN = sys.byteorder == "big"


def fingerprint(*values: object) -> str | None:
    """SHA-256 over values: dtype, shape, column names and every byte.

    Parameters
    ----------
    *values : object
        Arrays, tensors, data frames, series, sparse matrices, data sets of PyTorch, estimators,
        plain values, lists and dicts of these. The row labels (index) of a data frame do not count.

    Returns
    -------
    str or None
        Hexadecimal digits; None where a value holds something whose content cannot be read.
    """
    return examine(*values)[0]


def examine(*values: object) -> tuple[str | None, str]:
    """The fingerprint of values, or why they have none.

    Returns
    -------
    tuple of str or None and str
        Hexadecimal digits and an empty text, or None and what it is that cannot be read.
    """
    digest = _Digest(hashlib.sha256())
    why = digest.add_all(values)
    return (None, why) if why else (digest.hash.hexdigest(), "")


def quick_digest(*values: object) -> bytes | None:
    """The same as `fingerprint` much faster, for comparisons within a run; nobody must trust it."""
    digest = _Digest(xxhash.xxh3_128())
    return None if digest.add_all(values) else bytes(digest.hash.digest())


def weights_fingerprint(model: object) -> str | None:
    """SHA-256 over the sorted (name, dtype, shape, bytes) of a model's weights.

    For a PyTorch module these are the entries of its ``state_dict``, buffers included; for a
    scikit-learn estimator its parameters and fitted attributes (times it took are left out).
    """
    return examine_weights(model)[0]


def examine_weights(model: object) -> tuple[str | None, str]:
    """The fingerprint of a model's weights, or what it is in an estimator that has none."""
    state = getattr(model, "state_dict", None)
    if not callable(state):
        return examine(model)
    try:
        entries = state()
    except Exception:
        return None, ""
    named = (entry for name in sorted(entries) for entry in (name, entries[name]))
    return fingerprint(*named), ""


class _Digest:
    """Feeds values to one hash, each with its kind and length so that no two run together."""

    def __init__(self, hash: Any) -> None:
        self.hash = hash
        self.open: dict[int, int] = {}
        # Attributes that led to what is being read, for what cannot be.
        self.path: list[str] = []
        # How many objects, whose insides are no plain data, are being read.
        self.inside = 0

    def add_all(self, values: Iterable[object]) -> str:
        """Take values in; gives what it is that cannot be read, and nothing where all of it can."""
        try:
            for value in values:
                self.add(value)
        except Exception as error:
            where = ".".join(self.path[:8])
            why = str(error) or type(error).__name__
            return text(f"{where}: {why}" if where else why, 300)
        return ""

    def add(self, value: Any, depth: int = 0) -> None:
        if depth > _MAX_DEPTH:
            raise TypeError("it is nested too deeply")
        if id(value) in self.open:
            if not self.inside:
                raise TypeError("a value that contains itself has no fingerprint")
            self._say("again", str(self.open[id(value)]))
            return
        if value is None or isinstance(value, (bool, int, float, complex)):
            self._say(type(value).__name__, repr(value))
        elif isinstance(value, str):
            self._say("str", value)
        elif isinstance(value, (bytes, bytearray)):
            self._say("bytes", str(len(value)))
            self.hash.update(value)
        else:
            self.open[id(value)] = len(self.open)
            try:
                self._add_object(value, depth + 1)
            finally:
                self.open.pop(id(value), None)

    def _say(self, kind: str, content: str) -> None:
        data = content.encode("utf-8", "surrogatepass")
        self.hash.update(f"{kind}:{len(data)}:".encode())
        self.hash.update(data)

    def _add_object(self, value: Any, depth: int) -> None:
        if is_a(value, "torch.Tensor"):
            self._add_tensor(value)
        elif is_a(value, "numpy.ndarray", "numpy.generic"):
            self._add_array(numpy.asarray(value), depth)
        elif is_a(value, "pandas.DataFrame"):
            self._say("frame", f"{len(value)} {len(value.columns)}")
            for position, name in enumerate(value.columns):
                self._say("column", str(name))
                self._add_series(value.iloc[:, position], depth)
        elif is_a(value, "pandas.Series", "pandas.Index"):
            self._say("series", str(getattr(value, "name", "")))
            self._add_series(value, depth)
        elif isinstance(value, Mapping):
            self._add_mapping(value, depth)
        elif isinstance(value, (list, tuple, range)):
            self._say("sequence", str(len(value)))
            for item in value:
                self.add(item, depth)
        elif isinstance(value, (set, frozenset)):
            self.add(sorted(value, key=_order), depth)
        elif callable(getattr(value, "tocsr", None)) and hasattr(value, "nnz"):
            rows = value.tocsr()
            rows.sort_indices()
            self.add([list(rows.shape), rows.data, rows.indices, rows.indptr], depth)
        elif isinstance(value, FunctionType) and "<" in value.__qualname__:
            self._add_function(value, depth)
        elif isinstance(value, type) or (callable(value) and hasattr(value, "__qualname__")):
            self._say("name", qualified_name(value))
        else:
            self._add_instance(value, depth)

    def _add_instance(self, value: Any, depth: int) -> None:
        self._say("object", qualified_name(type(value)))
        if callable(getattr(value, "digests", None)):  # files that tell what is in them
            self.add(value.digests(), depth)
        elif is_a(value, "torch.utils.data.DataLoader"):
            self.add(value.dataset, depth)
        elif is_a(value, "torch.utils.data.TensorDataset"):
            self.add(list(value.tensors), depth)
        elif is_a(value, "torch.utils.data.Subset"):
            self.add([value.dataset, list(value.indices)], depth)
        elif is_a(value, "torch.utils.data.Dataset"):
            # Only what the data set holds in memory: reading a lazy one would be a run of its own.
            held = [getattr(value, name, None) for name in ("data", "targets", "labels")]
            if all(item is None for item in held):
                raise TypeError("a data set that loads its items one by one has no fingerprint")
            self.add(held, depth)
        elif callable(getattr(value, "get_state", None)):  # random generators
            self.add(value.get_state(), depth)
        elif is_a(value, *_WITH_STATE):
            self._add_reduced((value.state_dict(),), depth)
        elif type(value).__name__.startswith(_TREES):
            # The last numbers count how often the tree was asked.
            state = value.__getstate__()
            self._add_reduced((*state[:7], *state[11:]), depth)
        else:
            reduced = value.__reduce_ex__(4)
            if isinstance(reduced, str):
                self._say("global", reduced)
                return
            self._add_reduced(
                [list(part) if isinstance(part, Iterator) else part for part in reduced], depth
            )

    def _add_reduced(self, parts: Any, depth: int) -> None:
        self.inside += 1
        for part in parts:
            self.add(part, depth + 1)
        self.inside -= 1

    def _add_mapping(self, value: Mapping[Any, Any], depth: int) -> None:
        if self.inside:
            value = {
                key: item
                for key, item in value.items()
                if not (isinstance(key, str) and (key.endswith(_TIMES) or key in _NOT_CONTENT))
            }
        self._say("mapping", str(len(value)))
        for key in sorted(value, key=_order):
            self.path.append(str(key)[:60])
            self.add(key, depth)
            self.add(value[key], depth)
            self.path.pop()

    def _add_function(self, value: FunctionType, depth: int) -> None:
        """A function without a name of its own, by what it does."""
        code = value.__code__
        self._say("function", code.co_code.hex())
        self.inside += 1
        self.add([code.co_names, code.co_varnames, value.__defaults__, value.__kwdefaults__], depth)
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                self._say("code", constant.co_code.hex())
            else:
                self.add(constant, depth)
        self.add([cell.cell_contents for cell in value.__closure__ or ()], depth)
        self.inside -= 1

    def _add_tensor(self, value: Any) -> None:
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
        value = numpy.atleast_1d(value)
        step = max(1, _CHUNK * len(value) // max(1, value.nbytes))
        for start in range(0, len(value), step):
            part = numpy.ascontiguousarray(value[start : start + step])
            self.hash.update(part.reshape(-1).view(numpy.uint8))

    def _add_series(self, value: Any, depth: int) -> None:
        if isinstance(value.dtype, numpy.dtype) and not value.dtype.hasobject:
            self._add_array(value.to_numpy(), depth)
            return
        self._say("dtype", str(value.dtype))
        self._add_objects(list(value.astype(object)), depth)

    def _add_objects(self, values: list[Any], depth: int) -> None:
        """Texts with missing values among them, by far the most usual case, in two updates."""
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


def _order(key: Any) -> str:
    """What sorts keys in the same way in every process."""
    if isinstance(key, (str, int, float, bool, bytes, tuple, type(None))):
        return repr(key)
    return examine(key)[0] or repr(type(key))
