"""What has to be known of a run before its numbers are believed, as HTML."""

from __future__ import annotations

from mlprov_widgets.record import Record
from mlprov_widgets.record.findings import LEAKS, TO_KNOW, leaks, others, sentence, without_leaks
from mlprov_widgets.widgets.markup import escape

_MOST = 60


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
    told = _part(TO_KNOW, [sentence(one) for one in others(record)], "mlprov-note")
    found = [sentence(one) for one in leaks(record)]
    if found:
        return told + _part(LEAKS, found, "mlprov-note")
    return told + (_part(LEAKS, without_leaks(record), "mlprov-remark") if looked_for else "")


def _part(title: str, sentences: list[str], kind: str) -> str:
    if not sentences:
        return ""
    items = "".join(f"<li>{escape(one, 600)}</li>" for one in sentences[:_MOST])
    more = len(sentences) - _MOST
    items += f"<li>… and {more} more.</li>" if more > 0 else ""
    return f'<div class="mlprov-known {kind}"><b>{title}</b><ul>{items}</ul></div>'
