"""Observers watch what libraries do, whatever the notebook calls it; each is a file of its own.

A file is called like the library that it watches and has one subclass of `observer.Observer`. It
is imported when the library is, costs microseconds a call, and never raises: what it cannot
understand is not in the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from mlprov_widgets.capture.environment.imports import ImportWatch
from mlprov_widgets.capture.observations import Observations
from mlprov_widgets.capture.observer import Observer, guarded
from mlprov_widgets.capture.values import loaded
from mlprov_widgets.record import Value


class Observers:
    """The observers of one run.

    Parameters
    ----------
    observations : Observations
        What they report to.
    """

    def __init__(self, observations: Observations) -> None:
        self._observations = observations
        self._running: dict[str, Observer] = {}
        # With which of its modules each was started last.
        self._started: dict[str, set[str]] = {}
        self._stopped = False
        self._libraries = [one.name for one in iter_modules(__path__)]
        # Many a cell imports a library and trains with it.
        self._imports = ImportWatch(self._libraries, self._imported)
        self.catch_up()

    def _imported(self) -> None:
        # The module that has just been imported does not count as there in full before this ends.
        self._started.clear()
        self.catch_up()

    @guarded
    def catch_up(self) -> None:
        """Watch what has been imported since."""
        if self._stopped:
            return
        for library in self._libraries:
            if loaded(library) is None:
                continue
            if library not in self._running:
                kind = _observer_in(import_module(f"{__name__}.{library}"))
                self._running[library] = kind(self._observations)
                self._imports.add(kind.modules)
            running = self._running[library]
            there = {name for name in (library, *running.modules) if _is_imported(name)}
            if there != self._started.get(library):
                self._started[library] = there
                guarded(running.start)()

    def cell_ended(self) -> None:
        """Let them conclude what can be said only when a cell has ended."""
        for one in self._running.values():
            guarded(one.cell_ended)()

    def read_terms(self, step: str, terms: Mapping[str, Any]) -> dict[str, Value]:
        """What they know of the objects that a call of ``run.record`` names."""
        found: dict[str, Value] = {}
        for one in self._running.values():
            found |= one.read_terms(step, terms)
        return found

    def stop(self) -> None:
        """Leave the libraries as they were; what was seen stays."""
        self._stopped = True
        self._imports.stop()
        for one in self._running.values():
            guarded(one.stop)()


def _is_imported(module: str) -> bool:
    """Whether a module is there in full, and not just being imported."""
    found = loaded(module)
    return found is not None and not getattr(found.__spec__, "_initializing", False)


def _observer_in(module: ModuleType) -> type[Observer]:
    return next(
        one
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, Observer) and one.__module__ == module.__name__
    )
