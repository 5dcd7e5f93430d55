"""A pack of somebody else writes nothing before it is trusted."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mlprov_widgets.authoring import new_pack
from mlprov_widgets.errors import MlprovError, PackError
from mlprov_widgets.notebooks import generate
from mlprov_widgets.packs import Pack, bundled_folder, is_trusted, load_pack
from mlprov_widgets.packs.trust import revoke_trust, trust_file, trust_folder, trust_pack
from mlprov_widgets.rebuild import EditsNotAcceptedError, reproduce


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLPROV_CONFIG_DIR", str(tmp_path / "settings"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A pack that came from somewhere."""
    made = new_pack(tmp_path / "made" / "study")
    return shutil.copytree(made, tmp_path / "received" / "study")


@pytest.fixture
def pack(folder: Path) -> Pack:
    return load_pack(folder)


def test_what_comes_with_the_package_is_trusted() -> None:
    assert is_trusted(load_pack(bundled_folder() / "tabular_regression"))
    assert not trust_file().exists()


def test_ones_own_pack_is_trusted_whatever_one_writes(tmp_path: Path) -> None:
    folder = new_pack(tmp_path / "mine")
    assert is_trusted(load_pack(folder))
    (folder / "500_more.py.jinja").write_text("print(1)\n")
    assert is_trusted(load_pack(folder))


def test_a_strangers_pack_writes_nothing(pack: Pack, tmp_path: Path) -> None:
    with pytest.raises(PackError, match=f"comes from .*mlprov trust {pack.folder}"):
        generate(pack, {}, tmp_path / "a.ipynb")
    assert not (tmp_path / "a.ipynb").exists()
    trust_pack(pack)
    assert generate(pack, {}, tmp_path / "a.ipynb").exists()


def test_a_change_of_a_file_is_asked_about_again(pack: Pack) -> None:
    trust_pack(pack)
    assert is_trusted(load_pack(pack.folder))
    with (pack.folder / "pack.toml").open("a") as file:
        file.write("\n# one more line\n")
    assert not is_trusted(load_pack(pack.folder))


def test_the_same_files_elsewhere_are_trusted(pack: Pack, tmp_path: Path) -> None:
    trust_pack(pack)
    assert is_trusted(load_pack(shutil.copytree(pack.folder, tmp_path / "again" / "study")))


def test_shared_cells_beside_a_pack_are_part_of_what_is_trusted(
    folder: Path, tmp_path: Path
) -> None:
    shared = folder.parent / "_common"
    shared.mkdir()
    (shared / "more.py.jinja").write_text("print(1)\n")
    trust_pack(load_pack(folder))
    (shared / "more.py.jinja").write_text("print(2)\n")
    assert not is_trusted(load_pack(folder))


def test_a_trusted_folder_trusts_what_is_in_it(pack: Pack) -> None:
    trust_folder(pack.folder.parent)
    assert is_trusted(pack)
    with pytest.raises(MlprovError, match=str(pack.folder.parent)):
        revoke_trust(pack)
    assert is_trusted(pack)


def test_trust_can_be_taken_back(pack: Pack) -> None:
    assert not revoke_trust(pack)
    trust_pack(pack)
    trust_folder(pack.folder)
    assert revoke_trust(pack)
    assert not is_trusted(pack)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", '{"packs": 1}', '{"packs": {}, "folders": 3}', "[" * 100_000,
     '{"packs": {"a": 1}, "folders": []}'],
)  # fmt: skip
def test_a_damaged_file_trusts_nobody_and_is_not_replaced(content: str, pack: Pack) -> None:
    trust_file().parent.mkdir(exist_ok=True)
    trust_file().write_text(content)
    assert not is_trusted(pack)
    with pytest.raises(MlprovError, match=r"trusted_packs\.json"):
        trust_pack(pack)
    assert trust_file().read_text() == content


def test_nobody_else_can_change_who_is_trusted(pack: Pack) -> None:
    trust_pack(pack)
    (said,) = json.loads(trust_file().read_text())["packs"].values()
    assert said["folder"] == str(pack.folder)
    assert trust_file().stat().st_mode & 0o022 == 0


def test_cells_of_a_strangers_pack_have_to_be_accepted(pack: Pack, tmp_path: Path) -> None:
    trust_pack(pack)
    notebook = generate(pack, {}, tmp_path / "a.ipynb")
    assert not reproduce(notebook, tmp_path / "b.ipynb", packs=[pack.folder]).edited
    revoke_trust(pack)
    with pytest.raises(EditsNotAcceptedError) as refused:
        reproduce(notebook, tmp_path / "c.ipynb", packs=[pack.folder])
    assert any(f"mlprov trust {pack.folder}" in note for note in refused.value.notes)
    assert not (tmp_path / "c.ipynb").exists()
