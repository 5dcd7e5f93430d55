"""What the commands print: results for standard output, the rest for standard error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from mlprov_widgets.errors import ExecutionError, NotSavedError
from mlprov_widgets.notebooks.formats.ipynb import step_of
from mlprov_widgets.wording import format_number, visible

if TYPE_CHECKING:
    from mlprov_widgets.notebooks.results import ExecutionResult
    from mlprov_widgets.rebuild import EditedCell
    from mlprov_widgets.record import Record


def print_json(value: Any) -> None:
    """Strict JSON on standard output."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False, default=str)
    # What a terminal would act upon is written as JSON's escapes: it stays the same JSON.
    click.echo(
        "".join(
            char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1] for char in text
        )
    )


def cell_name(cell: Any) -> str:
    """What a cell is called in the progress: its step and the first line that is code."""
    step = step_of(cell).replace("_", " ")
    lines = [line.strip() for line in cell.source.split("\n") if line.strip()]
    line = next((line for line in lines if not line.startswith(("#", "%"))), lines[0])
    name = visible(f"{step}: {line}" if step else line)
    return name if len(name) <= 60 else name[:59] + "…"


def result_facts(
    result: ExecutionResult, error: ExecutionError | NotSavedError | None
) -> dict[str, Any]:
    """How a run ended, as plain JSON values."""
    from mlprov_widgets.comparison.json_numbers import jsonable

    facts: dict[str, Any] = {
        "notebook": str(result.notebook) if result.notebook else None,
        "status": result.status,
        "provenance_file": str(result.provenance_file) if result.provenance_file else None,
        "metrics": jsonable(result.metrics),
        "to_know": to_know(result),
        "duration": round(result.duration, 3),
        "problems": result.problems,
    }
    if isinstance(error, ExecutionError):
        facts["error"] = {
            "message": str(error),
            "cell": error.cell,
            "source": error.source,
            "traceback": error.traceback,
        }
    return facts


def print_result(
    result: ExecutionResult, error: ExecutionError | NotSavedError | None = None
) -> None:
    """The files and the metrics of a run, one a line; of a cell that failed, the metrics alone."""
    if not isinstance(error, ExecutionError):
        click.echo(f"notebook: {result.notebook or 'was not saved'}")
        click.echo(f"provenance: {result.provenance_file or 'none was written'}")
    for line in _metric_lines(result):
        click.echo(line)


def _metric_lines(result: ExecutionResult) -> Iterator[str]:
    from mlprov_widgets.record.fields import vocabulary_of
    from mlprov_widgets.record.results import class_table, confusion_matrix, single_metrics

    record, metrics = _record_of(result), result.metrics
    known = vocabulary_of(record) if record else None
    for one in single_metrics(metrics, known):
        yield f"{one.metric.term}: {one.text}"
    if table := class_table(metrics, vocabulary=known):
        for label, texts in table.columns.items():
            of_classes = zip(table.classes, texts, strict=True)
            yield f"{label} per class: {', '.join(' '.join(one) for one in of_classes)}"
    if matrix := confusion_matrix(metrics, vocabulary=known):
        yield "confusion matrix, rows are the true classes:"
        for name, row in zip(matrix.classes, matrix.rows, strict=True):
            yield f"  {name}: {' '.join(format_number(one) for one in row)}"


def to_know(result: ExecutionResult) -> list[str]:
    """What has to be known before the metrics of a run are believed, a sentence each."""
    from mlprov_widgets.comparison import Outcome

    record = _record_of(result)
    return Outcome.from_record(record).to_know if record else []


def _record_of(result: ExecutionResult) -> Record | None:
    from mlprov_widgets.provenance import read_record

    return read_record(result.provenance_file) if result.provenance_file else None


def print_known(result: ExecutionResult) -> None:
    """The same on standard error, below the metrics."""
    from mlprov_widgets.record.findings import TO_KNOW

    if sentences := to_know(result):
        click.echo(f"{TO_KNOW}:", err=True)
    for one in sentences:
        click.echo(f"  {visible(one)}", err=True)


def print_failure(result: ExecutionResult, error: ExecutionError | NotSavedError) -> None:
    """The cell that failed, its traceback, where the rest is, and what is not where it belongs."""
    if isinstance(error, ExecutionError):
        click.echo(f"\nError: {visible(str(error))}\n", err=True)
        for line in error.source.split("\n"):
            click.echo(f"    {visible(line)}", err=True)
        if error.traceback:
            click.echo(f"\n{error.traceback}", err=True)
        if result.notebook:
            click.echo(f"\nThe outputs up to there are in {result.notebook}", err=True)
        if result.provenance_file:
            click.echo(f"What was recorded up to there is in {result.provenance_file}", err=True)
    for problem in result.problems:
        click.echo(f"Error: {visible(problem)}", err=True)


def print_edits(edited: list[EditedCell], notes: list[str]) -> None:
    """The cells that are not what the pack here writes, as diffs, and what else is to be known."""
    from mlprov_widgets.rebuild.result import describe, whole_diff

    for cell in edited:
        click.echo(f"{describe(cell)}, id {visible(cell.id)}\n{whole_diff(cell)}\n", err=True)
    for note in notes:
        click.echo(f"Note: {visible(note)}", err=True)


def ask_for_cells(edited: list[EditedCell]) -> tuple[list[EditedCell], list[EditedCell]]:
    """Ask for each cell whether it is kept or restored: the cells of either kind."""
    from mlprov_widgets.rebuild.result import describe

    kept: list[EditedCell] = []
    undone: list[EditedCell] = []
    for cell in edited:
        question, answers = "as it ran, or as the pack writes it?", ["ran", "pack", "stop"]
        if not cell.shown:
            # Nobody is asked to run what was not shown; who has read it elsewhere names it.
            question = "it could not be shown, so it is not kept unless --keep names it. "
            question, answers = question + "As the pack writes it?", ["pack", "stop"]
        question = f"{describe(cell)}, id {visible(cell.id)}: {question}"
        answer = click.prompt(question, type=click.Choice(answers), err=True)
        if answer == "stop":
            raise click.Abort
        (kept if answer == "ran" else undone).append(cell)
    return kept, undone
