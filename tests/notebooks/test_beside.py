"""Which record belongs to a notebook or script: told by run ids, else by the name in the record."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mlprov_widgets.errors import RecordError
from mlprov_widgets.notebooks.beside import provenance_file_of, read_run
from mlprov_widgets.provenance import write_record
from tests.provenance.sample import sample

FIRST, SECOND = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"


def record(folder: Path, file: str, run_id: str = FIRST, name: str = "iris.ipynb", hours: int = 0):
    made = sample()
    notebook = {**made.notebook, "name": name}
    start = made.start + timedelta(hours=hours)
    return write_record(replace(made, run_id=run_id, notebook=notebook, start=start), folder / file)


def notebook(path: Path, *outputs: dict) -> Path:
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": "", "execution_count": 1}
    cells = [{**cell, "outputs": list(outputs)}]
    path.write_text(
        json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    return path


def shows(run_id: object, file: object = "iris.prov.json") -> dict:
    return {
        "output_type": "display_data",
        "data": {"text/plain": f"Provenance: {file}"},
        "metadata": {"mlprov_run": {"run_id": run_id, "file": file}},
    }


def prints(*files: str) -> dict:
    text = [f"Provenance: {file}\n" for file in files]
    return {"output_type": "stream", "name": "stdout", "text": text}


def test_the_run_that_the_outputs_name(tmp_path):
    first = record(tmp_path, "iris.prov.json")
    second = record(tmp_path, "iris-2.prov.json", SECOND, hours=1)
    path = notebook(tmp_path / "iris.ipynb", shows(FIRST))
    assert provenance_file_of(path) == first
    assert read_run(path)[0].run_id == FIRST
    assert provenance_file_of(notebook(path, shows(FIRST), shows(SECOND))) == second
    # Neither file needs to have the name that it had.
    first.rename(tmp_path / "moved.prov.json")
    copy = notebook(tmp_path / "a copy.ipynb", shows(FIRST, "iris.prov.json"))
    assert provenance_file_of(copy) == tmp_path / "moved.prov.json"


def test_another_runs_record_is_not_taken_for_it(tmp_path):
    record(tmp_path, "iris.prov.json", SECOND)
    path = notebook(tmp_path / "iris.ipynb", shows(FIRST))
    with pytest.raises(RecordError, match=rf"iris\.ipynb shows the run {FIRST}, but no prov"):
        provenance_file_of(path)
    with pytest.raises(RecordError, match=r"put its \.\./\.\./etc/passwd"):
        provenance_file_of(notebook(path, shows(FIRST, "../../etc/passwd")))


@pytest.mark.parametrize("wrong", [None, 3, [FIRST], {"a": 1}])
def test_what_outputs_say_is_checked(tmp_path, wrong):
    file = record(tmp_path, "iris.prov.json")
    for output in (shows(wrong), shows(FIRST, wrong), {"metadata": wrong}):
        assert provenance_file_of(notebook(tmp_path / "iris.ipynb", output)) == file


def test_a_notebook_that_says_nothing_has_the_newest_record_that_names_it(tmp_path):
    newest = record(tmp_path, "iris-2.prov.json", SECOND, hours=1)
    record(tmp_path, "iris.prov.json")
    record(tmp_path, "iris-3.prov.json", name="iris-3.ipynb", hours=2)
    (tmp_path / "iris-4.prov.json").write_text("{}")
    assert provenance_file_of(notebook(tmp_path / "iris.ipynb")) == newest
    with pytest.raises(RecordError, match=r"iris-2\.ipynb has no provenance file"):
        provenance_file_of(notebook(tmp_path / "iris-2.ipynb"))
    script = tmp_path / "iris.py"
    script.write_text("1\n")
    with pytest.raises(RecordError, match="has no provenance file"):
        provenance_file_of(script)
    of_script = record(tmp_path, "iris-5.prov.json", name="iris.py")
    assert provenance_file_of(script) == of_script


def test_a_notebook_of_an_earlier_version_has_the_record_that_it_prints(tmp_path):
    first = record(tmp_path, "iris.prov.json")
    record(tmp_path, "iris-2.prov.json", SECOND, hours=1)
    record(tmp_path, "other.prov.json", SECOND, name="other.ipynb", hours=2)
    path = tmp_path / "iris.ipynb"
    assert provenance_file_of(notebook(path, prints("iris.prov.json"))) == first
    for names in (["other.prov.json"], ["gone.prov.json"]):
        with pytest.raises(RecordError, match="has no provenance file"):
            provenance_file_of(notebook(path, prints(*names)))
