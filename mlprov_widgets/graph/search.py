"""Search over names, titles, values, types and code of all elements."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from mlprov_widgets.graph.answers import attribute_answer, short_answer
from mlprov_widgets.graph.model import Model, Node
from mlprov_widgets.graph.texts import one_line, short
from mlprov_widgets.graph.values import (
    MAX_VALUES,
    Value,
    first,
    folded,
    own_attributes,
    spoken,
    types,
    values,
)
from mlprov_widgets.provenance.prov_json import GROUPS

# What comes first in the list of results.
EXACT, PREFIX, ATTRIBUTE, TITLE, VALUE, TYPE, CODE, NOWHERE = range(8)
_WHAT = ("name", "name", "name", "name", "value", "type", "code")

MAX_VALUE = 4_000
MAX_CODE = 20_000
# All of one element together.
MAX_ELEMENT = 60_000
MAX_WORDS = 8
_AROUND = 36
# Attributes that hold source code, by their local names.
CODE_NAMES = frozenset({"source", "generated", "code", "sourcecode", "source_code", "script"})
_ENDS = "\n"


@dataclass(slots=True)
class _Entry:
    """The folded texts of one element; parts of a text are between line ends."""

    id: str
    names: tuple[str, ...]
    attributes: str
    values: str
    types: str
    code: str
    everything: str
    weight: int


@dataclass(slots=True)
class _Hit:
    rank: int
    # An attribute that is called so, rather than one in whose name the words are.
    exact: bool
    entry: _Entry = field(repr=False)


class Index:
    """What of a model can be searched, folded once.

    Parameters
    ----------
    model : Model
        Of any level.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self._entries = [_entry(node) for node in model.nodes.values()]
        self._known: tuple[str, list[_Hit]] = ("", [])

    def hits(self, query: str) -> list[str]:
        """Ids of all elements in which every word of the query occurs, the likeliest first.

        Parameters
        ----------
        query : str
            Words; case, blanks, hyphens and underscores make no difference.
        """
        return [hit.entry.id for hit in self._find(query)]

    def find(self, query: str, limit: int = 50) -> dict[str, Any]:
        """Search.

        Parameters
        ----------
        query : str
            As for `hits`.
        limit : int, default 50
            Of the elements that are described.

        Returns
        -------
        dict
            The front end's ``Results``.
        """
        found = self._find(query)
        words = query.split()[:MAX_WORDS]
        return {
            "query": query,
            "total": len(found),
            "items": [self._match(hit, query, words) for hit in found[:limit]],
        }

    def _find(self, query: str) -> list[_Hit]:
        if self._known[0] == query:
            return self._known[1]
        words = list(dict.fromkeys(filter(None, map(folded, query.split()[:MAX_WORDS]))))
        phrase = folded(" ".join(query.split()[:MAX_WORDS]))
        found: list[_Hit] = []
        if words:
            for entry in self._entries:
                everything = entry.everything
                if all(word in everything for word in words):
                    found.append(_rank(entry, phrase, words))
            # Stable, so that what is alike stays in the document's order.
            found.sort(key=lambda hit: (hit.rank, not hit.exact, hit.entry.weight))
        self._known = (query, found)
        return found

    def _match(self, hit: _Hit, query: str, words: list[str]) -> dict[str, Any]:
        node = self.model.nodes[hit.entry.id]
        attribute, answer = "", ""
        if hit.rank == ATTRIBUTE:
            attribute, text, value = _attribute(node, folded(query), words)
            answer = attribute_answer(self.model, node, attribute) or value
        elif hit.rank == VALUE:
            text = _text_with(node, words)
            answer = short_answer(self.model, node.id)
        elif hit.rank == TYPE:
            text = ", ".join(sorted(types(node))) or node.type
        elif hit.rank == CODE:
            text = _code(node)
        else:
            text = node.title
            if not _pattern(query, words).search(text):
                text = node.name
        if not answer and hit.rank != CODE:
            answer = short_answer(self.model, node.id)
        return {
            "id": node.id,
            "title": node.title,
            "where": [self.model.groups[group].title for group in self.model.path(node.id)],
            "what": _WHAT[hit.rank] if hit.rank < NOWHERE else "value",
            "snippet": _snippet(text, query, words),
            "answer": answer,
        }


