"""Fields about images and models: what they show, and what a visitor cannot reach."""

from __future__ import annotations

import html
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting import Limits, Place
from mlprov_widgets.packs import load_pack
from mlprov_widgets.widgets import Wizard, wizard
from mlprov_widgets.widgets.state import WizardState
from tests.images.test_archive import pets, zipped
from tests.packs.test_images import CELL, WHOLE, written
from tests.widgets.sight import hidden
from tests.widgets.test_transfer import Browser

HOSTILE = "<img src=x onerror=f()>\"'{{ 7 }}"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    (tmp_path / "more").mkdir()
    return written(tmp_path / "more" / "pictures", WHOLE, CELL)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    for name in ("a", HOSTILE):
        (made / "pets" / name).mkdir(parents=True)
        for number in range(5):
            Image.new("RGB", (12, 14), (number, len(name), 200)).save(
                made / "pets" / name / f"{number}.png"
            )
    np.savez(made / "x.npz", x=np.arange(400).reshape(20, 4, 5) % 256, y=[HOSTILE, "b"] * 10)
    return made


@pytest.fixture
def made(pictures: Path, work: Path) -> Wizard:
    shown = wizard("pictures", folder=work, packs=[pictures])
    shown.go("data")
    return shown


def field(made: Wizard, name: str) -> Any:
    return made.pages["data"].fields[name]


def test_a_folder_of_images_is_shown_with_its_classes(made: Wizard, work: Path) -> None:
    field(made, "source").control.value = "folder"
    images = field(made, "images")
    assert "Choose the folder with your images." in images.messages.value
    images.control.value = "pets"
    assert images.messages.value == ""
    shown = images.summary.value
    assert "<dt>Images</dt><dd>10</dd>" in shown
    assert "12 × 14" in shown
    assert shown.count('src="data:image/png;base64,') == 8
    assert html.escape(HOSTILE, quote=True) in shown
    assert HOSTILE not in shown
    (work / "pets" / "a" / "text.jpg").write_text("no picture")
    images.control.value = str(work / "pets")
    assert "it is not an image, whatever its name says" in images.messages.value
    images.control.value = "nowhere"
    assert "There is no folder" in images.messages.value
    assert images.control.value == "nowhere"
    assert images.summary.value == ""


def test_a_long_name_of_a_class_is_kept_whole(made: Wizard, work: Path) -> None:
    name = "a very long name " * 6 + "of a class"
    (work / "pets" / "a").rename(work / "pets" / name)
    field(made, "source").control.value = "folder"
    field(made, "images").control.value = "pets"
    assert f'<p title="{name}">' in field(made, "images").summary.value


def test_a_folder_is_picked_and_not_a_file(made: Wizard, work: Path) -> None:
    field(made, "source").control.value = "folder"
    images = field(made, "images")
    images.browse.click()
    chooser = images.chooser
    assert "pets" in str(chooser.entries.options)
    assert "x.npz" not in str(chooser.entries.options)
    chooser.list_folder(work / "pets")
    chooser.choose_button.click()
    assert images.control.value == "pets"
    assert "<dd>10</dd>" in images.summary.value
    # Opened again, it is there to pick from again.
    images.browse.click()
    assert not hidden(images.place)
    assert not chooser.folded


def test_arrays_are_shown_with_their_facts(made: Wizard) -> None:
    field(made, "source").control.value = "arrays"
    arrays = field(made, "arrays")
    arrays.control.value = "x.npz"
    assert arrays.messages.value == ""
    shown = arrays.summary.value
    assert "<dt>Values</dt><dd>int64, divided by 255</dd>" in shown
    assert "<dt>Labels in</dt><dd>y</dd>" in shown
    assert html.escape(HOSTILE, quote=True) in shown
    assert HOSTILE not in shown


def test_an_uploaded_array_is_kept_beside_the_notebook(made: Wizard, work: Path) -> None:
    field(made, "source").control.value = "arrays"
    field(made, "arrays").upload.on_file("../my file.npz", (work / "x.npz").read_bytes())
    assert (work / "my-file.npz").is_file()
    assert made.values["arrays"] == "my-file.npz"


