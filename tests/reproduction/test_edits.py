"""Cells that no pack writes are shown, and nothing is written before somebody has decided."""

from __future__ import annotations

import shutil

import nbformat
import pytest

from mlprov_widgets.errors import MlprovError, RecordError
from mlprov_widgets.inspection import inspect_run
from mlprov_widgets.notebooks import generate, read_manifest
from mlprov_widgets.packs import find_pack
from mlprov_widgets.provenance import write_record
from mlprov_widgets.rebuild import EditsNotAcceptedError, reproduce
from tests.reproduction.made_runs import cell, record
from tests.reproduction.rebuilding import PACK, accepted, recorded_run, sources


def test_edited_added_removed(tmp_path, notebook):
    edited = nbformat.read(notebook, as_version=4)
    start = next(one for one in edited.cells if "start_run(" in one.source)
    start.source = "import os\n" + start.source
    edited.cells.append(nbformat.v4.new_code_cell("print('mine')"))
    gone = next(
        one for one in edited.cells if one.id.endswith("provenance") and one.cell_type == "code"
    )
    edited.cells.remove(gone)
    nbformat.write(edited, notebook)

    made = accepted(notebook)

    assert sources(made.file) == [one.source for one in edited.cells if one.cell_type == "code"]
    assert [one.change for one in made.edited] == ["edited", "added", "removed"]
    assert "+import os" in made.edited[0].diff.splitlines()
    assert "+print('mine')" in made.edited[1].diff.splitlines()
    assert "-" + gone.source.splitlines()[0] in made.edited[2].diff.splitlines()
    assert made.edited[0].number == edited.cells.index(start) + 1
    assert made.warning == (
        "2 cells were edited by hand and 1 cell was removed; read them before running."
    )
    page = made._repr_html_()
    assert "2 cells were edited by hand" in page
    assert "print(&#39;mine&#39;)" in page


def test_nothing_is_written_until_each_difference_is_decided(tmp_path, notebook):
    edited = nbformat.read(notebook, as_version=4)
    code = [one for one in edited.cells if one.cell_type == "code"]
    changed, gone, generated = code[1], code[-1], code[1].source
    changed.source += "\nprint('edited')"
    edited.cells.remove(gone)
    edited.cells.append(nbformat.v4.new_code_cell("print('mine')", id="mine"))
    nbformat.write(edited, notebook)
    before = sorted(tmp_path.iterdir())

    with pytest.raises(EditsNotAcceptedError) as refusal:
        reproduce(notebook)
    assert [one.id for one in refusal.value.edited] == [changed.id, "mine", gone.id]
    assert str(refusal.value).startswith(
        "iris.ipynb: 2 cells were edited by hand and 1 cell was removed. It is somebody else's"
    )
    shown = "\n".join(refusal.value._render_traceback_())
    assert "+print('mine')" in shown
    assert "Traceback" not in shown
    with pytest.raises(EditsNotAcceptedError) as refusal:
        reproduce(notebook, accept=[changed.id], restore=["mine"])
    assert [one.id for one in refusal.value.edited] == [gone.id]
    with pytest.raises(MlprovError, match="has the id 'never'"):
        reproduce(notebook, accept=["never"])
    assert sorted(tmp_path.iterdir()) == before

    kept = reproduce(notebook, accept=[changed.id, gone.id], restore=["mine"])
    assert sources(kept.file) == sources(notebook)[:-1]
    assert [one.id for one in kept.edited] == [changed.id, gone.id]
    undone = reproduce(notebook, restore=[changed.id, "mine", gone.id])
    assert sources(undone.file) == [generated if one is changed else one.source for one in code]
    assert undone.edited == []
    assert undone.warning == ""


def test_a_long_cell_is_shown_whole(tmp_path, notebook):
    edited = nbformat.read(notebook, as_version=4)
    changed = next(one for one in edited.cells if one.cell_type == "code" and "torch" in one.source)
    generated = changed.source.split("\n")
    lines = [f"value_{number} = {number}" for number in range(5000)]
    changed.source = "\n".join([*generated, *lines])
    nbformat.write(edited, notebook)
    (edit,) = inspect_run(notebook).edits
    shown = edit.diff.split("\n")
    assert [line[1:] for line in shown if line.startswith("-")][1:] == generated
    assert [line[1:] for line in shown if line.startswith("+")][1:] == [*generated, *lines]


def test_a_cell_that_was_read_is_accepted_only_as_it_was(tmp_path, notebook):
    edited = nbformat.read(notebook, as_version=4)
    # Too long to be shown, so that both differences read the same.
    edited.cells.append(nbformat.v4.new_code_cell("mine = 1\n" * 60_000, id="mine"))
    nbformat.write(edited, notebook)
    read = inspect_run(notebook).edits
    edited.cells[-1].source = "evil = 1\n" * 60_000
    nbformat.write(edited, notebook)
    (now,) = inspect_run(notebook).edits
    assert now.diff == read[0].diff
    for decided in ({"accept": read}, {"restore": read}):
        with pytest.raises(MlprovError, match="has been changed since it was read"):
            reproduce(notebook, **decided)
    assert not list(tmp_path.glob("*reproduction*"))
    assert sources(reproduce(notebook, accept=[now]).file) == sources(notebook)


