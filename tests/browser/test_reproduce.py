"""Reproducing in the browser: what is shown, what is decided by hand, and where it is left."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import expect

from mlprov_widgets import generate
from mlprov_widgets.notebooks import read_manifest
from tests.browser.conftest import Host
from tests.browser.test_wizard import CONTRAST, NEXT, download, field, step

WIDGET = "reproduce()"
# A visitor may read this folder of the host's.
COURSE = "reproduce(out='course')"
EXACT = "Write the notebook exactly as run"
QUICK = {"epochs": 2, "plots": False}


def clean(host: Host) -> Path:
    """The folder without what other tests have left there."""
    for path in host.folder.iterdir():
        if path.is_dir() and not path.name.startswith("."):
            shutil.rmtree(path)
        elif path.is_file() and path.name != "demo.ipynb":
            path.unlink()
    return host.folder


def edited(folder: Path) -> Path:
    """A notebook with two cells that are not as generated."""
    path = generate("multiclass_classification", QUICK, folder / "edited.ipynb")
    notebook = nbformat.read(path, 4)
    cell = next(cell for cell in notebook.cells if "torch.optim.Adam(" in cell.source)
    cell.source = cell.source.replace("torch.optim.Adam(", "torch.optim.SGD(")
    notebook.cells.append(nbformat.v4.new_code_cell("print('<b>mine</b>')"))
    nbformat.write(notebook, path)
    return path


def choose(page: Any, name: str) -> None:
    page.locator(".mlprov-chooser select").last.select_option(label=name)
    page.get_by_role("button", name="Choose", exact=True).click()


def enter_course(page: Any, name: str) -> None:
    """Go to the folder that the host offers, which holds one file that may be read."""
    listed = page.locator(".mlprov-chooser select").last.locator("option")
    expect(listed).to_have_text([re.compile("course")])
    page.locator(".mlprov-chooser select").last.select_option(index=0)
    expect(listed).to_have_text([re.compile(r"\.\."), name])


def read(page: Any, name: str) -> None:
    """Choose a file that is not refused; the first one of a kernel imports much."""
    choose(page, name)
    page.locator(".mlprov-run-page").wait_for()


def code(path: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]


@pytest.mark.slow
def test_every_difference_is_decided_by_hand_and_by_keyboard(lab: Host, page: Any) -> None:
    path = edited(clean(lab))
    lab.open(page, WIDGET)
    read(page, path.name)
    expect(page.locator(".mlprov-edit")).to_have_count(2)
    exact = page.get_by_role("button", name=EXACT)
    expect(exact).to_be_disabled()
    expect(page.get_by_text("2 cells above still to be decided upon")).to_be_visible()
    expect(page.locator(".mlprov-edit input:checked")).to_have_count(0)
    expect(page.locator(".mlprov-minus")).to_contain_text("torch.optim.Adam(")
    expect(page.locator(".mlprov-plus").first).to_contain_text("torch.optim.SGD(")
    expect(page.locator(".mlprov-edit").last).to_contain_text("<b>mine</b>")
    diff, first, second = (
        page.locator(".mlprov-diff").first,
        page.locator(".mlprov-edit").first.locator("input"),
        page.locator(".mlprov-edit").last.locator("input"),
    )
    diff.focus()
    page.keyboard.press("Tab")
    expect(first.first).to_be_focused()
    page.keyboard.press("Space")
    expect(first.first).to_be_checked()
    expect(page.get_by_text("1 cell above still to be decided upon")).to_be_visible()
    # Within a group the arrow keys choose; Tab goes on to the next diff, and to its choices.
    page.keyboard.press("ArrowRight")
    expect(first.last).to_be_checked()
    expect(first.first).not_to_be_checked()
    page.keyboard.press("ArrowLeft")
    expect(first.first).to_be_checked()
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(second.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(second.last).to_be_checked()
    expect(second.first).not_to_be_checked()
    expect(exact).to_be_enabled()
    named = page.get_by_role("radiogroup", name=re.compile("model parameters.*edited.*choice"))
    expect(named.get_by_role("radio")).to_have_count(2)
    exact.dblclick()
    expect(page.get_by_text("Notebook rebuilt")).to_be_visible()
    # The keyboard goes on from the new page, and a double click has written one notebook.
    expect(page.locator(".mlprov-results .mlprov-title")).to_be_focused()
    assert len(list(lab.folder.glob("*-reproduction*.ipynb"))) == 1
    again = lab.folder / "edited-reproduction.ipynb"
    assert code(again) == code(path)[:-1]
    assert "torch.optim.SGD(" in "".join(code(again))


@pytest.mark.slow
def test_a_file_is_chosen_by_keyboard_and_the_notebook_keeps_its_cells(
    lab: Host, page: Any
) -> None:
    folder = clean(lab)
    (folder / "below").mkdir()
    edited(folder / "below").rename(folder / "below" / "here.ipynb")
    lab.open(page, WIDGET, "1 + 1")
    listed = page.locator(".mlprov-chooser select").last
    listed.focus()
    # Folders are passed with the arrow keys and opened with Enter; letters search in the list.
    for key in ("ArrowDown", "d", "ArrowUp", "b", "Enter"):
        page.keyboard.press(key)
    expect(listed.locator("option")).to_have_text(["📁 ..", "here.ipynb"])
    expect(listed).to_be_focused()
    assert listed.evaluate("list => getComputedStyle(list).outlineStyle") == "solid"
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    expect(page.locator(".mlprov-chooser input")).to_have_value("here.ipynb")
    expect(page.get_by_role("button", name="Choose", exact=True)).to_be_enabled()
    page.keyboard.press("Enter")
    page.locator(".mlprov-run-page").wait_for()
    cells = "() => jupyterapp.shell.currentWidget.content.widgets.length"
    assert page.evaluate(cells) == 2


@pytest.mark.slow
def test_a_run_is_reproduced_compared_and_reported(lab: Host, page: Any) -> None:
    clean(lab)
    lab.open(page, "wizard(values={'epochs': 2, 'plots': False})")
    step(page, "Review").click()
    expect(page.locator(NEXT)).to_have_text("Generate")
    page.locator(NEXT).click()
    page.get_by_role("button", name="Run here").click()
    expect(page.locator(".mlprov-was-finished")).to_be_visible()
    (record,) = lab.folder.glob("*.prov.json")
    lab.open(page, WIDGET, shows=".mlprov-reproduce")
    read(page, record.name)
    facts = page.locator(".mlprov-run-facts")
    expect(facts).to_contain_text("Multiclass classification")
    expect(facts).to_contain_text("finished")
    page.get_by_text(re.compile("values go into fields")).click()
    expect(page.get_by_role("row", name=re.compile("^Epochs 2$"))).to_be_visible()
    page.get_by_text("Also write a requirements file").click()
    page.get_by_role("button", name=EXACT).click()
    expect(page.locator(".mlprov-command")).to_contain_text("pip install -r")
    page.get_by_role("button", name="Run and compare").click()
    table = page.locator(".mlprov-comparison .mlprov-verification")
    expect(table).to_contain_text(re.compile("bit-identical", re.IGNORECASE))
    for label in ("Graph of this run", "Graph of the original"):
        page.get_by_role("button", name=label).click()
        expect(page.locator(".mlprov-graph h3")).to_have_text(label)
        expect(page.locator('.mlprov-graph [data-id="step:model_evaluation"]')).to_be_visible()
        expect(page.locator(".mlprov-graph .mlprov-viewer")).to_have_count(1)
    name, report = download(page, "Download the report")
    assert name.endswith("-report.html")
    assert b"<html" in report
    page.get_by_role("button", name="Back to the run").click()
    expect(page.get_by_role("button", name=EXACT)).to_be_visible()


@pytest.mark.slow
def test_the_wizard_opens_filled_in_and_records_what_was_changed(lab: Host, page: Any) -> None:
    path = generate("multiclass_classification", QUICK, clean(lab) / "first.ipynb")
    lab.open(page, WIDGET)
    read(page, path.name)
    page.get_by_role("button", name="Open the wizard, filled in").click()
    expect(page.get_by_role("button", name="Back to the run")).to_be_in_viewport()
    step(page, "Training").click()
    epochs = field(page, "epochs")
    expect(epochs.locator("input")).to_have_value("2")
    epochs.locator("input").fill("3")
    expect(epochs).to_contain_text("In the original run: 2")
    step(page, "Review").click()
    changed = page.locator(".mlprov-review .mlprov-differs").first
    expect(changed).to_contain_text(re.compile("Epochs.*2.*3"))
    page.locator(NEXT).click()
    expect(page.get_by_text("Notebook written")).to_be_visible()
    manifest = read_manifest(lab.folder / "multiclass_classification.ipynb")
    assert manifest is not None
    assert manifest.started_from["name"] == "first.ipynb"
    assert manifest.started_from["changes"] == {"epochs": [2, 3]}


@pytest.mark.slow
def test_the_first_page_starts_from_an_uploaded_run(voila: Host, page: Any, tmp_path: Path) -> None:
    path = generate("image_classification", {"epochs": 4}, tmp_path / "theirs.ipynb")
    (tmp_path / "bad.json").write_text("{")
    clean(voila)
    voila.open(page)
    page.get_by_text("A run (its provenance file or notebook)").click()
    upload = page.locator(".mlprov-run-file input[type=file]")
    upload.set_input_files(tmp_path / "bad.json")
    expect(page.locator(".mlprov-run-file .mlprov-refused")).to_contain_text("bad.json")
    assert not (voila.files / "bad.json").exists()
    upload.set_input_files(path)
    expect(page.locator(".mlprov-run-start")).to_contain_text("Filled in from theirs.ipynb")
    expect(page.get_by_label("Image classification")).to_be_checked()
    expect(page.locator(".mlprov-preview")).to_contain_text("EPOCHS = 4")
    # From here the same run can be had again as it was, without any other page.
    page.get_by_role("button", name="Reproduce it instead").click()
    page.get_by_role("button", name=EXACT).click()
    expect(page.get_by_text("Notebook rebuilt")).to_be_visible()
    assert code(voila.files / "theirs-reproduction.ipynb") == code(path)
    expect(page.get_by_role("button", name="Run and compare")).to_be_hidden()
    page.get_by_role("button", name="Back to the wizard").click()
    expect(page.get_by_role("heading", name="Task")).to_be_visible()


@pytest.mark.slow
def test_a_visitor_sees_and_takes_only_what_is_in_the_folder(
    voila: Host, page: Any, tmp_path: Path
) -> None:
    outside = generate("multiclass_classification", QUICK, tmp_path / "outside.ipynb")
    course = clean(voila) / "course"
    course.mkdir()
    link, away = course / "link.ipynb", course / "away"
    link.symlink_to(outside)
    away.symlink_to(tmp_path)
    generate("multiclass_classification", QUICK, course / "inside.ipynb")
    try:
        voila.open(page, COURSE)
        enter_course(page, "inside.ipynb")
        name = page.locator(".mlprov-chooser input")
        for path in ("link.ipynb", "away/outside.ipynb", "../outside.ipynb", str(outside)):
            name.fill(path)
            expect(page.get_by_role("button", name="Choose", exact=True)).to_be_disabled()
        page.locator(".mlprov-run-file input[type=file]").set_input_files(outside)
        page.locator(".mlprov-run-page").wait_for()
        expect(page.get_by_role("heading", name="outside.ipynb")).to_be_visible()
        page.get_by_role("button", name=EXACT).click()
        expect(page.get_by_text("Notebook rebuilt")).to_be_visible()
        expect(page.get_by_role("button", name="Run and compare")).to_be_hidden()
        assert download(page) == (
            "outside-reproduction.ipynb",
            (voila.files / "outside-reproduction.ipynb").read_bytes(),
        )
    finally:
        link.unlink()
        away.unlink()


@pytest.mark.slow
def test_a_visitor_decides_upon_each_cell(voila: Host, page: Any) -> None:
    (clean(voila) / "course").mkdir()
    path = edited(voila.folder / "course")
    voila.open(page, COURSE)
    enter_course(page, path.name)
    read(page, path.name)
    # A click finds nothing where the choices are there but take no room.
    page.get_by_label("Use the recorded cell").check()
    page.get_by_label("Leave it out").check()
    expect(page.get_by_role("button", name=EXACT)).to_be_enabled()


@pytest.mark.slow
def test_a_large_folder_is_searched_by_typing(lab: Host, page: Any) -> None:
    folder = clean(lab) / "many"
    folder.mkdir(exist_ok=True)
    for number in range(10_000):
        (folder / f"run-{number:05}.json").write_text(json.dumps({"a": number}))
    lab.open(page, "reproduce(out='many')")
    options = page.locator(".mlprov-chooser select").last.locator("option")
    expect(options).to_have_count(500)
    expect(page.locator(".mlprov-run-file")).to_contain_text("more are not shown")
    page.locator(".mlprov-chooser input").fill("0999")
    expect(options).to_have_count(11)
    choose(page, "run-09993.json")
    expect(page.locator(".mlprov-run-file .mlprov-error")).to_contain_text("run-09993.json")


@pytest.mark.slow
@pytest.mark.parametrize("width", [700, pytest.param(1440, marks=pytest.mark.slow)])
def test_all_of_the_page_can_be_read(lab: Host, page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1000})
    path = edited(clean(lab))
    lab.open(page, WIDGET)
    for theme, light in (("JupyterLab Dark", "false"), ("JupyterLab Light", "true")):
        page.evaluate("to => jupyterapp.commands.execute('apputils:change-theme', to)",
                      {"theme": theme})  # fmt: skip
        page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")
        if theme == "JupyterLab Dark":
            read(page, path.name)
            expect(page.locator(".mlprov-edit")).to_have_count(2)
        page.mouse.move(0, 0)
        page.wait_for_timeout(300)
        assert page.evaluate(CONTRAST) == [], theme
        wide = page.locator(".mlprov").first.evaluate(
            """root => [...root.querySelectorAll('.mlprov-way, .mlprov-edit, .mlprov-inspection')]
            .filter(e => e.getBoundingClientRect().right > root.getBoundingClientRect().right + 1)
            .map(e => e.className)"""
        )
        assert wide == []
