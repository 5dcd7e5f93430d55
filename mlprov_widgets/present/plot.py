"""Where the lines of a chart go in its picture, and pictures of several runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

from mlprov_widgets.present.blocks import Axis, Chart, DotRow, Dots, Overlay, Parallel
from mlprov_widgets.present.shapes import (
    STYLES,
    Drawing,
    Shape,
    apart,
    line,
    marker,
    path,
    scale,
    text,
    tick_text,
    ticks,
    widened,
)
from mlprov_widgets.wording import format_number, shorten

_WIDTH, _HEIGHT = 400, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 12, 26
_WIDE = 760.0
_ROW, _STACKED = 52.0, 7.0
# Marks of one place are stacked up to so many.
_MOST_STACKED = 5
_CURVES = 460.0, 250.0
_PARALLEL = 258.0
_NAME = 62
# A line with more points is one without a mark on each.
_MOST_MARKS = 25
_LOGARITHMIC = 50
_NOT_RECORDED = "not recorded"
MOST_LABELLED = 12


class Plot(NamedTuple):
    """A chart's picture, in the units of its view box.

    Parameters
    ----------
    label : str
        The picture in words.
    rows : list of (float, str)
        Height and value of each line of the grid.
    columns : list of (float, str, str)
        Place, text and anchor of what stands below.
    paths : list of str
        The line of each series, broken where it has no value.
    """

    label: str
    rows: list[tuple[float, str]]
    columns: list[tuple[float, str, str]]
    paths: list[str]
    width: int = _WIDTH
    height: int = _HEIGHT
    left: int = _LEFT
    right: int = _WIDTH - _RIGHT


def plotted(chart: Chart) -> Plot | None:
    """The picture of a chart; None where there is no value to draw."""
    drawn = [one for values in chart.series.values() for one in values if one is not None]
    if not drawn:
        return None
    low, high = min(drawn), max(drawn)
    label = f"{chart.title}: {', '.join(chart.series)}, from {low:.4g} to {high:.4g}"
    if low == high:
        low, high = low - (abs(low) / 10 or 0.5), high + (abs(high) / 10 or 0.5)
    first, last = chart.places[0], chart.places[-1]
    span = (last - first) or 1.0

    def across(x: float) -> float:
        return round((x - first) / span * (_WIDTH - _LEFT - _RIGHT) + _LEFT, 1)

    def down(y: float) -> float:
        return round((high - y) / (high - low) * (_HEIGHT - _TOP - _BOTTOM) + _TOP, 1)

    paths = []
    for values in chart.series.values():
        parts, before = [], None
        for x, y in zip(chart.places, values, strict=True):
            if y is not None:
                parts.append(f"{'M' if before is None else 'L'}{across(x)} {down(y)}")
            before = y
        paths.append("".join(parts))
    steps = [low + (high - low) * step / 2 for step in range(3)]
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    columns = [(across(x), f"{x:g}", end) for x, end in ((first, "start"), (last, "end"))]
    return Plot(
        label,
        [(down(value), f"{value:.3g}") for value in steps],
        [*columns, (middle, chart.counter, "middle")],
        paths,
    )


def dots(block: Dots) -> Drawing:
    """Each value as a dot, the mean as a bar across them, its interval as a line."""
    low, high = _range(block)
    left, right = 14.0, _WIDE - 14
    across = scale(low, high, left, right)
    stacks = [_stacked([across(value) for value in row.values]) for row in block.rows]
    highest = max((place for stack in stacks for place in stack), default=0)
    height = _ROW + _STACKED * highest
    bottom = 12 + height * len(block.rows)
    shapes: list[Shape] = []
    marks = ticks(low, high, 7)
    for value in marks:
        step = marks[1] - marks[0] if len(marks) > 1 else abs(value)
        shapes.append(line(across(value), 6, across(value), bottom))
        shapes.append(text(across(value), bottom + 14, tick_text(value, step), "middle"))
    shapes.append(text((left + right) / 2, bottom + 32, block.axis, "middle", "name"))
    for at, row in enumerate(block.rows):
        shapes += _dots_of(row, at, (12 + height * at, 12 + height * (at + 1)), across, stacks[at])
    names = ", ".join(f"{row.key} {row.text}" for row in block.rows)
    return Drawing(f"{block.axis}: {names}", _WIDE, bottom + 40, shapes)


def _range(block: Dots) -> tuple[float, float]:
    """The values with their intervals, of which very long ones may go on beyond the picture."""
    values = [one for row in block.rows for one in row.values]
    ends = [end for row in block.rows for end in row.interval or ()]
    room = (max(values) - min(values)) / 3 or max(map(abs, values)) / 10 or 0.5
    low = max(min([*values, *ends]), min(values) - room)
    return widened([low, min(max([*values, *ends]), max(values) + room)])


def _stacked(places: list[float]) -> list[int]:
    """How far up each mark goes, so that none is on another."""
    found: list[int] = []
    for at, place in enumerate(places):
        below = {found[one] for one in range(at) if abs(places[one] - place) < _STACKED}
        free = (one for one in range(_MOST_STACKED) if one not in below)
        found.append(next(free, _MOST_STACKED - 1))
    return found


def _dots_of(
    row: DotRow,
    at: int,
    between: tuple[float, float],
    across: Callable[[float], float],
    stack: list[int],
) -> Iterator[Shape]:
    top, end = between
    yield line(14, top - 5, _WIDE - 14, top - 5)
    words = f"{row.key}  {shorten(row.name, _NAME)}" if row.key else shorten(row.name, _NAME)
    yield text(14, top + 9, words, "start", "name strong")
    yield text(_WIDE - 14, top + 9, row.text, "end", "name")
    middle, below = end - 29, end - 17
    for value, up in zip(row.values, stack, strict=True):
        yield marker(at, across(value), middle - _STACKED * up, 3.8)
    if row.interval is not None:
        first, last = (across(end) for end in row.interval)
        kind = f"line whisker l{at % STYLES} whole"
        left, right = max(first, 14), min(last, _WIDE - 14)
        yield line(left, below, right, below, kind)
        for place, shown, way in ((first, left, 1), (last, right, -1)):
            if place == shown:
                yield line(shown, below - 4, shown, below + 4, kind)
            else:
                # It goes on beyond the picture.
                corners = [(shown + 6 * way, below - 4), (shown, below)]
                yield path([*corners, (shown + 6 * way, below + 4)], kind)
    if len(row.values) > 1:
        yield line(across(row.mean), middle - 6, across(row.mean), below + 5, "line mean")


def overlay(block: Overlay) -> Drawing | None:
    """Lines over each other, each with its letter at its end; None where there are no values."""
    points = [point for one in block.lines for point in one.points]
    if not points:
        return None
    width, height = _CURVES
    left, right, top, bottom = 52.0, width - 34, 10.0, height - 34
    heights = [y for _, y in points]
    heights += [end for one in block.lines for _, *ends in one.band for end in ends]
    low, high = widened(heights)
    first, last = min(x for x, _ in points), max(x for x, _ in points)
    across, down = scale(first, last, left, right), scale(low, high, bottom, top)
    shapes = [*_upright(low, high, left, right, down), *_level(first, last, across, bottom)]
    shapes.append(text((left + right) / 2, height - 4, block.counter, "middle", "name"))
    for at, one in enumerate(block.lines):
        band = [(across(x), down(y)) for x, _, y in one.band]
        band += [(across(x), down(y)) for x, y, _ in reversed(one.band)]
        if band:
            shapes.append(path(band, f"band b{at % STYLES}", closed=True))
    for at, one in enumerate(block.lines):
        course = [(across(x), down(y)) for x, y in one.points]
        if block.joined and len(course) > 1:
            shapes.append(path(course, f"line l{at % STYLES}"))
        every = math.ceil(len(course) / 8) if len(course) > _MOST_MARKS else 1
        shapes += [marker(at, *place) for place in course[:: every if block.joined else 1]]
    if len(block.lines) <= MOST_LABELLED:
        ends = [(one.key, across(one.points[-1][0]), down(one.points[-1][1]))
                for one in block.lines if one.points]  # fmt: skip
        shapes += _labels(ends, right, top, bottom)
    names = ", ".join(f"{one.key} {one.name}" for one in block.lines)
    span = f"from {format_number(min(heights))} to {format_number(max(heights))}"
    return Drawing(f"{block.title}, {span}: {names}", width, height, shapes)


def _labels(
    ends: list[tuple[str, float, float]], right: float, top: float, bottom: float
) -> Iterator[Shape]:
    """The letter of each line beside its end, with a thread where it had to move."""
    heights = apart([y for _, _, y in ends], top, bottom)
    for (key, x, y), at in zip(ends, heights, strict=True):
        if abs(at - y) > 3 or right - x > 3:
            yield line(x + 4, y, right + 11, at, "thread")
        yield text(right + 13, at + 4, key, "start", "name strong")


def _upright(
    low: float, high: float, left: float, right: float, down: Callable[[float], float]
) -> Iterator[Shape]:
    marks = ticks(low, high, 4)
    step = marks[1] - marks[0] if len(marks) > 1 else abs(marks[0])
    for value in marks:
        yield line(left, down(value), right, down(value))
        yield text(left - 6, down(value) + 3.5, tick_text(value, step), "end")


def _level(
    first: float, last: float, across: Callable[[float], float], bottom: float
) -> Iterator[Shape]:
    marks = sorted({first, *(one for one in ticks(first, last, 5) if one == int(one)), last})
    far = (last - first) / 12
    inner = [one for one in marks if first + far < one < last - far]
    for value in dict.fromkeys([first, *inner, last]):
        yield text(across(value), bottom + 14, f"{value:g}", "middle")


def parallel(block: Parallel) -> Drawing:
    """An upright axis for each thing that differs, and a line for each configuration."""
    width = max(_WIDE, 130.0 * len(block.axes))
    top, bottom = 44.0, _PARALLEL - 16
    gap = (width - 190) / max(len(block.axes) - 1, 1)
    places = [70 + gap * at for at in range(len(block.axes))]
    shapes: list[Shape] = []
    heights: list[list[float]] = []
    for x, axis in zip(places, block.axes, strict=True):
        where, marks, note = _axis_scale(axis, top, bottom)
        heights.append([where(value) for value in axis.values])
        shapes.append(line(x, top, x, bottom, "axis"))
        shapes.append(text(x, 14, shorten(axis.label, int(gap / 6.2)), "middle", "name strong"))
        shapes += [text(x, 28, note, "middle")] if note else []
        for value, words in marks:
            shapes.append(line(x - 3, value, x + 3, value, "axis"))
            # Beside the axis, so that lines which come from the left do not cross the words.
            shapes.append(text(x + 6, value - 4, shorten(words, int(gap / 6.5)), "start", "tick"))
    few = len(block.lines) <= MOST_LABELLED
    for at in reversed(range(len(block.lines))):
        # The best are drawn last, over the others.
        course = [(x, column[at]) for x, column in zip(places, heights, strict=True)]
        shapes.append(path(course, f"line l{at % STYLES}" if few or at < 3 else "line other"))
        if few or at < 3:
            shapes += [marker(at, *place) for place in course]
    named = block.lines if few else block.lines[:3]
    ends = [(key, places[-1], heights[-1][at]) for at, (key, _) in enumerate(named)]
    shapes += _labels(ends, width - 60, top, bottom)
    names = ", ".join(f"{key} {name}" for key, name in named)
    label = f"{block.title}: {', '.join(axis.label for axis in block.axes)}. {names}"
    return Drawing(label, width, _PARALLEL, shapes)


_Where = Callable[[float | str | None], float]


def _axis_scale(
    axis: Axis, top: float, bottom: float
) -> tuple[_Where, list[tuple[float, str]], str]:
    """Where values are on an axis, what is written beside it, and of which kind it is."""
    known = [one for one in axis.values if one is not None]
    lacking = len(known) < len(axis.values)
    end = bottom - 30 if lacking else bottom
    numbers = [float(one) for one in known if isinstance(one, int | float)]
    note = ""
    if known and len(numbers) == len(known):
        low, high = min(numbers), max(numbers)
        if low > 0 and high / low >= _LOGARITHMIC:
            on = scale(math.log(low), math.log(high), end, top)
            note, shown = "logarithmic", sorted(set(numbers))

            def number(value: float | str | None) -> float:
                return on(math.log(float(value or low)))
        else:
            line_up = scale(low, high, end, top)
            shown = sorted(set(numbers))

            def number(value: float | str | None) -> float:
                return line_up(float(value or 0)) if low < high else (top + end) / 2

        shown = shown if len(shown) <= 4 else [shown[0], shown[len(shown) // 2], shown[-1]]
        where: _Where = number
        marks = [(number(value), format_number(value)) for value in shown]
    else:
        names = list(dict.fromkeys(map(str, known)))
        step = (end - top) / max(len(names) - 1, 1)
        rows = {name: top + step * at for at, name in enumerate(names)}
        if len(names) == 1:
            rows = {names[0]: (top + end) / 2}
        where = lambda value: rows[str(value)]  # noqa: E731
        marks = [(rows[name], name) for name in names[:8]]
    if lacking:
        marks.append((bottom, _NOT_RECORDED))
    return lambda value: bottom if value is None else where(value), marks, note
