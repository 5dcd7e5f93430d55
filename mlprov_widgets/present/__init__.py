"""Blocks of plain text, and the only three places that make HTML, Markdown or lines of them."""

from mlprov_widgets.present.html import blocks_to_html, to_html
from mlprov_widgets.present.markdown import to_markdown
from mlprov_widgets.present.text import blocks_to_text

__all__ = ["blocks_to_html", "blocks_to_text", "to_html", "to_markdown"]
