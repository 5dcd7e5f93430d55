"""Awkward tables that are read: what the inspection finds is what the notebook gets."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from mlprov_widgets.tables import Table, inspect_table
from tests.tables.made_tables import all_notes, lines, rows, run_recipe
from tests.work import growth, instructions

ZERO_WIDTH = "\u200b"


def _with(values: list[str], header: str = "extra,f1,f2,label", sep: str = ",") -> list[str]:
    """The usual table with a column before it; the values are repeated as needed."""
    body = [sep.join([values[n % len(values)], *row]) for n, row in enumerate(rows())]
    return [header.replace(",", sep), *body]


def _check(table: Table, target: str = "label") -> str:
    """Run the notebook's recipe; the numbers must be finite and the classes as counted."""
    notes = all_notes(table, target)
    matrix, labels = run_recipe(table, target)
    assert np.isfinite(matrix).all()
    assert matrix.shape[1] > 0
    counts = labels.value_counts()
    assert sorted((str(k), int(v)) for k, v in counts.items()) == table.classes(target)
    kinds = {column.name: column.kind for column in table.columns}
    assert set(kinds) == set(table.names)
    return notes


QUIET = {
    "plain": (lines(), {}),
    "no end of last line": ("\n".join(lines()), {}),
    "crlf": (lines(), {"end": "\r\n"}),
    "bare cr": (lines(), {"end": "\r"}),
    "crlf doubled by a text mode": (lines(), {"end": "\r\r\n"}),
    "semicolon": (lines("f1;f2;label", sep=";"), {}),
    "semicolon with decimal comma": (
        "\n".join(lines("f1;f2;label", sep=";")).replace(".", ","),
        {},
    ),
    "tab": (lines("f1\tf2\tlabel", sep="\t"), {}),
    "tab with decimal comma": ("\n".join(lines("f1\tf2\tlabel", sep="\t")).replace(".", ","), {}),
    "bar": (lines("f1|f2|label", sep="|"), {}),
    "one blank": (lines("f1 f2 label", sep=" "), {}),
    "many blanks": (
        ["  f1      f2    label  "] + [f"  {a:>8}  {b:>9}\t {c}" for a, b, c in rows()],
        {},
    ),
    "sep line of Excel": (["sep=;", *lines("f1;f2;label", sep=";")], {}),
    "sep line with a tab": (["sep=\t", *lines("f1\tf2\tlabel", sep="\t")], {}),
    "blank after each comma": (lines("f1, f2, label", sep=", "), {}),
    "blank after each comma, quoted": (
        ['"f1", "f2", "label"'] + [f'"{a}", "{b}", "{c}"' for a, b, c in rows()],
        {},
    ),
    "utf-8 with mark": (lines("Länge,f2,label"), {"encoding": "utf-8-sig"}),
    "utf-16 with mark": (lines("Länge,f2,label"), {"encoding": "utf-16"}),
    "utf-32 with mark": (lines("Länge,f2,label"), {"encoding": "utf-32"}),
    "latin-1": (lines("Länge,Höhe,label"), {"encoding": "latin-1"}),
    "cp1252 with euro and quotes": (
        [line.replace("alpha", "für “5 €”") for line in lines("Größe,f2,label")],
        {"encoding": "cp1252"},
    ),
    "french in latin-1": (
        [line.replace("alpha", "été à l'œuvre") for line in lines("numéro,Âge,label")],
        {"encoding": "cp1252"},
    ),
    "emoji and Chinese": ([line.replace("alpha", "猫🐈") for line in lines("长度,f2,label")], {}),
    "separator in quotes": ([line.replace("alpha", '"a, b; c"') for line in lines()], {}),
    "quote inside a cell": ([line.replace("alpha", 'the 5" pipe') for line in lines()], {}),
    "names are keywords": (lines("class,None,label"), {}),
    "names of dictionaries": (lines("__init__,items,label"), {}),
    "apostrophes": ([line.replace("alpha", "it's") for line in lines("f'1,f2,label")], {}),
    "numeric labels": (
        [line.replace("alpha", "1").replace("beta", "2").replace("gamma", "7") for line in lines()],
        {},
    ),
    "label first": (
        ["label,f1,f2"] + [f"{c},{a},{b}" for a, b, c in rows()],
        {},
    ),
    "exponents and signs": (_with(["+1.5e3", "-2E-4", ".5", "7."]), {}),
    "percent in a label": ([line.replace("alpha", "50% {{7*7}} {% x %}") for line in lines()], {}),
    "integers above 64 bits": (
        _with([str(2**64 + n * 10**17) for n in range(30)]),
        {},
    ),
    "large and negative integers": (_with(["-1", str(2**63 + 5), "3", "8"]), {}),
    "decimal comma in quotes": (
        ["f1,f2,label"] + [f'"{a}","{b}",{c}'.replace(".", ",") for a, b, c in rows()],
        {},
    ),
}


