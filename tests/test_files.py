"""Everything that writes a file, on disks that fill at any moment: whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from mlprov_widgets import graph, view, wizard
from mlprov_widgets._files import newest_files
from mlprov_widgets.capture.saving import save_state
from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting import Place
from mlprov_widgets.notebooks import generate
from mlprov_widgets.notebooks.execution import read_notebook
from mlprov_widgets.provenance import validate, write_record
from mlprov_widgets.rebuild.requirements import write_requirements
from mlprov_widgets.widgets.drafts import Draft
from mlprov_widgets.widgets.host import store
from tests.provenance.sample import sample

PAGE = 4096


def weights(folder: Path) -> None:
    import torch

    problem = save_state({"weights": torch.arange(5000)}, folder / "run.pt")
    if problem:
        raise MlprovError(problem)


def same_weights(path: Path) -> bool:
    import torch

    return torch.load(path, weights_only=True)["weights"].tolist() == list(range(5000))


def draft(folder: Path) -> None:
    made = Draft(folder, "notebook")
    made.path = folder / "draft.json"
    made.keep({"choices": list(range(3000))})


def is_png(path: Path) -> bool:
    content = path.read_bytes()
    return content.startswith(b"\x89PNG") and content.endswith(b"IEND\xaeB`\x82")


# What writes, whether what it has written is whole, and whether it replaces an older file.
WRITERS: dict[str, tuple[Callable[[Path], object], Callable[[Path], object], bool]] = {
    "record": (
        lambda folder: write_record(sample(), folder / "run.prov.json"),
        lambda path: validate(path) == [],
        True,
    ),
    "notebook": (
        lambda folder: generate("multiclass_classification", {}, folder / "new.ipynb"),
        read_notebook,
        False,
    ),
    "script": (
        lambda folder: generate("multiclass_classification", {}, folder / "new.py"),
        lambda path: json.loads(path.read_text().splitlines()[-1].partition(": ")[2]),
        False,
    ),
    "picture": (
        lambda folder: graph.to_png(sample(), folder / "run.png"),
        is_png,
        False,
    ),
    "page": (
        lambda folder: view(sample()).to_html(folder / "run.html"),
        lambda path: path.read_text().rstrip().endswith("</html>"),
        False,
    ),
    "requirements": (
        lambda folder: write_requirements(sample(packages=400), folder / "run.ipynb"),
        lambda path: path.read_text().endswith("\n") and len(path.read_text()) > 5000,
        False,
    ),
    "upload": (
        lambda folder: store(Place(folder), "data.csv", b"1,2\n" * 3000, (".csv",)),
        lambda path: path.read_bytes() == b"1,2\n" * 3000,
        False,
    ),
    "choices": (
        lambda folder: wizard().save(folder / "choices.json"),
        lambda path: json.loads(path.read_text()),
        True,
    ),
    "draft": (draft, lambda path: json.loads(path.read_text())["choices"][-1] == 2999, True),
    "weights": (weights, same_weights, True),
}
each_writer = pytest.mark.parametrize("name", WRITERS)


@pytest.fixture(scope="module")
def disk(tmp_path_factory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("disk")
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here; it takes root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, but: int) -> None:
    """Fill a disk up to its last page, and give some pages back."""
    with (disk / "ballast").open("wb", buffering=0) as ballast:
        with suppress(OSError):
            while True:
                ballast.write(bytes(PAGE))
        ballast.truncate(max(0, ballast.tell() // PAGE - but) * PAGE)


def refusal(write: Callable[[Path], object], folder: Path) -> str:
    """What is said of a file that could not be written; empty where nothing is."""
    try:
        write(folder)
    except MlprovError as error:
        return str(error)
    return ""


@each_writer
def test_a_disk_with_little_room_left(disk, name):
    write, is_whole, replaces = WRITERS[name]
    folder = disk / name
    folder.mkdir()
    done = None
    # The first file shows how much room it takes; then there is less and less short of that.
    write(folder)
    (first,) = folder.iterdir()
    pages = first.stat().st_size // PAGE + 1
    before = first.read_bytes()
    if not replaces:
        first.unlink()
    for but in sorted({0, 1, pages // 3, pages // 2, pages - 1, pages + 4}):
        fill(disk, but)
        said = refusal(write, folder)
        done = not said
        assert done or ("No space left on device" in said and "\n" not in said)
        files = list(folder.iterdir())
        assert files in ([], [first])
        assert files == [first] or not (replaces or done)
        if files:
            assert is_whole(first)
            if replaces and name != "weights":
                assert first.read_bytes() == before
            elif not replaces:
                assert done
                first.unlink()
        (disk / "ballast").unlink()
    assert done, "there was room at last"
    shutil.rmtree(folder)


@each_writer
@pytest.mark.parametrize("call", ["fsync", "link", "replace"])
def test_a_disk_that_fails_at_the_last_moment(tmp_path, monkeypatch, name, call):
    write, is_whole, replaces = WRITERS[name]
    if replaces:
        write(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    def fail(*_arguments, **_options):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, call, fail)
    fails = call == "fsync" or (call == "replace" and replaces)
    said = refusal(write, tmp_path)
    monkeypatch.undo()
    assert bool(said) == (fails and name != "draft")
    assert not said or "No space left on device" in said
    after = list(tmp_path.iterdir())
    assert after == list(before) or not (fails or replaces)
    for path in after:
        assert is_whole(path)
        if fails:
            assert path.read_bytes() == before[path]
    if not fails:
        assert len(after) == 1


def test_the_newest_files_are_those_for_which_there_is_room(tmp_path: Path) -> None:
    for age, (name, size) in enumerate([("c.txt", 4), ("b.txt", 50), ("a.txt", 5), ("d.md", 1)]):
        (tmp_path / name).write_bytes(b" " * size)
        os.utime(tmp_path / name, (1e9 - age, 1e9 - age))
    (tmp_path / "folder.txt").mkdir()

    def names(most: int, size: int) -> list[str]:
        found = newest_files(tmp_path, lambda name: name.endswith(".txt"), most, size)
        return [file.name for file in found]

    assert names(9, 100) == ["c.txt", "b.txt", "a.txt"]
    assert names(9, 20) == ["c.txt", "a.txt"]
    assert names(1, 100) == ["c.txt"]
    assert list(newest_files(tmp_path / "nowhere", str.isascii, 9, 9)) == []
