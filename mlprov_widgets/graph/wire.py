"""The shapes that cross to the browser; `viewer/src/types.ts` is made of them.

Python computes them and the browser draws them. After a change here, ``npm run types`` (or
``python viewer/make_types.py``) writes that file.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

Level = Literal["analyst", "engineer"]
Kind = Literal["step", "entity", "activity", "agent", "unknown", "group"]
Condition = Literal["", "done", "result", "failed", "missing"]
Difference = Literal["same", "changed", "added", "removed"]
Form = Literal["text", "code", "table", "matrix", "curves", "diff", "link"]
Line = tuple[str, str]
"""Label (may be empty) and value."""
Token = tuple[str, str]
r"""Class (of Pygments' short names) and text; lines end with "\n"."""
Change = tuple[str, str]
"""" " (in both), "-" (only before) or "+" (only after), and the line."""


class Empty(TypedDict):
    """Nothing."""


class SceneNode(TypedDict):
    """One box: a pipeline step, a PROV element, or a folded group of them."""

    id: str
    parent: str
    """Id of the open group around it; empty at the top."""
    kind: Kind
    title: str
    type: str
    """Short type such as "Cell" or "Execution"; may be empty."""
    headline: str
    headline_label: str
    lines: list[Line]
    state: Condition
    note: str
    """Such as "edited"."""
    count: int
    """Elements inside a folded group, at any depth; 0 for anything else."""
    change: NotRequired[Difference]
    """How it differs, where two runs are drawn as one."""


class SceneGroup(TypedDict):
    """An open group, drawn around its members."""

    id: str
    parent: str
    title: str
    count: int


class SceneEdge(TypedDict):
    """One arrow, which may stand for many relations."""

    id: str
    source: str
    target: str
    kind: str
    """PROV relation; empty where several kinds are bundled or the arrow is the pipeline's own."""
    kinds: dict[str, int]
    """Kind to number of relations."""
    count: int
    role: str
    flow: int
    """1: the source comes first (pipeline); -1: the target does (PROV's arrows)."""
    way: NotRequired[int]
    """As a `WholeEdge` has it; for a viewer whose Python is gone."""


class Scene(TypedDict):
    """What is drawn of a level."""

    level: Level
    nodes: list[SceneNode]
    groups: list[SceneGroup]
    """Parents before their children."""
    edges: list[SceneEdge]
    note: str
    """Said above the graph, such as what could not be opened; may be empty."""


class PackedNode(TypedDict):
    """A box without what is empty of it."""

    id: str
    kind: Kind
    parent: NotRequired[str]
    title: NotRequired[str]
    type: NotRequired[str]
    headline: NotRequired[str]
    headline_label: NotRequired[str]
    lines: NotRequired[list[Line]]
    state: NotRequired[Condition]
    note: NotRequired[str]
    count: NotRequired[int]
    change: NotRequired[Difference]


class PackedScene(TypedDict):
    """A scene on its way to the browser: boxes without what is empty, and every name once."""

    level: Level
    nodes: list[PackedNode]
    groups: list[SceneGroup]
    kinds: list[dict[str, int]]
    """Kinds of relations and how many of each, as arrows have them."""
    roles: list[str]
    edges: list[int]
    """Five numbers an arrow: places of its ends in `nodes`, of its kinds and role; flow × way."""
    note: str


class Marks(TypedDict):
    """What stands out. All ids are ids of the scene's nodes or open groups."""

    selected: str
    ancestors: list[str]
    """What led to the selected one."""
    descendants: list[str]
    """What came of it."""
    matches: dict[str, int]
    """Node or group to number of matches in it."""


class Summary(TypedDict):
    """What is said above the graph."""

    title: str
    facts: list[Line]
    failed: bool
    note: str


class Match(TypedDict):
    """One element that a search found."""

    id: str
    title: str
    where: list[str]
    """Its groups, outermost first."""
    what: str
    """What matched: "name", "value", "type", "code"."""
    snippet: tuple[str, str, str]
    """Text around the match: before, the match itself, after."""
    answer: str
    """What is probably asked for: "0.9333", "determined by datetime.now"; may be empty."""


class SearchResults(TypedDict):
    """What a search found, the likeliest first."""

    query: str
    total: int
    items: list[Match]


class CodeData(TypedDict):
    """Source code in colours."""

    tokens: list[Token]


class TableData(TypedDict):
    """Rows as long as the columns."""

    columns: list[str]
    rows: list[list[str]]


class MatrixData(TypedDict):
    """Numbers in a square; labels are empty where the classes are not known."""

    labels: list[str]
    rows: list[list[float | None]]


class CurvesData(TypedDict):
    """Numbers over numbers."""

    x: list[float]
    series: dict[str, list[float | None]]


class DiffData(TypedDict):
    """What a person changed."""

    lines: list[Change]


class LinkData(TypedDict):
    """Another element."""

    id: str


Data = Empty | CodeData | TableData | MatrixData | CurvesData | DiffData | LinkData


class Attribute(TypedDict):
    """One value with the form in which it is best read."""

    name: str
    value: str
    """The whole value as text, for reading and copying."""
    type: str
    """Such as "xsd:int"; may be empty."""
    unit: str
    form: Form
    data: Data
    """Of the form: nothing for a text."""


class Relation(TypedDict):
    """One relation of an element to another."""

    kind: str
    direction: Literal["out", "in"]
    """"out": the selected element is the arrow's source."""
    label: str
    """In words, read from the selected element: "was generated by", "used", "generated"."""
    id: str
    title: str
    role: str


class Reason(TypedDict):
    """One reason."""

    text: str
    id: str
    """Element that the step is about; may be empty."""
    depth: int
    """0 for the element itself, 1 for what led to it, and so on."""


class Details(TypedDict):
    """The whole record of an element, a group or a step."""

    id: str
    title: str
    kind: Kind
    type: str
    name: str
    """Qualified name in the document; empty for steps and groups."""
    where: list[str]
    answer: str
    """One line: what determined it; may be empty."""
    attributes: list[Attribute]
    relations: list[Relation]
    why: list[Reason]
    """Why it has this value, in steps."""
    more_relations: int
    """More relations than are listed."""


class SearchField(TypedDict):
    """A value that can be searched, and what is said of it."""

    name: str
    also: NotRequired[str]
    """The name as it is written, where that is another."""
    text: str
    short: NotRequired[str]
    """The value in short, where it differs from the text."""
    answer: NotRequired[str]
    """What determined it, where that is known."""


class Searchable(TypedDict):
    """What can be searched of one element."""

    names: list[str]
    qualified: str
    """Name with its prefix, by which it is found only when that is asked for."""
    fields: list[SearchField]
    types: list[str]
    code: list[str]
    weight: int
    """Of those that match alike, which is rather meant: the lower."""
    answer: str
    """What a list says of it."""


class WholeEdge(TypedDict):
    """One relation."""

    source: str
    target: str
    kind: str
    role: str
    flow: int
    way: int
    """In which way the target influenced the source; 0 where it did not."""


class WholeLevel(TypedDict):
    """One level with nothing folded; groups as they are when they are, parents first."""

    nodes: list[SceneNode]
    groups: list[SceneNode]
    edges: list[WholeEdge]


class Whole(TypedDict):
    """What a page of its own carries: everything, so that it needs no kernel."""

    summary: Summary
    levels: list[Level]
    level: Level
    opened: dict[Level, list[str]]
    """The groups that are open first on each level."""
    selected: str
    models: dict[Level, WholeLevel]
    details: dict[Level, dict[str, Details]]
    """A step has a record of its own on each level."""
    texts: dict[str, Searchable]
    """Elements of the level that has all."""
    stands_for: dict[str, str]
    """Element to the analyst's box that stands for it."""
