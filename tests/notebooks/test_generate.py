"""A generated file: where it goes, what is in it, and that it never replaces another."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from mlprov_widgets import generate
from mlprov_widgets.errors import InvalidValuesError, MlprovError
from mlprov_widgets.notebooks import read_manifest
from mlprov_widgets.packs import find_pack

TASK = "multiclass_classification"
EXAMPLES = find_pack(TASK).examples


def code_lines(path: Path) -> list[str]:
    notebook = nbformat.read(path, as_version=4)
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    lines = [line.strip() for source in sources for line in source.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def test_it_is_a_valid_notebook_beside_the_one_you_are_in(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = generate(TASK)
    assert path.name == "multiclass_classification.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) >= (4, 5)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    tagged = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    assert "EPOCHS = 100" in tagged[0].source


def test_no_file_is_ever_written_over(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    first = generate(TASK)
    text = first.read_text()
    assert generate(TASK, {"epochs": 3}).name == "multiclass_classification-2.ipynb"
    assert generate(TASK, {"epochs": 3}).name == "multiclass_classification-3.ipynb"
    with pytest.raises(MlprovError, match="exists already"):
        generate(TASK, {"epochs": 3}, out=first)
    assert first.read_text() == text
    assert [file.suffix for file in tmp_path.iterdir()] == [".ipynb"] * 3


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("run.txt", "must end in .ipynb"),
        ("missing/run.ipynb", "no folder missing"),
    ],
)
def test_an_impossible_place_is_named(tmp_path, monkeypatch, out: str, said: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MlprovError, match=said):
        generate(TASK, out=out)
    assert list(tmp_path.iterdir()) == []


def test_wrong_values_write_nothing(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidValuesError, match="epochs is 0"):
        generate(TASK, {"epochs": 0})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_named(tmp_path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(MlprovError, match="cannot be written"):
        generate(TASK, out=tmp_path / "run.ipynb")


def test_the_same_values_give_the_same_bytes(tmp_path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        generate(TASK, {"optimizer": "SGD"}, out=tmp_path / name / "run.ipynb")
    assert (tmp_path / "a/run.ipynb").read_bytes() == (tmp_path / "b/run.ipynb").read_bytes()


def test_the_script_has_the_same_code(tmp_path) -> None:
    notebook = generate(TASK, out=tmp_path / "run.ipynb")
    script = generate(TASK, out=tmp_path / "run.py")
    sources = [
        cell.source
        for cell in nbformat.read(notebook, as_version=4).cells
        if cell.cell_type == "code"
    ]
    text = script.read_text()
    ast.parse(text)
    cells = text.split("\n# %%\n")[1:]
    assert len(cells) == len(sources)
    for cell, source in zip(cells, sources, strict=True):
        # The script is its own file and says so to the recorder.
        assert cell.startswith(source.replace("run.ipynb", "run.py"))
    manifest = read_manifest(script)
    assert manifest is not None
    assert manifest.values == read_manifest(notebook).values


def test_the_file_says_how_it_was_made(tmp_path) -> None:
    path = generate(TASK, {"optimizer": "SGD"}, out=tmp_path / "run.ipynb")
    manifest = read_manifest(path)
    assert manifest is not None
    assert manifest.values["optimizer"] == "SGD"
    assert manifest.pack["name"] == TASK
    notebook = nbformat.read(path, as_version=4)
    assert [row["source"] for row in manifest.generated] == [cell.source for cell in notebook.cells]
    assert [row["id"] for row in manifest.generated] == [cell.id for cell in notebook.cells]


def test_the_file_says_from_which_run_its_values_came(tmp_path) -> None:
    start = {"run_id": "a", "name": "first.ipynb", "changes": {"epochs": (50, 3)}}
    for name in ("a.ipynb", "a.py"):
        path = generate(TASK, {"epochs": 3}, tmp_path / name, started_from=start)
        manifest = read_manifest(path)
        assert manifest is not None
        assert manifest.started_from == {**start, "changes": {"epochs": [50, 3]}}
    plain = read_manifest(generate(TASK, {}, tmp_path / "plain.ipynb"))
    assert plain is not None
    assert plain.started_from == {}


@pytest.mark.parametrize(
    "start",
    [
        {"run_id": 3},
        {"run_id": "a", "name": None},
        {"run_id": "a", "changes": ["epochs"]},
        {"run_id": "a", "changes": {"epochs": [1, 2, 3]}},
    ],
)
def test_a_wrong_starting_point_writes_nothing(tmp_path, start) -> None:
    with pytest.raises(MlprovError, match="started_from needs"):
        generate(TASK, {}, tmp_path / "a.ipynb", started_from=start)
    assert not list(tmp_path.iterdir())


def test_no_path_of_this_machine_is_in_it(tmp_path) -> None:
    text = generate(TASK, out=tmp_path / "run.ipynb").read_text()
    assert str(tmp_path) not in text
    assert str(Path(__file__).parents[2]) not in text


MORE = {"unstratified folds": {"resampling": "k_fold", "stratify": False, "save_checkpoint": True}}


@pytest.mark.parametrize("example", [*EXAMPLES, *MORE])
def test_generated_code_is_clean(tmp_path, example: str) -> None:
    for name in ("run.ipynb", "run.py"):
        generate(TASK, {**EXAMPLES, **MORE}[example], out=tmp_path / name)
    for arguments in (["check"], ["format", "--check", "--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, "--isolated", "."],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("example", list(EXAMPLES))
def test_provenance_costs_the_reader_few_lines(tmp_path, example: str) -> None:
    lines = code_lines(generate(TASK, EXAMPLES[example], out=tmp_path / "run.ipynb"))
    provenance = [line for line in lines if "run.record(" in line or "start_run" in line]
    provenance += [line for line in lines if "run.finish()" in line]
    assert all(line.count("(") == line.count(")") for line in provenance), "one line a step"
    assert len(provenance) / len(lines) <= 0.05, (len(provenance), len(lines))


def test_a_damaged_manifest_is_said_in_a_sentence(tmp_path) -> None:
    path = generate(TASK, out=tmp_path / "run.ipynb")
    data = json.loads(path.read_text())
    whole = data["metadata"]["mlprov"]
    start = {"changes": {"epochs": 3}}
    for damage in (
        [],
        {"pack": 1},
        {**whole, "generated": [1]},
        {**whole, "started_from": []},
        {**whole, "started_from": start},
    ):
        data["metadata"]["mlprov"] = damage
        path.write_text(json.dumps(data))
        with pytest.raises(MlprovError, match="mlprov metadata"):
            read_manifest(path)


class TestOwnTable:
    @pytest.fixture
    def table(self, tmp_path, monkeypatch) -> Path:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "data").mkdir()
        path = tmp_path / "data" / "mine.csv"
        path.write_text("x,kind\n" + "".join(f"{i * 37 % 10},{'ab'[i % 2]}\n" for i in range(40)))
        return path

    def path_in(self, notebook: Path) -> str:
        (line,) = (line for line in code_lines(notebook) if line.startswith("CSV_PATH = "))
        return ast.literal_eval(line.removeprefix("CSV_PATH = "))

    def test_a_path_is_written_as_seen_from_the_notebook(self, table) -> None:
        values = {"dataset": "csv", "csv_path": "data/mine.csv"}
        assert self.path_in(generate(TASK, values)) == "data/mine.csv"
        assert self.path_in(generate(TASK, values, out="data/run.ipynb")) == "mine.csv"
        values["csv_path"] = str(table)
        assert self.path_in(generate(TASK, values)) == "data/mine.csv"

    def test_a_path_outside_is_written_whole(self, table, tmp_path) -> None:
        (tmp_path / "other").mkdir()
        values = {"dataset": "csv", "csv_path": "data/mine.csv"}
        assert self.path_in(generate(TASK, values, out="other/run.ipynb")) == str(table)


def test_markdown_is_escaped_only_where_it_would_be_more_than_text(tmp_path: Path) -> None:
    """A reader of the cell's source, or of a script, sees words and not backslashes."""
    script = generate("multiclass_classification", {"dataset": "three_spirals"}, tmp_path / "a.py")
    text = script.read_text(encoding="utf-8")
    assert "# # Multiclass classification: Three spirals (made)\n" in text
    assert "# Three spiral arms, made on the spot: hard for a linear model" in text
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a.csv").write_text("x,[x](javascript:y) <b>\n" + "1,a\n2,b\n2,a\n" * 10)
    values = {"dataset": "csv", "csv_path": str(folder / "a.csv")}
    values["target_column"] = "[x](javascript:y) <b>"
    text = generate("multiclass_classification", values, tmp_path / "b.py").read_text("utf-8")
    assert "| Target | \\[x\\](javascript\\:y) \\<b\\> |" in text
