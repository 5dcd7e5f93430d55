"""Blocks as Markdown with tables; what a record says stays text, whatever it looks like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from mlprov_widgets.present import blocks
from mlprov_widgets.present.tables import dots_table, overlay_table, parallel_table
from mlprov_widgets.wording import capitalize, format_number

_MAX_EPOCHS = 12
# What begins something in Markdown; an underscore only where it is not inside a word.
_SPECIAL = re.compile(r"[\\`*{}\[\]#|~$!^]|(?<![^\W_])_|_(?![^\W_])")
# What is made a link of as it stands, escaped or not, except in code.
_LINKED = re.compile(r"://|@|(?<![^\W_])www\.", re.IGNORECASE)
# What begins a list, a heading or a rule where a line begins with it.
_START = re.compile(r"^(?=\d{1,9}[.)](?:\s|$))(\d+)|^(?=[-+](?:\s|$)|[-=]+$)()")


def to_markdown(page: blocks.Page) -> str:
    """The page as GitHub's Markdown."""
    parts = [f"# {text(page.title)}", text(page.subtitle)]
    parts.append(" · ".join(f"**{text(one)}**" for one, _ in page.badges))
    if page.tiles:
        labels, values = zip(*page.tiles, strict=True)
        parts.append(_table(labels, [values]))
    parts.append(text(page.summary))
    for place, section in enumerate(page.sections, 1):
        parts.append(f"## {place}. {section.title}")
        for block in section.blocks:
            parts += _block(block, page)
    parts += ["---", text(page.footer)]
    return "\n\n".join(part for part in parts if part) + "\n"


def text(value: str) -> str:
    """Text of others that stays what it is: no link, no tag, no table, no list."""
    words = (code_span(one) if _LINKED.search(one) else _escaped(one) for one in value.split())
    return _START.sub(lambda found: f"{found[1] or ''}\\", " ".join(words), count=1)


def _escaped(word: str) -> str:
    return escape(_SPECIAL.sub(lambda found: "\\" + found[0], word), quote=False)


def code_span(value: str) -> str:
    """Text between as many backticks as it takes, on one line, without bars that end a cell."""
    one = " ".join(value.split()).replace("|", "¦")
    if not one:
        return ""
    ticks, edge = _ticks(one), " " if "`" in one else ""
    return f"{ticks}{edge}{one}{edge}{ticks}"


def _ticks(text: str, least: int = 1) -> str:
    """More backticks than any that are in a text beside each other."""
    return "`" * max(least, 1 + max(map(len, re.findall(r"`+", text)), default=0))


def _block(block: blocks.Block, page: blocks.Page) -> Iterator[str]:
    match block:
        case blocks.Paragraph():
            yield text(block.text)
        case blocks.Bullets():
            yield f"### {text(block.title)}" if block.title else ""
            yield "\n".join(f"- {text(one)}" for one in block.items)
        case blocks.Folded():
            yield f"### {text(block.summary)}"
            for one in block.blocks:
                yield from _block(one, page)
        case blocks.FieldTable():
            yield f"### {text(block.title)}"
            rows = [
                (text(row.label), text(row.text), code_span(row.where), text(row.known))
                for row in block.rows
            ]
            columns = 4 if any(row.known for row in block.rows) else 3
            head = ["", "Value", "In the record", "Known"]
            yield _raw_table(head[:columns], [row[:columns] for row in rows])
        case blocks.DataTable():
            yield f"### {text(block.title)}" if block.title else ""
            yield _table(block.head, _under(block), numbers=block.numbers)
            yield text(block.note)
        case blocks.Beside():
            for one in block.blocks:
                yield from _block(one, page)
        case blocks.Legend():
            yield "\n".join(f"- **{text(key)}** {text(name)}" for key, name in block.pairs)
            yield text(block.note)
        case blocks.Dots():
            yield from _block(dots_table(block), page)
        case blocks.Overlay():
            yield from _block(overlay_table(block), page)
        case blocks.Parallel():
            yield from _block(parallel_table(block), page)
        case blocks.CodeBlock():
            yield f"### {text(block.title)}" if block.title else ""
            fence = _ticks(block.text, 3)
            yield f"{fence}{block.language}\n{block.text}\n{fence}"
        case blocks.Pairs():
            yield f"### {text(block.title)}"
            yield ", ".join(f"{text(name)} {text(value)}" for name, value in block.pairs)
            yield text(block.note)
        case blocks.Chart():
            yield f"### {text(block.title)}"
            yield _places(block)
        case blocks.Checklist():
            yield from _answers(block, page)


def _under(block: blocks.DataTable) -> list[tuple[str, ...]]:
    """The rows of a table, each heading that they stand under as a row of its own."""
    found: list[tuple[str, ...]] = []
    for at, row in enumerate(block.rows):
        if block.groups and (at == 0 or block.groups[at] != block.groups[at - 1]):
            found.append((f"— {block.groups[at]} —", *("" for _ in row[1:])))
        found.append(row)
    return found


def _answers(block: blocks.Checklist, page: blocks.Page) -> Iterator[str]:
    yield f"### {text(block.title)}"
    yield f"Source: {text(block.source)}, <{block.address}>."
    rows = [
        (
            f"**{text(one.key)}** {text(one.item)}",
            "answered" if one.whole else "in part",
            f"{text(one.text)} (section {page.number(one.section)})",
        )
        for one in block.answered
    ]
    if rows:
        yield _raw_table(["Item", "", "What the record says"], rows)
    else:
        yield "The record answers none of its items."
    if block.open:
        yield "For the authors:"
        yield "\n".join(f"- **{text(key)}** {text(item)}" for key, item in block.open)


def _places(block: blocks.Chart) -> str:
    last = len(block.places) - 1
    shown = list(range(last + 1))
    if last >= _MAX_EPOCHS:
        shown = sorted({round(row * last / (_MAX_EPOCHS - 1)) for row in range(_MAX_EPOCHS)})
    series = [
        ["–" if one is None else format_number(one) for one in values]
        for values in block.series.values()
    ]
    rows = [(f"{block.places[row]:g}", *(values[row] for values in series)) for row in shown]
    return _table([capitalize(block.counter), *block.series], rows, numbers=True)


def _table(head: Iterable[str], rows: Iterable[tuple[str, ...]], numbers: bool = False) -> str:
    return _raw_table([*map(text, head)], [tuple(map(text, row)) for row in rows], numbers)


def _raw_table(head: list[str], rows: Sequence[tuple[str, ...]], numbers: bool = False) -> str:
    rule = ["---", *(["---:" if numbers else "---"] * (len(head) - 1))]
    lines = [head, rule, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
