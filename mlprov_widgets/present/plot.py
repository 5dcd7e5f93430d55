"""Where the lines of a chart go in its picture."""

from __future__ import annotations

from typing import NamedTuple

from mlprov_widgets.present.blocks import Chart

_WIDTH, _HEIGHT = 400, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 12, 26


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
