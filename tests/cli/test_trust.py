"""Trusting a pack at a terminal, and where there is none."""

from __future__ import annotations

import json
import shutil

import pytest

from mlprov_widgets.authoring import new_pack
from tests.cli.commands import PACK, mlprov, refused


@pytest.fixture(autouse=True)
def received(tmp_path, monkeypatch):
    monkeypatch.setenv("MLPROV_CONFIG_DIR", str(tmp_path / "settings"))
    made = new_pack(tmp_path / "made" / "study")
    return shutil.copytree(made, tmp_path / "packs" / "study")


def test_the_pack_of_a_stranger(tmp_path):
    assert "nobody here has said that its code is trusted" in refused("generate", "packs/study")
    asked = mlprov("trust", "packs/study", input="n\n")
    assert asked.exit_code == 1
    assert "Its notebooks run with all your rights." in asked.stderr
    assert f"from {tmp_path / 'packs' / 'study'}" in asked.stderr
    done = mlprov("trust", "study", "--packs", "packs", input="y\n")
    assert (done.exit_code, done.stdout) == (0, "study is trusted.\n")
    assert mlprov("generate", "packs/study", "-o", "a.py").exit_code == 0
    gone = mlprov("trust", "packs/study", "--revoke")
    assert (gone.exit_code, gone.stdout) == (0, "study is not trusted any more.\n")
    assert mlprov("trust", "packs/study", "--revoke").exit_code == 1
    refused("generate", "packs/study", "-o", "b.py")


def test_a_whole_folder(tmp_path):
    assert mlprov("trust", "packs/study", "--folder", "--yes").exit_code == 0
    (tmp_path / "packs" / "study" / "500_more.py.jinja").write_text("print(1)\n")
    assert mlprov("generate", "packs/study", "-o", "a.py").exit_code == 0


def test_a_bundled_pack_needs_no_trust():
    assert mlprov("trust", PACK).stdout == f"{PACK} comes with mlprov-widgets.\n"


def test_nothing_of_a_strangers_pack_is_executed_to_check_it():
    assert mlprov("check-pack", "packs/study").exit_code == 0
    assert "is trusted" in refused("check-pack", "packs/study", "--run")


def test_a_list_says_where_each_pack_comes_from(tmp_path):
    listed = mlprov("tasks", "--packs", "packs").stdout
    assert f"Comes from {tmp_path}" in " ".join(listed.split()).replace(
        "from packs", f"from {tmp_path}"
    )
    facts = {one["name"]: one for one in json.loads(mlprov("tasks", "--json").stdout)}
    assert facts[PACK]["source"] == "with mlprov-widgets"
