"""The whole record of an element, a group or a step, to be read beside the graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, cast

from mlprov_widgets.graph.details.forms import (
    attribute,
    code_attribute,
    diff_attribute,
    is_nested,
    link_attribute,
)
from mlprov_widgets.graph.details.recorded import class_names_in, execution_time, nested, recorded
from mlprov_widgets.graph.details.searchable import is_code
from mlprov_widgets.graph.document.model import PLURALS, Edge, Model, Node, collected
from mlprov_widgets.graph.document.relations import relation_label
from mlprov_widgets.graph.document.values import (
    Value,
    attribute_label,
    first,
    first_text,
    is_structure,
    listed,
    seconds_of,
    texts,
    types,
    values,
)
from mlprov_widgets.graph.reasons.answers import answer
from mlprov_widgets.graph.reasons.executions import Executions, executions_in
from mlprov_widgets.graph.reasons.lineage import why
from mlprov_widgets.graph.wire import Attribute, Details, Empty, Kind, Relation
from mlprov_widgets.provenance.legacy import group_of
from mlprov_widgets.record import Record, source_hash
from mlprov_widgets.record.findings import sentence
from mlprov_widgets.record.story import Story
from mlprov_widgets.wording import visible

if TYPE_CHECKING:
    from mlprov_widgets.graph.levels.two_levels import Levels

MAX_ATTRIBUTES = 300
MAX_RELATIONS = 200
# Of all attributes together; what travels to a browser must stay light.
MAX_CHARACTERS = 1_000_000


def details(levels: Levels, level: str, id: str) -> Details | Empty:
    """Describe an element, a group or a step.

    Parameters
    ----------
    levels : Levels
        Of the document.
    level : str
        On which it is looked for first.
    id : str
        Of a node or a group of any level.

    Returns
    -------
    Details or Empty
        Empty where there is nothing of that id.
    """
    for name in (level, *levels.names):
        model = levels.model(name)
        if node := model.get(id):
            if node.kind == "group":
                return _group(levels, model, node)
            return _step(levels, model, node) if node.kind == "step" else _element(model, node)
    return {}


def _details(
    model: Model, node: Node, attributes: list[Attribute], relations: list[Relation], left: int = 0
) -> Details:
    return {
        "id": node.id,
        "title": node.title,
        "kind": cast("Kind", node.kind),
        "type": node.type,
        "name": visible(node.name[:2000]),
        "where": [model.groups[group].title for group in model.path(node.id)],
        "answer": answer(model, node.id),
        "attributes": _light(attributes),
        "relations": relations[:MAX_RELATIONS],
        "why": why(model, node.id),
        "more_relations": left + max(0, len(relations) - MAX_RELATIONS),
    }


def _light(attributes: list[Attribute]) -> list[Attribute]:
    """As many attributes as a browser takes easily, and a note of how many more there are."""
    shown: list[Attribute] = []
    room = MAX_CHARACTERS
    for at, one in enumerate(attributes):
        room -= len(one["value"]) + 200
        if at >= MAX_ATTRIBUTES or room < 0:
            text = f"{len(attributes) - at:,} more attributes are in the file"
            return [*shown, attribute("…", text)]
        shown.append(one)
    return shown


# -- elements -------------------------------------------------------------------------------------


def _element(model: Model, node: Node) -> Details:
    executions = executions_in(model)
    attributes = _cell(executions, node) if "Cell" in types(node) else []
    if node.id in executions.places:
        attributes += _execution(executions, node)
    labels = _classes(executions)
    # What tells comes first, so it is not what is left out of very many.
    for name in sorted(node.body, key=_technical):
        if len(attributes) > MAX_ATTRIBUTES:
            break
        for one in _attributes(model, node, name, node.body[name], labels):
            attributes.append((_rank(name, one), one))
    if (seconds := seconds_of(node)) is not None:
        attributes.append((_TIME, execution_time(seconds)))
    shown = [one for _, one in sorted(attributes, key=lambda ranked: ranked[0])]
    left = len(node.body) - MAX_ATTRIBUTES
    if left > 0:
        shown.append(attribute("…", f"about {left:,} more attributes are in the file"))
    return _details(model, node, shown, *_relations(model, node))


# In which order attributes are read; within one rank, as the document has them.
_VALUE, _CHANGE, _TIME, _FIELD, _CODE, _NAMES, _TECHNICAL = range(7)
_Ranked = list[tuple[int, Attribute]]
_OF_RANK = {
    _VALUE: ("prov:value", "mlprov:error", "mlprov:status"),
    _TIME: (
        *("prov:startTime", "prov:endTime"),
        *("mlprov:start_time", "mlprov:end_time", "mlprov:execution_time"),
    ),
    _NAMES: ("mlprov:reads", "mlprov:binds", "mlprov:names"),
    _TECHNICAL: ("prov:type", "prov:label", "mls:specifiedBy", "dct:isPartOf"),
}
_RANKS = {name: rank for rank, names in _OF_RANK.items() for name in names}
_TELLING = ("mlprov:generated", "mlprov:source", "mlprov:origin")


def _technical(name: str) -> bool:
    """Whether an attribute says how the document is built, not what happened."""
    rank = _RANKS.get(name)
    if rank is not None:
        return rank == _TECHNICAL
    return name.startswith("p-plan:") or (is_structure(name) and name not in _TELLING)


def _rank(name: str, shown: Attribute) -> int:
    if _technical(name):
        return _TECHNICAL
    return _RANKS.get(name, _CODE if shown["form"] == "code" else _FIELD)


def _attributes(
    model: Model, node: Node, name: str, raw: Any, labels: list[str]
) -> list[Attribute]:
    found = values(raw)
    if not found:
        return []
    called = attribute_label(name)
    if any(other != name and attribute_label(other) == called for other in islice(node.body, 100)):
        called = name  # two namespaces have a term of this name
    if is_code(name) and all(isinstance(value.content, str) for value in found):
        return [code_attribute(called, value.text, _language(node)) for value in found[:20]]
    if len(found) > 1:
        kinds = {value.type for value in found}
        parts = ", " if all(len(value.text) < 80 for value in found) else "\n"
        text = parts.join(value.text for value in found)
        return [attribute(called, text, kinds.pop() if len(kinds) == 1 else "")]
    value = found[0]
    if target := _target(model, node, value):
        return [link_attribute(called, value.text, value.type, target)]
    if is_nested(value.content):
        return nested(called, value.content, value.type, labels)
    field = attribute_label(name).replace(" ", "_")
    return [attribute(called, value.text, value.type, value.content, labels, field)]


def _target(model: Model, node: Node, value: Value) -> str:
    """The element that a value is the name of; empty where it is none."""
    if len(value.text) > 2000 or (not value.is_name and "://" not in value.text):
        return ""
    for id in (f"{node.bundle}/{value.text}" if node.bundle else value.text, value.text):
        if id in model.nodes and id != node.id:
            return id
    return ""


def _classes(executions: Executions) -> list[str]:
    """Names of the classes of the data, for a confusion matrix; empty where none are known."""
    steps = executions.of_type.get("StepData", ())
    for names in (first(data, "mlprov:class_names") for data in steps):
        if isinstance(names, list):
            return [str(name) for name in names[:200]]
    found = (first(data, "mlprov:evaluation_metrics") for data in steps)
    metrics = next((one for one in found if isinstance(one, dict)), {})
    return class_names_in(metrics, [])


def _cell(executions: Executions, node: Node) -> _Ranked:
    """What a cell read and bound when it last ran, and what was changed in it by hand."""
    runs = executions.of_cell(node.id)
    if not runs:
        return []
    last = runs[-1]
    found: _Ranked = [
        (_NAMES, attribute(label, ", ".join(names)))
        for label, name in (("read", "mlprov:reads"), ("bound", "mlprov:binds"))
        if (names := listed(last, name))
    ]
    source = first_text(last, "mlprov:source")
    if "mlprov:generated" not in node.body:
        found.append((_CODE, code_attribute("source as it ran", source, _language(node))))
    return found + _changed(node, source)


def _language(cell: Node) -> str:
    return "markdown" if first(cell, "mlprov:kind") == "markdown" else "python"


def _execution(executions: Executions, node: Node) -> _Ranked:
    found: _Ranked = []
    for source, names in executions.sources(node.id).items():
        text = f"{', '.join(names)} from {executions.label(source)}"
        found.append((_NAMES, link_attribute("read", text, "", source)))
    if cell := executions.cell(node.id):
        found += _changed(cell, first_text(node, "mlprov:source"))
    return found


def _changed(cell: Node, source: str) -> _Ranked:
    generated = texts(cell, "mlprov:generated")
    if not generated or source_hash(generated[0]) == source_hash(source):
        return []
    return [(_CHANGE, diff_attribute("changed after it was generated", generated[0], source))]


# -- relations ------------------------------------------------------------------------------------


def _relations(model: Model, node: Node) -> tuple[list[Relation], int]:
    """Relations of an element to others, in words, the same one once; and how many more it has."""
    away, towards = model.outgoing.get(node.id, []), model.incoming.get(node.id, [])
    # Neither direction hides the other.
    room = max(MAX_RELATIONS // 2, MAX_RELATIONS - len(towards))
    found: dict[tuple[str, str, str, str], Relation] = {}
    more = 0
    directions: dict[Literal["out", "in"], list[Edge]] = {"out": away, "in": towards}
    for direction, edges in directions.items():
        for at, edge in enumerate(edges):
            other = edge.target if direction == "out" else edge.source
            key = (edge.kind, direction, other, edge.role)
            if key in found:
                continue
            if len(found) >= room:
                more += len(edges) - at
                break
            found[key] = {
                "kind": edge.kind,
                "direction": direction,
                "label": relation_label(model, edge, direction == "out"),
                "id": other,
                "title": model.nodes[other].title,
                "role": edge.role,
            }
        room = MAX_RELATIONS
    return list(found.values()), more


def _contains(model: Model, ids: Iterable[str]) -> list[Relation]:
    titles = {id: box.title for id in ids if (box := model.get(id))}
    return [
        {"kind": "", "direction": "out", "label": "contains", "id": id, "title": title, "role": ""}
        for id, title in titles.items()
    ]


# -- groups and steps -----------------------------------------------------------------------------


def _group(levels: Levels, model: Model, group: Node) -> Details:
    groups, members = model.subgroups.get(group.id, []), model.members.get(group.id, [])
    counts = Counter(model.nodes[id].kind for id in model.inside(group.id))
    parts = [
        f"{count:,} {PLURALS.get(kind, 'others') if count > 1 else kind}"
        for kind, count in counts.most_common()
    ]
    attributes = [attribute("contains", ", ".join(parts) or "nothing")]
    attributes += [attribute(label, text) for label, text in _lines(group)]
    if group.id.startswith("step:") and levels.record is not None:
        name = group.id.removeprefix("step:")
        attributes += _edited(levels.record, name) + recorded(levels.record, name)
    return _details(model, group, attributes, _contains(model, [*groups, *members]))


def _lines(box: Node) -> list[tuple[str, str]]:
    label = box.headline_label or ("outcome" if box.state == "failed" else "value")
    found = [(label, box.headline)] if box.headline else []
    return found + [(label or "", text) for label, text in box.lines]


def _step(levels: Levels, model: Model, node: Node) -> Details:
    record, step = levels.record, node.id.removeprefix("step:")
    ended, findings, attributes = "", list[Attribute](), list[Attribute]()
    if record is not None:
        ended, findings = _ended(record, node.state), _findings(record, step)
        attributes = [attribute("outcome", ended)] if ended else []
        attributes += findings + _edited(record, step) + recorded(record, step)
    if not attributes:
        attributes = [attribute(label or "value", text) for label, text in _lines(node)]
        for term, raw in islice(node.body.items(), MAX_ATTRIBUTES):
            attributes += _attributes(model, node, term, raw, [])
    relations, left = _relations(model, node)
    elements = levels.model(levels.names[-1])
    if elements is not model:
        inside = _elements_of(elements).get(node.id, [])
        relations += _contains(elements, [id for id in inside if id != node.id])
    found = _details(model, node, attributes, relations, left)
    about = _explained(elements, node, step, record) if record is not None else node.id
    if about in elements.nodes:
        found["answer"], found["why"] = answer(elements, about), why(elements, about)
    telling = [one["value"] for one in findings if one["name"] != "note"]
    if ended or telling:
        # What takes the meaning from a step is read before how it came about.
        found["answer"] = ended or " ".join(telling)
    return found


def _ended(record: Record, state: str) -> str:
    """Why a step has no result; empty where it has one."""
    ended = Story(record).ended
    if state == "missing":
        return f"not reached: the run {ended}" if record.status != "finished" else "not reached"
    return ended if state == "failed" else ""


def _findings(record: Record, step: str) -> list[Attribute]:
    """What a reader has to know of a step, as it is said everywhere."""
    kinds = {"leak": "leak", "warning": "to know"}
    return [
        attribute(kinds.get(one.kind, "note"), sentence(one))
        for one in record.findings
        if one.step == step
    ]


def _edited(record: Record, step: str) -> list[Attribute]:
    """What a person changed in the cells of a step."""
    return [
        diff_attribute(f"cell {at}: changed after it was generated", cell.generated, cell.source)
        for at, cell in enumerate(record.cells, 1)
        if cell.step == step and cell.origin == "edited" and cell.generated is not None
    ][:20]


def _elements_of(elements: Model) -> dict[str, list[str]]:
    """Box of the analyst's level to the elements that it stands for, found once for a model."""

    def find() -> dict[str, list[str]]:
        stands_for = elements.stands_for.items()
        return collected((box, id) for id, box in stands_for if id in elements.nodes)

    return elements.derived("elements_of", find)


def _explained(elements: Model, box: Node, step: str, record: Record) -> str:
    """The element whose reasons are those of a step: its most important metric, or its values."""
    values_of_step, headlines = "", [one.name for one in Story(record).headlines[:1]]
    for id in _elements_of(elements).get(box.id, ()):
        node = elements.nodes[id]
        if "ModelEvaluation" in types(node) and first(node, "mls:specifiedBy") in headlines:
            return id
        if "StepData" in types(node) or group_of(node.name) == f"steps.{step}":
            values_of_step = id
    return values_of_step
