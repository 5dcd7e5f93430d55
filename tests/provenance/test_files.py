"""Provenance files are written whole and read with suspicion."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from pathlib import Path

import prov.tests
import pytest

from mlprov_widgets.errors import MlprovError, RecordError
from mlprov_widgets.provenance import (
    files,
    read_document,
    read_record,
    to_prov,
    validate,
    write_record,
)
from mlprov_widgets.provenance.prov_json import to_prov_json
from mlprov_widgets.record import Record
from tests.provenance.sample import sample

PROV_TESTS = Path(prov.tests.__file__).parent
EXECUTION = "run:execution.5.1"
LONG_NUMBER = {"$": "1" * 10**6 + "x", "type": "xsd:double"}
GOOD = json.loads(json.dumps(to_prov_json(sample(packages=3))))


def changed(*path: str, to: object) -> dict:
    """The sample's container with one thing replaced, or removed where `to` is `...`."""
    container = copy.deepcopy(GOOD)
    place = container
    for key in path[:-1]:
        place = place[key]
    if to is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return container


def refusal(source: object) -> str:
    with pytest.raises(RecordError) as caught:
        read_record(source)  # type: ignore[arg-type]
    sentence = str(caught.value)
    assert 15 < len(sentence) < 600
    assert "Traceback" not in sentence
    return sentence


def test_written_file_is_read_back_and_valid(tmp_path):
    file = write_record(sample(), tmp_path / "iris.prov.json")
    assert read_record(file) == sample()
    assert read_record(str(file)) == sample()
    assert validate(file) == []
    assert [one.name for one in tmp_path.iterdir()] == ["iris.prov.json"]


def test_other_readers_get_the_run_from_the_file(tmp_path):
    file = write_record(sample(), tmp_path / "iris.prov.json")
    assert read_document(file) == to_prov(sample())


def test_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    file = write_record(sample(), tmp_path / "iris.prov.json")
    with pytest.raises(RecordError, match=r"values\.a"):
        write_record(Record("x", values={"a": object()}), file)
    assert read_record(file) == sample()
    assert [one.name for one in tmp_path.iterdir()] == ["iris.prov.json"]


def test_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RecordError, match="cannot be written"):
        write_record(sample(), tmp_path / "nowhere" / "iris.prov.json")


def test_permissions_are_those_of_any_new_file(tmp_path):
    file = write_record(sample(), tmp_path / "iris.prov.json")
    (tmp_path / "other").write_text("")
    assert file.stat().st_mode == (tmp_path / "other").stat().st_mode


