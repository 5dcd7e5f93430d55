"""What is told, before it becomes HTML, Markdown or text: blocks of plain text, not yet escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mlprov_widgets.record.entries import Entry


@dataclass(frozen=True)
class Paragraph:
    """A few sentences; `tone` is ``good``, ``fair``, ``bad``, ``title`` or empty."""

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Bullets:
    """Short lines under a title."""

    title: str
    items: list[str]


@dataclass(frozen=True)
class FieldTable:
    """Recorded fields, each with its value and where in the record it stands."""

    title: str
    rows: list[Entry]


@dataclass(frozen=True)
class DataTable:
    """Rows of texts, of which the first column names the row.

    Parameters
    ----------
    title : str
    head : tuple of str
        Names of the columns.
    rows : sequence of tuple of str
    note : str
        Told below.
    shades : list of list of float
        Of a confusion matrix, a number from 0 to 1 for each cell.
    numbers : bool
        Whether the columns are numbers.
    tones : sequence of str
        Of each row, how its last cell is to be taken: ``good``, ``fair``, ``bad``.
    """

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""
    shades: list[list[float]] = field(default_factory=list)
    numbers: bool = False
    tones: Sequence[str] = ()


@dataclass(frozen=True)
class CodeBlock:
    """Lines that keep their form: ``diff``, ``bash``, ``python`` or ``text``."""

    text: str
    language: str = "text"
    title: str = ""


@dataclass(frozen=True)
class Pairs:
    """Many short pairs, set close: packages and their versions."""

    title: str
    pairs: list[tuple[str, str]]
    note: str = ""


@dataclass(frozen=True)
class Tiles:
    """Label and value of the few things that are looked for first."""

    pairs: list[tuple[str, str]]


@dataclass(frozen=True)
class Chart:
    """The values of a quantity at each epoch, fold or trial, a line a part; None without one."""

    title: str
    places: list[float]
    series: dict[str, list[float | None]]
    counter: str = "epoch"


@dataclass(frozen=True)
class ChecklistItem:
    """An item of a checklist that the record answers, wholly or in part."""

    key: str
    item: str
    text: str
    section: str
    whole: bool = True


@dataclass(frozen=True)
class Checklist:
    """What the record answers of a checklist, and what only the authors can."""

    title: str
    source: str
    address: str
    answered: list[ChecklistItem]
    open: list[tuple[str, str]]


@dataclass
class TreeItem:
    """One line of a tree.

    Parameters
    ----------
    label, text : str
        What it is, and its value in one line; no value where it has only children.
    note : str
        Told in smaller letters after the value.
    block : str
        Text of several lines, shown as it is.
    children : list of TreeItem
        Shown when it is unfolded.
    """

    label: str
    text: str = ""
    note: str = ""
    block: str = ""
    children: list[TreeItem] = field(default_factory=list)


@dataclass(frozen=True)
class Tree:
    """Lines that unfold to what is inside them."""

    items: list[TreeItem]


@dataclass(frozen=True)
class Folded:
    """Blocks behind a line that unfolds to them."""

    summary: str
    blocks: list[Block]
    opened: bool = False


@dataclass(frozen=True)
class Figure:
    """An SVG element that this package has drawn, its texts escaped."""

    svg: str


Block = (
    Paragraph
    | Bullets
    | FieldTable
    | DataTable
    | CodeBlock
    | Pairs
    | Tiles
    | Chart
    | Checklist
    | Tree
    | Folded
    | Figure
)


@dataclass(frozen=True)
class Section:
    """Part of a document; `key` names it in links."""

    key: str
    title: str
    blocks: list[Block]


@dataclass(frozen=True)
class Page:
    """A whole page.

    Parameters
    ----------
    kind : str
        What it is, such as ``Report on a run``.
    title, subtitle : str
        What it is about.
    badges : list of (str, str)
        Text and tone of what is told beside the title: status and verdict.
    tiles : list of (str, str)
        Label and value of the few things that most readers look for.
    summary : str
        All of it in some sentences.
    sections : list of Section
    footer : str
    """

    kind: str
    title: str
    subtitle: str
    badges: list[tuple[str, str]]
    tiles: list[tuple[str, str]]
    summary: str
    sections: list[Section]
    footer: str

    def number(self, key: str) -> int:
        """Number of a section, from 1; 0 where it is not in this document."""
        return next((n for n, one in enumerate(self.sections, 1) if one.key == key), 0)
