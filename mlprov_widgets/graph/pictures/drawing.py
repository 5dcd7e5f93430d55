"""DOT drawn by the Graphviz inside pygraphviz's wheel; no program has to be installed."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from mlprov_widgets.graph.pictures import dot

if TYPE_CHECKING:
    import pydot

_VARIABLES = {
    dot.PAPER: "--paper",
    dot.INK: "--ink",
    dot.FAINT: "--soft",
    dot.LINE: "--rule",
    dot.ACCENT: "--accent",
    dot.GOOD: "--good",
    dot.GOOD_PAPER: "--good-back",
    dot.BAD: "--bad",
    dot.BAD_PAPER: "--bad-back",
}
# Graphviz writes colours as attributes, which any style sheet overrides.
_COLOURS = "".join(
    f'.mlprov-report .picture [fill="{colour}"]{{fill:var({name})}}'
    f'.mlprov-report .picture [stroke="{colour}"]{{stroke:var({name})}}'
    for colour, name in _VARIABLES.items()
)


def draw(graph: pydot.Dot, format: str) -> bytes:
    """Lay a graph out and draw it.

    Parameters
    ----------
    graph : pydot.Dot
        Whose labels are escaped.
    format : str
        ``svg`` or ``png`` (at 144 dots per inch, at most 8,000 pixels wide or high).

    Returns
    -------
    bytes
        The picture.
    """
    import pygraphviz

    if format == "png":
        graph.set("dpi", "144")
        graph.set("size", "55,55")
        # A picture that is opened by itself may be shown on black.
        graph.set("bgcolor", "white")
    drawn = pygraphviz.AGraph(string=graph.to_string())
    with _silent_libraries():
        picture = drawn.draw(format=format, prog="dot")
    drawn.close()
    return bytes(picture)


@contextlib.contextmanager
def _silent_libraries() -> Iterator[None]:
    """Keep what C libraries say of the system's fonts out of a notebook's output."""
    try:
        kept = os.dup(2)
    except OSError:  # there is no such stream, as under pythonw
        yield
        return
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def inline_svg(svg: str, label: str) -> str:
    """Prepare a picture for a page: no prolog, no ids, no tooltips that say node names.

    Parameters
    ----------
    svg : str
        As Graphviz draws it.
    label : str
        What a screen reader says.

    Returns
    -------
    str
        The element, in the colours of the page that it is in.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<!--.*?-->\n?|<title>[^<]*</title>\n?", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    width = re.search(r'<svg width="(\d+)pt"', svg)
    limit = f' style="max-width:{width.group(1)}pt"' if width else ""
    # Not as a replacement text, in which a backslash of the label would mean something.
    svg = re.sub(
        r'<svg width="\d+pt" height="\d+pt"',
        lambda _: f'<svg role="img" aria-label="{escape(label)}"{limit}',
        svg,
        count=1,
    )
    return f"<style>{_COLOURS}</style>{svg}"
