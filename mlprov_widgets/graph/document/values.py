"""Attributes of an element as texts and values: what search, details and reasons are made of."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mlprov_widgets.graph.document.model import Node
from mlprov_widgets.provenance.literals import decode, parse_time
from mlprov_widgets.provenance.vocabulary import FIELD_TERMS, RDF, STRUCTURE, XSD, original_name
from mlprov_widgets.wording import as_text, format_number, format_value, seconds_between

# Longer JSON is shown as the text it is.
MAX_JSON = 2_000_000
MAX_VALUES = 200
MAX_NAME = 300

# Standard term to the name that people know the field by; two groups may use one term.
_FIELD_OF = {term: name for terms in FIELD_TERMS.values() for name, term in terms.items()}
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_KNOWN = ("prov:", "p-plan:", "dct:", "schema:", "mls:")
_QUALIFIED = ("xsd:QName", "prov:QUALIFIED_NAME", "prov:QualifiedName")


@dataclass(frozen=True, slots=True)
class Value:
    """One value of an attribute.

    Parameters
    ----------
    text : str
        As it stands in the document.
    type : str
        Its datatype as written, such as ``xsd:int``; may be empty.
    content : object
        What the text stands for: a number, list or dict where it is one, else the text.
    """

    text: str
    type: str
    content: Any

    @property
    def is_name(self) -> bool:
        """Whether it is the qualified name of something."""
        return self.type in _QUALIFIED


def values(raw: Any) -> list[Value]:
    """All values of an attribute in PROV-JSON, at most `MAX_VALUES`; any shape is taken."""
    many = raw if isinstance(raw, list) else [raw]
    return [_value(one) for one in many[:MAX_VALUES]]


def _value(raw: Any) -> Value:
    if isinstance(raw, str):
        return Value(raw, "", raw)
    if isinstance(raw, bool | int | float):
        return Value(full_text(raw), json_type(raw), raw)
    if not isinstance(raw, dict) or "$" not in raw:
        return Value("" if raw is None else full_text(raw), "", raw)
    inner, kind = raw["$"], raw.get("type", "")
    kind, text = kind if isinstance(kind, str) else "", full_text(inner)
    return Value(text, kind, _content(inner, text, kind))


def json_type(content: Any) -> str:
    """Datatype of a value that has none of its own, as JSON has it."""
    for kind, name in ((bool, "boolean"), (int, "int"), (float, "double"), (str, "string")):
        if isinstance(content, kind):
            return f"xsd:{name}"
    return "rdf:JSON"


def _content(inner: Any, text: str, kind: str) -> Any:
    prefix, _, local = kind.partition(":")
    if local == "JSON" and len(text) <= MAX_JSON:
        namespace = RDF
    elif local != "dateTime" and prefix.startswith("xsd"):
        namespace = XSD
    else:
        return inner
    try:
        return decode(inner if isinstance(inner, str) else text, namespace + local)
    except ValueError:
        return inner


def texts(node: Node, name: str) -> list[str]:
    """Texts of an attribute of the node."""
    return [value.text for value in values(node.body[name])] if name in node.body else []


def first_text(node: Node, name: str) -> str:
    """The first of them; empty where there is none."""
    return "".join(texts(node, name)[:1])


def first(node: Node, *names: str) -> Any:
    """What the first value of the first of these attributes stands for; None without any."""
    found = (values(node.body[name]) for name in names if name in node.body)
    return next((several[0].content for several in found if several), None)


def listed(node: Node, name: str) -> list[str]:
    """Texts of a list that is one value of the node, such as the names that a cell read."""
    found = first(node, name)
    return [item for item in found if isinstance(item, str)] if isinstance(found, list) else []


def seconds_of(node: Node) -> float | None:
    """Seconds from the start of an activity to its end; None where its times do not say that."""
    try:
        start, end = (parse_time(first_text(node, f"prov:{at}Time")) for at in ("start", "end"))
    except (ValueError, OverflowError):
        return None
    return seconds_between(start, end)


def short(value: Any, limit: int = 60) -> str:
    """Any value in one line."""
    if isinstance(value, bool | int | float):
        return format_number(value)
    return format_value(value, limit) or "none"


def full_text(value: Any, limit: int = MAX_JSON) -> str:
    """Any value in full, up to about `limit` characters: a number as it is, else text or JSON."""
    if isinstance(value, bool):
        return str(value).lower()
    return as_text(value) if isinstance(value, int | float) else json_or_text(value, limit)


def json_or_text(value: Any, limit: int) -> str:
    """Any value as JSON, but text as it is, up to about `limit` characters."""
    if isinstance(value, str):
        return value
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        text = str(type(value).__name__)
    return text[:limit]


def types(node: Node) -> set[str]:
    """Local names of its types."""
    return {local(text) for text in texts(node, "prov:type")}


def local(name: str) -> str:
    """What follows the prefix of a qualified name."""
    return name.rpartition(":")[2]


def attribute_label(attribute: str) -> str:
    """Name of an attribute as people say it: ``dct:created`` is ``creation date``.

    Parameters
    ----------
    attribute : str
        Qualified name, or the name of a recorded field; of a long one only the start is said.
    """
    return _attribute_label(attribute[:MAX_NAME])


@lru_cache(maxsize=4096)
def _attribute_label(attribute: str) -> str:
    name = _FIELD_OF.get(attribute)
    if name is None:
        name = local(attribute)
        if attribute.startswith("mlprov:"):
            try:
                name = original_name(name)
            except ValueError:
                name = local(attribute)
        elif attribute.startswith(_KNOWN):
            name = _CAMEL.sub(" ", name).lower()
    return " ".join(name.replace("_", " ").split()) or attribute


def is_structure(name: str) -> bool:
    """Whether an attribute says how our documents are built."""
    prefix, _, rest = name.partition(":")
    return prefix == "mlprov" and rest in STRUCTURE


_JOINTS = {ord(character): None for character in " \t\r\n\f\v_-\u00a0\u2010\u2011"}


def folded(text: str) -> str:
    """Text in which ``Creation-Date``, ``creation_date`` and ``creationDate`` are the same."""
    if text.isascii():
        return text.lower().translate(_JOINTS)
    return unicodedata.normalize("NFKC", text).casefold().translate(_JOINTS)
