"""A pack from a stranger: nothing outside its folder is read, and no template runs without end."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mlprov_widgets import generate
from mlprov_widgets.errors import PackError
from mlprov_widgets.notebooks import SourceCell, check_templates, render_cells
from mlprov_widgets.packs import (
    bundled_folder,
    check_values,
    discover_packs,
    find_pack,
    load_pack,
    readable_packs,
)
from tests.cli.commands import mlprov
from tests.packs.test_reading import GOOD

CELL = "060_data_ingestion.py.jinja"
TITLE = "010_title.md.jinja"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "mine" / "tiny"
    folder.mkdir(parents=True)
    (folder / "pack.toml").write_text(GOOD)
    (folder / TITLE).write_text("# {{ title }}\n")
    (folder / CELL).write_text("ROWS = {{ rows }}\n")
    return folder


def rendered(folder: Path) -> list[SourceCell]:
    pack = load_pack(folder)
    return render_cells(pack, check_values(pack, {}).values, "x.ipynb")


# --- links ---


@pytest.mark.parametrize("name", ["pack.toml", "examples.toml", CELL, TITLE, "_part.jinja", "note"])
def test_a_file_that_is_a_link_out_of_the_pack_is_refused(
    folder: Path, tmp_path: Path, name: str
) -> None:
    place = folder / name
    secret = tmp_path / "secret"
    if place.exists():
        place.rename(secret)
    else:
        secret.write_text("")
    place.symlink_to(secret)
    with pytest.raises(PackError, match="is a link that leads out of the folder 'tiny'") as caught:
        load_pack(folder)
    assert caught.value.file == place
    with pytest.raises(PackError, match=name):
        discover_packs([folder.parent])
    assert "tiny" not in readable_packs([folder.parent])


def test_a_link_within_a_pack_is_followed(folder: Path) -> None:
    (folder / "parts").mkdir()
    (folder / CELL).rename(folder / "parts" / "ingestion")
    (folder / CELL).symlink_to(Path("parts", "ingestion"))
    assert rendered(folder)[1].source == "ROWS = 10"


def test_a_pack_or_shared_files_that_are_links_out_of_their_folder_are_refused(
    folder: Path, tmp_path: Path
) -> None:
    packs = tmp_path / "packs"
    packs.mkdir()
    (packs / "tiny").symlink_to(folder)
    with pytest.raises(
        PackError, match="the folder is a link that leads out of the folder 'packs'"
    ):
        discover_packs([packs])
    assert "tiny" not in readable_packs([packs])
    # Who names the link means what it leads to.
    assert discover_packs([packs / "tiny"])["tiny"].folder == folder
    (folder.parent / "_common").symlink_to(bundled_folder() / "_common")
    with pytest.raises(PackError, match="_common: the folder is a link"):
        load_pack(folder)


def test_templates_include_nothing_through_a_link(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    (folder / "way").symlink_to(outside)
    (folder / CELL).write_text('{% include "way/secret.txt" %}\n')
    with pytest.raises(PackError, match=r"outside the folder 'tiny'") as caught:
        rendered(folder)
    assert "secret.txt" in str(caught.value.file)


def test_a_link_that_comes_after_the_pack_was_read_is_refused(folder: Path, tmp_path: Path) -> None:
    pack = load_pack(folder)
    (tmp_path / "secret.txt").write_text("secret")
    (folder / CELL).unlink()
    (folder / CELL).symlink_to(tmp_path / "secret.txt")
    with pytest.raises(PackError, match="leads out of the folder"):
        render_cells(pack, check_values(pack, {}).values, "x.ipynb")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    (folder / CELL).unlink()
    os.mkfifo(folder / CELL)
    with pytest.raises(PackError, match="not an ordinary file"):
        rendered(folder)


# --- size ---


def test_files_that_are_too_large_or_too_many_are_refused(folder: Path) -> None:
    (folder / "_part.jinja").write_text("x" * 200_000)
    (folder / CELL).write_text('{% include "_part.jinja" %}')
    with pytest.raises(PackError, match=r"_part.jinja: the file has more than 100 kB"):
        rendered(folder)
    (folder / CELL).write_text("{# " + "x" * 600_000 + " #}")
    with pytest.raises(PackError, match="more than 500 kB"):
        load_pack(folder)
    (folder / CELL).write_text("1")
    with (folder / "data.bin").open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(PackError, match=r"data.bin: the pack has more than 50 MB"):
        load_pack(folder)
    (folder / "data.bin").unlink()
    (folder / "pack.toml").write_text(GOOD + "#" * 2**20)
    with pytest.raises(PackError, match="too large"):
        load_pack(folder)
    (folder / "pack.toml").write_text(GOOD)
    (folder / "many").mkdir()
    for number in range(2_100):
        (folder / "many" / str(number)).touch()
    with pytest.raises(PackError, match="more than 2,000 files"):
        load_pack(folder)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (".".join("a" * 200_000) + " = 1", "more than 100 dots in one line"),
        ("a = " + "1" * 100_000, "a number in it that is too long"),
        ("a = " + "[" * 100_000, "nested too deeply"),
    ],
)
def test_a_declaration_that_would_take_minutes_to_read_is_refused(
    folder: Path, text: str, words: str
) -> None:
    (folder / "pack.toml").write_text(f"{text}\n{GOOD}")
    with pytest.raises(PackError, match=words) as caught:
        load_pack(folder)
    assert caught.value.file == folder / "pack.toml"


@pytest.mark.parametrize("when", ["1" + "+1" * 3_000, "not " * 3_000 + "rows", "(" * 3_000])
def test_a_condition_that_is_nested_without_measure_is_refused(folder: Path, when: str) -> None:
    text = GOOD.replace('name = "rows"', f'name = "rows"\nwhen = "{when}"')
    (folder / "pack.toml").write_text(text)
    with pytest.raises(PackError, match="at most 1,000 are allowed"):
        load_pack(folder)


# --- templates ---

ENDLESS = {
    "includes itself": f'{{% include "{CELL}" %}}',
    "includes itself twice": f'{{% include "{CELL}" %}}' * 2,
    "includes the other": f'{{% include "{TITLE}" %}}',
    "extends itself": f'{{% extends "{CELL}" %}}',
    "imports itself": f'{{% import "{CELL}" as me %}}',
    "a macro that calls itself": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "a call block that calls itself": "{% macro m() %}{{ caller() }}{% endmacro %}{% macro k() %}"
    "{% call m() %}{{ k() }}{% endcall %}{% endmacro %}{{ k() }}",
    "a block that shows itself": "{% block a %}{{ self.a() }}{% endblock %}",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_includes_or_calls_itself_is_named(folder: Path, name: str) -> None:
    (folder / TITLE).write_text(f'{{% if rows < 0 %}}{{% include "{CELL}" %}}{{% endif %}}')
    if name == "includes the other":
        (folder / TITLE).write_text(f'{{% include "{CELL}" %}}')
    (folder / CELL).write_text(f"\n{ENDLESS[name]}")
    with pytest.raises(PackError, match="includes or calls itself without end") as caught:
        rendered(folder)
    assert caught.value.file in (folder / CELL, folder / TITLE)
    assert caught.value.line in (1, 2)


NESTED = "".join(f"{{% for a{n} in 'abcdefghijklmnopqrstuvwxyz' %}}" for n in range(12))
GIGANTIC = {
    "nested loops": (NESTED + "x" + "{% endfor %}" * 12, "steps"),
    "nested loops that write nothing": (NESTED + "{% endfor %}" * 12, "steps"),
    "a loop that takes nothing": ("{% for a in 'a' * 9000000 if false %}{% endfor %}", "steps"),
    "a macro that doubles": (
        "{% macro m(n) %}{% if n %}{{ m(n-1) }}{{ m(n-1) }}{% endif %}{% endmacro %}{{ m(35) }}",
        "steps|characters",
    ),
    "long text, over and over": (
        "{% for a in 'a' * 9000 %}" + "x" * 50_000 + "{% endfor %}",
        "characters",
    ),
    "long text, kept": (
        "{% set a %}{% for a in 'a' * 9000 %}" + "x" * 50_000 + "{% endfor %}{% endset %}",
        "characters",
    ),
    "a text times a number": ("{{ 'a' * 10**10 }}", "characters"),
    "a number times a list": ("{{ 10**10 * [1] }}", "items"),
    "a power": ("{{ 2 ** 10000000000 }}", "number is too large"),
    "a number that is squared": ("{% set a = rows %}" + "{% set a = a * a %}" * 60, "too large"),
    "a format with %": ('{{ "%1000000000d" % 1 }}', "cannot be formatted"),
    "a format": ('{{ "{:>1000000000}".format(1) }}', "'format' cannot be called"),
    "a text that replaces": ("{{ ('a' * 90000).replace('a', 'b' * 90000) }}", "characters"),
    "a padded text": ("{{ 'a'.ljust(10**10) }}", "'ljust' cannot be called"),
    "a number as bytes": ("{{ rows.to_bytes(10**10) }}", "'to_bytes' cannot be called"),
    "a text that is doubled": ("{% set a = 'a' %}" + "{% set a = a ~ a %}" * 60, "characters"),
    "a sum that is doubled": ("{% set a = 'a' %}" + "{% set a = a + a %}" * 60, "characters"),
    "a list that is doubled": ("{% set a = [1] %}" + "{% set a = a + a %}" * 60, "items"),
    "lists of the same lists": (
        "{% set a = [rows] %}" + "{% set a = [a, a] %}" * 60 + "{{ a }}",
        "items",
    ),
    "arguments of the same arguments": (
        "{% macro m() %}{{ m(varargs, varargs) }}{% endmacro %}{{ m(1) }}",
        "items",
    ),
    "a joined text": ("{{ ('a' * 90000)|join('b' * 90000) }}", "characters"),
    "a joined constant": (
        "{{ '" + "a" * 40_000 + "'|join('" + "b" * 40_000 + "') }}",
        "characters",
    ),
    "a loop that calls itself": (
        "{% for a in [[1]] recursive %}{{ loop(a) }}{% endfor %}",
        "cannot call itself",
    ),
    "nested brackets": ("{{ " + "[" * 9_000 + "]" * 9_000 + " }}", "nested too deeply"),
    "nested conditions": ("{% if 1 %}" * 999 + "{% endif %}" * 999, "nested too deeply"),
    "a long sum": ("{{ 1" + " + 1" * 20_000 + " }}", "nested too deeply"),
    "a long number": ("{{ " + "1" * 50_000 + " }}", "number in it that is too long"),
}


@pytest.mark.parametrize("name", GIGANTIC)
def test_what_would_take_too_much_is_refused(folder: Path, name: str) -> None:
    text, words = GIGANTIC[name]
    (folder / CELL).write_text(text)
    with pytest.raises(PackError, match=words) as caught:
        rendered(folder)
    assert caught.value.file == folder / CELL
    assert "\n" not in str(caught.value)


def test_what_a_template_may_do_it_can(folder: Path) -> None:
    (folder / "_macros.jinja").write_text("{% macro twice(a) %}{{ a }}, {{ a }}{% endmacro %}")
    (folder / CELL).write_text(
        '{% from "_macros.jinja" import twice %}'
        "{% for letter in 'abc' %}{{ loop.index }} of {{ loop.length }}: {{ letter }};{% endfor %}"
        "{% for a, b in {'x': rows}.items() %}{{ a ~ b * 2 }}{% endfor %}"
        " {{ twice(rows) }} {{ 'a b'.split()|join('-') }} {{ 'a_b'.replace('_', ' ') }} "
        "{{ '-' * 20 }} {{ [rows, 2 ** 8] }}"
    )
    assert rendered(folder)[1].source == (
        '1 of 3: "a";2 of 3: "b";3 of 3: "c";"x20" "10, 10" "a-b" "a b" '
        '"--------------------" [10, 256]'
    )


def test_the_file_and_line_of_an_included_template_are_named(folder: Path) -> None:
    (folder / "_part.py.jinja").write_text("\n\n{{ 1 / 0 }}")
    (folder / CELL).write_text('{% include "_part.py.jinja" %}')
    with pytest.raises(PackError, match="division") as caught:
        rendered(folder)
    assert (caught.value.file, caught.value.line) == (folder / "_part.py.jinja", 3)


def test_all_doors_give_one_sentence(folder: Path, tmp_path: Path) -> None:
    (folder / CELL).write_text(ENDLESS["includes itself"])
    with pytest.raises(PackError, match="without end"):
        generate(find_pack(str(folder)), out=tmp_path / "x.ipynb")
    result = mlprov("generate", folder, "-o", tmp_path / "x.ipynb")
    assert result.exit_code != 0
    assert "without end" in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "x.ipynb").exists()


def test_the_bundled_packs_can_be_copied_and_checked(tmp_path: Path) -> None:
    packs = shutil.copytree(bundled_folder(), tmp_path / "packs")
    copies = [pack for pack in discover_packs([packs]).values() if pack.folder.parent == packs]
    assert len(copies) == len(discover_packs())
    for pack in copies:
        check_templates(pack)
