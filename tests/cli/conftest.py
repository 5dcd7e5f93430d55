"""Every test has a folder of its own, and is in it."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
