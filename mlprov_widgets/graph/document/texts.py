"""Values as short texts for people."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from mlprov_widgets.provenance.literals import display

# Controls, and what turns the direction of the text after it: with these, code reads as other code.
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def visible(text: str) -> str:
    """Text with characters that are not seen, but change what is, written as escapes."""
    return _HIDDEN.sub(lambda found: ascii(found[0])[1:-1], text)


def one_line(value: Any, limit: int) -> str:
    """Text without line breaks, at most `limit` characters long, fit for XML."""
    text = value if isinstance(value, str) else str(value)
    if len(text) <= limit and text.isprintable() and "  " not in text and text == text.strip(" "):
        return text  # nothing in it is hidden, and its only blanks are single spaces
    return display(visible(" ".join(text[: 4 * limit].split())), limit)


def ending_kept(text: str, limit: int) -> str:
    """A name of at most `limit` characters; of a longer one, the middle is what is left out."""
    if len(text) <= limit:
        return text
    end = min(len(text.rpartition(".")[2]) + 9, limit // 2)
    return f"{text[: limit - end - 1]}…{text[-end:]}"


def number(value: float) -> str:
    """A number with at most four significant digits; whole numbers in full."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}" if abs(value) < 1e15 else "≥ 10¹⁵"
    if not math.isfinite(value):
        return str(value)
    return f"{value:.4g}"


def short(value: Any, limit: int = 60) -> str:
    """Any value in one line."""
    if value is None or value == [] or value == {}:
        return "none"
    if isinstance(value, bool | int | float):
        return number(value)
    if isinstance(value, str):
        return one_line(value, limit)
    return one_line(plain(value, 4 * limit), limit)


def plain(value: Any, limit: int) -> str:
    """Any value in full, up to about `limit` characters."""
    if isinstance(value, str):
        return value
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        text = str(type(value).__name__)
    return text[:limit]


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
