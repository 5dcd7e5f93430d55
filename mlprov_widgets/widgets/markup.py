"""Text of others as HTML: escaped, printable and of bearable length."""

from __future__ import annotations

from functools import lru_cache
from html import escape as _escape
from importlib.resources import files

from mlprov_widgets.hosting import without_server_paths

__all__ = ["asset", "escape", "plain", "style"]


def plain(text: object, limit: int = 200) -> str:
    """One line that shows what is there: control and direction characters by their code."""
    shown = "".join(
        char if char.isprintable() else " " if char in "\n\t\r" else f"\\u{ord(char):04x}"
        for char in without_server_paths(str(text)[: 4 * limit + 1000])[: limit + 1]
    )
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def escape(text: object, limit: int = 200) -> str:
    """`plain` text for HTML, between tags or in a quoted attribute."""
    return _escape(plain(text, limit), quote=True)


@lru_cache(maxsize=8)
def asset(name: str) -> str:
    """Text of a file that comes with this room."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def style() -> str:
    """The style sheet as an HTML element."""
    return f"<style>{asset('style.css')}</style>"
