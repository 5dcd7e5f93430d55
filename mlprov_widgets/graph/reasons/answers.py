"""What one wants to know of an element, in one line: its value, or what determined it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from mlprov_widgets.graph.document.model import Model, Node
from mlprov_widgets.graph.document.values import (
    attribute_label,
    first,
    first_text,
    is_structure,
    short,
    types,
)
from mlprov_widgets.graph.reasons.executions import Executions, executions_in
from mlprov_widgets.provenance.legacy import called_as, field_of, functions_of, group_of
from mlprov_widgets.wording import format_list, one_line

MAX_ANSWER = 300
MAX_ATTRIBUTES = 300
MAX_FIELDS = 2000
# Of more attributes at once nobody reads what determined each.
_MAX_EACH = 5
_CALLED_IN = ", called in "


def value_of(node: Node) -> str:
    """The value that an element stands for, in short; empty for none."""
    if "prov:value" in node.body:
        return short(first(node, "prov:value"), 80)
    if "Package" in types(node):
        return one_line(first_text(node, "schema:softwareVersion"), 80)
    return ""


def function_of(model: Model, node: Node) -> str:
    """Name of the function that obtained a recorded field; empty where none is known."""
    if "Field" not in types(node):
        return ""
    makers = model.targets(node.id, "wasGeneratedBy")
    return format_list((one_line(maker.title, 100) for maker in makers), 4)


def attribute_answer(model: Model, node: Node, attribute: str) -> str:
    """Which function determined one attribute of an element.

    Parameters
    ----------
    model : Model
        Of the element.
    node : Node
        The element.
    attribute : str
        Name of the attribute in the document.

    Returns
    -------
    str
        ``determined by datetime.now``; empty where the document does not say it.
    """
    if not attribute:
        return ""
    return dict(determined(model, node, [attribute])).get(attribute_label(attribute), "")


def determined(
    model: Model, node: Node, attributes: Iterable[str] | None = None
) -> Iterator[tuple[str, str]]:
    """Attributes of an element, in words, and what determined them, where that is known.

    Parameters
    ----------
    model : Model
        Of the element.
    node : Node
        The element.
    attributes : iterable of str, optional
        Their names in the document; by default all of the element.
    """
    if attributes is None:
        labels = ("prov:type", "prov:label")
        own = (name for name in node.body if name not in labels and not is_structure(name))
        attributes = islice(own, MAX_ATTRIBUTES)
    functions: dict[str, str] = {}
    for field in islice(model.targets(node.id, "wasDerivedFrom"), MAX_FIELDS):
        key = first(field, "mlprov:field")
        if isinstance(key, str):
            functions[attribute_label(key.partition(".")[2])] = function_of(model, field)
    for attribute in attributes:
        label = attribute_label(attribute)
        function = functions.get(label)
        answer = f"determined by {function}" if function else _legacy_answer(model, node, attribute)
        if answer:
            yield label, answer


def _legacy_answer(model: Model, node: Node, attribute: str) -> str:
    """For MLProvCodeGen's documents: the calls that informed what generated the values."""
    group = group_of(node.name)
    if not group or group == "notebook":
        return ""
    for maker in model.targets(node.id, "wasGeneratedBy"):
        informants = model.targets(maker.id, "wasInformedBy")
        called = [called_as(informant.name) for informant in informants]
        if found := functions_of(group, field_of(group, attribute), called):
            functions = format_list(found, 4)
            return one_line(f"determined by {functions}{_CALLED_IN}{maker.title}", MAX_ANSWER)
    return ""


def _each(known: dict[str, str]) -> str:
    """What determined several attributes, in one line."""
    by = {label: one.removeprefix("determined by ") for label, one in known.items()}
    callers = {one.partition(_CALLED_IN)[2] for one in by.values()}
    end = ""
    if len(callers) == 1 and (caller := callers.pop()):
        end = _CALLED_IN + caller
        by = {label: one.removesuffix(end) for label, one in by.items()}
    functions = list(dict.fromkeys(by.values()))
    if len(functions) < 2 or len(by) > _MAX_EACH:
        return f"determined by {format_list(functions, 4)}{end}" if functions else ""
    # A person looking for one of them wants to know which is which.
    parts = [f"{label} by {function}" for label, function in by.items()]
    parts[0] = parts[0].replace(" by ", " determined by ", 1)
    return format_list(parts, _MAX_EACH) + end


def short_answer(model: Model, id: str) -> str:
    """What a list of results says of an element: its value, or what determined it."""
    node = model.nodes[id]
    if function := function_of(model, node):
        return one_line(f"determined by {function}", MAX_ANSWER)
    if value := value_of(node):
        return value
    if node.headline:
        return one_line(f"{node.headline_label} {node.headline}".strip(), MAX_ANSWER)
    if node.kind == "entity" and group_of(node.name):
        return _each(dict(determined(model, node)))
    return ""


def answer(model: Model, id: str) -> str:
    """What determined an element, in one line.

    Parameters
    ----------
    model : Model
        Of any level.
    id : str
        Of a node; for anything else there is no answer.
    """
    node = model.nodes.get(id)
    return one_line(_answer(model, node), MAX_ANSWER) if node is not None else ""


def _answer(model: Model, node: Node) -> str:
    function, value = function_of(model, node), value_of(node)
    if function:
        return f"determined by {function}"
    if node.kind == "step":
        return f"{node.headline_label} {node.headline}".strip()
    if node.kind == "activity":
        return _activity(model, node)
    if "Package" in types(node):
        return _package(model, node, value)
    executions = executions_in(model)
    if "Cell" in types(node):
        return _cell(executions, node)
    maker = executions.maker(node)
    start = f"{value}, " if value else ""
    if maker in executions.places:
        verb = "computed" if value else "recorded" if "StepData" in types(node) else "made"
        return f"{start}{verb} by {executions.label(maker)}"
    if known := dict(determined(model, node)):
        return f"{start}{_each(known)}"
    for kind, verb in (("wasGeneratedBy", "generated by"), ("wasDerivedFrom", "derived from")):
        if causes := model.targets(node.id, kind):
            return f"{start}{verb} {format_list((one.title for one in causes), 3)}"
    return value


def _cell(executions: Executions, node: Node) -> str:
    origin, runs = first(node, "mlprov:origin"), len(executions.of_cell(node.id))
    if first(node, "mlprov:kind") != "code":
        return f"{origin}" if isinstance(origin, str) else ""
    times = {0: "never ran", 1: "ran once"}.get(runs, f"ran {runs:,} times")
    return f"{origin}, {times}" if isinstance(origin, str) else times


def _activity(model: Model, node: Node) -> str:
    executions = executions_in(model)
    if node.id in executions.places and (failure := executions.failure(node.id)):
        return failure
    generated = "determined" if "FunctionCall" in types(node) else "generated"
    for kind, verb in (("wasGeneratedBy", generated), ("wasInformedBy", "informed")):
        if effects := model.sources(node.id, kind):
            return f"{verb} {format_list((one.title for one in effects), 3)}"
    return ""


def _package(model: Model, node: Node, version: str) -> str:
    for packages in model.sources(node.id, "hadMember"):
        for field in model.targets(packages.id, "wasDerivedFrom"):
            if function := function_of(model, field):
                return f"{version}, determined by {function}"
    return version
