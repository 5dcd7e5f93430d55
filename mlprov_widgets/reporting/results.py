"""The results of a run for its report: metrics, classes, confusion matrix, and charts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from mlprov_widgets.comparison.outcome import Outcome
from mlprov_widgets.present.blocks import Block, Chart, DataTable, Paragraph
from mlprov_widgets.record import Value, results
from mlprov_widgets.record.fields import OTHER_PARTS, Vocabulary
from mlprov_widgets.record.story import Story
from mlprov_widgets.wording import format_list, format_number

MAX_METRICS = 60
MAX_CLASSES = 120
MAX_MATRIX = 24
MAX_CHARTS = 6
MAX_ROUNDS = 200

_ENDED = {
    "failed": "A cell failed before there were results.",
    "interrupted": "A person stopped the run before there were results.",
    "unfinished": "The run did not come to its end.",
}


def results_of(story: Story) -> list[Block]:
    """All that the evaluation recorded, then how the training went."""
    record = story.record
    blocks: list[Block] = []
    if record.metrics:
        if story.is_diverged:
            blocks.append(Paragraph("Training diverged before this was measured.", "bad"))
        of_classes = record.metrics, story.class_names, story.vocabulary
        blocks += [_single(story), *by_class(*of_classes), *confusion_matrix(*of_classes)]
    else:
        why = _ENDED.get(record.status, "The record holds no metrics.")
        blocks.append(Paragraph(f"There are no results to report. {why}", "fair"))
    if found := results.single_metrics(story.cross_validated, story.vocabulary):
        blocks.append(_table("Cross-validation", found))
    return [*blocks, *course_of(story)]


def course_of(story: Story, most: int = MAX_CHARTS) -> list[Block]:
    """How the training went: a chart a quantity, or a table of its folds or trials.

    Parameters
    ----------
    story : Story
    most : int
        Charts at most.
    """
    history = Outcome.from_record(story.record).history
    if results.counter_of(history) in ("fold", "trial"):
        # One after the other they are no course of anything.
        return [*_one_by_one(history, story.vocabulary)]
    curves = results.curves(history, story.vocabulary)
    return [Chart(*curve) for curve in islice(curves, most)]


def _one_by_one(history: list[Value], vocabulary: Vocabulary) -> Iterator[DataTable]:
    """What each fold or trial came to, and with which settings."""
    found = results.history_table(history, vocabulary)
    if found is not None:
        left = len(found.rows) - MAX_ROUNDS
        told = [f"{left:,} more are in the record."] if left > 0 else []
        if found.left_columns:
            told.append(f"Columns that only the record has: {found.left_columns:,}.")
        note = " ".join(told)
        yield DataTable(found.title, found.head, found.rows[:MAX_ROUNDS], note, numbers=True)


def _single(story: Story) -> DataTable:
    tested = story.text("model_evaluation", "number_of_predictions")
    about = [f"{tested} predictions" if tested else "", story.measured_on]
    about = [one for one in about if one]
    title = "Metrics of the evaluation" + (f" ({', '.join(about)})" if about else "")
    found = results.single_metrics(story.record.metrics, story.vocabulary)
    remarks = list(results.remarks(story.record.metrics, story.vocabulary))
    others = [one.metric.term for one in found if one.metric.part in OTHER_PARTS]
    if others and story.measured_on:
        remarks.append(f"Not of the {story.measured_on}: {format_list(others, 6)}.")
    return _table(title, found, remarks)


def _table(
    title: str, found: Sequence[results.MetricValue], remarks: Sequence[str] = ()
) -> DataTable:
    rows = [(one.label, one.text, one.recorded) for one in found]
    left = [f"{len(rows) - MAX_METRICS} more are in the record."] if len(rows) > MAX_METRICS else []
    head = ("Metric", "Value", "As recorded")
    return DataTable(title, head, rows[:MAX_METRICS], " ".join([*left, *remarks]), numbers=True)


def by_class(
    metrics: Mapping[str, Value],
    class_names: Sequence[str] = (),
    vocabulary: Vocabulary | None = None,
) -> Iterator[Block]:
    """What is told class by class, as a table; nothing where there is none.

    Parameters
    ----------
    metrics : Mapping
    class_names : sequence of str, optional
        Names of the classes, where they are recorded apart from the metrics.
    vocabulary : Vocabulary, optional
        What the metrics mean; by default as the core knows it.
    """
    table = results.class_table(metrics, class_names, vocabulary)
    if table is None:
        return
    columns = list(table.columns.values())
    rows = [
        (name, *(column[at] for column in columns))
        for at, name in enumerate(table.classes[:MAX_CLASSES])
    ]
    left = len(table.classes) - MAX_CLASSES
    note = f"{left} more classes are in the record." if left > 0 else ""
    yield DataTable("By class", ("Class", *table.columns), rows, note, numbers=True)


def confusion_matrix(
    metrics: Mapping[str, Value],
    class_names: Sequence[str] = (),
    vocabulary: Vocabulary | None = None,
) -> Iterator[Block]:
    """The confusion matrix as a table, a large one in a sentence; parameters as for `by_class`."""
    matrix = results.confusion_matrix(metrics, class_names, vocabulary)
    if matrix is None:
        return
    size = len(matrix.rows)
    if size > MAX_MATRIX:
        right = sum(matrix.rows[row][row] for row in range(size))
        yield Paragraph(
            f"The confusion matrix has {size} rows and is in the record; {format_number(right)} of "
            f"{format_number(sum(map(sum, matrix.rows)))} samples are on its diagonal."
        )
        return
    yield matrix_table(matrix, matrix.label)


def matrix_table(matrix: results.Matrix, title: str) -> DataTable:
    """A confusion matrix as a table whose cells are shaded by their share of the true class."""
    rows = [
        (name, *map(format_number, line))
        for name, line in zip(matrix.classes, matrix.rows, strict=True)
    ]
    shades = []
    for line in matrix.rows:
        total = sum(map(abs, line)) or 1
        shades.append([min(1.0, abs(one) / total) for one in line])
    head = ("true ↓   predicted →", *matrix.classes)
    return DataTable(title, head, rows, shades=shades, numbers=True)
