from __future__ import annotations

from pathlib import Path

import pytest

from tests.sweeps.trial_pack import write_pack


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a pack whose trials take no time."""
    return write_pack(tmp_path_factory.mktemp("packs") / "behaviour")
