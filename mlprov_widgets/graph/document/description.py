"""What is worth reading of an element in its box: a title, a type and a few values."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from itertools import islice
from typing import Any

from mlprov_widgets.graph.document.model import Node
from mlprov_widgets.graph.document.own_types import TYPES
from mlprov_widgets.graph.document.values import attribute_label, is_structure, seconds_of, short
from mlprov_widgets.provenance.vocabulary import IMPLICIT, NAMESPACES
from mlprov_widgets.wording import format_duration, format_number, one_line

MAX_TITLE = 80
MAX_LINES = 2
_MAX_VALUE = 48
# Enough to find something telling; some documents have thousands of attributes an element.
_MAX_ATTRIBUTES = 40

_GENERAL = frozenset(
    {"prov:Entity", "prov:Activity", "prov:Agent", "prov:Collection", "prov:Plan", "prov:Bundle"}
)
_LABELS = ("prov:label", "rdfs:label", "skos:prefLabel", "foaf:name", "foaf:givenName")
_TYPE_NAMES = ("prov:type", "rdf:type")
_SKIPPED = frozenset({*_LABELS, *_TYPE_NAMES, "prov:startTime", "prov:endTime"})
_NAMES_OF_THINGS = frozenset({"title", "name", "version", "softwareversion", "status", "state"})
# What others call a thing whose id is only a number of an UUID's or a hash's length.
_CALLED = ("name", "title", "basename", "process_label", "job", "job_name", "filename", "file_name")
# In a name, a part that nobody reads.
_OPAQUE = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{24,128})"
    r"(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_WHOLE = frozenset({"int", "integer", "long", "short", "byte", "nonNegativeInteger"})
_BROKEN = frozenset({"double", "float", "decimal"})
# Where the next word starts in a name such as `numberOfParameters`.
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:[\d.]+)?(Z|[+-]\d\d:?\d\d)?")
_HASH = re.compile(r"[0-9a-fA-F]{32,128}")
_LOCAL = re.compile(r"[#/:](?=[^#/:]*$)")


class Descriptions:
    """Titles, types and lines of a document's elements.

    Parameters
    ----------
    container : dict
        PROV-JSON; its prefixes say which names are ours.
    """

    def __init__(self, container: dict[str, Any]) -> None:
        self._renamed = _customary_prefixes(container)
        declared = container.get("prefix")
        self._prefixes = declared if isinstance(declared, dict) else {}
        self._types: dict[str, str] = {}

    def describe(self, node: Node) -> None:
        """Fill a node's title, type, lines, state and note from its name and body."""
        body = node.body
        if not body:
            node.title = self._name_title(node.name)
            return
        types = self.types(body)
        node.type = _type(tuple(types))
        node.title = self._title(node, types)
        ours = next((one for one in types if one in TYPES), "")
        if ours and (shown := TYPES[ours].shown) is not None:
            node.lines = tuple(
                ("" if name == "prov:value" else _label(name), value_text(value))
                for name in shown
                if (value := self.attribute(node, name)) is not None
            )
        elif ours == "mlprov:Cell":
            self._cell(node)
        elif ours in ("mlprov:Execution", "mlprov:Run"):
            self._happened(node)
        else:
            node.lines = self._lines(node)

    def term(self, name: str) -> str:
        """An attribute's or a type's name with the prefix that is customary for its namespace."""
        if not self._renamed:
            return name
        prefix, colon, local = name.partition(":")
        return f"{self._renamed.get(prefix, prefix)}{colon}{local}"

    def types(self, body: dict[str, Any]) -> list[str]:
        """The types of an element as qualified names with customary prefixes."""
        raw = body.get("prov:type")
        found = self._type_names(body.get("rdf:type") if raw is None else raw)
        if not found or (len(found) == 1 and found[0] in _GENERAL):
            # Some tools have a type of their own instead.
            names = (name for name in islice(body, _MAX_ATTRIBUTES) if name not in _TYPE_NAMES)
            own = (body[name] for name in names if name.endswith((":type", ":node_type")))
            found += self._type_names(next(own, None))
        return found

    def _type_names(self, raw: Any) -> list[str]:
        found = []
        for one in raw[:20] if isinstance(raw, list) else (raw,):
            if isinstance(one, dict):
                one = one.get("$")
            if isinstance(one, str):
                if one not in self._types:
                    self._types[one] = self.term(one)
                found.append(self._types[one])
        return found

    def attribute(self, node: Node, term: str) -> Any:
        """Value of one attribute, named with its customary prefix; None where there is none."""
        if not self._renamed:
            return node.body.get(term)
        return next((value for name, value in node.body.items() if self.term(name) == term), None)

    def attribute_text(self, node: Node, term: str) -> str:
        """The text of one attribute; empty where there is none."""
        value = self.attribute(node, term)
        return "" if value is None else self.text(value)

    def text(self, value: Any) -> str:
        """The text of a PROV-JSON literal."""
        if isinstance(value, list):
            # Not by calling itself: lists in lists may be nested a thousand deep.
            texts = [value_text(one, 200) for one in value[:4]]
            return ", ".join(texts) + (", …" if value[4:] else "")
        if isinstance(value, dict):
            value = value.get("$", value)
        return value if isinstance(value, str) else short(value)

    def _title(self, node: Node, types: list[str]) -> str:
        body = node.body
        for name in _LABELS:
            if name in body:
                label = body[name]
                if isinstance(label, list):
                    label = _in_english(label)
                if title := one_line(self.text(label), MAX_TITLE):
                    return title.replace("_", " ") if "mlprov:Field" in types else title
        if _OPAQUE.fullmatch(local_part(node.name).rpartition("/")[2]):
            for name, value in islice(body.items(), _MAX_ATTRIBUTES):
                called = name.rpartition(":")[2].lower() in _CALLED
                if called and (title := one_line(self.text(value), MAX_TITLE)):
                    return title
            if node.type:
                return f"{node.type} {name_title(local_part(node.name).rpartition('/')[2])}"
        return self._name_title(node.name)

    def _name_title(self, name: str) -> str:
        # An IRI that ends with a slash may be all prefix.
        iri = self._prefixes.get(name[:-1]) if name.endswith(":") else None
        return name_title(iri if isinstance(iri, str) and "://" in iri else name)

    def _cell(self, node: Node) -> None:
        origin = self.attribute_text(node, "mlprov:origin")
        node.note = "" if origin == "generated" else one_line(origin, 20)
        markdown = self.attribute_text(node, "mlprov:kind") == "markdown"
        node.lines = summary_line(self.attribute_text(node, "mlprov:generated"), markdown)

    def _happened(self, node: Node) -> None:
        status = self.attribute_text(node, "mlprov:status")
        took = format_duration(seconds_of(node))
        lines = [("took", took)] if took else []
        if status in ("error", "failed", "interrupted"):
            node.state = "failed"
            # Who stopped it knows more than "KeyboardInterrupt" says.
            error = "" if status == "interrupted" else self.attribute_text(node, "mlprov:error")
            lines.insert(0, ("", one_line(error or status, _MAX_VALUE)))
        elif "mlprov:Run" in self.types(node.body):
            lines.insert(0, ("", one_line(status, _MAX_VALUE)))
        node.lines = tuple(lines)

    def _lines(self, node: Node) -> tuple[tuple[str, str], ...]:
        ranked = sorted(
            (rank, at, name)
            for at, (name, value) in enumerate(islice(node.body.items(), _MAX_ATTRIBUTES))
            if name not in _SKIPPED and (rank := self._rank(name, value)) is not None
        )
        took = format_duration(seconds_of(node)) if node.kind == "activity" else ""
        found = [("took", took)] if took else []
        for rank, _, name in ranked:
            if len(found) == MAX_LINES:
                break
            text = value_text(node.body[name])
            label = "" if rank == 0 else _label(self.term(name))
            if name.endswith("value_list"):
                label, text = "last value", last_of(node.body[name]) or text
            repeated = _is_end(node.title, text) or (took and label == "execution time")
            if text not in ("", "none") and not repeated:
                found.append((label, text))
        return tuple(found)

    def _rank(self, name: str, value: Any) -> int | None:
        """How much an attribute tells, 0 the most; None where it tells nothing."""
        if name == "prov:value":
            return 0
        term = self.term(name)
        local = term.partition(":")[2]
        if local in ("type", "node_type") or is_structure(term):
            return None
        known = local.lower()
        if known in _NAMES_OF_THINGS:
            return 0 if known in ("title", "name") else 1
        if known.endswith("value_list"):
            return 1
        if isinstance(value, dict):
            value = value.get("$")
        number = value[:1].isdigit() if isinstance(value, str) else isinstance(value, int | float)
        return 2 if number else 3


