"""What the documentation says to type is typed."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from mlprov_widgets.cli import main
from tests.store.made import run_file

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "runs.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^mlprov (.*)$", PAGE, re.MULTILINE)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    for number in range(6):
        values = {"seed": number % 3, "optimizer": ("Adam", "SGD")[number // 3]}
        run_file(folder, f"r{number}", {"accuracy": 0.9 + number / 100}, values)
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_commands(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(shutil.copytree(runs, tmp_path / "runs"))
    done = CliRunner().invoke(main, shlex.split(command, comments=True))
    assert done.exit_code == 0, done.output


def test_there_are_commands() -> None:
    assert len(COMMANDS) > 5
