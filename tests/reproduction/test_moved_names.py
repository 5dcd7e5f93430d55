"""What was in `mlprov_widgets.reproduction` is still found there, and says where it is now."""

from __future__ import annotations

import pytest

import mlprov_widgets.reproduction as earlier
from mlprov_widgets import compare, rebuild


@pytest.mark.parametrize(
    ("name", "now"),
    [
        ("verify", compare.verify),
        ("Verification", compare.Verification),
        ("Item", compare.ComparedItem),
        ("reproduce", rebuild.reproduce),
        ("EditedCell", rebuild.EditedCell),
    ],
)
def test_a_moved_name(name: str, now: object) -> None:
    with pytest.warns(DeprecationWarning, match=rf"{name} is mlprov_widgets\.(compare|rebuild)\."):
        assert getattr(earlier, name) is now


def test_no_other_name() -> None:
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = earlier.nothing_such
