"""What all tests share: how they are spread over the cores, and the data beside a checkout."""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]


def measures(config: pytest.Config) -> bool:
    """Whether this run is there to measure, and so has the machine to itself."""
    return config.option.markexpr == "benchmark"


# On a busy machine any example may take long.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# What is collected stays until the end: nobody has to look for garbage in it, again and again.
gc.disable()
# Every kernel, server and program that a test starts would compile the package anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.enable()


_CONFIG_DIR = "MLPROV_CONFIG_DIR"


def pytest_configure(config: pytest.Config) -> None:
    # What tests write is trusted, and nothing of the account is read or changed.
    if _CONFIG_DIR not in os.environ:
        place = tempfile.TemporaryDirectory(prefix="mlprov-config-")
        config.add_cleanup(place.cleanup)
        config.add_cleanup(lambda: os.environ.pop(_CONFIG_DIR, None))
        trusted = [str(Path(tempfile.gettempdir()).resolve()), str(ROOT / "tests")]
        file = Path(place.name) / "trusted_packs.json"
        file.write_text(json.dumps({"packs": {}, "folders": trusted}))
        os.environ[_CONFIG_DIR] = place.name
    # Networks this small wait for each other's threads longer than they take; kernels inherit it.
    if not measures(config):
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        # Forms that are filled in by hundreds would each start a kernel for a run that never comes.
        os.environ.setdefault("MLPROV_SPARE_KERNEL", "0")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    if measures(config):
        return 0
    # Many tests wait, for kernels, servers and browsers, longer than they compute.
    cores = os.cpu_count() or 1
    return cores + (cores + 1) // 2


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport() -> Iterator[Any]:
    """Keep half characters out of what a failed test says: a worker could not tell of it at all."""
    report = (yield).get_result()
    told = str(report.longrepr)
    if report.failed and not told.isascii():
        whole = told.encode("utf-8", "backslashreplace").decode()
        report.longrepr = report.longrepr if whole == told else whole
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections
    ]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with larger real data beside the checkout; the test skips without it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the larger data beside the checkout (../shared/data) are not here")
    return folder