@pytest.mark.parametrize("case", QUIET)
def test_a_table_that_just_works_gives_no_notes(case, write):
    content, options = QUIET[case]
    table = inspect_table(write(content, **options))
    assert table.rows == 30
    assert _check(table, table.guess_target()) == ""
    assert table.guess_target() == "label"
    assert len(table.features("label")) == len(table.names) - 1
    assert [column.kind in ("number", "integer") for column in table.columns].count(True) >= 2


NOTED = {
    "no header": (lines(None), {}, "no header"),
    "no header, numbers only": (
        [f"{a},{b},{n % 2}" for n, (a, b, _) in enumerate(rows())],
        {},
        "no header",
    ),
    "no header, words only": (
        [
            f"{['red', 'blue'][n % 2]},{['S', 'M', 'L'][n % 3]},{'xyz'[n % 3 - n % 2]}"
            for n in range(30)
        ],
        {},
        "no header",
    ),
    "all names are numbers": (lines("0,1,label"), {}, ""),
    "years as names": (lines("2019,2020,label"), {}, ""),
    "only numbers in the header": (
        ["0,1,2"] + [f"{a},{b},{n % 2}" for n, (a, b, _) in enumerate(rows())],
        {},
        "although there are numbers in it",
    ),
    "comment before header": (["# made by hand", "#", *lines()], {}, "before the table"),
    "percent comments": (["% source: a, b and c", *lines()], {}, "before the table"),
    "title and blank line": (["Results of 2024", "", *lines()], {}, "'Results of 2024'"),
    "title filled up by a spreadsheet": (["Results,,", ",,", *lines()], {}, "before the table"),
    "header as a comment": (lines("# f1,f2,label"), {}, "written as a comment"),
    "header as a comment, blanks": (lines("# f1 f2 label", sep=" "), {}, "written as a comment"),
    "units below the header": (["f1,f2,label", "cm,kg,", *lines(None)], {}, "'cm'"),
    "units below a header that a title is above": (
        ["Results of 2024", "", "f1,f2,label", "cm,kg,", *lines(None)],
        {},
        "Line 4 is no row of data: 'cm'",
    ),
    "units above the header": (["cm,cm,", *lines()], {}, "'cm'"),
    "duplicate names": (lines("f1,f1,label"), {}, "'f1.1'"),
    "duplicate name of the target": (lines("label,f2,label"), {}, "more than once"),
    "blank name": (lines("f1,,label"), {}, "'column_2'"),
    "blanks around names": (lines(" f1 ,f2\t,label "), {}, "blanks around the name"),
    "invisible name": (lines(f"f1{ZERO_WIDTH},f1,label"), {}, "u200b"),
    "control character in a name": (lines("f\x071,f2,label"), {}, "x07"),
    "names of rows as R writes them": (
        ["f1,f2,label"] + [f"{n + 1},{a},{b},{c}" for n, (a, b, c) in enumerate(rows())],
        {},
        "one name less",
    ),
    "separator at the end of rows": (
        ["f1,f2,label"] + [",".join(row) + "," for row in rows()],
        {},
        "column_4",
    ),
    "separator at the end of all lines": ([line + "," for line in lines()], {}, "column_4"),
    "separator at the end of the header": (lines("f1,f2,label,"), {}, "Only the header"),
    "infinite numbers": (_with(["1.5", "inf", "2.5", "-Infinity"]), {}, "Infinite"),
    "too large numbers": (_with(["1.5", "1e999", "2.5", "3e40"]), {}, "too large"),
    "missing values in many spellings": (
        _with(["1.5", "?", "-", " NA ", "n.a.", "#DIV/0!", "", "  ", "2.5", "missing"]),
        {},
        "Missing cells: 'extra' 24",
    ),
    "minus sign is a class": (
        [
            line.replace("alpha", "+").replace("beta", "-").replace("gamma", "-")
            for line in _with(["1.5", "-", "2.5"])
        ],
        {},
        "Missing cells: 'extra' 10",
    ),
    "None is a label": ([line.replace("alpha", "None") for line in lines()], {}, "'None'"),
    "question mark among labels": (
        [*lines(), "1.0,2.0,?", "1.5,2.5,"],
        {},
        "2 of 32 rows have no label",
    ),
    "blanks are labels": ([*lines(), "1.0,2.0,  "], {}, "1 of 31 rows have no label"),
    "thousands with points": (
        ["f1;n;label"] + [f"0,{n};{n + 1}.{n * 31:03d};{'ab'[n % 2]}" for n in range(30)],
        {},
        "Numbers such as '1.000' in 'n' are read as 1000.",
    ),
    "thousands with points and decimal commas": (
        ["f1;n;label"] + [f"0,{n};{n + 1}.234,50;{'ab'[n % 2]}" for n in range(30)],
        {},
        "Numbers such as '1.234,50' in 'n' are read as 1234.5.",
    ),
    "one decimal sign in each column": (
        ["f1;f2;label"] + [f"{n}.5;{n},25;{'ab'[n % 2]}" for n in range(30)],
        {},
        "decimal sign",
    ),
    "two decimal signs in one column": (
        ["f1;f2;label"] + [f"{n}{'.,'[n % 2]}5;{n % 7};{'ab'[n % 3 % 2]}" for n in range(30)],
        {},
        "several ways",
    ),
    "percent": (_with([f"{n}%" for n in range(30)]), {}, "'0%'"),
    "currency after the number": (_with([f"{n},5 €" for n in range(30)], sep=";"), {}, "currency"),
    "units in the cells": (_with([f"{n} kg" for n in range(30)]), {}, "units"),
    "dates with month names": (_with([f"{n + 1} Jan 2024" for n in range(30)]), {}, "Dates"),
    "times of day": (_with([f"{n % 24:02d}:15" for n in range(30)]), {}, "Dates"),
    "dates as digits": (_with([f"202401{n + 1:02d}" for n in range(30)]), {}, "Dates"),
    "numbers and some words": (
        _with([*[f"{n}.5" for n in range(29)], "about 7"]),
        {},
        "'about 7'",
    ),
    "decimals and one word far below": (
        _with([*[f"{n}.07" for n in range(29)], "broken"]),
        {},
        "there is text such as 'broken'",
    ),
    "points before three digits, and none below a thousand": (
        _with([f"{n}.{n * 31:03d}" if n % 3 else f"{n + 900}" for n in range(1, 31)]),
        {},
        "as in '1.031'; it was read as the decimal sign",
    ),
    "one sum with a sign between thousands": (
        ["f1;n;label"]
        + [f"{n};{n * 31},{n:02d};{'ab'[n % 2]}" for n in range(29)]
        + ["9;1.234,5;a"],
        {},
        "Numbers such as '1.234,5' in 'n' are read as 1234.5.",
    ),
    "counter": (_with([str(n) for n in range(30)]), {}, "only numbers the rows"),
    "customer numbers": (
        _with([str(1000 + n * n) for n in range(30)], "customer_id,f1,f2,label"),
        {},
        "only numbers the rows",
    ),
    "constant": (_with(["7"]), {}, "same value"),
    "constant text": (_with(["x"]), {}, "same value"),
    "copy of the label as numbers": (_with(["10", "20", "30"]), {}, "one to one"),
    "copy of the label in other words": (_with(["A", "B", "C"]), {}, "one to one"),
    "labels that differ in blanks and capitals": (
        [line.replace("beta", "Alpha").replace("gamma", "al pha") for line in lines()],
        {},
        "capital letters",
    ),
    "labels equal as numbers": (
        [
            line.replace("alpha", "1").replace("beta", "1.0").replace("gamma", "01")
            for line in lines()
        ],
        {},
        "different as text",
    ),
    "labels with decimals": (
        [
            line.replace("alpha", "1.5").replace("beta", "2.5").replace("gamma", "3")
            for line in lines()
        ],
        {},
        "taken for a class",
    ),
    "a class with one row": ([*lines(), "1,2,rare"], {}, "'rare'"),
    "classes with two rows": ([*lines(), "1,2,rare", "2,3,rare"], {}, "two rows of 'rare'"),
    "yes and no with gaps": (_with(["yes", "no", "", "yes", "no", "no", "no"]), {}, "one-hot"),
    "true and false with gaps": (_with(["True", "False", "", "TRUE"]), {}, "one-hot"),
    "true and false": (_with(["True", "False", "False", "True"]), {}, "one-hot"),
    "blank is not a number": (_with(["\u00a01.5", "2.5 ", "3"]), {}, "Blanks around"),
    "a value for missing": (
        _with(["-999", *[f"{n / 10}" for n in range(1, 29)], "-999"]),
        {},
        "is it missing",
    ),
    "many texts": (_with([f"word{n % 20}" for n in range(30)]), {}, "different texts"),
    "text in each row": (_with([f"word{n}" for n in range(30)]), {}, "another text in each row"),
    "rows twice": (lines() + lines(None), {}, "30 rows repeat"),
    "empty rows": ([*lines(), ",,", " , ,"], {}, "empty row"),
    "empty column": (_with([""]), {}, "no values"),
    "column of question marks": (_with(["?", "-", "n/a"]), {}, ""),
    "very long name": (lines("f" * 3000 + ",f2,label"), {}, "very long name"),
    "no mark in utf-16": (lines(), {"encoding": "utf-16-le"}, "utf-16-le"),
    "one character of latin-1": (
        [*lines(), "1.0,2.0,café", "1.1,2.1,cafe"],
        {"encoding": "latin-1"},
        "line 32",
    ),
    "Russian in cp1251": (
        [
            line.replace("alpha", "первый").replace("beta", "второй")
            for line in lines("длина,ширина,label")
        ],
        {"encoding": "cp1251"},
        "which is a guess",
    ),
    "infinite beside very large integers": (
        _with(["inf", str(10**20), str(10**19), "7"]),
        {},
        "Infinite",
    ),
    "nearly empty": (_with(["1.5", *[""] * 29]), {}, "only 1 of its cells"),
    "zip code with zeros": (_with(["00501", "10001", "90210", "02134"]), {}, "zeros in front"),
}


