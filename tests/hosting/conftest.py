"""Visitors of these tests stay among themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlprov_widgets.hosting import end_session


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A hosted kernel, and the folder in which its visitors' are."""
    root = tmp_path / "visitors"
    monkeypatch.setenv("VOILA_BASE_URL", "/")
    monkeypatch.setenv("MLPROV_HOST_SESSIONS", str(root))
    yield root
    end_session()
