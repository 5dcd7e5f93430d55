"""Search over names, titles, values, types and code of all elements.

A page without Python searches by itself (viewer/src/local/search.ts); a live viewer asks here,
since the texts of a large document are too much to travel. The cases in viewer/test hold both to
the same answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from mlprov_widgets.graph.details.searchable import (
    SearchableField,
    code_of,
    fields_of,
    names_of,
    types_of,
    weight_of,
)
from mlprov_widgets.graph.document.model import Model, Node
from mlprov_widgets.graph.document.values import folded
from mlprov_widgets.graph.reasons.answers import attribute_answer, short_answer
from mlprov_widgets.graph.wire import Match, SearchResults
from mlprov_widgets.wording import one_line

# Where the words are, the most telling place first. An attribute counts more where its name is or
# starts with what was asked for than where that is somewhere in it: "RAM" is in "parameter".
EXACT, PREFIX, ATTRIBUTE, TITLE, PART, VALUE, TYPE, CODE, NOWHERE = range(9)
_WHAT = ("name", "name", "name", "name", "name", "value", "type", "code", "value")

# All texts of one element together.
MAX_ELEMENT = 60_000
MAX_WORDS = 8
_AROUND = 36
_ENDS = "\n"


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

    def find(self, query: str, limit: int = 50) -> SearchResults:
        """Search.

        Parameters
        ----------
        query : str
            As for `hits`.
        limit : int, default 50
            Of the elements that are described.

        Returns
        -------
        SearchResults
            The likeliest first.
        """
        found, words = self._find(query), query.split()[:MAX_WORDS]
        wanted, pattern = list(filter(None, map(folded, words))), _pattern(query, words)
        items = [self._match(hit, folded(query), wanted, pattern) for hit in found[:limit]]
        return {"query": query, "total": len(found), "items": items}

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
                places = [
                    at
                    for at in places
                    if word in texts[at] or (full and word in entries[at].qualified)
                ]
            ranks = ((at, _rank(entries[at], phrase, words)) for at in places)
            found = sorted(_Hit(*rank, entries[at].weight, at) for at, rank in ranks)
        self._known = (query, found)
        return found

    def _match(self, hit: _Hit, phrase: str, wanted: list[str], pattern: re.Pattern[str]) -> Match:
        node = self.model.nodes[self._entries[hit.at].id]
        text, answer = node.title, ""
        if hit.rank in (ATTRIBUTE, PART, VALUE, NOWHERE):
            named = hit.rank in (ATTRIBUTE, PART)
            field = _named(node, phrase, wanted) if named else _valued(node, wanted)
            if field is not None:
                shown = field.short if named else field.text
                text = f"{field.name}: {shown}" if field.name else shown
                answer = attribute_answer(self.model, node, field.attribute)
                answer = answer or (field.short if named else "")
        elif hit.rank == TYPE:
            text = ", ".join(types_of(node))
        elif hit.rank == CODE:
            text = code_of(node)[-1]
        elif hit.rank == EXACT and phrase == folded(node.note):
            text = node.note
        elif not pattern.search(node.title):
            text = node.name
        if not answer and hit.rank != CODE:
            answer = short_answer(self.model, node.id)
        return {
            "id": node.id,
            "title": node.title,
            "where": [self.model.groups[group].title for group in self.model.path(node.id)],
            "what": _WHAT[hit.rank],
            "snippet": _snippet(text, pattern),
            "answer": answer,
        }


def _entry(node: Node) -> _Entry:
    code = [folded(text) for text in code_of(node)]
    room = MAX_ELEMENT - sum(map(len, code))
    attributes: dict[str, None] = {}
    found: list[str] = []
    for field in fields_of(node):
        if room <= 0:
            break
        attributes[folded(field.name)] = None
        if field.also:
            attributes[folded(field.also)] = None
        if field.text:
            found.append(folded(field.text[:room]))
            room -= len(field.text) + 50
    note = folded(node.note)
    found += [note] if note else []
    names = tuple(sorted(filter(None, {folded(name[:2000]) for name in names_of(node)}), key=len))
    kinds = _ENDS.join(map(folded, types_of(node)))
    # With an end on both sides of each, so that a whole name can be told from a part of one.
    called = _ENDS + _ENDS.join(attributes) + _ENDS if attributes else ""
    parts = (_ENDS.join(names), called, _ENDS.join(found), kinds, _ENDS.join(code))
    return _Entry(
        node.id,
        folded(node.name[:2000]),
        names,
        *parts[1:],
        everything=_ENDS.join(parts),
        weight=weight_of(node),
        note=note,
    )


def _rank(entry: _Entry, phrase: str, words: list[str]) -> tuple[int, int, int]:
    found = _place(entry, phrase)
    if found[0] == NOWHERE and len(words) > 1:
        # The words are in different places: the element is as far down as the last of them.
        return max(ATTRIBUTE, *(_place(entry, word)[0] for word in words)), 2, 0
    return found


def _place(entry: _Entry, phrase: str) -> tuple[int, int, int]:
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


def _named(node: Node, phrase: str, wanted: list[str]) -> SearchableField | None:
    """The value that is called so, or else nearly so."""

    def rank(field: SearchableField) -> int:
        name = folded(field.name)
        nearness = (name == phrase, name.startswith(phrase), phrase in name)
        ranks = (*nearness, any(word in name for word in wanted), True)
        return ranks.index(True)

    best = min(fields_of(node), key=rank, default=None)
    return best if best is not None and rank(best) < 4 else None


def _valued(node: Node, wanted: list[str]) -> SearchableField | None:
    """The value in which most of the words are."""

    def count(field: SearchableField) -> int:
        text = folded(field.text)
        return sum(word in text for word in wanted)

    best = max(fields_of(node), key=count, default=None)
    return best if best is not None and count(best) else None


def _pattern(query: str, words: list[str]) -> re.Pattern[str]:
    """What finds the query in a text as it was before it was folded."""
    choices = []
    for part in (query, *words):
        letters = [character for character in part if folded(character)]
        if letters:
            choices.append(r"[\s_\-]*".join(re.escape(character) for character in letters))
    return re.compile("|".join(choices) or r"(?!)", re.IGNORECASE)


def _snippet(text: str, pattern: re.Pattern[str]) -> tuple[str, str, str]:
    """Text around the match: what is before it, the match itself, what is after it."""
    found = pattern.search(text)
    if found is None or not found.group():
        return one_line(text, 2 * _AROUND), "", ""
    start, end = found.span()
    before = ("…" if start > _AROUND else "") + text[max(0, start - _AROUND) : start]
    left = len(text) - end - 2 * _AROUND
    after = text[end : end + 2 * _AROUND] + ("…" if left > 0 else "")
    return _spaced(before), _spaced(found.group()), _spaced(after)


def _spaced(text: str) -> str:
    """One line, with the blanks at its ends kept: they part it from the match."""
    kept = one_line(f"|{text}|", 4 * len(text) + 100)
    return kept[1:-1]
