"""What a report on a run is made of, before it becomes HTML or Markdown; all of it plain text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from mlprov_widgets.provenance.record import Value

MAX_TEXT = 400
MAX_LIST = 12
MAX_DEPTH = 3


@dataclass(frozen=True)
class Fact:
    """One recorded thing: what it is called, its value, and where in the record it stands."""

    label: str
    value: str
    where: str = ""


@dataclass(frozen=True)
class Facts:
    """Facts under a heading."""

    title: str
    rows: list[Fact]


@dataclass(frozen=True)
class Table:
    """Rows of texts; of a confusion matrix, `shades` has a number from 0 to 1 for each cell."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""
    shades: list[list[float]] = field(default_factory=list)
    numbers: bool = False


@dataclass(frozen=True)
class Paragraph:
    """A few sentences; `tone` is ``good``, ``fair``, ``bad`` or empty."""

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Code:
    """Lines that keep their form: ``diff``, ``bash``, ``python`` or ``text``."""

    text: str
    language: str = "text"
    title: str = ""


@dataclass(frozen=True)
class Names:
    """Many short pairs, set close: packages and their versions."""

    title: str
    pairs: list[tuple[str, str]]
    note: str = ""


@dataclass(frozen=True)
class Curves:
    """One chart: the values of some quantities at each epoch; None where there is none."""

    title: str
    epochs: list[float]
    series: dict[str, list[float | None]]


@dataclass(frozen=True)
class Answer:
    """An item of a checklist that the record answers, wholly or in part."""

    key: str
    item: str
    text: str
    section: str
    whole: bool = True


@dataclass(frozen=True)
class Answers:
    """One checklist: what the record answers, and what only the authors can."""

    title: str
    source: str
    address: str
    answers: list[Answer]
    open: list[tuple[str, str]]


Block = Facts | Table | Paragraph | Code | Names | Curves | Answers


@dataclass(frozen=True)
class Section:
    """Part of a report; `key` names it in links."""

    key: str
    title: str
    blocks: list[Block]


@dataclass(frozen=True)
class Page:
    """The whole report.

    Parameters
    ----------
    title, subtitle : str
        What the run was, and which one.
    badges : list of (str, str)
        Text and tone of what is said beside the title: status and verdict.
    tiles : list of (str, str)
        Label and value of the few things that most readers look for.
    summary : str
        The run in some sentences.
    sections : list of Section
    footer : str
    """

    title: str
    subtitle: str
    badges: list[tuple[str, str]]
    tiles: list[tuple[str, str]]
    summary: str
    sections: list[Section]
    footer: str

    def number(self, key: str) -> int:
        """Number of a section, from 1; 0 where it is not in this report."""
        return next((n for n, one in enumerate(self.sections, 1) if one.key == key), 0)


def plain(value: object, limit: int = MAX_TEXT) -> str:
    """One line of characters that are seen, shortened where it is long."""
    text = str(value)[: limit + 1] if isinstance(value, str) else _other(value)
    text = "".join(char if char.isprintable() else " " if char.isspace() else "�" for char in text)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def visible(text: str, limit: int) -> str:
    """Several lines, in which what is not seen is written as an escape."""
    shown = "".join(
        char if char.isprintable() or char in "\n\t" else ascii(char)[1:-1] for char in text[:limit]
    )
    return f"{shown}\n(… {len(text) - limit:,} more characters)" if len(text) > limit else shown


def say(value: Value, depth: int = 0) -> str:
    """A recorded value as people write it; empty where there is nothing to say."""
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _other(value)
    if depth >= MAX_DEPTH:
        return "…"
    if isinstance(value, dict):
        parts = [
            f"{plain(key, 80)} = {say(one, depth + 1) or 'none'}"
            for key, one in list(value.items())[:MAX_LIST]
        ]
    elif isinstance(value, list | tuple):
        parts = [say(one, depth + 1) or "none" for one in value[:MAX_LIST]]
    else:
        return plain(repr(value))
    if len(value) > MAX_LIST:
        parts.append(f"… and {len(value) - MAX_LIST:,} more")
    text = ", ".join(parts)
    return plain(f"[{text}]" if depth and isinstance(value, list | tuple) else text)


def count(value: Value) -> str:
    """A number of things, in groups of three digits; empty where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if isinstance(value, int):
        return f"{value:,}" if value.bit_length() < 100 else _other(value)
    if not math.isfinite(value):
        return ""
    return f"{int(value):,}" if value == int(value) and abs(value) < 1e15 else _other(value)


def number(value: Value, digits: int = 4) -> str:
    """A measured number, rounded for reading."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return say(value)
    if isinstance(value, int):
        return _other(value)
    if not math.isfinite(value):
        return str(value)
    if value and not 10**-digits <= abs(value) < 1e7:
        return f"{value:.{digits - 1}e}"
    return f"{value:.{digits}f}"


def is_number(value: Value) -> bool:
    """Whether it is a number that can be drawn and reckoned with."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e100 and value == value


def took(seconds: float | None) -> str:
    """How long something took, in words."""
    if seconds is None or not 0 <= seconds < 1e10:
        return ""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _other(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 400:
        return f"a number of {value.bit_length():,} bits"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
