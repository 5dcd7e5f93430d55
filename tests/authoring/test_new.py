"""New packs: the one to learn from, and those made of a notebook or script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from mlprov_widgets.authoring import check_pack, new_pack
from mlprov_widgets.cli import main
from mlprov_widgets.errors import PackError, RecordError
from mlprov_widgets.notebooks import generate, render_cells
from mlprov_widgets.notebooks.formats import read_document
from mlprov_widgets.packs import complete_values, load_pack

CELLS = [
    "# Diabetes\nHow well does a ridge do?",
    "from sklearn.datasets import load_diabetes\nfrom sklearn.linear_model import Ridge",
    'ALPHA = 0.5  # the penalty, "α"\nSEED = 7; SOLVER = "svd"\nSHOW = True\nTITLE = "kept"',
    'X, y = load_diabetes(return_X_y=True)\nprint(f"{{rows}}: {len(X)}")',
    "ROWS = 300\nmodel = Ridge(ALPHA, solver=SOLVER, random_state=SEED)\n"
    "model.fit(X[:ROWS], y[:ROWS])",
    "if SHOW:\n    print(TITLE, model.score(X, y))",
]
NAMES = [
    "010_title.md.jinja",
    "020_imports.py.jinja",
    "030_parameters.py.jinja",
    "040_start.py.jinja",
    "050_data_ingestion.py.jinja",
    "060_model_training.py.jinja",
    "070_model_evaluation.py.jinja",
    "080_provenance.py.jinja",
]


def notebook(folder: Path, *cells: str) -> Path:
    first, *others = cells
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_markdown_cell(first), *map(nbformat.v4.new_code_cell, others)]
    nbformat.write(made, folder / "study.ipynb")
    return folder / "study.ipynb"


def script(folder: Path, *cells: str) -> Path:
    first, *others = cells
    words = "\n".join(f"# {line}" for line in first.split("\n"))
    parts = [f"# %% [markdown]\n{words}\n", *(f"# %%\n{cell}\n" for cell in others)]
    (folder / "study.py").write_text("\n".join(parts), encoding="utf-8")
    return folder / "study.py"


def test_the_pack_to_learn_from_has_no_faults(tmp_path: Path) -> None:
    folder = new_pack(tmp_path / "packs" / "my_first")
    found = check_pack(folder)
    assert found.faults == []
    assert found.pack is not None
    assert found.pack.title == "My first"
    assert len(found.pack.examples) == 2


@pytest.mark.slow
def test_its_examples_run_and_come_out_the_same(tmp_path: Path) -> None:
    folder = new_pack(tmp_path / "my_first")
    done = CliRunner().invoke(main, ["check-pack", str(folder), "--run"])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("make", [notebook, script])
def test_a_pack_of_existing_code_writes_that_code(
    make: Callable[..., Path], tmp_path: Path
) -> None:
    folder = new_pack(tmp_path / "ridge", make(tmp_path, *CELLS))
    assert sorted(file.name for file in folder.glob("*.jinja")) == NAMES
    assert check_pack(folder).faults == []
    pack = load_pack(folder)
    assert {name: one.default for name, one in pack.parameters.items()} == {
        "alpha": 0.5,
        "seed": 7,
        "solver": "svd",
        "show": True,
        "rows": 300,
    }
    assert list(pack.parameters) == ["alpha", "seed", "solver", "show", "rows"]
    written = render_cells(pack, complete_values(pack, {}), "mine.ipynb")
    own = [cell.source for cell in written if cell.step not in ("start", "provenance")]
    assert own == CELLS
    start, end = (cell.source for cell in written if cell.step in ("start", "provenance"))
    assert 'run = start_run("mine.ipynb", seed=SEED)' in start
    assert end == "run.finish()"


PARAGRAPHS = [
    '"""Diabetes in a year.\n\nHow well does a ridge do?\n"""',
    "from sklearn.datasets import load_diabetes\nfrom sklearn.linear_model import Ridge",
    "# The penalty.\nALPHA = 0.5",
    "# Of one row a patient.\n\nX, y = load_diabetes(return_X_y=True)",
    "def shown(score):\n    text = f'{score:.3f}'\n\n    return text",
    "model = Ridge(ALPHA)\n# All rows.\nmodel.fit(X, y)",
    "print(shown(model.score(X, y)))\n# The end.",
]


def test_a_script_without_marks_is_cut_where_its_author_left_blank_lines(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("\n\n".join(PARAGRAPHS) + "\n", encoding="utf-8")
    folder = new_pack(tmp_path / "diabetes", tmp_path / "plain.py")
    assert check_pack(folder).faults == []
    pack = load_pack(folder)
    assert pack.summary == "Diabetes in a year."
    values = complete_values(pack, {})
    assert values == {"alpha": 0.5}
    written = render_cells(pack, values, "mine.ipynb")
    assert written[0].kind == "markdown"
    assert written[0].source == "# Diabetes\n\nDiabetes in a year.\n\nHow well does a ridge do?"
    # All that the script does, in its order, comments too; and what records it around that.
    own = [one.source for one in written if one.step not in ("start", "provenance")][1:]
    assert "\n\n".join(own).replace("\n\n\n", "\n\n") == "\n\n".join(PARAGRAPHS[1:])
    assert f"\n\n\n{PARAGRAPHS[4]}" in "\n\n".join(own)
    steps = [one.step for one in written]
    places = [steps.index(step) for step in ("parameters", "start", "data_ingestion")]
    assert places == sorted(places)
    assert steps[-1] == "provenance"
    # A plain notebook has the script's own cells alone.
    plain = render_cells(pack, values, "mine.ipynb", plain=True)
    assert [one.source for one in plain[1:]] == own


@pytest.mark.parametrize("text", ["x = (", "%matplotlib inline\nx = 1\n"])
def test_a_script_of_which_no_cells_can_be_made_is_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.py").write_text(text, encoding="utf-8")
    cells = load_pack(new_pack(tmp_path / "odd", tmp_path / "odd.py")).cells
    (own,) = [one for one in cells if one.step not in ("start", "provenance")]
    assert own.file.read_text(encoding="utf-8").strip() == text.strip()


@pytest.mark.parametrize("text", ["", "# a comment\n", "'words alone'\n"])
def test_a_script_without_code_becomes_no_pack(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.py").write_text(text, encoding="utf-8")
    with pytest.raises(PackError, match="no code cell"):
        new_pack(tmp_path / "odd", tmp_path / "odd.py")


@pytest.mark.parametrize("name", ["multiclass_classification", "image_classification"])
def test_a_notebook_that_a_pack_wrote_becomes_a_pack_that_writes_it(
    name: str, tmp_path: Path
) -> None:
    notebook = generate(name, {}, tmp_path / "mine.ipynb")
    folder = new_pack(tmp_path / "again", notebook)
    assert check_pack(folder).faults == []
    pack = load_pack(folder)
    written = render_cells(pack, complete_values(pack, {}), "mine.ipynb")
    found = [(cell.kind, cell.step, cell.source) for cell in written]
    cells = read_document(notebook).cells
    assert found == [(cell.kind, cell.step, cell.source) for cell in cells]


def test_a_run_that_is_started_already_takes_the_name_of_the_notebook(tmp_path: Path) -> None:
    started = "from mlprov_widgets import start_run\nrun = start_run('study.ipynb', seed=1)"
    folder = new_pack(tmp_path / "ridge", notebook(tmp_path, "# It", started, "run.finish()"))
    pack = load_pack(folder)
    sources = [cell.source for cell in render_cells(pack, {}, "mine.ipynb")]
    assert sources == ["# It", started.replace("'study.ipynb'", '"mine.ipynb"'), "run.finish()"]


def test_constants_that_no_parameter_takes_stay_as_they_are(tmp_path: Path) -> None:
    code = (
        'FACE = "\N{GRINNING FACE}"\nRUBOUT = "\x7f\\n"\nBIG = 99999999999999999999\nFAR = 1e999\n'
        "STEPS = [1, 2]\nHUGE = -3"
    )
    folder = new_pack(tmp_path / "odd", notebook(tmp_path, "# Odd", code))
    assert check_pack(folder).faults == []
    pack = load_pack(folder)
    defaults = {name: one.default for name, one in pack.parameters.items()}
    assert defaults == {"face": "\N{GRINNING FACE}", "rubout": "\x7f\n", "huge": -3}
    written = render_cells(pack, complete_values(pack, {}), "a.ipynb")
    ours, theirs = {}, {}
    exec(next(one.source for one in written if "FACE" in one.source), ours)
    exec(code, theirs)
    names = ("FACE", "RUBOUT", "BIG", "FAR", "STEPS", "HUGE")
    assert [ours[name] for name in names] == [theirs[name] for name in names]


def test_a_step_that_leads_elsewhere_names_no_file(tmp_path: Path) -> None:
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_code_cell("a = 1", metadata={"mlprov": {"step": "../../mine"}})]
    nbformat.write(made, tmp_path / "theirs.ipynb")
    folder = new_pack(tmp_path / "packs" / "other", tmp_path / "theirs.ipynb")
    assert {file.parent for file in tmp_path.rglob("*.jinja")} == {folder}


def test_what_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(PackError, match="exists already"):
        new_pack(tmp_path / "mine")
    with pytest.raises(PackError, match="small letters"):
        new_pack(tmp_path / "My Pack")
    with pytest.raises(RecordError):
        new_pack(tmp_path / "other", tmp_path / "nothing.ipynb")
    with pytest.raises(PackError, match="no code cell"):
        new_pack(tmp_path / "other", notebook(tmp_path, "# Words alone"))
    assert not (tmp_path / "other").exists()


def test_the_command_says_what_comes_next(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["new-pack", str(tmp_path / "mine")])
    assert done.exit_code == 0
    assert done.stdout == f"{tmp_path / 'mine'}\n"
    assert f"mlprov check-pack {tmp_path / 'mine'} --run" in done.stderr
    source = notebook(tmp_path, "# It", "print(never_defined)")
    done = CliRunner().invoke(main, ["new-pack", str(tmp_path / "other"), "--from", str(source)])
    assert done.exit_code == 1
    assert "'never_defined', which no cell defines" in done.stderr
