"""A pack that has changed since the run: the same code again, and what is the pack's is said."""

from __future__ import annotations

import shutil

import nbformat
import pytest

from mlprov_widgets.errors import PackError
from mlprov_widgets.inspection import inspect_run
from mlprov_widgets.notebooks import generate, read_manifest
from mlprov_widgets.packs import load_pack
from mlprov_widgets.provenance import write_record
from mlprov_widgets.rebuild import EditsNotAcceptedError, reproduce
from tests.reproduction.changed_packs import CELLS, TOML, change, small_pack
from tests.reproduction.made_runs import cell
from tests.reproduction.rebuilding import recorded_run, sources

OTHER_PACK = "as another version of the pack wrote it"
ONLY_OTHER = "written by another version of the pack only"
ONLY_HERE = "not written by another version of the pack"
OTHER_PLACE = "where another version of the pack had it"


@pytest.fixture
def pack(tmp_path):
    return small_pack(tmp_path / "packs" / "small")


@pytest.fixture
def generated(tmp_path, pack):
    return generate("small", {"rounds": 20, "method": "median"}, tmp_path / "run.ipynb", [pack])


@pytest.fixture
def run(tmp_path, generated):
    parameters = read_manifest(generated).parameters
    return write_record(recorded_run(generated, parameters=parameters), tmp_path / "run.prov.json")


def renamed(pack):
    change(pack / "pack.toml", 'name = "rounds"', 'name = "turns"')
    change(pack / "040_parameters.py.jinja", "rounds", "turns")


def template_taken_away(pack):
    (pack / "110_evaluation.py.jinja").unlink()


def template_added(pack):
    (pack / "120_more.py.jinja").write_text("print('more')\n")


def templates_in_another_order(pack):
    (pack / "110_evaluation.py.jinja").rename(pack / "020_evaluation.py.jinja")


def template_renumbered(pack):
    (pack / "110_evaluation.py.jinja").rename(pack / "130_evaluation.py.jinja")


def template_reworded(pack):
    change(pack / "100_training.py.jinja", "result", "# The result.\nresult")


def another_type(pack):
    change(pack / "pack.toml", 'name = "rounds"\nlabel = "Rounds"\ntype = "integer"',
           'name = "rounds"\nlabel = "Rounds"\ntype = "number"')  # fmt: skip


def choice_gone(pack):
    line = '    { value = "median", label = "Median", code = "median" },\n'
    change(pack / "pack.toml", line, "")


def narrower(pack):
    change(pack / "pack.toml", "maximum = 100", "maximum = 15")


def other_default(pack):
    change(pack / "pack.toml", "default = 10", "default = 11")


def other_condition(pack):
    change(pack / "pack.toml", "\"method == 'mean'\"", "\"method == 'median'\"")


def new_parameter(pack):
    more = TOML[TOML.index("[[parameters]]") : TOML.index("maximum")].replace("rounds", "pause")
    (pack / "pack.toml").write_text(f"{TOML}\n{more}")


def page_renamed(pack):
    change(pack / "pack.toml", '"model"', '"everything"')


def lower_version(pack):
    change(pack / "pack.toml", '"1.0"', '"0.1"')


def new_rule(pack):
    rule = (
        '\n[[rules]]\nwhen = "rounds == 20"\nparameter = "rounds"\nmessage = "No."\nerror = true\n'
    )
    (pack / "pack.toml").write_text(TOML + rule)


def not_toml(pack):
    (pack / "pack.toml").write_text("[pack")


def not_jinja(pack):
    (pack / "100_training.py.jinja").write_text("{% if %}")


def name_that_is_not_there(pack):
    (pack / "100_training.py.jinja").write_text("{{ nowhere }}")


def gone(pack):
    shutil.rmtree(pack)


def of_somebody_else(pack):
    for name in CELLS:
        (pack / name).unlink()
    (pack / "500_other.py.jinja").write_text("print({{ rounds }})\n")


UNCHECKED = dict.fromkeys(("030-imports", "040-parameters", "100-training", "110-evaluation"),
                          "not checked")  # fmt: skip