def _entry(node: Node) -> _Entry:
    names = {folded(node.title), folded(node.name.rpartition(":")[2] or node.id)}
    called = first(node, "prov:label")
    if isinstance(called, str):
        names.add(folded(called[:200]))
    attributes: list[str] = []
    found: list[str] = []
    code: list[str] = []
    room = MAX_ELEMENT
    for name, raw in node.body.items():
        local = name.rpartition(":")[2]
        if room <= 0:
            break
        if name in ("prov:type", "prov:label"):
            continue
        if local.lower() in CODE_NAMES:
            for value in values(raw):
                code.append(folded(value.text[:MAX_CODE]))
                room -= len(value.text[:MAX_CODE])
            continue
        # How our documents are built is nothing that anyone looks for by name.
        attributes.append(folded(spoken(name)))
        if spoken(name) != local:
            attributes.append(folded(local))
        for value in values(raw)[:20]:
            text = value.text[: min(MAX_VALUE, max(room, 0))]
            found.append(folded(text))
            room -= len(text) + 50
            attributes += [folded(key) for key, _ in _keys(value)]
    if node.headline:
        attributes.append(folded(node.headline_label))
        found.append(folded(node.headline))
    for label, text in node.lines:
        attributes.append(folded(label))
        found.append(folded(text))
    kinds = _ENDS.join(folded(one) for one in (node.type, node.kind, *sorted(types(node))))
    told = tuple(sorted(filter(None, names), key=len))
    parts = (_ENDS.join(told), _joined(attributes), _ENDS.join(found), kinds, _ENDS.join(code))
    return _Entry(node.id, told, *parts[1:], everything=_ENDS.join(parts), weight=_weight(node))


def _joined(parts: list[str]) -> str:
    # With an end on both sides of each, so that a whole name can be told from a part of one.
    return _ENDS + _ENDS.join(dict.fromkeys(parts)) + _ENDS if parts else ""


def _weight(node: Node) -> int:
    """Of two elements of one name, which is meant: the experiment's field before the notebook's."""
    key = first(node, "mlprov:field")
    if not isinstance(key, str):
        return 0
    order = list(GROUPS)
    group = key.partition(".")[0]
    return order.index(group) if group in order else len(order)


def _rank(entry: _Entry, phrase: str, words: list[str]) -> _Hit:
    best, exact = _of(entry, phrase)
    if best == NOWHERE and len(words) > 1:
        # The words are in different places: the element is as far down as the last of them.
        best = max(_of(entry, word)[0] for word in words)
        best = max(best, ATTRIBUTE)
        return _Hit(best, False, entry)
    return _Hit(best, exact, entry)


def _of(entry: _Entry, phrase: str) -> tuple[int, bool]:
    names = entry.names
    if phrase in names:
        return EXACT, True
    if any(name.startswith(phrase) for name in names):
        return PREFIX, False
    if phrase in entry.attributes:
        return ATTRIBUTE, f"\n{phrase}\n" in entry.attributes
    if any(phrase in name for name in names):
        return TITLE, False
    if phrase in entry.values:
        return VALUE, False
    if phrase in entry.types:
        return TYPE, False
    return (CODE if phrase in entry.code else NOWHERE), False


def _keys(value: Value) -> list[tuple[str, Any]]:
    """Names inside a value that is an object, such as the metrics of an evaluation."""
    content = value.content
    if not isinstance(content, dict) or value.type == "":
        return []
    return [(str(key)[:200], inner) for key, inner in list(content.items())[:MAX_VALUES]]


