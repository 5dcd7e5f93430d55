"""What an observer of any library is built on."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple, ParamSpec, TypeVar

from mlprov_widgets.capture.clock import now
from mlprov_widgets.capture.observations import Observations
from mlprov_widgets.capture.values import is_plain, plain
from mlprov_widgets.record import Value

_P = ParamSpec("_P")
_R = TypeVar("_R")
_Function = Callable[..., Any]


class Call(NamedTuple):
    """One call of a function, once it has given its result.

    Parameters
    ----------
    name : str
        What the function is called in the record.
    begun : datetime
    result : object
    args, kwargs
        What it was given.
    """

    name: str
    begun: datetime
    result: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def argument(self, place: int, name: str) -> Any:
        """What a parameter was given; None where that was nothing."""
        return self.args[place] if len(self.args) > place else self.kwargs.get(name)

    @property
    def settings(self) -> dict[str, Value]:
        """Keyword arguments that can be recorded as they are."""
        return {key: plain(value) for key, value in self.kwargs.items() if is_plain(value)}


Notice = Callable[[Call], None]


def guarded(function: Callable[_P, _R]) -> Callable[_P, _R | None]:
    """The function, whose errors stay with it: nothing that watches may stop what it watches."""

    @functools.wraps(function)
    def quiet(*args: _P.args, **kwargs: _P.kwargs) -> _R | None:
        try:
            return function(*args, **kwargs)
        except Exception:
            return None

    return quiet


class Depth(threading.local):
    """How deep in a library a thread is; entering it tells whether it is the notebook that calls.

    What a library does inside of itself is no operation of the notebook's.
    """

    _entered = 0

    @property
    def inside(self) -> bool:
        """Whether the library is at work."""
        return self._entered > 0

    def __enter__(self) -> bool:
        self._entered += 1
        return self._entered == 1

    def __exit__(self, *error: object) -> None:
        self._entered -= 1


def _ignored(*args: Any, **kwargs: Any) -> None:
    """Note nothing."""


class _Never:
    """What says of every call that it is not to be noted."""

    def __enter__(self) -> bool:
        return False

    def __exit__(self, *error: object) -> None:
        """There is nothing to end."""


class Elsewhere:
    """What stands for an observer in another process, where there is no run: it notes nothing."""

    depth = _Never()

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("__"):
            raise AttributeError(name)
        return _ignored


class Observer:
    """One run's view of a library: the base of the class in each file of `observers`.

    Parameters
    ----------
    observations : Observations
        What it reports to.

    Attributes
    ----------
    modules : tuple of str
        Full names of modules that the library does not import by itself, and that bring more to
        watch: the observer is started again once they are there.
    trains : bool
        Whether it would see a model being trained.
    """

    modules: tuple[str, ...] = ()
    trains = False

    def __init__(self, observations: Observations) -> None:
        self.observations = observations
        observations.is_training_watched |= self.trains
        self.depth = Depth()
        self.undo: list[Callable[[], None]] = []

    def __reduce__(self) -> tuple[type[Elsewhere], tuple[()]]:
        # Classes of a notebook travel to worker processes with all that their methods hold.
        return Elsewhere, ()

    def start(self) -> None:
        """Begin to watch; called again whenever more of the library may have been imported."""
        raise NotImplementedError

    def stop(self) -> None:
        """Leave the library as it was."""
        for undo in reversed(self.undo):
            with suppress(Exception):
                undo()
        self.undo.clear()

    def cell_ended(self) -> None:
        """Conclude what can be said only when a cell has ended."""

    def read_terms(self, step: str, terms: Mapping[str, Any]) -> dict[str, Value]:
        """What it knows of the objects that a call of ``run.record`` names, as values of the step.

        Parameters
        ----------
        step : str
        terms : mapping
            As `calls.terms.named` gives them.
        """
        return {}

    # -- for observers ------------------------------------------------------------------------

    def replace(self, owner: Any, name: str, make: Callable[[_Function], _Function]) -> None:
        """Put what `make` makes of a function in its place, once, until the observer stops."""
        original = getattr(owner, name, None)
        if original is None or getattr(original, "_mlprov_watches", None) is self:
            return
        watched = make(original)
        watched._mlprov_watches = self  # type: ignore[attr-defined]  # a mark on a function
        setattr(owner, name, watched)

        def undo() -> None:
            if getattr(owner, name) is watched:
                setattr(owner, name, original)

        self.undo.append(undo)

    def wrap(
        self, owner: Any, name: str, before: _Function | None = None, after: _Function | None = None
    ) -> None:
        """Have every call of a function noticed.

        Parameters
        ----------
        owner : object
            Module or class that has it.
        name : str
        before : callable, optional
            Called with the same arguments before it runs.
        after : callable, optional
            Called with its result and its arguments once it has run.
        """
        begins, ended = before and guarded(before), after and guarded(after)

        def make(original: _Function) -> _Function:
            @functools.wraps(original)
            def watched(*args: Any, **kwargs: Any) -> Any:
                if begins is not None:
                    begins(*args, **kwargs)
                result = original(*args, **kwargs)
                if ended is not None:
                    ended(result, *args, **kwargs)
                return result

            return watched

        self.replace(owner, name, make)

    def notice_calls(self, owner: Any, name: str, full_name: str, notice: Notice) -> None:
        """Have the calls of a function noticed that the notebook itself makes.

        Parameters
        ----------
        owner : object
            Module, class or closure that has it.
        name : str
            Its attribute there.
        full_name : str
            What it is called in the record.
        notice : callable
            Called with each `Call`.
        """

        def make(original: _Function) -> _Function:
            noticed = guarded(notice)

            @functools.wraps(original)
            def watched(*args: Any, **kwargs: Any) -> Any:
                with self.depth as outermost:
                    begun = now()
                    result = original(*args, **kwargs)
                if outermost:
                    noticed(Call(full_name, begun, result, args, kwargs))
                return result

            return watched

        self.replace(owner, name, make)