@pytest.mark.parametrize("case", NOTED)
def test_an_odd_table_works_and_a_note_says_what_is_odd(case, write):
    content, options, expected = NOTED[case]
    table = inspect_table(write(content, **options))
    notes = _check(table, table.guess_target())
    assert expected in notes
    assert ZERO_WIDTH not in notes


def test_the_first_row_of_a_table_without_header_is_kept(write):
    table = inspect_table(write(lines(None)))
    assert table.rows == 30
    assert table.preview[0] == rows()[0]
    assert table.names == ["column_1", "column_2", "column_3"]
    assert table.format["header"] is False


@pytest.mark.parametrize("names", ["Content", "142.24", "x"])
def test_a_header_has_no_name_for_the_names_of_rows(names, write):
    """As R writes it, also of words and under numbers."""
    cells = (lambda n: f"item {n}") if names == "Content" else (lambda n: f"{n}.5")
    content = [
        f'"","{names}","label"',
        *(f'"V{n}","{cells(n)}","{"ab"[n % 2]}"' for n in range(30)),
    ]
    table = inspect_table(write(content))
    assert table.names == ["column_1", names, "label"]
    assert table.rows == 30
    two = [line.rsplit(",", 1)[0] for line in content]
    assert inspect_table(write(two)).names == ["column_1", names]


