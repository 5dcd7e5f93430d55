"""What a file says of a run is told before anything is made of it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

import mlprov_widgets
from mlprov_widgets.errors import RecordError
from mlprov_widgets.inspection import Inspection, inspect_run
from mlprov_widgets.notebooks import beside, generate, read_manifest
from mlprov_widgets.provenance import write_record
from mlprov_widgets.record import Cell, Execution, Record, Step
from tests.reproduction.made_runs import cell, record

PACK = "multiclass_classification"


def run_of(notebook: Path, **changes: Any) -> Record:
    """A record as a run of just this generated notebook would leave it."""
    manifest = read_manifest(notebook)
    assert manifest is not None
    cells = [
        Cell(
            row["id"],
            row["kind"],
            row["step"],
            row["source"],
            [Execution(row["source"], number)] if row["kind"] == "code" else [],
        )
        for number, row in enumerate(manifest.generated, start=1)
    ]
    told = {"pack": manifest.pack, "values": manifest.values, "cells": cells}
    return record(**{**told, "notebook": {"name": notebook.name}, **changes})


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    return generate(PACK, {"epochs": 3}, tmp_path / "iris.ipynb")


def inspected(path: Path, run: Record) -> Inspection:
    return inspect_run(write_record(run, path / "run.prov.json"))


def test_it_is_a_public_door() -> None:
    assert mlprov_widgets.inspect_run is inspect_run


def test_an_unedited_run(tmp_path: Path, notebook: Path) -> None:
    before = sorted(tmp_path.iterdir())
    found = inspected(tmp_path, run_of(notebook))
    facts = dict(found.facts)
    assert facts["What"] == "Iris"
    assert facts["Who"] == "A Person"
    assert facts["When"] == "2026-03-01 12:00 UTC, 9 s"
    assert facts["CPU"] == "A processor"
    assert "accuracy 0.9737" in facts["Result"]
    assert (found.kind, found.pack, found.ways) == ("run", PACK, ("exact", "start"))
    assert (found.edits, found.unmapped) == ([], [])
    assert found.values["epochs"] == 3
    (epochs,) = [one for one in found.fields if one.parameter == "epochs"]
    assert (epochs.label, epochs.value, epochs.source) == ("Epochs", 3, "values")
    json.dumps(found.to_dict(), allow_nan=False)
    assert sorted(tmp_path.iterdir()) == [*before, tmp_path / "run.prov.json"]


def test_a_constant_edited_in_the_notebook_counts_as_it_ran(tmp_path: Path, notebook: Path) -> None:
    steps = {
        "model_training": Step(values={"epochs": 7, "batch_size": 16}),
        "model_parameters": Step(values={"optimizer": "SGD"}),
    }
    found = inspected(tmp_path, run_of(notebook, steps=steps))
    by_name = {one.parameter: one for one in found.fields}
    assert found.values["epochs"] == 7
    assert by_name["epochs"].source == "model_training.epochs"
    assert found.values["optimizer"] == "SGD"
    assert by_name["batch_size"].source == "values"


def test_a_size_that_the_pack_found_is_no_edit(tmp_path: Path) -> None:
    made = generate("image_classification", {}, tmp_path / "images.ipynb")
    steps = {"data_preparation": Step(values={"image_size": 32})}
    found = inspected(tmp_path, run_of(made, steps=steps))
    assert found.values["image_size"] == 0


def test_values_that_the_pack_refuses_or_does_not_know(tmp_path: Path, notebook: Path) -> None:
    run = run_of(notebook)
    run.values |= {"epochs": -3, "optimizer": "Shampoo", "colour": "red"}
    found = inspected(tmp_path, run)
    reasons = {one.name: one.reason for one in found.unmapped}
    assert reasons.keys() == {"epochs", "optimizer", "colour"}
    assert "from 1 to" in reasons["epochs"]
    assert "Adam" in reasons["optimizer"]
    assert "no such field" in reasons["colour"]
    assert not {"epochs", "optimizer", "colour"} & found.values.keys()


def test_a_pack_that_is_not_here(tmp_path: Path) -> None:
    pack = {"name": "elsewhere", "version": "1", "sha256": "0"}
    found = inspected(tmp_path, record(pack=pack))
    assert (found.pack, found.ways, found.fields, found.values) == ("", ("exact",), [], {})
    assert {one.name for one in found.unmapped} == {"seed", "optimizer"}
    assert {one.change for one in found.edits} == {"not checked"}


def test_a_value_that_does_not_count_beside_the_others(tmp_path: Path, notebook: Path) -> None:
    run = run_of(notebook)
    run.values["noise"] = 0.7
    (one,) = inspected(tmp_path, run).unmapped
    assert (one.name, one.value) == ("noise", 0.7)
    assert one.reason.startswith("It counts only if dataset in")


def test_a_pack_that_has_changed_since(tmp_path: Path, notebook: Path) -> None:
    """The recorded cells are kept byte for byte, but only the pack here is believed."""
    run = run_of(notebook, pack={"name": PACK, "version": "0.9", "sha256": "1" * 64})
    old = next(one for one in run.cells if one.id.endswith("evaluation") and one.kind == "code")
    old.generated = old.executions[0].source = f"{old.source}\nprint('as it was then')"
    edited = next(one for one in run.cells if "imports" in one.id)
    edited.executions[0].source = "print('by hand')"
    found = inspected(tmp_path, run)
    assert {one.id: one.change for one in found.edits} == {
        old.id: "as another version of the pack wrote it",
        edited.id: "edited",
    }
    assert any("version 0.9, now" in note for note in found.notes)


def test_a_notebook_that_has_not_run(notebook: Path) -> None:
    found = inspect_run(notebook)
    assert (found.kind, found.record, found.differences) == ("notebook", None, [])
    assert dict(found.facts)["Run"] == "none is known"
    assert found.data.state == "not recorded"
    assert found.values["epochs"] == 3


def test_a_script(tmp_path: Path) -> None:
    found = inspect_run(generate(PACK, {"epochs": 3}, tmp_path / "iris.py"))
    assert (found.kind, found.values["epochs"]) == ("script", 3)


def test_what_differs_today_comes_most_important_first(tmp_path: Path, notebook: Path) -> None:
    packages = {"numpy": nbformat.__version__, "torch": "0.4", "gone-for-good": "1.0"}
    found = inspected(tmp_path, run_of(notebook, packages=packages))
    names = [one.name for one in found.differences]
    assert names.index("torch") < names.index("CPU")
    (gone,) = [one for one in found.differences if one.name == "gone-for-good"]
    assert (gone.original, gone.new) == ("1.0", None)


class TestData:
    """Whether the data are still the same."""

    def of_file(self, folder: Path, place: str, content: bytes = b"a,b\n1,x\n") -> Inspection:
        values = {
            "root_location": place,
            "source_sha256": hashlib.sha256(b"a,b\n1,x\n").hexdigest(),
        }
        folder.mkdir(exist_ok=True)
        (folder / "mine.csv").write_bytes(content)
        return inspected(folder, record(steps={"data_ingestion": Step(values=values)}))

    def test_same(self, tmp_path: Path) -> None:
        assert self.of_file(tmp_path, "mine.csv").data.state == "same"
        assert self.of_file(tmp_path, str(tmp_path / "mine.csv")).data.state == "same"

    def test_changed(self, tmp_path: Path) -> None:
        found = self.of_file(tmp_path, "mine.csv", b"a,b\n2,x\n").data
        assert found.state == "changed"
        assert found.note.startswith("mine.csv has changed since the run, so results may differ;")
        found = self.of_file(tmp_path, "mine.csv", b"").data
        assert found.state == "changed"
        assert found.note.startswith("mine.csv is empty here: put the file of the run in its place")

    def test_gone(self, tmp_path: Path) -> None:
        assert self.of_file(tmp_path, "other.csv").data.state == "not at hand"

    @pytest.mark.parametrize("kind", ["folder", "pipe", "broken link"])
    def test_what_is_there_instead_is_said(self, tmp_path: Path, kind: str) -> None:
        place = tmp_path / "data"
        if kind == "folder":
            place.mkdir()
        elif kind == "pipe":
            os.mkfifo(place)
        else:
            place.symlink_to(tmp_path / "nothing")
        found = self.of_file(tmp_path, "data").data
        assert found.state == "not at hand"
        assert found.note.startswith("data is no file here: put the file of the run in its place")

    @pytest.mark.parametrize("place", ["circle", "\0", "x" * 300])
    def test_a_name_that_leads_nowhere(self, tmp_path: Path, place: str) -> None:
        (tmp_path / "circle").symlink_to(tmp_path / "circle")
        found = self.of_file(tmp_path, place).data
        assert found.state == "not at hand"
        assert "outside" not in found.note

    @pytest.mark.parametrize("place", ["../secret", "/etc/passwd", "a/../../secret", "link"])
    def test_outside_of_the_folder_nothing_is_opened(self, tmp_path: Path, place: str) -> None:
        inside = tmp_path / "inside"
        (tmp_path / "secret").write_bytes(b"a,b\n1,x\n")
        inside.mkdir()
        (inside / "link").symlink_to(tmp_path / "secret")
        found = self.of_file(inside, place).data
        assert found.state == "not checked"
        assert "outside of its own folder" in found.note

    @pytest.mark.parametrize("loaded", ["as generated", "as a frame", "as arrays", "otherwise"])
    def test_what_comes_with_scikit_learn(
        self, tmp_path: Path, notebook: Path, loaded: str
    ) -> None:
        from sklearn.datasets import load_iris

        from mlprov_widgets.capture.objects.fingerprint import fingerprint

        frame, arrays = load_iris(as_frame=True), load_iris()
        used = {
            "as generated": (frame.data, frame.target.to_numpy()),
            "as a frame": (frame.data, frame.target),
            "as arrays": (arrays.data, arrays.target),
            "otherwise": (frame.data / 10, frame.target),
        }
        place = "sklearn.datasets.load_iris"
        values = {"dataset_id": "iris", "root_location": place, "feature_dimensions": 4}
        steps = {"data_ingestion": Step(values=values)}
        run = run_of(notebook, steps=steps, fingerprints={"data": fingerprint(*used[loaded])})
        found = inspected(tmp_path, run).data
        # Nobody knows what a notebook has done to them before it recorded them.
        assert found.state == ("not checked" if loaded == "otherwise" else "same")

    @pytest.mark.parametrize(
        "place",
        [
            "sklearn.datasets.fetch_openml",
            "sklearn.datasets.load_.fetch_openml",
            "sklearn.datasets.load_files",
            "sklearn.datasets.load_nothing",
            "os.load_iris",
        ],
    )
    def test_nothing_else_is_loaded(
        self, tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from sklearn import datasets

        monkeypatch.setattr(datasets, "fetch_openml", pytest.fail)
        steps = {"data_ingestion": Step(values={"dataset_id": "x", "root_location": place})}
        assert inspected(tmp_path, record(steps=steps)).data.state == "not checked"

    def test_image_folder(self, tmp_path: Path) -> None:
        from PIL import Image

        from mlprov_widgets.capture.objects.fingerprint import fingerprint
        from mlprov_widgets.datasets import ImageFiles

        for name in ("cat", "dog"):
            (tmp_path / "pictures" / name).mkdir(parents=True)
            colour = {"cat": "red", "dog": "blue"}[name]
            Image.new("RGB", (4, 4), colour).save(tmp_path / "pictures" / name / "1.png")
        files = ImageFiles(tmp_path / "pictures", ["cat", "dog"], 32)
        form = {"classes": ["cat", "dog"], "channels": 3, "parts": {}, "unreadable": []}
        ingested = {"root_location": "pictures", "feature_dimensions": [3, 32, 32]}
        made = record(
            pack={"name": "image_classification", "version": "1", "sha256": "0"},
            values={"dataset": "image_folder", "image_format": form},
            steps={"data_ingestion": Step(values=ingested)},
            fingerprints={"data": str(fingerprint(files, files.labels))},
        )
        assert inspected(tmp_path, made).data.state == "same"
        Image.new("RGB", (4, 4), "green").save(tmp_path / "pictures" / "dog" / "1.png")
        assert inspected(tmp_path, made).data.state == "changed"
        (tmp_path / "pictures" / "dog").rename(tmp_path / "pictures" / "wolf")
        found = inspected(tmp_path, made).data
        assert found.state == "changed"
        assert "there are none of dog;" in found.note
        (tmp_path / "pictures" / "cat").rename(tmp_path / "pictures" / "lion")
        found = inspected(tmp_path, made).data
        assert found.state == "changed"
        assert str(tmp_path) not in found.note
        form["classes"] = ["../.."]
        assert inspected(tmp_path, made).data.state == "not checked"
        shutil.rmtree(tmp_path / "pictures")
        (tmp_path / "pictures").write_text("no folder")
        assert inspected(tmp_path, made).data.note.startswith("pictures is no folder here")


def test_everything_is_escaped_and_nothing_hides(tmp_path: Path, notebook: Path) -> None:
    run = run_of(notebook, agent={"name": "<script>alert(1)</script>\x1b[8m\u202e"})
    run.values["<img onerror=x>"] = "<b>"
    found = inspected(tmp_path, run)
    page = found._repr_html_()
    assert "<script>" not in page
    assert "<img" not in page
    assert found.to_text().replace("\n", "").isprintable()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"entity": {}}', "not provenance"])
def test_what_is_none_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "run.prov.json"
    path.write_text(text)
    with pytest.raises(RecordError) as refused:
        inspect_run(path)
    assert "Traceback" not in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_cell_added_by_hand_is_an_edit(tmp_path: Path, notebook: Path) -> None:
    run = run_of(notebook)
    run.cells.append(cell("mine", "print(1)", generated=None))
    (edit,) = inspected(tmp_path, run).edits
    assert (edit.change, edit.id) == ("added", "mine")


def test_a_metric_without_end_is_shown_in_short(tmp_path: Path, notebook: Path) -> None:
    run = run_of(notebook)
    run.steps["model_evaluation"].values["evaluation_metrics"]["accuracy"] = 10**400
    found = inspected(tmp_path, run)
    assert len(dict(found.facts)["Result"]) < 500


@pytest.mark.parametrize("text", ["", "[]", '{"entity": ', '{"nbformat": 4, "cells": []}', "words"])
def test_what_is_refused_is_named(tmp_path: Path, text: str) -> None:
    source = tmp_path / "of-mine.json"
    source.write_text(text)
    for door in (inspect_run, mlprov_widgets.reproduce):
        with pytest.raises(RecordError, match=r"of-mine\.json"):
            door(source)


def test_endings_in_capitals(tmp_path: Path, notebook: Path) -> None:
    loud = notebook.rename(tmp_path / "IRIS.IPYNB")
    assert inspect_run(loud).kind == "notebook"
    script = generate(PACK, {"epochs": 3}, tmp_path / "iris.py").rename(tmp_path / "IRIS.PY")
    assert inspect_run(script).kind == "script"


def test_a_notebook_whose_cells_were_all_removed(notebook: Path) -> None:
    empty = nbformat.read(notebook, as_version=4)
    empty.cells = []
    nbformat.write(empty, notebook)
    found = inspect_run(notebook)
    assert found.ways == ("start",)
    assert {one.change for one in found.edits} == {"removed"}
    assert found.values["epochs"] == 3


def test_what_is_damaged_in_a_script_is_said(tmp_path: Path) -> None:
    script = generate(PACK, {"epochs": 3}, tmp_path / "iris.py")
    whole = script.read_text()
    script.write_text(whole.rstrip()[:-100])
    with pytest.raises(RecordError, match=r"iris\.py: Its last line that begins with '# mlprov"):
        inspect_run(script)
    script.write_text("".join(whole.rpartition("# mlprov-widgets: ")[:2]) + "[]")
    with pytest.raises(RecordError, match=r"^iris\.py: .*not a table"):
        inspect_run(script)


def test_the_run_beside_a_notebook_is_looked_for_in_what_can_be_read(
    tmp_path: Path, notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = write_record(run_of(notebook), tmp_path / "iris.prov.json")
    newer = tmp_path / "iris-2.prov.json"
    newer.write_text("{}" + " " * 1000)
    os.utime(newer, (2e9, 2e9))
    assert inspect_run(notebook).record is not None
    monkeypatch.setattr(beside, "MAX_BESIDE", mine.stat().st_size + 999)
    assert inspect_run(notebook).record is None
