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


def test_report():
    write_record(record(), "run.prov.json")
    printed = mlprov("report", "run.prov.json")
    assert printed.exit_code == 0, printed.output
    assert printed.stdout.startswith("# Iris\n")
    assert "was not yet reproduced" in printed.stdout
    assert sorted(path.name for path in Path().iterdir()) == ["run.prov.json"]
    starts = {"md": "# Iris\n", "html": "<!doctype html>"}
    for ending, start in starts.items():
        assert mlprov("report", "run.prov.json", "-o", f"out.{ending}").stdout == f"out.{ending}\n"
        assert Path(f"out.{ending}").read_text(encoding="utf-8").startswith(start)
        assert "already" in refused("report", "run.prov.json", "-o", f"out.{ending}")
    assert "must end in" in refused("report", "run.prov.json", "-o", "out.pdf")


def test_a_report_that_compares_two_runs():
    write_record(record(), "first.prov.json")
    again = record()
    again.steps["model_evaluation"].values["evaluation_metrics"]["accuracy"] = 0.5
    write_record(again, "again.prov.json")
    same = mlprov("report", "first.prov.json", "--against", "first.prov.json").stdout
    assert "**Bit-identical**" in same
    other = mlprov("report", "again.prov.json", "--against", "first.prov.json").stdout
    assert "**Different from the original**" in other
    assert "accuracy 0.5 instead of 0.97" in other
    near = mlprov("report", "again.prov.json", "--against", "first.prov.json", "--relative", "0.5")
    assert "**Within tolerance**" in near.stdout
    assert "Tolerance: 0.5 of a number" in near.stdout
    assert "none.json" in refused("report", "again.prov.json", "--against", "none.json")


def test_a_report_goes_to_a_terminal_without_what_it_would_act_upon():
    made = record()
    made.experiment_info["title"] = "\x1b[2J<script>alert(1)</script> | `x` \u202egnp"
    write_record(made, "run.prov.json")
    text = mlprov("report", "run.prov.json").stdout
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "<script>" not in text
    assert text.startswith("# ")
    assert "alert(1)" in text