def test_class_names_in_a_header_of_numbers_are_not_taken_for_names_unsaid(write):
    content = [
        "30,2,alpha,beta,gamma",
        *(f"{a},{b},{n},{n % 7},{n % 3}" for n, (a, b, _) in enumerate(rows())),
    ]
    (note,) = [
        one for one in inspect_table(write(content)).notes if one.code == "header_has_numbers"
    ]
    assert "('30', '2', 'alpha', 'beta' and 1 more)" in note


def test_a_table_of_words_keeps_its_header(write):
    content = ["colour,size,label"] + [
        f"{['red', 'blue'][n % 2]},{['S', 'M', 'L'][n % 3]},{'ab'[n // 2 % 2]}" for n in range(30)
    ]
    table = inspect_table(write(content))
    assert table.names == ["colour", "size", "label"]
    assert table.rows == 30
    assert table.features("label") == ["colour", "size"]
    _check(table)


def test_numeric_looking_labels_stay_three_classes(write):
    content = [
        line.replace("alpha", "001").replace("beta", "01").replace("gamma", "1") for line in lines()
    ]
    table = inspect_table(write(content))
    assert table.classes("label") == [("001", 10), ("01", 10), ("1", 10)]
    _check(table)


def test_blanks_around_labels_do_not_make_classes(write):
    content = [line.replace("alpha", " alpha") for line in lines()[:15]]
    content += [line.replace("alpha", "alpha  ") for line in lines()[15:]]
    table = inspect_table(write(content))
    assert [label for label, _ in table.classes("label")] == ["alpha", "beta", "gamma"]
    _check(table)


