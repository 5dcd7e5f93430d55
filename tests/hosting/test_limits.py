"""What a host sets, and how it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting import Limits, parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("500", 500),
        ("500B", 500),
        ("2GB", 2_000_000_000),
        ("2 GiB", 2 * 2**30),
        ("1.5g", 1_500_000_000),
        ("512M", 512_000_000),
        ("64KiB", 65536),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "many", "1XB", "0.1", "1e9", "²GB", "1 2", "GB", "9" * 400]
)
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="size"):
        parse_size(text)


def test_nothing_is_run_unless_the_host_says_so() -> None:
    assert Limits().runs == 0
    assert Limits.from_environment({}) == Limits()


def test_what_is_written_is_read(tmp_path: Path) -> None:
    limits = Limits(3, 2, 0.5, 10**9, 10**6, 10**7, str(tmp_path))
    assert Limits.from_environment(limits.to_environment()) == limits


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VISITORS", "0"),
        ("VISITORS", "ten"),
        ("RUNS", "-1"),
        ("RUN_MINUTES", "nan"),
        ("RUN_MINUTES", "0"),
        ("RUN_MEMORY", "all"),
        ("UPLOAD_LIMIT", "1 mile"),
        ("QUOTA", "0"),
        ("DATA_FOLDER", "/no/such/folder"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(MlprovError, match=f"MLPROV_HOST_{name}"):
        Limits.from_environment({f"MLPROV_HOST_{name}": value})


def test_runs_share_the_processors() -> None:
    assert Limits(runs=10_000).run_threads == 1
    assert Limits(runs=1).run_threads >= 1
