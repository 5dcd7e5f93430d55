"""Whether everybody can read and reach what the viewer shows, in a page of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from mlprov_widgets.graph import static_view
from mlprov_widgets.record import Record
from tests.browser.viewing import Viewer, recorded
from tests.graph.made_documents import workflow

# Texts of the graph stand on what is drawn beneath them in their own box, all others on what is
# behind them. What a lineage greys is meant to step back, and is not measured as such.
CONTRAST = """(root) => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const numbers = (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
  const ground = (element) => {
    if (!element) return [255, 255, 255];
    const own = numbers(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, ground(element.parentElement));
  };
  const light = (colour) => {
    const parts = colour.map((c) => c / 255);
    const [r, g, b] = parts.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const weak = new Set();
  let measured = 0;
  const measure = (what, ink, below) => {
    const pair = [light(over(ink, below)), light(below)].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    measured += 1;
    if (ratio < 4.5) weak.add(`${what}: ${ratio.toFixed(2)}`);
  };
  for (const element of root.querySelectorAll('*')) {
    const text = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!text || element.closest('svg, :disabled, .mp-offscreen')) continue;
    if (!element.checkVisibility()) continue;
    measure(element.className || element.tagName, numbers(getComputedStyle(element).color),
            ground(element));
  }
  const paper = ground(root.querySelector('.mpg'));
  for (const text of root.querySelectorAll('.mpg-svg text')) {
    const box = text.parentElement;
    const apart = '.mpg-ring, .mpg-bar, .mpg-rule, .mpg-shade, text, g';
    let below = paper;
    for (const shape of box.children) {
      const { fill, fillOpacity } = getComputedStyle(shape);
      if (shape.matches(apart) || fill === 'none') continue;
      const [r, g, b, a] = numbers(fill);
      below = over([r, g, b, a * fillOpacity], below);
    }
    measure(`${box.classList} > ${text.classList}`, numbers(getComputedStyle(text).fill), below);
  }
  return { weak: [...weak], measured };
}"""

OUTSIDE = """() => [...document.querySelectorAll('.mlprov-viewer *')]
  .filter((element) => element.matches('button, input, summary, label, a'))
  .filter((element) => element.checkVisibility())
  .map((element) => [element.textContent || element.ariaLabel, element.getBoundingClientRect()])
  .filter(([, { left, right, width }]) => width && (left < -1 || right > innerWidth + 1))
  .map(([text]) => text)"""

OVERLAPS = """(all) => {
  const boxes = all.map((one) => one.getBoundingClientRect());
  return boxes.filter((a, at) => boxes.slice(at + 1).some((b) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)).length;
}"""


@pytest.fixture
def shown(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Viewer]]:
    """A record or a document in a page of its own."""
    contexts: list[Any] = []

    def show(record: Record | dict[str, Any], width: int = 1440, theme: str = "light") -> Viewer:
        file = tmp_path / "run.html"
        file.write_text(static_view(record).to_page(), encoding="utf-8")
        contexts.append(
            browser.new_context(
                viewport={"width": width, "height": 900},
                color_scheme=theme,
                reduced_motion="reduce",
            )
        )
        page = contexts[-1].new_page()
        page.goto(file.as_uri())
        return Viewer(page).ready()

    yield show
    for context in contexts:
        context.close()


def stopped(status: str, error: str) -> Record:
    """A run whose training came to no end."""
    record = recorded()
    record.status = status
    at = next(at for at, cell in enumerate(record.cells) if cell.step == "model_training")
    execution = record.cells[at].executions[-1]
    execution.status = "error" if status == "failed" else status
    execution.error = error
    for cell in record.cells[at + 1 :]:
        cell.executions.clear()
    del record.steps["model_evaluation"]
    return record


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(
    shown: Callable[..., Viewer], theme: str
) -> None:
    def weak() -> list[str]:
        found = viewer.root.evaluate(CONTRAST)
        assert found["measured"] > 20
        return found["weak"]

    viewer = shown(stopped("failed", "RuntimeError: no"), theme=theme)
    assert weak() == []
    viewer = shown(recorded(), theme=theme)
    assert weak() == []
    viewer.level("Engineer")
    viewer.button("Unfold all").click()
    expect(viewer.folded).to_have_count(0)
    viewer.page.mouse.move(0, 0)
    assert weak() == []
    viewer.root.locator(".mpg-legend summary").click()
    viewer.search("accuracy")
    expect(viewer.details.locator("h3")).to_be_visible()
    assert weak() == []
    # The measure itself: half transparent grey is too weak on every ground.
    for text, ink in ((".mpg .mpg-entity > .mpg-title", "fill"), (".mp-summary dt", "color")):
        style = viewer.page.add_style_tag(
            content=f".mlprov-viewer {text} {{ {ink}: #8888 !important }}"
        )
        assert weak() != []
        style.evaluate("style => style.remove()")
    assert weak() == []


@pytest.mark.parametrize("width", [600, 480])
def test_everything_is_reached_in_a_narrow_page(shown: Callable[..., Viewer], width: int) -> None:
    viewer = shown(recorded(), width=width)
    page = viewer.page
    for text in ("", "creation date"):
        if text:
            viewer.search(text)
            expect(viewer.details.locator(".mp-answer")).to_be_visible()
            expect(viewer.selected).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(OUTSIDE) == []
    for name in ("Unfold all", "Fold all", "Only the path", "Zoom in", "Fit everything in"):
        # It would be refused if anything were over the button.
        viewer.button(name).click()
    viewer.button("Save").click()
    expect(viewer.root.get_by_role("menuitem").first).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    # The measure itself.
    page.add_style_tag(content=".mlprov-viewer .mp-toolbar { flex-wrap: nowrap !important }"
                       ".mlprov-viewer .mp-toolbar > * { flex: none !important }")  # fmt: skip
    assert page.evaluate(OUTSIDE) != []


def test_how_a_run_ended_is_said_whole_and_once(shown: Callable[..., Viewer]) -> None:
    viewer = shown(stopped("interrupted", "KeyboardInterrupt"))
    training = viewer.box("step:model_training")
    expect(training).to_contain_text("stopped")
    expect(training).not_to_contain_text("failed")
    expect(training).not_to_contain_text("…")
    said = viewer.box("step:model_evaluation").locator("text").all_text_contents()
    assert said.count("not reached") == 1
    status = viewer.root.locator(".mp-summary dd").first
    expect(status).to_contain_text("was interrupted in cell")
    assert status.evaluate(
        "e => e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight"
    )
    viewer.level("Engineer")
    experiment = viewer.box("group:experiment")
    expect(experiment).to_contain_text("interrupted")
    expect(experiment.locator(".mpg-title")).to_have_text("Experiment")
    expect(experiment).not_to_contain_text("failed")


@pytest.mark.slow
def test_counts_of_many_arrows_are_not_on_each_other(shown: Callable[..., Viewer]) -> None:
    viewer = shown(workflow(600))
    viewer.level("Engineer")
    viewer.button("Unfold all").click()
    counts = viewer.root.locator(".mpg-count")
    expect(counts.nth(20)).to_be_attached()
    assert counts.evaluate_all(OVERLAPS) == 0
    # As many behind as there are in front, whatever is selected.
    for _ in range(2):
        outlines = viewer.root.locator(".mpg-pill").evaluate_all(
            "all => all.map((one) => one.getAttribute('d').split('M').length - 1)"
        )
        assert sum(outlines) == counts.count()
        viewer.search("task 7")
        expect(viewer.root.locator(".mpg-mesh .mpg-on").first).to_be_attached()
    # The measure itself.
    counts.evaluate_all("all => all[1].replaceWith(all[0].cloneNode(true))")
    assert counts.evaluate_all(OVERLAPS) > 0
