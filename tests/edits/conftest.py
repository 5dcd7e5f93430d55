"""One warm process for all notebooks of these tests."""

from __future__ import annotations

import pytest

from tests.edits.harness import warm_up


@pytest.fixture(scope="session", autouse=True)
def _warm() -> None:
    warm_up()
