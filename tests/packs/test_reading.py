"""A pack is a folder; what is wrong with it is said with file, line and field."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mlprov_widgets.errors import PackError
from mlprov_widgets.notebooks import check_templates, render_cells
from mlprov_widgets.packs import (
    bundled_folder,
    check_values,
    discover_packs,
    find_pack,
    load_pack,
    pack_as_recorded,
    readable_packs,
)

GOOD = """\
[pack]
title = "Tiny"
summary = "A pack for tests."
version = "1.0"
task_type = "Tiny"

[[pages]]
name = "data"
title = "Data"

[[parameters]]
name = "rows"
label = "Rows"
type = "integer"
page = "data"
step = "data_ingestion"
default = 10
minimum = 1

[[parameters]]
name = "shape"
label = "Shape"
type = "choice"
page = "data"
step = "data_ingestion"
default = "round"
choices = [
    { value = "round", label = "Round", code = "make_round", sets = { rows = 20 } },
    { value = "flat", label = "Flat", code = "make_flat" },
]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "pack.toml").write_text(GOOD)
    (folder / "060_data_ingestion.py.jinja").write_text("print({{ rows }}, {{ code.shape }})\n")
    return folder


def test_a_folder_with_a_toml_file_and_one_cell_is_a_pack(folder: Path) -> None:
    pack = load_pack(folder)
    assert (pack.name, pack.title, pack.version) == ("tiny", "Tiny", "1.0")
    assert list(pack.parameters) == ["rows", "shape"]
    (cell,) = render_cells(pack, check_values(pack, {}).values, "x.ipynb")
    assert cell.source == "print(10, make_round)"
    assert cell.step == "data_ingestion"


def test_packs_in_a_folder_of_the_users_are_found_beside_the_bundled_ones(folder: Path) -> None:
    packs = discover_packs([folder.parent])
    assert {"tiny", "multiclass_classification"} <= set(packs)
    assert find_pack("tiny", [folder]).title == "Tiny"
    with pytest.raises(PackError, match=r"there is no pack 'tine'; there are .*multiclass"):
        find_pack("tine")


def test_a_changed_pack_is_read_again_and_has_another_hash(folder: Path) -> None:
    first = find_pack("tiny", [folder])
    (folder / "060_data_ingestion.py.jinja").write_text("print({{ rows }} + 1)\n")
    second = find_pack("tiny", [folder])
    assert first.sha256 != second.sha256
    values = check_values(second, {}).values
    assert render_cells(second, values, "x.ipynb")[0].source == "print(10 + 1)"


def test_a_file_that_is_taken_away_or_put_back_is_noticed_too(folder: Path) -> None:
    """A file that is put back has the time that it had, which is older than the others'."""
    template = folder / "060_data_ingestion.py.jinja"
    old = shutil.copy2(template, folder.parent / "old.jinja")
    os.utime(old, (1, 1))
    (folder / "070_data_preparation.py.jinja").write_text("print('kept')\n")
    first = find_pack("tiny", [folder])
    template.write_text("print('new')\n")
    assert find_pack("tiny", [folder]).sha256 != first.sha256
    shutil.copy2(old, template)
    assert find_pack("tiny", [folder]).sha256 == first.sha256
    template.unlink()
    assert [cell.name for cell in find_pack("tiny", [folder]).cells] == ["070_data_preparation"]


def test_a_copy_of_all_packs_has_the_shared_cells_of_its_own_time(tmp_path: Path) -> None:
    name = "multiclass_classification"
    copy = shutil.copytree(bundled_folder(), tmp_path / "earlier")
    assert find_pack(name, [copy]).sha256 == find_pack(name).sha256
    shared = copy / "_common" / "start.py.jinja"
    shared.write_text(shared.read_text() + "\nprint('of its time')")
    pack = find_pack(name, [copy])
    assert pack.sha256 != find_pack(name).sha256
    cells = render_cells(pack, check_values(pack, {}).values, "x.ipynb")
    (start,) = [cell.source for cell in cells if cell.name == "051_start"]
    assert start.endswith("print('of its time')")