def summary_line(source: str, markdown: bool = False) -> tuple[tuple[str, str], ...]:
    """The first line of a cell that does something, for its box; empty where there is none.

    Parameters
    ----------
    source : str
        Of the cell.
    markdown : bool, default False
        Whether it is text: its headings tell more than its lines.
    """
    lines = [line.strip() for line in source[:2000].splitlines()]
    code = [line for line in lines if line and not line.startswith("#")]
    words = [line.lstrip("# ") for line in lines if line.startswith("#")]
    if markdown:
        code, words = words, code
    first = next((line for line in (*code, *words) if line), "")
    return (("", one_line(first, _MAX_VALUE)),) if first else ()


def _customary_prefixes(container: dict[str, Any]) -> dict[str, str]:
    """Prefixes of a document to those customary for their namespaces, where they are others.

    A prefix that stands for something else than is customary gets a name that nobody looks for.
    """
    declared = container.get("prefix")
    if not isinstance(declared, dict):
        return {}
    ours = {iri: prefix for prefix, iri in (NAMESPACES | IMPLICIT).items()}
    found = {}
    for prefix, iri in declared.items():
        wanted = ours.get(iri) if isinstance(iri, str) else None
        if wanted is None and prefix in NAMESPACES:
            # Other documents write the namespaces of others a little differently.
            wanted = prefix if prefix != "mlprov" else "other-mlprov"
        if wanted is not None and wanted != prefix:
            found[prefix] = wanted
    return found


