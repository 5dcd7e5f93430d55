"""The provenance graphs of two runs in one view: what was added, removed and changed."""

from __future__ import annotations

from collections import Counter

from mlprov_widgets.graph.document.model import Node
from mlprov_widgets.graph.levels.merged import ADDED, CHANGED, REMOVED, SAME, MergedStep
from mlprov_widgets.graph.levels.two_levels import ENGINEER
from mlprov_widgets.graph.merging import MergedView, merged_view
from mlprov_widgets.graph.pictures.dot import scene_graph
from mlprov_widgets.graph.pictures.drawing import draw, inline_svg
from mlprov_widgets.present.blocks import Block, DataTable, Figure, Folded, Paragraph
from mlprov_widgets.record import Record
from mlprov_widgets.wording import capitalize, format_count, format_list, one_line

_MAX_NAMED = 6
_WORDS = {SAME: "the same", ADDED: "only in {two}", REMOVED: "only in {one}", CHANGED: "changed"}


def graphs_of(first: Record, second: Record, one: str, two: str) -> list[Block]:
    """Both graphs as one picture, and as tables.

    Parameters
    ----------
    first, second : Record
    one, two : str
        The letters of the two.
    """
    view = merged_view(first, second, one, two)
    steps = view.levels.steps
    changed = sum(step.change != SAME for step in steps)
    said = ", ".join(f"{step.title} {_how(step, one, two)}" for step in steps)
    svg = draw(scene_graph(view.scene()), "svg").decode()
    label = one_line(f"both runs in one graph: {said}", 400)
    about = (
        f"Each box is a step of the pipeline, in its order; {changed} of {len(steps)} are not the "
        f"same. In a box that changed, {one} stands before the arrow and {two} behind it."
    )
    return [
        Paragraph(about),
        Figure(inline_svg(svg, label)),
        Folded("The same as a table", [_table(steps, one, two)]),
        _elements(view, one, two),
    ]


def _how(step: MergedStep, one: str, two: str) -> str:
    return _WORDS[step.change].format(one=one, two=two)


def _table(steps: list[MergedStep], one: str, two: str) -> DataTable:
    rows = []
    groups = []
    for step in steps:
        for label, before, after in step.changed or [("", "", "")]:
            told = _how(step, one, two) if step.change == SAME else label or "value"
            rows.append((told, before or "–", after or "–"))
            groups.append(step.title)
    return DataTable("", ("Step", one, two), rows, groups=groups)


def _elements(view: MergedView, one: str, two: str) -> Folded:
    """How many elements of each type are in both graphs, and which only in one of them."""
    changes = view.levels.changes
    counts: dict[str, Counter[str]] = {}
    names: dict[tuple[str, str], list[str]] = {}
    for id, node in view.levels.model(ENGINEER).nodes.items():
        change = changes.get(id, SAME)
        counts.setdefault(_type(node), Counter())[change] += 1
        names.setdefault((_type(node), change), []).append(one_line(node.title, 50))
    rows = [
        (
            kind,
            f"{count[SAME]:,}",
            f"{count[CHANGED]:,}" if count[CHANGED] else "–",
            *(_named(names.get((kind, change), [])) for change in (REMOVED, ADDED)),
        )
        for kind, count in counts.items()
    ]
    head = ("Element", "The same", "Changed", f"Only in {one} (removed)", f"Only in {two} (added)")
    note = "An element of both is the one of the same name in both PROV documents."
    different = sum(count.total() - count[SAME] for count in counts.values())
    title = f"All elements of both graphs: {format_count(different, 'is', 'are')} not the same"
    return Folded(title, [DataTable("", head, rows, note)])


def _type(node: Node) -> str:
    return f"{capitalize(node.kind)}: {node.type}" if node.type else capitalize(node.kind)


def _named(names: list[str]) -> str:
    return f"{len(names):,}: {format_list(names, _MAX_NAMED)}" if names else "–"
