"""What is left of a viewer in a saved notebook or a page; and documents that mean harm."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat.sign import NotebookNotary
from playwright.sync_api import expect

from mlprov_widgets.graph import static_view
from tests.browser.conftest import Host, write_notebook
from tests.browser.viewing import RESULT, SHOW, Viewer, put_run

OPEN = """async ([path, alive]) => {
  const dead = { shouldStart: false, canStart: false, autoStartDefault: false };
  const kernelPreference = alive ? undefined : dead;
  await jupyterapp.restored;
  await jupyterapp.commands.execute('docmanager:open', { path, kernelPreference });
}"""


def reopen(page: Any, host: Host, name: str, alive: bool = False) -> None:
    """Open a saved notebook, and run nothing; with `alive` there is a kernel, a new one."""
    page.goto(f"{host.url}/lab/workspaces/other?reset")
    page.wait_for_function("() => window.jupyterapp?.commands")
    page.evaluate(OPEN, [name, alive])


def outputs(notebook: Any) -> list[Any]:
    return [one for cell in notebook.cells for one in cell.get("outputs", ()) if "data" in one]


@pytest.mark.slow
def test_a_saved_notebook_shows_the_picture(lab: Host, page: Any) -> None:
    put_run(lab.folder)
    lab.open(page, SHOW, shows=".mlprov-viewer")
    expect(page.locator(".mlprov-picture")).to_be_hidden()
    page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
    (lab.folder / "saved.ipynb").write_bytes((lab.folder / "demo.ipynb").read_bytes())
    reopen(page, lab, "saved.ipynb")
    picture = page.locator(".mlprov-picture svg")
    expect(picture).to_be_visible()
    expect(picture).to_contain_text("0.9667")
    # JupyterLab floats the terms of lists, which would break each word.
    expect(page.locator(".mlprov-picture .tiles dt").first).to_have_css("float", "none")
    expect(page.get_by_text("model not found")).not_to_be_in_viewport()


@pytest.mark.slow
def test_a_saved_wizard_says_what_was_chosen_and_how_to_go_on(lab: Host, page: Any) -> None:
    code = "from mlprov_widgets import wizard; wizard('multiclass_classification')"
    lab.open(page, code, shows=".mlprov-stepper")
    expect(page.locator(".mlprov-picture")).to_be_hidden()
    page.locator(".mlprov-stepper").get_by_text("Training").click()
    epochs = page.get_by_role("textbox", name="Epochs")
    epochs.fill("7")
    epochs.press("Tab")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
    (lab.folder / "saved.ipynb").write_bytes((lab.folder / "demo.ipynb").read_bytes())
    reopen(page, lab, "saved.ipynb")
    left = page.locator(".mlprov-picture")
    expect(left).to_contain_text("Run the cell again to go on.", timeout=10_000)
    expect(left.get_by_role("row", name="Epochs 7")).to_be_visible()
    expect(page.get_by_text("model not found")).not_to_be_in_viewport()


@pytest.mark.slow
def test_an_executed_notebook_shows_the_viewer_once_it_is_trusted(lab: Host, page: Any) -> None:
    put_run(lab.folder)
    notebook = nbformat.read(write_notebook(lab.folder, SHOW, name="executed.ipynb"), 4)
    NotebookClient(notebook, resources={"metadata": {"path": str(lab.folder)}}).execute()
    nbformat.write(notebook, lab.folder / "executed.ipynb")
    # Of what it does not trust, Lab shows words and nothing that could be a script.
    reopen(page, lab, "executed.ipynb", alive=True)
    expect(page.locator(".jp-OutputArea").first).to_contain_text("0.9667")
    expect(page.locator(".jp-OutputArea img")).to_be_visible()
    expect(page.locator(".mlprov-viewer")).to_have_count(0)
    NotebookNotary(data_dir=str(lab.folder.parent / "data_dir")).sign(notebook)
    reopen(page, lab, "executed.ipynb")
    expect(page.locator(".mlprov-picture svg")).to_be_visible()
    reopen(page, lab, "executed.ipynb", alive=True)
    viewer = Viewer(page).ready()
    expect(viewer.box(RESULT)).to_contain_text("0.9667")
    expect(page.locator(".mlprov-picture")).to_be_hidden()


def test_a_notebook_as_a_page_shows_the_picture(voila: Host, page: Any, tmp_path: Path) -> None:
    put_run(voila.folder)
    notebook = nbformat.read(write_notebook(tmp_path, SHOW, name="executed.ipynb"), 4)
    NotebookClient(notebook, resources={"metadata": {"path": str(voila.folder)}}).execute()
    # Where a site shows neither styles nor widgets, the picture is the second output's.
    (picture,) = (one.data["image/png"] for one in outputs(notebook) if "image/png" in one.data)
    assert base64.b64decode(picture).startswith(b"\x89PNG")
    html, _ = HTMLExporter().from_notebook_node(notebook)
    (tmp_path / "executed.html").write_text(html, encoding="utf-8")
    page.route(re.compile("^https?:"), lambda route: route.abort())
    page.goto((tmp_path / "executed.html").as_uri())
    expect(page.locator(".mlprov-picture svg")).to_be_visible()
    expect(page.locator(".mlprov-picture svg")).to_contain_text("0.9667")
    expect(page.locator(".jp-OutputArea img")).not_to_be_in_viewport()


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


@pytest.mark.parametrize("kind", [pytest.param("lab", marks=pytest.mark.slow), "page"])
def test_nothing_of_a_document_is_executed(
    kind: str, start: Callable[..., Host], page: Any, tmp_path: Path
) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("dialog", lambda dialog: problems.append(dialog.message))
    if kind == "page":
        (tmp_path / "evil.html").write_text(static_view(evil()).to_page(), encoding="utf-8")
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
