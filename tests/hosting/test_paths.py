"""What visitors are told of the server's folders: nothing, and nothing else is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlprov_widgets.hosting import current_session, without_server_paths


@pytest.mark.parametrize("text", ["my{tmp}/table.csv", "a.b{tmp}/x", "{tmp}ura/x"])
def test_what_only_looks_like_a_folder_of_the_server_stays(
    root: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: "/scratch")
    current_session()
    text = text.format(tmp="/scratch")
    assert without_server_paths(text) == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("no {here}/table.csv", "no table.csv"),
        ("file://{here}/table.csv", "file://table.csv"),
        ("\x1b[0;32m{here}/table.csv\x1b[0m", "\x1b[0;32mtable.csv\x1b[0m"),
        ("\x1b[32m{here}/table.csv\x1b[0m", "\x1b[32mtable.csv\x1b[0m"),
        ("in '{here}'", "in the folder of this app"),
    ],
)
def test_the_visitors_folder_is_cut(root: Path, before: str, after: str) -> None:
    here = current_session().folder
    assert without_server_paths(before.format(here=here)) == after
