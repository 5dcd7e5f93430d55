"""The wizard in the browser: the main road in every host, and where it is left."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from mlprov_widgets.notebooks import read_manifest
from tests.browser.conftest import Host

NEXT = ".mlprov-footer .mlprov-primary"
PAGES = ["Task", "Data", "Preparation & split", "Model", "Training", "Evaluation & output"]


def step(page: Any, title: str) -> Any:
    return page.locator(".mlprov-step", has_text=short(title))


def short(title: str) -> str:
    """As a page is called on the stepper."""
    return title.partition(" & ")[0]


def field(page: Any, name: str) -> Any:
    return page.locator(f".mlprov-field-{name}")


def written(page: Any, folder: Path) -> Path:
    path = page.locator(".mlprov-path code")
    expect(path).to_be_visible()  # before, it is there and has no text to be seen
    return folder / Path(path.inner_text()).name


def download(page: Any, label: str = "Download") -> tuple[str, bytes]:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=label, exact=True).click()
    return waiting.value.suggested_filename, waiting.value.path().read_bytes()


_SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "kind", [pytest.param("lab", marks=_SLOW), pytest.param("notebook", marks=_SLOW), "voila"]
)
def test_next_next_generate_and_download(kind: str, start: Callable[..., Host], page: Any) -> None:
    host = start(kind)
    host.open(page)
    expect(page.locator(".mlprov-step")).to_have_count(7)
    # The preview follows the form by itself, before anything is done.
    expect(page.locator(".mlprov-preview .mlprov-code").first).to_be_visible()
    for title in PAGES:
        expect(page.locator(".mlprov-title h2")).to_have_text(title)
        expect(page.locator(".mlprov-is-current")).to_have_text(short(title))
        page.keyboard.press("Tab")
        page.locator(NEXT).press("Enter")
    expect(page.locator(NEXT)).to_have_text("Generate")
    page.locator(NEXT).click()
    expect(page.get_by_text("Notebook written")).to_be_in_viewport()
    path = written(page, host.files)
    manifest = read_manifest(path)
    assert manifest is not None
    assert manifest.values["dataset"] == "iris"
    assert download(page) == (path.name, path.read_bytes())


def test_three_clicks_to_a_notebook(voila: Host, page: Any) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    voila.open(page)
    tasks = page.locator(".mlprov-tasks label")
    tasks.filter(has_text="Tabular classification").click()
    expect(page.locator(".mlprov-file")).to_contain_text("tabular_classification")
    field(page, "dataset").locator("select").select_option("Wine")
    generate = page.get_by_role("button", name="Generate", exact=True)
    expect(generate).to_be_in_viewport(ratio=1)
    expect(page.locator(".mlprov-cells")).to_contain_text("load_wine")
    generate.click()
    expect(page.get_by_text("Notebook written")).to_be_in_viewport()
    manifest = read_manifest(written(page, voila.files))
    assert manifest is not None
    assert (manifest.pack["name"], manifest.values["dataset"]) == ("tabular_classification", "wine")


@pytest.mark.slow
def test_the_preview_follows_the_form(lab: Host, page: Any) -> None:
    lab.open(page, "wizard(values={})")
    step(page, "Model").click()
    own = page.locator(".mlprov-own .mlprov-used, .mlprov-own .mlprov-marked")
    expect(page.locator(".mlprov-own").first).to_be_in_viewport()
    neurons = field(page, "hidden_neurons").locator("input")
    neurons.fill("")
    neurons.press_sequentially("77", delay=30)
    expect(neurons).to_have_value("77")
    expect(page.locator(".mlprov-code .mlprov-marked")).to_contain_text("HIDDEN_NEURONS = 77")
    expect(own.first).to_contain_text("HIDDEN_NEURONS")
    expect(own.first).to_be_in_viewport()
    field(page, "optimizer").locator("select").select_option("Adadelta")
    expect(field(page, "learning_rate").locator("input")).to_have_value("1.0")
    expect(page.locator(".mlprov-own .mlprov-marked")).to_contain_text("torch.optim.Adadelta")


@pytest.mark.slow
def test_a_wrong_answer_is_said_in_place_and_on_the_stepper(lab: Host, page: Any) -> None:
    lab.open(page, "wizard(values={})")
    wrong = [
        ("Preparation & split", "test_size", "2", "up to 0.8"),
        ("Model", "hidden_layers", "many", "whole number"),
        ("Training", "epochs", "0", "from 1"),
    ]
    for title, name, text, words in wrong:
        step(page, title).click()
        field(page, name).locator("input").fill(text)
        expect(field(page, name).locator(".mlprov-error")).to_contain_text(words)
        expect(step(page, title)).to_have_class(_with("mlprov-is-problem"))
        expect(step(page, title)).to_have_attribute("title", f"{title}: 1 answer needs attention")
    step(page, "Review").click()
    expect(page.locator(NEXT)).to_have_text("Generate")
    expect(page.locator(".mlprov-problem")).to_contain_text("and 2 more")
    page.locator(NEXT).click()
    # It leads to the first of them.
    expect(field(page, "test_size").locator("input")).to_be_focused()
    expect(field(page, "test_size").locator("input")).to_be_in_viewport()
    # Nothing that was typed is lost, and a right answer takes the words away.
    step(page, "Model").click()
    expect(field(page, "hidden_layers").locator("input")).to_have_value("many")
    field(page, "hidden_layers").locator("input").fill("3")
    expect(field(page, "hidden_layers").locator(".mlprov-error")).to_have_count(0)
    step(page, "Task").click()
    expect(step(page, "Model")).not_to_have_class(_with("mlprov-is-problem"))


@pytest.mark.slow
def test_help_comes_with_the_keyboard(lab: Host, page: Any) -> None:
    lab.open(page, "wizard(values={})")
    step(page, "Training").click()
    tip = field(page, "epochs").locator(".mlprov-tip")
    expect(tip.locator(".mlprov-tip-text")).to_be_hidden()
    field(page, "epochs").locator("input").press("Tab")
    expect(tip).to_be_focused()
    expect(tip.locator(".mlprov-tip-text")).to_be_visible()
    label = field(page, "epochs").get_by_label("Epochs", exact=True)
    expect(label).to_have_value("100")


def test_run_here_to_the_metrics_and_the_graph(lab: Host, page: Any) -> None:
    lab.open(page, "wizard(values={'epochs': 2, 'plots': False})")
    step(page, "Review").click()
    expect(page.locator(NEXT)).to_have_text("Generate")
    page.locator(NEXT).click()
    path = written(page, lab.folder)
    page.get_by_role("button", name="Run here").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(page.locator(".mlprov-was-finished")).to_be_visible()
    expect(page.locator(".mlprov-metrics")).to_contain_text("Accuracy")
    graph = page.locator(".mlprov-graph .mlprov-viewer")
    graph.locator('[data-id="step:model_evaluation"]').click()
    expect(graph.locator(".mp-details h3")).to_have_text("Result")
    assert len(list(lab.folder.glob(f"{path.stem}*.prov.json"))) == 1
    name, content = download(page, "Download the provenance file")
    assert content == (lab.folder / name).read_bytes()
    page.get_by_role("button", name="Open", exact=True).click()
    page.wait_for_function(
        "name => jupyterapp.shell.currentWidget?.context?.path === name", arg=path.name
    )


def test_a_table_is_uploaded_and_looked_at(voila: Host, page: Any, tmp_path: Path) -> None:
    # Larger than the 10 MB that a server takes as one message.
    table = tmp_path / "my flowers.csv"
    rows = "".join(f"{n % 7};{n % 5},5;{'abc'[n % 3]}\n" for n in range(1_100_000))
    table.write_text(f"size;weight;species\n{rows}")
    voila.open(page)
    step(page, "Data").click()
    expect(page.locator(".mlprov-title h2")).to_have_text("Data")
    field(page, "dataset").locator("select").select_option("My own CSV file")
    expect(field(page, "csv_path").locator(".mlprov-error")).to_contain_text("Choose the CSV")
    path = field(page, "csv_path").get_by_label("CSV file", exact=True)
    for outside in ("../x.csv", "/etc/hosts"):
        path.fill(outside)
        path.press("Enter")
        expect(field(page, "csv_path").locator(".mlprov-error")).to_contain_text("upload yours")
    page.set_input_files(".mlprov-upload input", table)
    found = page.locator(".mlprov-found")
    expect(found).to_contain_text("semicolon")
    expect(found).to_contain_text("1,100,000")
    expect(found).to_contain_text("3 classes in species")
    expect(path).to_have_value("my-flowers.csv")
    assert (voila.files / "my-flowers.csv").read_bytes() == table.read_bytes()
    expect(step(page, "Data")).not_to_have_class(_with("mlprov-is-problem"))
    features = field(page, "feature_columns").locator("select")
    features.select_option(label="weight · number")
    expect(field(page, "feature_columns")).to_contain_text("1 of 2 columns picked")
    step(page, "Review").click()
    expect(page.locator(NEXT)).to_have_text("Generate")
    page.locator(NEXT).click()
    expect(page.get_by_text("Notebook written")).to_be_visible()
    manifest = read_manifest(written(page, voila.files))
    assert manifest is not None
    assert manifest.values["feature_columns"] == ["weight"]
    assert manifest.values["target_column"] == "species"


@pytest.mark.slow
def test_a_page_turned_at_its_foot_begins_at_its_head(voila: Host, page: Any) -> None:
    page.set_viewport_size({"width": 500, "height": 420})
    voila.open(page)
    for title in PAGES[1:4]:
        page.locator(NEXT).click()
        expect(page.locator(".mlprov-title h2")).to_have_text(title)
        expect(page.locator(".mlprov-title h2")).to_be_in_viewport()


@pytest.mark.parametrize(
    "width",
    [pytest.param(width, marks=pytest.mark.slow) for width in (360, 700, 1440)],
)
def test_nothing_is_cut_off(voila: Host, page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    voila.open(page)
    for title in PAGES[1:]:
        step(page, title).click()
        expect(page.locator(".mlprov-title h2")).to_have_text(title)
        cut = page.evaluate(
            """() => [...document.querySelectorAll('.mlprov-form .widget-label, .mlprov-title')]
            .filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1)
            .map(e => e.textContent)"""
        )
        assert cut == []
        form, preview = (
            page.locator(f".mlprov-{part}").bounding_box() for part in ("form", "preview")
        )
        assert form["x"] + form["width"] <= width
        # Code that scrolled sideways would be a stop of the Tab key as well.
        sideways = page.locator(".mlprov-cell pre").evaluate_all(
            "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)"
        )
        assert sideways == []
        below = preview["y"] >= form["y"] + form["height"]
        assert below == (width < 800)


@pytest.mark.parametrize("kind", [pytest.param("lab", marks=_SLOW), "voila"])
def test_steps_and_buttons_are_in_sight_on_every_page(
    kind: str, start: Callable[..., Host], page: Any
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    start(kind).open(page, "wizard(values={})")
    for title in [*PAGES, "Review"]:
        step(page, title).click()
        expect(page.locator(".mlprov-title h2")).to_have_text(title)
        expect(page.locator(".mlprov-is-current")).to_have_text(short(title))
        for bar in (".mlprov-stepper", ".mlprov-footer", NEXT):
            expect(page.locator(bar)).to_be_in_viewport(ratio=1)
        expect(page.locator(".mlprov-title h2")).to_be_in_viewport(ratio=1)
        expect(page.locator(".mlprov-preview-head")).to_be_in_viewport(ratio=1)
    expect(page.locator(NEXT)).to_have_text("Generate")


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1440, 500), (600, 900), (720, 450)])
def test_in_a_small_window_the_page_scrolls_and_the_bars_stay(
    voila: Host, page: Any, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    voila.open(page)
    step(page, "Model").click()
    expect(page.locator(".mlprov-title h2")).to_have_text("Model")
    form = page.locator(".mlprov-form")
    assert form.evaluate("e => e.scrollHeight <= e.clientHeight + 1")  # no scroll bar in another
    page.mouse.move(size[0] / 4, size[1] / 2)
    page.mouse.wheel(0, 300)
    for bar in (".mlprov-stepper", ".mlprov-footer"):
        expect(page.locator(bar)).to_be_in_viewport(ratio=1)


CONTRAST = """() => {
  const numbers = (colour) => {
    const parts = colour.match(/[\\d.]+(e-?\\d+)?/g).map(Number);
    const scale = colour.startsWith('color(') ? 1 : 255;
    return [...parts.slice(0, 3).map((part) => part / scale), parts[3] ?? 1];
  };
  const over = (top, below) => top.slice(0, 3).map((c, i) => c * top[3] + below[i] * (1 - top[3]));
  const ground = (element) => {
    if (!element) return [1, 1, 1];
    const own = numbers(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, ground(element.parentElement));
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const weak = new Set();
  for (const element of document.querySelectorAll('.mlprov *')) {
    const text = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!(text || element.tagName === 'INPUT') || !element.checkVisibility()) continue;
    if (element.closest('option, style, :disabled, .mlprov-sr, .mlprov-view')) continue;
    const below = ground(element);
    const ink = over(numbers(getComputedStyle(element).color), below);
    const pair = [light(ink), light(below)].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) weak.add(`${element.className || element.tagName}: ${ratio.toFixed(2)}`);
  }
  return [...weak];
}"""


@pytest.mark.slow
def test_everything_can_be_read(lab: Host, page: Any) -> None:
    lab.open(page, "wizard(values={'learning_rate': 2.0, 'output_activation': 'softmax'})")
    for theme, light in (("JupyterLab Dark", "false"), ("JupyterLab Light", "true")):
        page.evaluate("to => jupyterapp.commands.execute('apputils:change-theme', to)",
                      {"theme": theme})  # fmt: skip
        page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")
        for title in [*PAGES, "Review"]:
            step(page, title).click()
            if title == "Model":
                field(page, "hidden_layers").locator("input").fill("many")
                expect(page.locator(".mlprov-error")).to_be_visible()
            page.mouse.move(0, 0)
            page.wait_for_timeout(300)
            assert page.evaluate(CONTRAST) == [], (theme, title)
    # The measure itself: grey on white is too weak.
    page.add_style_tag(content=".mlprov .mlprov-title p { color: #999 !important }")
    assert page.evaluate(CONTRAST) != []


def _with(name: str) -> re.Pattern[str]:
    return re.compile(rf"(^|\s){name}(\s|$)")


@pytest.mark.slow
def test_images_are_shown_and_a_model_is_found_by_typing(lab: Host, page: Any) -> None:
    for name in ("cat", "<b>dog"):
        (lab.folder / "pets" / name).mkdir(parents=True)
        for number in range(5):
            colour = (number * 50, 90, 200)
            Image.new("RGB", (40, 30), colour).save(lab.folder / "pets" / name / f"{number}.png")
    lab.open(page, "wizard('image_classification', values={})")
    step(page, "Data").click()
    expect(page.locator(".mlprov-title h2")).to_have_text("Data")
    field(page, "dataset").locator("select").select_option("My own image folder")
    images = field(page, "image_folder")
    images.get_by_role("button", name="Browse").click()
    images.locator(".mlprov-chooser select").last.select_option(label="📁 pets")
    images.get_by_role("button", name="Choose").click()
    expect(images.locator("input").first).to_have_value("pets")
    expect(images.locator(".mlprov-thumbnails li")).to_have_text([re.compile("<b>dog"), "cat 5"])
    pictures = images.locator(".mlprov-thumbnails img")
    expect(pictures).to_have_count(8)
    assert pictures.first.evaluate("image => image.naturalWidth") == 40
    step(page, "Model").click()
    model = field(page, "model")
    model.locator("select").select_option("Another model of torchvision…")
    expect(model.locator("input")).to_be_visible()
    model.locator("input").press_sequentially("resnext5", delay=30)
    expect(model).to_contain_text("did you mean resnext50_32x4d?")
    model.locator("input").press_sequentially("0_32x4d", delay=30)
    expect(model).to_contain_text("million parameters")
    marked = page.locator(".mlprov-own .mlprov-marked", has_text="resnext50_32x4d")
    expect(marked.first).to_be_visible()


@pytest.mark.slow
def test_a_reproduction_is_compared_in_sight(lab: Host, page: Any) -> None:
    lab.open(page, "wizard(values={'epochs': 2, 'plots': False})")
    step(page, "Review").click()
    expect(page.locator(NEXT)).to_have_text("Generate")
    page.locator(NEXT).click()
    page.get_by_role("button", name="Run here").click()
    page.get_by_role("button", name="Reproduce").click()
    page.get_by_role("button", name="Run and compare").click()
    table = page.locator(".mlprov-comparison .mlprov-verification")
    expect(table).to_contain_text(re.compile("bit-identical", re.IGNORECASE))
    assert table.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    # The page of results was long; what comes instead is short, and begins in sight.
    page.get_by_role("button", name="Change the choices").click()
    expect(page.get_by_role("heading", name="Review", exact=True)).to_be_in_viewport()


@pytest.mark.slow
def test_several_values_are_tried_where_the_notebook_was_written(lab: Host, page: Any) -> None:
    lab.open(page, "wizard(values={'epochs': 2, 'plots': False})")
    step(page, "Review").click()
    expect(page.locator(NEXT)).to_have_text("Generate")
    page.locator(NEXT).click()
    page.get_by_role("button", name="Several runs…").click()
    panel = page.locator(".mlprov-several")
    expect(panel.get_by_label("Values")).to_be_hidden()
    panel.get_by_label("Try").select_option("Learning rate")
    panel.get_by_label("Values").fill("0.1, 0.01")
    panel.get_by_label("Seeds of each").fill("2")
    panel.get_by_role("button", name="Run them").click()
    expect(panel).to_contain_text("4 runs ended")
    expect(panel).to_contain_text("Best by validation loss")
    assert panel.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
