"""What the notebook that is generated for a table reads, held against what was said of it."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

from mlprov_widgets.notebooks import render_cells
from mlprov_widgets.packs import Checked, check_values, find_pack

PACKS = ("tabular_classification", "multiclass_classification")


def checked_values(path: Path, pack: str = PACKS[0], **values: Any) -> Checked:
    """The values of a pack for a table."""
    checked = check_values(find_pack(pack), {"dataset": "csv", "csv_path": str(path), **values})
    assert not checked.problems, [problem.message for problem in checked.problems]
    return checked


def source_of_reading(path: Path, pack: str = PACKS[0], **values: Any) -> str:
    """The cell that reads the table."""
    checked = checked_values(path, pack, **values)
    cells = render_cells(find_pack(pack), checked.values, "made.ipynb", plain=True)
    return next(cell.source for cell in cells if "read_csv" in cell.source)


def read_by_notebook(path: Path, pack: str = PACKS[0], **values: Any) -> dict[str, Any]:
    """The names in the notebook once it has read the table: ``table``, ``features``, ``labels``."""
    import pandas as pd
    from sklearn.preprocessing import LabelEncoder

    checked = checked_values(path, pack, **values)
    cells = render_cells(find_pack(pack), checked.values, "made.ipynb", plain=True)
    names: dict[str, Any] = {"pd": pd, "LabelEncoder": LabelEncoder}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in cells:
            if "CSV_PATH" in cell.source and cell.kind == "code":
                exec(cell.source, names)
    return names


def assert_reads_the_same(path: Path, pack: str = PACKS[0], **values: Any) -> dict[str, Any]:
    """Run the cell, and compare each of its columns with what the inspection found."""
    from pandas.api.types import is_numeric_dtype
    from pandas.testing import assert_series_equal

    found = checked_values(path, pack, **values)
    table, target = found.table, found.values["target_column"]
    assert table is not None
    names = read_by_notebook(path, pack, **values)
    for name in table.names:
        read = names["table"][name]
        if name == target and pack != "tabular_regression":
            assert sorted(read.str.strip().value_counts().items()) == table.classes(name)
            continue
        assert is_numeric_dtype(read.dtype) == table.is_number(name), name
        known = table.values(name)
        there = read.dropna()
        kept = known[known.index.isin(read.index)]
        assert_series_equal(there, kept, check_dtype=False)
    roles = ("number",) if pack == "tabular_regression" else ("class",)
    chosen = found.values["feature_columns"] or table.features(target, roles)
    assert list(names["features"].columns) == chosen
    return names
