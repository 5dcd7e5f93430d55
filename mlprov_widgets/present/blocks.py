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
        Of a confusion matrix, a number from 0 to 1 for each cell; of the difference of two, one
        from -1 (worse) to 1 (better).
    numbers : bool
        Whether the columns are numbers.
    tones : sequence of str
        Of each row, how its last cell is to be taken: ``good``, ``fair``, ``bad``.
    signed : bool
        Whether it is the difference of two confusion matrices.
    groups : sequence of str
        Of each row, the heading that it stands under; rows of one heading are beside each other.
    """

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""
    shades: list[list[float]] = field(default_factory=list)
    numbers: bool = False
    tones: Sequence[str] = ()
    groups: Sequence[str] = ()
    signed: bool = False


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
class Line:
    """One of several courses.

    Parameters
    ----------
    key, name : str
        A letter or two that stand beside the line, and what they stand for.
    points : list of tuple of float
        Place and value, where there is one.
    band : list of tuple of float
        Place, smallest and largest value, where the line is the mean of several.
    """

    key: str
    name: str
    points: list[tuple[float, float]]
    band: list[tuple[float, float, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Overlay:
    """One quantity of several runs, over each other.

    Parameters
    ----------
    title : str
    lines : list of Line
    counter : str
        What the places count.
    joined : bool
        Whether one place leads to the next, so that a line says something.
    note : str
        Told below.
    """

    title: str
    lines: list[Line]
    counter: str = "epoch"
    joined: bool = True
    note: str = ""


@dataclass(frozen=True)
class DotRow:
    """What repeats of one thing came to.

    Parameters
    ----------
    key, name : str
        A letter or two, and what they stand for.
    values : list of float
        One for each run.
    mean : float
    interval : tuple of float or None
        Where the mean may be; None where that cannot be said.
    text : str
        The same in words.
    """

    key: str
    name: str
    values: list[float]
    mean: float
    interval: tuple[float, float] | None = None
    text: str = ""


@dataclass(frozen=True)
class Dots:
    """A number of several things that were repeated: each value, the mean, its interval.

    Parameters
    ----------
    title : str
    axis : str
        What the number is, in which unit, and which way is better.
    rows : list of DotRow
    note : str
        Told below.
    """

    title: str
    axis: str
    rows: list[DotRow]
    note: str = ""


@dataclass(frozen=True)
class Axis:
    """One of several upright axes; a value for each line, None where there is none."""

    label: str
    values: list[float | str | None]


@dataclass(frozen=True)
class Parallel:
    """Parallel coordinates: a line for each run or configuration across what it was and came to.

    Parameters
    ----------
    title : str
    axes : list of Axis
    lines : list of tuple of str
        Key and name of each line, the best first.
    note : str
        Told below.
    """

    title: str
    axes: list[Axis]
    lines: list[tuple[str, str]]
    note: str = ""


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
class Legend:
    """What the letters in pictures stand for, each with its line and mark."""

    pairs: list[tuple[str, str]]
    note: str = ""


@dataclass(frozen=True)
class Beside:
    """Blocks beside each other as far as the page is wide; `wide` ones need more of it."""

    blocks: list[Block]
    wide: bool = False


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
    | Overlay
    | Dots
    | Parallel
    | Legend
    | Beside
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
    broad : bool
        Whether it takes more than the width of a text, for what stands side by side.
    """

    kind: str
    title: str
    subtitle: str
    badges: list[tuple[str, str]]
    tiles: list[tuple[str, str]]
    summary: str
    sections: list[Section]
    footer: str
    broad: bool = False

    def number(self, key: str) -> int:
        """Number of a section, from 1; 0 where it is not in this document."""
        return next((n for n, one in enumerate(self.sections, 1) if one.key == key), 0)