def test_writing_and_reading_import_no_large_library(tmp_path):
    code = (
        "import sys\n"
        "from mlprov_widgets.provenance import read_record, write_record\n"
        "from mlprov_widgets.record import Record\n"
        f"read_record(write_record(Record('x'), {str(tmp_path / 'x.json')!r}))\n"
        "heavy = {'prov', 'lxml', 'rdflib', 'jsonschema', 'torch', 'pandas', 'numpy', 'sklearn'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (0, "")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"\xff\xfe\xfd", "UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0", "UTF-8"),
        (b"hello there", "no format of PROV"),
        (b'{"entity": ', "not valid JSON"),
        (b'{"entity": NaN}', "NaN"),
        (b'{"entity": {}, "entity": {}}', "twice"),
        (b"[1, 2]", "not a JSON object"),
        (b'{"entity": [1]}', "entity"),
        (b'{"prefix": 3}', "prefix"),
        (b"{}", "not a record"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"entity": {"a": {"x": ' + b"1" * 5000 + b"}}}", "JSON"),
        (b"document\nentity(\nendDocument", "PROV-N"),
        (b"<prov:document xmlns:prov='http://www.w3.org/ns/prov#'><a>", "PROV-XML"),
        (b"<html><body>no</body></html>", "PROV-XML"),
        (b"@prefix a: <b> . a:x a:y", "Turtle"),
        (b'{"@context": 3, "@graph": [5]}', "PROV-JSONLD"),
        (b'{"nbformat": 4, "cells": []}', "not a record"),
    ],
)
def test_damaged_files_are_refused_in_a_sentence(tmp_path, content, word):
    file = tmp_path / "run.prov.json"
    file.write_bytes(content)
    sentence = refusal(file)
    assert word in sentence
    assert "run.prov.json" in sentence


@pytest.mark.parametrize(
    ("container", "word"),
    [
        (changed("activity", "run:run", "mlprov:status", to="perfect"), "run:run, mlprov:status"),
        (changed("activity", "run:run", "mlprov:status", to=...), "run:run, mlprov:status"),
        (changed("activity", "run:run", "prov:startTime", to="noon"), "date"),
        (changed("activity", "run:run", "prov:startTime", to={"$": 1}), "date"),
        (changed("activity", "run:run", to=[]), "run:run"),
        (changed("activity", "run:run", to=...), "no run of ours"),
        (changed("entity", "run:experiment", to=...), "no experiment of ours"),
        (changed("entity", "run:experiment", "mlprov:format", to=True), "mlprov:format"),
        (changed("entity", "run:experiment", "dct:identifier", to=7), "dct:identifier"),
        (changed("entity", "run:cell.3", "mlprov:kind", to="shell"), "run:cell.3, mlprov:kind"),
        (changed("entity", "run:cell.3", "mlprov:cell_id", to=["a", "b"]), "several values"),
        (changed("entity", "run:cell.3", "mlprov:generated", to=3), "mlprov:generated"),
        (changed("entity", "run:cell.3", "mlprov:order", to="1"), "mlprov:order"),
        (
            changed("entity", "run:cell.3", "mlprov:order", to={"$": "4", "type": "xsd:int"}),
            "another element",
        ),
        (
            changed("entity", "run:cell.3", "mlprov:order", to={"$": "x", "type": "xsd:int"}),
            "whole number",
        ),
        (
            changed("entity", "run:cell.3", "mlprov:order", to={"$": "1", "type": "evil:int"}),
            "prefix",
        ),
        (
            changed("activity", EXECUTION, "mlprov:reads", to={"$": "[1", "type": "rdf:JSON"}),
            "run:execution.5.1, mlprov:reads",
        ),
        (
            changed("activity", EXECUTION, "mlprov:reads", to={"$": "[1]", "type": "rdf:JSON"}),
            "text belongs",
        ),
        (
            changed(
                "entity",
                "run:values",
                "mlprov:epochs",
                to={"$": "[" * 5000 + "]" * 5000, "type": "rdf:JSON"},
            ),
            "nested too deeply",
        ),
        (
            changed("entity", "run:values", "mlprov:epochs", to={"$": "1e5", "type": "xsd:int"}),
            "whole number",
        ),
        (changed("entity", "run:values", "mlprov:epochs", to={"$": [1]}), "PROV-JSON literal"),
        (changed("entity", "run:values", "mlprov:epochs", to=None), "PROV-JSON literal"),
        (changed("entity", "run:values", "mlprov:_xFFFFFF_", to="x"), "escape"),
        (
            changed("entity", "run:values", "mlprov:x", to={"$": "run:run", "type": "xsd:QName"}),
            "not a value",
        ),
        (
            changed("activity", "run:execution.5.1", "p-plan:correspondsToStep", to="run:cell.5"),
            "no such cell",
        ),
        (
            changed(
                "activity",
                "run:execution.5.1",
                "p-plan:correspondsToStep",
                to={"$": "run:values", "type": "xsd:QName"},
            ),
            "no cell",
        ),
        (changed("wasGeneratedBy", to={}), "missing"),
        (changed("wasGeneratedBy", to=3), "wasGeneratedBy"),
        (changed("prefix", "mlprov", to=...), "not declared"),
        (changed("prefix", "mlprov", to="http://example.org/"), "not a record"),
        (changed("entity", "run:pack", "mlprov:sha256", to=1), "run:pack"),
        (
            changed("entity", "run:second", to=copy.deepcopy(GOOD["entity"]["run:experiment"])),
            "where one belongs",
        ),
    ],
)
def test_records_with_one_wrong_thing_say_what_and_where(container, word):
    assert word in refusal(container)
    assert validate(container) != []


def test_newer_format_asks_for_an_update():
    newer = changed("entity", "run:experiment", "mlprov:format", to={"$": "3", "type": "xsd:int"})
    assert "Update mlprov-widgets" in refusal(newer)


def test_validate_names_shape_and_loose_ends():
    assert any("wasUsedBy" in one for one in validate(changed("wasUsedBy", to={})))
    relation = {"prov:entity": "run:ghost", "prov:activity": "run:run"}
    assert any("run:ghost" in one for one in validate(changed("used", "_:u", to=relation)))
    assert validate("missing.prov.json") == ["There is no file missing.prov.json."]


@pytest.mark.parametrize(
    "bomb",
    [
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]>'
        '<prov:document xmlns:prov="http://www.w3.org/ns/prov#">&y;</prov:document>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><prov:document/>',
        '<prov:document xmlns:prov="http://www.w3.org/ns/prov#"><!doctype x></prov:document>',
        '<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<prov:document/>',
    ],
)
def test_xml_cannot_bring_entities(bomb):
    refusal(bomb)


def test_external_files_are_never_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    text = to_prov(sample()).serialize(format="xml")
    start = text.index("<prov:document")
    evil = f'<!DOCTYPE d [<!ENTITY s SYSTEM "{secret.as_uri()}">]>' + text[start:].replace(
        "Ada Lovelace", "&s;"
    )
    assert "document type" in refusal(evil)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes on this system")
def test_folders_devices_and_pipes_are_refused(tmp_path):
    assert "folder" in refusal(tmp_path)
    assert "not a file" in refusal(Path("/dev/zero"))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(
            changed(
                "entity",
                "run:values",
                "mlprov:x",
                to={"$": "1" * 10**6 + "x", "type": "xsd:double"},
            )
        ),
        '{"a": {' + ",".join(f'"{n}": 1' for n in range(200_000)) + ', "199999": 2}}',
        " " * 2_000_000 + "<a/>",
        "<?xml" + " " * 2_000_000,
        "\\" * 10**6,
        "<!" * 10**6,
    ],
    ids=["number", "keys", "blanks", "declaration", "backslashes", "markup"],
)
def test_texts_made_to_take_long_are_refused(text):
    refusal(text)


