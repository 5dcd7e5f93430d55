"""Visitors of these tests stay among themselves."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlprov_widgets.hosting import end_session


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A hosted kernel, and the folder in which its visitors' are."""
    chosen = tmp_path / "visitors"
    chosen.mkdir()
    monkeypatch.setenv("VOILA_BASE_URL", "/")
    monkeypatch.setenv("MLPROV_HOST_SESSIONS", str(chosen))
    # Hidden, so that no server hands out what is in it.
    yield chosen / f".mlprov-{os.getuid() if hasattr(os, 'getuid') else getpass.getuser()}"
    end_session()
