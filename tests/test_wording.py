"""Numbers, durations, sizes, lists and text of others are written in one way everywhere."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlprov_widgets import wording


@given(st.text(), st.integers(10, 100))
def test_text_of_others_is_one_visible_line(text: str, limit: int) -> None:
    said = wording.one_line(text, limit)
    assert said.isprintable()
    assert len(said) <= limit
    assert said.encode("utf-8").decode("utf-8") == said


def test_marks_that_turn_text_are_escapes() -> None:
    assert wording.one_line("a\u202eb\x00\ud800") == "a\\u202eb\\x00\\ud800"
    assert wording.paragraphs("a\n\tb\x1b", 100) == "a\n\tb\\x1b"
    assert wording.paragraphs("abcdef", 2) == "ab\n… 4 more characters"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.9333333, "0.9333"),
        (0.357, "0.357"),
        (1234567, "1,234,567"),
        (151.0, "151"),
        (1234567.0, "1,234,567"),
        (2.5e-7, "2.5e-07"),
        (True, "yes"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
    ],
)
def test_numbers(value: float, said: str) -> None:
    assert wording.format_number(value) == said


def test_a_number_without_end_is_told_by_its_size() -> None:
    assert wording.format_number(10**5000) == "a number of 16,610 bits"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.109, "109 ms"),
        (0.9999, "1 s"),
        (9.127, "9.13 s"),
        (59.96, "1 min 0 s"),
        (125, "2 min 5 s"),
        (3600 * 5 + 60, "5 h 1 min"),
        (-1, ""),
        (None, ""),
        (math.nan, ""),
        (math.inf, ""),
    ],
)
def test_durations(seconds: float | None, said: str) -> None:
    assert wording.format_duration(seconds) == said


def test_times_with_and_without_a_zone_have_no_distance() -> None:
    aware, naive = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1)
    assert wording.seconds_between(aware, naive) is None
    assert wording.seconds_between(naive, naive) == 0
    assert wording.format_time(aware) == "2026-01-01 00:00 UTC"


@pytest.mark.parametrize(
    ("size", "said"), [(1, "1 byte"), (999, "999 bytes"), (1400, "1.4 kB"), (5.4e9, "5.4 GB")]
)
def test_sizes(size: float, said: str) -> None:
    assert wording.format_size(size) == said


def test_lists() -> None:
    assert wording.format_list([]) == ""
    assert wording.format_list(["a"]) == "a"
    assert wording.format_list("abc") == "a, b and c"
    assert wording.format_list("abcd", most=2) == "a, b and 2 more"
    assert wording.format_count(1, "cell") == "1 cell"
    assert wording.format_count(2000, "entry", "entries") == "2,000 entries"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, ""),
        ([], ""),
        ([1, [2, 3]], "1, [2, 3]"),
        ({"lr": 0.001, "betas": [0.9, 0.999]}, "lr = 0.001, betas = [0.9, 0.999]"),
        (list(range(14)), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, … and 2 more"),
        ("a\nb", "a b"),
    ],
)
def test_recorded_values(value: Any, said: str) -> None:
    assert wording.format_value(value) == said


def test_long_names_keep_their_end() -> None:
    assert wording.shorten_middle("a-very-long-name-of-a-notebook.ipynb", 24).endswith(".ipynb")
    assert len(wording.shorten_middle("x" * 100, 24)) == 24
    assert wording.humanize("mean_absolute_error") == "mean absolute error"