def _attribute(node: Node, phrase: str, words: list[str]) -> tuple[str, str, str]:
    """The attribute that is called so: its name, what it says, and its value in short."""
    wanted = list(filter(None, map(folded, words)))
    best: tuple[int, str, str, str] | None = None
    for name, raw in node.body.items():
        if name in ("prov:type", "prov:label"):
            continue
        for value in values(raw)[:20]:
            pairs = [(spoken(name), value.content), *_keys(value)]
            for called, content in pairs:
                one = folded(called)
                if one == phrase:
                    score = 0
                elif phrase in one:
                    score = 1
                elif any(word in one for word in wanted):
                    score = 2
                else:
                    continue
                if best is None or score < best[0]:
                    told = short(content, 120)
                    best = (score, name, f"{called.replace('_', ' ')}: {told}", told)
    if best is not None:
        return best[1:]
    pairs = [(node.headline_label, node.headline), *node.lines]
    for label, told in pairs:
        if label and any(word in folded(label) for word in wanted):
            return "", f"{label}: {told}", told
    return "", node.title, ""


def _text_with(node: Node, words: list[str]) -> str:
    """The value in which the first word is that is in any, with its attribute's name."""
    wanted = list(filter(None, map(folded, words)))
    best: tuple[int, str] | None = None
    for name, raw in node.body.items():
        if name in ("prov:type", "prov:label") or name.rpartition(":")[2].lower() in CODE_NAMES:
            continue
        for value in values(raw)[:20]:
            text = value.text[:MAX_VALUE]
            whole = folded(text)
            count = sum(word in whole for word in wanted)
            if count and (best is None or count > best[0]):
                best = (count, f"{spoken(name)}: {text}")
    if best is not None:
        return best[1]
    for label, text in [(node.headline_label, node.headline), *node.lines]:
        if any(word in folded(text) for word in wanted):
            return f"{label}: {text}" if label else text
    return node.title


def _code(node: Node) -> str:
    for name, raw in node.body.items():
        if name.rpartition(":")[2].lower() in CODE_NAMES:
            found = values(raw)
            if found:
                return found[-1].text[:MAX_CODE]
    return ""


def _pattern(query: str, words: list[str]) -> re.Pattern[str]:
    """What finds the query in a text as it was before it was folded."""
    choices = []
    for part in (query, *words):
        letters = [character for character in part if folded(character)]
        if letters:
            choices.append(r"[\s_\-]*".join(re.escape(character) for character in letters))
    return re.compile("|".join(choices) or r"(?!)", re.IGNORECASE)


def _snippet(text: str, query: str, words: list[str]) -> list[str]:
    """Text around the match: what is before it, the match itself, what is after it."""
    found = _pattern(query, words).search(text)
    if found is None or not found.group():
        return [one_line(text, 2 * _AROUND), "", ""]
    start, end = found.span()
    before = text[max(0, start - _AROUND) : start]
    if start > _AROUND:
        before = "…" + before
    after = text[end : end + 2 * _AROUND]
    if len(text) > end + 2 * _AROUND:
        after += "…"
    return [_spaced(before), _spaced(found.group()), _spaced(after)]


def _spaced(text: str) -> str:
    """One line, with the blanks at its ends kept: they part it from the match."""
    kept = one_line(f"|{text}|", 4 * len(text) + 100)
    return kept[1:-1]


def texts_of(node: Node) -> list[dict[str, str]]:
    """What of an element a page without Python searches: `what` and `text`, ranked likewise."""
    found = [{"what": "name", "text": node.title}]
    if node.name and folded(node.name.rpartition(":")[2]) != folded(node.title):
        found.append({"what": "name", "text": node.name})
    for name, raw in own_attributes(node):
        if name.rpartition(":")[2].lower() in CODE_NAMES:
            continue
        for value in values(raw)[:20]:
            text = f"{spoken(name)}: {value.text}"
            found.append({"what": "value", "text": one_line(text, MAX_VALUE)})
    kinds = sorted(types(node) | ({node.type} if node.type else set()))
    if kinds:
        found.append({"what": "type", "text": ", ".join(kinds)})
    code = _code(node)
    if code:
        found.append({"what": "code", "text": code[:MAX_CODE]})
    return found
