"""The same bytes give the same document, whatever order a process has its sets in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlprov_widgets.provenance import write_record
from mlprov_widgets.provenance.exporting import export
from tests.reproduction.made_runs import record

# Names that end in the sign that parts them, and under no prefix; nodes without a name.
TURTLE = """\
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<http://example.org/run/1/> a prov:Activity ;
    prov:wasAssociatedWith <http://example.org/engine/2/> , <http://example.org/engine/3#> ;
    prov:qualifiedUsage [ a prov:Usage ; prov:entity <http://other.example.org/data/a/> ] ,
        [ a prov:Usage ; prov:entity <http://other.example.org/data/b> ;
          prov:atTime "2026-01-02T03:04:05Z"^^xsd:dateTime ] .
<http://other.example.org/data/a/> a prov:Entity ; prov:value "1", "2", "3" .
<http://third.example.org/x/y/> a prov:Entity ; prov:wasGeneratedBy <http://example.org/run/1/> .
<urn:uuid:7> a prov:Agent .
"""
READ = """\
import json, sys
from pathlib import Path
from mlprov_widgets.provenance.files import read_container
print(json.dumps(read_container(Path(sys.argv[1]))))
"""


def read_in_processes(file: Path) -> set[str]:
    found = set()
    for seed in range(4):
        environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
        command = [sys.executable, "-c", READ, str(file)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        found.add(done.stdout)
    return found


def test_turtle_with_names_of_any_kind(tmp_path: Path) -> None:
    file = tmp_path / "other.ttl"
    file.write_text(TURTLE)
    assert len(read_in_processes(file)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".ttl", ".trig", ".provn", ".jsonld", ".xml", ".rdf"])
def test_a_record_in_any_format(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"record{ending}"
    export(write_record(record(), tmp_path / "a.prov.json"), file)
    assert len(read_in_processes(file)) == 1
