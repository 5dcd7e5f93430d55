"""A verification as text for a terminal and as HTML for a notebook."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from mlprov_widgets.provenance.record import Value
from mlprov_widgets.reproduction.factors import Difference
from mlprov_widgets.reproduction.items import Item

MAX_ROWS = 200
MAX_WIDTH = 44

_HASH = re.compile(r"[0-9a-f]{64}")

_MEANING = {
    "bit-identical": "weights, predictions, history and every metric are the same bit for bit.",
    "metric-identical": "every metric is the same to the last digit, but not everything behind it.",
    "within tolerance": "no metric differs by more than the tolerance.",
    "different": "the second run did not give the same result.",
}

_STYLE = """
.mlprov-verification { color: var(--jp-ui-font-color1, CanvasText); overflow-x: auto;
  font: var(--jp-ui-font-size1, 13px)/1.5 var(--jp-ui-font-family, system-ui, sans-serif);
  --good: #1a7f37; --fair: #8a5a00; --bad: #c4162a; }
@media (prefers-color-scheme: dark) {
  .mlprov-verification { --good: #4ac26b; --fair: #d9a441; --bad: #ff7b72; } }
[data-jp-theme-light="true"] .mlprov-verification {
  --good: #1a7f37; --fair: #8a5a00; --bad: #c4162a; }
[data-jp-theme-light="false"] .mlprov-verification {
  --good: #4ac26b; --fair: #d9a441; --bad: #ff7b72; }
.mlprov-verification table { border-collapse: collapse; margin: 0 0 .6em; }
.mlprov-verification caption { text-align: left; font-weight: 600; padding: .2em 0; }
.mlprov-verification th, .mlprov-verification td { text-align: left; padding: .15em 1.2em .15em 0;
  border-bottom: 1px solid var(--jp-border-color2, #8884); vertical-align: top;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.mlprov-verification td.value { font-family: var(--jp-code-font-family, monospace); }
.mlprov-verification .good { color: var(--good); }
.mlprov-verification .fair { color: var(--fair); }
.mlprov-verification .bad { color: var(--bad); }
.mlprov-verification p { margin: 0; }
"""


def to_text(verdict: str, items: list[Item], differences: list[Difference]) -> str:
    """An aligned table that ends in the verdict."""
    rows, left_out = _rows(items)
    parts = [_table(("", "this run", "original", ""), [_item_cells(item) for item in rows])]
    if left_out:
        parts.append(f"… and {left_out} more.")
    if differences:
        shown = differences[:MAX_ROWS]
        parts.append(
            "What differed between the two runs, the most likely cause first:\n"
            + _table(("", "this run", "original"), [_difference_cells(one) for one in shown])
        )
    parts.append(f"Verdict: {verdict}")
    return "\n\n".join(parts)


def to_html(verdict: str, items: list[Item], differences: list[Difference]) -> str:
    """A table in HTML, everything escaped, for light and dark pages."""
    rows, left_out = _rows(items)
    body = [_html_row(_item_cells(item), _tone(item.verdict)) for item in rows]
    parts = [
        f'<div class="mlprov-verification"><style>{_STYLE}</style>',
        _html_table("Compared with the original run", ("this run", "original", ""), body),
    ]
    if left_out:
        parts.append(f"<p>… and {left_out} more.</p>")
    if differences:
        body = [_html_row(_difference_cells(one)) for one in differences[:MAX_ROWS]]
        caption = "What differed, the most likely cause first"
        parts.append(_html_table(caption, ("this run", "original"), body))
    parts.append(
        f'<p>Verdict: <strong class="{_tone(verdict)}">{html.escape(verdict)}</strong>: '
        f"{html.escape(_MEANING[verdict])}</p></div>"
    )
    return "".join(parts)


def readable(value: Value) -> str:
    """`value` in one line of printable characters, shortened where it is long."""
    if value is None:
        return "–"
    text = value if isinstance(value, str) else repr(value)
    text = "".join(char if char.isprintable() else "�" for char in text)
    return text if len(text) <= MAX_WIDTH else text[: MAX_WIDTH - 1] + "…"


def _rows(items: list[Item]) -> tuple[list[Item], int]:
    """The items to show: all, or of very many those that are not the same first."""
    if len(items) <= MAX_ROWS:
        return items, 0
    ranked = sorted(range(len(items)), key=lambda row: items[row].verdict == "identical")
    return [items[row] for row in sorted(ranked[:MAX_ROWS])], len(items) - MAX_ROWS


def _item_cells(item: Item) -> tuple[str, str, str, str]:
    new, original = _pair(item)
    note = f" ({readable(item.note)})" if item.note else ""
    return readable(item.name.replace("_", " ")), new, original, item.verdict + note


def _pair(item: Item) -> tuple[str, str]:
    """Both values, with as many digits as it takes to see the difference."""
    if item.kind == "fingerprint":
        return _short_hash(item.new), _short_hash(item.original)
    if isinstance(item.new, float) and isinstance(item.original, float):
        short = f"{item.new:.6g}", f"{item.original:.6g}"
        if item.verdict == "identical" or short[0] != short[1]:
            return short
    new, original = (
        f"{value:.6g}" if isinstance(value, float) and item.verdict == "missing" else value
        for value in (item.new, item.original)
    )
    return readable(new), readable(original)


def _short_hash(value: Value) -> str:
    return readable(value) if value is None else readable(str(value)[:12])


def _difference_cells(difference: Difference) -> tuple[str, str, str]:
    name = f"{difference.kind}: {difference.name}"
    if difference.kind == difference.name == "data":
        return "data", _short_hash(difference.new), _short_hash(difference.original)
    if difference.kind == "code" and _HASH.fullmatch(str(difference.new)):
        return readable(name), _short_hash(difference.new), _short_hash(difference.original)
    new, original = readable(difference.new), readable(difference.original)
    if new == original:  # they part beyond what is shown
        new, original = f"{new} (not the same)", original
    return readable(name), new, original


def _table(head: Iterable[str], rows: list[tuple[str, ...]]) -> str:
    lines = [tuple(head), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _html_table(caption: str, head: Iterable[str], body: list[str]) -> str:
    columns = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in head)
    return (
        f"<table><caption>{html.escape(caption)}</caption>"
        f"<thead><tr><td></td>{columns}</tr></thead><tbody>{''.join(body)}</tbody></table>"
    )


def _html_row(cells: tuple[str, ...], tone: str = "") -> str:
    name, new, original, *verdict = (html.escape(cell) for cell in cells)
    last = f'<td class="{tone}">{verdict[0]}</td>' if verdict else ""
    return (
        f'<tr><th scope="row">{name}</th><td class="value">{new}</td>'
        f'<td class="value">{original}</td>{last}</tr>'
    )


def _tone(verdict: str) -> str:
    if verdict in {"identical", "bit-identical"}:
        return "good"
    return "bad" if verdict == "different" else "fair"
