"""Search over names, titles, values, types and code of all elements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from mlprov_widgets.graph.document.model import Model, Node
from mlprov_widgets.graph.document.texts import one_line, short
from mlprov_widgets.graph.document.values import (
    MAX_NAME,
    MAX_VALUES,
    Value,
    first,
    folded,
    spoken,
    types,
    values,
)
from mlprov_widgets.graph.reasons.answers import attribute_answer, short_answer
from mlprov_widgets.provenance.legacy import group_of

# Where the words are, the most telling place first. An attribute counts more where its name is or
# starts with what was asked for than where that is somewhere in it: "RAM" is in "parameter".
EXACT, PREFIX, ATTRIBUTE, TITLE, PART, VALUE, TYPE, CODE, NOWHERE = range(9)
_WHAT = ("name", "name", "name", "name", "name", "value", "type", "code", "value")

MAX_VALUE = 4_000
MAX_CODE = 20_000
# All of one element together.
MAX_ELEMENT = 60_000
MAX_WORDS = 8
_AROUND = 36
# Attributes that hold source code, by their local names.
CODE_NAMES = frozenset({"source", "generated", "code", "sourcecode", "source_code", "script"})
_ENDS = "\n"
# A name that several elements have: which of them is rather meant.
_ORDER = {"": 0, "experiment_info": 1, "hardware_info": 2, "packages": 3}


@dataclass(slots=True)
class _Entry:
    """The folded texts of one element; parts of a text are between line ends."""

    id: str
    # With its prefix, by which it is found only when that is asked for: many have the same.
    qualified: str
    names: tuple[str, ...]
    attributes: str
    values: str
    types: str
    code: str
    everything: str
    weight: int
    # What the box says of its state, such as "edited": whoever asks for that means these.
    note: str


class _Hit(NamedTuple):
    """One element that was found; in a sorted list the likeliest comes first."""

    rank: int
    # 0 for an attribute that is called so, 1 for one whose name only starts like it.
    partly: int
    # How much longer than the query the name is in which it is.
    longer: int
    weight: int
    at: int


class Index:
    """What of a model can be searched, folded once.

    Parameters
    ----------
    model : Model
        Of any level.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self._entries: list[_Entry] = []
        # Beside the entries: what every search goes through.
        self._texts: list[str] = []
        self._left = iter(model.nodes.values())
        self._known: tuple[str, list[_Hit]] = ("", [])

    def build(self, part: int = 500) -> Iterator[None]:
        """Fold what is not yet folded, so many elements at a time; `find` does it by itself."""
        while True:
            fresh = [_entry(node) for node in islice(self._left, part)]
            self._entries += fresh
            self._texts += [entry.everything for entry in fresh]
            if len(fresh) < part:
                return
            yield

    def hits(self, query: str) -> list[str]:
        """Ids of all elements in which every word of the query occurs, the likeliest first.

        Parameters
        ----------
        query : str
            Words; case, blanks, hyphens and underscores make no difference.
        """
        return [self._entries[hit.at].id for hit in self._find(query)]

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
            for _ in self.build():
                pass
            entries, texts = self._entries, self._texts
            full = any(":" in word for word in words)
            places: Iterable[int] = range(len(entries))
            for word in words:
                if full:
                    places = [
                        at for at in places if word in texts[at] or word in entries[at].qualified
                    ]
                else:
                    places = [at for at in places if word in texts[at]]
            for at in places:
                entry = entries[at]
                found.append(_Hit(*_rank(entry, phrase, words), entry.weight, at))
            found.sort()
        self._known = (query, found)
        return found

    def _match(self, hit: _Hit, query: str, words: list[str]) -> dict[str, Any]:
        node = self.model.nodes[self._entries[hit.at].id]
        answer = ""
        if hit.rank in (ATTRIBUTE, PART):
            attribute, text, value = _attribute(node, folded(query), words)
            answer = attribute_answer(self.model, node, attribute) or value
        elif hit.rank in (VALUE, NOWHERE):
            attribute, text = _valued(node, words)
            answer = attribute_answer(self.model, node, attribute)
        elif hit.rank == TYPE:
            text = ", ".join(_kinds(node))
        elif hit.rank == CODE:
            text = _code(node)
        elif hit.rank == EXACT and folded(query) == folded(node.note):
            text = node.note
        else:
            text = node.title if _pattern(query, words).search(node.title) else node.name
        if not answer and hit.rank != CODE:
            answer = short_answer(self.model, node.id)
        return {
            "id": node.id,
            "title": node.title,
            "where": [self.model.groups[group].title for group in self.model.path(node.id)],
            "what": _WHAT[hit.rank],
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
        local = name.rpartition(":")[2][:MAX_NAME]
        if room <= 0:
            break
        if name in ("prov:type", "prov:label"):
            continue
        if _is_code(name):
            for value in values(raw):
                code.append(folded(value.text[:MAX_CODE]))
                room -= len(value.text[:MAX_CODE])
            continue
        attributes.append(folded(spoken(name)))
        if spoken(name) != local:
            attributes.append(folded(local))
        for value in values(raw)[:20]:
            text = value.text[: min(MAX_VALUE, max(room, 0))]
            found.append(folded(text))
            room -= len(text) + 50
            attributes += [folded(key) for key, _ in _keys(value)]
    for label, text in _box(node):
        attributes.append(folded(label))
        found.append(folded(text))
    note = folded(node.note)
    found += [note] if note else []
    kinds = _ENDS.join(map(folded, _kinds(node)))
    told = tuple(sorted(filter(None, names), key=len))
    parts = (_ENDS.join(told), _joined(attributes), _ENDS.join(found), kinds, _ENDS.join(code))
    return _Entry(
        node.id,
        folded(node.name[:2000]),
        told,
        *parts[1:],
        everything=_ENDS.join(parts),
        weight=_weight(node),
        note=note,
    )


def _box(node: Node) -> list[tuple[str, str]]:
    """Label and value of what is in a step's box; an element's box only repeats its attributes."""
    if node.body:
        return []
    return [*([(node.headline_label, node.headline)] if node.headline else []), *node.lines]


def _joined(parts: list[str]) -> str:
    # With an end on both sides of each, so that a whole name can be told from a part of one.
    return _ENDS + _ENDS.join(dict.fromkeys(parts)) + _ENDS if parts else ""


def _weight(node: Node) -> int:
    """Of two elements of one name, which is meant: the experiment's field before the notebook's."""
    key = first(node, "mlprov:field")
    group = key.partition(".")[0] if isinstance(key, str) else group_of(node.name)
    if not group and "Notebook" not in types(node):
        return 0
    return _ORDER.get(group, len(_ORDER))


def _rank(entry: _Entry, phrase: str, words: list[str]) -> tuple[int, int, int]:
    found = _of(entry, phrase)
    if found[0] == NOWHERE and len(words) > 1:
        # The words are in different places: the element is as far down as the last of them.
        return max(ATTRIBUTE, *(_of(entry, word)[0] for word in words)), 2, 0
    return found


def _of(entry: _Entry, phrase: str) -> tuple[int, int, int]:
    names, attributes = entry.names, entry.attributes
    if ":" in phrase:
        names = (*names, entry.qualified)
    if phrase in names or phrase == entry.note:
        return EXACT, 0, 0
    for name in names:
        if name.startswith(phrase):
            return PREFIX, 0, len(name) - len(phrase)
    if f"\n{phrase}" in attributes:
        return ATTRIBUTE, 0 if f"\n{phrase}\n" in attributes else 1, 0
    for name in names:
        if phrase in name:
            return TITLE, 0, len(name) - len(phrase)
    if phrase in attributes:
        return PART, 0, 0
    if phrase in entry.values:
        return VALUE, 0, 0
    if phrase in entry.types:
        return TYPE, 0, 0
    return (CODE if phrase in entry.code else NOWHERE), 0, 0


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
                elif one.startswith(phrase):
                    score = 1
                elif phrase in one:
                    score = 2
                elif any(word in one for word in wanted):
                    score = 3
                else:
                    continue
                if best is None or score < best[0]:
                    told = short(content, 120)
                    best = (score, name, f"{called.replace('_', ' ')}: {told}", told)
    if best is not None:
        return best[1:]
    for label, told in _box(node):
        if label and any(word in folded(label) for word in wanted):
            return "", f"{label}: {told}", told
    return "", node.title, ""


def _valued(node: Node, words: list[str]) -> tuple[str, str]:
    """The attribute in whose value most of the words are, and its text with its name."""
    wanted = list(filter(None, map(folded, words)))
    best: tuple[int, str, str] = (0, "", node.title)
    for name, raw in node.body.items():
        if name in ("prov:type", "prov:label") or _is_code(name):
            continue
        for value in values(raw)[:20]:
            text = value.text[:MAX_VALUE]
            whole = folded(text)
            count = sum(word in whole for word in wanted)
            if count > best[0]:
                best = (count, name, f"{spoken(name)}: {text}")
    for label, text in _box(node):
        if not best[0] and any(word in folded(text) for word in wanted):
            best = (1, "", f"{label}: {text}" if label else text)
    return best[1:]


def _kinds(node: Node) -> list[str]:
    return list(filter(None, dict.fromkeys([node.type, *sorted(types(node)), node.kind])))


def _is_code(name: str) -> bool:
    return name.rpartition(":")[2].lower() in CODE_NAMES


def _code(node: Node) -> str:
    for name, raw in node.body.items():
        if _is_code(name):
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


def texts_of(model: Model, node: Node) -> dict[str, Any]:
    """What of an element a page without Python searches, and what it says of what it found.

    Parameters
    ----------
    model : Model
        Of the element.
    node : Node
        The element.

    Returns
    -------
    dict
        The front end's ``Searchable``.
    """
    fields: list[dict[str, str]] = []

    def add(name: str, text: str, told: str, **more: str) -> None:
        field = {"name": name, "text": text, **{key: one for key, one in more.items() if one}}
        fields.append(field if told == text else {**field, "told": told})

    for name, raw in node.body.items():
        if name in ("prov:type", "prov:label") or _is_code(name):
            continue
        called, answer = spoken(name), attribute_answer(model, node, name)
        also = name.rpartition(":")[2]
        for value in values(raw)[:20]:
            told = short(value.content, 120)
            add(called, value.text[:MAX_VALUE], told, answer=answer, also=also * (also != called))
            for key, content in _keys(value):
                # Its text is part of the value's.
                add(key.replace("_", " "), "", short(content, 120), answer=answer)
    for label, text in _box(node):
        add(label, text, text)
    names = [node.title, node.name.rpartition(":")[2] or node.id]
    if isinstance(called := first(node, "prov:label"), str):
        names.append(called)
    return {
        "names": [name[:2000] for name in dict.fromkeys(names)],
        "qualified": node.name[:2000],
        "fields": fields,
        "types": _kinds(node),
        "code": [
            value.text[:MAX_CODE]
            for name, raw in node.body.items()
            if _is_code(name)
            for value in values(raw)
        ],
        "weight": _weight(node),
        "answer": short_answer(model, node.id),
    }
