"""What is said of dates: only what is true of them."""

from __future__ import annotations

import pytest

from mlprov_widgets.tables import inspect_table
from tests.tables.made_tables import COLOURS

PLAIN, AMBIGUOUS, MIXED = "column_dates", "column_dates_ambiguous", "column_dates_mixed"
DATES = {
    "ISO": ([f"2024-{n % 12 + 1:02d}-{n % 9 + 1:02d}" for n in range(30)], PLAIN),
    "ISO with times": ([f"2024-01-{n % 9 + 1:02d}T10:15:00Z" for n in range(30)], PLAIN),
    "times": ([f"{n % 24:02d}:15" for n in range(30)], PLAIN),
    "days first": ([f"{n + 1:02d}/03/2024" for n in range(30)], PLAIN),
    "with names of months": ([f"{n + 1} Mar 2024" for n in range(30)], PLAIN),
    "with names of months in front": ([f"Mar-{n + 1}-2024" for n in range(30)], PLAIN),
    "months": ([f"{1990 + n}-{n % 12 + 1:02d}" for n in range(30)], PLAIN),
    "quarters": ([f"{1990 + n}Q{n % 4 + 1}" for n in range(30)], PLAIN),
    "weeks": ([f"2024-W{n + 10}" for n in range(30)], PLAIN),
    "either first": ([f"{n % 12 + 1}/{n % 7 + 1}/2024" for n in range(30)], AMBIGUOUS),
    "either first, short": ([f"{n % 9 + 1}.{n % 7 + 1}.24" for n in range(30)], AMBIGUOUS),
    "several ways": (
        [f"2024-03-{n + 1:02d}" if n % 2 else f"{n + 1:02d}.03.2024" for n in range(30)],
        MIXED,
    ),
}


@pytest.mark.parametrize("case", DATES)
def test_dates_are_left_out_for_the_true_reason(case, write):
    days, reason = DATES[case]
    rows = [f"{day},{n * 7 % 31},{COLOURS[n % 3]}" for n, day in enumerate(days)]
    column = inspect_table(write(["day,x,label", *rows])).column("day")
    assert (column.kind, column.usable, column.reason) == ("date", False, reason)
    assert days[0] in column.note
    assert reason != MIXED or days[1] in column.note


@pytest.mark.parametrize("code", ["ABC12345{n}", "K-{n}-2345", "1001-{n}", "{n}-2024-A"])
def test_codes_are_no_dates(code, write):
    rows = [f"{code.format(n=n % 9 + 10)},{n * 7 % 31},{COLOURS[n % 3]}" for n in range(40)]
    assert inspect_table(write(["code,x,label", *rows])).column("code").kind != "date"
