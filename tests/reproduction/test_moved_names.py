"""What was in `mlprov_widgets.reproduction` is still found there, and says where it is now."""

from __future__ import annotations

import pytest

import mlprov_widgets.reproduction as earlier
from mlprov_widgets import comparison, rebuild


@pytest.mark.parametrize(
    ("name", "now"),
    [
        ("verify", comparison.verify),
        ("Verification", comparison.Verification),
        ("Item", comparison.ComparedItem),
        ("reproduce", rebuild.reproduce),
        ("EditedCell", rebuild.EditedCell),
    ],
)
def test_a_moved_name(name: str, now: object) -> None:
    said = rf"{name} is mlprov_widgets\.(comparison|rebuild)\."
    with pytest.warns(DeprecationWarning, match=said):
        assert getattr(earlier, name) is now


def test_no_other_name() -> None:
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = earlier.nothing_such
