"""A notebook that was generated for a file says so when the file is another one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mlprov_widgets import generate
from mlprov_widgets.provenance import read_record

ROWS = [f"{n % 7}.5,{(n * 3) % 11}.25,{['red', 'blue', 'green'][n % 3]}" for n in range(60)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A script that was generated for a table, as far as it reads that."""
    folder = tmp_path_factory.mktemp("data_check")
    _write(folder, ["size,weight,label", *ROWS])
    values = {"dataset": "csv", "csv_path": str(folder / "table.csv"), "plots": False}
    script = generate("tabular_classification", values, folder / "study.py")
    head, mark, rest = script.read_text().partition("## Split")
    manifest = rest.strip().splitlines()[-1]
    assert mark
    script.write_text(f"{head}\n# %%\nrun.finish()\n\n{manifest}\n")
    return script


def _in_brackets(row: str) -> str:
    size, rest = row.split(",", 1)
    return f"({size}),{rest}"


def _in_single_quotes(row: str) -> str:
    size, rest = row.split(",", 1)
    return f"'{size}',{rest}"


def _with_decimal_comma(row: str) -> str:
    size, weight, label = row.replace(".", "!").split(",")
    return f'"{size}","{weight}",{label}'.replace("!", ",")


def _write(folder: Path, lines: list[str]) -> None:
    (folder / "table.csv").write_text("\n".join(lines) + "\n")


def _run(script: Path, lines: list[str]) -> tuple[int, str, list[str]]:
    """Exit code, what was printed, and the codes of the findings."""
    _write(script.parent, lines)
    for file in script.parent.glob("*.prov.json"):
        file.unlink()
    command = [sys.executable, script]
    done = subprocess.run(command, cwd=script.parent, capture_output=True, text=True)
    record = read_record(next(script.parent.glob("*.prov.json")))
    return done.returncode, done.stdout + done.stderr, [one.code for one in record.findings]


CHANGES = [
    (["size,weight,label", *ROWS], 0, ""),
    (["size,weight,label", *ROWS[:-12]], 0, "48 rows instead of 60"),
    (["id,size,weight,label", *(f"{n},{r}" for n, r in enumerate(ROWS))], 0, "column ('id')"),
    (["size,weight,label", *(row.replace("green", "teal") for row in ROWS)], 0, "'teal'"),
    (["size,weight,label", *(row.replace(".25", ".75") for row in ROWS)], 0, "other values"),
    (["size,label", *(row.split(",", 1)[1] for row in ROWS)], 0, "1 missing column ('weight')"),
    (["size,weight,kind", *ROWS], 1, "has no column called 'label' any more"),
    ([row.replace(",", ";") for row in ["size,weight,label", *ROWS]], 1, "parted by ';' now"),
    (["size,weight,label", *ROWS[::3]], 1, "All labels in 'label'"),
    (["size,weight,label", *map(_in_single_quotes, ROWS)], 1, "quotechar"),
    (["size,weight,label", *map(_with_decimal_comma, ROWS)], 1, "decimal ',' instead of '.'"),
    (["size,weight,label", *ROWS, "none,1.25,red"], 1, "numbers in 'size' that"),
    (["size,weight,label", *ROWS, "n/a,1.25,red"], 0, "61 rows instead of 60"),
    (["size,weight,label", *map(_in_brackets, ROWS[::2]), *ROWS], 1, "numbers in 'size' that"),
]  # fmt: skip
# Each is a process of its own; these are one of each kind.
QUICK = ("", "48 rows instead of 60", "has no column called 'label' any more", "quotechar")


@pytest.mark.parametrize(
    ("lines", "code", "words"),
    [
        pytest.param(*change, marks=() if change[2] in QUICK else pytest.mark.slow)
        for change in CHANGES
    ],
)
def test_what_has_changed_is_said(made: Path, lines: list[str], code: int, words: str) -> None:
    status, said, findings = _run(made, lines)
    assert status == code
    assert words in said
    assert ("data_file_changed" in findings) is bool(words and not code)
    if code:
        assert "KeyError" not in said
