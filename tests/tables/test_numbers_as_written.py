"""Numbers in the many ways in which people write them: what is said, and what is read."""

from __future__ import annotations

import json
import re

import pytest

from mlprov_widgets.errors import TableError
from mlprov_widgets.tables import check_format, inspect_table
from tests.tables.generated import PACKS, assert_reads_the_same
from tests.tables.made_tables import COLOURS, numbered


def _long(missing: bool, name: str = "sensor", same: int = 1) -> list[str]:
    start = 1582218195625938945
    return [
        f"{name},x,label",
        *(
            f"{'' if missing and n % 7 == 0 else start + n // same},{n * 37 % 101}.5,"
            f"{COLOURS[n % 3]}"
            for n in range(60)
        ),
    ]


@pytest.mark.parametrize("same", [1, 3])
def test_whole_numbers_that_no_float_holds_are_left_out_where_some_are_missing(same, write):
    path = write(_long(True, same=same))
    column = inspect_table(path).column("sensor")
    assert not column.usable
    assert "its numbers, such as '15822181956259389" in column.note
    assert "have more digits than a model can tell apart" in column.note
    assert column.distinct == len(
        {line.split(",")[0] for line in path.read_text().split()[1:]} - {""}
    )
    assert_reads_the_same(path)


def test_whole_numbers_that_no_float_holds_stay_exact_where_none_is_missing(write):
    path = write(_long(False))
    names = assert_reads_the_same(path)
    assert names["table"]["sensor"].iloc[:2].tolist() == [1582218195625938945, 1582218195625938946]


def test_long_numbers_among_short_ones_stay_exact_where_some_are_missing(write):
    start = 1582218195625938945
    cells = [f"{n}" if n % 2 else f"{start + n * 1001}" for n in range(58)] + ["", "NA"]
    rows = [f"{cell},{n * 37 % 101}.5,{COLOURS[n % 3]}" for n, cell in enumerate(cells)]
    path = write(["sensor,x,label", *rows])
    assert "more digits" in inspect_table(path).column("sensor").note
    assert str(start) in set(assert_reads_the_same(path)["table"]["sensor"])


def test_long_numbers_of_subjects_are_groups(write):
    table = inspect_table(write(_long(True, "patient_id", same=3)))
    assert table.column("patient_id").role == "group"


def test_long_numbers_that_floats_hold_are_numbers(write):
    path = write(["n,x,label", *(f"{2**60 + n * 2**40},{n},{COLOURS[n % 3]}" for n in range(40))])
    assert inspect_table(path).column("n").usable
    assert_reads_the_same(path)


def test_long_classes_stay_what_they_are(write):
    labels = ["1582218195625938946", "1582218195625938947", ""]
    path = write(["x,label", *(f"{n * 37 % 101}.5,{labels[n % 3]}" for n in range(60))])
    names = assert_reads_the_same(path, target_column="label")
    assert names["class_names"] == labels[:2]


def test_what_is_the_same_wherever_it_is_known_is_not_said_of_all_rows(write):
    path = write(
        ["flag,x,label", *(f"{'x' * (n % 2)},{n % 9},{COLOURS[n % 3]}" for n in range(60))]
    )
    note = inspect_table(path).column("flag").note
    assert note.startswith("all cells that have a value have the same ('x')")


def test_rows_that_differ_in_an_identifier_are_not_said_to_repeat_in_all(write):
    path = write(["id,x,label", *(f"k{n},{n % 5},{'ab'[n % 2]}" for n in range(30))])
    (note,) = [note for note in inspect_table(path).notes if note.code == "rows_repeated"]
    assert "20 rows repeat an earlier one in all but 'id';" in note


