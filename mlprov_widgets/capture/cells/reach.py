"""Which of the notebook's names the code of a cell can reach when it runs, from its bytecode."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from types import CodeType, FunctionType, MethodType
from typing import Any

from mlprov_widgets.capture.cells.names import globals_of, names_of
from mlprov_widgets.capture.values import is_plain, may_be_secret, plain
from mlprov_widgets.record import Value

_MOST_FUNCTIONS = 300
_CONSTANT = re.compile(r"^[A-Z][A-Z0-9_]*$")


def constants_in(names: Iterable[str], namespace: Mapping[str, Any]) -> dict[str, Value]:
    """Named constants among global names, with their values; never what may be a secret."""
    return {
        name: plain(namespace[name])
        for name in sorted(names)
        if _CONSTANT.match(name)
        and name in namespace
        and not may_be_secret(name)
        and is_plain(namespace[name])
    }


def reachable(source: str, namespace: Mapping[str, Any]) -> set[str]:
    """Global names that a cell looks up itself, or through the functions that it calls.

    What a cell defines and does not use counts for nothing.

    Parameters
    ----------
    source : str
        Python as IPython's input transformer leaves it.
    namespace : mapping
        The global names after the cell has run: its functions are followed as they are now.

    Returns
    -------
    set of str
        Empty where the source is no Python.
    """
    found: set[str] = set()
    seen: set[int] = set()
    pending = list(names_of(source).uses)
    while pending and len(seen) < _MOST_FUNCTIONS:
        name = pending.pop()
        if name in found:
            continue
        found.add(name)
        for function in _codes_of(namespace.get(name), namespace):
            if id(function) not in seen:
                seen.add(id(function))
                pending.extend(globals_of(function)[0])
    return found


def _codes_of(value: Any, namespace: Mapping[str, Any], depth: int = 0) -> Iterator[CodeType]:
    """The code behind a function, method, partial or class of the notebook itself."""
    if depth > 4:
        return
    if isinstance(value, functools.partial):
        yield from _codes_of(value.func, namespace, depth + 1)
    elif isinstance(value, MethodType):
        yield from _codes_of(value.__func__, namespace, depth + 1)
    elif isinstance(value, FunctionType):
        if value.__globals__ is namespace or value.__module__ == "__main__":
            yield value.__code__
            for cell in value.__closure__ or ():
                try:
                    yield from _codes_of(cell.cell_contents, namespace, depth + 1)
                except ValueError:
                    continue
        if hasattr(value, "__wrapped__"):
            yield from _codes_of(value.__wrapped__, namespace, depth + 1)
    else:
        kind = value if isinstance(value, type) else type(value)
        if kind.__module__ == "__main__":
            for item in vars(kind).values():
                function = getattr(item, "__func__", item)
                if isinstance(function, FunctionType):
                    yield function.__code__