def test_an_uploaded_zip_file_becomes_a_folder(made: Wizard, work: Path) -> None:
    field(made, "source").control.value = "folder"
    images = field(made, "images")
    browser = Browser(images.upload)
    content = zipped(pets("pets/"), {"pets/notes.txt": b"1"})
    browser.send({"kind": "begin", "name": "../My.zip", "size": len(content)})
    browser.send({"kind": "piece"}, content)
    assert browser.last["kind"] == "done"
    assert browser.last["message"].startswith("12 images unpacked into 'My-images'. 1 other file")
    assert images.control.value == made.values["images"] == "My-images"
    assert made.values["image_format"]["classes"] == ["cat", "dog"]
    assert "<dt>Images</dt><dd>12</dd>" in images.summary.value
    assert images.summary.value.count('src="data:image/png;base64,') == 8
    assert images.messages.value == ""
    # What is refused changes nothing: neither the answer nor the folder.
    before = sorted(work.rglob("*"))
    content = zipped(pets(), {"../../<evil>.png": b""})
    browser.send({"kind": "begin", "name": "b.zip", "size": len(content)})
    browser.send({"kind": "piece"}, content)
    assert browser.last["kind"] == "refused"
    assert "'../../<evil>.png' in the zip file leads out" in browser.last["message"]
    assert images.control.value == made.values["images"] == "My-images"
    assert images.messages.value == ""
    assert sorted(work.rglob("*")) == before


def test_a_visitor_uploads_less(pictures: Path, work: Path, monkeypatch: Any) -> None:
    content = zipped(pets(), {f"cat/{n}.txt": b"" for n in range(20_000)})
    monkeypatch.setenv("VOILA_BASE_URL", "/")
    shown = wizard("pictures", folder=work, packs=[pictures], values={"source": "folder"})
    shown.go("data")
    images = field(shown, "images")
    assert images.upload.largest == 20 * 10**6
    with pytest.raises(MlprovError, match="more than 20,000 entries"):
        images.upload.on_file("a.zip", content)
    images.upload.on_file("a.zip", zipped(pets()))
    assert shown.values["images"] == "a-images"
    assert not shown.problems


def test_a_folder_for_downloads_begins_with_its_default(made: Wizard, work: Path) -> None:
    root = field(made, "root")
    field(made, "model").control.value = ""
    field(made, "model").search.value = "resnet18"
    assert root.control.value == "data"
    root.control.value = "x.npz"
    assert "is a file; name a folder" in root.messages.value
    root.control.value = "kept/here"
    assert root.messages.value == ""
    assert made.values["root"] == "kept/here"
    assert not (work / "kept").exists()


def test_a_model_is_a_choice_or_found_by_typing(made: Wizard) -> None:
    model = field(made, "model")
    assert model.control.value == "small"
    assert hidden(model.search_row)
    model.control.value = ""
    assert not hidden(model.search_row)
    assert made.values["model"] == "small"
    assert len(model.search.options) >= 80
    model.search.value = "efficient"
    assert "Label is &#x27;efficient&#x27;; torchvision has no such model" in model.messages.value
    assert "did you mean efficientnet_b0" in model.messages.value
    assert made.values["model"] == "small"
    assert made.problems
    model.search.value = "efficientnet_b0"
    assert made.values["model"] == "efficientnet_b0"
    assert "million parameters" in model.messages.value
    assert not made.problems
    model.control.value = "small"
    assert made.values["model"] == "small"
    assert hidden(model.search_row)
    assert model.messages.value == ""


def test_a_model_to_begin_with_is_shown(pictures: Path, work: Path) -> None:
    made = wizard("pictures", folder=work, packs=[pictures], values={"model": "vit_b_16"})
    made.go("data")
    model = field(made, "model")
    assert (model.control.value, model.search.value) == ("", "vit_b_16")
    assert "224 × 224 pixels only" in model.messages.value


def test_a_visitor_reaches_nothing_outside_the_folder(
    pictures: Path, work: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    shutil.copytree(work / "pets", outside)
    shutil.copy(work / "x.npz", outside)
    (work / "link").symlink_to(outside)
    pack = load_pack(pictures)
    state = WizardState({pack.name: pack}, Place(work, Limits()))
    for source, name, paths in (
        ("folder", "images", [str(outside), "../outside", "link", "~", "pets/../../outside"]),
        ("arrays", "arrays", [str(outside / "x.npz"), "../outside/x.npz", "link/x.npz"]),
        ("none", "root", [str(outside), "..", "link", "link/new", "~/data"]),
    ):
        state.set("source", source)
        for path in paths:
            state.set(name, path)
            assert state.checked.found == {}, path
            assert "in the folder of this app can be used" in state.messages(name)[0]
            with pytest.raises(MlprovError, match="folder of this app"):
                state.generate()
        state.set(name, {"images": "pets", "arrays": "x.npz", "root": "new"}[name])
        assert state.all_problems == []
