"""A small pack of a linear model, and ways to make a mistake in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

DECLARED = """
[pack]
title = "Ridge"
summary = "A linear model with a penalty."
version = "1"
task_type = "Regression"

[[pages]]
name = "model"
title = "Model"
steps = ["model_training"]

[[parameters]]
name = "alpha"
label = "Penalty"
type = "number"
page = "model"
step = "model_training"
default = 1.0
minimum = 0
constant = true

[[parameters]]
name = "solver"
label = "Solver"
type = "choice"
page = "model"
step = "model_training"
default = "auto"
when = "alpha > 0"
choices = [
    { value = "auto", label = "The best", code = "'auto'" },
    { value = "svd", label = "SVD", code = "'svd'" },
]
"""
CELLS = {
    "010_title.md.jinja": "# {{ title }}\n",
    "030_imports.py.jinja": (
        "from sklearn.datasets import load_diabetes\n"
        "from sklearn.linear_model import Ridge\n\n"
        "from mlprov_widgets import start_run\n"
    ),
    "040_parameters.py.jinja": "ALPHA = {{ alpha }}\n",
    "050_start.py.jinja": "run = start_run({{ notebook }})\n",
    "100_model_training.py.jinja": (
        "features, labels = load_diabetes(return_X_y=True)\n"
        'run.record("data_ingestion", features=features, labels=labels)\n'
        "model = Ridge(ALPHA{% if alpha > 0 %}, solver={{ code.solver }}{% endif %})\n"
        "model.fit(features, labels)\n"
        'run.record("model_training", model=model)\n'
    ),
    "110_model_evaluation.py.jinja": (
        "predictions = model.predict(features)\n"
        "metrics = {'r2': model.score(features, labels)}\n"
        'run.record("model_evaluation", predictions=predictions, metrics=metrics)\n'
    ),
    "120_provenance.py.jinja": "run.finish()\n",
}


def write_pack(folder: Path, declared: str = DECLARED) -> Path:
    folder.mkdir(parents=True)
    (folder / "pack.toml").write_text(declared, encoding="utf-8")
    for name, text in CELLS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def instead(file: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")

    return change


def further(text: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with (folder / "pack.toml").open("a", encoding="utf-8") as stream:
            stream.write(text)

    return change


def renamed(old: str, new: str) -> Callable[[Path], None]:
    return lambda folder: (folder / old).rename(folder / new) and None


PARAMETER = """
[[parameters]]
name = "{name}"
label = "X"
type = "integer"
page = "model"
step = "{step}"
default = 3
{more}
"""


def parameter(name: str, step: str = "model_training", more: str = "") -> Callable[[Path], None]:
    return further(PARAMETER.format(name=name, step=step, more=more))


TRAINING, TOML = "100_model_training.py.jinja", "pack.toml"
