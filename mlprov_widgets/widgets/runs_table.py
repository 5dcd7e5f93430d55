"""All runs of a folder as a table: sorted, filtered, searched, a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets

from mlprov_widgets._files import asset
from mlprov_widgets.errors import MlprovError
from mlprov_widgets.hosting import without_server_paths
from mlprov_widgets.store import Query, RunStore
from mlprov_widgets.store.facts import RunFacts
from mlprov_widgets.store.grouping import BY_COLUMN, RunGroup, sorted_groups, table_of_groups
from mlprov_widgets.store.paging import Page, Row
from mlprov_widgets.store.table import RunColumn, column_of, shared_metrics, table_of
from mlprov_widgets.widgets.guard import guarded
from mlprov_widgets.widgets.markup import banner, folded, note, plain
from mlprov_widgets.widgets.parts import (
    Quiet,
    button,
    classed,
    hbox,
    hide,
    html_widget,
    update,
    vbox,
)
from mlprov_widgets.wording import capitalize, format_count

PAGE, SHORT = 25, 10
_MOST_PROBLEMS = 20
_MOST_REPEATS = 20_000
_MOST_GROUPS = 100
_HINT = "duration < 60 and status == 'finished'"


class _Grid(anywidget.AnyWidget):
    """The table itself; what a person does in it comes back as a message."""

    _esm = asset("widgets/runs_table.js")
    columns = traitlets.List(traitlets.Dict()).tag(sync=True)
    rows = traitlets.List(traitlets.Dict()).tag(sync=True)
    chosen = traitlets.List(traitlets.Unicode()).tag(sync=True)
    choosing = traitlets.Bool(False).tag(sync=True)

    def __repr__(self) -> str:
        return f"Grid({len(self.rows)} rows)"


class RunsTable(Quiet):
    """The runs in a store, a page at a time.

    Parameters
    ----------
    store : RunStore
    opened : callable
        Called with the row that a person opens.
    choosing : bool
        Whether it is there to choose one run, and nothing else.
    compared : callable, optional
        Called with the rows that a person has ticked, to compare them.

    Attributes
    ----------
    where, words : Text
        The condition that runs have to fulfil; words that have to occur in them.
    group_by : Dropdown
        What runs are put together by; then a row is a group, and opening it asks for its runs.
    columns : Text
        What is shown, with commas between; empty for what tells the runs apart.
    grid : _Grid
        What is in sight.
    previous_button, next_button, refresh_button, repeats_button, compare_button : Button
    repeats : HTML
        What runs come to that differ in their seeds alone.
    """

    def __init__(
        self,
        store: RunStore,
        opened: Callable[[Row], None],
        choosing: bool = False,
        compared: Callable[[list[Row]], None] | None = None,
    ) -> None:
        self.store = store
        self._opened = opened
        self._compared = compared
        self._rows = SHORT if choosing else PAGE
        # What is sorted by, and whether downwards: of runs, and of groups of them.
        self._orders = {False: ("started", True), True: ("runs", True)}
        self._pages: list[tuple[object, ...] | None] = [None]
        self._page = Page([])
        self._columns: tuple[RunColumn, ...] = ()
        self._groups: list[RunGroup] = []
        self._choosing = choosing
        guard = guarded(self._say)
        self.message = html_widget("", "mlprov-words")
        self.words = _field("Search", "words anywhere in a run")
        self.where = _field("Where", _HINT)
        self.group_by = _filter(widgets.Dropdown(options=[("nothing", "")], description="Group by"))
        self.columns = _field("Columns", "those that tell the runs apart")
        self.grid = _Grid()
        self.about = html_widget("", "mlprov-said")
        self.notices = html_widget("", "mlprov-said")
        self.previous_button = button("Newer", guard(lambda _: self._turn(-1)))
        self.next_button = button("Older", guard(lambda _: self._turn(1)))
        self.refresh_button = button("Look again", guard(lambda _: self.refresh()))
        for field in (self.words, self.where, self.group_by, self.columns):
            self.on_change(field, guard(lambda _value: self._asked_anew()))
        self.grid.on_msg(self._received)
        self.names = html_widget("", "mlprov-said")
        self.repeats_button = button(
            "Repeats and chance",
            guard(lambda _: self._show_repeats()),
            tooltip="What runs come to that differ in seeds alone, and what is more than chance",
        )
        self.compare_button = button(
            "Compare",
            guard(lambda _: self._compare()),
            tooltip="The runs that are ticked: what differs, which is better, is it chance?",
        )
        self.repeats = html_widget("", "mlprov-repeats")
        self.widget = self._laid_out()
        hide(self.repeats_button, choosing)
        hide(self.compare_button, compared is None)
        guard(self.refresh)()

    def _laid_out(self) -> widgets.Widget:
        filters = hbox([self.words, self.where, self.refresh_button], "mlprov-runs-filters")
        view = hbox([self.group_by, self.columns, self.names], "mlprov-runs-filters")
        hide(view, self._choosing)
        turning = [
            self.about,
            self.compare_button,
            self.repeats_button,
            self.previous_button,
            self.next_button,
        ]
        foot = hbox(turning, "mlprov-actions", "mlprov-runs-foot")
        parts = [filters, view, self.message, self.grid, foot, self.repeats, self.notices]
        return vbox(parts, "mlprov-runs")

    def refresh(self) -> None:
        """Look at the files again, and show the first page.

        Raises
        ------
        MlprovError
            If the index cannot be used.
        """
        told = self.store.refresh()
        items = "".join(note(one, 300) for one in told.problems[:_MOST_PROBLEMS])
        left = len(told.problems) - _MOST_PROBLEMS
        items += note(f"{left:,} more.") if left > 0 else ""
        title = f"{format_count(len(told.problems), 'file')} with something to know"
        update(self.notices, value=folded(title, items) if items else "")
        self._offer_names()
        self._asked_anew()

    def _offer_names(self) -> None:
        names = self.store.names()
        options = [*BY_COLUMN, *self.store.parameters()]
        shown = [("nothing", "")] + [(column_of(one).label, one) for one in options]
        if list(self.group_by.options) != shown:
            chosen = self.group_by.value
            update(self.group_by, options=shown, value=chosen if chosen in options else "")
        listed = note(", ".join(names), 4_000)
        update(self.names, value=folded("Names of columns", listed))

    @property
    def query(self) -> Query:
        """What is asked for now."""
        where, words = self.where.value.strip(), self.words.value.strip()
        return Query(where, words, *self._orders[False])

    @property
    def _is_grouped(self) -> bool:
        return bool(self.group_by.value)

    @property
    def _order(self) -> tuple[str, bool]:
        return self._orders[self._is_grouped]

    @property
    def chosen(self) -> list[int]:
        """The ids of the runs that are ticked."""
        return [int(one) for one in self.grid.chosen]

    # -- what a person does -------------------------------------------------------------------

    def _asked_anew(self) -> None:
        self._pages = [None]
        self._show()

    def _turn(self, by: int) -> None:
        if by > 0 and self._page.following is not None:
            self._pages.append(self._page.following)
        elif by < 0 and len(self._pages) > 1:
            self._pages.pop()
        self._show()

    def _received(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if isinstance(content, dict):
            guarded(self._say)(self._take)(content)

    def _take(self, content: dict[str, Any]) -> None:
        match content:
            case {"kind": "sort", "name": str(name)}:
                self._sort_by(name)
            case {"kind": "open", "id": str(number)} if self._is_grouped:
                self._open_group(number)
            case {"kind": "open", "id": str(number)}:
                self._opened(self._row(number))
            case {"kind": "mark", "id": str(number)}:
                row = self._row(number)
                self.store.note(row, not row.facts.marked, row.facts.note)
                self._show()
            case {"kind": "choose", "id": str(number), "on": bool(on)}:
                self._choose(self._row(number), on)

    def _open_group(self, number: str) -> None:
        """Ask for the runs of one group alone."""
        at = int(number) if number.isdecimal() else -1
        if not 0 <= at < len(self._groups):
            raise MlprovError("run_gone")
        wanted = self._groups[at].condition(self.group_by.value)
        if not wanted:
            raise MlprovError("run_group_not_askable", name=self.group_by.value)
        where = self.where.value.strip()
        update(self.group_by, value="")
        update(self.where, value=f"({where}) and {wanted}" if where else wanted)
        self._asked_anew()

    def _row(self, number: str) -> Row:
        # Only what is in sight can be meant.
        found = next((row for row in self._page.rows if str(row.id) == number), None)
        if found is None:
            raise MlprovError("run_gone")
        return self.store.row(found.id)

    def _sort_by(self, name: str) -> None:
        column = next((one for one in self._columns if one.name == name), None)
        if column is None:
            return
        sort, descends = self._order
        upwards = column.metric is not None and column.metric.direction == "minimize"
        self._orders[self._is_grouped] = (name, not descends if name == sort else not upwards)
        self._asked_anew()

    def _choose(self, row: Row, on: bool) -> None:
        others = [one for one in self.grid.chosen if one != str(row.id)]
        self.grid.chosen = [*others, str(row.id)] if on else others

    def _compare(self) -> None:
        if self._compared is not None:
            self._say("")
            self._compared([self.store.row(number) for number in self.chosen])

    def _show_repeats(self) -> None:
        """Of the runs that are ticked, else of all that are asked for."""
        from mlprov_widgets.present import blocks_to_html
        from mlprov_widgets.store.summary import summary_of

        chosen = set(self.chosen)
        runs = (row.facts for row in self.store.runs(self.query) if not chosen or row.id in chosen)
        html = blocks_to_html(summary_of(islice(runs, _MOST_REPEATS)), "mlprov-sections")
        update(self.repeats, value=f'<div role="status">{without_server_paths(html)}</div>')

    # -- what is shown ------------------------------------------------------------------------

    def _say(self, text: str) -> None:
        update(self.message, value=banner(text))

    def _show(self) -> None:
        self._say("")
        update(self.repeats, value="")
        self._page = self.store.page(self.query, self._rows, self._pages[-1])
        runs = [row.facts for row in self._page.rows]
        self.grid.choosing = self._choosing or self._is_grouped
        for one in (self.columns, self.repeats_button, self.compare_button):
            hide(one, self._is_grouped or self._is_never_shown(one))
        if self._is_grouped:
            self._show_groups(runs)
            return
        table = table_of(runs, self.store.names_in(self.columns.value))
        self._columns = table.columns
        self.grid.columns = [self._head(column) for column in table.columns]
        self.grid.rows = [
            _shown(row, texts) for row, texts in zip(self._page.rows, table.rows, strict=True)
        ]
        update(self.about, value=f'<p role="status">{plain(self._counted())}</p>')
        by_time = self._order == ("started", True)
        update(self.previous_button, description="Newer" if by_time else "Previous")
        update(self.next_button, description="Older" if by_time else "Next")
        self.previous_button.disabled = len(self._pages) == 1
        self.next_button.disabled = self._page.following is None
        several = len(self._pages) > 1 or self._page.following is not None
        for one in (self.previous_button, self.next_button):
            hide(one, not several)

    def _is_never_shown(self, one: widgets.Widget) -> bool:
        return self._choosing or (one is self.compare_button and self._compared is None)

    def _show_groups(self, runs: list[RunFacts]) -> None:
        by = self.group_by.value
        metrics = shared_metrics(runs)
        groups = self.store.groups(by, self.query, metrics, _MOST_GROUPS)
        self._groups = sorted_groups(groups, by, *self._order)
        table = table_of_groups(self._groups, by, metrics, runs)
        self._columns = table.columns
        self.grid.columns = [self._head(column) for column in table.columns]
        self.grid.rows = [
            {
                "id": str(at),
                "name": texts[0],
                "status": "",
                "marked": False,
                "markable": False,
                "about": "Show the runs of this group",
                "cells": [plain(text, 120) for text in texts],
            }
            for at, texts in enumerate(table.rows)
        ]
        most = f" The largest {_MOST_GROUPS} are shown." if len(table.rows) == _MOST_GROUPS else ""
        told = f"{format_count(len(table.rows), 'group')}. Click one to see its runs.{most}"
        update(self.about, value=f'<p role="status">{plain(told)}</p>')
        for one in (self.previous_button, self.next_button):
            hide(one, True)

    def _counted(self) -> str:
        query = self.query
        if not self._page.rows:
            asked = query.where or query.words
            return "No run is like that." if asked else "There are no runs here yet."
        first = 1 + self._rows * (len(self._pages) - 1)
        last = first + len(self._page.rows) - 1
        total = last
        if self._page.following is not None or len(self._pages) > 1:
            total = self.store.count(query)
        if total <= self._rows:
            return f"{format_count(total, 'run')}."
        return f"{first:,} to {last:,} of {format_count(total, 'run')}."

    def _head(self, column: RunColumn) -> dict[str, Any]:
        sort, descends = self._order
        is_sorted = column.name == sort
        better = column.metric.better if column.metric is not None else ""
        return {
            "name": column.name,
            "head": plain(column.head, 60),
            "title": capitalize(better),
            "number": column.kind in ("metric", "number") or column.name == "duration",
            "sorted": ("descending" if descends else "ascending") if is_sorted else "",
        }


def _field(label: str, hint: str) -> widgets.Text:
    return _filter(widgets.Text(description=label, placeholder=hint, continuous_update=False))


def _filter(made: Any) -> Any:
    return classed(made, "mlprov-control", "mlprov-runs-filter")


def _shown(row: Row, texts: tuple[str, ...]) -> dict[str, Any]:
    facts = row.facts
    return {
        "id": str(row.id),  # larger than JavaScript's numbers are exact
        "name": plain(facts.path, 120),
        "status": facts.status.replace(" ", "-"),
        "marked": facts.marked,
        "markable": bool(facts.run_id),
        "about": plain(" · ".join(filter(None, (facts.path, facts.problem, facts.note))), 400),
        "cells": [plain(text, 120) for text in texts],
    }
