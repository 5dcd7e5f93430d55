"""The notebook as it would be written, beside the form."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import ipywidgets as widgets

from mlprov_widgets.widgets.markup import escape, escape_code, more_lines, paragraph
from mlprov_widgets.widgets.parts import hide, html_widget, update, vbox
from mlprov_widgets.widgets.state import WizardState
from mlprov_widgets.wording import capitalize, format_count, humanize

if TYPE_CHECKING:
    from mlprov_widgets.notebooks import SourceCell
    from mlprov_widgets.widgets.browser import Scroller

_HEADING = re.compile(r"#{1,6} (.*)")
_RULE = re.compile(r"\|[-:| ]+\|$")
_BAR = re.compile(r"(?<!\\)\|")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_CODE = re.compile(r"`([^`]+)`")
# A list of thousands of feature names is not read line by line.
MOST_LINES = 300


class Preview:
    """All cells in order; only those that a change has touched are sent again.

    Attributes
    ----------
    places : dict of str to HTML
        Where each cell of the pack is shown, by the cell's id; empty where there is none now.
    """

    def __init__(self) -> None:
        self.head = html_widget("", "mlprov-preview-head")
        self.cells = vbox((), "mlprov-cells")
        self.widget = vbox([self.head, self.cells], "mlprov-preview")
        self.places: dict[str, widgets.HTML] = {}
        self._pack: object = None
        self._page = ""
        self._marks: object = None

    @cached_property
    def scroller(self) -> Scroller:
        """Brings into sight what has changed; loaded with what it scrolls."""
        from mlprov_widgets.widgets.browser import Scroller

        scroller = Scroller()
        self.widget.children += (scroller,)
        return scroller

    def show(self, state: WizardState) -> None:
        """Bring the preview up to date with the state."""
        if state.pack is not self._pack:
            self._pack = state.pack
            # One place for every template, so that a cell that comes or goes moves no other.
            names = [cell.name.replace("_", "-") for cell in state.pack.cells]
            self.places = {name: html_widget() for name in names}
            self.cells.children = tuple(self.places.values())
        steps = set(state.page_called(state.page).steps)
        now = {cell.id: cell for cell in state.rendered.cells}
        first, step = "", ""
        for name, place in self.places.items():
            cell = now.get(name)
            html = ""
            if cell is not None:
                own = cell.step in steps
                first = first or (name if own else "")
                marks = state.rendered.marks.get(name, frozenset())
                uses = state.rendered.uses.get(name, frozenset())
                html = cell_html(cell, marks, uses, own, cell.step != step)
                step = cell.step
            if html != place.value:
                place.value = html
                hide(place, not html)
        head = _head(len(state.rendered.cells), state.file_name, state.rendered.problem)
        update(self.head, value=head)
        if state.page != self._page:
            self._page = state.page
            if first:
                self.scroller.to(first)
            else:
                self.scroller.to_head()
        elif state.rendered.marks and state.rendered.marks is not self._marks:
            self.scroller.to_marks()
        self._marks = state.rendered.marks

    def to_head(self) -> None:
        """Bring the head of the form beside it into sight."""
        self.scroller.to_head()


def _head(count: int, name: str, problem: str) -> str:
    return (
        f'<div><h3>Preview</h3><span class="mlprov-file">{escape(name, 60)}</span>'
        f"<span>{format_count(count, 'cell')}</span></div>{paragraph(problem, 'mlprov-error')}"
    )


@lru_cache(maxsize=512)
def cell_html(
    cell: SourceCell,
    marks: frozenset[int],
    uses: frozenset[int],
    own: bool,
    opens_step: bool = True,
) -> str:
    """One cell as HTML.

    Parameters
    ----------
    cell : SourceCell
    marks : frozenset of int
        Numbers, from 0, of the lines that the last change touched.
    uses : frozenset of int
        Of the lines that use a constant whose value it changed.
    own : bool
        Whether it belongs to the page that is shown.
    opens_step : bool
        Whether it is the first of its step, and gets the step's name as a heading.

    Returns
    -------
    str
    """
    lines = highlighted(cell.source) if cell.kind == "code" else prose(cell.source)
    parts = []
    for number, line in enumerate(lines[:MOST_LINES]):
        mark = ' class="mlprov-used"' if number in uses else ""
        mark = ' class="mlprov-marked"' if number in marks else mark
        parts.append(f"<span{mark}>{line or ' '}</span>")
    rest = more_lines(len(lines) - MOST_LINES)
    heading = ""
    if opens_step:
        place = cell.name.partition("_")[0]
        title = escape(capitalize(humanize(cell.step)))
        heading = f"<h4><span>{escape(place)}</span>{title}</h4>"
    kinds = f"mlprov-cell mlprov-{cell.kind}{' mlprov-own' if own else ''}"
    return (
        f'<section class="{kinds}" data-cell="{escape(cell.id)}">{heading}'
        f"<pre>{''.join(parts)}</pre>{rest}</section>"
    )


@lru_cache(maxsize=256)
def highlighted(source: str) -> tuple[str, ...]:
    """Lines of Python with their syntax marked by classes whose names begin with ``mp-``."""
    from pygments import highlight
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers.python import PythonLexer

    text = source.encode("utf-8", "backslashreplace").decode()
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    done = highlight(text, lexer, HtmlFormatter(nowrap=True, classprefix="mp-"))
    return tuple(done.rstrip("\n").split("\n"))


@lru_cache(maxsize=128)
def prose(source: str) -> tuple[str, ...]:
    """Lines of Markdown, one HTML text each: headings, rows of a table, code, and plain text."""
    return tuple(_prose_line(line) for line in source.split("\n"))


def _prose_line(line: str) -> str:
    if found := _HEADING.match(line):
        return f"<b>{_inline(found[1])}</b>"
    if _RULE.match(line):
        return '<i class="mlprov-none"></i>'
    if line.startswith("|") and line.endswith("|"):
        cells = _BAR.split(line.strip()[1:-1])
        return "".join(f'<i class="mlprov-pair">{_inline(cell.strip())}</i>' for cell in cells)
    return _inline(line)


def _inline(text: str) -> str:
    html = escape_code(_ESCAPED.sub(r"\1", text))
    return _CODE.sub(r"<code>\1</code>", html)
