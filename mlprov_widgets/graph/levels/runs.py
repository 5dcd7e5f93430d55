"""The groups of a run: experiment, notebook, each step of the pipeline, environment."""

from __future__ import annotations

from collections import Counter
from typing import Any

from mlprov_widgets.graph.document.description import Descriptions, summary_line
from mlprov_widgets.graph.document.model import (
    MAX_CHILDREN,
    Edge,
    Node,
    collected,
    step_box,
    step_id,
)
from mlprov_widgets.graph.document.own_types import TYPES
from mlprov_widgets.graph.document.values import short
from mlprov_widgets.graph.levels.splitting import add_group
from mlprov_widgets.provenance.legacy import place_of
from mlprov_widgets.record import STEPS, Record
from mlprov_widgets.record.fields import title_of
from mlprov_widgets.record.pipeline import StepStory
from mlprov_widgets.record.story import Story
from mlprov_widgets.wording import one_line, shorten_middle

EXPERIMENT = "group:experiment"
NOTEBOOK = "group:notebook"
ENVIRONMENT = "group:environment"
HARDWARE = f"{ENVIRONMENT}/hardware"
PACKAGES = f"{ENVIRONMENT}/packages"
SOFTWARE = f"{ENVIRONMENT}/software"
OTHER = "group:other"

_TITLES = {
    EXPERIMENT: "Experiment",
    NOTEBOOK: "Notebook",
    ENVIRONMENT: "Environment",
    HARDWARE: "Hardware",
    PACKAGES: "Packages",
    SOFTWARE: "Software",
    OTHER: "Other elements",
}
_MADE = ("mlprov:Result", "mlprov:ObjectVersion")
_PLACES = {group: at for at, group in enumerate(_TITLES)}
# Fields of a record to the group of the element that they are fields of.
_BY_FIELD = {
    "notebook": NOTEBOOK,
    "pack": NOTEBOOK,
    "values": NOTEBOOK,
    "hardware_info": HARDWARE,
    "packages": PACKAGES,
    "environment": SOFTWARE,
}
# Packages whose versions people ask for first.
_KNOWN = ("torch", "torchvision", "numpy", "scikit-learn", "pandas")
# A library that this many values came from has a group of its own, where the software is too much.
_OWN_GROUP = 8


def group_run(
    container: dict[str, Any],
    nodes: dict[str, Node],
    edges: list[Edge],
    record: Record | None,
    boxes: tuple[StepStory, ...],
) -> dict[str, Node]:
    """Put the elements of a run of ours into groups; parameters as for `group_elements`."""
    descriptions = Descriptions(container)
    types = {id: _own_type(descriptions.types(node.body)) for id, node in nodes.items()}
    said = {
        id: descriptions.attribute_text(node, "mlprov:step")
        for id, node in nodes.items()
        if types[id] in ("mlprov:Cell", "mlprov:StepData")
    }
    known = {*_steps(boxes), *(said[id] for id in said if types[id] == "mlprov:StepData")}
    # Cells come in the order of the notebook.
    steps = dict.fromkeys(step for step in said.values() if step in known)
    for id, node in nodes.items():
        node.parent = (TYPES[types[id]].group or "") if types[id] else ""
        if id in said:
            node.parent = step_id(said[id]) if said[id] in steps else NOTEBOOK
        elif types[id] == "mlprov:Field":
            field = descriptions.attribute_text(node, "mlprov:field").partition(".")[0]
            node.parent = _BY_FIELD.get(field, EXPERIMENT)
        elif types[id] in ("mlprov:Finding", "mlprov:Constant"):
            step = descriptions.attribute_text(node, "mlprov:aboutStep")
            node.parent = step_id(step) if step in known else EXPERIMENT
    _follow(nodes, edges, types)
    _in_executions(nodes, types, descriptions)
    _last_sources(nodes, edges, types, descriptions)
    _functions(nodes, edges, types)
    groups = _groups(nodes, steps, record, boxes)
    _libraries(nodes, edges, types, groups)
    _data_lines(nodes, types, groups)
    return groups


def group_legacy(
    nodes: dict[str, Node], edges: list[Edge], record: Record | None, boxes: tuple[StepStory, ...]
) -> dict[str, Node]:
    """Put the elements of an MLProvCodeGen file into groups; parameters as for `group_elements`."""
    steps = _steps(boxes)
    for node in nodes.values():
        kind, group = place_of(node.name, node.title, node.kind == "activity")
        node.type = kind or node.type
        if group.startswith("steps."):
            step = group.removeprefix("steps.")
            steps.setdefault(step, None)
            node.parent = step_id(step)
        elif group or node.kind == "agent":
            node.parent = _BY_FIELD.get(group, EXPERIMENT)
    for edge in edges:
        if edge.kind == "wasGeneratedBy" and not nodes[edge.target].parent:
            nodes[edge.target].parent = nodes[edge.source].parent
    _informants(nodes, edges)
    for node in nodes.values():
        node.parent = node.parent or NOTEBOOK
    groups = _groups(nodes, steps, record, boxes)
    _data_lines(nodes, {id: f"mlprov:Step{node.type}" for id, node in nodes.items()}, groups)
    return groups


