"""The provenance graphs of two runs in one view: what was added, removed and changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mlprov_widgets.graph.document.model import Node
from mlprov_widgets.graph.document.sources import open_source
from mlprov_widgets.graph.levels.merged import (
    ADDED,
    REMOVED,
    SAME,
    MergedStep,
    merged_scene,
    merged_steps,
)
from mlprov_widgets.graph.levels.two_levels import ENGINEER, Levels
from mlprov_widgets.graph.pictures.dot import scene_graph
from mlprov_widgets.graph.pictures.drawing import draw, inline_svg
from mlprov_widgets.present.blocks import Block, DataTable, Figure, Folded, Paragraph
from mlprov_widgets.record import Record
from mlprov_widgets.record.story import Story
from mlprov_widgets.wording import capitalize, format_count, format_list, one_line

_MAX_NAMED = 6
_WORDS = {SAME: "the same", ADDED: "only in {two}", REMOVED: "only in {one}"}


def graphs_of(first: Record, second: Record, one: str, two: str) -> list[Block]:
    """Both graphs as one picture, and as tables.

    Parameters
    ----------
    first, second : Record
    one, two : str
        The letters of the two.
    """
    steps = merged_steps(Story(first).steps, Story(second).steps)
    if not steps:
        return [Paragraph("Neither record has a step that could be drawn.")]
    scene = merged_scene(steps, one, two)
    changed = sum(step.change != SAME for step in steps)
    said = ", ".join(f"{step.title} {_how(step, one, two)}" for step in steps)
    svg = draw(scene_graph(scene), "svg").decode()
    label = one_line(f"both runs in one graph: {said}", 400)
    about = (
        f"Each box is a step of the pipeline, in its order; {changed} of {len(steps)} are not the "
        f"same. In a box that changed, {one} stands before the arrow and {two} behind it."
    )
    return [
        Paragraph(about),
        Figure(inline_svg(svg, label)),
        Folded("The same as a table", [_table(steps, one, two)]),
        *_elements(first, second, one, two),
    ]


def _how(step: MergedStep, one: str, two: str) -> str:
    return _WORDS.get(step.change, "changed").format(one=one, two=two)


def _table(steps: Sequence[MergedStep], one: str, two: str) -> DataTable:
    rows = []
    groups = []
    for step in steps:
        lines = step.changed or [("", "", "")]
        for label, before, after in lines:
            told = _how(step, one, two) if step.change == SAME else label or "value"
            rows.append((told, before or "–", after or "–"))
            groups.append(step.title)
    return DataTable("", ("Step", one, two), rows, groups=groups)


def _elements(first: Record, second: Record, one: str, two: str) -> list[Block]:
    """What the PROV documents have of each type, and what only one of them has."""
    here, there = (_counted(record) for record in (first, second))
    rows = []
    for kind in dict.fromkeys([*here, *there]):
        mine, theirs = here.get(kind, Counter()), there.get(kind, Counter())
        both, removed, added = mine & theirs, mine - theirs, theirs - mine
        rows.append((kind, f"{both.total():,}", _named(removed), _named(added)))
    head = ("Element", "In both", f"Only in {one} (removed)", f"Only in {two} (added)")
    note = "Elements of the PROV documents are told by their type and their name."
    number = sum(row[2] != "–" or row[3] != "–" for row in rows)
    title = f"All elements of both graphs: {format_count(number, 'type')} with a difference"
    return [Folded(title, [DataTable("", head, rows, note)])]


def _counted(record: Record) -> dict[str, Counter[str]]:
    model = Levels(open_source(record)).model(ENGINEER)
    found: dict[str, Counter[str]] = {}
    for node in model.nodes.values():
        found.setdefault(_type(node), Counter())[node.title] += 1
    return found


def _type(node: Node) -> str:
    return f"{capitalize(node.kind)}: {node.type}" if node.type else capitalize(node.kind)


def _named(names: Counter[str]) -> str:
    if not names:
        return "–"
    listed = [one_line(name, 50) for name in names.elements()]
    return f"{len(listed):,}: {format_list(listed, _MAX_NAMED)}"
