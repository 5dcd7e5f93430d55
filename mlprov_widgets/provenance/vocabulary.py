"""Namespaces, terms and names of our PROV documents; every IRI is written here and nowhere else."""

from __future__ import annotations

import re
import uuid
from urllib.parse import quote

from mlprov_widgets._files import asset_table

MLPROV = "https://w3id.org/mlprov-widgets#"
PROV = "http://www.w3.org/ns/prov#"
XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
ORCID = "https://orcid.org/"

# PROV readers know `prov` and `xsd` without a declaration, so these are not written.
IMPLICIT = {"prov": PROV, "xsd": XSD}
NAMESPACES = {
    "rdf": RDF,
    "schema": "http://schema.org/",
    "dct": "http://purl.org/dc/terms/",
    "mls": "http://www.w3.org/ns/mls#",
    "p-plan": "http://purl.org/net/p-plan#",
    "fair4ml": "https://w3id.org/fair4ml#",
    "mlprov": MLPROV,
}
# Prefix of what one run is made of; its IRI carries the run's id, so that two runs never share one.
RUN = "run"

JSON_DATATYPE = "rdf:JSON"

_DECLARED = asset_table("provenance/vocabulary.toml")
STRUCTURE = frozenset(_DECLARED["structure"])
FIELD_TERMS: dict[str, dict[str, str]] = _DECLARED["field_terms"]

# An underscore is escaped where what follows would otherwise read as an escape.
_UNSAFE = re.compile(r"[^A-Za-z0-9_.\-]|^[0-9.\-]|\.\Z|_(?=x(?:[0-9A-Fa-f]{4,6})?(?![0-9A-Za-z]))")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4,6})_")
_EMPTY = "_x_"
_ORCID_ID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")


def _escape(match: re.Match[str]) -> str:
    return f"_x{ord(match.group()):04X}_"


def local_name(text: str) -> str:
    """Make a local name that PROV-N, PROV-XML and RDF can all write.

    Letters, digits, ``_``, ``-`` and ``.`` of ASCII stay; any other character becomes
    ``_xHHHH_``, the escape of ISO 9075-14 (SQL/XML), so that `original_name` gets the text back.

    Parameters
    ----------
    text : str
        Any text, also an empty one.

    Returns
    -------
    str
        An XML ``NCName`` in ASCII without a full stop at its end.
    """
    return _UNSAFE.sub(_escape, text) or _EMPTY


def original_name(local: str) -> str:
    """Undo `local_name`.

    Raises
    ------
    ValueError
        If an escape names no character.
    """
    if local == _EMPTY:
        return ""
    return _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), local)


def field_term(group: str, name: str) -> str:
    """Qualified name of the attribute under which a field of a record is written."""
    if standard := FIELD_TERMS.get(group, {}).get(name):
        return standard
    local = local_name(name)
    if local in STRUCTURE:
        local = f"_x{ord(local[0]):04X}_{local[1:]}"
    return f"mlprov:{local}"


def field_name(group: str, iri: str) -> str | None:
    """Undo `field_term` for a full IRI; None where the IRI is no field of a record.

    Raises
    ------
    ValueError
        If the name is escaped wrongly.
    """
    for name, term in FIELD_TERMS.get(group, {}).items():
        if full_iri(term) == iri:
            return name
    local = iri.removeprefix(MLPROV)
    return None if local == iri or local in STRUCTURE else original_name(local)


def full_iri(name: str) -> str:
    """IRI of a qualified name whose prefix is one of ours."""
    prefix, _, local = name.partition(":")
    return (IMPLICIT.get(prefix) or NAMESPACES[prefix]) + local


def run_iri(run_id: str) -> str:
    """Namespace IRI of what the run with this id is made of."""
    try:
        if str(uuid.UUID(run_id)) == run_id:
            return f"urn:uuid:{run_id}#"
    except ValueError:
        pass
    return f"urn:mlprov-widgets:run:{quote(run_id, safe='', errors='surrogatepass')}#"


def orcid_id(text: str) -> str | None:
    """The sixteen digits of an ORCID written as such or as its IRI; None where there are none."""
    match = _ORCID_ID.fullmatch(text.strip().removeprefix(ORCID))
    return match.group() if match else None
