"""What parts the cells of a table, what stands around them, and bytes that are broken."""

from __future__ import annotations

import re

import pytest

from mlprov_widgets.errors import TableError
from mlprov_widgets.tables import inspect_table
from tests.tables.generated import assert_reads_the_same, source_of_reading
from tests.tables.made_tables import lines, numbered, rows

# Content, the names that are found, and what the notebook's call has to say.
SEPARATORS = {
    "bars in text": (
        numbered("unit,partner,x,label", "MIO | Million {n},EXT | Out | side,{x},{label}"),
        ["unit", "partner", "x", "label"],
        "",
    ),
    "bars in all columns but one": (
        numbered("unit,kind,x,label", "a | b {n},c | d | e,{x},{label} | x"),
        ["unit", "kind", "x", "label"],
        "",
    ),
    "semicolons in text": (
        numbered("tags,x,label", "red; blue; {n},{x},{label}"),
        ["tags", "x", "label"],
        "",
    ),
    "commas in text, semicolons between": (
        numbered("note;x;label", "one, two, {n};{x};{label}"),
        ["note", "x", "label"],
        'sep=";"',
    ),
    "commas in text, tabs between": (
        numbered("note\tx\tlabel", "one, two, {n}\t{x}\t{label}"),
        ["note", "x", "label"],
        'sep="\\t"',
    ),
    "commas in text, bars between": (
        numbered("note|x|label", "one, two, {n}|{x}|{label}"),
        ["note", "x", "label"],
        'sep="|"',
    ),
    "a decimal comma in each row": (
        [line.replace(".", ",") for line in numbered("x;label", "{x};{label}")],
        ["x", "label"],
        'sep=";"',
    ),
    "a title with a comma above semicolons": (
        ["Sales, Europe", *numbered("note;x;label", "a, {n};{x};{label}")],
        ["note", "x", "label"],
        "skiprows=1",
    ),
    "commas in text, blanks between": (
        numbered("name age label", "Smith,{n} {x} {label}"),
        ["name", "age", "label"],
        'sep="\\\\s+"',
    ),
    "words alone, blanks between": (
        numbered("name town x label", "Smith{n} in,{n} {x} {label}"),
        ["name", "town", "x", "label"],
        'sep="\\\\s+"',
    ),
    "blanks in text": (
        numbered("a b,x,label", "12 {n} 5 6,{x},{label}"),
        ["a b", "x", "label"],
        "",
    ),
}


@pytest.mark.parametrize("case", SEPARATORS)
def test_the_separator_is_what_splits_the_header(case, write):
    content, names, said = SEPARATORS[case]
    path = write(content)
    assert inspect_table(path).names == names
    assert said in source_of_reading(path, target_column="label")
    assert_reads_the_same(path, target_column="label")


QUOTED = {
    "single quotes, one cell with the separator": (
        numbered("size,kind,label", "{x},'a, b{n}','{label}'"),
        [("kind", "a, b0"), ("label", "red")],
        'quotechar="\'"',
    ),
    "single quotes without need": (
        numbered("size,kind,label", "{x},{n},'{label}'"),
        [("label", "red")],
        'quotechar="\'"',
    ),
    "single quotes only where they are needed": (
        [
            line.replace("'one'", "one")
            for line in numbered("size,kind,label", "{x},'{n}, b',{label}")[:30]
        ]
        + numbered("size,kind,label", "{x},{n},{label}")[30:],
        [("kind", "0, b"), ("label", "red")],
        'quotechar="\'"',
    ),
    "single quotes in the header alone": (
        numbered("'size','kind','label'", "{x},{n},{label}"),
        [("size", "0.0"), ("label", "red")],
        'quotechar="\'"',
    ),
    "single quotes everywhere, doubled inside": (
        numbered("'size';'kind';'label'", "'{x}';'it''s; {n}';'{label}'"),
        [("kind", "it's; 0"), ("label", "red")],
        'quotechar="\'"',
    ),
    "single quotes far below": (
        [*numbered("size,kind,label", "{x},{n},{label}", 600), "1.5,'far, below',red"],
        [("kind", "0"), ("label", "red")],
        'quotechar="\'"',
    ),
    "single quotes between blanks": (
        numbered("'how large' kind label", "{x} 'a b {n}' '{label}'"),
        [("kind", "a b 0"), ("label", "red")],
        'quotechar="\'"',
    ),
    "double quotes inside the header": (
        numbered('"size ""inner""",kind,label', "{x},{n},{label}"),
        [('size "inner"', "0.0"), ("label", "red")],
        "",
    ),
    "apostrophes are letters": (
        numbered("size,kind,label", "{x},it's 'tis {n},{label}"),
        [("kind", "it's 'tis 0"), ("label", "red")],
        "",
    ),
    "backslash before quotes": (
        numbered("x,remark,label", '{x},"said \\"ok{n}\\" then, left",{label}'),
        [("remark", 'said "ok0" then, left'), ("label", "red")],
        'escapechar="\\\\"',
    ),
    "backslash before a quote and a separator in each row": (
        numbered("x,remark,label", '{x},"{n}\\", wide",{label}'),
        [("remark", '0", wide'), ("label", "red")],
        'escapechar="\\\\"',
    ),
    "backslash before separators without quotes": (
        numbered("x,remark,label", "{x},one\\, two {n},{label}"),
        [("remark", "one, two 0"), ("label", "red")],
        'escapechar="\\\\"',
    ),
    "backslash before quotes, far below": (
        [*numbered("x,remark,label", '{x},"plain {n}",{label}', 600), '1.5,"a \\"b\\" c",red'],
        [("remark", "plain 0"), ("label", "red")],
        'escapechar="\\\\"',
    ),
    "a path that ends in a backslash": (
        numbered("x,path,label", '{x},"C:\\dir{n}\\",{label}'),
        [("path", "C:\\dir0\\"), ("label", "red")],
        "",
    ),
}


