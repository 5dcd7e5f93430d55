"""The viewer where it is used: JupyterLab, Voilà, and a page of its own without any server."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat.sign import NotebookNotary
from playwright.sync_api import expect

from mlprov_widgets.graph import view
from mlprov_widgets.provenance import write_record
from tests.browser.conftest import Host, new_page, run_python, write_notebook
from tests.browser.viewing import CREATED, RESULT, Viewer, recorded

SHOW = "viewer = view('run.prov.json')\nviewer"
PNG = b"\x89PNG\r\n\x1a\n"


def put(folder: Path) -> Path:
    file = folder / "run.prov.json"
    return file if file.exists() else write_record(recorded(), file)


@pytest.fixture(scope="module")
def opened(
    browser: Any, start: Callable[..., Host], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], tuple[Viewer, list[str]]]]:
    """A viewer in each place, opened once, and everything that its page asked for."""
    pages: dict[str, tuple[Viewer, list[str]]] = {}
    contexts = []

    def show(kind: str) -> tuple[Viewer, list[str]]:
        if kind not in pages:
            contexts.append(new_page(browser))
            page = contexts[-1].__enter__()
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.url))
            if kind == "page":
                folder = tmp_path_factory.mktemp("alone")
                file = folder / "run.html"
                file.write_text(view(recorded()).to_page(), encoding="utf-8")
                page.goto(file.as_uri())
            else:
                host = start(kind)
                put(host.folder)
                host.open(page, SHOW, shows=".mlprov-viewer")
            pages[kind] = Viewer(page).ready(), asked
        return pages[kind]

    yield show
    for context in contexts:
        context.__exit__(None, None, None)


@pytest.fixture(params=["lab", "voila", "page"])
def viewer(request: pytest.FixtureRequest, opened: Callable[..., Any]) -> Viewer:
    shown, _ = opened(request.param)
    shown.reset()
    return shown


@pytest.fixture
def in_lab(opened: Callable[..., Any]) -> Viewer:
    shown, _ = opened("lab")
    shown.reset()
    return shown


def test_it_opens_with_the_result_in_sight(viewer: Viewer) -> None:
    expect(viewer.root.get_by_role("radio", name="Analyst")).to_be_checked()
    expect(viewer.boxes).to_have_count(6)
    result = viewer.box(RESULT)
    expect(result).to_be_in_viewport(ratio=1)
    sizes = viewer.root.locator(".mpg-node text").evaluate_all(
        "texts => texts.map(t => [t.textContent, t.getBoundingClientRect().height])"
    )
    assert max(sizes, key=lambda pair: pair[1])[0] == "0.9667"
    assert min(height for _, height in sizes) >= 9
    expect(viewer.root.locator(".mp-summary")).to_contain_text("finished")
    expect(viewer.root.locator(".mp-summary")).to_contain_text("Ada Lovelace")


def test_what_is_selected_is_kept_from_level_to_level(viewer: Viewer) -> None:
    viewer.box(RESULT).click()
    expect(viewer.details.locator("h3")).to_have_text("Result")
    viewer.level("Engineer")
    expect(viewer.frames.or_(viewer.folded).first).to_be_visible()
    expect(viewer.selected).to_have_attribute("data-id", RESULT)
    expect(viewer.selected).to_be_in_viewport()
    expect(viewer.details.locator("h3")).to_have_text("Result")
    viewer.level("Analyst")
    expect(viewer.selected).to_have_attribute("data-id", RESULT)
    viewer.page.keyboard.press("Escape")


def test_groups_fold_and_unfold_where_they_are(viewer: Viewer) -> None:
    viewer.level("Engineer")
    group = viewer.box(RESULT)
    expect(group).to_have_attribute("aria-expanded", "false")
    expect(viewer.root.locator(".mpg-badge").first).to_be_attached()
    before = viewer.boxes.count()
    place = viewer.fold_handle(RESULT).bounding_box()
    viewer.fold_handle(RESULT).click()
    expect(group).to_have_attribute("aria-expanded", "true")
    after = viewer.fold_handle(RESULT).bounding_box()
    assert abs(after["x"] - place["x"]) < 30
    assert abs(after["y"] - place["y"]) < 30
    assert viewer.boxes.count() > before
    viewer.fold_handle(RESULT).click()
    expect(viewer.boxes).to_have_count(before)
    viewer.button("Unfold all").click()
    expect(viewer.folded).to_have_count(0)
    viewer.button("Fold all").click()
    expect(viewer.boxes).to_have_count(before)


@pytest.mark.parametrize(
    ("text", "answer"), [("accuracy", "0.9667"), ("creation date", "datetime.datetime.now")]
)
def test_two_actions_lead_to_the_answer(viewer: Viewer, text: str, answer: str) -> None:
    viewer.search(text)
    expect(viewer.results.locator(".mp-match").first.locator("mark")).to_have_text(text)
    expect(viewer.results.locator(".mp-match-answer").first).to_contain_text(answer)
    expect(viewer.details.locator(".mp-answer")).to_contain_text(answer)
    expect(viewer.selected).to_be_in_viewport()
    expect(viewer.root.locator(".mpg-match").first).to_be_attached()
    # Enter walks on, and groups open for what is found.
    expect(viewer.results).to_contain_text("1 of")
    first = viewer.details.locator("h3").text_content()
    viewer.search_box.press("Enter")
    expect(viewer.results).to_contain_text("2 of")
    expect(viewer.details.locator("h3")).not_to_have_text(str(first))
    viewer.search_box.press("Shift+Enter")
    expect(viewer.details.locator("h3")).to_have_text(str(first))


def middle(box: dict[str, float]) -> tuple[float, float]:
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize("width", [1440, 700])
def test_what_is_found_comes_to_the_middle(opened: Callable[..., Any], width: int) -> None:
    viewer, _ = opened("page")
    viewer.reset()
    before = viewer.page.viewport_size
    viewer.page.set_viewport_size({"width": width, "height": 900})
    try:
        viewer.level("Engineer")
        viewer.search("creation date")
        expect(viewer.details.locator("h3")).to_have_text("creation date")
        viewer.page.wait_for_timeout(500)
        canvas = viewer.root.locator(".mpg-svg").bounding_box()
        (x, y), (left, top) = middle(viewer.selected.bounding_box()), middle(canvas)
        assert abs(x - left) < canvas["width"] / 3
        assert abs(y - top) < canvas["height"] / 3
        # With what it was generated by.
        function = viewer.boxes.filter(has_text="datetime.datetime.now").bounding_box()
        assert canvas["x"] <= function["x"]
        assert canvas["y"] <= function["y"]
        assert function["x"] + function["width"] <= canvas["x"] + canvas["width"]
        assert function["y"] + function["height"] <= canvas["y"] + canvas["height"]
    finally:
        viewer.page.set_viewport_size(before)
        viewer.reset()


def test_a_narrow_host_shows_the_result_above_the_buttons(opened: Callable[..., Any]) -> None:
    viewer, _ = opened("voila")
    viewer.reset()
    before = viewer.page.viewport_size
    viewer.page.set_viewport_size({"width": 700, "height": 1000})
    try:
        viewer.page.wait_for_timeout(500)
        result = viewer.box(RESULT).bounding_box()
        buttons = viewer.root.locator(".mp-zoom").bounding_box()
        assert result["y"] + result["height"] <= buttons["y"]
        texts = viewer.root.locator(".mpg-node > text").evaluate_all(
            "all => all.map(t => parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a)"
        )
        assert min(texts) >= 10.3
    finally:
        viewer.page.set_viewport_size(before)


def test_many_results_of_one_activity_are_in_rows(browser: Any, tmp_path: Path) -> None:
    many = [f"ex:result{number}" for number in range(12)]
    source = {
        "prefix": {"ex": "http://example.org/"},
        "activity": {"ex:all": {}},
        "entity": {id: {} for id in many},
        "wasGeneratedBy": {
            f"_:{at}": {"prov:entity": id, "prov:activity": "ex:all"} for at, id in enumerate(many)
        },
    }
    file = tmp_path / "many.html"
    file.write_text(view(source).to_page(), encoding="utf-8")
    with new_page(browser) as page:
        page.goto(file.as_uri())
        viewer = Viewer(page).ready()
        viewer.level("Engineer")
        expect(viewer.box(many[-1])).to_be_attached()
        page.wait_for_timeout(400)
        places = [viewer.box(id).bounding_box() for id in many]
        assert len({round(place["x"]) for place in places}) > 1
        assert len({round(place["y"]) for place in places}) > 1


def test_nothing_found_is_said(viewer: Viewer) -> None:
    viewer.search_box.fill("<b>nowhere</b>")
    expect(viewer.results).to_contain_text("Nothing has “<b>nowhere</b>”")


def test_lineage_stands_out(viewer: Viewer) -> None:
    viewer.box("step:model_parameters").click()
    expect(viewer.box("step:data_ingestion")).to_have_class(re.compile("mpg-before"))
    expect(viewer.box(RESULT)).to_have_class(re.compile("mpg-after"))
    viewer.search("creation date")
    expect(viewer.details.locator("h3")).to_have_text("creation date")
    expect(viewer.selected).to_have_attribute("data-id", CREATED)
    expect(viewer.root.locator(".mpg-lineage")).to_be_attached()
    shown = ("selected", "before", "after", "match")
    grey = viewer.root.locator(".mpg-node" + "".join(f":not(.mpg-{one})" for one in shown))
    assert grey.count() > 0
    expect(grey.first).to_have_css("opacity", re.compile(r"^0\.[0-6]"))
    expect(viewer.selected).to_have_css("opacity", "1")
    why = viewer.details.locator(".mp-why")
    expect(why).to_contain_text("datetime.datetime.now")
    # A step of the reasons leads to what it is about.
    why.get_by_role("button").first.click()
    expect(viewer.details.locator("h3")).not_to_have_text("creation date")


def test_details_are_whole_and_in_their_own_form(viewer: Viewer) -> None:
    viewer.search("confusion matrix")
    matrix = viewer.details.locator(".mp-matrix")
    expect(matrix.locator("tbody tr").nth(1)).to_contain_text("versicolor091")
    viewer.search("history")
    expect(viewer.details.locator("svg path, svg polyline").first).to_be_attached()
    viewer.search("EPOCHS = 100")
    expect(viewer.details.locator(".mp-code .t-mi").filter(has_text="100")).to_be_visible()
    expect(viewer.details.get_by_role("button", name="Copy the name")).to_be_visible()
    link = viewer.details.locator(".mp-link").last
    text = viewer.details.locator("h3").text_content()
    link.click()
    expect(viewer.details.locator("h3")).not_to_have_text(str(text))


def test_what_was_edited_is_a_diff(viewer: Viewer) -> None:
    viewer.search("cell 8")
    expect(viewer.details.locator(".mp-answer").or_(viewer.details).first).to_contain_text("edited")
    expect(viewer.details.locator(".mp-diff .mp-added").first).to_be_visible()
    expect(viewer.details.locator(".mp-diff .mp-removed").first).to_be_visible()


def test_the_keyboard_is_enough(viewer: Viewer) -> None:
    keys = viewer.page.keyboard
    viewer.search_box.focus()
    keys.press("Escape")
    focused = viewer.root.locator("[data-id]:focus")
    expect(focused).to_have_count(1)
    keys.press("Home")
    expect(focused).to_have_attribute("aria-label", re.compile("^Data, iris, rows 150"))
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


def test_what_python_refuses_is_said(in_lab: Viewer) -> None:
    alert = in_lab.root.get_by_role("alert")
    run_python(in_lab.page, "viewer.send({'kind': 'refused', 'message': 'It is too large.'})")
    expect(alert).to_have_text("It is too large.")
    # Until something else is done.
    in_lab.level("Engineer")
    expect(alert).to_have_count(0)


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
        expect(viewer.root.locator(".mpg-after.mpg-match").first).to_be_attached()
        marked = viewer.root.locator(".mpg-before[data-id], .mpg-after[data-id]")
        ids = marked.evaluate_all("all => all.map(g => g.dataset.id + ' ' + g.classList)")
        said.append((sorted(boxes), sorted(ids), viewer.details.inner_text()))
    assert said[0] == said[1]


# -- without a kernel ------------------------------------------------------------------------------

OPEN = """async ([path, alive]) => {
  const dead = { shouldStart: false, canStart: false, autoStartDefault: false };
  const kernelPreference = alive ? undefined : dead;
  await jupyterapp.restored;
  await jupyterapp.commands.execute('docmanager:open', { path, kernelPreference });
}"""


def reopen(page: Any, host: Host, name: str, alive: bool = False) -> None:
    """Open a saved notebook, and run nothing; with `alive` there is a kernel, a new one."""
    page.goto(f"{host.url}/lab/workspaces/other?reset")
    page.wait_for_function("() => window.jupyterapp?.commands", timeout=30_000)
    page.evaluate(OPEN, [name, alive])


def test_a_saved_notebook_shows_the_picture(lab: Host, page: Any) -> None:
    put(lab.folder)
    lab.open(page, SHOW, shows=".mlprov-viewer")
    expect(page.locator(".mlprov-picture")).to_be_hidden()
    page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
    (lab.folder / "saved.ipynb").write_bytes((lab.folder / "demo.ipynb").read_bytes())
    reopen(page, lab, "saved.ipynb")
    picture = page.locator(".mlprov-picture svg")
    expect(picture).to_be_visible()
    expect(picture).to_contain_text("0.9667")
    expect(page.get_by_text("model not found")).not_to_be_in_viewport()


def test_an_executed_notebook_shows_the_viewer_once_it_is_trusted(lab: Host, page: Any) -> None:
    put(lab.folder)
    notebook = nbformat.read(write_notebook(lab.folder, SHOW, name="executed.ipynb"), 4)
    NotebookClient(notebook, resources={"metadata": {"path": str(lab.folder)}}).execute()
    nbformat.write(notebook, lab.folder / "executed.ipynb")
    # Of what it does not trust, Lab shows words and nothing that could be a script.
    reopen(page, lab, "executed.ipynb", alive=True)
    expect(page.locator(".jp-OutputArea").first).to_contain_text("0.9667")
    expect(page.locator(".mlprov-viewer")).to_have_count(0)
    NotebookNotary(data_dir=str(lab.folder.parent / "data_dir")).sign(notebook)
    reopen(page, lab, "executed.ipynb")
    expect(page.locator(".mlprov-picture svg")).to_be_visible()
    reopen(page, lab, "executed.ipynb", alive=True)
    viewer = Viewer(page).ready()
    expect(viewer.box(RESULT)).to_contain_text("0.9667")
    expect(page.locator(".mlprov-picture")).to_be_hidden()


def test_a_notebook_as_a_page_shows_the_picture(voila: Host, page: Any, tmp_path: Path) -> None:
    put(voila.folder)
    notebook = nbformat.read(write_notebook(tmp_path, SHOW, name="executed.ipynb"), 4)
    NotebookClient(notebook, resources={"metadata": {"path": str(voila.folder)}}).execute()
    html, _ = HTMLExporter().from_notebook_node(notebook)
    (tmp_path / "executed.html").write_text(html, encoding="utf-8")
    page.route(re.compile("^https?:"), lambda route: route.abort())
    page.goto((tmp_path / "executed.html").as_uri())
    expect(page.locator(".mlprov-picture svg")).to_be_visible()
    expect(page.locator(".mlprov-picture svg")).to_contain_text("0.9667")


# -- documents that mean harm ----------------------------------------------------------------------

EVIL = (
    "<script>window.harmed = 1</script>",
    "<img src=x onerror='window.harmed = 1'>",
    "</script><script>window.harmed = 1</script>",
    "<!--<script>",
    "javascript:window.harmed=1",
    "]]></style><svg onload=window.harmed=1>",
    "${window.harmed=1}`'\"\\",
    "日本語 العربية עברית ไทย 한국어 \u202e\u0000 🧪",
    "x" * 1_000_000,
    "__proto__",
    "constructor",
)


def evil() -> dict[str, Any]:
    names = [f"{text[:2000]}{at}" for at, text in enumerate(EVIL)] + ["__proto__", "constructor"]
    return {
        "prefix": {name: name for name in names[:4]},
        "entity": {name: {"prov:label": text, "ex:value": text, text: text}
                   for name, text in zip(names, EVIL, strict=False)},
        "activity": {f"a{name}": {"prov:type": name, "prov:label": name} for name in names},
        "agent": {f"b{name}": {} for name in names},
        "wasGeneratedBy": {
            f"_:g{at}": {"prov:entity": name, "prov:activity": f"a{name}", "prov:role": name}
            for at, name in enumerate(names)
        },
        "used": {"_:u": {"prov:activity": f"a{names[0]}", "prov:entity": names[1]}},
        "bundle": {names[0]: {"entity": {names[1]: {"prov:label": names[2]}}}},
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["lab", "page"])
def test_nothing_of_a_document_is_executed(
    kind: str, start: Callable[..., Host], page: Any, tmp_path: Path
) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("dialog", lambda dialog: problems.append(dialog.message))
    if kind == "page":
        (tmp_path / "evil.html").write_text(view(evil()).to_page(), encoding="utf-8")
        page.goto((tmp_path / "evil.html").as_uri())
    else:
        host = start("lab")
        (host.folder / "evil.json").write_text(json.dumps(evil()), encoding="utf-8")
        host.open(page, "view('evil.json')", shows=".mlprov-viewer")
    viewer = Viewer(page).ready()
    for level in ("Engineer", "Analyst"):
        viewer.level(level)
        if level == "Engineer":
            expect(viewer.button("Unfold all")).to_be_visible()
            if viewer.button("Unfold all").is_enabled():
                viewer.button("Unfold all").click()
        ids = viewer.boxes.evaluate_all("all => all.slice(0, 12).map(g => g.dataset.id)")
        assert ids
        for at in range(len(ids)):
            # What is selected may be seen on the other level alone.
            viewer.boxes.nth(min(at, viewer.boxes.count() - 1)).focus()
            page.keyboard.press("Enter")
            expect(viewer.details.locator("h3")).to_be_visible()
    viewer.search("window.harmed")
    expect(viewer.results.locator(".mp-match").first).to_contain_text("harmed")
    for label in ("SVG", "PNG"):
        viewer.save(label, tmp_path)
    ElementTree.parse(next(tmp_path.glob("*.svg")))
    assert page.evaluate("window.harmed") is None
    assert page.evaluate("({}).harmed") is None
    assert page.locator(".mlprov-viewer :is(script, iframe, img, object, embed)").count() == 0
    assert problems == []
