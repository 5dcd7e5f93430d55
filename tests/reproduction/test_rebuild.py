"""Notebooks are rebuilt from records, from notebooks and from scripts."""

from __future__ import annotations

import copy
import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlprov_widgets.errors import MlprovError, RecordError
from mlprov_widgets.inspection import inspect_run
from mlprov_widgets.notebooks import generate, read_manifest
from mlprov_widgets.packs import find_pack
from mlprov_widgets.provenance import Cell, Execution, write_record
from mlprov_widgets.reproduction import EditsNotAcceptedError, Outcome, reproduce, verify
from tests.reproduction.made_runs import cell, record

PACK = "multiclass_classification"


def sources(path, kind="code"):
    cells = nbformat.read(path, as_version=4).cells
    return [one.source for one in cells if one.cell_type == kind]


def recorded_run(generated: Path, **changes):
    """A record as a run of just this generated notebook would leave it."""
    manifest = read_manifest(generated)
    cells = []
    for number, row in enumerate(manifest.generated, start=1):
        ran = [Execution(row["source"], number)] if row["kind"] == "code" else []
        cells.append(Cell(row["id"], row["kind"], row["step"], row["source"], ran))
    return record(
        **{
            "pack": manifest.pack,
            "values": manifest.values,
            "cells": cells,
            "notebook": {"name": generated.name},
            **changes,
        }
    )


def accepted(source, *out, **options):
    """Reproduce with every cell taken over that is not what the pack writes."""
    return reproduce(source, *out, accept=True, **options)


@pytest.fixture
def notebook(tmp_path):
    return generate(PACK, {"epochs": 3}, tmp_path / "iris.ipynb")


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
    assert "print(&#x27;mine&#x27;)" in page


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
    assert sources(reproduce(path, folders=[folder]).file) == sources(made)

    template = next(folder.glob("*evaluation*.py.jinja"))
    template.write_text("print('another version')\n" + template.read_text())
    with pytest.raises(EditsNotAcceptedError, match="another version of the pack") as refusal:
        reproduce(path, folders=[folder])
    (edit,) = refusal.value.edited
    assert "-print('another version')" in edit.diff
    again = reproduce(path, folders=[folder], accept=True)
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
    made = reproduce(
        write_record(run, tmp_path / "run.prov.json"), folders=[find_pack(PACK).folder]
    )
    assert made.edited == []
    assert any("has changed since" in note for note in made.notes)


def test_nothing_hides_in_a_diff(tmp_path, notebook):
    run = recorded_run(notebook)
    run.cells.append(cell("x", "# harmless\rimport os  # \u202e\x1b[8m", generated=None))
    (one,) = accepted(write_record(run, tmp_path / "run.prov.json")).edited
    assert "+# harmless\\rimport os  # \\u202e\\x1b[8m" in one.diff.split("\n")
    assert one.diff.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("../../evil.ipynb", "evil-reproduction.ipynb"),
        ("/etc/passwd", "passwd-reproduction.ipynb"),
        ("C:\\evil.ipynb", "evil-reproduction.ipynb"),
        ("..", "notebook-reproduction.ipynb"),
        ("", "notebook-reproduction.ipynb"),
        ("a\x00b\n.ipynb", "a-b-reproduction.ipynb"),
        (".hidden.ipynb", "hidden-reproduction.ipynb"),
        ("Blüte 1.ipynb", "Blüte-1-reproduction.ipynb"),
        ("iris-reproduction-3.ipynb", "iris-reproduction.ipynb"),
        ("x" * 5000, "x" * 120 + "-reproduction.ipynb"),
    ],
)
def test_the_name_is_made_safe(tmp_path, name, file):
    folder = tmp_path / "inside" / "chosen"
    folder.mkdir(parents=True)
    source = write_record(record(notebook={"name": name}), tmp_path / "run.prov.json")
    made = accepted(source, folder)
    assert made.file == folder / file
    assert [one.name for one in folder.iterdir()] == [file]


def test_no_file_is_written_over(tmp_path):
    source = write_record(record(), tmp_path / "run.prov.json")
    names = [accepted(source).file.name for _ in range(3)]
    assert names == [f"iris-reproduction{end}.ipynb" for end in ("", "-2", "-3")]
    taken = tmp_path / "taken.ipynb"
    taken.write_text("mine")
    with pytest.raises(MlprovError, match="exists already"):
        accepted(source, taken)
    assert taken.read_text() == "mine"
    with pytest.raises(MlprovError, match=r"must end in \.ipynb"):
        accepted(source, tmp_path / "new.txt")


def test_numbers_that_json_lacks(tmp_path):
    source = write_record(record(), tmp_path / "run.prov.json")  # its roc_auc is NaN
    made = accepted(source)

    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    json.loads(made.file.read_text(), parse_constant=refuse)
    assert verify(record(), read_manifest(made.file).original).verdict == "bit-identical"


