"""Blocks as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mlprov_widgets.present.blocks import (
    Block,
    Bullets,
    CodeBlock,
    DataTable,
    FieldTable,
    Folded,
    Pairs,
    Paragraph,
    Section,
    Tiles,
    Title,
    Tree,
    TreeItem,
)
from mlprov_widgets.wording import one_line

_MAX_LINE = 1000


def blocks_to_text(blocks: Iterable[Block]) -> str:
    """Blocks with an empty line between them; charts and pictures are left out."""
    told = ("\n".join(_block(block)) for block in blocks)
    return "\n\n".join(one for one in told if one)


def sections_to_text(sections: Iterable[Section]) -> str:
    """Each section under its title, set in; those without content are left out."""
    parts = []
    for section in sections:
        lines = blocks_to_text(section.blocks).split("\n")
        if lines != [""]:
            parts.append("\n".join([section.title, *(f"  {line}".rstrip() for line in lines)]))
    return "\n\n".join(parts)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Title() | Paragraph():
            yield _line(block.text)
        case Bullets():
            yield from _titled(block.title, map(_line, block.items))
        case FieldTable():
            yield from _titled(block.title, (f"{one.label}: {one.text}" for one in block.rows))
        case Tiles():
            yield from (f"{label}: {_line(value)}" for label, value in block.pairs)
        case Pairs():
            yield from _titled(block.title, (f"{name} {value}" for name, value in block.pairs))
        case DataTable():
            yield from _titled(block.title, _table([block.head, *block.rows]), indent="")
            if block.note:
                yield _line(block.note)
        case CodeBlock():
            yield from _titled(block.title, block.text.split("\n"))
        case Tree():
            yield from (line for item in block.items for line in _item(item))
        case Folded():
            yield blocks_to_text(block.blocks)


def _titled(title: str, lines: Iterable[str], indent: str = "  ") -> Iterator[str]:
    if title:
        yield f"{title}:"
    yield from (f"{indent if title else ''}{line}" for line in lines)


def _table(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _item(item: TreeItem, depth: int = 0) -> Iterator[str]:
    told = " ".join(one for one in (item.label, item.text, item.note) if one)
    yield f"{'  ' * depth}{_line(told)}"
    for child in item.children:
        yield from _item(child, depth + 1)


def _line(text: str) -> str:
    return one_line(text, _MAX_LINE)
