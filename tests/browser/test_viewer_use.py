"""What people do with the viewer beside looking: keys, pictures, Python, a page of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import new_page, run_python
from tests.browser.viewing import CREATED, RESULT, Viewer

PNG = b"\x89PNG\r\n\x1a\n"


def test_the_keyboard_is_enough(viewer: Viewer) -> None:
    keys = viewer.page.keyboard
    viewer.search_box.focus()
    keys.press("Escape")
    focused = viewer.root.locator("[data-id]:focus")
    expect(focused).to_have_count(1)
    keys.press("Home")
    expect(focused).to_have_attribute("aria-label", re.compile("^Data, iris, samples 150"))
    for expected in ("Preparation", "Split"):
        keys.press("ArrowRight")
        expect(focused).to_have_attribute("aria-label", re.compile(f"^{expected}"))
    keys.press("End")
    keys.press("Enter")
    expect(viewer.details.locator("h3")).to_have_text("Result")
    expect(viewer.selected).to_have_attribute("data-id", RESULT)
    keys.press("Escape")
    expect(viewer.details).to_have_count(0)
    viewer.root.get_by_role("radio", name="Analyst").focus()
    keys.press("ArrowRight")
    expect(viewer.root.get_by_role("radio", name="Engineer")).to_be_checked()
    expect(viewer.box(RESULT)).to_have_class(re.compile("mpg-group"))
    viewer.box(RESULT).focus()
    keys.press("+")
    expect(viewer.box(RESULT)).to_have_attribute("aria-expanded", "true")
    keys.press("-")
    expect(viewer.box(RESULT)).to_have_attribute("aria-expanded", "false")
    keys.press("/")
    expect(viewer.search_box).to_be_focused()
    keys.type("accuracy")
    keys.press("Enter")
    expect(viewer.details.locator("h3")).to_have_text("accuracy")


def test_every_control_has_a_name(viewer: Viewer) -> None:
    viewer.level("Engineer")
    viewer.search("accuracy")
    expect(viewer.details.locator("h3")).to_have_text("accuracy")
    nameless = viewer.root.evaluate(
        """root => [...root.querySelectorAll('button, input, [role=button], [role=option]')]
        .filter(e => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length))
        .map(e => e.outerHTML.slice(0, 200))"""
    )
    assert nameless == []
    label = viewer.selected.get_attribute("aria-label")
    assert re.search("accuracy, Entity.*0.9667.*arrow", str(label))


def test_it_fills_the_screen(viewer: Viewer) -> None:
    small = viewer.root.bounding_box()
    viewer.button("Full screen").click()
    large = viewer.button("Leave full screen")
    expect(large).to_be_visible()
    filled = viewer.root.bounding_box()
    assert filled["width"] >= small["width"]
    assert filled["height"] >= min(900, small["height"])
    large.click()
    expect(viewer.button("Full screen")).to_be_visible()


def test_pictures_of_what_is_shown(viewer: Viewer, tmp_path: Path) -> None:
    svg = viewer.save("SVG", tmp_path)
    root = ElementTree.fromstring(svg.read_text(encoding="utf-8"))
    assert "0.9667" in "".join(root.itertext())
    assert "var(" not in svg.read_text(encoding="utf-8")
    png = viewer.save("PNG", tmp_path)
    assert png.read_bytes().startswith(PNG)
    assert png.stat().st_size > 10_000


@pytest.mark.slow
def test_nothing_is_asked_from_anywhere_else(opened: Callable[..., Any]) -> None:
    for kind in ("lab", "voila", "page"):
        shown, asked = opened(kind)
        host = re.match(r"(https?|file)://[^/]*", shown.page.url)
        assert host
        own = (host[0], host[0].replace("http", "ws"), "data:", "blob:")
        elsewhere = [url for url in asked if not url.startswith(own)]
        # Voilà's own page asks for an icon font, with a viewer or without.
        assert [url for url in elsewhere if "fontawesome" not in url] == []


# -- with Python -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_both_ways_with_python(in_lab: Viewer) -> None:
    viewer, page = in_lab, in_lab.page
    viewer.box(RESULT).click()
    expect(viewer.details.locator("h3")).to_have_text("Result")
    assert run_python(page, f"viewer.level = 'engineer'; viewer.unfold({RESULT!r})") == ""
    expect(viewer.root.get_by_role("radio", name="Engineer")).to_be_checked()
    expect(viewer.box(RESULT)).to_have_attribute("aria-expanded", "true")
    assert run_python(page, "print(viewer.selected, viewer.level)") == f"{RESULT} engineer\n"
    run_python(page, "told = []; viewer.observe(lambda change: told.append(change.new), 'level')")
    viewer.level("Analyst")
    expect(viewer.boxes).to_have_count(6)
    assert run_python(page, "print(told)") == "['analyst']\n"
    assert "datetime.datetime.now" in run_python(page, "print(viewer.search('creation date'))")
    expect(viewer.search_box).to_have_value("creation date")
    expect(viewer.results.locator(".mp-match").first).to_contain_text("creation date")
    run_python(page, f"viewer.focus({CREATED!r})")
    expect(viewer.details.locator("h3")).to_have_text("creation date")
    said = run_python(page, "viewer.level = 'manager'")
    assert "There is no level 'manager'" in said


@pytest.mark.slow
def test_what_python_refuses_is_said(in_lab: Viewer) -> None:
    alert = in_lab.root.get_by_role("alert")
    run_python(in_lab.page, "viewer.send({'kind': 'refused', 'message': 'It is too large.'})")
    expect(alert).to_have_text("It is too large.")
    # Until something else is done.
    in_lab.level("Engineer")
    expect(alert).to_have_count(0)


@pytest.mark.slow
def test_an_unreadable_file_is_a_sentence(in_lab: Viewer) -> None:
    said = run_python(in_lab.page, "view('nowhere.json')")
    assert said == "RecordError: There is no file nowhere.json."


def test_a_page_of_its_own_works_without_a_server(
    in_lab: Viewer, browser: Any, tmp_path: Path
) -> None:
    in_lab.level("Engineer")
    in_lab.search("accuracy")
    expect(in_lab.details.locator("h3")).to_have_text("accuracy")
    file = in_lab.save("HTML", tmp_path)
    with new_page(browser) as page:
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text))
        page.goto(file.as_uri())
        alone = Viewer(page).ready()
        # As it was left, and alive.
        expect(alone.details.locator("h3")).to_have_text("accuracy")
        alone.reset()
        alone.search("creation date")
        expect(alone.details.locator(".mp-answer")).to_contain_text("datetime.datetime.now")
        assert problems == []


@pytest.mark.slow
def test_python_and_the_page_say_the_same(in_lab: Viewer, opened: Callable[..., Any]) -> None:
    alone, _ = opened("page")
    alone.reset()
    said = []
    for viewer in (in_lab, alone):
        viewer.level("Engineer")
        viewer.button("Unfold all").click()
        expect(viewer.folded).to_have_count(0)
        boxes = viewer.boxes.evaluate_all("all => all.map(g => g.getAttribute('aria-label'))")
        viewer.search("creation date")
        expect(viewer.details.locator(".mp-answer")).to_be_visible()
        expect(viewer.selected).to_have_attribute("data-id", CREATED)
        expect(viewer.root.locator(".mpg-descendant.mpg-match").first).to_be_attached()
        marked = viewer.root.locator(".mpg-ancestor[data-id], .mpg-descendant[data-id]")
        ids = marked.evaluate_all("all => all.map(g => g.dataset.id + ' ' + g.classList)")
        said.append((sorted(boxes), sorted(ids), viewer.details.inner_text()))
    assert said[0] == said[1]
