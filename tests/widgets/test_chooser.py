"""The file chooser in folders of every kind: large, forbidden, linked, gone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from mlprov_widgets.hosting import Place
from mlprov_widgets.widgets.chooser import Chooser
from tests.widgets.sight import classes

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def chooser(folder: Path, said: list[str]) -> Any:
    return Chooser(Place(folder), said.append, [".json"], said.append)


def names(chooser: Any) -> list[str]:
    return [str(name).replace("📁 ", "") for name in chooser.entries.options]


def test_folders_come_first_and_only_what_fits_is_listed(chooser: Any, folder: Path) -> None:
    for name in ("b.JSON", "A.json", "c.txt", ".hidden.json", "odd\u202e.json"):
        (folder / name).touch()
    (folder / "sub").mkdir()
    os.mkfifo(folder / "pipe.json")
    (folder / "broken.json").symlink_to("nowhere")
    (folder / "circle.json").symlink_to("circle.json")
    chooser.list_folder(folder)
    assert names(chooser) == ["..", "sub", "A.json", "b.JSON"]


def test_of_a_large_folder_a_part_is_shown_and_the_rest_is_found(
    chooser: Any, folder: Path, said: list[str]
) -> None:
    for number in range(2000):
        (folder / f"run-{number:04}.json").touch()
    chooser.list_folder(folder)
    assert len(names(chooser)) == 500
    assert said[-1] == "1,501 more are not shown: type part of the name into the field."
    chooser.name_field.value = "199"
    assert names(chooser)[-2:] == ["run-1998.json", "run-1999.json"]
    assert said[-1] == ""
    assert chooser.choose_button.disabled
    chooser.entries.value = "run-1999.json"
    assert chooser.name_field.value == "run-1999.json"
    assert not chooser.choose_button.disabled
    # The others that were found stay there, with the picked one among them.
    assert chooser.entries.value == "run-1999.json"
    assert len(names(chooser)) == 12
    chooser.choose_button.click()
    assert said[-1] == str(folder.resolve() / "run-1999.json")


def test_a_folder_that_may_not_be_read_is_said(
    chooser: Any, folder: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "here.json").touch()
    chooser.list_folder(folder)
    listed = names(chooser)

    def refuse(path: str) -> Any:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("mlprov_widgets.widgets.chooser.os.scandir", refuse)
    chooser.places.options = [str(folder), "/"]
    chooser.places.value = "/"
    assert said[-1] == "The folder / cannot be opened: permission denied."
    assert chooser.places.value == str(folder.resolve())
    assert names(chooser) == listed
    # Where the very first folder cannot be read, there is still a chooser.
    assert names(Chooser(Place(folder), said.append, [".csv"], said.append)) == []


@pytest.mark.parametrize("place", ["/etc", "/proc/self/fd", "/dev"])
def test_the_systems_own_folders_are_listed_like_others(chooser: Any, place: str) -> None:
    if not Path(place).is_dir():
        pytest.skip("there is no such folder here")
    chooser.list_folder(place)
    assert chooser.places.value == place
    for option in names(chooser)[:20]:
        chooser.list_folder(place, option)


def test_a_folder_that_is_gone_is_said(chooser: Any, folder: Path, said: list[str]) -> None:
    gone = folder / "gone"
    gone.mkdir()
    chooser.list_folder(folder)
    gone.rmdir()
    chooser.entries.value = "📁 gone"
    chooser.list_folder(gone)
    assert said[-1] == "The folder gone cannot be opened: no such file or directory."


def test_what_is_gone_or_may_not_be_opened_is_said(
    chooser: Any, folder: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "a.json"
    file.touch()
    chooser.list_folder(folder, file.name)
    file.unlink()
    chooser.choose_button.click()
    assert said[-1] == "a.json is no file here that may be opened."
    assert "mlprov-folded" not in classes(chooser)
    file.touch()
    chooser.list_folder(folder, file.name)

    def refuse(path: Any, **_more: Any) -> Any:
        raise PermissionError(13, "Permission denied", path)

    with monkeypatch.context() as patched:
        patched.setattr("os.stat", refuse)
        chooser.choose_button.click()
    assert said[-1] == "a.json is no file here that may be opened."


def test_it_folds_up_and_opens_again(chooser: Any, folder: Path) -> None:
    (folder / "a.json").touch()
    chooser.list_folder(folder, "a.json")
    chooser.choose_button.click()
    assert chooser.choose_button.description == "Choose another file…"
    assert "mlprov-folded" in classes(chooser)
    chooser.choose_button.click()
    assert chooser.choose_button.description == "Choose"
    assert "mlprov-folded" not in classes(chooser)
