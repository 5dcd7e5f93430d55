"""Blocks as HTML: no scripts, nothing from elsewhere, everything escaped."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from mlprov_widgets._files import asset
from mlprov_widgets.present import blocks
from mlprov_widgets.present.plot import dots, overlay, parallel, plotted
from mlprov_widgets.present.shapes import marker
from mlprov_widgets.wording import visible

_STYLE = "present/page.css"


def to_html(page: blocks.Page, whole: bool = True) -> str:
    """The page as one HTML page; where it is not `whole`, as an element for a notebook."""
    style, macros = asset(_STYLE), _macros()
    if whole:
        return str(macros.document(page, style))
    return f"<style>{style}</style>{macros.article(page)}"


def blocks_to_html(blocks: Iterable[blocks.Block], kind: str = "") -> str:
    """Blocks as one element in the colours of the notebook that shows it.

    Parameters
    ----------
    blocks : iterable of Block
    kind : str, optional
        A further class of the element, such as ``mlprov-verification``.
    """
    inner = "".join(map(_draw, blocks))
    style = f"<style>{asset(_STYLE)}</style>"
    return f"<div class='mlprov-report mlprov-fragment {kind}'>{style}{inner}</div>"


def _draw(block: blocks.Block, page: blocks.Page | None = None) -> Any:
    macro = getattr(_macros(), type(block).__name__)
    return macro(block, page) if "page" in macro.arguments else macro(block)


@lru_cache(maxsize=1)
def _macros() -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(lambda name: asset(f"present/{name}")),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "draw": _draw,
        "is_chart": lambda block: isinstance(block, blocks.Chart),
        "plotted": plotted,
        "dots": dots,
        "overlay": overlay,
        "parallel": parallel,
        "marker": marker,
    }
    return environment.get_template("blocks.html.jinja").module


def _visible(value: object) -> object:
    """What is put into a page, with nothing hidden in it."""
    return value if hasattr(value, "__html__") else visible(str(value))
