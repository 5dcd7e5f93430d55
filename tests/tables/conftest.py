"""Files with awkward tables, made for a test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file from lines, text or bytes."""

    def _write(
        content: list[str] | str | bytes,
        name: str = "table.csv",
        encoding: str = "utf-8",
        end: str = "\n",
    ) -> Path:
        path = tmp_path / name
        if isinstance(content, list):
            content = end.join([*content, ""])
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return _write
