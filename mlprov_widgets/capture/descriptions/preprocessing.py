"""What prepares the data, as a flat list that a person can read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlprov_widgets.capture.values import is_a, qualified_name, shortened, text

_NOTHING = ("", "none", "passthrough")
_MAX_COLUMNS = 8  # names written out after an operation that applies to some columns


def list_operations(value: object) -> list[str]:
    """Operations in the order in which they are applied.

    Parameters
    ----------
    value : object
        An estimator, ``Pipeline``, ``ColumnTransformer`` or ``FeatureUnion`` of scikit-learn, a
        ``Compose`` of torchvision, a module or function, a text, or a list of these.

    Returns
    -------
    list of str
        Such as ``StandardScaler()`` or ``OneHotEncoder() on sex, island``. What passes the data
        through unchanged is no operation.
    """
    return list(_operations(value, "", 0))


def _operations(value: Any, where: str, depth: int) -> Iterator[str]:
    if value is None or (isinstance(value, str) and value.strip().lower() in _NOTHING):
        return
    if isinstance(value, str):
        yield text(value, 1000) + where
    elif depth > 20:
        yield shortened(value) + where
    elif isinstance(value, dict):
        for part in value.values():
            yield from _operations(part, where, depth + 1)
    elif isinstance(value, (list, tuple)):
        for part in value:
            named = isinstance(part, tuple) and len(part) == 2 and isinstance(part[0], str)
            yield from _operations(part[1] if named else part, where, depth + 1)
    elif _holds_tuples(value, "steps"):
        yield from _operations(value.steps, where, depth + 1)
    elif _holds_tuples(value, "transformer_list"):
        yield from _operations(value.transformer_list, where, depth + 1)
    elif _holds_tuples(value, "transformers", 3):
        # Once fitted it knows which columns a selector has found.
        for _, part, columns in getattr(value, "transformers_", value.transformers):
            yield from _operations(part, where + _on(columns), depth + 1)
    elif isinstance(getattr(value, "transforms", None), (list, tuple)):
        yield from _operations(list(value.transforms), where, depth + 1)
    elif not _is_identity(value):
        yield _name(value) + where


def _holds_tuples(value: Any, attribute: str, size: int | None = None) -> bool:
    parts = getattr(value, attribute, None)
    return isinstance(parts, list) and all(
        isinstance(part, tuple) and size in (None, len(part)) for part in parts
    )


def _is_identity(value: Any) -> bool:
    # A transformer around a function that has none leaves all as it is.
    passes = hasattr(value, "inverse_func") and getattr(value, "func", 0) is None
    return passes or type(value).__name__ == "Identity"


def _name(value: Any) -> str:
    if isinstance(value, type) or hasattr(value, "__qualname__"):
        return qualified_name(value)
    if getattr(type(value), "__repr__", None) is object.__repr__:
        settings = ((key, item) for key, item in vars(value).items() if item is not None)
        shown = ", ".join(f"{key}={shortened(item, 100)}" for key, item in settings)
        return text(f"{type(value).__name__}({shown})", 1000)
    return shortened(value, 1000)


def _on(columns: Any) -> str:
    if is_a(columns, "pandas.Series", "pandas.Index"):
        columns = list(columns)
    if isinstance(columns, (str, int)):
        columns = [columns]
    if isinstance(columns, slice) or callable(columns):
        return f" on {columns if isinstance(columns, slice) else _name(columns)}"
    try:
        names = [text(str(name), 60) for name in columns]
    except TypeError:
        return ""
    if not names:
        return " on no column"
    more = len(names) - _MAX_COLUMNS
    return f" on {', '.join(names[:_MAX_COLUMNS])}" + (f" and {more} more" if more > 0 else "")
