"""What all tests share: the larger data beside a checkout, where there are any."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with larger real data beside the checkout; the test skips without it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the larger data beside the checkout (../shared/data) are not here")
    return folder