WAYS = {
    renamed: ({"040-parameters": OTHER_PACK}, "does not take rounds as the file has it"),
    template_taken_away: ({"110-evaluation": ONLY_OTHER}, "a difference may be its"),
    template_added: ({"120-more": ONLY_HERE}, "a difference may be its"),
    templates_in_another_order: ({"110-evaluation": OTHER_PLACE}, "a difference may be its"),
    template_renumbered: ({}, "the code that it writes here has not"),
    template_reworded: ({"100-training": OTHER_PACK}, "a difference may be its"),
    another_type: ({"040-parameters": OTHER_PACK}, "a difference may be its"),
    choice_gone: (
        {"030-imports": OTHER_PACK, "100-training": OTHER_PACK},
        "does not take method as the file has it",
    ),
    narrower: ({"040-parameters": OTHER_PACK}, "does not take rounds as the file has it"),
    other_default: ({}, "the code that it writes here has not"),
    other_condition: ({}, "the code that it writes here has not"),
    new_parameter: ({}, "the code that it writes here has not"),
    page_renamed: ({}, "the same number now); the code that it writes here has not"),
    lower_version: ({}, "(version 1.0, now 0.1); the code that it writes here has not"),
    new_rule: ({}, "the code that it writes here has not"),
    not_toml: (UNCHECKED, "The pack small here cannot be read"),
    not_jinja: (UNCHECKED, "The pack could not write its cells"),
    name_that_is_not_there: (UNCHECKED, "'nowhere' is undefined"),
    gone: (UNCHECKED, "The pack 'small' is not here"),
    of_somebody_else: (
        {**dict.fromkeys(UNCHECKED, ONLY_OTHER), "500-other": ONLY_HERE},
        "may be another pack of the same name",
    ),
}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("kind", ["run.prov.json", "run.ipynb"])
def test_the_same_code_again_whatever_became_of_the_pack(tmp_path, pack, generated, run, way, kind):
    way(pack)
    changes, said = WAYS[way]
    source, folders = tmp_path / kind, [pack.parent]
    found = inspect_run(source, packs=folders)
    assert {edit.id: edit.change for edit in found.edits} == changes
    assert any(said in note for note in found.notes)
    # Nothing of it was edited, and nothing says so.
    assert not any(edit.by_hand for edit in found.edits)
    if changes:
        with pytest.raises(EditsNotAcceptedError) as refusal:
            reproduce(source, packs=folders)
        assert "by hand" not in str(refusal.value)
        assert not list(tmp_path.glob("*reproduction*"))
    made = reproduce(source, packs=folders, accept=list(changes))
    assert sources(made.file) == sources(generated)
    assert any(said in note for note in made.notes)
    assert read_manifest(made.file).generated == read_manifest(generated).generated


