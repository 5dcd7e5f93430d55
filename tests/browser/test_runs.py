"""All runs of a folder in the browser: sorted, marked and opened, by keyboard too."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Host
from tests.browser.test_reproduce import clean
from tests.store.made import run_file


@pytest.mark.slow
def test_runs_are_sorted_marked_and_opened(lab: Host, page: Any) -> None:
    folder = clean(lab) / "store"
    for number in range(30):
        values = {"seed": number, "optimizer": "<b>Adam</b>" if number % 2 else "SGD"}
        run_file(folder, f"r{number:02}", {"accuracy": number / 30}, values, minutes=number)
    lab.open(page, "from mlprov_widgets import runs\nruns('store')", shows=".mlprov-runs-table")
    rows = page.locator(".mlprov-runs-table tbody tr")
    expect(rows).to_have_count(25)
    # What others have called something is text.
    expect(rows.first).to_contain_text("<b>Adam</b>")
    page.get_by_role("button", name="Accuracy").click()
    head = page.locator("th[aria-sort]")
    expect(head).to_have_attribute("aria-sort", "descending")
    page.get_by_role("button", name="Accuracy").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(rows.first).to_contain_text("0")
    # The keyboard alone, and the place is kept when the table is drawn anew.
    star = page.get_by_role("button", name="Mark r00.prov.json")
    star.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Unmark r00.prov.json")).to_be_visible()
    where = page.get_by_label("Where")
    where.fill("marked")
    where.press("Enter")
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Open r00.prov.json").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="r00.prov.json")).to_be_visible()
    expect(page.locator(".mlprov-viewer")).to_be_visible()
    page.get_by_role("button", name="Back to all runs").click()
    expect(rows).to_have_count(1)
