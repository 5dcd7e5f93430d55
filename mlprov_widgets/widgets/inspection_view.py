"""What a file says of a run, as HTML: facts, fields, what has no field, what differs today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlprov_widgets.widgets.markup import escape, escape_code, facts, folded, note, table
from mlprov_widgets.widgets.origin import original_text
from mlprov_widgets.wording import format_count, format_value

if TYPE_CHECKING:
    from mlprov_widgets.compare.differences import Difference
    from mlprov_widgets.inspection import Inspection
    from mlprov_widgets.packs import Pack

# A list of this length is read at a glance; of a longer one only the beginning is.
SHORT = 6
_MOST_ROWS = 300
_LONGEST_LINE = 500_000
_HASH = 64
# States of the data that somebody has to do something about before running.
_DATA_TO_MIND = ("changed", "not at hand")
# Where a value stands that is simply what was chosen when the notebook was generated.
_CHOSEN = "values"


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


def fields_html(inspection: Inspection, pack: Pack | None) -> str:
    """Which value goes into which field, and where in the file it stands."""
    parameters = pack.parameters if pack is not None else {}
    fields = inspection.fields[:_MOST_ROWS]
    if not fields:
        return ""
    rows = []
    # Where all are what was chosen, saying so of each is only noise.
    places = any(one.source != _CHOSEN for one in fields)
    for one in fields:
        value, recorded = _value(one.value), _value(one.recorded)
        small = f"<small>in the file: {escape(recorded, 80)}</small>" if recorded != value else ""
        if one.parameter in parameters:
            # As the form says it: no columns picked means all of them.
            value = original_text(parameters[one.parameter], one.value)
        source = "what was chosen"
        if one.source != _CHOSEN:
            source = f'<span class="mlprov-source">{escape(one.source, 120)}</span>'
        place = f"<td>{source}</td>" if places else ""
        rows.append(
            f'<tr><th scope="row">{escape(one.label, 80)}</th><td>{escape(value, 120)}{small}</td>'
            f"{place}</tr>"
        )
    count = format_count(len(inspection.fields), "value goes", "values go")
    where = f"into fields of {pack.title}" if pack is not None else "into fields"
    head = ("Field", "Value", "From") if places else ("Field", "Value")
    return folded(f"{count} {where}", table(head, rows), len(rows) <= SHORT)


def unmapped_html(inspection: Inspection) -> str:
    """What could not be taken over, and why."""
    unmapped = inspection.unmapped[:_MOST_ROWS]
    if not unmapped:
        return ""
    rows = [
        f'<tr><th scope="row">{escape(one.name, 80)}</th><td>{escape(_value(one.value), 80)}</td>'
        f'<td class="mlprov-prose">{escape(one.reason, 300)}</td></tr>'
        for one in unmapped
    ]
    number = len(inspection.unmapped)
    count = format_count(number, "thing in the file has", "things in the file have")
    body = table(("In the file", "Value", "Why it was left out"), rows)
    return folded(f"{count} no field here", body, number <= SHORT)


def differences_html(inspection: Inspection) -> str:
    """How today's packages and hardware differ, the most important first."""
    found = inspection.differences
    if not found and inspection.record is None:
        return ""
    if not found:
        body = "<p>As far as the run recorded them, nothing is different today.</p>"
        return folded("Packages, hardware and settings are as they were", body, True)
    head = ("What", "Then", "Today")
    rows = [_difference(one) for one in found[:_MOST_ROWS]]
    body = table(head, rows[:SHORT])
    if rows[SHORT:]:
        more = format_count(len(found) - SHORT, "less important difference")
        body += folded(more, table(head, rows[SHORT:]))
    summary = format_count(len(found), "thing is", "things are")
    return folded(f"{summary} different today, the most important first", body, True)


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


def _difference(one: Difference) -> str:
    name = one.name
    small = "" if one.kind == one.name else f"<small>{escape(one.kind, 40)}</small>"
    then, today = (_value(value, "not there") for value in (one.original, one.new))
    if then == today:
        today += " (not the same)"
    return (
        f'<tr><th scope="row" class="mlprov-name">{escape(name, 60)}{small}</th>'
        f"<td>{escape(then, 120)}</td>"
        f"<td>{escape(today, 120)}</td></tr>"
    )


def _value(value: Any, none: str = "–") -> str:
    text = format_value(value) or none
    return text[:12] if len(text) == _HASH and text.isalnum() else text
