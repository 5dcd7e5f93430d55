"""Files that are no usable table: the reason is a sentence that says where."""

from __future__ import annotations

import gzip
import io
import os
import zipfile

import pytest

from mlprov_widgets.errors import TableError
from mlprov_widgets.tables import inspect_table
from tests.tables.made_tables import all_notes, lines, rows


def _zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return stream.getvalue()


def _text(content: list[str]) -> bytes:
    return ("\n".join(content) + "\n").encode()


def _changed(line: int, new: str, content: list[str] | None = None) -> bytes:
    """The usual table with another line, counted from 1."""
    changed = list(content or lines())
    changed[line - 1] = new
    return _text(changed)


def _column(values: list[str]) -> bytes:
    """The usual features with other labels."""
    body = [f"{a},{b},{values[n % len(values)]}" for n, (a, b, _) in enumerate(rows())]
    return _text(["f1,f2,label", *body])


REFUSED = {
    "empty": (b"", "is empty"),
    "only a mark": (b"\xef\xbb\xbf", "is empty"),
    "only blank lines": (b"\n\n  \n", "is empty"),
    "only the header": (b"f1,f2,label\n", "no rows"),
    "only numbers in one line": (b"1.5,2.5,3.5\n", "only 1 row;"),
    "nothing but one line": (b"\xe2\x80\x8b,b\n" * 30, "the header is repeated"),
    "a line of commas": (b"," * 3_000_000, "2,000,001 columns; at most 10,000"),
    "a million columns of one name": (b"same," * 1_000_000 + b"x\n", "columns; at most 10,000"),
    "a quote that never closes, after many rows": (
        b"f1,f2\r\n" + b"1,2\r\n" * 100_000 + b'1,"2\r\n3',
        "line 100002: a quote",
    ),
    "a cell without end": (b"f1,f2\n1," + b"x" * 3_000_000, "line 2, column 'f2': a cell has more"),
    "three rows": (_text(lines(count=3)), "only 3 rows"),
    "nine labelled rows": (
        _text(lines(count=9) + ["1.5,2.5,"] * 9),
        "Only 9 rows have a label",
    ),
    "nothing but separators": (_text(["a,b,c"] + [",,"] * 20), "only 0 rows"),
    "row too long": (_changed(12, "1,2,alpha,4"), "line 12 has 4 cells"),
    "row too short": (_changed(20, "1,2"), "line 20 has 2 cells"),
    "two wrong rows": (
        _changed(12, "1", _changed(20, "1,2,3,4").decode().splitlines()),
        "line 12 has 1 cell, line 20 has 4 cells",
    ),
    "row too long, with quotes before": (
        _changed(12, "1,2,alpha,4", _changed(5, '1,2,"a\nb"').decode().split("\n")),
        "line 12 has 4 cells",
    ),
    "total below the table": (_text([*lines(), "Total: 30 rows"]), "remarks and totals"),
    "comment between rows": (_changed(9, "# a pause"), "line 9 has 1 cell"),
    "open quote": (_changed(15, '1.0,"2.0,alpha'), "line 15"),
    "open quote in a later line of its row": (
        _changed(15, '"1\n2","2.0,alpha'),
        "line 16",
    ),
    "two open quotes": (
        _changed(15, '1.0,2.0,"alpha', _changed(25, '1.0,2.0,be"').decode().splitlines()),
        "line 15",
    ),
    "text after a quote": (_changed(15, '1.0,"2" 0,alpha'), "line 15"),
    "backslash before one quote of two": (
        _changed(15, r'1.0,2,"the \"first" one"'),
        "not all quotes inside cells have a backslash",
    ),
    "open quote in a large table": (
        _text([*lines(), '1.0,"2.0,alpha', *(lines(None) * 500)]),
        "line 32",
    ),
    "endless cell": (_changed(8, "1,2," + "x" * 140_000), "line 8, column 'label'"),
    "endless cell in quotes": (_changed(8, '1,2,"' + "x" * 140_000 + '"'), "line 8"),
    "header repeated": (_changed(18, "f1,f2,label"), "line 18"),
    "header repeated, quoted": (
        _text(['"f1","f2","label"', *lines(None), '"f1","f2","label"', *lines(None)]),
        "line 32",
    ),
    "broken UTF-8": (_text(lines("Länge,f2,label")).replace(b"beta", b"bet\xe4", 1), "line 3"),
    "cut UTF-8": (_text(lines()) + b"1,2,\xc3", "line 32"),
    "odd byte": (_text(lines()).replace(b"beta", b"bet\x81", 1), "line 3"),
    "blank line among bare carriage returns": (
        _changed(9, "\n 1,2,beta").replace(b"\n", b"\r"),
        "line 10",
    ),
    "NUL": (_text(lines()).replace(b"beta", b"be\0ta", 1), "line 3"),
    "odd length of UTF-16": ("\n".join(lines()).encode("utf-16")[:-1], "UTF-16"),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(100), "PNG"),
    "JPEG": (b"\xff\xd8\xff\xe0" + bytes(100), "JPEG"),
    "PDF": (b"%PDF-1.7\n" + b"x" * 100, "PDF"),
    "gzip": (gzip.compress(_text(lines())), "gzip"),
    "workbook": (_zip(), "save it as CSV"),
    "old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "save it as CSV"),
    "Parquet": (b"PAR1" + bytes(100), "Parquet"),
    "control characters": (bytes(range(1, 32)) * 50, "binary"),
    "HTML": (b"\n<!DOCTYPE html><html><body>404</body></html>", "HTML"),
    "XML": (b'<?xml version="1.0"?><a/>', "XML"),
    "JSON": (b'[{"a": 1,\n "b": 2}]\n', "JSON"),
    "JSON lines": (b'{"a": 1, "b": 2}\n{"a": 2, "b": 2}\n', "JSON"),
    "ARFF": (b"% weka\n@relation iris\n@attribute a numeric\n@data\n1,2\n", "ARFF"),
    "prose": (
        b"It was a dark night, and nobody, not even I, knew.\nSo we left.\n"
        b"Then, however, it rained; it rained, and rained.\nThe end, as they say.\n" * 5,
        "running text such as 'It was a dark night",
    ),
    "prose in one line": (b"It was a dark night, and nobody, not even I, knew.\n", "running text"),
    "prose in two lines": (b"Dear all,\nplease find the data attached.\n", "running text"),
    "prose with semicolons": (b"We came; we saw; we won.\nThen we left.\n", "running text"),
    "prose with empty lines": (
        b"Dear Sir,\n\nI write to you, as promised, about the table.\n\nYours,\nBob\n",
        "running text such as 'Dear Sir, I write",
    ),
    "prose without commas": (b"This is one sentence.\nHere is another one.\n" * 8, "running text"),
    "sentences in a table": (
        _text(["review,label", *["Great film, loved it.,good", "Not for me.,bad"] * 10]),
        "a cell that holds the separator itself must be in quotes",
    ),
    "a list": (
        _text(["# Things", "", "- one", "- two", "", "and some, with commas, too"]),
        "column",
    ),
    "one column": (_text(["label", *"abc" * 10]), "one column"),
    "unknown separator": (_text([line.replace(",", "^") for line in lines()]), "one column"),
    "one class": (_column(["alpha"]), "'alpha'"),
    "one class and blanks": (_column(["alpha", "", "alpha "]), "'alpha'"),
    "no labels": (_column([""]), "no row has a label"),
    "no labels but signs": (_column(["?", "NA"]), "no row has a label"),
    "own label in each row": (_column([f"id{n}" for n in range(30)]), "own label"),
    "nearly own label in each row": (_column([f"id{n}" for n in range(20)]), "one row only"),
    "quantity": (_column([f"{n}.25" for n in range(22)]), "regression"),
    "nothing to learn from": (
        _text(["id,label"] + [f"x{n},{'ab'[n % 2]}" for n in range(30)]),
        "no column to learn from",
    ),
    "only a copy of the label": (
        _text(["copy,label"] + [f"{n % 2},{'ab'[n % 2]}" for n in range(30)]),
        "no column to learn from",
    ),
    "too many columns": (_text([",".join(["1.5"] * 10_001)] * 12), "10,001 columns"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_a_sentence(case, write):
    content, expected = REFUSED[case]
    path = write(content)
    with pytest.raises(TableError) as caught:
        all_notes(inspect_table(path))
    message = str(caught.value)
    assert expected in message
    assert message[0] != " "
    assert message.rstrip(")").endswith((".", "?"))
    assert "Error" not in message
    assert len(message) < 800


def test_a_folder(tmp_path):
    with pytest.raises(TableError, match="folder"):
        inspect_table(tmp_path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(TableError, match=r"no file 'none\.csv'"):
        inspect_table(tmp_path / "none.csv")


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000])
def test_a_name_that_no_file_can_have(name, tmp_path):
    with pytest.raises(TableError):
        inspect_table(tmp_path / name)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_no_permission(write):
    path = write(lines())
    path.chmod(0)
    with pytest.raises(TableError, match="permission"):
        inspect_table(path)


