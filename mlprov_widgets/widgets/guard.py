"""No traceback in a widget: what goes wrong in a handler is said in a sentence, and logged."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

from mlprov_widgets.errors import MlprovError

log = logging.getLogger("mlprov_widgets")


def sentence(error: BaseException) -> str:
    """What to tell a person about an error."""
    if isinstance(error, MlprovError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"A file could not be used: {error.strerror}."
    return (
        f"Something unexpected went wrong ({type(error).__name__}); your choices are kept. "
        "Details are in the log."
    )


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
