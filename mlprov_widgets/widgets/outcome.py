"""How a run went, as HTML: metrics, what to know before believing them, and what failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from mlprov_widgets.errors import ExecutionError
from mlprov_widgets.hosting import without_server_paths
from mlprov_widgets.record import Record, Value
from mlprov_widgets.record.findings import LEAKS, TO_KNOW, leaks, others, sentence, without_leaks
from mlprov_widgets.record.results import (
    Matrix,
    class_table,
    confusion_matrix,
    of_class_numbers,
    remarks,
    single_metrics,
)
from mlprov_widgets.widgets.markup import escape, folded, note, remark
from mlprov_widgets.wording import format_number

if TYPE_CHECKING:
    from mlprov_widgets.rebuild import Reproduction

_MAX_CARDS = 24
_MAX_CLASSES = 20
_MAX_ROWS = 60
_MAX_FINDINGS = 60


def metrics_html(metrics: Mapping[str, Value]) -> str:
    """Numbers as cards, the confusion matrix as a table, the rest folded."""
    told = single_metrics(metrics)
    errors = of_class_numbers(metrics)
    cards = [one for one in told if one.metric.name not in errors][:_MAX_CARDS]
    parts = []
    if cards:
        items = (
            f"<div><dt>{escape(one.label)}</dt><dd>{escape(one.text)}</dd></div>" for one in cards
        )
        parts.append(f'<dl class="mlprov-metrics">{"".join(items)}</dl>')
    matrix = confusion_matrix(metrics)
    if matrix is not None and len(matrix.rows) <= _MAX_CLASSES:
        parts.append(_matrix(matrix))
    if (table := class_table(metrics)) is not None:
        for label, column in table.columns.items():
            parts.append(_folded(f"{label} per class", zip(table.classes, column, strict=True)))
    # Errors of class numbers are no result to be seen first.
    pairs = [(one.label, one.text) for one in told if one.metric.name in errors]
    parts += [_folded("Errors of the numbers of the classes", pairs)] if pairs else []
    parts += [remark(one, 400) for one in remarks(metrics)]
    return f"<h3>Result</h3>{''.join(parts)}" if parts else ""


def findings_html(record: Record | None, looked_for: bool = False) -> str:
    """Findings, and leaks by themselves; empty where there is nothing to know.

    Parameters
    ----------
    record : Record or None
    looked_for : bool
        Whether it is also said which leaks were looked for and not found.
    """
    if record is None:
        return ""
    told = _known(TO_KNOW, [sentence(one) for one in others(record)], "mlprov-note")
    found = [sentence(one) for one in leaks(record)]
    if found:
        return told + _known(LEAKS, found, "mlprov-note")
    return told + (_known(LEAKS, without_leaks(record), "mlprov-remark") if looked_for else "")


def _known(title: str, sentences: list[str], kind: str) -> str:
    if not sentences:
        return ""
    items = "".join(f"<li>{escape(one, 600)}</li>" for one in sentences[:_MAX_FINDINGS])
    more = len(sentences) - _MAX_FINDINGS
    items += f"<li>… and {more} more.</li>" if more > 0 else ""
    return f'<div class="mlprov-known {kind}"><b>{title}</b><ul>{items}</ul></div>'


def failure_html(error: ExecutionError) -> str:
    """Which cell raised, what it said; source and traceback folded."""
    source = f"<pre>{_block(error.source)}</pre>" if error.source else ""
    trace = f"<pre>{_block(error.traceback)}</pre>" if error.traceback else ""
    return (
        f'<div class="mlprov-banner" role="alert"><p>{escape(error, 600)}</p>'
        f"{folded('The cell', source)}{folded('Details for a programmer', trace)}</div>"
    )


def reproduction_html(made: Reproduction) -> str:
    """What a person should know about a rebuilt notebook before running it."""
    from mlprov_widgets.rebuild.result import describe

    edited = (
        folded(describe(cell), f'<pre class="mlprov-diff">{_block(cell.diff)}</pre>')
        for cell in made.edited[:100]
    )
    return "".join([note(made.warning), *map(remark, made.notes), *edited])


def _block(text: str) -> str:
    lines = without_server_paths(text[-20_000:]).split("\n")
    return "\n".join(escape(line, 500) for line in lines[-300:])


def _matrix(matrix: Matrix) -> str:
    right = ' class="mlprov-diagonal"'
    head = "".join(f'<th scope="col">{escape(label, 20)}</th>' for label in matrix.classes)
    body = "".join(
        f'<tr><th scope="row">{escape(label, 20)}</th>'
        + "".join(
            f"<td{right if place == number else ''}>{escape(format_number(value))}</td>"
            for place, value in enumerate(row)
        )
        + "</tr>"
        for number, (label, row) in enumerate(zip(matrix.classes, matrix.rows, strict=True))
    )
    return (
        f"<h4>{escape(matrix.label)} <small>rows: true class, columns: predicted</small></h4>"
        f'<div class="mlprov-scroll"><table class="mlprov-matrix"><thead><tr><th></th>{head}</tr>'
        f"</thead><tbody>{body}</tbody></table></div>"
    )


def _folded(title: str, pairs: Iterable[tuple[str, str]]) -> str:
    rows = (
        f'<tr><th scope="row">{escape(name, 60)}</th><td>{escape(text, 60)}</td></tr>'
        for name, text in islice(pairs, _MAX_ROWS)
    )
    body = f'<table class="mlprov-matrix"><tbody>{"".join(rows)}</tbody></table>'
    return folded(title, body)
