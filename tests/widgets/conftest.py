"""A small pack that asks for every type of parameter and whose notebook runs in a moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlprov_widgets.hosting import Place, end_session
from mlprov_widgets.packs import load_pack
from mlprov_widgets.widgets import Wizard, wizard
from mlprov_widgets.widgets.state import WizardState

PACK = """
[pack]
title = "Tiny <task>"
summary = "Small & quick."
version = "1.0"
task_type = "Tiny"

[[pages]]
name = "data"
title = "Data"
steps = ["data_ingestion"]

[[pages]]
name = "model"
title = "Model"
help = "How it learns."
steps = ["model_parameters"]

[[parameters]]
name = "dataset"
label = "Data set"
help = "What it learns from."
type = "choice"
page = "data"
step = "data_ingestion"
default = "made"
choices = [
    { value = "made", label = "Made", help = "Made on the spot." },
    { value = "csv", label = "Own file" },
]

[[parameters]]
name = "csv_path"
label = "CSV file"
type = "csv_file"
page = "data"
step = "data_ingestion"
constant = true
when = "dataset == 'csv'"

[[parameters]]
name = "target_column"
label = "Target"
type = "column"
table = "csv_path"
page = "data"
step = "data_ingestion"
constant = true
when = "dataset == 'csv'"

[[parameters]]
name = "feature_columns"
label = "Features"
type = "columns"
table = "csv_path"
page = "data"
step = "data_ingestion"
when = "dataset == 'csv'"

[[parameters]]
name = "csv_format"
label = "Format"
type = "table_format"
table = "csv_path"
page = "data"
step = "data_ingestion"
when = "dataset == 'csv'"

[[parameters]]
name = "optimizer"
label = "Optimizer"
type = "choice"
page = "model"
step = "model_parameters"
default = "Adam"
choices = [
    { value = "Adam", label = "Adam", sets = { learning_rate = 0.001 } },
    { value = "Adadelta", label = "Adadelta", sets = { learning_rate = 1.0 } },
]

[[parameters]]
name = "learning_rate"
label = "Learning rate"
help = "Size of a step."
type = "number"
page = "model"
step = "model_parameters"
default = 0.001
above = 0
maximum = 10
constant = true

[[parameters]]
name = "epochs"
label = "Epochs"
type = "integer"
unit = "rounds"
page = "model"
step = "model_parameters"
default = 100
minimum = 1
maximum = 1000
constant = true

[[parameters]]
name = "remark"
label = "Remark"
type = "text"
page = "model"
step = "model_parameters"

[[parameters]]
name = "verbose"
label = "Talk"
type = "flag"
page = "model"
step = "model_parameters"
default = true

[[rules]]
parameter = "learning_rate"
when = "learning_rate > 1"
message = "This is a very large step."

[[rules]]
parameter = "epochs"
when = "optimizer == 'Adadelta' and epochs > 500"
error = true
message = "Adadelta needs no more than 500 epochs."
"""
CELLS = {
    "010_title.md.jinja": "# {{ title }}\n\n| Choice | Value |\n|---|---|\n"
    "{% for label, value in choices %}\n| {{ label }} | {{ value }} |\n{% endfor %}\n",
    "040_parameters.py.jinja": "LEARNING_RATE = {{ learning_rate }}\nEPOCHS = {{ epochs }}\n",
    "060_data_ingestion.py.jinja": "{% if dataset == 'csv' %}\npath = {{ csv_path }}\n"
    "{% else %}\nrows = [1, 2, 3]\n{% endif %}\n",
    "090_model_parameters.py.jinja": "remark = {{ remark }}\nfor epoch in range(EPOCHS):\n"
    "    rate = LEARNING_RATE / (epoch + 1)\n",
    "100_model_training.py.jinja": "{% if verbose %}\nprint(rate)\n{% endif %}\n",
}
EXAMPLES = """
["Few rounds"]
epochs = 3
"""


@pytest.fixture(autouse=True)
def _private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Drafts and visitors of these tests stay among themselves, and no host shines through."""
    import os

    for name in [*os.environ]:
        if name.startswith("VOILA_") or name.startswith("JPY_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(
        "platformdirs.user_state_path", lambda *_args, **_more: tmp_path / "application-state"
    )
    monkeypatch.setenv("MLPROV_HOST_SESSIONS", str(tmp_path / "visitors"))
    yield
    end_session()


@pytest.fixture
def pack_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "packs" / "tiny"
    folder.mkdir(parents=True)
    (folder / "pack.toml").write_text(PACK)
    (folder / "examples.toml").write_text(EXAMPLES)
    for name, text in CELLS.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    made.mkdir()
    rows = "".join(f"{n % 7},{n % 5}.5,{'abc'[n % 3]}\n" for n in range(30))
    (made / "table.csv").write_text(f"size,weight,label\n{rows}")
    return made


@pytest.fixture
def state(pack_folder: Path, folder: Path) -> WizardState:
    pack = load_pack(pack_folder)
    return WizardState({pack.name: pack}, Place(folder))


@pytest.fixture
def made(pack_folder: Path, folder: Path) -> Wizard:
    return wizard("tiny", folder=folder, packs=[pack_folder])
