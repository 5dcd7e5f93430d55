"""DOT drawn by the Graphviz inside pygraphviz's wheel; no program has to be installed."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pydot


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
        What a screen reader says; already escaped.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<!--.*?-->\n?|<title>[^<]*</title>\n?", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    width = re.search(r'<svg width="(\d+)pt"', svg)
    limit = f' style="max-width:{width.group(1)}pt"' if width else ""
    # Not as a replacement text, in which a backslash of the label would mean something.
    return re.sub(
        r'<svg width="\d+pt" height="\d+pt"',
        lambda _: f'<svg role="img" aria-label="{label}"{limit}',
        svg,
        count=1,
    )