def test_libraries_say_nothing_of_other_peoples_files(caplog, recwarn):
    text = (
        "@prefix prov: <http://www.w3.org/ns/prov#> . @prefix ex: <http://e/> . "
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . "
        'ex:a a prov:Entity ; ex:day "never"^^xsd:date .'
    )
    assert read_document(text).get_records()
    assert caplog.records == []
    assert list(recwarn) == []


def test_missing_and_nonsensical_sources():
    assert "no file" in refusal(Path("nowhere.json"))
    assert "type int" in refusal(3)
    assert "type bytes" in refusal(b"{}")
    with pytest.raises(MlprovError):
        read_record("a\0b")


def test_large_files_are_refused_unread(tmp_path):
    file = tmp_path / "large.json"
    with file.open("wb") as handle:
        handle.truncate(100_000_000)
    assert "100 MB" in refusal(file)


def test_other_formats_have_a_lower_limit(monkeypatch):
    monkeypatch.setattr(files, "MAX_OTHER_BYTES", 100)
    assert "PROV-N" in refusal("document\n" + "// x\n" * 50 + "endDocument")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_byte_order_marks_do_no_harm(tmp_path, encoding):
    file = tmp_path / "x.json"
    file.write_text(json.dumps(GOOD), encoding=encoding)
    assert read_record(file) == sample(packages=3)


@pytest.mark.parametrize(
    ("folder", "pattern"),
    [
        ("json", "*.json"),
        ("jsonld", "*.jsonld"),
        ("provn", "*.provn"),
        ("rdf", "*.ttl"),
        ("rdf", "*.trig"),
    ],
)
def test_documents_of_other_tools_are_read(folder, pattern):
    found = sorted((PROV_TESTS / folder).rglob(pattern))[::12]
    assert found, f"prov's own fixtures have no {pattern}"
    read = 0
    for file in found:
        try:
            document = read_document(file)
        except RecordError:
            continue
        read += 1
        assert document.get_records() or list(document.bundles)
        assert "not a record of a run" in refusal(document)
    assert read >= 0.8 * len(found)


def test_document_of_the_reference_system_is_read(shared_data):
    for file in sorted((shared_data / "legacy").glob("*.json")):
        assert read_document(file).get_records()
        assert "not a record of a run" in refusal(file)
