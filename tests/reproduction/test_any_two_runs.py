"""`verify` and ``mlprov verify`` take any two runs, and refuse in a sentence what is none."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner, Result

from mlprov_widgets.cli import main
from mlprov_widgets.comparison import verify
from mlprov_widgets.errors import RecordError
from mlprov_widgets.provenance import write_record
from mlprov_widgets.record import Step
from tests.reproduction.made_legacy import IMAGES, MULTICLASS, legacy
from tests.reproduction.made_runs import record

GOOD = "iris.prov.json"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_record(record(), tmp_path / GOOD)


def mlprov(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["verify", *map(str, arguments)])


def write_legacy(name: str, data: dict[str, dict[str, Any]]) -> Path:
    path = Path(name)
    path.write_text(json.dumps(legacy(data)), encoding="utf-8")
    return path


def write_notebook(name: str, *told: str, run_id: str = "") -> Path:
    """A notebook whose outputs name these provenance files, and the run where it is given."""
    text = "".join(f"Provenance: {file}\n" for file in told)
    cell = nbformat.v4.new_code_cell("run.finish()")
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)]
    if run_id:
        metadata = {"mlprov_run": {"run_id": run_id, "file": told[0]}}
        cell.outputs = [nbformat.v4.new_output("display_data", {}, metadata=metadata)]
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), name)
    return Path(name)


def test_exit_codes_and_json() -> None:
    other = record()
    other.steps["model_evaluation"].values["evaluation_metrics"]["loss"] = 0.2
    write_record(other, "other.prov.json")
    assert mlprov(GOOD, GOOD).exit_code == 0
    found = mlprov("other.prov.json", GOOD, "--json")
    assert found.exit_code == 1
    facts = json.loads(found.stdout)
    assert facts["verdict"] == "different"
    assert facts["first_difference"] == "loss"
    assert facts["conclusion"][0] == "1 of 6 metrics differs: loss 0.2 instead of 0.125."
    assert facts["tolerance"] == {"relative": 1e-6, "absolute": 1e-8}
    assert (facts["new_file"], facts["original_file"]) == ("other.prov.json", GOOD)
    assert mlprov("none.prov.json", GOOD).exit_code == 2
    text = mlprov("--help").stdout
    assert all(f"{code} " in text for code in (0, 1, 2))


def test_a_notebook_stands_for_the_run_that_it_shows() -> None:
    later = record().start + timedelta(hours=1)
    write_record(record(run_id="b", start=later), "iris-2.prov.json")
    notebook = write_notebook("copy.ipynb", "iris-2.prov.json", run_id="b")
    facts = json.loads(mlprov(notebook, GOOD, "--json").stdout)
    assert facts["verdict"] == "bit-identical"
    assert facts["new_file"] == "iris-2.prov.json"
    # A file that it only prints has to name it.
    with pytest.raises(RecordError, match="beside it that names it"):
        verify(write_notebook("copy.ipynb", "iris-2.prov.json"), GOOD)
    assert verify(write_notebook("iris.ipynb", GOOD), GOOD).new_file == Path(GOOD)
    # Without outputs it is the newest run that names it.
    assert verify(write_notebook("iris.ipynb"), GOOD).new_file == Path("iris-2.prov.json")
    Path("iris.py").write_text("import math\n")
    with pytest.raises(RecordError, match="beside it that names it"):
        verify("iris.py", GOOD)
    write_record(record(notebook={"name": "iris.py"}), "iris-3.prov.json")
    assert verify("iris.py", GOOD).new_file == Path("iris-3.prov.json")


def test_a_notebook_names_no_file_outside_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    notebook = write_notebook(str(folder / "it.ipynb"), f"../{GOOD}", str(tmp_path / GOOD))
    with pytest.raises(RecordError, match="has no provenance file"):
        verify(notebook, GOOD)


def test_files_of_the_earlier_tool() -> None:
    old = write_legacy("old.json", MULTICLASS)
    assert verify(old, old).verdict == "metric-identical"
    assert mlprov(old, old, "--at-least", "metric-identical").exit_code == 0
    found = verify(GOOD, old)
    assert found.verdict == "different"
    by_name = {item.name: item for item in found.items}
    assert by_name["data"].verdict == "missing"
    assert by_name["accuracy"].original == pytest.approx(0.9333333)
    versions = {one.name: one.original for one in found.differences if one.kind == "library"}
    assert versions["numpy"] == "1.22.2"
    assert versions["python"] == "3.9.7"
    # What only one of the tools records at all is no difference.
    assert all(one.new is not None and one.original is not None for one in found.differences)
    assert verify(write_legacy("images.json", IMAGES), old).verdict == "different"


def test_the_activation_of_the_earlier_tool_is_that_of_the_last_layer() -> None:
    new = record()
    named = {"activation_function": "ReLU, Softmax", "output_activation": "Softmax"}
    new.steps["model_parameters"] = Step(None, None, named)
    old = write_legacy("old.json", MULTICLASS)
    assert not any("activation" in one.name for one in verify(new, old).differences)
    named["output_activation"] = "Tanh"
    assert any("output_activation" in one.name for one in verify(new, old).differences)


def test_one_value_a_class_of_the_earlier_tool_is_compared_in_order() -> None:
    old, new = legacy(MULTICLASS), record()
    scores = {"a": 0.96296296, "b": 0.875, "c": 0.5}
    new.steps["model_evaluation"].values["evaluation_metrics"]["f1_per_class"] = scores
    Path("old.json").write_text(json.dumps(old))
    by_name = {item.name: item.verdict for item in verify(new, "old.json").items}
    assert by_name["f1_per_class: a"] == by_name["f1_per_class: b"] == "identical"
    assert by_name["f1_per_class: c"] == "different"


GARBAGE = {
    "empty.json": b"",
    "binary.prov.json": bytes(range(256)),
    "list.json": b"[]",
    "number.json": b'{"entity": NaN}',
    "deep.json": b"[" * 100_000,
    "foreign.json": b'{"prefix": {"ex": "http://e/"}, "entity": {"ex:a": {}}}',
    "words.txt": b"just some words",
    "half.ipynb": b'{"cells": [',
    "alone.ipynb": b"{}",
    "alone.py": b"x = 1",
}


@pytest.mark.parametrize("name", [*GARBAGE, "none.json", "folder", "pipe.json", "a\0b", "x" * 5000])
@pytest.mark.parametrize("first", [True, False])
def test_what_is_no_run_is_refused_in_a_sentence(name: str, first: bool) -> None:
    if name in GARBAGE:
        Path(name).write_bytes(GARBAGE[name])
    elif name == "folder":
        Path(name).mkdir()
    elif name == "pipe.json":
        if not hasattr(os, "mkfifo"):
            pytest.skip("there are no such pipes here")
        os.mkfifo(name)
    pair = (name, GOOD) if first else (GOOD, name)
    with pytest.raises(RecordError) as refusal:
        verify(*pair)
    assert Path(name.partition("\0")[0]).name[:100] in str(refusal.value)
    if "\0" not in name:
        told = mlprov(*pair)
        assert told.exit_code == 2
        assert told.stderr.startswith("Error: ")
        assert len(told.stderr.strip().splitlines()) == 1


def test_a_damaged_record_says_where() -> None:
    content = json.loads(Path(GOOD).read_text(encoding="utf-8"))
    content["entity"]["run:fingerprints"]["mlprov:data"] = {"$": 1, "type": "xsd:int"}
    Path("wrong.json").write_text(json.dumps(content))
    with pytest.raises(RecordError, match=r"wrong\.json: run:fingerprints, data: it is int"):
        verify("wrong.json", GOOD)
