"""Packs come from this package, from installed ones, from the user's folder, from named ones."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mlprov_widgets.errors import PackError
from mlprov_widgets.packs import bundled_folder, find_pack, load_pack, readable_packs
from mlprov_widgets.packs.sources import user_folder

TAKEN = "tabular_regression"


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLPROV_CONFIG_DIR", str(tmp_path / "settings"))
    for name in [name for name in os.environ if name.startswith(("VOILA_", "MLPROV_PACKS"))]:
        monkeypatch.delenv(name)


def copied(to: Path) -> Path:
    return shutil.copytree(bundled_folder() / TAKEN, to)


def installed(place: Path, module: str = "study_kit.packs", pack: str = "penguins") -> Path:
    """Site packages with a package that offers a pack, and that nobody may import."""
    package = place / "study_kit"
    copied(package / "packs" / pack)
    (package / "__init__.py").write_text("raise SystemExit('it was imported')\n")
    about = place / "study_kit-2.5.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: study-kit\nVersion: 2.5\n")
    (about / "entry_points.txt").write_text(f"[mlprov.packs]\nstudy = {module}\n")
    return place


def listed(place: Path, **variables: str) -> dict[str, str]:
    """Name and source of each pack, as a new process sees them."""
    code = (
        "import json; from mlprov_widgets.packs import readable_packs\n"
        "print(json.dumps({n: p.source.text for n, p in readable_packs([]).items()}))"
    )
    path = os.pathsep.join([str(place), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path, **variables},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_an_installed_package_offers_packs_without_being_imported(tmp_path: Path) -> None:
    found = listed(installed(tmp_path / "site"))
    assert found["penguins"] == "with the package study-kit 2.5"
    assert found[TAKEN] == "with mlprov-widgets"


def test_an_installed_pack_does_not_take_the_name_of_a_bundled_one(tmp_path: Path) -> None:
    found = listed(installed(tmp_path / "site", pack=TAKEN))
    assert found[TAKEN] == "with mlprov-widgets"
    assert found[f"study-kit:{TAKEN}"] == "with the package study-kit 2.5"


@pytest.mark.parametrize(
    "module", ["../up", "study_kit/packs", "no_such_package.packs", "study_kit.none"]
)
def test_an_entry_point_that_leads_nowhere_is_passed_over(tmp_path: Path, module: str) -> None:
    assert set(listed(installed(tmp_path / "site", module))) == set(readable_packs())


def test_a_visitor_sees_what_the_host_has_named_and_no_more(tmp_path: Path) -> None:
    site = installed(tmp_path / "site")
    copied(user_folder() / "mine")
    named = copied(tmp_path / "course" / "lesson").parent
    variables = {"MLPROV_PACKS": str(named)}
    assert {"penguins", "mine", "lesson"} <= set(listed(site, **variables))
    hosted = listed(site, VOILA_KERNEL_ID="1", **variables)
    assert "lesson" in hosted
    assert not {"penguins", "mine"} & set(hosted)


def test_the_users_folder(tmp_path: Path) -> None:
    mine = copied(user_folder() / "mine")
    pack = find_pack("mine")
    assert pack.folder == mine.resolve()
    assert str(user_folder()) in pack.source.text


def test_two_of_one_name_can_both_be_had(tmp_path: Path) -> None:
    named, own = copied(tmp_path / "here" / TAKEN), copied(user_folder() / TAKEN)
    packs = readable_packs([named.parent])
    assert packs[TAKEN].folder == named.resolve()
    assert packs[f"bundled:{TAKEN}"].folder.parent == bundled_folder()
    assert packs[f"user:{TAKEN}"].folder == own.resolve()
    assert find_pack(f"user:{TAKEN}").folder == own.resolve()
    # What is not named explicitly takes no name away.
    assert find_pack(TAKEN).folder.parent == bundled_folder()


def test_of_two_named_folders_the_last_has_the_name(tmp_path: Path) -> None:
    first, last = copied(tmp_path / "a" / "same"), copied(tmp_path / "b" / "same")
    packs = readable_packs([first, last])
    assert packs["same"].folder == last.resolve()
    assert packs[str(first.resolve())].folder == first.resolve()
    assert readable_packs([first, last, first])["same"].folder == first.resolve()


def test_a_broken_pack_of_the_user_leaves_the_others_usable(tmp_path: Path) -> None:
    broken = copied(user_folder() / "broken")
    (broken / "pack.toml").write_text("[pack")
    copied(user_folder() / "whole")
    packs = readable_packs()
    assert "whole" in packs
    assert "broken" not in packs
    with pytest.raises(PackError, match=r"broken/pack\.toml"):
        find_pack("broken")


def test_a_pack_that_is_named_by_its_folder_says_so(tmp_path: Path) -> None:
    folder = copied(tmp_path / "mine")
    assert load_pack(folder).source.text == f"from {folder}"
    assert load_pack(bundled_folder() / TAKEN).source.is_bundled
