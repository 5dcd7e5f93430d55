"""What of an element can be searched: names, values by their names, types and code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from mlprov_widgets.graph.document.model import Model, Node
from mlprov_widgets.graph.document.values import (
    MAX_NAME,
    MAX_VALUES,
    attribute_label,
    first,
    short,
    types,
    values,
)
from mlprov_widgets.graph.reasons.answers import attribute_answer, short_answer
from mlprov_widgets.graph.wire import Searchable, SearchField
from mlprov_widgets.provenance.legacy import group_of

MAX_VALUE = 4_000
MAX_CODE = 20_000
MAX_SHORT = 120
_MAX_NAME = 2_000
_MAX_OF_ONE = 20
# Attributes that hold source code, by their local names.
CODE_NAMES = frozenset({"source", "generated", "code", "sourcecode", "source_code", "script"})
_NAMES = ("prov:type", "prov:label")
# A name that several elements have: which of them is rather meant.
_ORDER = {"": 0, "experiment_info": 1, "hardware_info": 2, "packages": 3}


class SearchableField(NamedTuple):
    """One value of an element, or one part of a value that is an object.

    Parameters
    ----------
    attribute : str
        In the document; empty for what is in the box of a step.
    name : str
        As people say it; may be empty.
    also : str
        The name as it is written, where that is another; else empty.
    text : str
        To be searched; empty for a part, which is in the text of the whole.
    content : object
        What the text stands for.
    """

    attribute: str
    name: str
    also: str
    text: str
    content: Any

    @property
    def short(self) -> str:
        """Its value in short."""
        return short(self.content, MAX_SHORT) if self.attribute else self.text


def fields_of(node: Node) -> Iterator[SearchableField]:
    """The values of an element, in the document's order, without its types, label and code."""
    for attribute, raw in node.body.items():
        if attribute in _NAMES or is_code(attribute):
            continue
        name, also = attribute_label(attribute), attribute.rpartition(":")[2][:MAX_NAME]
        also = "" if also == name else also
        found = values(raw)[:_MAX_OF_ONE]
        for value in found:
            yield SearchableField(attribute, name, also, value.text[:MAX_VALUE], value.content)
            # Such as the metrics of an evaluation.
            if isinstance(value.content, dict) and value.type:
                for key, inner in list(value.content.items())[:MAX_VALUES]:
                    part = str(key)[:200].replace("_", " ")
                    yield SearchableField(attribute, part, "", "", inner)
    if not node.body:
        # The box of an element only repeats its attributes.
        headline = [(node.headline_label, node.headline)] if node.headline else []
        for label, text in (*headline, *node.lines):
            yield SearchableField("", label, "", text, text)


def names_of(node: Node) -> list[str]:
    """What an element is called: its title, its name without prefix, its label."""
    names = [node.title, node.name.rpartition(":")[2] or node.id]
    if isinstance(label := first(node, "prov:label"), str):
        names.append(label)
    return [name[:_MAX_NAME] for name in dict.fromkeys(names)]


def types_of(node: Node) -> list[str]:
    """Its types, the most telling first, and its kind."""
    return list(filter(None, dict.fromkeys([node.type, *sorted(types(node)), node.kind])))


def is_code(attribute: str) -> bool:
    """Whether an attribute holds source code."""
    return attribute.rpartition(":")[2].lower() in CODE_NAMES


def code_of(node: Node) -> list[str]:
    """The source code that an element holds."""
    return [
        value.text[:MAX_CODE]
        for attribute, raw in node.body.items()
        if is_code(attribute)
        for value in values(raw)
    ]


def weight_of(node: Node) -> int:
    """Of two elements of one name, which is meant: the experiment's field before the notebook's."""
    key = first(node, "mlprov:field")
    group = key.partition(".")[0] if isinstance(key, str) else group_of(node.name)
    if not group and "Notebook" not in types(node):
        return 0
    return _ORDER.get(group, len(_ORDER))


def searchable(model: Model, node: Node) -> Searchable:
    """What a page without Python searches of an element, and says of what it found.

    Parameters
    ----------
    model : Model
        Of the element.
    node : Node
        The element.
    """
    return {
        "names": names_of(node),
        "qualified": node.name[:_MAX_NAME],
        "fields": [_search_field(model, node, field) for field in fields_of(node)],
        "types": types_of(node),
        "code": code_of(node),
        "weight": weight_of(node),
        "answer": short_answer(model, node.id),
    }


def _search_field(model: Model, node: Node, field: SearchableField) -> SearchField:
    found: SearchField = {"name": field.name, "text": field.text}
    if field.also:
        found["also"] = field.also
    if (text := field.short) != field.text:
        found["short"] = text
    if answer := attribute_answer(model, node, field.attribute):
        found["answer"] = answer
    return found
