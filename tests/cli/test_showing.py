"""A run as text, pictures and pages."""

from __future__ import annotations

from pathlib import Path

from mlprov_widgets.provenance import write_record
from tests.cli.commands import mlprov, refused
from tests.reproduction.made_runs import record


def test_view():
    write_record(record(), "run.prov.json")
    assert "Iris" in mlprov("view", "run.prov.json").stdout
    starts = {"svg": b"<?xml", "png": b"\x89PNG", "dot": b"digraph", "html": b"<!DOCTYPE html>"}
    for ending, start in starts.items():
        result = mlprov("view", "run.prov.json", "-o", f"out.{ending}")
        assert result.stdout == f"out.{ending}\n"
        assert Path(f"out.{ending}").read_bytes().lstrip().startswith(start)
        assert "already" in refused("view", "run.prov.json", "-o", f"out.{ending}")
    assert "must end in" in refused("view", "run.prov.json", "-o", "out.gif")