def _informants(nodes: dict[str, Node], edges: list[Edge]) -> None:
    """What a function was informed by goes where the function is, one call after the other."""
    callers = collected(
        (edge.target, edge.source)
        for edge in edges
        if edge.kind == "wasInformedBy" and not nodes[edge.target].parent
    )
    for id in callers:
        nodes[id].type = "Function"
    settled = callers
    while settled:
        groups = {
            id: [nodes[one].parent for one in several if nodes[one].parent]
            for id, several in callers.items()
            if not nodes[id].parent
        }
        settled = {id: several for id, several in groups.items() if several}
        for id, several in settled.items():
            nodes[id].parent = Counter(several).most_common(1)[0][0]


def _steps(boxes: tuple[StepStory, ...]) -> dict[str, None]:
    """Steps of the pipeline in order; a cell that failed outside of them has a box without one."""
    return dict.fromkeys(box.step for box in boxes if box.step)


def _own_type(types: list[str]) -> str:
    return next((one for one in types if one in TYPES and TYPES[one].group is not None), "")


def _in_executions(
    nodes: dict[str, Node], types: dict[str, str], descriptions: Descriptions
) -> None:
    """Operations go where the execution is in which they happened."""
    text = descriptions.attribute_text
    executions = [node for id, node in nodes.items() if types[id] == "mlprov:Execution"]
    places = {text(node, "mlprov:executionId"): node.parent for node in executions}
    for id, node in nodes.items():
        if types[id] == "mlprov:Operation":
            node.parent = places.get(text(node, "mlprov:inExecution"), "")


def _follow(nodes: dict[str, Node], edges: list[Edge], types: dict[str, str]) -> None:
    """Executions go where their cells are, results where their executions are."""
    for edge in edges:
        if edge.kind == "wasStartedBy" and types[edge.source] == "mlprov:Execution":
            nodes[edge.source].parent = nodes[edge.target].parent
    for edge in edges:
        if edge.kind == "wasGeneratedBy" and types[edge.source] in _MADE:
            nodes[edge.source].parent = nodes[edge.target].parent
        elif edge.kind == "used" and types[edge.target] == "mlprov:CellSource":
            nodes[edge.target].parent = nodes[edge.source].parent
    for edge in edges:
        kinds = (types[edge.source], types[edge.target])
        if kinds == ("mlprov:ObjectVersion", "mlprov:Object"):
            nodes[edge.target].parent = nodes[edge.target].parent or nodes[edge.source].parent
        elif kinds == ("mlprov:CellSource", "mlprov:CellSource"):
            nodes[edge.target].parent = nodes[edge.source].parent


def _last_sources(
    nodes: dict[str, Node], edges: list[Edge], types: dict[str, str], descriptions: Descriptions
) -> None:
    """The box of a cell that was changed by hand shows what ran last, not what was generated."""
    last: dict[str, tuple[str, str]] = {}
    for edge in edges:
        cell, run = nodes[edge.target], nodes[edge.source]
        changed = cell.note and types[edge.target] == "mlprov:Cell"
        if changed and edge.kind == "wasStartedBy" and types[edge.source] == "mlprov:Execution":
            source = descriptions.attribute_text(run, "mlprov:source")
            clock = descriptions.attribute_text(run, "prov:startTime")
            if source and clock >= last.get(cell.id, ("", ""))[0]:
                last[cell.id] = clock, source
    for id, (_, source) in last.items():
        nodes[id].lines = summary_line(source) or nodes[id].lines


def _functions(nodes: dict[str, Node], edges: list[Edge], types: dict[str, str]) -> None:
    """A function goes to the group most of whose fields it obtained."""
    obtained = collected(
        (edge.target, nodes[edge.source].parent)
        for edge in edges
        if edge.kind == "wasGeneratedBy" and types[edge.target] == "mlprov:FunctionCall"
    )
    for id, parents in obtained.items():
        counts = Counter(parents)
        # Of equal ones the first, whatever the order of the document.
        order = sorted(counts, key=lambda group: (_PLACES.get(group, len(_PLACES)), group))
        nodes[id].parent = max(order, key=counts.__getitem__)


