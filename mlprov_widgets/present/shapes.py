"""What the pictures of several runs are made of: shapes, scales, markers, labels."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

# Colours, dashes and markers that are told apart; further lines begin anew.
STYLES = 8
_GAP = 13.0


class Shape(NamedTuple):
    """An element of SVG: its name, its attributes and the text in it."""

    tag: str
    attributes: dict[str, str | float]
    text: str = ""


class Drawing(NamedTuple):
    """A picture, in the units of its view box, with what it shows in words."""

    label: str
    width: float
    height: float
    shapes: list[Shape]


def text(x: float, y: float, words: str, anchor: str = "start", kind: str = "") -> Shape:
    """Words in a picture."""
    about: dict[str, str | float] = {"x": round(x, 1), "y": round(y, 1), "text-anchor": anchor}
    return Shape("text", {**about, **({"class": kind} if kind else {})}, words)


def line(x1: float, y1: float, x2: float, y2: float, kind: str = "grid") -> Shape:
    """A straight line."""
    ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    return Shape("line", {"class": kind, **{name: round(one, 1) for name, one in ends.items()}})


def path(points: Sequence[tuple[float, float]], kind: str, closed: bool = False) -> Shape:
    """A line through points."""
    course = "".join(f"{'L' if at else 'M'}{x:.1f} {y:.1f}" for at, (x, y) in enumerate(points))
    return Shape("path", {"class": kind, "d": course + ("Z" if closed else "")})


def marker(style: int, x: float, y: float, size: float = 3.6) -> Shape:
    """The mark of a line: a shape of its own for each style, and hollow from the ninth on."""
    s, d = size, size * 0.75
    corners: list[list[tuple[float, float]]] = [
        [(math.cos(a * math.pi / 6) * s, math.sin(a * math.pi / 6) * s) for a in range(12)],
        [(-d, -d), (d, -d), (d, d), (-d, d)],
        [(0, -s), (s, d), (-s, d)],
        [(0, -s * 1.2), (s, 0), (0, s * 1.2), (-s, 0)],
        [(0, s), (s, -d), (-s, -d)],
        [(-s, -1), (-1, -1), (-1, -s), (1, -s), (1, -1), (s, -1), (s, 1), (1, 1), (1, s), (-1, s),
         (-1, 1), (-s, 1)],
        [(-s, -d / 2), (0, -s), (s, -d / 2), (d, s), (-d, s)],
        [(-s, -1.2), (s, -1.2), (s, 1.2), (-s, 1.2)],
    ]  # fmt: skip
    course = [(x + a, y + b) for a, b in corners[style % STYLES]]
    kind = f"mark m{style % STYLES}" + (" hollow" if style >= STYLES else "")
    return path(course, kind, closed=True)


def scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    """Where a value goes on an axis from one place to another."""
    span = (high - low) or 1.0
    return lambda value: start + (value - low) / span * (end - start)


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers from low to high, a few of them."""
    span = high - low
    if not span > 0 or not math.isfinite(span):
        return [low]
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(one * power for one in (1, 2, 2.5, 5, 10) if one * power >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def tick_text(value: float, step: float) -> str:
    """A round number with as many digits as the step between two of them has."""
    if value and (abs(value) >= 1e5 or abs(step) < 1e-4):
        return f"{value:.3g}"
    places = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
    # A step of 2.5 has a digit more.
    rounded = f"{step:.{places}f}"
    places += not math.isclose(float(rounded), step, rel_tol=1e-6)
    return f"{value + 0.0:.{places}f}"


def widened(values: Sequence[float]) -> tuple[float, float]:
    """The range of some values, with a little room around them."""
    low, high = min(values), max(values)
    room = (high - low) * 0.06 or abs(low) / 10 or 0.5
    return low - room, high + room


def apart(places: Sequence[float], low: float, high: float) -> list[float]:
    """Heights of labels that want to be at some places, moved so that none is on another."""
    order = sorted(range(len(places)), key=lambda at: places[at])
    gap = min(_GAP, (high - low) / max(len(places) - 1, 1))
    found = list(places)
    before = low - gap
    for at in order:
        found[at] = before = max(places[at], before + gap)
    after = high + gap
    for at in reversed(order):
        found[at] = after = min(found[at], after - gap)
    return found
