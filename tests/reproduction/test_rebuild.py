"""Notebooks are rebuilt from records, from notebooks and from scripts."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from mlprov_widgets.comparison import verify
from mlprov_widgets.errors import RecordError
from mlprov_widgets.notebooks import generate, read_manifest
from mlprov_widgets.provenance import write_record
from mlprov_widgets.rebuild import EditsNotAcceptedError, reproduce
from tests.reproduction.made_runs import cell, record
from tests.reproduction.rebuilding import PACK, accepted, recorded_run, sources


def test_from_a_record(tmp_path, notebook):
    run = recorded_run(notebook)
    path = write_record(run, tmp_path / "iris.prov.json")

    made = reproduce(path)

    assert made.file == tmp_path / "iris-reproduction.ipynb"
    assert Path(made) == made.file
    assert (made.edited, made.warning, made.notes) == ([], "", [])
    for kind in ("code", "markdown"):
        assert sources(made.file, kind) == sources(notebook, kind)
    new, old = (nbformat.read(file, as_version=4) for file in (made.file, notebook))
    assert [one.id for one in new.cells] == [one.id for one in old.cells]
    assert all(one.get("outputs", []) == [] for one in new.cells)
    manifest, before = read_manifest(made.file), read_manifest(notebook)
    assert manifest.values == before.values
    assert manifest.pack == before.pack
    assert manifest.parameters == before.parameters
    assert manifest.generated == before.generated
    # What the notebook holds of the first run is enough to verify a second one.
    assert verify(run, manifest.original).verdict == "bit-identical"


def test_from_a_notebook_that_was_not_run(tmp_path, notebook):
    made = reproduce(notebook)
    assert sources(made.file) == sources(notebook)
    assert made.edited == []
    assert read_manifest(made.file).original == {}
    assert any("nothing to compare" in note for note in made.notes)


def test_from_a_notebook_with_its_run_beside_it(tmp_path, notebook):
    run = recorded_run(notebook)
    write_record(run, tmp_path / "iris.prov.json")
    write_record(
        recorded_run(notebook, notebook={"name": "other.ipynb"}), tmp_path / "iris-other.prov.json"
    )
    (tmp_path / "iris-broken.prov.json").write_text("{")
    executed = nbformat.read(notebook, as_version=4)
    code = next(one for one in executed.cells if one.cell_type == "code")
    code.outputs = [nbformat.v4.new_output("stream", text="what was printed\n")]
    code.execution_count = 1
    code.metadata["execution"] = {"iopub.status.busy": "2026-01-01"}
    nbformat.write(executed, notebook)

    made = reproduce(notebook)

    assert verify(run, read_manifest(made.file).original).verdict == "bit-identical"
    assert sources(made.file) == sources(notebook)
    assert "what was printed" not in made.file.read_text()
    assert 'execution_count": 1' not in made.file.read_text()

    # The run beside it is of another state of the notebook: no run of this one.
    executed.cells[-1].source += "\nprint('edited')"
    nbformat.write(executed, notebook)
    assert read_manifest(accepted(notebook).file).original == {}


def test_a_cell_that_did_not_run_is_not_run_again(tmp_path, notebook):
    """Deleted or passed over: run now, it would do what the run did not."""
    run = recorded_run(notebook)
    left_out = next(one for one in run.cells if one.id == "106-model-training")
    comment = next(one for one in run.cells if one.id == "020-install")
    for one in (left_out, comment):
        one.executions.clear()
    path = write_record(run, tmp_path / "iris.prov.json")
    with pytest.raises(EditsNotAcceptedError) as refusal:
        reproduce(path)
    assert [(one.id, one.change) for one in refusal.value.edited] == [(left_out.id, "removed")]
    assert any(note.startswith("1 code cell did not run") for note in refusal.value.notes)

    kept = reproduce(path, accept=[left_out.id])
    assert sources(kept.file) == [one for one in sources(notebook) if one != left_out.generated]
    assert comment.generated in sources(kept.file)
    assert sources(reproduce(path, restore=[left_out.id]).file) == sources(notebook)

    # A run that was stopped did not get to its last cells.
    run.status = "interrupted"
    stopped = reproduce(write_record(run, tmp_path / "stopped.prov.json"))
    assert sources(stopped.file) == sources(notebook)
    assert any("but will in this one" in note for note in stopped.notes)


def test_from_a_notebook_out_of_which_a_cell_was_deleted(tmp_path, notebook):
    run = recorded_run(notebook)
    left_out = next(one for one in run.cells if one.id == "106-model-training")
    left_out.executions.clear()
    write_record(run, tmp_path / "iris.prov.json")
    edited = nbformat.read(notebook, as_version=4)
    edited.cells = [one for one in edited.cells if one.id != left_out.id]
    nbformat.write(edited, notebook)
    made = accepted(notebook)
    assert sources(made.file) == sources(notebook)
    assert verify(run, read_manifest(made.file).original).verdict == "bit-identical"

    edited.cells = [one for one in edited.cells if one.id != run.cells[-1].id]
    nbformat.write(edited, notebook)  # a cell that had run
    assert read_manifest(accepted(notebook).file).original == {}


def test_relative_paths_start_from_another_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.csv").write_text(
        "a,b,kind\n" + "".join(f"{n},{n % 3}.5,{'xy'[n % 2]}\n" for n in range(40))
    )
    values = {"dataset": "csv", "csv_path": "own.csv"}
    notebook = generate(PACK, values, tmp_path / "own.ipynb")
    path = write_record(recorded_run(notebook), tmp_path / "own.prov.json")
    (tmp_path / "elsewhere").mkdir()
    assert reproduce(path).notes == []
    (note,) = reproduce(path, tmp_path / "elsewhere").notes
    assert note.startswith("own.csv in the notebook starts from its folder")


def test_a_reproduction_keeps_what_it_reproduces(tmp_path, notebook):
    run = recorded_run(notebook)
    first = reproduce(write_record(run, tmp_path / "iris.prov.json"))
    second = reproduce(first.file)
    assert second.file.name == "iris-reproduction-2.ipynb"
    assert read_manifest(second.file).original == read_manifest(first.file).original


def test_from_a_script(tmp_path):
    script = generate(PACK, {"epochs": 3}, tmp_path / "iris.py")
    made = reproduce(script)
    assert made.edited == []
    plain = generate(PACK, {"epochs": 3}, tmp_path / "iris.ipynb")
    as_generated = [text.replace("iris.ipynb", "iris.py") for text in sources(plain)]
    assert sources(made.file) == as_generated
    assert [one.id for one in nbformat.read(made.file, as_version=4).cells] == [
        one.id for one in nbformat.read(plain, as_version=4).cells
    ]
    again = reproduce(script, tmp_path / "again.py")
    assert again.file.read_text() == script.read_text()

    script.write_text(script.read_text().replace("# %%\n", "# %% my own\nprint(1)\n\n# %%\n", 1))
    (one,) = accepted(script).edited
    assert (one.change, "+print(1)" in one.diff) == ("added", True)


def test_the_end_of_the_notebook_compares_as_closely_as_was_asked_for(tmp_path, notebook):
    path = write_record(recorded_run(notebook), tmp_path / "iris.prov.json")
    new = recorded_run(notebook)
    new.steps["model_evaluation"].values["evaluation_metrics"]["accuracy"] *= 1.01

    def compared(made):
        found = verify(new, read_manifest(made.file).original)
        return found.verdict, found.relative, found.absolute

    assert compared(reproduce(path)) == ("different", 1e-6, 1e-8)
    loose = reproduce(path, relative=0.1)
    assert compared(loose) == ("within tolerance", 0.1, 1e-8)
    assert compared(reproduce(path, absolute=0.1)) == ("within tolerance", 1e-6, 0.1)
    assert compared(reproduce(loose.file)) == ("different", 1e-6, 1e-8)
    for wrong in (-1.0, float("nan"), "much"):
        with pytest.raises(ValueError, match="negative"):
            reproduce(path, relative=wrong)
    manifest = read_manifest(loose.file).original
    for wrong in ({"relative": -1}, {"relative": "NaN"}, {"relative": []}, {"other": 1}):
        with pytest.raises(RecordError, match="wrong 'tolerance'"):
            verify(new, manifest | {"tolerance": wrong})


def test_the_recorded_versions_are_written_beside_it_on_request(tmp_path, notebook):
    path = write_record(recorded_run(notebook), tmp_path / "iris.prov.json")
    assert reproduce(path).requirements is None
    made = reproduce(path, requirements=True)
    assert made.requirements.parent == made.file.parent
    assert "torch==2.9" in made.requirements.read_text()
    (tmp_path / "iris.prov.json").unlink()
    unknown = reproduce(notebook, requirements=True)
    assert unknown.requirements is None
    assert any("no versions to write down" in note for note in unknown.notes)


def test_the_last_source_that_ran_counts(tmp_path):
    run = record(
        cells=[
            cell("title", kind="markdown", generated="# Title"),
            cell("one", "x = 1", "x = 2  ", generated="x = 1"),
            cell("never", generated="y = 1"),
            cell("added", "z = 1\n", generated=None),
        ]
    )
    run.cells[3].executions[0].count = 3
    made = accepted(write_record(run, tmp_path / "run.prov.json"))
    assert sources(made.file) == ["x = 2  ", "z = 1\n"]
    assert sources(made.file, "markdown") == ["# Title"]
    assert any(note.startswith("1 code cell did not run") for note in made.notes)
    assert any(note.startswith("1 code cell ran more than once") for note in made.notes)
    assert not any("order" in note for note in made.notes)


def test_cells_that_ran_in_another_order(tmp_path):
    run = record()
    run.cells[1].executions[0].count = 9
    made = accepted(write_record(run, tmp_path / "run.prov.json"))
    assert any("another order" in note for note in made.notes)


def test_a_run_that_did_not_finish(tmp_path):
    source = write_record(record(status="failed"), tmp_path / "run.prov.json")
    assert any(note.startswith("The original run failed") for note in accepted(source).notes)
