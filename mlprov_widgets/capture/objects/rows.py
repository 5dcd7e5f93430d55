"""Which rows a table, array or tensor holds, told by their content, and which part they are of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from mlprov_widgets.capture.values import is_a, numpy, pandas, torch

_MOST_ROWS = 200_000
_MOST_BYTES = 200_000_000
_MIX = 0x9E3779B97F4A7C15


def row_hashes(value: Any) -> Any:
    """One number for each row, equal where the rows are.

    Numbers are compared as 32-bit floats, because that is what becomes of a table on its way into
    a network: a row has the same number before and after ``torch.tensor(..., dtype=float32)``.

    Parameters
    ----------
    value : object
        Array, tensor, data frame, series or list of texts with rows along the first axis.

    Returns
    -------
    numpy.ndarray of uint64 or None
        None for what has no rows, or more of them than are looked at. Never raises.
    """
    try:
        return _row_hashes(value)
    except Exception:
        return None


def exact_hashes(value: Any) -> Any:
    """The same, also of images by all of their values: equal where, and only where, rows are."""
    if len(getattr(value, "shape", ())) == 4:
        try:
            value = value.reshape(len(value), -1)
        except Exception:
            return None
    return row_hashes(value)


def _row_hashes(value: Any) -> Any:
    if not numpy:
        return None
    if len(getattr(value, "shape", ())) == 4 and getattr(value, "size", False):
        return _of_images(value)
    if isinstance(value, (list, tuple)) and value and len(value) <= _MOST_ROWS:
        texts = all(isinstance(item, str) for item in value)
        value = numpy.asarray(value, dtype=object if texts else None)
    size = value.numel() if is_a(value, "torch.Tensor") else value.size
    if not value.ndim or len(value) > _MOST_ROWS or size * 4 > _MOST_BYTES:
        return None
    if is_a(value, "torch.Tensor"):
        value = value.detach().to("cpu", dtype=torch.float32).numpy()
    if is_a(value, "pandas.DataFrame", "pandas.Series"):
        kinds = value.dtypes if value.ndim == 2 else [value.dtype]
        if not all(getattr(kind, "kind", "O") in "biuf" for kind in kinds):
            return _of_objects(value)
        value = value.to_numpy(dtype="float32", na_value=numpy.nan)
    if not isinstance(value, numpy.ndarray):
        return None
    if value.dtype.kind in "OUS":
        return _of_objects(pandas.DataFrame(value.reshape(len(value), -1).astype(object)))
    return _of_numbers(value) if value.dtype.kind in "biuf" else None


def _of_images(value: Any) -> Any:
    """Of the first channel, which neighbours are brighter: scaling changes nothing of that."""
    if len(value) > _MOST_ROWS or len(value) * value[0, 0].nbytes > _MOST_BYTES:
        return None
    first = value[:, 0]
    brighter = first[..., 1:] > first[..., :-1]
    if hasattr(brighter, "cpu"):
        brighter = brighter.detach().cpu().numpy()
    packed = numpy.packbits(brighter.reshape(len(value), -1), axis=1)
    return _of_numbers(packed)


def _of_numbers(value: Any) -> Any:
    with numpy.errstate(all="ignore"):
        # A negative zero is a zero.
        rows = value.reshape(len(value), -1).astype("float32", order="C") + numpy.float32(0)
    bits = rows.view("uint32").astype("uint64")
    factors = _factors(bits.shape[1])
    with numpy.errstate(over="ignore"):
        mixed = (bits ^ (bits >> numpy.uint64(15))) * numpy.uint64(_MIX)
        mixed ^= mixed >> numpy.uint64(29)
        sums = (mixed * factors).sum(axis=1, dtype="uint64")
        return sums ^ (sums >> numpy.uint64(32))


@lru_cache(maxsize=16)
def _factors(width: int) -> Any:
    """An odd number for each column."""
    drawn = numpy.random.Generator(numpy.random.PCG64(7)).integers(
        1, 2**63, size=width, dtype="uint64"
    )
    return drawn * numpy.uint64(2) + numpy.uint64(1)


def _of_objects(value: Any) -> Any:
    return pandas.util.hash_pandas_object(value, index=False, categorize=True).to_numpy("uint64")


class Batches:
    """The rows of many batches, of which the small ones are hashed together.

    Hashing a few rows by themselves takes ten times as long.
    """

    _MOST_NUMBERS = 2_048  # of a batch that waits
    _MOST_WAITING = 100_000  # numbers of all that wait, and so of rows fewer than are hashed

    def __init__(self) -> None:
        self._hashed: list[Any] = []
        self._waiting: list[Any] = []
        self._numbers = 0

    def __bool__(self) -> bool:
        return bool(self._hashed or self._waiting)

    def append(self, rows: Any) -> None:
        """Add a batch, as `read` gave it."""
        is_hashed = rows.ndim == 1
        if self._waiting and (is_hashed or rows.shape[1] != self._waiting[-1].shape[1]):
            self._hash()
        if is_hashed:
            self._hashed.append(rows)
            return
        self._waiting.append(rows)
        self._numbers += rows.size
        if self._numbers > self._MOST_WAITING:
            self._hash()

    def hashes(self) -> Any:
        """One number for each row, as `row_hashes` gives them, in the order of the batches."""
        self._hash()
        if len(self._hashed) > 1:
            self._hashed = [numpy.concatenate(self._hashed)]
        return self._hashed[0]

    def _hash(self) -> None:
        if self._waiting:
            self._hashed.append(row_hashes(numpy.concatenate(self._waiting)))
        self._waiting, self._numbers = [], 0

    @classmethod
    def read(cls, value: Any) -> Any:
        """The rows of a tensor: hashed, or copied where they are few; None for what has none.

        Never raises.
        """
        if value.dim() != 2 or not 0 < value.numel() <= cls._MOST_NUMBERS:
            return row_hashes(value)
        try:
            return value.detach().to("cpu", dtype=torch.float32).numpy().copy()
        except Exception:  # sparse, quantized, without numbers
            return None


class Membership:
    """Which of the parts each row belongs to, also after it was transformed.

    Parameters
    ----------
    parts : mapping of str to list of numpy.ndarray
        Name of a part to the rows that it holds, in each form in which they are known.
    aliases : iterable of (numpy.ndarray, numpy.ndarray)
        Rows that went into a transformation, and what came of each.
    """

    def __init__(self, parts: Mapping[str, list[Any]], aliases: Iterable[tuple[Any, Any]]) -> None:
        self.names = list(parts)
        self.sizes = {name: max(map(len, forms)) for name, forms in parts.items()}
        self._masks: dict[int, int] = {}
        for place, forms in enumerate(parts.values()):
            for rows in forms:
                for row in rows.tolist():
                    self._masks[row] = self._masks.get(row, 0) | (1 << place)
        pairs = [(before.tolist(), after.tolist()) for before, after in aliases]
        # Backwards too: what is split after it was scaled was fitted on before that.
        for before, after in pairs:
            self._spread(before, after)
        for before, after in reversed(pairs):
            self._spread(after, before)

    def _spread(self, known: list[int], other: list[int]) -> None:
        masks = self._masks
        found: dict[int, int] = {}
        for row, becomes in zip(known, other, strict=True):
            mask = masks.get(row, 0)
            if mask and (becomes not in masks or becomes in found):
                found[becomes] = found.get(becomes, 0) | mask
        masks.update(found)

    def count_as_one(self, rows: Any) -> dict[str, int]:
        """How many rows are of which part, where they are taken for one part if they can be."""
        whole = [name for name in self.names if set(self.count(rows, name)) == {name}]
        if not whole:
            return self.count(rows, "testing")
        # Equal rows in several parts say nothing; the one that it fills says most.
        return {min(whole, key=lambda name: abs(self.sizes[name] - len(rows))): len(rows)}

    def count(self, rows: Any, favoured: str = "") -> dict[str, int]:
        """How many rows are of which part; ``other`` counts those of none.

        Parameters
        ----------
        rows : numpy.ndarray
        favoured : str
            The part that a row counts for where an equal row is in several.
        """
        bit = 1 << self.names.index(favoured) if favoured in self.names else 0
        result: dict[str, int] = {}
        distinct, counts = numpy.unique(rows, return_counts=True)
        masks = [self._masks.get(row, 0) for row in distinct.tolist()]
        # Where equal rows are in several parts, it is of those whose other rows are there, too.
        there = 0
        for mask in masks:
            there |= mask if mask.bit_count() == 1 else 0
        for mask, number in zip(masks, counts.tolist(), strict=True):
            mask = mask & (there | bit) or mask
            if mask & bit:
                name = favoured
            elif mask:
                name = self.names[(mask & -mask).bit_length() - 1]
            else:
                name = "other"
            result[name] = result.get(name, 0) + number
        return result
