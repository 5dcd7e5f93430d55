"""Everything that was recorded, as a tree of labelled values that can be folded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from mlprov_widgets.graph.document.model import PLURALS
from mlprov_widgets.graph.document.values import json_or_text, short
from mlprov_widgets.present.blocks import TreeItem
from mlprov_widgets.provenance.literals import time_text
from mlprov_widgets.provenance.schema import ELEMENTS, RELATIONS
from mlprov_widgets.record import Cell, Execution, Record, Step
from mlprov_widgets.wording import (
    format_duration,
    format_number,
    humanize,
    one_line,
    paragraphs,
    seconds_between,
)

# A page must stay light whatever a file holds; the file itself has everything.
MAX_ITEMS = 2500
MAX_CHARACTERS = 400_000
MAX_TEXT = 20_000
MAX_CHILDREN = 300
MAX_DEPTH = 20


class _Budget:
    """What may still be shown."""

    def __init__(self) -> None:
        self.items, self.characters = MAX_ITEMS, MAX_CHARACTERS

    def take(self, item: TreeItem) -> TreeItem:
        self.items -= 1
        self.characters -= len(item.text) + len(item.block) + len(item.label)
        return item

    @property
    def spent(self) -> bool:
        return self.items <= 0 or self.characters <= 0

    def value(self, label: str, value: Any, note: str = "", depth: int = 0) -> TreeItem:
        label = one_line(label, 80)
        if isinstance(value, str):
            if len(value) <= 120 and "\n" not in value:
                return self.take(TreeItem(label, one_line(value, 120), note))
            return self.take(TreeItem(label, f"{len(value):,} characters", note, self.block(value)))
        if isinstance(value, dict) and value and depth < 6:
            item = self.take(TreeItem(label, "", note or f"{len(value)} entries"))
            item.children = self.entries(value.items(), depth + 1)
            return item
        if isinstance(value, list) and value:
            if _is_matrix(value):
                rows = "\n".join("  ".join(short(cell) for cell in row[:60]) for row in value[:60])
                return self.take(TreeItem(label, f"{len(value)} rows", note, self.block(rows)))
            if depth < 6 and any(isinstance(entry, list | dict) for entry in value[:50]):
                item = self.take(TreeItem(label, "", note or f"{len(value)} entries"))
                pairs = [(str(at + 1), entry) for at, entry in enumerate(value[:MAX_CHILDREN])]
                item.children = self.entries(pairs, depth + 1)
                return item
            text = ", ".join(short(entry, 40) for entry in value[:50])
            return self.take(TreeItem(label, one_line(text, 300), note))
        return self.take(TreeItem(label, short(value, 300), note))

    def block(self, text: str) -> str:
        return paragraphs(text, max(200, min(MAX_TEXT, self.characters)))

    def entries(self, pairs: Iterable[tuple[str, Any]], depth: int = 0) -> list[TreeItem]:
        return self.each(pairs, lambda label, value: self.value(label, value, depth=depth))

    def each(
        self,
        pairs: Iterable[tuple[Any, Any]],
        make: Callable[[Any, Any], TreeItem],
        most: int = MAX_CHILDREN,
    ) -> list[TreeItem]:
        """An item for each pair as far as there is room, and how many more there are."""
        items: list[TreeItem] = []
        pairs = list(pairs)
        for at, pair in enumerate(pairs):
            if self.spent or at >= most:
                return [*items, _rest(len(pairs) - at)]
            items.append(make(*pair))
        return items


def _rest(count: int) -> TreeItem:
    return TreeItem("…", f"{count:,} more are in the file")


def _is_matrix(value: list[Any]) -> bool:
    return len(value) <= 1000 and all(
        isinstance(row, list) and row and all(isinstance(cell, int | float) for cell in row)
        for row in value
    )


def record_tree(record: Record) -> list[TreeItem]:
    """Everything that a record holds.

    Parameters
    ----------
    record : Record
        Of a run, whether it came to its end or not.

    Returns
    -------
    list of TreeItem
        Long texts and lists are cut and say so.
    """
    budget = _Budget()
    items = [_experiment(record, budget), _steps(record, budget), _cells(record, budget)]
    if record.original:
        items.insert(1, _group("Verification", record.original, budget, "against the original run"))
    if record.started_from:
        items.insert(1, _group("Started from", record.started_from, budget, "an earlier run"))
    items += [
        _obtained("Hardware", "hardware_info", record, budget),
        _obtained("Environment", "environment", record, budget),
        _group("Packages", record.packages, budget, f"{len(record.packages)} distributions"),
    ]
    if record.git:
        items.append(_obtained("Source revision", "git", record, budget))
    if record.fingerprints:
        items.append(_group("Fingerprints", record.fingerprints, budget, "SHA-256"))
    return [item for item in items if item.children]


def _group(label: str, values: dict[str, Any], budget: _Budget, note: str = "") -> TreeItem:
    return TreeItem(label, "", note, children=budget.entries(values.items()))


def _obtained(label: str, group: str, record: Record, budget: _Budget) -> TreeItem:
    """A group of fields, each with the function that obtained it."""

    def field(name: str, value: Any) -> TreeItem:
        function = record.functions.get(f"{group}.{name}", "")
        note = f"obtained by {one_line(function, 80)}" if function else ""
        return budget.value(humanize(name), value, note)

    fields = getattr(record, group).items()
    return TreeItem(label, children=budget.each(fields, field, MAX_ITEMS))


def _experiment(record: Record, budget: _Budget) -> TreeItem:
    item = _obtained("Experiment", "experiment_info", record, budget)
    known = {
        "run": record.run_id,
        "status": record.status,
        "start": time_text(record.start) if record.start else None,
        "end": time_text(record.end) if record.end else None,
    }
    item.children += budget.entries((k, v) for k, v in known.items() if v is not None)
    for label, group in (("agent", record.agent), ("pack", record.pack)):
        if group:
            item.children.append(budget.value(label, dict(group)))
    if record.software:
        item.children.append(budget.value("captured by", f"mlprov-widgets {record.software}"))
    if record.notebook:
        notebook = _obtained("notebook", "notebook", record, budget)
        notebook.text = one_line(record.notebook.get("name", ""), 80)
        item.children.append(notebook)
    if record.values:
        item.children.append(budget.value("values chosen in the wizard", record.values))
    return item


def _steps(record: Record, budget: _Budget) -> TreeItem:
    def child(name: str, step: Step) -> TreeItem:
        note = format_duration(seconds_between(step.start, step.end))
        fields = budget.entries((humanize(field), value) for field, value in step.values.items())
        return budget.take(TreeItem(humanize(name), "", note, children=fields))

    children = budget.each(record.steps.items(), child, MAX_ITEMS)
    return TreeItem("Steps", "", f"{len(record.steps)} steps with their values", children=children)


def _cells(record: Record, budget: _Budget) -> TreeItem:
    ran = sum(bool(cell.executions) for cell in record.cells)
    children = budget.each(
        enumerate(record.cells, 1),
        lambda at, cell: _cell(at, cell, bool(record.pack), budget),
        MAX_ITEMS,
    )
    return TreeItem("Cells", "", f"{len(record.cells)} cells, {ran} of them ran", children=children)


def _cell(at: int, cell: Cell, is_generated: bool, budget: _Budget) -> TreeItem:
    label = f"{at} " + (humanize(cell.step) if cell.step else cell.kind)
    changed = is_generated and cell.origin != "generated"
    notes = [f"{cell.origin} by hand"] if changed else []
    if not cell.executions and cell.kind == "code":
        notes.append("did not run")
    states = [execution.status for execution in cell.executions if execution.status != "ok"]
    notes += states[-1:]
    first = next(iter(cell.source.strip().splitlines()), "")
    item = budget.take(TreeItem(one_line(label, 60), one_line(first, 70), ", ".join(notes)))
    if not cell.executions:
        item.block = budget.block(cell.source)
    shown = cell.executions[-20:]
    if len(shown) < len(cell.executions):
        item.children.append(_rest(len(cell.executions) - len(shown)))
    for number_, execution in enumerate(shown, len(cell.executions) - len(shown) + 1):
        item.children.append(_execution(number_, execution, budget))
    if cell.origin == "edited" and cell.generated is not None:
        generated = TreeItem("as generated", block=budget.block(cell.generated))
        item.children.append(budget.take(generated))
    return item


def _execution(at: int, execution: Execution, budget: _Budget) -> TreeItem:
    notes = [f"In [{execution.count}]"] if execution.count is not None else []
    if took := format_duration(seconds_between(execution.start, execution.end)):
        notes.append(took)
    item = TreeItem(f"execution {format_number(at)}", execution.status, ", ".join(notes))
    item.block = budget.block(execution.source)
    if execution.error:
        item.children.append(budget.value("error", execution.error))
    for label, names in (("read", execution.reads), ("bound", execution.binds)):
        if names:
            item.children.append(budget.value(label, names))
    return budget.take(item)


def document_tree(container: dict[str, Any]) -> list[TreeItem]:
    """Elements and relations of any PROV document.

    Parameters
    ----------
    container : dict
        PROV-JSON; what is not of its shape is left out.

    Returns
    -------
    list of TreeItem
        One item a kind of element or relation, then one a bundle.
    """
    budget = _Budget()
    items = _sections(container, budget)
    bundles = container.get("bundle")
    if isinstance(bundles, dict) and bundles:

        def bundle(name: str, inner: Any) -> TreeItem:
            child = budget.take(TreeItem(one_line(name, 100)))
            child.children = _sections(inner, budget) if isinstance(inner, dict) else []
            return child

        children = budget.each(bundles.items(), bundle)
        items.append(TreeItem("Bundles", "", f"{len(bundles):,}", children=children))
    return items


def _sections(container: dict[str, Any], budget: _Budget) -> list[TreeItem]:
    items = []
    for kind in (*ELEMENTS, *RELATIONS):
        section = container.get(kind)
        if not isinstance(section, dict) or not section:
            continue
        make = partial(_described, budget, kind in RELATIONS)
        children = budget.each(section.items(), make)
        title = PLURALS[kind].capitalize() if kind in PLURALS else kind
        items.append(TreeItem(title, "", f"{len(section):,}", children=children))
    return items


def _described(budget: _Budget, is_relation: bool, name: str, body: Any) -> TreeItem:
    """An element or a relation with its attributes."""
    child = budget.take(TreeItem(one_line(name, 100)))
    for one in (body if isinstance(body, list) else [body])[:20]:
        if isinstance(one, dict):
            child.children += budget.entries((k, _bare(v)) for k, v in one.items())
    if is_relation:
        ends = (leaf.text for leaf in child.children if leaf.label.startswith("prov:"))
        child.text = " → ".join(ends)[:200]
        child.label = "" if name.startswith("_:") else child.label
    return child


def _bare(value: Any, depth: int = 0) -> Any:
    """The text of a PROV-JSON literal."""
    if depth < MAX_DEPTH:
        if isinstance(value, dict) and "$" in value:
            return _bare(value["$"], depth + 1)
        if isinstance(value, list):
            return [_bare(one, depth + 1) for one in value[:MAX_CHILDREN]]
    return value if isinstance(value, str | int | float) else json_or_text(value, 1000)
