"""Values and names of two runs in the words and digits in which people compare them."""

from __future__ import annotations

from mlprov_widgets.record import Value
from mlprov_widgets.wording import format_value, humanize, one_line

MAX_WIDTH = 44


def shown(value: Value) -> str:
    """A value in one short line; a dash where there is none."""
    return "–" if value is None else format_value(value, MAX_WIDTH) or "none"


def label(name: str, declared: str = "") -> str:
    """A recorded name as people say it; that of a class after the colon stays as it is."""
    term, colon, of = name.partition(": ")
    return one_line((declared or humanize(term)) + colon + of, MAX_WIDTH)


def digits(new: Value, original: Value) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to see that they are not the same."""
    for places in range(6, 17):
        short = figures(new, places), figures(original, places)
        if short[0] != short[1]:
            # The digit after the first that differs shows how far the two are from each other.
            more = places + (places > 6)
            return figures(new, more), figures(original, more)
    return shown(new), shown(original)


def figures(value: Value, places: int) -> str:
    """A number to so many figures; anything else as it is shown."""
    return f"{value:.{places}g}" if isinstance(value, float) else shown(value)
