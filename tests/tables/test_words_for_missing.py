"""NA may be a region, and None a class: what is taken for missing, said, and changed."""

from __future__ import annotations

import pytest

from mlprov_widgets.tables import inspect_table
from tests.tables.generated import (
    PACKS,
    assert_reads_the_same,
    checked_values,
    source_of_reading,
)
from tests.tables.made_tables import COLOURS, lines

QUOTED = '"rural"'
WORDS = {
    "NA is a region": (["EU", "NA", "AS"], ["NA"]),
    "None is a degree": (["None", "Mild", "Severe"], ["None"]),
    "N/A is an answer": (["good", "bad", "N/A"], ["N/A"]),
    "null is a name": (["null", "Smith", "Jones"], ["null"]),
    "NA mostly": (["NA", "NA", "NA", "NA", "Gravel", "Paved", "NA"], ["NA"]),
    "empty cells say what is missing": (["EU", "NA", "", "AS"], ["NA"]),
    "two of them": (["None", "NA", "x", "y"], ["NA", "None"]),
}


def _worded(cells: list[str], number: str = "{x}") -> list[str]:
    body = [
        f"{cells[n % len(cells)]},{number.format(x=n * 37 % 101)},{COLOURS[n * n % 7 % 3]}"
        for n in range(84)
    ]
    return ["word,x,label", *body]


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("role", ["feature", "target"])
@pytest.mark.parametrize("case", WORDS)
def test_words_that_look_like_missing_ones_are_kept_and_said(case, role, pack, write):
    cells, words = WORDS[case]
    path = write(_worded(cells))
    target = "word" if role == "target" else "label"
    checked = checked_values(path, pack, target_column=target)
    codes = {(note.parameter, note.code) for note in checked.notes}
    assert {("csv_path", "words_kept"), ("missing_words", "words_doubtful")} <= codes
    assert checked.table.doubtful_words == {"word": words}
    names = assert_reads_the_same(path, pack, target_column=target)
    assert set(words) <= set(names["table"]["word"])
    assert names["table"]["word"].isna().sum() == (
        0 if role == "target" else cells.count("") * 84 / len(cells)
    )


@pytest.mark.parametrize("pack", PACKS)
def test_a_person_says_that_words_are_missing_values(pack, write):
    path = write(_worded(["EU", "NA", "AS"]))
    names = assert_reads_the_same(path, pack, missing_words="missing", target_column="label")
    assert names["table"]["word"].isna().sum() == 28
    checked = checked_values(path, pack, missing_words="missing")
    assert "words_missing" in {note.code for note in checked.notes}
    assert "keep_default_na" not in source_of_reading(path, pack, missing_words="missing")


MISSING = {
    "a few among many": (["male", "female"] * 13 + ["NA", "male"], None),
    "numbers lack it too": (["EU", "NA", "AS"], "NA"),
    "true and false": (["True", "False", "None"], None),
    "not a number": (["red", "blue", "nan"], None),
    "beside dates": ([*(f"2024-01-{n + 10}" for n in range(13)), "NA"], None),
    "beside numbers with units": (["5 kg", "7 kg", "12 kg", "8 kg", "NA"], None),
    "beside texts that hardly repeat": ([*(f"word{n}" for n in range(48)), "NA", "NA"], None),
}


@pytest.mark.parametrize("case", MISSING)
def test_words_that_mean_missing_are_missing_and_said_until_a_person_keeps_them(case, write):
    cells, number = MISSING[case]
    content = _worded(cells)
    if number:
        content[4] = content[4].rsplit(",", 2)[0] + f",{number},red"
        content[4] = f"EU,{number},red"
    path = write(content)
    table = inspect_table(path)
    (note,) = [note for note in table.notes if note.code == "words_missing"]
    assert "taken for missing values, not for a word." in note
    assert table.column("word").missing > 0
    assert_reads_the_same(path, target_column="label")
    names = assert_reads_the_same(path, missing_words="words", target_column="label")
    assert names["table"]["word"].isna().sum() == 0
    if number:  # what is missing among numbers is missing all the same
        assert names["table"]["x"].isna().sum() == 1


def test_no_such_question_where_there_are_no_such_words(write):
    checked = checked_values(write(lines()))
    assert checked.table.doubtful_words == {}
    assert "missing_words" not in {note.parameter for note in checked.notes}


def test_a_word_that_is_missing_among_numbers_only_is_said_by_column(write):
    content = _worded(["EU", "NA", "", "AS"])
    content[3:30:5] = [f"AS,n/a,{COLOURS[n % 3]}" for n in range(len(content[3:30:5]))]
    path = write(content)
    names = assert_reads_the_same(path, target_column="label")
    assert "NA" in set(names["table"]["word"])
    assert names["table"]["x"].isna().sum() == len(content[3:30:5])


def test_without_quotes_beside_quoted_words_it_is_no_word(write):
    """That is how R writes a missing value, and what it writes of a word that is NA."""
    content = [
        '"word","x","label"',
        *(f'{["NA", QUOTED][n % 2]},{n * 37 % 101},"{COLOURS[n * n % 7 % 3]}"' for n in range(84)),
    ]
    table = inspect_table(write(content))
    assert table.column("word").missing == 42
    kept = [line.replace("NA,", '"NA",') for line in content]
    assert inspect_table(write(kept)).column("word").missing == 0
