"""Blocks as HTML: no scripts, nothing from elsewhere, everything escaped."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from html import escape as _escape

from mlprov_widgets._files import asset
from mlprov_widgets.present import blocks
from mlprov_widgets.wording import visible

_STYLE = "present/page.css"
_SIGN = {"good": "✓", "fair": "!", "bad": "✗", "": "○"}
# Nothing is fetched and nothing runs, whatever else went wrong.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_WIDTH, _HEIGHT = 400, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 12, 26


def to_html(page: blocks.Page, whole: bool = True) -> str:
    """The page as one HTML page; where it is not `whole`, as an element for a notebook."""
    style = asset(_STYLE)
    body = "".join(_body(page))
    report = f'<article class="mlprov-report">{body}</article>'
    if not whole:
        return f"<style>{style}</style>{report}"
    title = escape(f"{page.title}: {page.kind.lower()}")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="referrer" content="no-referrer">'
        f'<title>{title}</title><style>{style}</style></head><body class="mlprov-page">'
        f"{report}</body></html>\n"
    )


def blocks_to_html(blocks: Iterable[blocks.Block], kind: str = "") -> str:
    """Blocks as one element in the colours of the notebook that shows it.

    Parameters
    ----------
    blocks : iterable of Block
    kind : str, optional
        A further class of the element, such as ``mlprov-verification``.
    """
    inner = "".join(part for block in blocks for part in _block(block))
    style = f"<style>{asset(_STYLE)}</style>"
    return f"<div class='mlprov-report mlprov-fragment {kind}'>{style}{inner}</div>"


def escape(text: str) -> str:
    """Text for HTML, between tags or in a quoted attribute, with nothing hidden in it."""
    return _escape(visible(text))


def _body(page: blocks.Page) -> Iterator[str]:
    yield f"<header><p class='kind'>{escape(page.kind)}</p><h1>{escape(page.title)}</h1>"
    yield f"<p class='subtitle'>{escape(page.subtitle)}</p><p class='badges'>"
    for text, tone in page.badges:
        yield f"<span class='badge {tone}'><span aria-hidden='true'>{_SIGN[tone]}</span> "
        yield f"{escape(text)}</span> "
    yield f"</p><p class='summary'>{escape(page.summary)}</p>"
    yield from _tiles(page.tiles)
    yield "<nav aria-label='Sections'><ol>"
    for section in page.sections:
        yield f"<li><a href='#mlprov-{section.key}'>{escape(section.title)}</a></li>"
    yield "</ol></nav></header>"
    for number, section in enumerate(page.sections, 1):
        yield from _section(section, number, page)
    yield f"<footer><p>{escape(page.footer)}</p></footer>"


def _section(section: blocks.Section, number: int, page: blocks.Page) -> Iterator[str]:
    yield f"<section id='mlprov-{section.key}'><h2><span class='n'>{number}</span> "
    yield f"{escape(section.title)}</h2>"
    charts = [block for block in section.blocks if isinstance(block, blocks.Chart)]
    for block in section.blocks:
        if not isinstance(block, blocks.Chart):
            yield from _block(block, page)
    if charts:
        yield "<div class='charts'>"
        for chart in charts:
            yield from _chart(chart)
        yield "</div>"
    yield "</section>"


def _tiles(pairs: list[tuple[str, str]]) -> Iterator[str]:
    if pairs:
        yield "<dl class='tiles'>"
        for label, value in pairs:
            yield f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>"
        yield "</dl>"


def _title(title: str) -> str:
    return f"<h3>{escape(title)}</h3>" if title else ""


def _note(note: str) -> str:
    return f"<p class='note'>{escape(note)}</p>" if note else ""


def _block(block: blocks.Block, page: blocks.Page | None = None) -> Iterator[str]:
    match block:
        case blocks.Paragraph():
            yield f"<p class='{block.tone or 'plain'}'>{escape(block.text)}</p>"
        case blocks.Bullets():
            yield _title(block.title) + "<ul>"
            yield "".join(f"<li>{escape(one)}</li>" for one in block.items) + "</ul>"
        case blocks.Tiles():
            yield from _tiles(block.pairs)
        case blocks.Tree():
            yield f"<ul class='tree'>{''.join(map(_item, block.items))}</ul>"
        case blocks.Folded():
            opened = " open" if block.opened else ""
            yield f"<details{opened}><summary>{escape(block.summary)}</summary>"
            for one in block.blocks:
                yield from _block(one, page)
            yield "</details>"
        case blocks.Figure():
            yield f"<div class='picture'>{block.svg}</div>"
        case blocks.FieldTable():
            yield f"<h3>{escape(block.title)}</h3><div class='wide'><table class='facts'><tbody>"
            for row in block.rows:
                yield f"<tr><th scope='row'>{escape(row.label)}</th>{_value(row.text)}"
                # A place in the record may go on in another line after a dot.
                where = escape(row.where).replace(".", ".<wbr>")
                known = f" <span class='known'>{escape(row.known)}</span>" if row.known else ""
                yield f"<td class='where'>{where}{known}</td></tr>"
            yield "</tbody></table></div>"
        case blocks.DataTable():
            yield from _table(block)
        case blocks.CodeBlock():
            yield _title(block.title)
            yield f"<pre class='{block.language}' tabindex='0'>{_lines(block)}</pre>"
        case blocks.Pairs():
            yield f"<h3>{escape(block.title)}</h3><ul class='names'>"
            for name, value in block.pairs:
                yield f"<li><span>{escape(name)}</span> <b>{escape(value)}</b></li>"
            yield "</ul>" + _note(block.note)
        case blocks.Checklist():
            yield from _answers(block, page)


def _value(text: str) -> str:
    kind = " class='hash'" if len(text) == 64 and text.isalnum() else ""
    return f"<td{kind}>{escape(text)}</td>"


def _table(block: blocks.DataTable) -> Iterator[str]:
    kind = "matrix" if block.shades else "numbers" if block.numbers else "compared"
    yield f"{_title(block.title)}<div class='wide'><table class='{kind}'><thead><tr>"
    yield "".join(f"<th scope='col'>{escape(name)}</th>" for name in block.head)
    yield "</tr></thead><tbody>"
    for row, cells in enumerate(block.rows):
        yield f"<tr><th scope='row'>{escape(cells[0])}</th>"
        for column, cell in enumerate(cells[1:]):
            last = column == len(cells) - 2
            tone = f" class='{block.tones[row]}'" if last and block.tones else ""
            yield f"<td{tone or _shade(block, row, column)}>{escape(cell)}</td>"
        yield "</tr>"
    yield "</tbody></table></div>" + _note(block.note)


def _shade(block: blocks.DataTable, row: int, column: int) -> str:
    if not block.shades:
        return ""
    # Steps rather than shares, so that the text keeps its contrast on each of them.
    step = math.ceil(block.shades[row][column] * 5)
    return f" class='{'hit' if row == column else 'miss'} s{step}'"


def _lines(block: blocks.CodeBlock) -> str:
    if block.language != "diff":
        return escape(block.text)
    shown = []
    for line in block.text.split("\n"):
        kind = {"+": "in", "-": "out", "@": "at"}.get(line[:1], "")
        if line.startswith(("+++", "---")):
            kind = "at"
        shown.append(f"<span class='{kind}'>{escape(line)}</span>" if kind else escape(line))
    return "\n".join(shown)


def _answers(block: blocks.Checklist, page: blocks.Page | None) -> Iterator[str]:
    total = len(block.answered) + len(block.open)
    yield f"<h3>{escape(block.title)}</h3><p class='note'>{escape(block.source)}, "
    yield f"<a href='{escape(block.address)}'>{escape(block.address)}</a>. The record answers "
    yield f"{len(block.answered)} of {total} items, wholly or in part.</p>"
    if block.answered:
        yield "<div class='wide'><table class='answers'><thead><tr><th scope='col'>Item</th>"
        yield "<th scope='col'>What the record says</th><th scope='col'>Section</th></tr></thead>"
        yield "<tbody>"
        for one in block.answered:
            tone, state = ("good", "Answered") if one.whole else ("fair", "In part")
            sign = "✓" if one.whole else "◐"
            yield f"<tr><th scope='row'><span class='key'>{escape(one.key)}</span> "
            yield f"{escape(one.item)}</th><td><span class='state {tone}'>{sign} {state}</span> "
            yield f"{escape(one.text)}</td><td class='place'><a href='#mlprov-{one.section}'>"
            yield f"{page.number(one.section) if page else ''}</a></td></tr>"
        yield "</tbody></table></div>"
    if block.open:
        yield "<div class='open'><h4>For the authors</h4><ul>"
        for key, item in block.open:
            yield f"<li><span class='key'>{escape(key)}</span> {escape(item)}</li>"
        yield "</ul></div>"


def _chart(chart: blocks.Chart) -> Iterator[str]:
    drawn = [one for values in chart.series.values() for one in values if one is not None]
    if not drawn:
        return
    low, high = min(drawn), max(drawn)
    if low == high:
        low, high = low - (abs(low) / 10 or 0.5), high + (abs(high) / 10 or 0.5)
    first, last = chart.epochs[0], chart.epochs[-1]
    span = (last - first) or 1.0

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - first) / span * (_WIDTH - _LEFT - _RIGHT) + _LEFT
        down = (high - y) / (high - low) * (_HEIGHT - _TOP - _BOTTOM) + _TOP
        return across, down

    names = ", ".join(chart.series)
    label = f"{chart.title}: {names}, from {low:.4g} to {high:.4g}"
    yield f"<figure><figcaption>{escape(chart.title)}</figcaption>"
    yield f"<svg viewBox='0 0 {_WIDTH} {_HEIGHT}' role='img' aria-label='{escape(label)}'>"
    for step in range(3):
        value = low + (high - low) * step / 2
        _, y = place(first, value)
        yield f"<line class='grid' x1='{_LEFT}' x2='{_WIDTH - _RIGHT}' y1='{y:.1f}' y2='{y:.1f}'/>"
        yield f"<text x='{_LEFT - 6}' y='{y + 3.5:.1f}' text-anchor='end'>{value:.3g}</text>"
    for x, anchor in ((first, "start"), (last, "end")):
        across, _ = place(x, low)
        yield f"<text x='{across:.1f}' y='{_HEIGHT - 8}' text-anchor='{anchor}'>{x:g}</text>"
    yield f"<text x='{(_LEFT + _WIDTH - _RIGHT) / 2}' y='{_HEIGHT - 8}' text-anchor='middle'>epoch"
    yield "</text>"
    for row, values in enumerate(chart.series.values()):
        yield f"<path class='line l{row % 4}' d='{_path(chart.epochs, values, place)}'/>"
    yield "</svg><p class='legend'>"
    for row, name in enumerate(chart.series):
        yield f"<span><svg viewBox='0 0 24 8' aria-hidden='true'><path class='line l{row % 4}' "
        yield f"d='M0 4H24'/></svg> {escape(name)}</span> "
    yield "</p></figure>"


def _path(
    epochs: list[float],
    values: list[float | None],
    place: Callable[[float, float], tuple[float, float]],
) -> str:
    """The line through the values, broken where there is none."""
    parts, before = [], None
    for x, y in zip(epochs, values, strict=True):
        if y is not None:
            across, down = place(x, y)
            parts.append(f"{'M' if before is None else 'L'}{across:.1f} {down:.1f}")
        before = y
    return "".join(parts)


def _item(item: blocks.TreeItem) -> str:
    line = f"<span class='label'>{escape(item.label)}</span>"
    line += f" <span>{escape(item.text)}</span>" if item.text else ""
    line += f" <small>{escape(item.note)}</small>" if item.note else ""
    if not item.children and not item.block:
        return f"<li>{line}</li>"
    # A line break right after <pre> is dropped by HTML.
    inner = f"<pre>\n{escape(item.block)}</pre>" if item.block else ""
    if item.children:
        inner += f"<ul>{''.join(map(_item, item.children))}</ul>"
    return f"<li><details><summary>{line}</summary>{inner}</details></li>"