# Column of texts by turns, its numbers, and the separator.
NUMBERS = {
    "German": (["1.371,82", "2,05", "12.034.567,5", "7"], [1371.82, 2.05, 12034567.5, 7], ";"),
    "German, each with both signs": (["1.371,82", "9.975,43"], [1371.82, 9975.43], ";"),
    "German, whole": (["1.371", "2.000.000", "12"], [1371, 2000000, 12], ";"),
    "English": (["1,371.82", "2.05", "12,034,567.5", "-7"], [1371.82, 2.05, 12034567.5, -7], ";"),
    "English in quotes": (['"1,371.82"', '"9,975.43"', "3"], [1371.82, 9975.43, 3], ","),
    "English in quotes, whole": (['"1,371"', '"9,975"', "950"], [1371, 9975, 950], ","),
    "Swiss": (["1'371.82", "9'975'000.43", "3"], [1371.82, 9975000.43, 3], ";"),
    "Swiss by typesetters": (["1’371.82", "9’975’000.43", "3"], [1371.82, 9975000.43, 3], ";"),
    "French": (["1 371,82", "9 975 000,43", "3"], [1371.82, 9975000.43, 3], ";"),
    "French by typesetters": (
        ["1\u202f371,82", "9\u00a0975\u00a0000,43", "3"],
        [1371.82, 9975000.43, 3],
        ";",
    ),
    "Indian": (["12,34,567.00", "1,00,000.50", "3"], [1234567, 100000.5, 3], ";"),
    "underscores": (["1_000", "2_500_000", "3"], [1000, 2500000, 3], ","),
    "accounting": (["(9.27)", "3.73", "0.5"], [-9.27, 3.73, 0.5], ","),
    "accounting with thousands": (
        ['"(1,009.27)"', '"3,000.73"', "0.5", "(7)"],
        [-1009.27, 3000.73, 0.5, -7],
        ",",
    ),
    "accounting in German": (["(1.009,27)", "3.000,73", "0,5"], [-1009.27, 3000.73, 0.5], ";"),
    "accounting with missing": (["(9.27)", "", "n/a", "3.73"], [-9.27, None, None, 3.73], ","),
    "accounting, padded": (["  (9.27)", "   3.73 "], [-9.27, 3.73], ";"),
    "accounting with blanks inside": (["( 9.27 )", "(3)", "0.5"], [-9.27, -3, 0.5], ","),
    "minus with a blank": (["- 9.27", "3.73"], [-9.27, 3.73], ","),
    "minus as a dash": (["–9.27", "3.73"], [-9.27, 3.73], ","),
    "minus behind": (["9.27-", "3.73", "0.5"], [-9.27, 3.73, 0.5], ","),
    "minus behind, with thousands": (["1.009,27-", "3,5"], [-1009.27, 3.5], ";"),
    "minus of typesetters": (["−9.27", "3.73", "−0.5"], [-9.27, 3.73, -0.5], ","),
    "minus of typesetters and decimal comma": (["−9,27", "3,73"], [-9.27, 3.73], ";"),
}


@pytest.mark.parametrize("pack", [*PACKS, "tabular_regression"])
@pytest.mark.parametrize("case", NUMBERS)
def test_amounts_are_numbers_however_they_are_written(case, pack, write):
    cells, numbers, sep = NUMBERS[case]
    header = sep.join(["amount", "n", "word", "label"])
    body = [
        sep.join([cells[n % len(cells)], str(n * 7 % 31), "ab"[n % 2], COLOURS[n % 5 % 3]])
        for n in range(60)
    ]
    path = write([header, *body])
    target = "amount" if pack == "tabular_regression" else "label"
    table = inspect_table(path)
    assert table.column("amount").role == "number"
    assert check_format(json.loads(json.dumps(table.format))) == table.format
    names = assert_reads_the_same(path, pack, target_column=target)
    read = names["table"]["amount"].tolist()
    if pack == "tabular_regression":
        numbers = [number for number in numbers if number is not None]
    pairs = zip(read[: len(numbers)], numbers, strict=True)
    assert all(one == two or (two is None and one != one) for one, two in pairs)


def test_what_was_read_as_which_number_is_said(write):
    content = numbered("x,z,label", "({x}),1,{label}")
    content[1:30] = [line.replace("(", "").replace(")", "") for line in content[1:30]]
    (note,) = [note for note in inspect_table(write(content)).notes if note.code == "amounts_read"]
    assert re.fullmatch(r"Numbers such as '\((.*)\)' in 'x' are read as -\1\.", note)


