"""The README's pictures of the wizard, as it looks today.

With the variable ``MLPROV_PICTURES`` they are written into ``docs/``.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Host

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_readme_shows_pictures_that_are_there() -> None:
    named = re.findall(r"!\[[^\]]+\]\((docs/[^)]+)\)", (ROOT / "README.md").read_text("utf-8"))
    assert {"docs/wizard.png", "docs/result.png"} <= set(named)
    assert all((ROOT / name).read_bytes().startswith(b"\x89PNG") for name in named)


@pytest.mark.slow
def test_the_wizard_and_what_a_run_comes_to(lab: Host, page: Any, tmp_path: Path) -> None:
    place = ROOT / "docs" if os.environ.get("MLPROV_PICTURES") else tmp_path
    page.set_viewport_size({"width": 1440, "height": 860})
    lab.open(page, "wizard()")
    page.evaluate("() => jupyterapp.commands.execute('application:toggle-left-area')")
    page.get_by_role("button", name="No", exact=True).click()  # to news
    page.locator(".mlprov-stepper").get_by_text("Model").click()
    neurons = page.get_by_role("textbox", name="Neurons per hidden layer")
    neurons.fill("64")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.wait_for_timeout(1000)  # the preview scrolls to the change
    page.screenshot(path=place / "wizard.png")
    page.get_by_role("button", name="Generate").click()
    page.get_by_role("button", name="Run here").click()
    expect(page.get_by_role("heading", name="What ran")).to_be_visible()
    page.locator(".mlprov-viewer .mp-frame").wait_for()
    page.locator(".mlprov-results").evaluate("one => one.scrollIntoView()")
    page.wait_for_timeout(1000)
    page.screenshot(path=place / "result.png")
    for name in ("wizard.png", "result.png"):
        assert (place / name).stat().st_size > 50_000
