"""Files to and from a browser that may send anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting import Limits, Place
from mlprov_widgets.widgets.chooser import Chooser
from mlprov_widgets.widgets.transfer import Download, Upload
from tests.widgets.sight import tell


class Browser:
    """Speaks to a widget as its other half does."""

    def __init__(self, widget: Any) -> None:
        self.widget = widget
        self.got: list[tuple[Any, Any]] = []
        widget.send = lambda content, buffers=None: self.got.append((content, buffers))

    def send(self, content: Any, *buffers: bytes) -> None:
        tell(self.widget, {"method": "custom", "content": content}, buffers)

    @property
    def last(self) -> Any:
        return self.got[-1][0]


def uploader(limit: int = 100) -> tuple[Browser, list[tuple[str, bytes]]]:
    files: list[tuple[str, bytes]] = []
    upload = Upload("Upload", ".csv", limit, lambda name, content: files.append((name, content)))
    return Browser(upload), files


def test_a_file_arrives_in_pieces() -> None:
    browser, files = uploader()
    browser.send({"kind": "begin", "name": "a.csv", "size": 7})
    assert browser.last == {"kind": "more", "got": 0}
    browser.send({"kind": "piece"}, b"1234")
    assert browser.last == {"kind": "more", "got": 4}
    browser.send({"kind": "piece"}, b"567")
    assert browser.last == {"kind": "done"}
    assert files == [("a.csv", b"1234567")]


def test_an_empty_file_is_a_file() -> None:
    browser, files = uploader()
    browser.send({"kind": "begin", "name": "a.csv", "size": 0})
    assert files == [("a.csv", b"")]


@pytest.mark.parametrize("size", [101, -1, "7", 7.0, None, True, 2**70])
def test_a_size_that_cannot_be_is_refused(size: object) -> None:
    browser, files = uploader()
    browser.send({"kind": "begin", "name": "a.csv", "size": size})
    assert browser.last["kind"] == "refused"
    browser.send({"kind": "piece"}, b"1")
    assert files == []


@pytest.mark.parametrize(("limit", "words"), [(900_000, "900 kB"), (20 * 10**6, "20 MB")])
def test_how_large_it_may_be_is_said(limit: int, words: str) -> None:
    browser, _files = uploader(limit)
    browser.send({"kind": "begin", "name": "a.csv", "size": limit + 1})
    assert words in browser.last["message"]


def test_the_browser_cannot_raise_the_limit() -> None:
    browser, _files = uploader()
    browser.widget.limit = 10**9
    browser.send({"kind": "begin", "name": "a.csv", "size": 500})
    assert browser.last["kind"] == "refused"


@pytest.mark.parametrize("pieces", [[b"12345678"], [b""], [b"123", b"45678"]])
def test_more_than_was_said_is_refused(pieces: list[bytes]) -> None:
    browser, files = uploader()
    browser.send({"kind": "begin", "name": "a.csv", "size": 7})
    for piece in pieces:
        browser.send({"kind": "piece"}, piece)
    assert browser.last["kind"] == "refused"
    assert files == []


@pytest.mark.parametrize(
    "content", [None, [], "x", {}, {"kind": "begin"}, {"kind": ["begin"]}, {"kind": "piece"}]
)
def test_nonsense_is_passed_over(content: object) -> None:
    browser, files = uploader()
    browser.send(content)
    browser.send(content, b"a", b"b")
    assert files == []


def test_what_goes_wrong_is_said_beside_the_button() -> None:
    def refuse(_name: str, _content: bytes) -> None:
        raise MlprovError("There is no room.")

    browser = Browser(Upload("Upload", ".csv", 10, refuse))
    browser.send({"kind": "begin", "name": "a", "size": 0})
    assert browser.last == {"kind": "refused", "message": "There is no room."}


def test_bytes_go_out_when_they_are_wanted() -> None:
    whole = bytes(range(256)) * 10
    browser = Browser(Download("Download", lambda: ("a.ipynb", whole)))
    browser.send({"kind": "something"})
    browser.send(["wanted"])
    assert browser.got == []
    browser.send({"kind": "wanted"})
    assert browser.got == [({"kind": "file", "name": "a.ipynb"}, [whole])]


def test_a_file_that_is_gone_is_said(tmp_path: Path) -> None:
    browser = Browser(Download("Download", lambda: ("a", (tmp_path / "a").read_bytes())))
    browser.send({"kind": "wanted"})
    assert browser.last["kind"] == "refused"
    assert str(tmp_path) not in browser.last["message"]


def test_a_confined_chooser_lists_and_picks_only_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    (folder / "sub").mkdir(parents=True)
    (folder / "in.csv").write_text("a")
    (folder / "sub" / "deep.csv").write_text("a")
    (tmp_path / "secret.csv").write_text("a")
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    picked: list[str] = []
    chooser = Chooser(Place(folder, Limits()), picked.append, [".csv"], str)
    # A browser may send what was never offered.
    chooser.places.options = [*chooser.places.options, "/../"]
    chooser.places.value = "/../"
    assert "secret.csv" not in str(chooser.entries.options)
    chooser.list_folder(folder)
    for name in ("../secret.csv", "link.csv", "nothing.csv", "sub", "<b>.csv"):
        chooser.name_field.value = name
        chooser.choose_button.disabled = False
        chooser.choose_button.click()
        chooser.unfold()
    assert picked == []
    assert "<b>" not in chooser.chosen_label.value
    chooser.name_field.value = "in.csv"
    chooser.choose_button.click()
    assert picked == [str(folder.resolve() / "in.csv")]


def test_a_folder_of_the_hosts_is_walked_through_without_its_place(tmp_path: Path) -> None:
    folder, shared = tmp_path / "work", tmp_path / "away" / "course"
    for one in (folder, shared / "sub"):
        one.mkdir(parents=True)
    (shared / "in.csv").write_text("a")
    (shared / "sub" / "deep.csv").write_text("a")
    (shared / "out.csv").symlink_to(tmp_path / "secret.csv")
    (tmp_path / "secret.csv").write_text("a")
    (folder / "course").symlink_to(shared)
    picked: list[str] = []
    chooser = Chooser(Place(folder, Limits(), (shared,)), picked.append, [".csv"], str)

    def options() -> list[str]:
        assert str(tmp_path) not in str(chooser.places.options)
        return [name.rpartition(" ")[2] for name in chooser.entries.options]

    def enter(name: str) -> None:
        chooser.entries.value = next(one for one in chooser.entries.options if one.endswith(name))

    assert options() == ["course"]
    enter("course")
    assert options() == ["..", "sub", "in.csv"]
    enter("sub")
    assert options() == ["..", "deep.csv"]
    enter("..")
    enter("..")
    assert options() == ["course"]
    enter("course")
    enter("in.csv")
    chooser.choose_button.click()
    assert picked == [str(folder / "course" / "in.csv")]
