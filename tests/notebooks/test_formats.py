"""A further format is one class and its registration: every door then takes and gives it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from mlprov_widgets import generate, inspect_run
from mlprov_widgets.cli import main
from mlprov_widgets.errors import MlprovError, RecordError
from mlprov_widgets.notebooks import read_manifest
from mlprov_widgets.notebooks.formats import (
    Document,
    NotebookFormat,
    SourceCell,
    format_of,
    is_notebook,
    read_document,
    register,
    stem_of,
    suffixes,
)
from mlprov_widgets.notebooks.manifest import Manifest
from mlprov_widgets.rebuild import reproduce as rebuild

TASK = "multiclass_classification"
_BLOCK = re.compile(r"^```python\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
_MANIFEST = re.compile(r"^<!-- mlprov (.*) -->$", re.MULTILINE)


class MarkdownText(NotebookFormat):
    suffix = ".md"
    noun = "text"

    def read(self, text: str, *, strict: bool = False) -> Document:
        found = _MANIFEST.search(text)
        cells = []
        for place, part in enumerate(_BLOCK.split(_MANIFEST.sub("", text))):
            if part.strip():
                kind = "code" if place % 2 else "markdown"
                cells.append(SourceCell("", kind, part.strip("\n")))
        return Document(cells, json.loads(found[1]) if found else None)

    def write(self, cells: Iterable[SourceCell], manifest: Manifest) -> str:
        parts = [
            cell.source if cell.kind == "markdown" else f"```python\n{cell.source}\n```"
            for cell in cells
        ]
        told = json.dumps(manifest.to_dict(sources=False))
        return "\n\n".join([*parts, f"<!-- mlprov {told} -->"]) + "\n"


@pytest.fixture
def markdown() -> Iterator[None]:
    undo = register(MarkdownText())
    yield
    undo()
    assert suffixes() == (".ipynb", ".py")


def code_in(path: Path) -> list[str]:
    return [cell.source for cell in read_document(path).cells if cell.kind == "code"]


@pytest.mark.usefixtures("markdown")
def test_a_further_format_goes_through_every_door(tmp_path: Path) -> None:
    text = generate(TASK, {"epochs": 3}, tmp_path / "run.md")
    assert "\nEPOCHS = 3" in text.read_text()
    manifest = read_manifest(text)
    assert manifest is not None
    assert manifest.values["epochs"] == 3
    # The shell knows it from its name, too, and the new file may be of another format.
    runner = CliRunner()
    made = runner.invoke(main, ["generate", TASK, "-o", str(tmp_path / "shell.md")])
    assert made.exit_code == 0, made.output
    assert (tmp_path / "shell.md").is_file()
    again = rebuild(text, tmp_path / "again.ipynb")
    assert again.edited == []
    assert again.file.suffix == ".ipynb"
    back = rebuild(again.file, tmp_path / "back.md")
    assert code_in(text) == code_in(again.file) == code_in(back.file)
    made = runner.invoke(main, ["reproduce", str(text), "-o", str(tmp_path / "third.md")])
    assert made.exit_code == 0, made.output
    assert code_in(tmp_path / "third.md") == code_in(text)
    assert inspect_run(text).edits == []


@pytest.mark.usefixtures("markdown")
def test_an_edit_in_a_further_format_is_seen(tmp_path: Path) -> None:
    text = generate(TASK, {"epochs": 3}, tmp_path / "run.md")
    text.write_text(text.read_text().replace("EPOCHS = 3", "EPOCHS = 4"))
    with pytest.raises(RecordError, match="edited by hand"):
        rebuild(text, tmp_path / "again.ipynb")


def test_without_its_registration_the_format_is_none(tmp_path: Path) -> None:
    with pytest.raises(MlprovError, match=r"must end in \.ipynb for a notebook or \.py for a"):
        generate(TASK, {}, tmp_path / "run.md")
    assert format_of("run.md") is None
    assert stem_of("run.md") == "run.md"


def test_names_promise_formats() -> None:
    assert is_notebook("a/b.IPYNB")
    assert not is_notebook("a.py")
    assert [stem_of(name) for name in ("a.ipynb", "a.b.py", ".py", "a")] == ["a", "a.b", ".py", "a"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.ipynb", "{", "not valid JSON (line 1)"),
        ("a.ipynb", "[]", "not a Jupyter notebook"),
        ("a.ipynb", '{"cells": 3}', "not a Jupyter notebook"),
        ("a.ipynb", "[" * 100_000, "nested too deeply"),
        ("a.ipynb", f"[{'9' * 5000}]", "more digits"),
        ("a.ipynb", "[" + "," * 10_000_001 + "]", "too many values"),
        ("a.ipynb", "\udcff", "not a text file"),
    ],
)
def test_what_is_no_notebook_is_said(tmp_path: Path, name: str, content: str, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(RecordError, match=re.escape(said)) as refused:
        read_document(path)
    assert name in str(refused.value)


def test_cells_of_a_notebook_are_of_the_right_types_whatever_it_holds(tmp_path: Path) -> None:
    cells = [
        3,
        {"cell_type": "code", "id": 3, "source": ["a\n", 4, "b"], "outputs": [1, {"text": "x"}]},
        {"cell_type": "raw", "source": "raw"},
        {"cell_type": "markdown", "id": "m", "source": None, "metadata": {"mlprov": {"step": 1}}},
    ]
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {"kernelspec": []}}))
    found = read_document(path)
    assert found.cells == [SourceCell("", "code", "a\nb"), SourceCell("m", "markdown", "")]
    assert found.outputs == [{"text": "x"}]
    assert (found.kernel, found.manifest) == ("", None)


def test_cells_of_a_script_have_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("import a\n# %%\n\nx = 1\n\n# %% [markdown]\n# # Title\n#\n# text\n# %%\n\n")
    assert read_document(path).cells == [
        SourceCell("", "code", "import a", line=1),
        SourceCell("", "code", "x = 1", line=4),
        SourceCell("", "markdown", "# Title\n\ntext", line=7),
    ]
    path.write_text("# mlprov-widgets: {\n")
    assert read_document(path).is_manifest_damaged
    with pytest.raises(RecordError, match="says how it was generated, is damaged"):
        read_manifest(path)
