"""What a visitor may read, write and keep."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting import Limits, Place, inside


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A visitor's folder beside a secret, with a folder of the host's linked into it."""
    folder, shared = tmp_path / "own", tmp_path / "course"
    for one in (folder, shared):
        one.mkdir()
        (one / "a.csv").write_text("a")
    (tmp_path / "secret.csv").write_text("s")
    (folder / "course").symlink_to(shared)
    (folder / "out").symlink_to(tmp_path / "secret.csv")
    (shared / "out").symlink_to(tmp_path / "secret.csv")
    return Place(folder, Limits(quota=100_000), (shared,))


def test_their_own_and_what_the_host_offers(place: Place, tmp_path: Path) -> None:
    for path in ("a.csv", "new.csv", "course/a.csv", tmp_path / "course" / "a.csv"):
        assert place.may_read(path)
    for path in ("a.csv", "new.csv", "new/b.csv"):
        assert place.may_write(path)


@pytest.mark.parametrize(
    "path",
    ["../secret.csv", "out", "course/out", "course/../../secret.csv", "~/x", "~nobody-here/x",
     "/etc/passwd", "a\0b", "course/../../own2/x", ".."],
)  # fmt: skip
def test_nothing_else(place: Place, path: str) -> None:
    assert not place.may_read(path)
    assert not place.may_write(path)


def test_the_hosts_folder_is_only_read(place: Place) -> None:
    for path in ("course", "course/a.csv", "course/new.csv"):
        assert not place.may_write(path)


def test_at_ones_own_computer_all_may_be_read(tmp_path: Path) -> None:
    place = Place(tmp_path)
    assert place.may_read("/etc/passwd")
    assert place.may_write("/anywhere")
    assert place.largest_upload(10**9) == 10**9
    place.check_room(10**12)


def test_a_quota(place: Place) -> None:
    place.check_room(80_000)
    (place.folder / "big").write_bytes(b"0" * 90_000)
    with pytest.raises(MlprovError, match="100 kB for each visitor"):
        place.check_room(80_000)
    assert place.largest_upload(10**9) == Limits().upload_limit


def test_many_small_files_count_too(place: Place) -> None:
    for number in range(30):
        (place.folder / f"{number}").touch()
    with pytest.raises(MlprovError, match="no room left"):
        place.check_room()


def test_inside_follows_links(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "up").symlink_to(tmp_path)
    assert inside(folder, "a.csv")
    assert inside(folder, folder / "b" / "c.csv")
    assert not inside(folder, "up/a.csv")
    assert not inside(folder, "../a.csv")
    assert not inside(folder, "a\0b")
