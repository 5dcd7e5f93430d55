"""What axe-core finds in each widget: nothing serious, in any host."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Host
from tests.browser.viewing import SHOW, put_run
from tests.several.made import run_file

pytestmark = pytest.mark.slow
pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")

# Rules of WCAG 2.2 A and AA, and what axe-core calls best practice, for what is ours on the page.
FOUND = """async (place) => {
  const found = await axe.run({ include: [place] }, { resultTypes: ["violations"] });
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
}"""


def serious(page: Any, place: str = ".mlprov") -> list[Any]:
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    return page.evaluate(FOUND, place)


def test_every_page_of_the_wizard(voila: Host, page: Any) -> None:
    voila.open(page)
    steps = page.locator(".mlprov-stepper button")
    expect(page.locator(".mlprov-cells[role=region]")).to_be_visible()
    for at in range(steps.count()):
        steps.nth(at).click()
        expect(steps.nth(at)).to_have_class(re.compile("mlprov-is-current"))
        assert serious(page) == []
    page.get_by_role("button", name="Generate").click()
    page.locator(".mlprov-success").wait_for()
    assert serious(page) == []


@pytest.mark.parametrize("kind", ["lab", "notebook"])
def test_the_wizard_in_a_notebook(start: Callable[[str], Host], page: Any, kind: str) -> None:
    start(kind).open(page)
    expect(page.locator(".mlprov-cells[role=region]")).to_be_visible()
    assert serious(page) == []


def test_other_widgets(voila: Host, page: Any) -> None:
    put_run(voila.folder)
    for name, accuracy in (("Adam", 0.9), ("SGD", 0.8)):
        run_file(voila.folder, name, {"accuracy": accuracy}, {"optimizer": name}, 1)
    for code in ("reproduce()", "import mlprov_widgets; mlprov_widgets.runs()"):
        voila.open(page, code)
        assert serious(page) == []
    compared = "import mlprov_widgets; mlprov_widgets.compare('Adam.prov.json', 'SGD.prov.json')"
    voila.open(page, compared)
    assert serious(page) == []
    voila.open(page, SHOW, shows=".mlprov-viewer")
    page.locator(".mlprov-viewer .mp-frame").wait_for()
    assert serious(page, ".mlprov-viewer") == []
