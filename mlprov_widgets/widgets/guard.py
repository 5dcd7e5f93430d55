"""No traceback in a widget: what goes wrong in a handler is said in a sentence, and logged."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any, TypeVar

import ipywidgets as widgets

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting import hosted, without_server_paths
from mlprov_widgets.messages import message
from mlprov_widgets.widgets.markup import escape

_Shown = TypeVar("_Shown", bound=Callable[..., Any])

log = logging.getLogger("mlprov_widgets")


def sentence(error: BaseException) -> str:
    """What to tell a person about an error."""
    if isinstance(error, MlprovError):
        return without_server_paths(str(error))
    if isinstance(error, OSError) and error.strerror:
        return message("file_not_usable", {"reason": error.strerror})
    return message("unexpected", {"type": type(error).__name__})


def explained_to_visitors(show: _Shown) -> _Shown:
    """Make a function that gives a widget say to visitors why there is none.

    A hosted page shows nothing of an error but that there was one.
    """

    @functools.wraps(show)
    def shown(*args: Any, **kwargs: Any) -> Any:
        try:
            return show(*args, **kwargs)
        except MlprovError as error:
            if not hosted():
                raise
            words = escape(sentence(error), 900)
            return widgets.HTML(f'<p role="alert" style="font-size:1.1em">{words}</p>')

    return shown  # type: ignore[return-value]


def guarded(say: Callable[[str], None]) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    """Make a handler that tells errors to `say` instead of raising them.

    Parameters
    ----------
    say : callable
        Takes the sentence; an empty one means that all went well.

    Returns
    -------
    callable
        A decorator.
    """

    def decorate(handler: Callable[..., Any]) -> Callable[..., None]:
        @functools.wraps(handler)
        def wrapped(*args: Any, **kwargs: Any) -> None:
            try:
                handler(*args, **kwargs)
            except Exception as error:
                if not isinstance(error, MlprovError):
                    log.error("A widget's handler failed.", exc_info=True)
                say(sentence(error))

        return wrapped

    return decorate
