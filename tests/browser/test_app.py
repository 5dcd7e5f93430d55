"""`mlprov app` in a browser: from the first page to a file, and nobody else asked for anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.test_wizard import NEXT, download, field, step
from tests.hosting.serving import Server, serving


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("app")
    (folder / "course").mkdir()
    with serving(
        folder, "--visitors", 2, "--runs", 1, "--close-after", 2, "--folder", folder / "course"
    ) as server:
        yield server


def test_a_visitor_takes_a_notebook_home(app: Server, page: Any, tmp_path: Path) -> None:
    asked: list[str] = []
    page.on("response", lambda response: asked.append(response.url))
    page.goto(app.url)
    expect(page.locator(".mlprov-step")).to_have_count(7)
    step(page, "Data").click()
    expect(page.locator(".mlprov-title h2")).to_have_text("Data")
    field(page, "dataset").locator("select").select_option("My own CSV file")
    table = tmp_path / "mine.csv"
    table.write_text("size,species\n" + "".join(f"{n % 7}.5,{'ab'[n % 2]}\n" for n in range(80)))
    page.set_input_files(".mlprov-upload input", table)
    expect(field(page, "csv_path").locator(".mlprov-facts")).to_contain_text("80")
    step(page, "Review").click()
    expect(page.locator(NEXT)).to_have_text("Generate")
    page.locator(NEXT).click()
    expect(page.get_by_text("Only you see what you make here")).to_be_visible()
    name, content = download(page)
    assert name == "multiclass_classification.ipynb"
    assert any("mine.csv" in "".join(cell["source"]) for cell in json.loads(content)["cells"])
    assert {url.split("/")[2] for url in asked if url.startswith("http")} == {app.url.split("/")[2]}


@pytest.mark.slow
def test_a_visitor_runs_a_notebook(app: Server, page: Any) -> None:
    page.goto(app.url)
    step(page, "Review").click()
    expect(page.locator(NEXT)).to_have_text("Generate")
    page.locator(NEXT).click()
    page.get_by_role("button", name="Run here").click()
    expect(page.locator(".mlprov-was-finished")).to_be_visible()
    expect(page.locator(".mlprov-metrics")).to_contain_text("Accuracy")
    expect(page.locator(".mlprov-graph .mlprov-viewer")).to_be_visible()
    name, content = download(page, "Download the provenance file")
    record = json.loads(content)
    assert name == "multiclass_classification.prov.json"
    assert "a visitor of a hosted app" in json.dumps(record["agent"])
    assert str(app.sessions.parent) not in content.decode()


@pytest.mark.slow
def test_where_all_places_are_taken(app: Server, page: Any) -> None:
    for _ in range(3):
        if app.status()[0] == 503:
            break
    page.goto(app.url)
    expect(page.get_by_role("heading")).to_have_text("All places are taken")
