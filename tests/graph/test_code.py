"""Source code keeps every character, and what is hidden in it is seen."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlprov_widgets.graph.details.code import MAX_CODE, difference, tokens
from mlprov_widgets.wording import visible
from tests.work import growth


def text(pieces: list[tuple[str, str]]) -> str:
    return "".join(piece for _, piece in pieces)


def test_code_is_coloured() -> None:
    found = tokens('def f(x):\n    return x + 1  # sum\nprint("a")\n')
    assert ("k", "def") in found
    assert ("nf", "f") in found
    assert ("mi", "1") in found
    assert ("c1", "# sum") in found
    assert all(first != second for (first, _), (second, _) in pairwise(found))


@pytest.mark.parametrize("language", ["python", "markdown", "no such language"])
@given(source=st.text(max_size=200))
def test_no_character_is_lost(language: str, source: str) -> None:
    shown = visible(source.replace("\r\n", "\n").replace("\r", "\n"))
    assert text(tokens(source, language)) == shown


def test_what_is_hidden_is_seen() -> None:
    found = text(tokens("if admin\u202e: pass\x08\ud800"))
    assert found == "if admin\\u202e: pass\\x08\\ud800"


def test_long_code_is_cut_and_says_so() -> None:
    found = text(tokens("x = 1\n" * 10_000))
    assert found.endswith("… 40,000 more characters are in the file")
    assert len(found) < MAX_CODE + 100


@pytest.mark.parametrize("char", ["(", "'", "\\", "a"])
def test_code_that_nobody_writes_is_no_more_work_than_other_code(char: str) -> None:
    assert growth(tokens, lambda size: char * size, 500) < 2.2
    assert tokens(char * 20_000)


def test_changes_are_told_line_by_line() -> None:
    before = "a = 1\nb = 2\nc = 3\n"
    after = "a = 1\nb = 20\nc = 3\nd = 4"
    assert difference(before, after) == [
        (" ", "a = 1"),
        ("-", "b = 2"),
        ("+", "b = 20"),
        (" ", "c = 3"),
        ("+", "d = 4"),
    ]


@given(st.text(alphabet="ab\n", max_size=40), st.text(alphabet="ab\n", max_size=40))
def test_both_versions_are_in_the_changes(before: str, after: str) -> None:
    found = difference(before, after)
    assert "\n".join(line for mark, line in found if mark != "+") == before.rstrip()
    assert "\n".join(line for mark, line in found if mark != "-") == after.rstrip()


def test_changes_of_thousands_of_lines_are_not_looked_for_in_pairs() -> None:
    def texts(size: int) -> tuple[str, str]:
        return "a\nb\n" * size, "b\nc\n" * size

    assert growth(lambda two: difference(*two), texts, 2000) < 2.2
    assert {mark for mark, _ in difference(*texts(4000))} <= {" ", "+", "-"}
