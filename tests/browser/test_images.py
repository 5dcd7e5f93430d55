"""A person's own images in the browser: chosen in a folder, or uploaded by a visitor."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from mlprov_widgets.notebooks import read_manifest
from tests.browser.conftest import Host
from tests.browser.test_wizard import NEXT, field, step, written
from tests.image_data import write_folder

CLASSES = ["naught", "one 'or' {one}", "two"]


def open_images(host: Host, page: Any, folder: str | None = None) -> Any:
    """The field for an image folder."""
    values = {"dataset": "image_folder"}
    host.open(page, f"wizard('image_classification', {values}, folder={folder!r})")
    step(page, "Data").click()
    # The first page asks for the folder as well.
    expect(page.locator(".mlprov-title h2")).to_have_text("Data")
    return field(page, "image_folder")


def shows_digits(images: Any) -> None:
    facts = images.locator(".mlprov-facts > div")
    expect(facts.filter(has_text="Images")).to_have_text("Images36")
    expect(facts.filter(has_text="Classes")).to_have_text("Classes3")
    shown = images.locator(".mlprov-thumbnails li")
    expect(shown).to_have_text([f"{name} 12" for name in CLASSES])
    pictures = shown.locator("img")
    expect(pictures).to_have_count(12)
    for number in range(12):
        # Decoded by the browser, and not of one colour.
        assert pictures.nth(number).evaluate(
            """image => {
              const canvas = document.createElement('canvas');
              [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
              const context = canvas.getContext('2d');
              context.drawImage(image, 0, 0);
              const found = context.getImageData(0, 0, canvas.width, canvas.height).data;
              return new Set(found).size > 3;
            }"""
        )
    expect(images).to_contain_text("Sizes differ")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["lab", "voila"])
def test_a_folder_shows_its_counts_and_some_images(kind: str, start: Any, page: Any) -> None:
    host = start(kind)
    if not (host.folder / "some" / "digits").is_dir():
        write_folder(host.folder / "some" / "digits")
    # A visitor finds in their own folder what the host offers.
    images = open_images(host, page, "some" if kind == "voila" else None)
    path = images.get_by_label("Image folder", exact=True)
    path.fill("some/digits")
    path.press("Enter")
    shows_digits(images)
    # A long name takes one line, so that the images of all classes stand side by side.
    lengthen = "(name) => { name.textContent = 'long name '.repeat(20) }"
    name = images.locator(".mlprov-thumbnails b").first
    height = name.bounding_box()["height"]
    name.evaluate(lengthen)
    box, item = name.bounding_box(), images.locator(".mlprov-thumbnails li").first.bounding_box()
    assert box["height"] == height
    assert box["x"] + box["width"] < item["x"] + item["width"]
    path.fill("some/nothing")
    path.press("Enter")
    expect(images.locator(".mlprov-error")).to_contain_text("There is no folder")
    expect(images.locator(".mlprov-thumbnails")).to_have_count(0)


@pytest.mark.slow
def test_a_visitor_uploads_a_zip_file(voila: Host, page: Any, tmp_path: Path) -> None:
    write_folder(tmp_path / "digits")
    good, bad = tmp_path / "my digits.zip", tmp_path / "bad.zip"
    with zipfile.ZipFile(good, "w") as archive:
        for file in sorted((tmp_path / "digits").rglob("*.*")):
            archive.write(file, file.relative_to(tmp_path))
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr("cat/../../<b>out.png", b"1")
    images = open_images(voila, page)
    expect(images.locator(".mlprov-error")).to_contain_text("Choose the folder")
    status = images.locator(".mlprov-upload-status")
    expect(status).to_have_text("one folder per class, up to 20 MB")
    before = set(voila.folder.parent.rglob("*.png"))
    images.locator("input[type=file]").set_input_files(bad)
    expect(status).to_have_text("'cat/../../<b>out.png' in the zip file leads out of the folder.")
    expect(status).to_have_class("mlprov-upload-status mlprov-refused")
    expect(images.locator(".mlprov-error")).to_contain_text("Choose the folder")
    assert set(voila.folder.parent.rglob("*.png")) == before
    images.locator("input[type=file]").set_input_files(good)
    expect(images.get_by_label("Image folder", exact=True)).to_have_value("my-digits")
    expect(status).to_have_text("36 images unpacked into 'my-digits'.")
    expect(status).to_have_class("mlprov-upload-status")
    shows_digits(images)
    expect(images.locator(".mlprov-error")).to_have_count(0)
    assert sorted(path.name for path in (voila.files / "my-digits").iterdir()) == CLASSES
    for width in (1440, 700):
        page.set_viewport_size({"width": width, "height": 1000})
        assert images.evaluate(
            """field => [...field.querySelectorAll('*')].every(
              e => !e.checkVisibility() || e.closest('.mlprov-sr, .mlprov-tip')
                || e.getBoundingClientRect().right <= field.getBoundingClientRect().right + 1)"""
        )
    step(page, "Review").click()
    expect(page.locator(NEXT)).to_have_text("Generate")
    page.locator(NEXT).click()
    expect(page.get_by_text("Notebook written")).to_be_visible()
    manifest = read_manifest(written(page, voila.files))
    assert manifest is not None
    assert manifest.values["image_folder"] == "my-digits"
    assert manifest.values["image_format"]["classes"] == CLASSES