def test_a_sign_that_is_missing_in_one_column_stays_a_class_in_another(write):
    content, _, _ = NOTED["minus sign is a class"]
    table = inspect_table(write(content))
    assert table.classes("label") == [("+", 10), ("-", 20)]
    assert table.format["na_values"] == {"extra": ["-"]}
    assert table.column("extra").kind == "number"


@pytest.mark.parametrize("target", ["f1", "extra", "label"])
def test_whatever_target_is_picked_the_recipe_fits(target, write):
    content = _with(["\u00a01", "2", " 3"], "extra,f1,f2,label")
    content = [
        content[0],
        *[
            line.replace(line.split(",")[1], "x" * (n % 3 + 1), 1)
            for n, line in enumerate(content[1:])
        ],
    ]
    table = inspect_table(write(content))
    _check(table, target)


def test_columns_mixed_only_far_below_are_text_throughout(write):
    """pandas reads large tables in pieces and gives each piece of a column a type of its own."""
    count = 150_000
    stream = io.StringIO()
    stream.write("zone,f1,label\n")
    for n in range(count):
        zone = "A" if n > count - 100 else str(n % 5)
        stream.write(f"{zone},{n * 0.37 % 11:.3f},{'ab'[n % 7 % 2]}\n")
    table = inspect_table(write(stream.getvalue()))
    assert table.column("zone").kind == "text"
    matrix, _ = run_recipe(table, "label")
    assert np.isfinite(matrix).all()


