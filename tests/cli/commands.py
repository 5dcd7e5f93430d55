"""Commands in this process, or in a shell of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
from click.testing import CliRunner, Result
from nbformat.v4 import new_code_cell, new_notebook

from mlprov_widgets.cli import main
from tests.watchdog import WATCHDOG

PACK = "multiclass_classification"


def mlprov(*words: object, input: str | None = None) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words], input=input)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def refused(*words: object, code: int = 2) -> str:
    """The one sentence on standard error of a command that ends with this code."""
    result = mlprov(*words)
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert "Traceback" not in result.stderr
    return result.stderr


def write(path: str, *sources: str) -> Path:
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in sources]), path)
    return Path(path)


def shell(*words: object, **options) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "mlprov_widgets.cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=WATCHDOG, **options)
