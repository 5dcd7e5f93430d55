"""A provenance document in any of PROV's formats, by the ending of a file's name."""

from __future__ import annotations

import io
import json
import warnings
from pathlib import Path

from mlprov_widgets._files import write_new, write_over
from mlprov_widgets.errors import RecordError
from mlprov_widgets.provenance.document import document_of
from mlprov_widgets.provenance.files import read_container
from mlprov_widgets.provenance.vocabulary import PROV

# Ending to the format of `prov`, and what RDF is written as.
FORMATS: dict[str, tuple[str, str]] = {
    ".json": ("json", ""),
    ".provn": ("provn", ""),
    ".xml": ("xml", ""),
    ".ttl": ("rdf", "turtle"),
    ".trig": ("rdf", "trig"),
    ".nt": ("rdf", "nt11"),
    ".rdf": ("rdf", "xml"),
    ".jsonld": ("jsonld", ""),
}
_EXTRAS = {"xml": "xml", "rdf": "rdf", "jsonld": "rdf"}


def export(source: Path | str, target: Path | str, *, force: bool = False) -> Path:
    """Write a provenance document in another format of PROV.

    Parameters
    ----------
    source : Path or str
        A document in any format that is read here, of ours or anybody's.
    target : Path or str
        Its ending says the format: ``.json``, ``.provn``, ``.xml``, ``.ttl``, ``.trig``, ``.nt``,
        ``.rdf`` (RDF/XML) or ``.jsonld``.
    force : bool
        Write over a file that is there.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    RecordError
        If the ending is none of these, the source is no provenance document, the target is there
        already, or a library for its format is not installed.
    """
    path = Path(target)
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise RecordError(
            "suffix_unknown", file=path.name, suffix=path.suffix, formats=list(FORMATS)
        )
    data = serialize(read_container(source), *kind)
    try:
        (write_over if force else write_new)(path, data)
    except FileExistsError:
        raise RecordError("file_kept", file=path) from None
    return path


def serialize(container: dict[str, object], format: str, rdf: str = "") -> bytes:
    """A PROV-JSON container in a format of PROV, encoded as UTF-8.

    Parameters
    ----------
    container : dict
    format : str
        ``json``, ``provn``, ``xml``, ``rdf`` or ``jsonld``.
    rdf : str
        How RDF is written: ``turtle``, ``trig``, ``nt11`` or ``xml``.

    Raises
    ------
    RecordError
        If the library for it is not installed.
    """
    if format == "json":
        return json.dumps(container, ensure_ascii=False, indent=1).encode()
    document = document_of(container)
    stream = io.StringIO()
    options = {"rdf_format": rdf if rdf == "trig" else "turtle"} if rdf else {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            document.serialize(stream, format=format, **options)
    except ImportError as error:
        extra = _EXTRAS.get(format, format)
        raise RecordError(
            "format_library_missing",
            format=format,
            library=error.name,
            command=f"pip install 'prov[{extra}]'",
        ) from error
    if format == "rdf" and rdf != "trig":
        return _with_revisions(stream.getvalue(), rdf)
    return stream.getvalue().encode()


def _with_revisions(turtle: str, rdf: str) -> bytes:
    """A graph that says of revisions in one triple what `prov` says in a qualified one."""
    from rdflib import Graph, URIRef

    graph = Graph().parse(data=turtle, format="turtle")
    qualified, entity = URIRef(f"{PROV}qualifiedRevision"), URIRef(f"{PROV}entity")
    revision = URIRef(f"{PROV}wasRevisionOf")
    added = Graph()
    for later, _, how in graph.triples((None, qualified, None)):
        for earlier in graph.objects(how, entity):
            added.add((later, revision, earlier))
    if rdf == "turtle":
        # Not written anew: rdflib would round all numbers to six digits.
        lines = added.serialize(format="nt11")
        return f"{turtle.rstrip()}\n\n{lines.strip()}\n".encode()
    return (graph + added).serialize(format=rdf, encoding="utf-8")
