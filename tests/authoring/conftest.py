"""What tests for authors share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.authoring.small_pack import write_pack


@pytest.fixture
def ridge(tmp_path: Path) -> Path:
    return write_pack(tmp_path / "ridge")
