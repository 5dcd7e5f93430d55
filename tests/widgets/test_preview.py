"""Cells as HTML: highlighted, marked, escaped."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from mlprov_widgets.notebooks import SourceCell
from mlprov_widgets.widgets.markup import escape, plain
from mlprov_widgets.widgets.preview import MOST_LINES, cell_html, highlighted, prose

ALLOWED = {"section", "h4", "span", "pre", "p", "b", "i", "code"}
NONE: frozenset[int] = frozenset()


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Tags:
    found = Tags()
    found.feed(html)
    return found


def cell(source: str, kind: str = "code") -> SourceCell:
    return SourceCell("040-x", kind, source, "model_parameters", name="040_x")


@given(st.text(max_size=200), st.sampled_from(["code", "markdown"]))
def test_no_source_becomes_markup(source: str, kind: str) -> None:
    found = read(cell_html(cell(source, kind), frozenset({0}), NONE, True))
    assert set(found.tags) <= ALLOWED
    assert found.attributes <= {"class", "data-cell"}


def test_lines_are_marked_one_by_one() -> None:
    html = cell_html(cell('a = 1\nb = """x\ny"""\nc = a'), frozenset({1}), frozenset({3}), False)
    assert html.count("mlprov-marked") == 1
    assert html.count("mlprov-used") == 1
    assert len(highlighted('a = 1\nb = """x\ny"""\nc = a')) == 4
    assert all(line.count("<span") == line.count("</span") for line in highlighted('"""x\ny"""'))


def test_code_is_shown_as_it_is() -> None:
    source = 'for n in range(3):\n    print(f"<{n}>")\n\nn'
    assert "\n".join(read(line).text for line in highlighted(source)) == source


def test_markdown_is_shown_as_prose() -> None:
    lines = prose("## Title\n\n| a | b \\| c |\n|---|---|\nuse `x` \\<b\\>")
    assert lines[0] == "<b>Title</b>"
    assert read(lines[2]).text == "ab | c"
    assert lines[4] == "use <code>x</code> &lt;b&gt;"


def test_thousands_of_lines_are_cut() -> None:
    html = cell_html(cell("\n".join(f"x{n}" for n in range(2000))), NONE, NONE, False)
    assert f"… {2000 - MOST_LINES:,} more lines" in html
    assert len(html) < 40_000


def test_plain_shows_what_cannot_be_seen() -> None:
    assert plain("a\u202eb\u200bc\nd\0") == "a\\u202eb\\u200bc d\\x00"
    assert plain("x" * 300, 10) == "xxxxxxxxx…"
    assert escape('<a href="x">\ud800') == "&lt;a href=&quot;x&quot;&gt;\\ud800"
