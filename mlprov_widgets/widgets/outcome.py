"""How a run went, as HTML: metrics, what to know before believing them, and what failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mlprov_widgets.errors import ExecutionError
from mlprov_widgets.hosting import without_server_paths
from mlprov_widgets.present import blocks_to_html
from mlprov_widgets.present.blocks import Beside, Block, DataTable, Folded, Paragraph, Tiles
from mlprov_widgets.record import Record, Value
from mlprov_widgets.record.fields import core, vocabulary_of
from mlprov_widgets.record.findings import LEAKS, TO_KNOW, leaks, others, sentence, without_leaks
from mlprov_widgets.record.results import (
    MetricValue,
    class_number_remark,
    mean_remarks,
    of_class_numbers,
    single_metrics,
)
from mlprov_widgets.record.story import Story
from mlprov_widgets.reporting.results import by_class, confusion_matrix, course_of
from mlprov_widgets.widgets.markup import escape, folded

if TYPE_CHECKING:
    from mlprov_widgets.rebuild import Reproduction

_MAX_TILES = 24
_MAX_CHARTS = 2
_MAX_FINDINGS = 60


def metrics_html(metrics: Mapping[str, Value], record: Record | None = None) -> str:
    """The number that a reader looks for, the others, how it came to them; the rest folded.

    Parameters
    ----------
    metrics : mapping
    record : Record, optional
        Of their run, by whose pack they are declared.
    """
    known = vocabulary_of(record) if record else core()
    told = single_metrics(metrics, known)
    errors = of_class_numbers(metrics, known)
    # Errors of class numbers are no result to be seen first.
    named = {one.metric.name for one in told}
    shown = [
        one
        for one in told
        # A baseline stands beside its metric.
        if one.metric.name not in errors and one.metric.baseline_of not in named
    ]
    tiles = [(_described(one, at == 0), one.text) for at, one in enumerate(shown)]
    numbers = [(one.label, one.text) for one in told if one.metric.name in errors]
    story = Story(record) if record is not None else None
    names = story.class_names if story is not None else ()
    pictures: list[Block] = []
    if story is not None:
        pictures += course_of(story, _MAX_CHARTS)
    pictures += confusion_matrix(metrics, names, known)
    blocks: list[Block] = [Tiles(tiles[:_MAX_TILES])]
    blocks += [Beside(pictures)] if len(pictures) > 1 else pictures
    if table := [*by_class(metrics, names, known)]:
        blocks.append(Folded("Numbers of single classes", table))
    if numbers:
        of_numbers = DataTable("", ("Error", "Value"), numbers, numbers=True)
        meaning = Paragraph(class_number_remark(metrics, known))
        blocks.append(Folded("Errors of the numbers of the classes", [of_numbers, meaning]))
    blocks += map(Paragraph, mean_remarks(metrics, known))
    html = without_server_paths(blocks_to_html(blocks, "mlprov-metrics"))
    return f"<h3>Result</h3>{html}" if told else ""


def _described(one: MetricValue, is_first: bool) -> str:
    """What a tile is called; of the first one, which way is better, too."""
    better = one.metric.better
    if not is_first or not better or better in one.described:
        return one.described
    return f"{one.described}; {better}"


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
    html = blocks_to_html(made.to_read, "mlprov-to-read") if made.to_read else ""
    return without_server_paths(html)


def _block(text: str) -> str:
    lines = without_server_paths(text[-20_000:]).split("\n")
    return "\n".join(escape(line, 500) for line in lines[-300:])
