"""Which lines of a text a change has touched."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlprov_widgets.widgets.rendered import changed_lines, lines_with
from tests.work import growth

LINES = st.lists(st.sampled_from(["a = 1", "b = 2", "", "c = 3", "d"]), max_size=12)


def test_only_what_differs_is_marked() -> None:
    assert changed_lines("a\nb\nc", "a\nB\nc") == {1}
    assert changed_lines("a\nc", "a\nb\nc") == {1}
    assert changed_lines("a\nb\nc", "a\nc") == frozenset()
    assert changed_lines("", "a\nb") == {0, 1}
    assert changed_lines("a", "") == frozenset()


@given(LINES, LINES)
def test_what_is_not_marked_was_there_before_in_this_order(old: list[str], new: list[str]) -> None:
    marked = changed_lines("\n".join(old), "\n".join(new))
    assert all(0 <= number < len(new) for number in marked)
    rest = iter(old)
    kept = [line for number, line in enumerate("\n".join(new).splitlines()) if number not in marked]
    assert all(line in rest for line in kept)


def test_thousands_of_lines_are_not_looked_at_in_pairs() -> None:
    def texts(size: int) -> list[str]:
        return ["\n".join(f"{name}{n}" for n in range(size)) for name in "xy"]

    assert len(changed_lines(*texts(5000))) == 5000
    assert growth(lambda two: changed_lines(*two), texts, 1000) < 2.2


def test_names_are_found_as_words() -> None:
    source = "EPOCHS = 3\nMORE_EPOCHS = 4\nrange(EPOCHS)"
    assert lines_with(["EPOCHS"], source) == {0, 2}
    assert lines_with([], source) == frozenset()
