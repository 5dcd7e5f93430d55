"""What tests of reproducing share."""

from __future__ import annotations

import pytest

from mlprov_widgets.notebooks import generate
from tests.reproduction.rebuilding import PACK


@pytest.fixture
def notebook(tmp_path):
    return generate(PACK, {"epochs": 3}, tmp_path / "iris.ipynb")