def test_signs_between_thousands_do_not_make_numbers_of_other_columns(write):
    """What pandas takes away for one column it takes away from all."""
    content = [
        "amount;day;version;point;address;label",
        *(
            f"{n + 1}.{n * 31 % 1000:03d},5;{n % 28 + 1:02d}.02.2024;1.{n % 3};{n}.5;"
            f"10.0.{n % 7}.1;{COLOURS[n % 3]}"
            for n in range(60)
        ),
    ]
    path = write(content)
    table = inspect_table(path)
    kinds = {column.name: column.kind for column in table.columns}
    assert kinds["amount"] == kinds["point"] == kinds["version"] == "number"
    assert kinds["day"] == "date"
    assert kinds["address"] == "text"
    names = assert_reads_the_same(path)
    assert names["table"]["point"].iloc[:3].tolist() == [0.5, 1.5, 2.5]
    assert names["table"]["amount"].iloc[1] == 2031.5


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (["(1)", "(1.5)"], "brackets around them"),
        (["$9.27", "$3.73", "($0.50)"], "currency signs"),
        (["(1 €)", "1.5 €"], "currency signs"),
        (["(1.5%)", "1.73%"], "percent signs"),
        (["9.1 CR", "1.73 DR"], "units"),
        (["12%", "7%"], "percent signs"),
    ],
)
def test_numbers_that_are_not_read_are_left_out_for_the_true_reason(cells, reason, write):
    content = ["x,z,label"]
    content += [
        f"{cells[n % len(cells)].replace('1', str(n))},{n % 7},{COLOURS[n % 3]}" for n in range(60)
    ]
    column = inspect_table(write(content)).column("x")
    assert not column.usable
    assert reason in column.note


@pytest.mark.parametrize("marks", [["1-", "2", "2-", "3"], ["A-", "B+", "A"], ["1+", "1-", "2"]])
def test_marks_of_schools_are_no_negative_numbers(marks, write):
    content = [
        "mark,z,label",
        *(f"{marks[n % len(marks)]},{n % 7},{COLOURS[n % 3]}" for n in range(60)),
    ]
    table = inspect_table(write(content))
    assert table.format["amounts"] == {}
    assert not table.is_number("mark")


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ({"quotechar": "x"}, "quotechar"),
        ({"quotechar": ""}, "quotechar"),
        ({"escapechar": "/"}, "escapechar"),
        ({"thousands": "1"}, "thousands"),
        ({"thousands": [",", "."]}, "thousands"),
        ({"keep_default_na": "no"}, "keep_default_na"),
        ({"amounts": ["x"]}, "amounts"),
        ({"amounts": {"x": {"thousands": ",", "decimal": ",", "minus": ""}}}, "amounts"),
        ({"amounts": {"x": {"thousands": ",", "decimal": ".", "minus": ".*"}}}, "amounts"),
        ({"amounts": {"x": {"thousands": [","], "decimal": ".", "minus": ""}}}, "amounts"),
        ({"amounts": {"x": {"decimal": "."}}}, "amounts"),
    ],
)
def test_what_is_no_manner_of_writing_is_refused_by_name(value, key):
    with pytest.raises(TableError, match=key):
        check_format(value)


@pytest.mark.parametrize("cells", [["171", "171a", "171b", "172"], ["12A", "12B", "13A", "14B"]])
def test_codes_with_a_letter_are_not_said_to_have_units(cells, write):
    rows = [f"{cells[n * n % 4]},{n % 7},{COLOURS[n % 3]}" for n in range(60)]
    column = inspect_table(write(["course,z,label", *rows])).column("course")
    assert (column.role, column.note) == ("class", "")


def test_a_constant_is_said_as_it_is_written(write):
    rows = [f"{'' if n % 5 else 1},{n % 7},{COLOURS[n % 3]}" for n in range(60)]
    note = inspect_table(write(["one,z,label", *rows])).column("one").note
    assert "have the same ('1'); 48 missing" in note
