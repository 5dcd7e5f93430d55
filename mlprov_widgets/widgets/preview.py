"""The notebook as it would be written, beside the form."""

from __future__ import annotations

import re
from functools import lru_cache

import ipywidgets as widgets

from mlprov_widgets.notebooks import RenderedCell
from mlprov_widgets.widgets.browser import Scroller
from mlprov_widgets.widgets.fields import hide
from mlprov_widgets.widgets.markup import escape
from mlprov_widgets.widgets.state import WizardState

_HEADING = re.compile(r"#{1,6} (.*)")
_RULE = re.compile(r"\|[-:| ]+\|$")
_BAR = re.compile(r"(?<!\\)\|")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_CODE = re.compile(r"`([^`]+)`")
# A list of thousands of feature names is not read line by line.
MOST_LINES = 300


class Preview:
    """All cells in order; only those that a change has touched are sent again."""

    def __init__(self) -> None:
        self.head = widgets.HTML()
        self.head.add_class("mlprov-preview-head")
        self.cells = widgets.VBox()
        self.cells.add_class("mlprov-cells")
        self._scroller = Scroller()
        self.widget = widgets.VBox([self.head, self.cells, self._scroller])
        self.widget.add_class("mlprov-preview")
        self._of_cell: dict[str, widgets.HTML] = {}
        self._shown: dict[str, str] = {}
        self._pack: object = None
        self._page = ""
        self._marks: object = None

    def show(self, state: WizardState) -> None:
        """Bring the preview up to date with the state."""
        if state.pack is not self._pack:
            self._pack = state.pack
            # One place for every template, so that a cell that comes or goes moves no other.
            names = [cell.name.replace("_", "-") for cell in state.pack.cells]
            self._of_cell = {name: widgets.HTML() for name in names}
            self._shown = dict.fromkeys(names, "")
            self.cells.children = tuple(self._of_cell.values())
        steps = set(state.stop(state.page).steps)
        now = {cell.id: cell for cell in state.cells}
        first, step = "", ""
        for name, place in self._of_cell.items():
            cell = now.get(name)
            html = ""
            if cell is not None:
                own = cell.step in steps
                first = first or (name if own else "")
                marks = state.marks.get(name, frozenset())
                uses = state.uses.get(name, frozenset())
                html = cell_html(cell, marks, uses, own, cell.step != step)
                step = cell.step
            if html != self._shown[name]:
                place.value = self._shown[name] = html
                hide(place, not html)
        head = _head(len(state.cells), state.file_name, state.render_problem)
        if head != self.head.value:
            self.head.value = head
        if state.page != self._page:
            self._page = state.page
            if first:
                self._scroller.to(first)
        elif state.marks and state.marks is not self._marks:
            self._scroller.to_marks()
        self._marks = state.marks

    def to_head(self) -> None:
        """Bring the head of the form beside it into sight."""
        self._scroller.to_head()


def _head(count: int, name: str, problem: str) -> str:
    error = f'<p class="mlprov-error">{escape(problem, 600)}</p>' if problem else ""
    return (
        f'<div><h3>Preview</h3><span class="mlprov-file">{escape(name, 60)}</span>'
        f"<span>{count} cells</span></div>{error}"
    )


@lru_cache(maxsize=512)
def cell_html(
    cell: RenderedCell,
    marks: frozenset[int],
    uses: frozenset[int],
    own: bool,
    opens_step: bool = True,
) -> str:
    """One cell as HTML.

    Parameters
    ----------
    cell : RenderedCell
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
    more = len(lines) - MOST_LINES
    rest = f"<p>… {more:,} more lines</p>" if more > 0 else ""
    heading = ""
    if opens_step:
        place = cell.name.partition("_")[0]
        title = escape(cell.step.replace("_", " ").capitalize())
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
    html = escape(_ESCAPED.sub(r"\1", text), 2000)
    return _CODE.sub(r"<code>\1</code>", html)