def test_a_run_of_another_version_of_the_pack_is_kept_byte_for_byte(tmp_path, notebook):
    folder = shutil.copytree(find_pack(PACK).folder, tmp_path / "packs" / "mine")
    made = generate("mine", {"epochs": 3}, tmp_path / "mine.ipynb", [folder])
    path = write_record(recorded_run(made), tmp_path / "mine.prov.json")
    assert sources(reproduce(path, packs=[folder]).file) == sources(made)

    template = next(folder.glob("*evaluation*.py.jinja"))
    template.write_text("print('another version')\n" + template.read_text())
    with pytest.raises(EditsNotAcceptedError, match="another version of the pack") as refusal:
        reproduce(path, packs=[folder])
    (edit,) = refusal.value.edited
    assert "-print('another version')" in edit.diff
    again = reproduce(path, packs=[folder], accept=True)
    assert sources(again.file) == sources(made)


def test_a_cell_that_was_moved_is_decided_upon_too(tmp_path, notebook):
    generated = sources(notebook)
    moved = nbformat.read(notebook, as_version=4)
    cell_moved = next(one for one in moved.cells if "torch.optim" in one.source)
    moved.cells.remove(cell_moved)
    moved.cells.insert(2, cell_moved)
    nbformat.write(moved, notebook)
    with pytest.raises(EditsNotAcceptedError, match="1 cell was moved") as refusal:
        reproduce(notebook)
    (edit,) = refusal.value.edited
    assert (edit.id, edit.change, edit.number) == (cell_moved.id, "moved", 3)
    assert "its place is not" in edit.diff
    assert sources(reproduce(notebook, accept=[edit.id]).file) == sources(notebook)
    back = reproduce(notebook, restore=[edit.id])
    assert sources(back.file) == generated
    assert [one.id for one in nbformat.read(back.file, as_version=4).cells] == [
        row["id"] for row in read_manifest(notebook).generated
    ]
    # Edited and moved it is one difference, and restoring undoes both.
    cell_moved.source += "\nprint('edited')"
    nbformat.write(moved, notebook)
    (edit,) = accepted(notebook).edited
    assert edit.change == "edited"
    assert sources(reproduce(notebook, restore=[edit.id]).file) == generated


def test_restoring_takes_the_pack(tmp_path):
    source = write_record(
        record(pack={"name": "elsewhere", "version": "1", "sha256": "0"}),
        tmp_path / "run.prov.json",
    )
    with pytest.raises(EditsNotAcceptedError) as refusal:
        reproduce(source)
    with pytest.raises(RecordError, match="Without its pack"):
        reproduce(source, restore=[one.id for one in refusal.value.edited])


def test_a_record_cannot_clear_its_own_cells(tmp_path, notebook):
    """What the record says was generated is not believed; only what the pack here writes is."""
    run = recorded_run(notebook)
    victim = next(one for one in run.cells if one.kind == "code")
    victim.generated = victim.executions[0].source = "print('evil')"
    made = accepted(write_record(run, tmp_path / "run.prov.json"))
    assert [(one.id, one.change) for one in made.edited] == [(victim.id, "edited")]


def test_a_pack_that_is_not_here(tmp_path):
    run = record(pack={"name": str(tmp_path), "version": "1", "sha256": "0"})
    made = accepted(write_record(run, tmp_path / "run.prov.json"))
    assert {one.change for one in made.edited} == {"not checked"}
    assert made.warning == (
        "4 cells were not checked, for want of the pack; read them before running."
    )
    assert read_manifest(made.file).parameters == []


def test_a_pack_of_ones_own(tmp_path, notebook):
    run = recorded_run(notebook, pack={**read_manifest(notebook).pack, "sha256": "1" * 64})
    made = reproduce(write_record(run, tmp_path / "run.prov.json"), packs=[find_pack(PACK).folder])
    assert made.edited == []
    assert any("has changed since" in note for note in made.notes)


def test_nothing_hides_in_a_diff(tmp_path, notebook):
    run = recorded_run(notebook)
    run.cells.append(cell("x", "# harmless\rimport os  # \u202e\x1b[8m", generated=None))
    (one,) = accepted(write_record(run, tmp_path / "run.prov.json")).edited
    assert "+# harmless\\rimport os  # \\u202e\\x1b[8m" in one.diff.split("\n")
    assert one.diff.replace("\n", "").isprintable()