def test_ids_that_nbformat_refuses(tmp_path):
    cells = [cell("no id!", "1"), cell("twice", "2"), cell("twice", "3"), cell("x" * 99, "4")]
    made = accepted(write_record(record(cells=cells), tmp_path / "run.prov.json"))
    ids = [one.id for one in nbformat.read(made.file, as_version=4).cells]
    assert len(set(ids)) == 4
    assert sources(made.file) == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("none.prov.json", None, "no file|cannot be read"),
        ("none.ipynb", None, "cannot be read"),
        ("empty.prov.json", "", "empty"),
        ("foreign.prov.json", '{"entity": {"ex:a": {}}, "prefix": {"ex": "http://e/"}}', "record"),
        ("plain.ipynb", None, "not generated by mlprov-widgets"),
        ("plain.py", "print(1)", "not generated by mlprov-widgets"),
        ("broken.ipynb", "{", "not valid JSON"),
    ],
)
def test_what_cannot_be_reproduced(tmp_path, name, text, sentence):
    path = tmp_path / name
    if name == "plain.ipynb":
        nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]), path)
    elif text is not None:
        path.write_text(text)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(RecordError, match=sentence):
        reproduce(path)
    assert sorted(tmp_path.iterdir()) == before


def test_a_folder_and_a_name_that_is_none(tmp_path):
    with pytest.raises(RecordError, match="is a folder"):
        reproduce(tmp_path)
    with pytest.raises(RecordError, match="not a path"):
        reproduce("a\0b")


def test_a_record_without_cells(tmp_path):
    with pytest.raises(RecordError, match="holds no cells"):
        reproduce(write_record(record(cells=[]), tmp_path / "run.prov.json"))


def test_half_a_surrogate_pair(tmp_path):
    source = write_record(record(cells=[cell("one", "x = '\ud800'")]), tmp_path / "run.prov.json")
    with pytest.raises(RecordError, match="surrogate"):
        accepted(source)
    assert [one.name for one in tmp_path.iterdir()] == ["run.prov.json"]


# -- files that somebody has changed -----------------------------------------------------------

JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["../../x", "\x00", "NaN", "mlprov:Experiment", "run:cell", "9" * 400]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value, path=()):
    """Every place in nested JSON."""
    yield path
    items = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    for key, item in items:
        yield from places(item, (*path, key))


def change(data, container, place):
    """Change, remove, rename or double what is at a place."""
    if not place:
        return data.draw(JUNK)
    *path, last = place
    holder = container
    for key in path:
        holder = holder[key]
    match data.draw(st.sampled_from(["change", "remove", "double"])):
        case "change":
            holder[last] = data.draw(JUNK)
        case "remove":
            del holder[last]
        case "double" if isinstance(holder, list):
            holder.insert(last, copy.deepcopy(holder[last]))
        case "double":
            holder[f"{last}{data.draw(st.text(max_size=3))}"] = copy.deepcopy(holder[last])
    return container


@pytest.mark.parametrize("kind", ["run.prov.json", "run.ipynb"])
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_changed_file_is_refused_or_rebuilt(tmp_path_factory, valid_files, kind, data):
    container = json.loads(valid_files[kind])
    for _ in range(data.draw(st.integers(1, 3))):
        if not isinstance(container, dict | list):
            break
        place = data.draw(st.sampled_from(list(places(container))))
        container = change(data, container, place)
    folder = tmp_path_factory.mktemp("changed")
    source = folder / kind
    source.write_text(json.dumps(container), encoding="utf-8")
    try:
        made = accepted(source)
    except RecordError:
        assert list(folder.iterdir()) == [source]
        return
    assert made.file.parent == folder
    assert re.fullmatch(r"[\w-]+-reproduction\.ipynb", made.file.name)
    rebuilt = nbformat.read(made.file, as_version=4)
    nbformat.validate(rebuilt)
    manifest = read_manifest(made.file)
    if manifest.original:
        Outcome.from_dict(manifest.original)
    # Code that the file was not valid with is either what the pack writes, or it is said.
    told = {one.number for one in made.edited}
    known = valid_files["sources"]
    for number, one in enumerate(rebuilt.cells, start=1):
        if one.cell_type == "code" and one.source.strip():
            assert number in told or one.source.rstrip() in known


@pytest.fixture(scope="module")
def valid_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("valid")
    notebook = generate(PACK, {"epochs": 3}, folder / "iris.ipynb")
    path = write_record(recorded_run(notebook), folder / "run.prov.json")
    return {
        "run.prov.json": path.read_text(),
        "run.ipynb": notebook.read_text(),
        "sources": {text.rstrip() for text in sources(notebook)},
    }
