"""Whatever has happened to a file: it is refused in a sentence, or what is made of it is right."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlprov_widgets.comparison import verify
from mlprov_widgets.errors import MlprovError, RecordError
from mlprov_widgets.notebooks import generate
from mlprov_widgets.provenance import validate, write_record
from mlprov_widgets.provenance.prov_json import to_prov_json
from mlprov_widgets.rebuild import reproduce
from tests.reproduction.demands import (
    answer,
    check_readers,
    check_reproduction,
    check_sentence,
    check_shell,
    watched,
)
from tests.reproduction.made_legacy import IMAGES, MULTICLASS, legacy
from tests.reproduction.mutations import changed, damaged, spiced, written
from tests.reproduction.rebuilding import recorded_run

PACK = "multiclass_classification"
MANIFEST = "# mlprov-widgets: "
KINDS = (
    *("run.prov.json", "fresh.ipynb", "run.ipynb", "again.ipynb", "run.py"),
    *("old.json", "old-images.json"),
)

LITTLE = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


class Valid:
    """Valid files of every kind, as text; and the cells that the pack has written into them."""

    def __init__(self, folder: Path, shared: Path) -> None:
        notebook = generate(PACK, {"epochs": 3}, folder / "run.ipynb")
        fresh = generate(PACK, {"epochs": 3}, folder / "fresh.ipynb")
        script = generate(PACK, {"epochs": 3}, folder / "run.py")
        self.run = run = recorded_run(notebook)
        self.record = write_record(run, folder / "valid.prov.json")
        executed = nbformat.read(notebook, as_version=4)
        for number, cell in enumerate(executed.cells):
            if cell.cell_type == "code":
                cell.execution_count = number
                cell.outputs = [nbformat.v4.new_output("stream", text="printed\n")]
        cells = [cell.source.rstrip() for cell in executed.cells]
        cells += [cell.source.rstrip() for cell in nbformat.read(fresh, as_version=4).cells]
        self.cells = {*cells, *(cell.replace("run.ipynb", "run.py") for cell in cells)}
        self.texts = {
            "run.prov.json": self.record.read_text(),
            "fresh.ipynb": fresh.read_text(),
            "run.ipynb": nbformat.writes(executed),
            "again.ipynb": reproduce(self.record).file.read_text(),
            "run.py": script.read_text(),
            "old.json": json.dumps(legacy(MULTICLASS)),
            "old-images.json": json.dumps(legacy(IMAGES)),
        }
        published = shared / "data" / "legacy"
        for path in sorted(published.glob("*.json")):
            self.texts[path.name] = path.read_text()

    def tree(self, kind: str) -> tuple[str, Any]:
        """What of a file is no JSON, and the rest of it as a tree."""
        text = self.texts[kind]
        if kind.endswith(".py"):
            code, mark, manifest = text.rpartition(MANIFEST)
            return code + mark, json.loads(manifest)
        return "", json.loads(text)


@pytest.fixture(scope="module")
def valid(tmp_path_factory: pytest.TempPathFactory) -> Valid:
    shared = Path(__file__).resolve().parents[3] / "shared"
    found = Valid(tmp_path_factory.mktemp("valid"), shared)
    # What is imported at the first use is imported before anything is watched.
    with tempfile.TemporaryDirectory() as folder:
        answer(reproduce, found.record, folder)
        check_readers(found.record, found.record)
        check_shell("verify", str(found.record), str(found.record))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_valid_is_taken(valid: Valid, tmp_path: Path, kind: str) -> None:
    raw = valid.texts[kind].encode()
    assert demand_all(tmp_path, kind, raw, valid, shell=True)


def demand_all(
    folder: Path,
    name: str,
    raw: bytes,
    valid: Valid,
    *,
    shell: bool = False,
    beside: Mapping[str, bytes] = MappingProxyType({}),
) -> bool:
    """Give a file to every door; whether it could be reproduced."""
    # The folder that is chosen lies deep, so that there is something outside of it to be hit.
    given, chosen = folder / "a" / "b" / "given", folder / "a" / "b" / "chosen"
    given.mkdir(parents=True)
    chosen.mkdir()
    source = given / name
    source.write_bytes(raw)
    for other, content in beside.items():
        (given / other).write_bytes(content)
    secret = folder / "a" / "x"
    secret.write_text("what ../../x leads to")
    with watched(chosen, secret):
        check_readers(source, valid.record)
        rebuilt = check_reproduction(source, chosen, valid.cells)
        if shell:
            check_shell("validate", str(source))
            check_shell("view", str(source))
            check_shell("verify", str(source), str(valid.record), "--json")
            check_shell("reproduce", str(source), "-o", str(chosen), "--json")
    secret.unlink()
    files = {file for file in folder.rglob("*") if file.is_file()}
    own = {given / other for other in (name, *beside)}
    assert all(file in own or file.parent == chosen for file in files), files
    return rebuilt


@pytest.mark.parametrize("kind", KINDS)
@settings(LITTLE, max_examples=25)
@given(data=st.data())
def test_changed_values(valid: Valid, kind: str, data: st.DataObject) -> None:
    _change_values(valid, kind, data)


@pytest.mark.parametrize("kind", KINDS)
@settings(LITTLE, max_examples=10)
@given(data=st.data())
def test_damaged_bytes(valid: Valid, kind: str, data: st.DataObject) -> None:
    _damage(valid, kind, data)


@settings(LITTLE, max_examples=20)
@given(data=st.data())
def test_odd_values(valid: Valid, data: st.DataObject) -> None:
    _odd_values(valid, data)


@pytest.mark.parametrize("kind", ["fresh.ipynb", "run.ipynb", "run.py"])
@settings(LITTLE, max_examples=10)
@given(data=st.data())
def test_what_lies_beside_a_notebook(valid: Valid, kind: str, data: st.DataObject) -> None:
    _beside(valid, kind, data)


@pytest.mark.slow
@settings(LITTLE, max_examples=500)
@given(data=st.data())
def test_many_odd_values(valid: Valid, data: st.DataObject) -> None:
    _odd_values(valid, data)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["fresh.ipynb", "run.ipynb", "run.py"])
@settings(LITTLE, max_examples=100)
@given(data=st.data())
def test_many_that_lie_beside_a_notebook(valid: Valid, kind: str, data: st.DataObject) -> None:
    _beside(valid, kind, data)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@settings(LITTLE, max_examples=250)
@given(data=st.data())
def test_many_changed_values(valid: Valid, kind: str, data: st.DataObject) -> None:
    _change_values(valid, kind, data)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@settings(LITTLE, max_examples=120)
@given(data=st.data())
def test_many_damaged_bytes(valid: Valid, kind: str, data: st.DataObject) -> None:
    _damage(valid, kind, data)


def _change_values(valid: Valid, kind: str, data: st.DataObject) -> None:
    start, tree = valid.tree(kind)
    text = start + written(changed(data, tree))
    _one_of(valid, kind, text.encode("utf-8", "surrogatepass"), data)


def _damage(valid: Valid, kind: str, data: st.DataObject) -> None:
    name = kind
    if data.draw(st.integers(0, 4)) == 0:
        name = "run" + data.draw(st.sampled_from([".json", ".ipynb", ".py", ".txt", "", ".IPYNB"]))
    _one_of(valid, name, damaged(data, valid.texts[kind].encode()), data)


def _odd_values(valid: Valid, data: st.DataObject) -> None:
    run = spiced(data, valid.run)
    run.notebook.setdefault("name", "run.ipynb")
    try:
        text = json.dumps(to_prov_json(run))
    except RecordError as error:
        check_sentence(str(error))
        return
    _one_of(valid, "run.prov.json", text.encode(), data)


def _beside(valid: Valid, kind: str, data: st.DataObject) -> None:
    """A valid notebook and, beside it, what claims to be the file of its run."""
    run = spiced(data, valid.run)
    run.notebook["name"] = kind
    try:
        text = json.dumps(to_prov_json(run))
    except RecordError:
        return
    if data.draw(st.booleans()):
        text = written(changed(data, json.loads(text)))
    beside = {f"{kind.partition('.')[0]}.prov.json": text.encode("utf-8", "surrogatepass")}
    _one_of(valid, kind, valid.texts[kind].encode(), data, beside)


def _one_of(
    valid: Valid, name: str, raw: bytes, data: st.DataObject, beside: dict[str, bytes] | None = None
) -> None:
    shell = data.draw(st.integers(0, 9)) == 0
    with tempfile.TemporaryDirectory() as folder:
        demand_all(Path(folder), name, raw, valid, shell=shell, beside=beside or {})


# -- files that are no ordinary files ----------------------------------------------------------


@pytest.mark.parametrize("ending", [".prov.json", ".ipynb", ".py", ""])
def test_what_never_ends_is_not_waited_for(valid: Valid, tmp_path: Path, ending: str) -> None:
    pipe, endless = tmp_path / f"pipe{ending}", tmp_path / f"endless{ending}"
    os.mkfifo(pipe)
    endless.symlink_to("/dev/full")
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    for source in (pipe, endless):
        with watched(chosen):
            with pytest.raises(RecordError, match="is not a file"):
                reproduce(source, chosen)
            check_readers(source, valid.record)


@pytest.mark.parametrize(
    "name", ["", ".", "/", "~", "~nobody-here/x", "a\0b", "x" * 5000, "\ud800", "a\nb", "-rf", "*"]
)
@pytest.mark.parametrize("ending", ["", ".ipynb", ".py", ".json"])
def test_names_that_are_no_files(tmp_path: Path, name: str, ending: str) -> None:
    with watched(tmp_path), pytest.raises(MlprovError) as caught:
        reproduce(f"{name}{ending}", tmp_path)
    check_sentence(str(caught.value))
    with watched(tmp_path), pytest.raises(MlprovError) as caught:
        verify(f"{name}{ending}", f"{name}{ending}")
    check_sentence(str(caught.value))


@pytest.mark.parametrize(
    "out", ["a\0b", "~nobody-here/x.ipynb", "x" * 5000, "x" * 300 + ".ipynb", "\ud800.ipynb"]
)
def test_places_where_nothing_can_be_written(valid: Valid, tmp_path: Path, out: str) -> None:
    with watched(tmp_path), pytest.raises(MlprovError) as caught:
        reproduce(valid.record, out)
    check_sentence(str(caught.value))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_marks_of_windows_editors(
    valid: Valid, tmp_path: Path, kind: str, encoding: str
) -> None:
    text = valid.texts[kind].replace("\n", "\r\n")
    assert demand_all(tmp_path, kind, text.encode(encoding), valid)


def test_what_is_wrong_with_a_notebook_is_said_in_short(valid: Valid, tmp_path: Path) -> None:
    notebook = json.loads(valid.texts["run.ipynb"])
    notebook["cells"][2]["cell_type"] = "x" * 5000
    source = tmp_path / "run.ipynb"
    source.write_text(json.dumps(notebook))
    with pytest.raises(RecordError, match=r"run\.ipynb: It is not a valid notebook: cell 3"):
        reproduce(source)


def test_a_damaged_note_of_the_original_is_said_at_once(valid: Valid, tmp_path: Path) -> None:
    notebook = json.loads(valid.texts["again.ipynb"])
    notebook["metadata"]["mlprov"]["original"]["cells"][0]["id"] = ["not", "text"]
    source = tmp_path / "again.ipynb"
    source.write_text(json.dumps(notebook))
    with pytest.raises(RecordError, match=r"^again\.ipynb: .*wrong 'cells'"):
        reproduce(source)


def test_more_cells_than_anybody_writes(valid: Valid, tmp_path: Path) -> None:
    """A million cells fit into eight megabytes, and take hours to be written as a notebook."""
    source = tmp_path / "run.py"
    code, _, manifest = valid.texts["run.py"].rpartition(MANIFEST)
    source.write_text(code + "# %%\nx\n\n" * 100_000 + MANIFEST + manifest)
    with pytest.raises(RecordError, match=r"run\.py has 100,\d* cells .* up to 10,000 cells"):
        reproduce(source, accept=True)


def test_many_cells_are_compared_in_a_time_that_grows_as_they_do() -> None:
    cells = [{"id": f"a{number}", "sha256": f"{number:x}"} for number in range(40_000)]
    others = [{"id": f"b{number}", "sha256": f"{number:x}"} for number in reversed(range(40_000))]
    with watched(Path()):
        found = verify({"cells": cells}, {"cells": others})
    assert [one for one in found.differences if one.kind == "code"] == []


def test_names_in_a_file_do_not_act_on_a_terminal(tmp_path: Path) -> None:
    source = tmp_path / "run.prov.json"
    name = "\x1b[2J\n\u202e\ud800"
    source.write_text(json.dumps({"entity": {name: 1}, name: {}}))
    problems = validate(source)
    assert len(problems) == 2
    for problem in problems:
        check_sentence(problem)
        assert "\\x1b[2J \\u202e\\ud800" in problem


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_hundred_thousand_values(valid: Valid, tmp_path: Path, kind: str) -> None:
    start, tree = valid.tree(kind)
    many: list[Any] = [list(range(100_000)), "x" * 1_000_000, 10**4000]
    if "entity" in tree:
        for number, body in enumerate(tree["entity"].values()):
            key = next(iter(body))
            body[key] = {"$": json.dumps(many[number % 3]), "type": "rdf:JSON"}
    else:
        manifest = tree["metadata"]["mlprov"] if kind.endswith(".ipynb") else tree
        manifest["values"].update(zip(["epochs", "dataset", "x"], many, strict=True))
        manifest["original"] = {"metrics": {"accuracy": many[0]}, "history": many[0]}
    demand_all(tmp_path, kind, (start + json.dumps(tree)).encode(), valid)


def test_more_values_than_there_is_memory_for(tmp_path: Path) -> None:
    """Empty objects, of which a file of ten megabytes can hold millions."""
    for name in ("run.prov.json", "run.ipynb"):
        source = tmp_path / name
        source.write_text('{"entity": [' + "{}," * 3_000_000 + "{}]}")
        with watched(tmp_path), pytest.raises(RecordError, match="too many values"):
            reproduce(source)


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (3 * 10**9, 3 * 10**9))
from mlprov_widgets.errors import MlprovError
from mlprov_widgets.graph import static_view
from mlprov_widgets.inspection import inspect_run
from mlprov_widgets.provenance import validate
from mlprov_widgets.comparison import verify
from mlprov_widgets.rebuild import reproduce
source = sys.argv[1]
doors = [reproduce, inspect_run, static_view, validate, lambda path: verify(path, path)]
for door in doors:
    try:
        door(source)
        print("answered")
    except MlprovError as error:
        print(error)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["run.prov.json", "run.ipynb", "run.py", "outputs.ipynb"])
@pytest.mark.parametrize("what", ["one text", "lines", "numbers", "objects"])
def test_a_hundred_megabytes(valid: Valid, tmp_path: Path, name: str, what: str) -> None:
    pytest.importorskip("resource")
    kind = name.replace("outputs", "run")
    parts = {
        "one text": json.dumps("x" * 100_000_000),
        "lines": json.dumps("x\n" * 33_000_000),
        "numbers": f"[{'0,' * 50_000_000}0]",
        "objects": f"[{'{},' * 33_000_000}{{}}]",
    }
    start, tree = valid.tree(kind)
    mark = "put it here"
    if name == "run.prov.json":
        next(iter(tree["entity"].values()))["prov:label"] = mark
    elif name == "run.py":
        start, tree["x"] = start.replace("\n", f"\n{'x = 1' * 1000}\n", 20_000), mark
    elif name == "run.ipynb":
        tree["cells"][2]["source"] = mark
    else:
        tree["cells"][2]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": mark}]
    source = tmp_path / name
    source.write_text(start + json.dumps(tree).replace(json.dumps(mark), parts[what]))
    child = subprocess.run(
        [sys.executable, "-c", LIMITED, str(source)], capture_output=True, text=True, timeout=900
    )
    assert (child.returncode, child.stderr) == (0, "")
    said = child.stdout.strip().split("\n")
    assert len(said) == 5
    for one in said:
        if one != "answered":
            check_sentence(one)