def _groups(
    nodes: dict[str, Node],
    steps: dict[str, None],
    record: Record | None,
    boxes: tuple[StepStory, ...],
) -> dict[str, Node]:
    """The groups that something is in, in the order in which they are read."""
    for node in nodes.values():
        node.parent = node.parent or OTHER
    used = {node.parent for node in nodes.values()}
    # A step's own elements may be there although its data are not.
    found = list(dict.fromkeys([*steps, *STEPS]))
    names = [step_id(step) for step in found if step_id(step) in used]
    names += sorted(id for id in used if id.startswith("step:") and id not in names)
    by_step = {step_id(box.step): box for box in boxes if box.step}
    groups: dict[str, Node] = {}
    for id in (EXPERIMENT, NOTEBOOK, *names, ENVIRONMENT, HARDWARE, SOFTWARE, PACKAGES, OTHER):
        if id not in used and not (id == ENVIRONMENT and used & {HARDWARE, SOFTWARE, PACKAGES}):
            continue
        if id in by_step:
            groups[id] = step_box("group", by_step[id])
            continue
        parent = ENVIRONMENT if id.startswith(f"{ENVIRONMENT}/") else ""
        title = _TITLES.get(id) or title_of(id.removeprefix("step:"))
        lines = _lines(id, record) if record is not None else ()
        groups[id] = Node(id, "group", title, parent=parent, lines=lines)
    if EXPERIMENT in groups and record is not None and record.status in ("failed", "interrupted"):
        groups[EXPERIMENT].state = "failed"
    return groups


def _lines(id: str, record: Record) -> tuple[tuple[str, str], ...]:
    """The few values of a group that is folded."""
    software, hardware = record.environment, record.hardware_info
    notebook = record.notebook
    torch = software.get("torch_version") or record.packages.get("torch")
    python = software.get("python") or notebook.get("programming_language_version")
    found: list[tuple[str, Any]] = []
    if id == EXPERIMENT:
        story = Story(record)
        found = [("", record.experiment_info.get("title")), ("status", record.status)]
        if record.original:
            told = shorten_middle(str(record.original.get("name") or "another run"), 24)
            found += [("reproduces", told), ("outcome", story.verdict)]
        if record.started_from:
            start = str(record.started_from.get("name") or "another run")
            found.append(("started from", shorten_middle(start, 24)))
        found += [("started", story.began), ("took", story.duration), ("by", story.agent)]
    elif id == NOTEBOOK:
        cells = [cell for cell in record.cells if cell.kind == "code"]
        name = notebook.get("name")
        found = [("", shorten_middle(name, 24) if isinstance(name, str) else name)]
        found += [("code cells", len(cells) or None)]
        changed = [cell for cell in cells if cell.origin != "generated"]
        found.append(("changed cells", len(changed) if changed and record.pack else None))
        # Beside a label there is no room for such names.
        found.append(("", record.pack.get("name")))
    elif id == HARDWARE:
        names = ("CPU", "CPU_cores", "RAM", "GPUs", "Operating_System")
        found = [(name.replace("_", " "), hardware.get(name)) for name in names]
    elif id == PACKAGES:
        packages = record.packages
        found = [(name, packages[name]) for name in _KNOWN if name in packages]
        if packages and not found:
            found = [("", ", ".join(list(packages)[:4]) + ", …")]
    elif id == SOFTWARE:
        found = [("Python", python), ("torch", torch), ("BLAS", software.get("blas"))]
        found.append(("deterministic", software.get("deterministic_algorithms")))
    elif id == ENVIRONMENT:
        found = [("Python", python), ("torch", torch), ("CPU", hardware.get("CPU"))]
        found.append(("packages", len(record.packages) or None))
    return tuple(
        (label, short(value, 40))
        for label, value in found
        if value is not None and value not in ("", [], {})
    )[:4]


def _libraries(
    nodes: dict[str, Node], edges: list[Edge], types: dict[str, str], groups: dict[str, Node]
) -> None:
    """Where the software is more than a group may hold, a library's fields get one of their own."""
    members = [node for node in nodes.values() if node.parent == SOFTWARE]
    if len(members) <= MAX_CHILDREN:
        return
    inside = collected(
        (node.title.partition(".")[0], node)
        for node in members
        if types[node.id] == "mlprov:FunctionCall" and "." in node.title
    )
    libraries = {node.id: library for library, several in inside.items() for node in several}
    for edge in edges:
        maker = libraries.get(edge.target) if edge.kind == "wasGeneratedBy" else None
        if maker and nodes[edge.source].parent == SOFTWARE:
            inside[maker].append(nodes[edge.source])
    for library, several in sorted(inside.items()):
        if len(several) >= _OWN_GROUP:
            add_group(f"{SOFTWARE}/{library}", library, SOFTWARE, several, groups)


def _data_lines(nodes: dict[str, Node], types: dict[str, str], groups: dict[str, Node]) -> None:
    """A step's data are told by the values that its box in the pipeline shows."""
    for id, node in nodes.items():
        if types[id] == "mlprov:StepData" and node.parent in groups:
            group = groups[node.parent]
            has_result = group.headline and group.state == "result"
            headline = [(group.headline_label, group.headline)] if has_result else []
            lines = [
                (one_line(label, 24), text) for label, text in (*headline, *group.lines) if text
            ]
            group.lines = group.lines or node.lines
            if lines and group.state in ("done", "result"):
                node.lines = tuple(lines[:2])
