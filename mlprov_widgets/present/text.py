"""Blocks as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mlprov_widgets.present.blocks import Block, Bullets, DataTable, Folded, Paragraph
from mlprov_widgets.wording import one_line

_MAX_LINE = 1000


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
            yield from _table([block.head, *block.rows])
            if block.note:
                yield _line(block.note)
        case Folded():
            yield blocks_to_text(block.blocks)


def _title(title: str) -> list[str]:
    return [f"{title}:"] if title else []


def _table(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _line(text: str) -> str:
    return one_line(text, _MAX_LINE)
