"""What the wizard says of how a table is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlprov_widgets.tables import inspect_table
from mlprov_widgets.widgets.data_view import table_html


@pytest.mark.parametrize(
    ("row", "facts"),
    [
        ("{n}.5;'a; {n}'", {"Quotes": "single"}),
        ('{n}.5;"a; \\"{n}\\""', {"Before quotes in cells": "a backslash"}),
        ("{n}.000,5;word", {"Between thousands": "point", "Decimal sign": "comma"}),
        ("{n}'000.5;word", {"Between thousands": "&#x27;", "Decimal sign": "point"}),
    ],
)
def test_what_is_unusual_is_among_the_facts(
    row: str, facts: dict[str, str], tmp_path: Path
) -> None:
    rows = [f"{row.format(n=n + 1)};{'ab'[n % 2]}" for n in range(30)]
    (tmp_path / "table.csv").write_text("\n".join(["x;word;label", *rows]))
    shown = table_html(inspect_table(tmp_path / "table.csv"), {"label": "class"})
    for name, value in facts.items():
        assert f"<dt>{name}</dt><dd>{value}</dd>" in shown
    for name in {"Quotes", "Before quotes in cells", "Between thousands"} - set(facts):
        assert f"<dt>{name}</dt>" not in shown
