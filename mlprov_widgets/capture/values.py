"""Any value as what JSON can say; what cannot be said is shortened to a line of text."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Set
from datetime import date, time, timedelta
from enum import Enum
from pathlib import PurePath
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from mlprov_widgets.record import Value

MAX_TEXT = 100_000  # characters of one text
MAX_ITEMS = 50_000  # numbers and texts in one value, however nested
MAX_ARRAY = 1_000  # elements up to which an array is written out
MAX_DEPTH = 12
MAX_LINE = 300  # characters of a shortened description

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_SECRET = re.compile(r"(^|_)(TOKEN|PASSWORD|PASSWD|SECRET|KEY|CREDENTIALS?)$", re.IGNORECASE)


def loaded(module: str) -> ModuleType | None:
    """A module that the run has imported already; this package imports none for its own sake."""
    return sys.modules.get(module)


class _Loaded:
    """A module by its name, looked up when it is used; false while the run has not imported it."""

    # What is set must be set on the module itself.
    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __bool__(self) -> bool:
        return self._name in sys.modules

    def __getattr__(self, attribute: str) -> Any:
        return getattr(sys.modules.get(self._name), attribute)


ipython: Any = _Loaded("IPython")
numpy: Any = _Loaded("numpy")
pandas: Any = _Loaded("pandas")
torch: Any = _Loaded("torch")


def is_a(value: object, *classes: str) -> bool:
    """Whether a value is of one of these classes; of a library that is not imported, none is.

    Parameters
    ----------
    value : object
    *classes : str
        Such as ``pandas.DataFrame``.
    """
    for name in classes:
        module, _, kind = name.rpartition(".")
        if isinstance(value, getattr(sys.modules.get(module), kind, ())):
            return True
    return False


def holds_integers(value: Any) -> bool:
    """Whether it is an array of whole numbers, one after the other: of rows, or of classes."""
    return is_a(value, "numpy.ndarray") and value.ndim == 1 and value.dtype.kind in "iu"


def text(value: str, limit: int = MAX_TEXT) -> str:
    """A text that every file format can hold, cut at `limit` characters."""
    value = str.__str__(value)
    if len(value) > limit:
        value = f"{value[: limit - 1]}…"
    return value.encode("utf-8", "replace").decode("utf-8")


def without_addresses(line: str) -> str:
    """A text without places in memory, which are others in every run."""
    return _ADDRESS.sub("", line)


def may_be_secret(name: str) -> bool:
    """Whether a name is one under which people keep what nobody else may read."""
    return _SECRET.search(name) is not None


def shortened(value: object, limit: int = MAX_LINE) -> str:
    """One line about an object: its ``repr`` without addresses and line breaks. Never raises."""
    try:
        line = without_addresses(" ".join(repr(value).split()))
    except Exception:
        line = f"<{type(value).__name__}>"
    return text(line, limit)


def qualified_name(value: object) -> str:
    """``module.name`` of a class or function, by the shortest module that offers it."""
    kind = value if hasattr(value, "__qualname__") else type(value)
    module = getattr(kind, "__module__", "") or ""
    name = getattr(kind, "__qualname__", type(value).__name__)
    if module in ("", "builtins", "__main__"):
        return text(name, 200)
    parts = module.split(".")
    for end in range(1, len(parts)):
        public = ".".join(parts[:end])
        if getattr(sys.modules.get(public), name, None) is kind:
            return text(f"{public}.{name}", 200)
    return text(f"{module}.{name}", 200)


def plain(value: object) -> Value:
    """A value as JSON can say it.

    Scalars of NumPy, PyTorch and pandas become plain numbers; arrays of at most 1,000 elements
    become lists, larger ones a line that says what they are. Anything else becomes its shortened
    ``repr``. ``NaN`` and infinities stay numbers: the writer knows how to say them. Never raises.
    """
    try:
        return _Plain().convert(value, 0)
    except Exception:
        return shortened(value)


def is_plain(value: object) -> bool:
    """Whether a value is a constant that can be recorded as it is: numbers, text, small lists."""
    pending, left = [value], MAX_ARRAY
    while pending and left > 0:
        item = pending.pop()
        left -= 1
        if item is None or type(item) in (bool, int, float, str) or isinstance(item, PurePath):
            continue
        if isinstance(item, dict) and all(type(key) is str for key in item):
            item = list(item.values())
        if not isinstance(item, (list, tuple)) or len(item) > left:
            return False
        pending.extend(item)
    return not pending


class _Plain:
    """One conversion; counts its items so that nothing nested grows without end."""

    def __init__(self) -> None:
        self.left = MAX_ITEMS

    def convert(self, value: Any, depth: int) -> Value:
        self.left -= 1
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, Enum):
            return self.convert(value.value, depth)
        if isinstance(value, str):
            return text(value)
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float):
            return float(value)
        if depth > MAX_DEPTH:
            return shortened(value)
        if isinstance(value, Mapping):
            return self._mapping(value, depth)
        if isinstance(value, (list, tuple)):
            return self._sequence(value, depth)
        if isinstance(value, Set):
            return self._sequence(sorted(value, key=repr), depth)
        if isinstance(value, (date, time)):
            return value.isoformat() if value == value else None  # NaT is not equal to itself
        if isinstance(value, (timedelta, PurePath)):
            return str(value)
        return self._array(value, depth)

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> dict[str, Value]:
        result: dict[str, Value] = {}
        for key, item in value.items():
            if self.left <= 0:
                result["…"] = f"{len(value) - len(result)} more"
                break
            name = text(key) if isinstance(key, str) else str(self.convert(key, MAX_DEPTH))
            result[name] = self.convert(item, depth + 1)
        return result

    def _sequence(self, value: Any, depth: int) -> list[Value]:
        result: list[Value] = []
        for item in value:
            if self.left <= 0:
                result.append(f"… {len(value) - len(result)} more")
                break
            result.append(self.convert(item, depth + 1))
        return result

    def _array(self, value: Any, depth: int) -> Value:
        if is_a(value, "torch.Tensor"):
            if value.numel() > MAX_ARRAY or value.is_meta:
                return summary(value)
            return self.convert(value.detach().cpu().tolist(), depth)
        if is_a(value, "numpy.generic"):
            item = value.item()
            return self.convert(item, depth) if item is not value else shortened(value)
        if is_a(value, "numpy.ndarray"):
            return summary(value) if value.size > MAX_ARRAY else self.convert(value.tolist(), depth)
        if pandas and (value is pandas.NA or value is pandas.NaT):
            return None
        if is_a(value, "pandas.Series", "pandas.Index", "pandas.api.extensions.ExtensionArray"):
            return summary(value) if len(value) > MAX_ARRAY else self.convert(list(value), depth)
        if is_a(value, "pandas.DataFrame"):
            if value.size > MAX_ARRAY:
                return summary(value)
            return {text(str(name)): self.convert(list(value[name]), depth + 1) for name in value}
        if isinstance(value, (type, FunctionType, BuiltinFunctionType)):
            return qualified_name(value)
        return shortened(value)


def summary(value: Any) -> str:
    """What a large array is, in one line: ``torch.Tensor float32, 60000 × 784``."""
    kind = qualified_name(type(value))
    dtype = str(getattr(value, "dtype", "")).removeprefix("torch.")
    shape = " × ".join(str(size) for size in getattr(value, "shape", ()))
    return text(" ".join(part for part in (kind, dtype) if part) + (f", {shape}" if shape else ""))
