"""Tells at once when a library has been imported, in the middle of a cell too."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class ImportWatch(MetaPathFinder):
    """Calls back when one of some modules has been imported in full.

    Parameters
    ----------
    names : iterable of str
        Full names of modules.
    imported : callable
        Called without arguments, before the code that imports goes on.
    """

    def __init__(self, names: Iterable[str], imported: Callable[[], object]) -> None:
        self._names = set(names)
        self._imported = imported
        sys.meta_path.insert(0, self)

    def add(self, names: Iterable[str]) -> None:
        """Call back for these modules, too."""
        self._names.update(names)

    def stop(self) -> None:
        """Leave imports alone."""
        with suppress(ValueError):
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What the finders after this one find; loading it tells that it was imported."""
        if fullname not in self._names or self not in sys.meta_path:
            return None
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(fullname, path, target) if find else None
            if spec is not None:
                self._call_back_after(spec)
                return spec
        return None

    def _call_back_after(self, spec: ModuleSpec) -> None:
        loader: Any = spec.loader
        execute = getattr(loader, "exec_module", None)
        if execute is None or isinstance(loader, type):
            return

        def exec_module(module: ModuleType) -> None:
            execute(module)
            # What was imported asks its loader for more than this, and finds it as it was.
            with suppress(AttributeError):
                del loader.exec_module
            with suppress(Exception):
                self._imported()

        with suppress(AttributeError):
            loader.exec_module = exec_module
