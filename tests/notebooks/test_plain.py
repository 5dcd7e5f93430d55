"""Without provenance: the same weights and metrics, and nothing of this package."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mlprov_widgets import generate
from mlprov_widgets.errors import PackError
from mlprov_widgets.notebooks import render_cells
from mlprov_widgets.packs import Pack, complete_values, discover_packs, load_pack
from tests.packs.test_reading import GOOD

TABLE, IMAGES = "multiclass_classification", "image_classification"
# They would have to be downloaded.
ELSEWHERE = ("MNIST", "FashionMNIST", "CIFAR10")
# What both notebooks came to: every number of the metrics, and the weights as bytes.
TELL = """
import hashlib, json
state = model.state_dict() if hasattr(model, "state_dict") else {}
weights = hashlib.sha256(b"".join(one.cpu().numpy().tobytes() for one in state.values()))
print("CAME TO", json.dumps([weights.hexdigest(), repr(sorted(metrics.items(), key=str))]))
"""


def _examples() -> list[Any]:
    packs = discover_packs().values()
    return [
        pytest.param(pack, name, id=f"{pack.name}: {name}")
        for pack in packs
        for name in pack.examples
    ]


def _run(script: Path) -> Any:
    text = script.read_text(encoding="utf-8")
    # Before the last cell, which shows the graph where there is one.
    head, mark, tail = text.partition("# %% [markdown]\n# ## Provenance")
    script.write_text(head + "# %%" + TELL + mark + tail, encoding="utf-8")
    command = [sys.executable, script.name]
    done = subprocess.run(command, cwd=script.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(re.search(r"CAME TO (.*)", done.stdout)[1])


def _same(pack: Pack | str, values: dict[str, Any], folder: Path) -> None:
    recorded = _run(generate(pack, values, folder / "recorded.py"))
    assert _run(generate(pack, values, folder / "plain.py", plain=True)) == recorded
    assert (folder / "recorded.prov.json").is_file()
    assert not list(folder.glob("plain*.json"))


@pytest.mark.parametrize(("pack", "example"), _examples())
def test_a_plain_notebook_has_nothing_of_this_package(
    pack: Pack, example: str, tmp_path: Path
) -> None:
    values = complete_values(pack, pack.examples[example], tmp_path)
    try:
        file = generate(pack, values, tmp_path / "study.ipynb", plain=True)
    except PackError as error:
        # Where it cannot be, it says what is needed.
        if "needs" not in str(error) or (tmp_path / "study.ipynb").exists():
            raise
        return
    text = file.read_text(encoding="utf-8")
    for word in ("mlprov", "provenance", "start_run", "run.save", "run.name", ".prov.json"):
        assert word not in text
    nbformat.validate(nbformat.read(file, 4))
    cells = render_cells(pack, values, "study.ipynb", plain=True)
    (tmp_path / "study.py").write_text("\n\n".join(c.source for c in cells if c.kind == "code"))
    command = ["ruff", "check", "--isolated", "--select", "F,E9,B", "study.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 or "B905" in done.stdout, done.stdout


def test_the_same_metrics(tmp_path: Path) -> None:
    _same("tabular_regression", {"resampling": "k_fold", "plots": False}, tmp_path)


@pytest.mark.slow
def test_the_same_weights_and_metrics(tmp_path: Path) -> None:
    values = {"epochs": 3, "early_stopping": 2, "dropout": 0.1, "plots": False}
    _same(TABLE, {**values, "save_checkpoint": True, "save_model": True}, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pack", "example"),
    [
        one
        for one in _examples()
        if one.values[0].examples[one.values[1]]["dataset"] not in ELSEWHERE
    ],
)
def test_each_example_comes_to_the_same(pack: Pack, example: str, tmp_path: Path) -> None:
    values = {**pack.examples[example], "plots": False}
    if "epochs" in pack.parameters:
        values["epochs"] = 2
    try:
        _same(pack, values, tmp_path)
    except PackError as error:
        if "needs" not in str(error):
            raise


@pytest.mark.parametrize(
    ("pack", "values", "needed"),
    [
        (TABLE, {"dataset": "spiral"}, "load_shape_set"),
        (IMAGES, {"save_checkpoint": True, "resume": True}, "load_checkpoint"),
    ],
)
def test_what_cannot_be_plain_is_refused(
    pack: str, values: dict[str, Any], needed: str, tmp_path: Path
) -> None:
    with pytest.raises(PackError) as caught:
        generate(pack, values, tmp_path / "study.ipynb", plain=True)
    assert needed in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_pack_that_knows_nothing_of_it_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "pack.toml").write_text(GOOD, encoding="utf-8")
    (folder / "010_data_ingestion.py.jinja").write_text(
        "from mlprov_widgets import start_run\n\nrun = start_run({{ notebook }})\nrun.finish()\n"
    )
    with pytest.raises(PackError) as caught:
        generate(load_pack(folder), {}, tmp_path / "study.py", plain=True)
    assert "start_run and run.finish" in str(caught.value)
    generate(load_pack(folder), {}, tmp_path / "study.py")
