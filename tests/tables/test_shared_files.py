"""The awkward tables beside the checkout, each with the verdict that is written there."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mlprov_widgets.errors import TableError
from mlprov_widgets.tables import inspect_table
from tests.tables.made_tables import run_recipe

_FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "awkward_csv"
_EXPECTATIONS = _FOLDER / "expectations.json"
VERDICTS = (
    {name: told["verdict"] for name, told in json.loads(_EXPECTATIONS.read_text()).items()}
    if _EXPECTATIONS.is_file()
    else {"(none here)": ""}
)


@pytest.mark.parametrize("name", VERDICTS)
def test_verdict(name, shared_data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = shared_data / "awkward_csv" / name
    try:
        table = inspect_table(path)
        target = table.guess_target()
        notes = table.notes + table.check_target(target)
    except TableError as error:
        reason = str(error)
    else:
        reason = ""
    if reason:
        assert VERDICTS[name] in ("refuse", "warn"), reason
        assert reason.endswith((".", "?"))
        return
    assert VERDICTS[name] == ("warn" if notes else "ok"), notes
    assert table.rows == (180 if "duplicate_rows" in name else 61 if "singleton" in name else 60)
    matrix, labels = run_recipe(table, target)
    assert np.isfinite(matrix).all()
    assert len(labels.unique()) == len(table.classes(target))
    assert not list(tmp_path.iterdir())


def test_broken_places_are_named(shared_data):
    for name, place in {
        "52_ragged_rows.csv": "line 12 has 5 cells, line 22",
        "53_unterminated_quote.csv": "line 32",
        "61_invalid_utf8_byte.csv": "line 2",
        "74_field_over_128k.csv": "line 62",
    }.items():
        with pytest.raises(TableError, match=place):
            inspect_table(shared_data / "awkward_csv" / name)
