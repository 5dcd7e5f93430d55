"""PROV in other formats than PROV-JSON, read by the parsers of `prov`, rdflib and lxml.

Their time is not linear for every text, so a text that is not small is read in a process that can
be ended.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mlprov_widgets._apart import call_apart
from mlprov_widgets.errors import RecordError
from mlprov_widgets.provenance.document import container_of, document_of, first_line
from mlprov_widgets.provenance.literals import strict_json

if TYPE_CHECKING:
    from prov.model import ProvDocument

TITLES = {"jsonld": "PROV-JSONLD", "xml": "PROV-XML", "provn": "PROV-N", "rdf": "Turtle or TriG"}
# The slowest text known of this size takes a fifth of a second, the start of a process twice that.
SMALL = 20_000
# An ordinary document takes one to two seconds and 150 MB for each of its megabytes, at most five.
MOST_SECONDS = 30
MOST_MEGABYTES = 2_000

_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")


def parse(text: str, kind: str) -> ProvDocument:
    """Read a document.

    Parameters
    ----------
    text : str
    kind : str
        One of `TITLES`.

    Raises
    ------
    RecordError
        If it cannot be read, would take too long or too much memory, or has no provenance in it.
    """
    if len(text) > SMALL:
        return document_of(parse_to_container(text, kind))
    if _is_rdf(text, kind):
        return document_of(parse_here([text, kind]))
    with quiet():
        return _parse(text, kind)


def parse_to_container(text: str, kind: str) -> dict[str, Any]:
    """Read a document as a PROV-JSON container; as `parse` does."""
    if len(text) <= SMALL:
        return parse_here([text, kind])
    advice = "Write it as PROV-JSON, which is read faster, or take a part of it."
    given = {"format": TITLES[kind], "advice": advice}
    try:
        found: dict[str, Any] = call_apart(
            f"{__name__}:parse_here", [text, kind], MOST_SECONDS, MOST_MEGABYTES
        )
    except TimeoutError:
        raise RecordError("parsing_too_slow", seconds=MOST_SECONDS, **given) from None
    except MemoryError:
        raise RecordError("parsing_too_large", megabytes=MOST_MEGABYTES, **given) from None
    return found


def parse_here(request: list[str]) -> dict[str, Any]:
    """Read a text in this process, however long it takes."""
    text, kind = request
    with quiet():
        container = container_of(_parse(text, kind))
    if not _is_rdf(text, kind):
        return container
    from mlprov_widgets.provenance.rdf import in_order

    return in_order(container)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep to ourselves what the libraries remark on other people's files."""
    loggers = [logging.getLogger(name) for name in ("prov", "rdflib")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


def _parse(text: str, kind: str) -> ProvDocument:
    from prov.model import ProvDocument
    from prov.serializers import DoNotExist, get

    title = TITLES[kind]
    if kind == "xml":
        text = _safe_xml(text)
        if _is_rdf(text, kind):
            return _parse(_as_turtle(text), "rdf")
    elif kind == "jsonld":
        read_json(text)
    try:
        get(kind)
        if kind == "rdf":
            from mlprov_widgets.provenance.rdf import read_rdf

            document = read_rdf(text)
        else:
            document = ProvDocument.deserialize(content=text, format=kind)
    except DoNotExist as error:
        raise RecordError("format_not_readable", format=title, reason=first_line(error)) from None
    except (Exception, RecursionError) as error:
        # Each parser of `prov` has its own kinds of error, down to AssertionError and KeyError.
        if kind == "provn" and (whole := _with_markers(text)) != text:
            return _parse(whole, kind)
        if kind == "jsonld" and "w3id.org/ro/crate" in text:
            raise RecordError("ro_crate_is_no_prov") from error
        raise RecordError("format_invalid", format=title, reason=_reason(error)) from error
    if document is None or not any((document.get_records(), tuple(document.bundles))):
        raise RecordError("provenance_missing", format=title)
    return document


def _is_rdf(text: str, kind: str) -> bool:
    return kind == "rdf" or (kind == "xml" and "<rdf:RDF" in text[:2000])


def _reason(error: BaseException) -> str:
    """What a parser says in its first line, or in the second where the first says only where."""
    place, _, rest = str(error).strip().partition("\n")
    if not place.endswith(":") or not rest:
        return first_line(error).rstrip(" .:")
    said = re.sub(r"\s*\bat \^ in:?$", "", rest.partition("\n")[0][:300])
    return f"{place[:200].removesuffix(':').removesuffix(' of <>')}, {said}".rstrip(" .:")


# A text or a name in quotes, also one that does not end, lest it be tried again from each quote in
# it; or a relation of two ends that by the grammar has three or one.
_TWO_ENDS = re.compile(
    r'"(?:\\.|[^"\\])*+"?|<[^>\s]*+>?|'
    r"(\b(?:used|wasGeneratedBy|wasInvalidatedBy|wasAssociatedWith)\("
    r"(?:[^;,()\[\"]{1,400};)?[^;,()\[\"]{1,400},[^;,()\[\"]{1,400})(?=\)|,\s*\[)"
)


def _with_markers(text: str) -> str:
    """PROV-N in which relations that leave out their last end have the marker for it."""
    return _TWO_ENDS.sub(lambda found: f"{found[1]}, -" if found[1] else found[0], text)


def read_json(text: str) -> Any:
    """Parse JSON, strictly; RecordError where it is none."""
    try:
        return strict_json(text)
    except ValueError as error:
        raise RecordError("prov_json_invalid", reason=first_line(error)) from None


def _safe_xml(text: str) -> str:
    # Without its declaration the text is UTF-8, so nothing can hide in another encoding.
    declaration = _XML_DECLARATION.match(text)
    text = text[declaration.end() :] if declaration else text
    if re.search(r"<!\s*(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise RecordError("xml_entities_refused")
    return text


def _as_turtle(text: str) -> str:
    """RDF/XML as Turtle, which is what `prov` reads."""
    from rdflib import Graph

    try:
        return Graph().parse(data=text, format="xml").serialize(format="turtle")
    except Exception as error:
        raise RecordError("format_invalid", format="RDF/XML", reason=_reason(error)) from error
