"""A verification as text for a terminal and as HTML for a notebook."""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from mlprov_widgets.provenance.record import Value
from mlprov_widgets.reproduction.comparing import digits
from mlprov_widgets.reproduction.conclusion import readable, words
from mlprov_widgets.reproduction.factors import Difference
from mlprov_widgets.reproduction.items import IDENTICAL, Item

if TYPE_CHECKING:
    from mlprov_widgets.reproduction.verify import Verification

MAX_ROWS = 200
# Of values that are the same for each of many classes, a page shows only how many they are.
_MANY = 8

_HASH = re.compile(r"[0-9a-f]{64}")

TITLES = {
    "bit-identical": "Bit-identical to the original run",
    "metric-identical": "Metric-identical to the original run",
    "within tolerance": "Within tolerance of the original run",
    "different": "Different from the original run",
}
_SIGN = {"good": "✓", "fair": "≈", "bad": "✗"}

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
.mlprov-verification table { border-collapse: collapse; margin: .6em 0;
  min-width: min(100%, 34em); }
.mlprov-verification caption, .mlprov-verification summary {
  text-align: left; font-weight: 600; padding: .2em 0; }
.mlprov-verification summary { font-weight: normal; cursor: pointer; }
.mlprov-verification table th, .mlprov-verification table td { text-align: left !important;
  padding: .15em 1.2em .15em 0;
  border-bottom: 1px solid var(--jp-border-color2, #8884); vertical-align: top;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.mlprov-verification table th { font-weight: normal; overflow-wrap: break-word; }
.mlprov-verification table thead th { font-weight: 600; }
.mlprov-verification td.value, .mlprov-verification code {
  font-family: var(--jp-code-font-family, monospace); }
.mlprov-verification td.value { min-width: 14ch; }
.mlprov-verification .good { color: var(--good); }
.mlprov-verification .fair { color: var(--fair); }
.mlprov-verification .bad { color: var(--bad); }
.mlprov-verification p { margin: 0; max-width: 60em; }
.mlprov-verification p.verdict { font-size: 1.25em; font-weight: 600; }
"""


def to_text(found: Verification) -> str:
    """An aligned table, what it comes to in sentences, and the verdict as the last line."""
    rows, left_out = shown_items(found.items)
    parts = [_table(("", "this run", "original", ""), [item_cells(item) for item in rows])]
    if left_out:
        parts.append(f"… and {left_out} more.")
    if found.differences:
        shown = found.differences[:MAX_ROWS]
        parts.append(
            f"{what_differed(found)}:\n"
            + _table(("", "this run", "original"), [difference_cells(one) for one in shown])
        )
    if found.conclusion.meaning:
        parts.append("\n".join(found.conclusion.sentences))
    parts.append(f"Verdict: {found.verdict}")
    return "\n\n".join(parts)


def to_html(found: Verification) -> str:
    """The verdict, what it rests on and what differed, everything escaped."""
    tone = _tone(found.verdict)
    name = f" <code>{_escaped(found.original_name)}</code>" if found.original_name else ""
    parts = [
        f'<div class="mlprov-verification"><style>{_STYLE}</style>',
        f'<p class="verdict {tone}">{_SIGN[tone]} {TITLES[found.verdict]}{name}</p>',
    ]
    parts += [f"<p>{html.escape(one)}</p>" for one in found.conclusion.sentences]
    rows, left_out = shown_items(found.items)
    folded = [item for item in rows if ": " in item.name and item.verdict == IDENTICAL]
    if len(folded) < _MANY:
        folded = []
    hidden = set(map(id, folded))
    head = ("this run", "original", "")
    body = [_item_row(item) for item in rows if id(item) not in hidden]
    parts.append(_html_table("Number by number", head, body))
    if folded:
        body = [_item_row(item) for item in folded]
        parts.append(
            f"<details><summary>{len(folded)} values of single classes, all identical</summary>"
            f"{_html_table('', head, body)}</details>"
        )
    if left_out:
        parts.append(f"<p>… and {left_out} more.</p>")
    if found.differences:
        body = [_html_row(difference_cells(one)) for one in found.differences[:MAX_ROWS]]
        parts.append(_html_table(what_differed(found), ("this run", "original"), body))
    if found.verdict == "different":
        tolerance = f"{found.relative:g} of a number, or {found.absolute:g}"
        parts.append(f"<p>Tolerance: {tolerance}.</p>")
    hint = opening_hint(found)
    if hint:
        parts.append(f"<p>{hint}</p>")
    return "".join([*parts, "</div>"])


def opening_hint(found: Verification) -> str:
    """How the graphs of both runs are opened, in HTML; empty where no file is known."""
    calls = [
        f"<code>view({html.escape(_quoted(_near(file)))})</code>"
        for file in (found.new_file, found.original_file)
        if file is not None
    ]
    if not calls:
        return ""
    if len(calls) == 2:
        return f"The graphs of both runs: {calls[0]} and {calls[1]}."
    lost = ""
    if found.original_file is None and found.original_file_name:
        lost = f" The original’s file, {_escaped(found.original_file_name)}, is not in this folder."
    return f"The graph of {'this' if found.new_file else 'the original'} run: {calls[0]}.{lost}"


def _quoted(name: str) -> str:
    # Names of files may hold what no page can; Python reads these escapes.
    return json.dumps(name, ensure_ascii=not name.isprintable())


def _near(file: Path) -> str:
    """The file as seen from the working directory, if it is in there."""
    try:
        near = os.path.relpath(file)
    except (OSError, ValueError):  # another drive, or a directory that has gone
        return str(file)
    return str(file) if near.startswith("..") else near


def what_differed(found: Verification) -> str:
    """What stands above the list of what differed besides the results."""
    if all(item.verdict == IDENTICAL for item in found.items):
        return "What differed between the two runs, without changing any result"
    if not any(one.is_likely for one in found.differences):
        return "What differed between the two runs, though it hardly ever changes a result"
    return "What differed between the two runs, the most likely cause first"


def shown_items(items: list[Item]) -> tuple[list[Item], int]:
    """The items to show: all, or of very many those that are not the same first."""
    if len(items) <= MAX_ROWS:
        return items, 0
    ranked = sorted(range(len(items)), key=lambda row: items[row].verdict == "identical")
    return [items[row] for row in sorted(ranked[:MAX_ROWS])], len(items) - MAX_ROWS


def item_cells(item: Item) -> tuple[str, str, str, str]:
    """Name, both values and verdict of an item, as a table shows them."""
    new, original = _pair(item)
    note = f" ({_note(item.note)})" if item.note else ""
    return words(item.name), new, original, item.verdict + note


def _note(note: str) -> str:
    text = "".join(char if char.isprintable() else "�" for char in note)
    return text if len(text) <= 160 else text[:159] + "…"


def _pair(item: Item) -> tuple[str, str]:
    """Both values, with as many digits as it takes to see the difference."""
    if item.kind == "fingerprint":
        return _short_hash(item.new), _short_hash(item.original)
    if isinstance(item.new, float) and isinstance(item.original, float):
        if item.verdict == IDENTICAL:
            return f"{item.new:.6g}", f"{item.original:.6g}"
        return digits(item.new, item.original)
    new, original = (
        f"{value:.6g}" if isinstance(value, float) and item.verdict == "missing" else value
        for value in (item.new, item.original)
    )
    return _shape(new) or readable(new), _shape(original) or readable(original)


def _shape(value: Value) -> str:
    """``3 × 3 numbers`` of a matrix: its entries do not fit, and the note says which differs."""
    if not isinstance(value, list) or not value or not all(isinstance(row, list) for row in value):
        return ""
    widths = {len(row) for row in value}
    numbers = all(isinstance(one, int | float) for row in value for one in row)
    return f"{len(value)} × {widths.pop()} numbers" if len(widths) == 1 and numbers else ""


def _short_hash(value: Value) -> str:
    return readable(value[:12] if isinstance(value, str) else value)


def difference_cells(difference: Difference) -> tuple[str, str, str]:
    """Name and both values of a difference, as a table shows them."""
    name = f"{difference.kind}: {difference.name.replace('_', ' ')}"
    if difference.kind == difference.name == "data":
        return "data", _short_hash(difference.new), _short_hash(difference.original)
    both = (difference.new, difference.original)
    if all(isinstance(one, str) and _HASH.fullmatch(one) for one in both):
        return readable(name), _short_hash(difference.new), _short_hash(difference.original)
    new, original = _listed(difference.new), _listed(difference.original)
    if new == original:  # they part beyond what is shown
        new, original = f"{new} (not the same)", original
    return readable(name), new, original


def _listed(value: Value) -> str:
    """A value in one line; of texts such as the names of GPUs without brackets and quotes."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        value = ", ".join(map(str, value)) or "none"
    return readable(value)


def _table(head: Iterable[str], rows: list[tuple[str, ...]]) -> str:
    lines = [tuple(head), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _html_table(caption: str, head: Iterable[str], body: list[str]) -> str:
    columns = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in head)
    title = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    return (
        f"<table>{title}"
        f"<thead><tr><td></td>{columns}</tr></thead><tbody>{''.join(body)}</tbody></table>"
    )


def _item_row(item: Item) -> str:
    return _html_row(item_cells(item), _tone(item.verdict))


def _html_row(cells: tuple[str, ...], tone: str = "") -> str:
    name, new, original, *verdict = (html.escape(cell) for cell in cells)
    last = f'<td class="{tone}">{verdict[0]}</td>' if verdict else ""
    return (
        f'<tr><th scope="row">{name}</th><td class="value">{new}</td>'
        f'<td class="value">{original}</td>{last}</tr>'
    )


def _escaped(text: str) -> str:
    return html.escape(readable(text))


def _tone(verdict: str) -> str:
    if verdict in {"identical", "bit-identical"}:
        return "good"
    return "bad" if verdict == "different" else "fair"