def test_the_pack_that_a_run_was_made_with_is_found_behind_a_newer_one(folder: Path) -> None:
    newer = shutil.copytree(folder, folder.parent / "newer" / "tiny")
    (newer / "060_data_ingestion.py.jinja").write_text("print('newer')\n")
    both = [folder, newer]
    for wanted in (load_pack(folder).sha256, load_pack(newer).sha256):
        found = pack_as_recorded("tiny", wanted, both)
        assert found is not None
        assert found.sha256 == wanted
    instead = pack_as_recorded("tiny", "of neither", both)
    assert instead is not None
    assert instead.sha256 == load_pack(newer).sha256
    assert pack_as_recorded("none", "", both) is None


def test_files_may_begin_with_a_mark_of_their_encoding(folder: Path) -> None:
    plain = load_pack(folder)
    for file in folder.iterdir():
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    marked = load_pack(folder)
    assert list(marked.parameters) == list(plain.parameters)
    values = check_values(plain, {}).values
    cells = [render_cells(pack, values, "x.ipynb") for pack in (plain, marked)]
    assert [one.source for one in cells[0]] == [one.source for one in cells[1]]


def test_a_pack_that_cannot_be_read_is_passed_over(folder: Path) -> None:
    broken = shutil.copytree(folder, folder.parent / "newer" / "tiny")
    other = shutil.copytree(folder, folder.parent / "newer" / "other")
    (broken / "pack.toml").write_text("[pack")
    both = [folder, broken.parent]
    with pytest.raises(PackError, match="not TOML"):
        discover_packs(both)
    packs = readable_packs(both)
    assert "tiny" not in packs  # nor an older one in its stead
    assert packs["other"].folder == other.resolve()
    assert find_pack("other", both).folder == other.resolve()
    with pytest.raises(PackError, match="not TOML"):
        find_pack("tiny", both)
    # One that can be read takes its place again.
    assert find_pack("tiny", [*both, folder]).folder == folder.resolve()
    assert pack_as_recorded("tiny", load_pack(folder).sha256, both) is not None
    with pytest.raises(PackError, match="not TOML"):
        pack_as_recorded("tiny", "of neither", both)
    with pytest.raises(PackError, match="no such folder"):
        readable_packs([folder.parent / "nowhere"])


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "message"),
    [
        ('title = "Tiny"\n', "", 1, "pack", "'title' is missing"),
        ('type = "integer"', 'type = "int"', 14, "parameters.rows.type", "'int' is unknown"),
        ("default = 10", "default = 0", 17, "parameters.rows.default", "at least 1"),
        ("default = 10\n", "", 11, "parameters.rows.default", "a default is missing"),
        ("minimum = 1", "minimum = 'x'", 18, "parameters.rows.minimum", "must be a number"),
        ("minimum = 1", "colour = 1", 18, "parameters.rows.colour", "unknown field"),
        ('page = "data"', 'page = "dat"', 15, "parameters.rows.page", "no page 'dat'"),
        ('name = "rows"', 'name = "Rows!"', 12, "parameters.1.name", "small letters"),
        ('name = "shape"', 'name = "rows"', 21, "parameters.rows.name", "given twice"),
        ('default = "round"', 'default = "oval"', 26, "parameters.shape.default", "round, flat"),
        (
            'label = "Flat"',
            'lable = "Flat"',
            29,
            "parameters.shape.choices.2.lable",
            "mean 'label'",
        ),
        ("rows = 20", "row = 20", 28, "parameters.shape.choices.round.sets.row", "no parameter"),
        ("rows = 20", "rows = 0", 28, "parameters.shape.choices.round.sets.rows", "at least 1"),
        (
            "minimum = 1",
            'when = "colour == 1"',
            18,
            "parameters.rows.when",
            "no parameter 'colour'",
        ),
        (
            "minimum = 1",
            "when = \"open('x')\"",
            18,
            "parameters.rows.when",
            "may only compare",
        ),
        ("[[pages]]", "[pages]", 7, "pages", "own [[pages]] table"),
        ("[pack]", "[pack", 1, "", "not TOML"),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_field(
    folder: Path, old: str, new: str, line: int | None, field: str, message: str
) -> None:
    assert old in GOOD
    (folder / "pack.toml").write_text(GOOD.replace(old, new, 1))
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    assert message in str(caught.value)
    assert caught.value.file == folder / "pack.toml"
    assert (caught.value.line, caught.value.field) == (line, field)


def test_rules_are_checked_too(folder: Path) -> None:
    rule = '\n[[rules]]\nwhen = "rows > 5"\nparameter = "row"\nmessage = "Many."\n'
    (folder / "pack.toml").write_text(GOOD + rule)
    with pytest.raises(
        PackError, match=r"line 34, rules\.1\.parameter: there is no parameter 'row'"
    ):
        load_pack(folder)


def test_cells_have_names_that_say_where_they_belong(folder: Path) -> None:
    (folder / "imports.py.jinja").write_text("import this\n")
    with pytest.raises(PackError, match=r"named like 060_data_ingestion\.py\.jinja"):
        load_pack(folder)


def test_a_template_with_an_error_is_named_with_its_line(folder: Path) -> None:
    (folder / "060_data_ingestion.py.jinja").write_text("a = 1\n{% if rows %}\n")
    with pytest.raises(PackError, match=r"060_data_ingestion\.py\.jinja, line 2"):
        check_templates(load_pack(folder))


def test_a_template_that_asks_for_an_unknown_parameter_is_refused(folder: Path) -> None:
    (folder / "060_data_ingestion.py.jinja").write_text("a = {{ row }}\n")
    with pytest.raises(PackError, match="there is no parameter 'row'"):
        check_templates(load_pack(folder))


def test_templates_cannot_leave_their_folder(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "060_data_ingestion.py.jinja").write_text('{% include "../secret.txt" %}\n')
    pack = load_pack(folder)
    with pytest.raises(PackError):
        render_cells(pack, check_values(pack, {}).values, "x.ipynb")
    (folder / "060_data_ingestion.py.jinja").unlink()
    (folder / "060_data_ingestion.py.jinja").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(PackError, match="leads out of the folder"):
        load_pack(folder)


@pytest.mark.parametrize(
    "expression",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ code.__class__ }}",
        "{{ rows.__init__.__globals__ }}",
        "{{ lipsum.__globals__ }}",
        "{{ range(9) }}",
        "{{ code.shape|attr('code') }}",
    ],
)
def test_templates_are_sandboxed(folder: Path, expression: str) -> None:
    (folder / "060_data_ingestion.py.jinja").write_text(expression)
    pack = load_pack(folder)
    with pytest.raises(PackError):
        render_cells(pack, check_values(pack, {}).values, "x.ipynb")


