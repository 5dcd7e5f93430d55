"""Looking into a file, and the same again."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import nbformat
import pytest

from mlprov_widgets.notebooks import generate
from mlprov_widgets.provenance import read_record, write_record
from tests.cli.commands import PACK, mlprov, refused
from tests.reproduction.made_runs import record
from tests.watchdog import WATCHDOG


def test_reproduce_names_what_the_pack_does_not_write():
    write_record(record(), "run.prov.json")
    result = mlprov("reproduce", "run.prov.json", "-o", "again.ipynb", "--yes")
    assert result.exit_code == 0
    assert result.stdout == f"{Path('again.ipynb').resolve()}\n"
    assert "were different in another version of the pack, as the file says" in result.stderr
    assert "before running." in result.stderr
    assert "+run = start_run('iris.ipynb', seed=42)" in result.stderr
    facts = json.loads(mlprov("reproduce", "run.prov.json", "--yes", "--json").stdout)
    assert Path(facts["file"]).is_file()
    assert {cell["change"] for cell in facts["edited"]} == {
        "written by another version of the pack only",
        "not written by another version of the pack",
    }


def test_where_the_recorded_versions_are_is_said():
    write_record(record(), "run.prov.json")
    result = mlprov("reproduce", "run.prov.json", "-o", "again.ipynb", "--yes", "--requirements")
    assert result.stdout == f"{Path('again.ipynb').resolve()}\n"
    file = Path("again-requirements.txt").resolve()
    assert f"The recorded versions are in {file}; its first lines say" in result.stderr
    assert "-m venv again-env" in "".join(file.read_text().splitlines()[:6])


def test_code_from_a_file_is_not_run_unread():
    made = record()
    made.cells[1].executions[0].source = "open('ran', 'w')"
    write_record(made, "run.prov.json")
    before = sorted(Path().iterdir())
    result = mlprov("reproduce", "run.prov.json", "--run")
    assert result.exit_code == 2
    assert "+open('ran', 'w')" in result.stderr
    assert "nothing was written" in result.stderr
    assert sorted(Path().iterdir()) == before


def test_a_script_is_not_run_as_a_notebook():
    generate(PACK, {"epochs": 3}, "iris.ipynb")
    said = refused("reproduce", "iris.ipynb", "-o", "again.py", "--run")
    assert "--run runs notebooks" in said
    assert not Path("again.py").exists()
    assert mlprov("reproduce", "iris.ipynb", "-o", "again.py").exit_code == 0


def test_cells_are_kept_or_restored_one_by_one():
    generate(PACK, {"epochs": 3}, "iris.ipynb")
    notebook = nbformat.read("iris.ipynb", as_version=4)
    first, second = [cell for cell in notebook.cells if cell.cell_type == "code"][1:3]
    as_generated = second.source
    first.source += "\nprint('kept')"
    second.source += "\nprint('undone')"
    nbformat.write(notebook, "iris.ipynb")
    assert mlprov("reproduce", "iris.ipynb", "--keep", first.id).exit_code == 2
    arguments = ("--keep", first.id, "--restore", second.id)
    assert mlprov("reproduce", "iris.ipynb", *arguments).exit_code == 0
    again = {cell.id: cell for cell in nbformat.read("iris-reproduction.ipynb", as_version=4).cells}
    assert again[first.id].source.endswith("print('kept')")
    assert again[second.id].source == as_generated
    assert "has the id 'none'" in refused("reproduce", "iris.ipynb", "--keep", "none")


def test_a_terminal_is_asked_for_each_cell():
    pexpect = pytest.importorskip("pexpect", reason="there is no terminal of this kind")
    generate(PACK, {"epochs": 3}, "iris.ipynb")
    notebook = nbformat.read("iris.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    as_generated = code[2].source
    for cell in code[1:3]:
        cell.source += "\nprint('edited')"
    nbformat.write(notebook, "iris.ipynb")
    edited = Path("iris.ipynb").read_text()
    question = "as it ran, or as the pack writes it"

    def ask():
        words = ["-m", "mlprov_widgets.cli", "reproduce", "iris.ipynb"]
        terminal = pexpect.spawn(sys.executable, words, encoding="utf-8", timeout=WATCHDOG)
        terminal.expect_exact("+print('edited')")
        terminal.expect(f"id {code[1].id}: {question}")
        return terminal

    terminal = ask()
    Path("iris.ipynb").write_text(edited.replace("'edited'", "'evil'"))
    terminal.sendline("ran")
    terminal.expect(f"id {code[2].id}: {question}")
    terminal.sendline("ran")
    terminal.expect("Error: iris.ipynb has been changed since it was read")
    terminal.expect(pexpect.EOF)
    assert not Path("iris-reproduction.ipynb").exists()

    Path("iris.ipynb").write_text(edited)
    terminal = ask()
    terminal.sendline("ran")
    terminal.expect(f"id {code[2].id}: {question}")
    terminal.sendline("pack")
    terminal.expect(pexpect.EOF)
    again = nbformat.read("iris-reproduction.ipynb", as_version=4).cells
    sources = [cell.source for cell in again if cell.cell_type == "code"]
    assert sources[1] == code[1].source
    assert sources[2] == as_generated


def test_a_terminal_offers_no_cell_that_it_could_not_show():
    pexpect = pytest.importorskip("pexpect", reason="there is no terminal of this kind")
    generate(PACK, {"epochs": 3}, "iris.ipynb")
    notebook = nbformat.read("iris.ipynb", as_version=4)
    long = nbformat.v4.new_code_cell("\n" * 30_000 + "hidden()", id="long")
    notebook.cells.append(long)
    nbformat.write(notebook, "iris.ipynb")
    words = ["-m", "mlprov_widgets.cli", "reproduce", "iris.ipynb"]
    terminal = pexpect.spawn(sys.executable, words, encoding="utf-8", timeout=WATCHDOG)
    terminal.expect("id long: it could not be shown, so it is not kept unless --keep names it")
    terminal.sendline("ran")
    terminal.expect("'ran' is not one of 'pack', 'stop'")
    terminal.sendline("stop")
    terminal.expect("Aborted")
    terminal.expect(pexpect.EOF)
    assert not Path("iris-reproduction.ipynb").exists()
    assert mlprov("reproduce", "iris.ipynb", "--keep", "long").exit_code == 0
    again = nbformat.read("iris-reproduction.ipynb", as_version=4)
    assert again.cells[-1].source == long.source


def test_inspect_says_what_a_file_holds():
    write_record(record(), "run.prov.json")
    result = mlprov("inspect", "run.prov.json")
    assert result.exit_code == 0, result.output
    assert "When: 2026-03-01 12:00 UTC, 9 s" in result.stdout
    assert re.search(r"\nField +Value\nOptimizer +Adam\n", result.stdout)
    assert "+run = start_run('iris.ipynb', seed=42)" in result.stderr
    facts = json.loads(mlprov("inspect", "run.prov.json", "--json").stdout)
    assert facts["ways"] == ["exact", "start"]
    assert facts["values"] == {"seed": 42, "optimizer": "Adam"}
    Path("mine.json").write_text("{}")
    assert "mine.json" in refused("inspect", "mine.json")


@pytest.mark.slow
def test_the_whole_road(tmp_path):
    """Generate, run, reproduce from the provenance file and run again: bit-identical."""
    values = ("-s", "epochs=3", "-s", "dataset=iris", "-s", "print_every=0")
    assert mlprov("generate", PACK, *values, "-o", "iris.ipynb").exit_code == 0
    first = mlprov("run", "iris.ipynb")
    assert first.exit_code == 0, first.stderr
    assert f"provenance: {tmp_path / 'iris.prov.json'}" in first.stdout
    assert "\naccuracy: " in first.stdout
    assert mlprov("validate", "iris.prov.json").exit_code == 0

    second = mlprov("reproduce", "iris.prov.json", "--run")
    assert second.exit_code == 0, second.output
    assert second.stdout.endswith("\nVerdict: bit-identical\n")
    assert "Warning" not in second.stderr

    again = tmp_path / "iris-reproduction.prov.json"
    assert mlprov("verify", again, "iris.prov.json").exit_code == 0
    code = [
        [
            cell.source
            for cell in nbformat.read(name, as_version=4).cells
            if cell.cell_type == "code"
        ]
        for name in ("iris.ipynb", "iris-reproduction.ipynb")
    ]
    assert code[0] == code[1]
    executed = nbformat.read("iris-reproduction.ipynb", as_version=4)
    shown = json.dumps(executed.cells[-1].outputs)
    assert "Verdict: bit-identical" in shown

    # Against other numbers, as closely as was asked for.
    original = read_record("iris.prov.json")
    original.steps["model_evaluation"].values["evaluation_metrics"]["loss"] *= 1.1
    write_record(original, "other.prov.json")
    arguments = ("--run", "--relative", "0.2", "--at-least", "within-tolerance")
    third = mlprov("reproduce", "other.prov.json", "-o", "third.ipynb", *arguments)
    assert third.exit_code == 0, third.output
    told = read_record("third.prov.json").original
    assert told["verdict"] == "within tolerance"
    assert told["tolerance"] == {"relative": 0.2, "absolute": 1e-8}
