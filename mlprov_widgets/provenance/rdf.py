"""PROV-O as Turtle or TriG, read so that the same bytes give the same document in every process.

The parser of `prov` goes through a graph in whatever order its sets have, which differs from
process to process: so do the prefixes that it makes up, the numbers of what has no name, and
whether a name can be read at all.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from prov.serializers.provrdf import ProvRDFSerializer
from rdflib import Dataset, URIRef

if TYPE_CHECKING:
    from prov.model import ProvDocument

_UNNAMED = "_:"


def read_rdf(text: str) -> ProvDocument:
    """The document that a text in Turtle or TriG holds.

    Raises
    ------
    Exception
        Of many kinds, where it is none.
    """
    return _Reader().deserialize(io.StringIO(text))


class _Reader(ProvRDFSerializer):
    def decode_document(  # type: ignore[override]
        self, content: Dataset, document: ProvDocument, **mappers: Any
    ) -> None:
        """Give every name a prefix before the first one is read."""
        known = {str(uri) for _, uri in content.namespaces()}
        names = {name for name in _names(content) if not _is_covered(name, known)}
        for number, start in enumerate(sorted({_start_of(name) for name in names} - {""}), 1):
            content.bind(f"ns{number}", start, override=False)
        super().decode_document(content, document, **mappers)


def _names(content: Dataset) -> Iterator[str]:
    for subject, predicate, value, _ in content.quads((None, None, None, None)):
        for term in (subject, predicate, value, getattr(value, "datatype", None)):
            if isinstance(term, URIRef):
                yield str(term)


def _is_covered(name: str, known: set[str]) -> bool:
    start = name
    while start := _start_of(start):
        if start in known:
            return True
    return False


def _start_of(name: str) -> str:
    """What stands before the last part of a name; a name may end in the sign that parts it."""
    return name[: max(name.rfind("#", 0, -1), name.rfind("/", 0, -1)) + 1]


def in_order(container: dict[str, Any]) -> dict[str, Any]:
    """A PROV-JSON container in which everything stands in the order of what it is.

    Parameters
    ----------
    container : dict
        As `container_of` gives it.
    """
    ordered: dict[str, Any] = {}
    for kind, part in sorted(container.items()):
        if kind == "bundle":
            ordered[kind] = {name: in_order(inner) for name, inner in sorted(part.items())}
        elif kind == "prefix":
            ordered[kind] = dict(sorted(part.items()))
        else:
            ordered[kind] = _numbered(part)
    return ordered


def _numbered(part: dict[str, Any]) -> dict[str, Any]:
    """Records by their names, then those without one, by what they say."""
    named: dict[str, list[dict[str, Any]]] = {}
    unnamed: list[dict[str, Any]] = []
    for name, records in part.items():
        for record in records if isinstance(records, list) else [records]:
            sorted_record = {key: _sorted(value) for key, value in sorted(record.items())}
            if name.startswith(_UNNAMED):
                unnamed.append(sorted_record)
            else:
                named.setdefault(name, []).append(sorted_record)
    ordered: dict[str, Any] = {}
    for name, records in sorted(named.items()):
        ordered[name] = records[0] if len(records) == 1 else sorted(records, key=json.dumps)
    for number, record in enumerate(sorted(unnamed, key=json.dumps), 1):
        ordered[f"{_UNNAMED}id{number}"] = record
    return ordered


def _sorted(value: Any) -> Any:
    return sorted(value, key=json.dumps) if isinstance(value, list) else value
