"""Provenance files: written in one piece, read with suspicion."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlprov_widgets._files import decode_text, naming, read_bytes, reason, write_over
from mlprov_widgets.errors import RecordError
from mlprov_widgets.messages import shortened
from mlprov_widgets.provenance import schema
from mlprov_widgets.provenance.consistency import contradictions
from mlprov_widgets.provenance.document import container_of, document_of, first_line
from mlprov_widgets.provenance.legacy import is_legacy
from mlprov_widgets.provenance.literals import lenient_json, strict_json
from mlprov_widgets.provenance.parsing import TITLES, parse, parse_to_container, quiet, read_json
from mlprov_widgets.provenance.prov_json import to_prov_json
from mlprov_widgets.provenance.reading import from_prov_json, is_sweep
from mlprov_widgets.record import Record

if TYPE_CHECKING:
    from prov.model import ProvDocument

# A run with a thousand executed cells takes about 3 MB.
MAX_JSON_BYTES = 50_000_000
# The parsers for the other formats take one to two seconds a megabyte.
MAX_OTHER_BYTES = 5_000_000

_MARKUP = re.compile(r"<([?!]|[A-Za-z_][\w.\-]*(:[A-Za-z_][\w.\-]*)?[\s/>])")
_RDF_START = re.compile(
    r"\s*(@prefix|@base|prefix|base|<[^>\s]*>|_:|[\w\-]*:|\{|GRAPH\b)", re.IGNORECASE
)
# What a script in Python begins with too.
_RDF_COMMENTS = re.compile(r"(\s*#[^\n]*)*+")
_PROVN_START = re.compile(r"\s*(document\b|//|/\*)")
# What a PROV-JSON container may have.
_SECTIONS = {"prefix", "bundle", *schema.ELEMENTS, *schema.ARROWS, *schema.MISSPELT}


def write_record(record: Record, path: Path | str) -> Path:
    """Write a record as PROV-JSON; the file is there whole or not at all.

    Parameters
    ----------
    record : Record
        What a run left behind, whether it came to its end or not.
    path : Path or str
        The file; one that is there already is replaced.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    RecordError
        If a value of the record is nothing that JSON can say, or the file cannot be written.
    """
    path = Path(path)
    try:
        write_over(path, record_bytes(record))
    except OSError as error:
        raise RecordError("file_not_writable", file=path, reason=reason(error)) from error
    return path


def record_bytes(record: Record) -> bytes:
    """A record as the content of its file.

    Raises
    ------
    RecordError
        If a value of the record is nothing that JSON can say.
    """
    encode = json.JSONEncoder(allow_nan=False).encode
    # A line for each element and each relation: a diff shows what has changed, and the encoder
    # that indents is many times slower.
    sections = [
        (name, ",\n".join(f"  {encode(key)}: {encode(item)}" for key, item in section.items()))
        for name, section in to_prov_json(record).items()
    ]
    text = ",\n".join(f" {encode(name)}: {{\n{lines}\n }}" for name, lines in sections)
    return f"{{\n{text}\n}}\n".encode("ascii")


def read_record(source: Path | str | dict[str, Any] | ProvDocument) -> Record:
    """Read the record of a run of ours.

    Parameters
    ----------
    source : Path, str, dict or prov.model.ProvDocument
        A file in any format of PROV, its text, a PROV-JSON container or a `prov` document.

    Raises
    ------
    RecordError
        If there is no such file, it is damaged, or it is not a record of ours; says what and where.
    """
    with naming(_path(source)):
        return from_prov_json(read_container(source))


def read_document(source: Path | str | dict[str, Any] | ProvDocument) -> ProvDocument:
    """Read any PROV document, also one that another tool wrote.

    Parameters
    ----------
    source : Path, str, dict or prov.model.ProvDocument
        A file or text in PROV-JSON, PROV-JSONLD, PROV-N, PROV-XML, Turtle or TriG, recognised by
        its content; or a PROV-JSON container; or a document, which is given back.

    Raises
    ------
    RecordError
        If it cannot be read, in a sentence that says why.
    """
    if _is_document(source):
        return source  # type: ignore[return-value]
    if isinstance(source, dict):
        return document_of(source)
    text = _text(source)  # type: ignore[arg-type]
    kind = recognise(text)
    with naming(_path(source)):
        if kind == "json":
            with quiet():
                return document_of(_json(text))
        return parse(_of_size(text, kind), kind)


def read_container(source: Path | str | dict[str, Any] | ProvDocument) -> dict[str, Any]:
    """Read any PROV document as a PROV-JSON container; PROV-JSON is read without `prov`.

    Raises
    ------
    RecordError
        If it cannot be read, in a sentence that says why.
    """
    return _container(source, _json_of_any_age)


def _container(source: Any, read_json: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    if isinstance(source, dict):
        return source
    if not _is_document(source):
        text = _text(source)
        kind = recognise(text)
        if kind == "json":
            return read_json(text)
        with naming(_path(source)):
            return parse_to_container(_of_size(text, kind), kind)
    return container_of(source)


def read_shown(source: Path | str | dict[str, Any] | ProvDocument) -> tuple[dict[str, Any], str]:
    """Read any PROV document to look at it, overlooking what can be overlooked.

    Returns
    -------
    dict
        PROV-JSON container.
    str
        What is wrong with the source although it could be read; else empty.

    Raises
    ------
    RecordError
        If it cannot be read, or there is nothing of PROV in it.
    """
    with naming(_path(source)):
        return _shown(source)


def _shown(source: Any) -> tuple[dict[str, Any], str]:
    remark = ""
    if isinstance(source, dict):
        container = _of_python(source)
    elif _is_document(source):
        container = container_of(source)
    elif (kind := recognise(text := _text(source))) != "json":
        container = parse_to_container(_of_size(text, kind), kind)
    else:
        try:
            container = _json(text)
        except RecordError as error:
            try:
                container = _sections_joined(lenient_json(text))
            except ValueError:
                raise error from None
            remark = str(error)
    if container and not container.keys() & _SECTIONS:
        if "cells" in container and "nbformat" in container:
            raise RecordError("notebook_has_no_provenance")
        raise RecordError("prov_sections_missing", names=list(container)[:5])
    return container, remark


def _of_python(source: dict[Any, Any]) -> dict[str, Any]:
    """What JSON makes of a dict, which may hold anything, and itself too."""
    try:
        container: dict[str, Any] = json.loads(json.dumps(source, default=str, skipkeys=True))
    except (ValueError, RecursionError) as error:
        # One that is deep and one that is without end are told by different errors.
        why = "it is nested too deeply" if isinstance(error, RecursionError) else first_line(error)
        raise RecordError("dict_invalid", reason=why) from None
    if "@graph" in container or "@context" in container:
        return parse_to_container(_of_size(json.dumps(container), "jsonld"), "jsonld")
    return container


def _sections_joined(container: Any) -> dict[str, Any]:
    """A section that was there several times, as one."""
    if not isinstance(container, dict):
        raise ValueError("it is not a JSON object")
    for name, section in container.items():
        if isinstance(section, list) and all(isinstance(part, dict) for part in section):
            joined: dict[str, list[Any]] = {}
            for part in section:
                for key, value in part.items():
                    joined.setdefault(key, []).extend(value if isinstance(value, list) else [value])
            container[name] = {k: v[0] if len(v) == 1 else v for k, v in joined.items()}
    return container


def validate(path: Path | str | dict[str, Any] | ProvDocument) -> list[str]:
    """Check a provenance file: the shape of PROV-JSON, that of our records, and its truth.

    Of the truth what can be checked: makers are there and ran, times are in order, nothing has an
    influence on what did not use it, and parts of the data share no rows unless that is said.

    Parameters
    ----------
    path : Path, str, dict or prov.model.ProvDocument
        As `read_record` takes it.

    Returns
    -------
    list of str
        One sentence a problem; empty where the file is in order.
    """
    found: list[str] = []
    try:
        container = _container(path, _json)
        found += schema.problems(container)
        if not found:
            found += schema.dangling(container)
            if not is_sweep(container):
                found += contradictions(from_prov_json(container), container)
    except RecordError as error:
        found.append(str(error))
    return [shortened(problem) for problem in found]


def recognise(text: str) -> str:
    """Tell which format of PROV a text is in.

    Returns
    -------
    str
        ``json``, ``jsonld``, ``xml``, ``provn`` or ``rdf`` (Turtle and TriG).

    Raises
    ------
    RecordError
        If it is in none of them.
    """
    start = text.lstrip()[:2000]
    if not start:
        raise RecordError("document_empty")
    if start[0] in "{[":
        if re.search(r'"@(context|graph)"\s*:', text.lstrip()[:5000]):
            return "jsonld"
        # A graph in TriG may start with a brace too, but never goes on like a JSON object.
        if re.match(r"\{\s*[\"}]", start) or start[0] == "[":
            return "json"
    if _MARKUP.match(start):
        return "xml"
    if _PROVN_START.match(start):
        return "provn"
    comments = _RDF_COMMENTS.match(text)
    after = comments.end() if comments else 0
    if _RDF_START.match(text[after : after + 2000]):
        return "rdf"
    raise RecordError("format_unknown")


def _is_document(source: object) -> bool:
    """Whether it is a document or a bundle of `prov`, which need not have been imported."""
    return any(
        base.__name__ == "ProvBundle" and base.__module__.startswith("prov.model")
        for base in type(source).__mro__
    )


def _path(source: object) -> Path | None:
    """The path that a source is; None where it is text or a document."""
    if isinstance(source, os.PathLike):
        return Path(os.fsdecode(source))
    if isinstance(source, str):
        short = len(source) < 4096 and "\n" not in source and "\0" not in source
        if short and source.strip() and not re.match(r"\s*[{\[<@]|\s*document\b", source):
            return Path(source)
    return None


def _text(source: Path | str) -> str:
    path = _path(source)
    if path is None:
        if not isinstance(source, str):
            raise RecordError("source_type_not_allowed", type=type(source).__name__)
        size = len(source)
        if size > MAX_JSON_BYTES:
            raise RecordError("document_too_large", what="The text", size=size, most=MAX_JSON_BYTES)
        return source.removeprefix("\ufeff")
    try:
        return decode_text(read_bytes(path, MAX_JSON_BYTES))
    except UnicodeDecodeError as error:
        raise RecordError("record_not_utf8", file=path, byte=error.start) from None
    except IsADirectoryError:
        raise RecordError("record_path_is_folder", file=path) from None
    except FileNotFoundError:
        raise RecordError("file_missing", file=path) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or first_line(error)
        raise RecordError("file_not_readable", file=path, reason=why) from error


def _of_size(text: str, kind: str) -> str:
    if len(text) > MAX_OTHER_BYTES:
        what = f"This {TITLES[kind]} document"
        raise RecordError("document_too_large", what=what, size=len(text), most=MAX_OTHER_BYTES)
    return text


def _json(text: str) -> dict[str, Any]:
    container = read_json(text)
    if not isinstance(container, dict):
        raise RecordError("prov_json_no_object")
    return container


def _json_of_any_age(text: str) -> dict[str, Any]:
    try:
        return _json(text)
    except RecordError:
        # MLProvCodeGen wrote a loss that had no value as bare NaN, as `prov` 2 did.
        with suppress(ValueError):
            container: dict[str, Any] = strict_json(text, allow_nan=True)
            if is_legacy(container):
                return container
        raise