METRIC = """
[[metrics]]
name = "pinball_90"
label = "Pinball loss"
unit = "minutes"
direction = "minimize"
headline = true
part = "test"

[[fields]]
name = "n_trees"
step = "model_training"
label = "Trees"
unit = "trees"
kind = "count"
"""


def test_metrics_and_fields_are_declared(folder: Path) -> None:
    (folder / "pack.toml").write_text(GOOD + METRIC, encoding="utf-8")
    pack = load_pack(folder)
    (metric,), (field,) = pack.metrics, pack.fields
    assert (metric.label, metric.unit, metric.better) == (
        "Pinball loss",
        "minutes",
        "lower is better",
    )
    assert (field.step, field.label, field.unit) == ("model_training", "Trees", "trees")
    assert pack.declared["metrics"][0]["part"] == "test"


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ('"minimize"', '"down"', "'down' is not one of maximize, minimize"),
        ('part = "test"', 'part = "all"', "'all' is not one of training, validation, test, folds"),
        ('kind = "count"', 'kind = "float"', "'float' is not one of count, share"),
        ("headline = true", "headline = 1", "headline must be true or false"),
        ('label = "Trees"', "", "label"),
        ('name = "n_trees"', 'name = "n trees"', "small letters, digits and underscores"),
    ],
)
def test_what_is_wrong_with_a_declaration_is_said_with_its_line(
    folder: Path, good: str, bad: str, said: str
) -> None:
    text = (GOOD + METRIC).replace(good, bad)
    (folder / "pack.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    assert said in str(caught.value)
    assert caught.value.line is not None