def local_part(name: str) -> str:
    """What of a qualified name or IRI tells elements apart; all of it where nothing else does."""
    if "://" in name:
        parts = _LOCAL.split(name.rstrip("/#")[-400:])
        return parts[-1] or name
    local = name.partition(":")[2]
    return local if local.strip() else name


def name_title(name: str) -> str:
    """A title for what has nothing but a name: of a hash or an UUID in it, only the beginning."""
    local = local_part(name)
    if len(local) >= 24:
        local = _OPAQUE.sub(lambda found: f"{found[0][:8]}…", local[:4000])
    return one_line(local, MAX_TITLE) or "(no name)"


def _is_end(title: str, text: str) -> bool:
    """Whether a value is the title, or its end after some kind of thing such as ``file/``."""
    return title == text or (len(text) > 3 and title.endswith((f"/{text}", f":{text}")))


def last_of(value: Any) -> str:
    """The last number of a list of them, as some tools write a metric; empty where it is none."""
    text = value.get("$") if isinstance(value, dict) else value
    if isinstance(text, str):
        tail = text[-60:].rstrip().removesuffix("]").rpartition(",")[2].strip(" [")
        try:
            return format_number(float(tail))
        except ValueError:
            return ""
    last = text[-1] if isinstance(text, list) and text else None
    return format_number(last) if isinstance(last, int | float) else ""


def value_text(value: Any, limit: int = _MAX_VALUE) -> str:
    """A PROV-JSON literal as a short text for people: numbers rounded, JSON read."""
    if isinstance(value, str):
        return _short_text(value, limit)
    if isinstance(value, bool | int | float):
        return format_number(value)
    if isinstance(value, list):
        inner = value[:4]
        texts = [short(v, limit) if isinstance(v, list) else value_text(v, limit) for v in inner]
        return one_line(", ".join(texts) + (", …" if value[4:] else ""), limit)
    if not isinstance(value, dict) or "$" not in value:
        return short(value, limit)
    text = value["$"]
    if not isinstance(text, str):
        return short(text, limit)
    datatype = str(value.get("type", "")).rpartition(":")[2]
    if len(text) < 400:
        try:
            if datatype in _WHOLE:
                return format_number(int(text))
            if datatype in _BROKEN:
                return format_number(float(text))
            if datatype == "JSON":
                return short(json.loads(text), limit)
        except (ValueError, RecursionError):
            pass
    return _short_text(text, limit)


def value_of(node: Node) -> str:
    """The value that an element is there for, as its box shows it; empty where it has none."""
    for label, text in node.lines:
        if not label or label.endswith("value"):
            return text
    return ""


def _short_text(text: str, limit: int) -> str:
    if 16 <= len(text) <= 128:
        if found := _DATE.fullmatch(text):
            return f"{found[1]} {found[2]}"
        if _HASH.fullmatch(text):
            return f"{text[:12]}…"
    return one_line(text, limit)


@lru_cache(maxsize=4096)
def _label(term: str) -> str:
    words = attribute_label(term)
    return one_line(_WORDS.sub(" ", words).lower() if _WORDS.search(term) else words, 24)


@lru_cache(maxsize=4096)
def _type(types: tuple[str, ...]) -> str:
    if not types:
        return ""
    if ours := next((one for one in types if one in TYPES), ""):
        return TYPES[ours].label
    telling = [one for one in types if not one.startswith("prov:")]
    known = [one for one in types if one not in _GENERAL]
    name = local_part((telling or known or types)[0])
    if name.endswith("."):
        # Classes with the modules that they are in, as of AiiDA.
        name = name.strip(".").rpartition(".")[2] or name
    return one_line(name, 32)


def _in_english(labels: list[Any]) -> Any:
    dicts = (one for one in labels if isinstance(one, dict))
    english = (one for one in dicts if str(one.get("lang", "")).startswith("en"))
    return next(english, labels[0] if labels else "")
