"""What a run computed is neither lost nor silent where it cannot be written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlprov_widgets.notebooks.beside import provenance_file_of
from mlprov_widgets.provenance import read_record, validate
from tests.cli.commands import mlprov, refused, write

START = "from mlprov_widgets import start_run\nrun = start_run('mine.ipynb')"
EVALUATION = "run.record('model_evaluation', evaluation_metrics={'accuracy': 0.75})"
FILL = """
with open("ballast", "wb", buffering=0) as ballast:
    for size in (65536, 4096, 1):
        try:
            while ballast.write(b"x" * size) == size:
                pass
        except OSError:
            pass
"""


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    """A disk of its own, of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here; it takes root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(autouse=True)
def second(tmp_path, monkeypatch) -> Path:
    """The second place, which is not that of whoever runs the tests."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "mlprov-widgets" / "runs"


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*.part")]


def test_a_full_disk_is_said_before_anything_is_run(disk):
    path = write(str(disk / "mine.ipynb"), "open('ran', 'w')")
    exec(FILL.replace('"ballast"', repr(str(disk / "ballast"))))
    before = path.read_bytes()
    message = refused("run", path, code=1)
    assert message.startswith(f"Error: {path} cannot be written (No space left on device), so the ")
    assert path.read_bytes() == before
    assert sorted(file.name for file in disk.iterdir()) == ["ballast", "mine.ipynb"]


@pytest.mark.parametrize(
    ("how", "why"),
    [
        (FILL, "No space left on device"),
        ("import os; os.system(f'mount -o remount,ro {os.getcwd()}');", "Read-only file system"),
    ],
    ids=["full", "read-only"],
)
def test_a_disk_that_cannot_be_written_any_more(disk, second, how, why):
    path = write(str(disk / "mine.ipynb"), START, EVALUATION, how, "run.finish()")
    before = path.read_bytes()
    result = mlprov("run", path)
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    record = second / "mine.prov.json"
    # Where the record has made room on a full disk, the notebook is where it belongs.
    executed = path if how == FILL else second / "mine-executed.ipynb"
    assert result.stdout.splitlines() == [
        f"notebook: {executed}",
        f"provenance: {record}",
        "accuracy: 0.75",
    ]
    told = (
        f"Error: {disk} cannot be written to ({why}), so the record of this run is in {record}.\n"
    )
    assert told in result.stderr
    if executed != path:
        told = (
            f"Error: mine.ipynb could not be saved ({why}); with its outputs it is in {executed}."
        )
        assert told in result.stderr
        assert path.read_bytes() == before
    found = read_record(record)
    assert (found.status, found.metrics, validate(record)) == ("finished", {"accuracy": 0.75}, [])
    assert "run is in" in executed.read_text()
    assert provenance_file_of(executed) == record
    assert leftovers(disk) == leftovers(second) == []


def test_a_folder_that_is_deleted_meanwhile(tmp_path, second):
    folder = tmp_path / "gone"
    folder.mkdir()
    delete = "import os, shutil; shutil.rmtree(os.getcwd())"
    path = write(str(folder / "mine.ipynb"), START, EVALUATION, delete, "run.finish()")
    result = mlprov("run", path, "--json")
    assert result.exit_code == 1, result.output
    facts = json.loads(result.stdout)
    assert facts["status"] == "finished"
    assert facts["metrics"] == {"accuracy": 0.75}
    assert facts["provenance_file"] == str(second / "mine.prov.json")
    assert facts["notebook"] == str(second / "mine-executed.ipynb")
    assert [problem.partition(" (")[0] for problem in facts["problems"]] == [
        f"{folder} cannot be written to",
        "mine.ipynb could not be saved",
    ]


def test_a_failed_cell_on_a_full_disk(disk, second):
    path = write(str(disk / "mine.ipynb"), START, EVALUATION, FILL + "1 / 0")
    result = mlprov("run", path)
    assert result.exit_code == 1
    assert result.stdout == "accuracy: 0.75\n"
    assert "Error: Cell 3 of mine.ipynb raised ZeroDivisionError" in result.stderr
    assert f"The outputs up to there are in {path}" in result.stderr
    assert f"so the record of this run is in {second / 'mine.prov.json'}." in result.stderr
    assert read_record(second / "mine.prov.json").status == "failed"


def test_without_a_state_folder_it_is_a_temporary_one(disk, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", os.devnull)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    path = write(str(disk / "mine.ipynb"), START, EVALUATION, FILL, "run.finish()")
    result = mlprov("run", path)
    assert result.exit_code == 1
    (record,) = temporary.rglob("mine.prov.json")
    saved, told, metrics = result.stdout.splitlines()
    assert (told, metrics) == (f"provenance: {record}", "accuracy: 0.75")
    # The kernel that has ended may have made room.
    assert Path(saved.removeprefix("notebook: ")).is_file()
    assert read_record(record).status == "finished"


def test_where_nothing_can_be_written_the_result_is_still_told(disk, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", os.devnull)
    folder = disk / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    path = write(str(disk / "mine.ipynb"), START, EVALUATION, FILL, "run.finish()")
    result = mlprov("run", path)
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert result.stdout == "accuracy: 0.75\n"
    told = "mine.prov.json cannot be written: No space left on device, and neither can"
    assert told in result.stderr
    # What was written while there was room is whole.
    assert read_record(disk / "mine.prov.json").status == "unfinished"
    assert leftovers(disk) == []


def test_a_notebook_that_can_be_saved_nowhere(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", os.devnull)

    def full(**options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    folder = tmp_path / "gone"
    folder.mkdir()
    path = write(str(folder / "mine.ipynb"), "import os, shutil; shutil.rmtree(os.getcwd())")
    result = mlprov("run", path)
    assert result.exit_code == 1
    assert result.stdout == "notebook: was not saved\nprovenance: none was written\n"
    assert "mine.ipynb could not be saved anywhere (No such file or directory)." in result.stderr


def test_a_home_that_cannot_be_written(tmp_path, monkeypatch):
    for name in ("HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, os.devnull)
    path = write("mine.ipynb", START, EVALUATION, "run.finish()")
    result = mlprov("run", path)
    assert result.exit_code == 0, result.output
    assert "accuracy: 0.75" in result.stdout
    assert (tmp_path / "mine.prov.json").is_file()
