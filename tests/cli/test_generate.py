"""What there is to generate, and generating it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mlprov_widgets.notebooks import read_manifest
from mlprov_widgets.packs import bundled_folder
from tests.cli.commands import PACK, mlprov, refused


def test_tasks():
    assert PACK in mlprov("tasks").stdout
    (one,) = [task for task in json.loads(mlprov("tasks", "--json").stdout) if task["name"] == PACK]
    assert one["title"]
    assert one["summary"]


def test_a_broken_pack_is_named_beside_the_good_ones(tmp_path):
    for name in ("broken", "whole"):
        shutil.copytree(bundled_folder() / PACK, tmp_path / "packs" / name)
    (tmp_path / "packs" / "broken" / "pack.toml").write_text("[pack")
    done = mlprov("tasks", "--packs", "packs")
    assert done.exit_code == 0
    assert "\nwhole  (" in done.stdout
    assert "broken" not in done.stdout
    assert "Left out: packs/broken/pack.toml" in done.stderr.replace(f"{tmp_path}/", "")
    assert mlprov("generate", "whole", "--packs", "packs", "-o", "a.py").exit_code == 0
    assert "this is not TOML" in refused("generate", "broken", "--packs", "packs")


@pytest.mark.parametrize("words", [("tasks", PACK), ("generate", PACK, "--help")])
def test_the_parameters_of_a_pack(words):
    text = mlprov(*words).stdout
    assert "optimizer  one of Adam, " in text
    assert "test_size  a number above 0 and up to 0.8; default 0.2" in text
    assert "Counts only if dataset == 'csv'" in text


def test_the_parameters_of_a_pack_as_json():
    facts = json.loads(mlprov("tasks", PACK, "--json").stdout)
    by_name = {parameter["name"]: parameter for parameter in facts["parameters"]}
    assert by_name["epochs"]["type"] == "integer"
    assert by_name["optimizer"]["default"] in by_name["optimizer"]["choices"]


def test_generate(tmp_path):
    result = mlprov("generate", PACK, "-s", "epochs=3", "-s", "optimizer=SGD", "-o", "my.ipynb")
    assert (result.exit_code, result.stdout) == (0, "my.ipynb\n")
    values = read_manifest(tmp_path / "my.ipynb").values
    assert (values["epochs"], values["optimizer"]) == (3, "SGD")
    script = mlprov("generate", PACK, "-o", "my.py")
    assert script.exit_code == 0
    compile((tmp_path / "my.py").read_text(), "my.py", "exec")
    default = json.loads(mlprov("generate", PACK, "--json").stdout)
    assert Path(default["file"]).name == f"{PACK}.ipynb"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("values.json", '{"epochs": 3, "seed": 7}'),
        ("values.toml", "epochs = 3\nseed = 7\n"),
        ("saved.json", '{"format": 1, "task": "x", "values": {"epochs": 3, "seed": 7}}'),
    ],
)
def test_values_from_a_file(tmp_path, name, text):
    Path(name).write_text(text)
    mlprov("generate", PACK, "--values", name, "-s", "seed=8", "-o", "my.ipynb")
    values = read_manifest(tmp_path / "my.ipynb").values
    assert (values["epochs"], values["seed"]) == (3, 8)


def test_wrong_values():
    message = refused("generate", PACK, "-s", "epocs=3", "-s", "epochs=many", "-s", "test_size=2")
    assert "epocs" in message
    assert "did you mean epochs" in message
    assert "'many'" in message
    assert "test_size" in message
    assert "NAME=VALUE" in refused("generate", PACK, "-s", "epochs")
    assert list(Path().iterdir()) == []


def test_wrong_files_of_values():
    Path("broken.json").write_text("{")
    Path("broken.toml").write_text("=")
    Path("list.json").write_text("[1]")
    assert "broken.json is not valid JSON" in refused("generate", PACK, "--values", "broken.json")
    assert "broken.toml is not valid TOML" in refused("generate", PACK, "--values", "broken.toml")
    assert "does not hold values" in refused("generate", PACK, "--values", "list.json")
    assert "none.json cannot be read" in refused("generate", PACK, "--values", "none.json")


def test_generate_writes_over_nothing():
    Path("mine.ipynb").write_text("mine")
    assert "exists already" in refused("generate", PACK, "-o", "mine.ipynb")
    assert Path("mine.ipynb").read_text() == "mine"
    assert "no pack 'nonsense'" in refused("generate", "nonsense")
    assert "no folder" in refused("generate", PACK, "-o", "nowhere/x.ipynb")
    usage = mlprov("generate")
    assert usage.exit_code == 2
    assert "Missing argument 'PACK'" in usage.stderr