@pytest.mark.parametrize("case", QUOTED)
def test_quotes_are_quoting_and_not_part_of_a_cell(case, write):
    content, first, said = QUOTED[case]
    path = write(content)
    source = source_of_reading(path, target_column="label")
    assert said in source
    assert said or not re.search("quotechar|escapechar", source)
    names = assert_reads_the_same(path, target_column="label")
    for column, value in first:
        assert str(names["table"][column].iloc[0]) == value


@pytest.mark.parametrize("remark", ['"a \\"b\\" {n}"', '"a {n}"', "a{n}"])
def test_a_null_of_a_database_is_missing_however_quotes_are_written(remark, write):
    content = numbered("x,remark,label", "{x}," + remark + ",{label}")
    content[5::9] = ["\\N,\\N,red"] * len(content[5::9])
    path = write(content)
    table = inspect_table(path)
    assert table.column("x").kind == "number"
    assert table.column("x").missing == table.column("remark").missing == len(content[5::9])
    assert_reads_the_same(path)


def test_a_null_of_a_database_beside_the_letter_is_refused_with_a_way_out(write):
    content = numbered("x,remark,label", '{x},"a \\"b\\" {n}",N')
    content[7] = "\\N,b,Y"
    with pytest.raises(TableError, match=r"Line 8: \\N stands for .* leave the cells of \\N empty"):
        inspect_table(write(content))


@pytest.mark.parametrize(
    ("start", "bad", "encoding"),
    [
        (b"\xef\xbb\xbf", b"\xa0", "UTF-8"),
        (b"\xef\xbb\xbf", b"\xe9", "UTF-8"),
        (b"\xef\xbb\xbf", b"\x81", "UTF-8"),
        (b"\xef\xbb\xbf", b"\x85", "UTF-8"),
        ("Länge,".encode(), b"\xa0", "UTF-8"),
        ("Länge,".encode(), b"\xf6", "UTF-8"),
    ],
)
def test_a_broken_byte_is_named_with_its_line(start, bad, encoding, write):
    header = b"note,label" if start.startswith(b"\xef") else b"label"
    body = [
        f"{n},naïve{n},{'ab'[n % 2]}" if header == b"note,label" else f"{n},x" for n in range(900)
    ]
    if header == b"note,label":
        header = b"x,note,label"
    data = start + b"\n".join([header, *(line.encode() for line in body)])
    data = data.replace(b"\n700,", b"\n7" + bad + b"0,")
    with pytest.raises(TableError) as caught:
        inspect_table(write(data))
    assert f"line 702: the byte 0x{bad[0]:02x} is not valid {encoding}" in str(caught.value)


def test_a_broken_half_of_a_character_in_utf_16_is_named_with_its_line(write):
    data = (
        "\n".join(lines())
        .encode("utf-16-le")
        .replace("beta".encode("utf-16-le"), b"b\0\0\xd8a\0", 1)
    )
    with pytest.raises(TableError, match="line 3: the byte 0x00 is not valid UTF-16"):
        inspect_table(write(b"\xff\xfe" + data))


def test_a_plain_table_is_still_read_in_one_line(write):
    source = source_of_reading(write(lines()))
    assert 'table = pd.read_csv(CSV_PATH, dtype={TARGET_COLUMN: "str"})' in source
    assert rows()[0][0] in lines()[1]
