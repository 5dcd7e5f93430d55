"""A small pack with a run of it, and the ways in which its maintainer may change it since."""

from __future__ import annotations

from pathlib import Path

TOML = """\
[pack]
title = "Small"
summary = "A pack for tests."
version = "1.0"
task_type = "Small"

[[pages]]
name = "model"
title = "Model"

[[parameters]]
name = "rounds"
label = "Rounds"
type = "integer"
page = "model"
step = "training"
default = 10
maximum = 100
constant = true

[[parameters]]
name = "method"
label = "Method"
type = "choice"
page = "model"
step = "training"
default = "mean"
choices = [
    { value = "mean", label = "Mean", code = "fmean" },
    { value = "median", label = "Median", code = "median" },
]

[[parameters]]
name = "samples"
label = "Samples"
type = "integer"
page = "model"
step = "training"
default = 600
when = "method == 'mean'"
"""
CELLS = {
    "010_title.md.jinja": "# {{ title }}\n",
    "030_imports.py.jinja": "from statistics import {{ code.method }}\n",
    "040_parameters.py.jinja": "ROUNDS = {{ rounds }}\n",
    "100_training.py.jinja": "result = {{ code.method }}(range(ROUNDS))\n",
    "110_evaluation.py.jinja": "print(result)\n",
}


def small_pack(folder: Path) -> Path:
    """Write the pack into a new folder."""
    folder.mkdir(parents=True)
    (folder / "pack.toml").write_text(TOML)
    for name, text in CELLS.items():
        (folder / name).write_text(text)
    return folder


def change(file: Path, before: str, after: str) -> None:
    """Replace a text that has to be there."""
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))