def test_permission_error_is_a_sentence(write, monkeypatch):
    path = write(lines())

    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "read_bytes", refuse)
    with pytest.raises(TableError, match=r"no permission to read 'table\.csv'"):
        inspect_table(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(TableError, match="ordinary file"):
        inspect_table(tmp_path / "pipe.csv")


def test_plain_text_with_the_ending_of_a_packed_file(write):
    with pytest.raises(TableError, match="rename"):
        inspect_table(write(lines(), name="table.csv.gz"))


def test_target_that_is_not_there_names_a_similar_one(write):
    with pytest.raises(TableError, match="'label'"):
        inspect_table(write(lines())).check_target("labels")


@pytest.mark.parametrize(
    ("features", "expected"),
    [(["f3"], "no column 'f3'"), (["f1", "label"], "is the target"), (["empty"], "no column to")],
)
def test_features_that_cannot_be_used(features, expected, write):
    content = [line + "," for line in lines()]
    content[0] += "empty"
    with pytest.raises(TableError, match=expected):
        inspect_table(write(content)).check_target("label", features)


def test_more_one_hot_columns_than_a_machine_can_bear(write):
    content = ["text,f1,label"] + [f"word {n},{n % 7},{'ab'[n % 2]}" for n in range(6000)]
    table = inspect_table(write(content))
    assert table.ignored("label") == ["text"]
    with pytest.raises(TableError, match="6,000 columns"):
        table.check_target("label", ["text", "f1"])


def test_invisible_characters_of_a_file_name_are_shown(write):
    with pytest.raises(TableError) as caught:
        inspect_table(write(b"", name="a\u202eb\n<b>.csv"))
    assert "\u202e" not in str(caught.value)
    assert "\n" not in str(caught.value)
