"""Blocks as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mlprov_widgets.present.blocks import (
    Beside,
    Block,
    Bullets,
    CodeBlock,
    DataTable,
    Dots,
    Folded,
    Legend,
    Overlay,
    Pairs,
    Paragraph,
    Parallel,
)
from mlprov_widgets.present.tables import dots_table, overlay_table, parallel_table
from mlprov_widgets.wording import one_line, shorten, visible

_MAX_LINE = 1000
# What stands side by side.
_CELL = 36


def blocks_to_text(blocks: Iterable[Block]) -> str:
    """Blocks of a comparison or an inspection, with an empty line between them."""
    told = ("\n".join(_block(block)) for block in blocks)
    return "\n\n".join(one for one in told if one)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph():
            yield _line(block.text)
        case Bullets():
            yield from _title(block.title)
            yield from (f"{'  ' if block.title else ''}{_line(one)}" for one in block.items)
        case DataTable():
            yield from _title(block.title)
            limit = _CELL if block.groups else _MAX_LINE
            lines = [[shorten(cell, limit) for cell in row] for row in (block.head, *block.rows)]
            yield from _table(lines, block.groups)
            if block.note:
                yield _line(block.note)
        case Folded():
            yield blocks_to_text(block.blocks)
        case Beside():
            yield blocks_to_text(block.blocks)
        case Legend():
            yield from (f"{key}  {_line(name)}" for key, name in block.pairs)
            if block.note:
                yield _line(block.note)
        case Dots():
            yield from _block(dots_table(block))
        case Overlay():
            yield from _block(overlay_table(block))
        case Parallel():
            yield from _block(parallel_table(block))
        case CodeBlock():
            yield from _title(block.title)
            yield from (visible(line) for line in block.text.split("\n"))
        case Pairs():
            yield from _title(block.title)
            yield from (f"  {_line(name)}: {_line(value)}" for name, value in block.pairs)


def _title(title: str) -> list[str]:
    return [f"{title}:"] if title else []


def _table(lines: Sequence[Sequence[str]], groups: Sequence[str] = ()) -> Iterator[str]:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for at, line in enumerate(lines):
        if groups and at and (at == 1 or groups[at - 1] != groups[at - 2]):
            yield f"[{_line(groups[at - 1])}]"
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _line(text: str) -> str:
    return one_line(text, _MAX_LINE)