def test_many_columns(write):
    names = [f"c{n}" for n in range(2000)]
    content = [",".join([*names, "label"])]
    content += [
        ",".join([*[f"{n * m % 17}.5" for m in range(2000)], "ab"[n % 2]]) for n in range(20)
    ]
    table = inspect_table(write(content))
    notes = table.notes + table.check_target("label")
    assert any("2,001 columns" in note for note in notes)
    assert all(len(note) < 1000 for note in notes)
    assert table.format["names"] is None


def test_multi_line_cells_and_header(write):
    content = '"f\n1",f2,label,note\n' + "".join(
        f'{a},{b},{c},"first line\nsecond, ""line"" {n}"\n' for n, (a, b, c) in enumerate(rows())
    )
    table = inspect_table(write(content))
    assert table.rows == 30
    assert table.names == ["f\n1", "f2", "label", "note"]
    assert table.column("note").role == "text"
    _check(table)


def test_multi_line_header_that_needs_repair(write):
    content = '"f\n1",,label\n' + "".join(f"{a},{b},{c}\n" for a, b, c in rows())
    table = inspect_table(write(content))
    assert table.names == ["f\n1", "column_2", "label"]
    assert table.rows == 30
    _check(table)


def test_hostile_names_and_labels_are_only_data(write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    evil = "'];__import__('os').system('touch PWNED');['"
    content = [f'"{evil}","{{{{7*7}}}}",label']
    content += [f"{a},{b},<script>{c}</script>" for a, b, c in rows()]
    table = inspect_table(write(content))
    assert table.names == [evil, "{{7*7}}", "label"]
    _check(table)
    assert not list(tmp_path.glob("PWNED*"))


def test_twice_the_rows_are_twice_the_work(write):
    def table(count: int) -> Path:
        return write(lines(count=count), name=f"{count}.csv")

    def look(path: Path) -> None:
        path.touch()  # so that it is looked at again
        inspect_table(path).check_target("label")

    assert growth(look, table, 1000) < 2.2


def test_a_table_is_looked_at_once(write):
    path = write(lines(count=1000))
    table = inspect_table(path)
    assert inspect_table(path) is table
    assert instructions(lambda: inspect_table(path)) < 5000


def test_a_changed_file_is_looked_at_again(write):
    first = inspect_table(write(lines()))
    second = inspect_table(write(lines(count=40)))
    assert (first.rows, second.rows) == (30, 40)


def test_path_may_be_text_and_hash_is_of_the_file(write):
    import hashlib

    path = write(lines())
    table = inspect_table(str(path))
    assert table.path == Path(path)
    assert table.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_thousands_of_columns_of_one_name_are_told_apart(write) -> None:
    names = ["label", *["same"] * 300]
    found = inspect_table(write([",".join(names), *[f"a{n % 2}" + ",1" * 300 for n in range(20)]]))
    assert [column.name for column in found.columns[1:4]] == ["same", "same.1", "same.2"]
    assert found.columns[-1].name == "same.299"


def test_an_encoding_is_found_in_a_text_of_many_letters(write) -> None:
    content = [
        "f1,f2,label",
        *[f"{n},{n % 7},{'größer' if n % 2 else 'schön'}" for n in range(250_000)],
    ]
    found = inspect_table(write(content, encoding="latin-1"))
    assert found.format["encoding"] == "latin-1"
    assert found.rows == 250_000


def test_columns_are_named_in_the_order_of_the_file(write) -> None:
    names = [f"n{number}" for number in range(8)]
    cells = [",".join([cell] * 8) for cell in ("1.5", "?", "inf", "2.5")]
    content = [",".join([*names, "label"]), *(f"{row},{c}" for row in cells * 5 for c in "ab")]
    (note,) = [n for n in inspect_table(write(content)).notes if "taken for missing" in n]
    assert note.arguments["columns"] == [f"'{name}' ('inf')" for name in names]
