"""What repeated runs come to, and whether they differ by more than chance, as blocks."""

from __future__ import annotations

from collections.abc import Iterable

from mlprov_widgets.messages import Note
from mlprov_widgets.present.blocks import Block, Bullets, DataTable, Paragraph
from mlprov_widgets.store.facts import RunFacts
from mlprov_widgets.store.noise import compared
from mlprov_widgets.store.repeats import Repeats, metric_of, repeats_of
from mlprov_widgets.wording import format_number

MAX_CONFIGURATIONS = 40


def summary_of(runs: Iterable[RunFacts], metric: str = "") -> list[Block]:
    """Runs put together by their configuration, and the differences between these.

    Parameters
    ----------
    runs : iterable of RunFacts
    metric : str
        By default the one that most of the runs are told by first.

    Raises
    ------
    MissingPackageError
        If SciPy is not installed.
    """
    repeats = repeats_of(runs, metric)
    if not repeats:
        return [Paragraph(Note("repeats_none"))]
    named = metric_of(repeats, repeats[0].metric)
    shown = repeats[:MAX_CONFIGURATIONS]
    head = ("Configuration", "Runs", f"Mean {named.term}", "Standard deviation", "95 % interval")
    left = len(repeats) - len(shown)
    note = f"{left:,} more configurations." if left else ""
    table = DataTable("", head, [_row(one) for one in shown], note, numbers=True)
    told: list[str] = [
        Note("repeats_constant", runs=len(one.runs), name=one.name, value=format_number(one.mean))
        for one in shown
        if one.is_constant
    ]
    told += [one.text for one in compared(shown)]
    if all(len(one.runs) == 1 for one in shown):
        return [table, Paragraph(Note("repeats_single"))]
    return [table, *([Bullets("", told)] if told else [])]


def _row(one: Repeats) -> tuple[str, ...]:
    interval, deviation = one.interval, one.deviation
    return (
        one.name,
        f"{len(one.runs):,}",
        format_number(one.mean),
        "" if deviation is None else format_number(deviation),
        "" if interval is None else " to ".join(map(format_number, interval)),
    )
