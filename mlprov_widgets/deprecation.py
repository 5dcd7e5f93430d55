"""Old names that still work, and say which name is the right one."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import ParamSpec, TypeVar

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


def renamed_parameters(
    **names: str,
) -> Callable[[Callable[_Given, _Result]], Callable[_Given, _Result]]:
    """Make a function take arguments under their old names, too.

    Parameters
    ----------
    **names
        Old name to new name. Whoever uses an old one gets a `DeprecationWarning`.

    Returns
    -------
    callable
        A decorator.
    """

    def decorate(function: Callable[_Given, _Result]) -> Callable[_Given, _Result]:
        @functools.wraps(function)
        def wrapped(*args: _Given.args, **kwargs: _Given.kwargs) -> _Result:
            for old, new in names.items():
                if old in kwargs:
                    warn_of(f"{old}=", f"{new}=")
                    kwargs[new] = kwargs.pop(old)
            return function(*args, **kwargs)

        return wrapped

    return decorate


def warn_of(old: str, new: str) -> None:
    """Warn whoever called the caller that `old` is called `new` now."""
    warnings.warn(
        f"{old} is called {new} now; the old name will go.", DeprecationWarning, stacklevel=3
    )
