"""How numbers, durations, sizes, lists and text of others are written, everywhere."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeGuard

MAX_LINE = 200
MAX_ITEMS = 12
MAX_DEPTH = 3
# Python writes no integer of thousands of digits, and nobody reads one.
_MAX_BITS = 400
_PLAIN_SPACES = re.compile(r"\S+(?: \S+)*")


def visible(text: str) -> str:
    """Text in which every character that is not seen is written as an escape, line breaks kept.

    Controls and marks that turn the direction of what follows would make it read as other text;
    half a surrogate pair is what no file and no browser takes.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in "\n\t" else ascii(char)[1:-1] for char in text
    )


def one_line(value: object, limit: int = MAX_LINE) -> str:
    """Anybody's text in one line of visible characters, at most `limit` of them.

    Parameters
    ----------
    value : object
        Text; of anything else its `str`.
    limit : int, default 200
        A longer text is cut, and ends in an ellipsis.
    """
    text = value if isinstance(value, str) else as_text(value)
    if len(text) <= limit and text.isprintable() and _PLAIN_SPACES.fullmatch(text):
        return text
    return shorten(visible(" ".join(text[: 4 * limit + 100].split())), limit)


def quote(text: str, limit: int = 40) -> str:
    """Text in quotes as it is, blanks and line breaks visible, at most `limit` characters of it."""
    shown = visible(shorten(text, limit))
    return "'" + shown.replace("\n", "\\n").replace("\t", "\\t") + "'"


def paragraphs(text: str, limit: int) -> str:
    """Anybody's text of several lines, visible; how much of a longer one was left out is said."""
    if len(text) <= limit:
        return visible(text)
    return f"{visible(text[:limit])}\n… {format_count(len(text) - limit, 'more character')}"


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters; of a longer text the end is left out."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def shorten_middle(name: str, limit: int) -> str:
    """At most `limit` characters of a name; its end, which tells files apart, is kept."""
    if len(name) <= limit:
        return name
    end = min(len(name.rpartition(".")[2]) + 9, limit // 2)
    return f"{name[: limit - end - 1]}…{name[-end:]}"


def capitalize(text: str) -> str:
    """The text with a capital at its beginning, and nothing else changed."""
    return text[:1].upper() + text[1:]


def humanize(name: object, limit: int = 80) -> str:
    """A recorded name as words: ``mean_absolute_error`` is ``mean absolute error``."""
    return one_line(as_text(name).replace("_", " "), limit)


def is_numeric(value: object) -> TypeGuard[int | float]:
    """Whether it is a number; True and False are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def format_number(value: float, digits: int = 4) -> str:
    """A number for reading: whole ones in full and in groups, others to `digits` figures."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        if value.bit_length() > _MAX_BITS:
            return f"a number of {value.bit_length():,} bits"
        return f"{value:,}" if abs(value) < 10**15 else str(value)
    if not math.isfinite(value):
        return str(value)
    if value == int(value) and 10**digits <= abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:.{digits}g}"


def format_percent(share: float) -> str:
    """A share from 0 to 1 as a percentage of three figures."""
    return f"{100 * share:.3g} %"


def format_count(count: float, one: str, many: str = "") -> str:
    """How many of something: ``1 row``, ``1,200 rows``; `many` is its plural where not in s."""
    return f"{format_number(count)} {one if count == 1 else many or f'{one}s'}"


def format_duration(seconds: float | None) -> str:
    """How long something took; empty where that is not known, or no time at all.

    Milliseconds below a second, seconds to three figures below a minute, then the two largest
    units.
    """
    if seconds is None or not 0 <= seconds < 1e10:
        return ""
    if seconds < 0.9995:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min"


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """Seconds from one time to another; None where one is not known, or only one has a zone."""
    try:
        return (end - start).total_seconds() if start and end else None
    except TypeError:
        return None


def format_size(size: float) -> str:
    """A number of bytes in decimal units: ``1.4 GB``."""
    if size < 1000:
        return format_count(int(size), "byte")
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.5:
            return f"{size:.3g} {unit}"
    return f"{size / 1000:,.3g} TB"


def format_time(moment: datetime) -> str:
    """A time to the minute, with its zone where that is UTC."""
    zone = " UTC" if moment.tzinfo and not moment.utcoffset() else ""
    return f"{moment:%Y-%m-%d %H:%M}{zone}"


def format_list(items: Iterable[object], most: int = MAX_ITEMS, last: str = "and") -> str:
    """``a, b and c``; of many the first, and how many more there are.

    Parameters
    ----------
    items : iterable of object
        Each in one line.
    most : int, default 12
        How many are named.
    last : str, default "and"
        What stands before the last of them.
    """
    every = list(items)
    named = [one_line(one) for one in every[:most]]
    if len(every) > most:
        return f"{', '.join(named)} {last} {len(every) - most:,} more"
    if len(named) < 2:
        return "".join(named)
    return f"{', '.join(named[:-1])} {last} {named[-1]}"


def format_value(value: Any, limit: int = 400, depth: int = 0) -> str:
    """Any recorded value in one line; empty where there is nothing to say.

    Parameters
    ----------
    value : Value
        What JSON can say.
    limit : int, default 400
        Characters at most.
    """
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15:
        return str(value)  # as it is recorded: it may be a seed, a version or a port
    if isinstance(value, bool | int | float):
        return format_number(value, 6)
    if depth >= MAX_DEPTH:
        return "…"
    if isinstance(value, Mapping):
        pairs = list(value.items())[:MAX_ITEMS]
        parts = [
            f"{one_line(name, 80)} = {format_value(one, limit, depth + 1) or 'none'}"
            for name, one in pairs
        ]
    elif isinstance(value, list | tuple):
        parts = [format_value(one, limit, depth + 1) or "none" for one in value[:MAX_ITEMS]]
    else:
        return one_line(value, limit)
    if len(value) > MAX_ITEMS:
        parts.append(f"… and {len(value) - MAX_ITEMS:,} more")
    text = ", ".join(parts)
    return shorten(f"[{text}]" if depth and not isinstance(value, Mapping) else text, limit)


def as_text(value: object) -> str:
    """Anything as its `str`, whatever it is."""
    try:
        return str(value)
    except ValueError:  # an integer of more digits than Python writes
        return "a number of very many digits"
