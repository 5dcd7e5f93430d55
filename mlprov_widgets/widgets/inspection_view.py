"""What a file says of a run, as HTML: facts, fields, what has no field, what differs today."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlprov_widgets.hosting import without_server_paths
from mlprov_widgets.inspection.tables import differences_table, fields_table, unmapped_table
from mlprov_widgets.present import blocks_to_html
from mlprov_widgets.present.blocks import Block, Folded, Paragraph
from mlprov_widgets.widgets.markup import escape, escape_code, facts, note
from mlprov_widgets.wording import format_count

if TYPE_CHECKING:
    from mlprov_widgets.inspection import Inspection
    from mlprov_widgets.packs import Pack

# A list of this length is read at a glance; of a longer one only the beginning is.
SHORT = 6
_LONGEST_LINE = 500_000
# States of the data that somebody has to do something about before running.
_DATA_TO_MIND = ("changed", "not at hand")


def facts_html(inspection: Inspection, only: tuple[str, ...] = ()) -> str:
    """What, when, who, where; or only the facts with these labels."""
    pairs = [pair for pair in inspection.facts[:30] if not only or pair[0] in only]
    return facts(pairs, "mlprov-run-facts", 300)


def notes_html(inspection: Inspection) -> str:
    """Whether the data are still the same, and what else is to be known before."""
    data = inspection.data
    kind = "mlprov-note" if data.state in _DATA_TO_MIND else "mlprov-remark"
    what = f" ({escape(data.what, 120)})" if data.what and data.what not in data.note else ""
    told = f'<p class="{kind}"><b>Data{what}:</b> {escape(data.note or data.state, 400)}</p>'
    return told + "".join(map(note, inspection.notes[:20]))


def tables_html(inspection: Inspection, pack: Pack | None) -> str:
    """What differs today, what has no field here, and which value goes into which field."""
    found = [*_differences(inspection), *_unmapped(inspection), *_fields(inspection, pack)]
    return without_server_paths(blocks_to_html(found, "mlprov-sections"))


def _fields(inspection: Inspection, pack: Pack | None) -> Iterator[Block]:
    if fields := inspection.fields:
        count = format_count(len(fields), "value goes", "values go")
        where = f"into fields of {pack.title}" if pack is not None else "into fields"
        yield Folded(f"{count} {where}", [fields_table(fields)], len(fields) <= SHORT)


def _unmapped(inspection: Inspection) -> Iterator[Block]:
    if unmapped := inspection.unmapped:
        count = format_count(len(unmapped), "thing in the file has", "things in the file have")
        table = unmapped_table(unmapped)
        yield Folded(f"{count} no field here", [table], len(unmapped) <= SHORT)


def _differences(inspection: Inspection) -> Iterator[Block]:
    found = inspection.differences
    if found:
        parts: list[Block] = [differences_table(found[:SHORT])]
        if rest := found[SHORT:]:
            more = format_count(len(rest), "less important difference")
            parts.append(Folded(more, [differences_table(rest)]))
        count = format_count(len(found), "thing is", "things are")
        yield Folded(f"{count} different today, the most important first", parts, True)
    elif inspection.record is not None:
        same = Paragraph("As far as the run recorded them, nothing is different today.")
        yield Folded("Packages, hardware and settings are as they were", [same], True)


def diff_html(diff: str) -> str:
    """A unified diff: signs and colours, so that neither is needed alone.

    Whoever accepts a cell has to have seen all of it, however long its lines are.
    """
    lines = diff.split("\n")
    # Only at its head: further down such a line is code, which may not hide.
    if [line[:4] for line in lines[:2]] == ["--- ", "+++ "]:
        lines = lines[2:]
    parts = []
    for line in lines:
        kind = {"+": "plus", "-": "minus", "@": "hunk"}.get(line[:1], "same")
        words = {"plus": "added: ", "minus": "removed: "}.get(kind, "")
        spoken = f'<i class="mlprov-sr">{words}</i>' if words else ""
        parts.append(
            f'<span class="mlprov-{kind}">{spoken}{escape_code(line, _LONGEST_LINE) or " "}</span>'
        )
    return f'<pre class="mlprov-diff" tabindex="0">{"".join(parts)}</pre>'
