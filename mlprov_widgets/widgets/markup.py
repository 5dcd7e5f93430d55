"""Text of others as HTML: escaped, printable and of bearable length."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape as _escape

from mlprov_widgets._files import asset
from mlprov_widgets.hosting import without_server_paths
from mlprov_widgets.wording import format_count, one_line, shorten, visible


def plain(text: object, limit: int = 200) -> str:
    """One line of visible characters that names no folder of the server to a visitor."""
    return one_line(without_server_paths(str(text)[: 4 * limit + 1000]), limit)


def escape(text: object, limit: int = 200) -> str:
    """`plain` text for HTML, between tags or in a quoted attribute."""
    return _escape(plain(text, limit), quote=True)


def escape_code(line: str, limit: int = 2000) -> str:
    """A line of code or of a document for HTML, its blanks as they are."""
    text = visible(shorten(without_server_paths(line[: 4 * limit + 1000]), limit))
    return _escape(text.replace("\n", " "), quote=True)


def paragraph(text: str, kind: str, limit: int = 600) -> str:
    """A paragraph with a class of the style sheet; empty where there is no text."""
    return f'<p class="{kind}">{escape(text, limit)}</p>' if text else ""


def remark(text: str, limit: int = 600) -> str:
    """What is worth a glance."""
    return paragraph(text, "mlprov-remark", limit)


def note(text: str, limit: int = 600) -> str:
    """What somebody should know before going on."""
    return paragraph(text, "mlprov-note", limit)


def banner(text: str) -> str:
    """What has gone wrong; empty where nothing has."""
    return f'<div class="mlprov-banner" role="alert">{escape(text, 900)}</div>' if text else ""


def facts(pairs: Iterable[tuple[str, str]], kind: str, limit: int = 60) -> str:
    """Names with their values."""
    items = "".join(
        f"<div><dt>{escape(name, 60)}</dt><dd>{escape(value, limit)}</dd></div>"
        for name, value in pairs
    )
    return f'<dl class="{kind}">{items}</dl>'


def counts(counted: list[tuple[str, int]], most: int) -> str:
    """A list of names with how often there is each; of many the first."""
    items = "".join(
        f"<li><span>{escape(name, 40) or '(empty)'}</span> {count:,}</li>"
        for name, count in counted[:most]
    )
    more = len(counted) - most
    return f"<ul>{items}{f'<li>and {more:,} more</li>' if more > 0 else ''}</ul>"


def folded(summary: str, body: str, opened: bool = False) -> str:
    """HTML under a line on which it is folded and opened."""
    return (
        f"<details{' open' if opened else ''}><summary>{escape(summary)}</summary>{body}</details>"
    )


def more_lines(number: int) -> str:
    """How many further lines there are; empty where there are none."""
    return f"<p>… {format_count(number, 'more line')}</p>" if number > 0 else ""


def style() -> str:
    """The style sheet as an HTML element."""
    return f"<style>{asset('widgets/style.css')}</style>"
