"""Documents made to keep a parser busy, or the memory full, end in one sentence."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from prov.model import ProvDocument

from mlprov_widgets import view
from mlprov_widgets.errors import RecordError
from mlprov_widgets.provenance import parsing, read_document, read_record, validate
from tests.cli.commands import mlprov

TURTLE = "@prefix ex: <http://e.org/> . @prefix prov: <http://www.w3.org/ns/prov#> .\n"
PROVN = "document\nprefix ex <http://e.org/>\n"


def endless(kind: str, size: int = 20_000) -> str:
    """A text of about a megabyte for which a parser of others takes minutes."""
    numbers = range(size)
    if kind == "named graphs":
        return TURTLE + "".join(f"ex:g{n} {{ ex:a{n} a prov:Entity . }}\n" for n in numbers)
    if kind == "namespaces":
        return TURTLE + "".join(f"<http://e{n}.org/a> a prov:Entity .\n" for n in numbers)
    if kind == "prefixes in PROV-N":
        lines = "".join(f"prefix p{n} <http://e.org/{n}>\n" for n in range(2 * size))
        return f"document\n{lines}entity(p1:a)\nendDocument"
    if kind == "prefixes in PROV-XML":
        names = " ".join(f'xmlns:e{n}="http://e{n}.org/"' for n in numbers)
        return (
            f'<prov:document xmlns:prov="http://www.w3.org/ns/prov#" {names}>'
            + '<prov:entity prov:id="e1:a"/>' * size
            + "</prov:document>"
        )
    contexts = ",".join(f'{{"e{n}":"http://e{n}.org/"}}' for n in range(2 * size))
    return f'{{"@context":[{contexts}],"@graph":[{{"@type":"Entity","@id":"e1:a"}}]}}'


def ordinary(number: int) -> ProvDocument:
    document = ProvDocument()
    document.add_namespace("ex", "http://e.org/")
    run = document.activity("ex:run")
    for n in range(number):
        made = document.entity(f"ex:e{n}", {"ex:size": n, "ex:name": f"the {n}th"})
        document.wasGeneratedBy(made, run)
    return document


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    before = set(psutil.Process().children())
    yield
    assert set(psutil.Process().children()) <= before


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "MOST_SECONDS", 0.5)


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("named graphs", "Turtle or TriG"),
        ("namespaces", "Turtle or TriG"),
        ("prefixes in PROV-N", "PROV-N"),
        ("prefixes in PROV-XML", "PROV-XML"),
        ("contexts in PROV-JSONLD", "PROV-JSONLD"),
    ],
)
def test_a_parser_that_takes_too_long_is_ended(kind: str, title: str, tmp_path: Path) -> None:
    file = tmp_path / "theirs.prov"
    file.write_text(endless(kind))
    with pytest.raises(RecordError) as caught:
        read_document(file)
    assert str(caught.value) == (
        f"theirs.prov: It takes more than 0.5 seconds to read as {title}. Write it as PROV-JSON, "
        "which is read faster, or take a part of it."
    )


@pytest.mark.usefixtures("soon")
def test_every_door_says_so(tmp_path: Path) -> None:
    file = tmp_path / "theirs.ttl"
    file.write_text(endless("named graphs"))
    words = "takes more than 0.5 seconds to read"
    with pytest.raises(RecordError, match=words):
        read_record(file)
    with pytest.raises(RecordError, match=words):
        view(file)
    assert [words in problem for problem in validate(file)] == [True]
    result = mlprov("validate", file)
    assert result.exit_code != 0
    assert words in result.output
    assert "Traceback" not in result.output


def test_a_parser_that_takes_too_much_memory_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "MOST_MEGABYTES", 40)
    text = ordinary(3_000).serialize(format="provn")
    with pytest.raises(RecordError, match="takes more than 40 MB of memory to read as PROV-N"):
        read_document(text)


@pytest.mark.parametrize("format", ["provn", "xml", "rdf", "jsonld"])
def test_a_document_that_is_not_small_is_read_as_it_is(format: str) -> None:
    document = ordinary(300)
    text = document.serialize(format=format)
    assert len(text) > parsing.SMALL
    assert read_document(text) == document


def test_it_is_read_in_any_thread() -> None:
    document = ordinary(300)
    found: list[object] = []
    text = document.serialize(format="provn")
    thread = threading.Thread(target=lambda: found.append(read_document(text)))
    thread.start()
    thread.join()
    assert found == [document]


def test_nothing_in_the_working_folder_takes_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("json", "prov", "psutil", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text("open('was here', 'w')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    document = ordinary(300)
    assert read_document(document.serialize(format="provn")) == document
    assert not (tmp_path / "was here").exists()


def test_a_process_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(RecordError, match="a process of its own, which cannot be started: No such"):
        read_document(ordinary(300).serialize(format="provn"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{PROVN}used({','.join(['ex:a'] * 100_000)})\nendDocument", "got 100000"),
        (f"{PROVN}entity({'<' * 2_000_000}", "unterminated IRI"),
        (f'{PROVN}entity(ex:a, [ex:b="' + '\\"' * 1_000_000, "unterminated string"),
        (f"{PROVN}{'used(' * 30_000}", "line 3"),
        (f"{PROVN}{'/*' * 1_000_000}", "line 3"),
    ],
    ids=["arguments", "brackets", "quotes", "openings", "comments"],
)
def test_a_long_text_is_refused_for_what_is_wrong_with_it(text: str, words: str) -> None:
    """Not for the time it takes, because that is linear."""
    with pytest.raises(RecordError, match=words):
        read_document(text)


@pytest.mark.parametrize("scope", ["document", "bundle"])
def test_prefixes_without_number_are_refused(scope: str) -> None:
    prefixes = {f"p{n}": f"http://e.org/{n}" for n in range(50_000)}
    content = {"prefix": prefixes, "entity": {f"{name}:a": {} for name in prefixes}}
    text = json.dumps({"bundle": {"p1:b": content}} if scope == "bundle" else content)
    with pytest.raises(RecordError, match="declares 50,000 prefixes; at most 1,000 are read"):
        read_document(text)
