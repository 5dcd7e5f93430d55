"""The cases beside the checkout, each with what is right there."""

from __future__ import annotations

import pytest

from mlprov_widgets.errors import TableError
from mlprov_widgets.tables import inspect_table
from tests.tables.generated import assert_reads_the_same

# A column of each, and what the notebook has in the first rows.
READ = {
    "c01_na_code": ("region", ["EU", "NA", "AS"]),
    "c01c_none_label": ("severity", ["None", "Mild", "Severe"]),
    "c02_bigint_missing": ("sensor", [None, "1582218195625938946", "1582218195625938947"]),
    "c08_pipes_in_text": ("unit", ["MIO | Million | euro"]),
    "c15b_german_full": ("Betrag", [1371.82, 9975.43, 4759.22]),
    "c17_mysql": ("remark", ['said "ok0" then, left']),
    "c24b_accounting": ("x", [6.56, -9.27, 3.73]),
    "c33_index_gaps": ("column_1", [1, 2, 4]),
    "c35_single_quotes": ("kind", ["a, b0", "a, b1"]),
}


@pytest.mark.parametrize("case", READ)
def test_a_case_is_read_as_is_right(case, shared_data):
    column, first = READ[case]
    table = assert_reads_the_same(shared_data / "cases" / "tables" / f"{case}.csv")["table"]
    read = [None if value != value else value for value in table[column].iloc[: len(first)]]
    assert read == first


def test_the_broken_byte_is_named_with_its_line(shared_data):
    path = shared_data / "cases" / "tables" / "c11_bom_bad_byte.csv"
    line = path.read_bytes().split(b"\xa0", 1)[0].count(b"\n") + 1
    with pytest.raises(TableError, match=f"line {line}: the byte 0xa0"):
        inspect_table(path)
