"""`mlprov preview` in a browser: what an author saves is on the page at once."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from mlprov_widgets.authoring import new_pack
from tests.browser.test_wizard import NEXT
from tests.hosting.serving import serving


@pytest.mark.slow
def test_a_strangers_pack_is_asked_about_there_too(
    page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLPROV_CONFIG_DIR", str(tmp_path / "settings"))
    folder = shutil.copytree(new_pack(tmp_path / "made" / "study"), tmp_path / "got" / "study")
    with serving(tmp_path, folder.parent, command="preview") as server:
        page.goto(server.url)
        page.locator(".mlprov-tasks label", has_text="Study").click()
        trust = page.get_by_role("button", name="Trust this pack")
        expect(trust).to_be_visible()
        page.locator(NEXT).click()
        expect(page.locator(".mlprov-banner")).to_contain_text("Trust this pack")
        trust.click()
        expect(trust).to_be_hidden()
        (folder / "500_more.py.jinja").write_text("print('one more cell')\n")
        expect(trust).to_be_visible()


@pytest.mark.slow
def test_a_page_follows_the_files_of_a_pack(page: Any, tmp_path: Path) -> None:
    folder = new_pack(tmp_path / "my_study")
    declaration = folder / "pack.toml"
    whole = declaration.read_text()
    with serving(tmp_path, folder, command="preview") as server:
        page.goto(server.url)
        expect(page.get_by_text("This pack comes from")).to_be_visible()
        page.locator(NEXT).click()
        declaration.write_text(whole.replace('label = "Data set"', 'label = "Which flowers"'))
        expect(page.locator(".mlprov-form").get_by_text("Which flowers")).to_be_visible()
        declaration.write_text(whole + "\n[pack")
        banner = page.locator(".mlprov-banner")
        expect(banner).to_contain_text("my_study/pack.toml")
        declaration.write_text(whole)
        expect(banner).to_have_count(0)
        (folder / "500_more.py.jinja").write_text("print('one more cell')\n")
        expect(page.get_by_text("one more cell")).to_have_count(1)
