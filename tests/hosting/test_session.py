"""Each visitor's folder: private, out of reach, and gone in the end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting import current_session, end_session, live_sessions, sweep

VISITOR = """
import sys, time
from mlprov_widgets.hosting import current_session
print(current_session().folder, flush=True)
sys.stdin.read()
"""


def visit(*, variables: dict[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", VISITOR],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(variables or {})},
    )


@pytest.fixture
def other(root: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Another visitor, and their folder."""
    process = visit()
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    yield process, folder
    process.kill()
    process.communicate()


def make_old(root: Path) -> None:
    past = time.time() - 1000
    for home in root.glob("visitor-*"):
        os.utime(home, (past, past))


def test_each_has_one_of_their_own(root: Path, other: tuple[subprocess.Popen[str], Path]) -> None:
    own = current_session().folder
    assert own != other[1]
    assert own.is_dir()
    assert own.is_relative_to(root)
    assert current_session().folder == own
    assert len(live_sessions(root)) == 2


def test_no_server_hands_out_what_is_hidden(root: Path) -> None:
    assert root.name.startswith(".")
    assert current_session().folder.is_relative_to(root)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_nobody_else_may_enter(root: Path) -> None:
    current_session()
    assert root.stat().st_mode & 0o077 == 0
    assert current_session().folder.parent.stat().st_mode & 0o077 == 0


def test_it_is_gone_with_the_kernel(root: Path, other: tuple[subprocess.Popen[str], Path]) -> None:
    process, folder = other
    (folder / "data.csv").write_text("a")
    process.communicate("")
    assert process.returncode == 0
    assert not folder.parent.exists()


def test_it_is_removed_after_a_kill(root: Path, other: tuple[subprocess.Popen[str], Path]) -> None:
    process, folder = other
    own = current_session().folder
    make_old(root)
    sweep(root)
    assert folder.is_dir()
    process.kill()
    process.wait()
    sweep(root)
    assert not folder.exists()
    assert own.is_dir()


def test_one_that_is_just_being_made_is_left_alone(root: Path) -> None:
    current_session()
    young = root / "visitor-new"
    young.mkdir()
    sweep(root)
    assert young.is_dir()


def test_there_are_no_more_than_the_host_allows(
    root: Path, other: tuple[subprocess.Popen[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLPROV_HOST_VISITORS", "1")
    with pytest.raises(MlprovError, match="full: 1 person"):
        current_session()
    other[0].communicate("")
    assert current_session().folder.is_dir()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_place_that_others_may_enter_is_refused(root: Path) -> None:
    root.mkdir()
    root.chmod(0o777)
    with pytest.raises(MlprovError, match="no safe place") as refused:
        current_session()
    assert "MLPROV_HOST_SESSIONS" in str(refused.value)


def test_a_link_in_its_place_is_refused(root: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    root.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(MlprovError, match="no safe place"):
        current_session()


def test_the_hosts_folder_is_there_by_its_name(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = tmp_path / "course"
    course.mkdir()
    (course / "table.csv").write_text("a")
    monkeypatch.setenv("MLPROV_HOST_DATA_FOLDER", str(course))
    place = current_session().place
    assert place.may_read("course/table.csv")
    assert not place.may_write("course/table.csv")
    end_session()
    assert (course / "table.csv").read_text() == "a"


def test_a_folder_that_was_tidied_away_is_made_again(root: Path) -> None:
    folder = current_session().folder
    shutil.rmtree(root)
    assert current_session().place.folder == folder
    assert folder.is_dir()


def test_a_folder_that_holds_the_visitors_is_not_offered(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    for folder in (tmp_path, tmp_path / "link"):
        with pytest.raises(MlprovError, match="holds those of the visitors"):
            current_session().offer(folder)
