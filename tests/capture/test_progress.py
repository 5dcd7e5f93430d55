"""Bars for who watches, nothing in what is kept."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from mlprov_widgets import progress

LOOP = """\
from mlprov_widgets import progress
for number in progress(range(3), unit="epoch"):
    progress.write(f"epoch {number}")
"""


def executed(folder: Path) -> list[dict[str, object]]:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(LOOP)])
    NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}).execute()
    return list(notebook.cells[0].outputs)


def test_a_saved_notebook_keeps_the_lines_and_no_bar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    outputs = executed(tmp_path)
    shown = [output for output in outputs if output["output_type"] != "stream"]
    assert [output["data"] for output in shown] == [{}]
    lines = [output["text"] for output in outputs if output["output_type"] == "stream"]
    assert "".join(map(str, lines)) == "epoch 0\nepoch 1\nepoch 2\n"


@pytest.mark.parametrize("name", ["CI", "TQDM_DISABLE"])
def test_where_nobody_watches_there_is_no_bar_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv(name, "1")
    assert [output["output_type"] for output in executed(tmp_path)] == ["stream"]


def test_a_script_draws_its_bar_beside_its_output() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        [sys.executable, "-c", LOOP], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "epoch 0\nepoch 1\nepoch 2\n"
    assert "3/3" in done.stderr or "0/3" in done.stderr


def test_one_whose_making_was_interrupted_is_closed_without_a_word(
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress.__new__(progress).close()
    gc.collect()
    assert capsys.readouterr() == ("", "")
