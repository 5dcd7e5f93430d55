"""Records and `prov` documents: what makes every format of PROV available."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import RecordError
from mlprov_widgets.provenance.prov_json import to_prov_json
from mlprov_widgets.provenance.reading import from_prov_json
from mlprov_widgets.record import Record

if TYPE_CHECKING:
    from prov.model import ProvDocument

# `prov` compares each prefix with all others.
MOST_PREFIXES = 1_000


def to_prov(record: Record) -> ProvDocument:
    """Describe a record as a document of the `prov` library.

    Parameters
    ----------
    record : Record
        What a run left behind.

    Returns
    -------
    prov.model.ProvDocument
        Can be written as PROV-JSON, PROV-N, PROV-XML, PROV-O (Turtle, TriG) and PROV-JSONLD; each
        of them gives an equal record back.

    Raises
    ------
    RecordError
        If a value of the record is nothing that JSON can say.
    """
    return document_of(to_prov_json(record))


def document_of(container: dict[str, Any]) -> ProvDocument:
    """Build a `prov` document from a PROV-JSON container.

    Raises
    ------
    RecordError
        If `prov` does not accept it, or it declares too many prefixes.
    """
    _check_prefixes(container)
    # Not `prov`'s registry of formats, which would import rdflib and lxml too.
    from prov import Error
    from prov.model import ProvDocument
    from prov.serializers.provjson import decode_json_document

    document = ProvDocument()
    try:
        decode_json_document(container, document)
    except (Error, AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise RecordError("prov_invalid", reason=first_line(error)) from error
    return document


def _check_prefixes(container: dict[str, Any]) -> None:
    bundles = container.get("bundle")
    scopes = [container, *(bundles.values() if isinstance(bundles, dict) else ())]
    for scope in scopes:
        prefixes = scope.get("prefix") if isinstance(scope, dict) else None
        if isinstance(prefixes, dict) and len(prefixes) > MOST_PREFIXES:
            raise RecordError("prefixes_too_many", count=len(prefixes), most=MOST_PREFIXES)


def container_of(document: ProvDocument) -> dict[str, Any]:
    """Give the PROV-JSON container of a `prov` document."""
    from prov.model import Literal, ProvDocument
    from prov.serializers.provjson import encode_json_document

    if not document.is_document():
        # A bundle on its own, with the prefixes of the document that it is in.
        alone = ProvDocument()
        alone.update(document)
        document = alone
    # Through text, because `prov` gives a container with its own kinds of dict and str.
    container: dict[str, Any] = json.loads(json.dumps(encode_json_document(document)))
    # `prov` reads PROV-XML without declaring the prefixes that only datatypes have.
    prefixes = container.setdefault("prefix", {})
    for record in document.get_records():
        for _, value in record.attributes:
            if isinstance(value, Literal) and value.datatype is not None:
                namespace = value.datatype.namespace
                prefixes.setdefault(namespace.prefix, namespace.uri)
    return container


def from_prov(document: ProvDocument) -> Record:
    """Read the record that a `prov` document describes.

    Parameters
    ----------
    document : prov.model.ProvDocument
        Made by `to_prov`, or read from any format that such a document was written in.

    Raises
    ------
    RecordError
        If the document is not a record of ours, or anything in it is not what belongs there.
    """
    return from_prov_json(container_of(document))


def first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return text[0][:300] if text else type(error).__name__
