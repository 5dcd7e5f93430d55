"""A viewer in a page, as somebody who looks at it sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from mlprov_widgets.provenance import write_record
from mlprov_widgets.record import Record
from tests.provenance.sample import sample

RESULT = "step:model_evaluation"
CREATED = "run:field.experiment_info.creation_date"
SHOW = "viewer = view('run.prov.json')\nviewer"


def recorded() -> Record:
    """A run with everything that has a form of its own: a matrix, curves, an edited cell."""
    record = sample()
    record.steps["model_evaluation"].values["evaluation_metrics"]["confusion_matrix"] = [
        [10, 0, 0],
        [0, 9, 1],
        [0, 0, 10],
    ]
    record.steps["model_training"].values["history"] = [
        {"epoch": epoch, "loss": 1 / epoch, "validation_loss": 1.1 / epoch}
        for epoch in range(1, 21)
    ]
    return record


def put_run(folder: Path) -> Path:
    """The recorded run as a file that `SHOW` opens."""
    file = folder / "run.prov.json"
    return file if file.exists() else write_record(recorded(), file)


class Viewer:
    """The first viewer of a page.

    Parameters
    ----------
    page : Page
        Where it is.
    """

    def __init__(self, page: Any) -> None:
        self.page = page
        self.root = page.locator(".mlprov-viewer").first
        self.search_box = self.root.get_by_role("combobox")
        self.details = self.root.locator(".mp-details")
        self.results = self.root.locator(".mp-results")
        self.boxes = self.root.locator(".mpg-node[data-id]")
        self.frames = self.root.locator("[data-id][aria-expanded=true]")
        self.selected = self.root.locator(".mpg-selected[data-id]")
        self.folded = self.root.locator(".mpg-node[aria-expanded=false]")

    def ready(self) -> Viewer:
        """Wait until something is drawn."""
        self.boxes.first.wait_for()
        return self

    def box(self, id: str) -> Any:
        """A box, or the frame of an open group."""
        return self.root.locator(f'[data-id="{id}"]')

    def level(self, name: str) -> None:
        """Go to a level."""
        self.root.get_by_role("radiogroup").get_by_text(name, exact=True).click()

    def button(self, name: str) -> Any:
        """A button outside of the graph."""
        return self.root.get_by_role("button", name=name, exact=True)

    def fold_handle(self, id: str) -> Any:
        """What folds and unfolds a group."""
        return self.box(id).locator(".mpg-handle")

    def search(self, text: str) -> None:
        """Two actions: type, and take the first match."""
        self.search_box.fill(text)
        self.search_box.press("Enter")

    def save(self, label: str, to: Path) -> Path:
        """Save a file from the menu."""
        self.button("Save").click()
        with self.page.expect_download() as waiting:
            self.root.get_by_role("menuitem").filter(has_text=label).click()
        file = to / waiting.value.suggested_filename
        waiting.value.save_as(file)
        return file

    def reset(self) -> None:
        """As it opened, by hand."""
        if self.search_box.input_value():
            self.button("Clear the search").click()
        if self.details.count():
            self.button("Close").or_(self.button("Close the details")).first.click()
        self.level("Engineer")
        expect(self.button("Fold all")).to_be_visible()
        if self.frames.count():
            self.button("Fold all").click()
            expect(self.frames).to_have_count(0)
        self.level("Analyst")
        expect(self.box(RESULT)).to_contain_text("0.9667")
