"""Runs compared in the browser: ticked in the table, judged by another metric, wide and narrow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from mlprov_widgets.several import compare_runs
from tests.browser.conftest import Host
from tests.browser.test_reproduce import clean
from tests.several.made import run_file

# What a picture draws outside of itself, or a text that is wider than its place, in pixels.
OUTSIDE = """() => {
  const found = [];
  for (const svg of document.querySelectorAll('.mlprov-report figure svg')) {
    const frame = svg.getBoundingClientRect();
    for (const one of svg.querySelectorAll('text, path, line')) {
      const box = one.getBoundingClientRect();
      if (box.right > frame.right + 2 || box.left < frame.left - 2 || box.bottom > frame.bottom + 2)
        found.push(one.textContent || one.getAttribute('class'));
    }
  }
  return found;
}"""
# Labels of one picture that lie on each other.
COVERED = """() => {
  const found = [];
  for (const svg of document.querySelectorAll('.mlprov-report figure.overlay svg')) {
    const texts = [...svg.querySelectorAll('text')];
    const boxes = texts.map((one) => [one, one.getBoundingClientRect()]);
    boxes.forEach(([one, a], at) => boxes.slice(at + 1).forEach(([two, b]) => {
      const over = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (over > 2 && down > 4) found.push([one.textContent, two.textContent]);
    }));
  }
  return found;
}"""


def twenty_runs(folder: Path) -> Path:
    for name, low in (("Adam", 0.90), ("SGD", 0.80), ("RMSprop", 0.89), ("Adagrad", 0.70)):
        for seed in range(1, 7):
            made = {"accuracy": low + seed * (7 - seed) / 1000, "loss": 1 - low}
            matrix = {"confusion_matrix": [[9, 1], [2, 8]]}
            run_file(folder, f"{name}-{seed}", made | matrix, {"optimizer": name}, seed)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("width", [1440, 720])
def test_a_page_shows_all_of_its_pictures(page: Any, tmp_path: Path, width: int) -> None:
    told = compare_runs(twenty_runs(tmp_path / "runs"))
    file = tmp_path / "comparison.html"
    file.write_text(told.to_html(), encoding="utf-8")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for kind in ("dots", "overlay", "parallel"):
        expect(page.locator(f"figure.{kind}").first).to_be_visible()
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate(COVERED) == []
    # The answer is in sight without scrolling, and so is the picture of the runs.
    answer = page.locator("#mlprov-answer p").first.bounding_box()
    assert answer["y"] + answer["height"] < 900
    assert page.locator("figure.dots").bounding_box()["y"] < 900


@pytest.mark.slow
def test_runs_are_ticked_and_compared_in_the_notebook(lab: Host, page: Any) -> None:
    twenty_runs(clean(lab) / "store")
    lab.open(page, "from mlprov_widgets import runs\nruns('store')", shows=".mlprov-runs-table")
    for name in ("Adam-1", "SGD-1"):
        page.get_by_label(f"Choose {name}.prov.json").check()
    page.get_by_role("button", name="Compare", exact=True).click()
    shown = page.locator(".mlprov-comparison")
    expect(shown.get_by_role("heading", name="2 runs compared")).to_be_visible()
    expect(shown).to_contain_text("each was run once, so that it may be chance")
    page.get_by_role("button", name="Both graphs in one").click()
    boxes = page.locator(".mlprov-compared-runs .mlprov-viewer .mpg-change-changed")
    expect(boxes.first).to_be_visible()
    page.get_by_label("Judged by").select_option(label="Loss")
    expect(shown).to_contain_text("has the lowest loss")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download: Table (CSV)").click()
    assert saved.value.suggested_filename == "comparison.csv"
    assert Path(saved.value.path()).read_text().startswith("group,field,where,")