@pytest.mark.parametrize(
    ("way", "left_out"),
    [
        (renamed, {"rounds": "no such field"}),
        (choice_gone, {"method": "must be one of mean"}),
        (narrower, {"rounds": "up to 15"}),
        (new_rule, {"rounds": "No."}),
        (other_condition, {}),
        (gone, dict.fromkeys(("method", "rounds", "samples"), "no pack")),
        (not_toml, dict.fromkeys(("method", "rounds", "samples"), "could be read")),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_what_has_no_field_any_more_is_said_with_the_reason(pack, run, way, left_out):
    way(pack)
    found = inspect_run(run, packs=[pack.parent])
    assert {one.name for one in found.unmapped} == set(left_out)
    for one in found.unmapped:
        assert left_out[one.name] in one.reason


def test_what_counted_for_nothing_then_is_not_missed(pack, run):
    change(pack / "pack.toml", "default = 600", "default = 500")
    found = inspect_run(run, packs=[pack])
    assert (found.unmapped, found.edits) == ([], [])


def test_what_counted_then_and_does_not_now_is_said(tmp_path, pack):
    made = generate("small", {"samples": 7}, tmp_path / "run.ipynb", [pack])
    other_condition(pack)
    (one,) = inspect_run(made, packs=[pack]).unmapped
    assert (one.name, one.value, one.reason) == (
        "samples",
        7,
        "It counts only if method == 'median'.",
    )


def test_the_edit_of_a_person_is_told_from_the_change_of_the_pack(tmp_path, pack, generated):
    edited = recorded_run(generated)
    training = next(one for one in edited.cells if one.id == "100-training")
    training.generated = training.source
    training.executions[0].source += "\nresult += 1"
    for one in edited.cells:
        one.generated = one.generated or one.source
    edited.cells.append(cell("mine", "print('mine')", generated=None))
    run = write_record(edited, tmp_path / "run.prov.json")
    change(pack / "100_training.py.jinja", "result", "outcome")
    change(pack / "110_evaluation.py.jinja", "result", "outcome")

    edits = {edit.id: edit for edit in inspect_run(run, packs=[pack]).edits}

    assert {name: edit.change for name, edit in edits.items()} == {
        "100-training": "edited",
        "110-evaluation": OTHER_PACK,
        "mine": "added",
    }
    # All of it is shown, and of that what the person did.
    assert "-outcome = median(range(ROUNDS))" in edits["100-training"].diff.split("\n")
    by_hand = edits["100-training"].by_hand.split("\n")
    assert [line for line in by_hand if line[:1] in "+-"][2:] == ["+result += 1"]
    with pytest.raises(EditsNotAcceptedError) as refusal:
        reproduce(run, packs=[pack])
    assert str(refusal.value).startswith(
        "run.prov.json: 2 cells were edited by hand and 1 cell was different in another version of "
        "the pack, as the file says. It is somebody else's code"
    )
    assert "+result += 1" in "\n".join(refusal.value._render_traceback_())
    made = reproduce(run, packs=[pack], accept=True)
    assert "the following was changed by hand" in made._repr_html_()


def test_a_file_cannot_pass_its_edits_off_as_another_version_of_the_pack(tmp_path, pack, generated):
    lie = recorded_run(generated, pack={"name": "small", "version": "9", "sha256": "9" * 64})
    victim = next(one for one in lie.cells if one.id == "100-training")
    victim.generated = victim.executions[0].source = "print('evil')"
    lie.cells.append(cell("more", "print('evil too')"))
    run = write_record(lie, tmp_path / "run.prov.json")
    with pytest.raises(EditsNotAcceptedError) as refusal:
        reproduce(run, packs=[pack])
    assert {edit.id for edit in refusal.value.edited} == {victim.id, "more"}
    assert "+print('evil')" in refusal.value.edited[0].diff.split("\n")
    assert "Nothing but the file vouches for that" in str(refusal.value)
    assert not list(tmp_path.glob("*reproduction*"))


def test_what_the_pack_writes_counts_as_generated_not_what_the_file_says(tmp_path, pack, generated):
    lie = recorded_run(generated)  # of the pack that is here, so it can be found out
    victim = next(one for one in lie.cells if one.id == "100-training")
    victim.generated = victim.executions[0].source = "print('evil')"
    run = write_record(lie, tmp_path / "run.prov.json")
    made = reproduce(run, packs=[pack], accept=[victim.id])
    assert read_manifest(made.file).generated == read_manifest(generated).generated


def test_a_restored_cell_counts_as_generated(pack, generated, run):
    """Else a run of the new notebook would take it for edited."""
    template_reworded(pack)
    template_added(pack)
    template_taken_away(pack)
    folders = [pack]
    some = reproduce(run, packs=folders, restore=["100-training"], accept=True)
    assert any("see that they fit together" in note for note in some.notes)
    told = {row["id"]: row["source"] for row in read_manifest(some.file).generated}
    cells = nbformat.read(some.file, as_version=4).cells
    assert told == {one.id: one.source for one in cells}
    assert told["100-training"].startswith("# The result.")
    assert read_manifest(some.file).pack == read_manifest(generated).pack

    everything = ["100-training", "120-more", "110-evaluation"]
    made = reproduce(run, packs=folders, restore=everything)
    manifest, now = read_manifest(made.file), load_pack(pack)
    assert made.edited == []
    assert manifest.pack == {"name": "small", "version": "1.0", "sha256": now.sha256}
    assert {row["id"]: row["source"] for row in manifest.generated} == {
        one.id: one.source for one in nbformat.read(made.file, as_version=4).cells
    }
    assert manifest.original


def test_with_the_pack_of_then_nothing_is_asked(tmp_path, pack, generated, run):
    earlier = shutil.copytree(pack, tmp_path / "earlier" / "small")
    template_reworded(pack)
    for folders in ([pack], [earlier, pack], [pack, earlier]):
        if earlier in folders:
            made = reproduce(run, packs=folders)
            assert (made.edited, made.notes) == ([], [])
            assert sources(made.file) == sources(generated)
        else:
            with pytest.raises(EditsNotAcceptedError) as refusal:
                reproduce(run, packs=folders)
            assert any("as it was then (packs=[…]" in note for note in refusal.value.notes)


def test_another_pack_that_is_broken_stands_in_nobodys_way(tmp_path, pack, generated, run):
    broken = shutil.copytree(pack, pack.parent / "broken")
    not_toml(broken)
    assert inspect_run(run, packs=[pack.parent]).edits == []
    assert sources(reproduce(run, packs=[pack.parent]).file) == sources(generated)
    with pytest.raises(PackError, match="no such folder"):
        reproduce(run, packs=[tmp_path / "nowhere"])
