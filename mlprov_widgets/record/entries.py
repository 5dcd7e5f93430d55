"""One thing that is known of a run, and its value in words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlprov_widgets.record.fields import Field
from mlprov_widgets.record.run import Value
from mlprov_widgets.wording import format_number, format_value, one_line

MAX_CARD = 40
# The modules that a class or a function is in.
_MODULES = re.compile(r"^(?:[A-Za-z_]\w*\.)+(?=[A-Z])|^(?:[A-Za-z_]\w*\.){2,}(?=[a-z_])")


@dataclass(frozen=True)
class Entry:
    """One thing that is known of a run.

    Parameters
    ----------
    label, text : str
        What it is called, and its value in full.
    where : str
        Where it stands in the record, such as ``model_training.epochs``.
    known : str
        ``observed`` or ``told``; empty where the record does not say.
    card : str or None
        Its label on the card of its step; None where it is not on it.
    short : str
        Its value on that card.
    """

    label: str
    text: str
    where: str = ""
    known: str = ""
    card: str | None = None
    short: str = ""


def worded(declared: Field, value: Value) -> str:
    """A recorded value in full."""
    if declared.kind == "count" and isinstance(value, int | float):
        return format_number(value)
    if declared.kind == "shape" and isinstance(value, list):
        return " × ".join(format_value(size, 20) for size in value[:6])
    return format_value(value)


def card_text(declared: Field, value: Value) -> str:
    """A recorded value as a card has room for it: of a class or a function only its name."""
    if declared.kind == "class":
        names = value[:4] if isinstance(value, list) else [value]
        told = [_MODULES.sub("", str(one).removesuffix("()"), count=1) for one in names]
        more = ", …" if isinstance(value, list) and value[4:] else ""
        return one_line(", ".join(one_line(one, MAX_CARD) for one in told) + more, MAX_CARD)
    if isinstance(value, float):
        return format_number(value)
    return one_line(worded(declared, value), MAX_CARD)
