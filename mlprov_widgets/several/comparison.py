"""Several runs compared: the answer first, then only what differs, then everything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import Any, NamedTuple

from mlprov_widgets.errors import MlprovError
from mlprov_widgets.present import blocks_to_text, to_html, to_markdown
from mlprov_widgets.present.blocks import Page, Paragraph
from mlprov_widgets.record import Record
from mlprov_widgets.record.fields import Metric
from mlprov_widgets.several.answer import Answer, answer_of, on_the_same_data
from mlprov_widgets.several.code import CodeComparison, compared_code, representative
from mlprov_widgets.several.columns import Column, columns_of, configurations_of
from mlprov_widgets.several.fields import FieldRow, field_rows
from mlprov_widgets.several.metrics import (
    MetricRow,
    metric_in,
    metric_rows,
    names_in,
    part_of,
)
from mlprov_widgets.several.runs import ComparedRun, gathered
from mlprov_widgets.store.table import shared_metrics


class Pair(NamedTuple):
    """Two runs whose graphs are shown as one, with their letters and their names."""

    first: Record
    second: Record
    one: str
    two: str
    first_name: str
    second_name: str


@dataclass(frozen=True)
class RunComparison:
    """Several runs beside each other; it holds what is said, the forms only draw it.

    Parameters
    ----------
    runs : tuple of ComparedRun
    configurations : tuple of Column
        The runs put together by what was configured, the best first.
    columns : tuple of Column
        What stands beside each other: runs, or where there are many, configurations.
    metric : str
        What it is judged by; empty where no two runs have a metric in common.
    answer : Answer
        Which is better, and whether that is more than chance.
    problems : list of str
        Files that were passed over, and why.
    """

    runs: tuple[ComparedRun, ...]
    configurations: tuple[Column, ...]
    columns: tuple[Column, ...]
    metric: str
    answer: Answer
    problems: list[str] = field(default_factory=list)

    @cached_property
    def fields(self) -> list[FieldRow]:
        """All that is known of the runs, a value for each."""
        return field_rows(self.runs)

    @cached_property
    def metric_names(self) -> list[str]:
        """The metrics that any of the runs has, those first that most are told by."""
        return names_in(self.runs)

    @cached_property
    def metrics(self) -> list[MetricRow]:
        """What each column came to, metric by metric."""
        return metric_rows(self.columns, self.configurations, self.metric_names)

    @cached_property
    def code(self) -> CodeComparison:
        """How the code differs, cell by cell."""
        return compared_code(self.columns)

    @property
    def known_metric(self) -> Metric:
        """The metric that it is judged by, as the runs declare it."""
        return metric_in(self.metric, self.runs)

    @property
    def part(self) -> str:
        """On which rows that was measured, in words; empty where that is not recorded."""
        return part_of(self.metric, [run for run in self.runs if self.metric in run.facts.metrics])

    @property
    def pair(self) -> Pair | None:
        """A run of each of two columns; None where there are not just two, or not both records."""
        if len(self.columns) != 2:
            return None
        one, two = self.columns
        first = one.runs[0]
        second = representative(two, first)
        if first.record is None or second.record is None:
            return None
        return Pair(first.record, second.record, one.key, two.key, first.name, second.name)

    @cached_property
    def places(self) -> dict[int, int]:
        """The number of each run, by the id of the object."""
        return {id(run): at for at, run in enumerate(self.runs)}

    def place(self, run: ComparedRun) -> int:
        """The number of a run in `runs`, and so of its value in `fields`.

        Parameters
        ----------
        run : ComparedRun

        Returns
        -------
        int
        """
        return self.places[id(run)]

    @cached_property
    def page(self) -> Page:
        """The whole as blocks of plain text."""
        from mlprov_widgets.several.document import page_of

        return page_of(self)

    def judged_by(self, metric: str) -> RunComparison:
        """The same runs, judged by another metric.

        Parameters
        ----------
        metric : str

        Returns
        -------
        RunComparison

        Raises
        ------
        MlprovError
            If none of the runs has it.
        """
        return compared_runs(self.runs, self.problems, metric)

    def to_html(self) -> str:
        """A whole page: one file, without scripts and without anything from elsewhere."""
        return to_html(self.page)

    def to_element(self) -> str:
        """The same as an element for a notebook."""
        return to_html(self.page, whole=False)

    def to_markdown(self) -> str:
        """The same as Markdown with tables."""
        return to_markdown(self.page)

    def to_text(self) -> str:
        """The same for a terminal, without what is equal."""
        from mlprov_widgets.several.document import text_sections

        parts = [blocks_to_text([Paragraph(self.page.title)])]
        for section in text_sections(self.page):
            parts.append(f"== {section.title} ==\n\n{blocks_to_text(section.blocks)}")
        return "\n\n".join(part for part in parts if part)

    def to_csv(self) -> str:
        """A table of fields by runs; no text in it is taken for a formula by a spreadsheet."""
        from mlprov_widgets.several.tables import csv_of

        return csv_of(self)

    def to_dict(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        from mlprov_widgets.several.tables import plain_of

        return plain_of(self)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"<RunComparison: {self.page.title}>"

    def _repr_html_(self) -> str:
        return self.to_element()


def compare_runs(*sources: Any, metric: str = "") -> RunComparison:
    """What differs between runs, which of them is better, and whether that is more than chance.

    Parameters
    ----------
    *sources : path, Record, finished run, row of a store, RunStore, or several of them
        A record or a notebook that was run, or a folder, whose runs count with those below it.
    metric : str, optional
        What they are judged by; by default the one that most of them are told by first.

    Returns
    -------
    RunComparison

    Raises
    ------
    MlprovError
        If there are not two runs, or none has the metric.
    MissingPackageError
        If SciPy is not installed.
    """
    found = gathered(sources)
    return compared_runs(found.runs, found.problems, metric)


def compared_runs(
    runs: Iterable[ComparedRun], problems: Iterable[str] = (), metric: str = ""
) -> RunComparison:
    """The same of runs that have been read; errors as of `compare_runs`."""
    every = list(runs)
    names = names_in(every)
    if metric and metric not in names:
        near = get_close_matches(metric, names, 1)
        raise MlprovError("compare_metric_unknown", metric=metric, near=near)
    metric = metric or _usual(on_the_same_data(every)[0] or every)
    configurations = configurations_of(every, metric)
    columns = columns_of(configurations)
    ordered = tuple(run for one in configurations for run in one.runs)
    answer = answer_of(configurations, metric)
    return RunComparison(
        ordered, tuple(configurations), tuple(columns), metric, answer, list(problems)
    )


def _usual(runs: list[ComparedRun]) -> str:
    """The metric that most of the runs are told by first."""
    ended = [run.facts for run in runs if run.facts.status == "finished"]
    return next(iter(shared_metrics(ended)), "")
