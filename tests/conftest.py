"""What all tests share: how they are spread over the cores, and the data beside a checkout."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def measures(config: pytest.Config) -> bool:
    """Whether this run is there to measure, and so has the machine to itself."""
    return config.option.markexpr == "benchmark"


def pytest_configure(config: pytest.Config) -> None:
    # Networks this small wait for each other's threads longer than they take; kernels inherit it.
    if not measures(config):
        os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    return 0 if measures(config) else None


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with larger real data beside the checkout; the test skips without it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the larger data beside the checkout (../shared/data) are not here")
    return folder
