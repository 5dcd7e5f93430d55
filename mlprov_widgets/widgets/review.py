"""The last page: what differs from the usual settings, the file, the same as one command."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from mlprov_widgets.packs import Parameter
from mlprov_widgets.widgets.browser import Copy
from mlprov_widgets.widgets.fields import messages_html, title
from mlprov_widgets.widgets.host import with_ending
from mlprov_widgets.widgets.markup import escape, folded, plain, remark
from mlprov_widgets.widgets.origin import changed_texts, parameter_text
from mlprov_widgets.widgets.parts import Quiet, classed, hbox, hide, html_widget, mark, update, vbox
from mlprov_widgets.widgets.state import WizardState
from mlprov_widgets.widgets.transfer import Download
from mlprov_widgets.wording import format_count

_PLAIN = (
    "Only clean code, without this package: the same weights and metrics, but no record, no graph, "
    "and nothing to reproduce from."
)


class ReviewPage(Quiet):
    """What will be written, and where.

    Parameters
    ----------
    state : WizardState
    named : callable
        Called with the file's name when somebody has changed it.
    made_plain : callable
        Called with whether the notebook is to record nothing, when somebody has changed it.
    """

    def __init__(
        self,
        state: WizardState,
        named: Callable[[str], None],
        made_plain: Callable[[bool], None],
    ) -> None:
        self._state = state
        self.problems = html_widget()
        self.choices = html_widget("", "mlprov-review")
        self.name = classed(widgets.Text(description="File name"), "mlprov-control")
        self.name_messages = html_widget("", "mlprov-said")
        self.on_change(self.name, named)
        row = hbox([self.name], "mlprov-row")
        self.plain = classed(
            widgets.Checkbox(description="Without provenance", indent=False), "mlprov-control"
        )
        self.on_change(self.plain, made_plain)
        said = html_widget(remark(_PLAIN), "mlprov-said")
        recording = vbox([hbox([self.plain], "mlprov-row"), said], "mlprov-field")
        self.file = vbox([row, self.name_messages], "mlprov-field", "mlprov-field-file-name")
        self.command = html_widget()
        self.copy = Copy()
        self.save = Download("Save these choices", self.choices_file)
        tools = hbox([self.copy, self.save], "mlprov-file-buttons")
        shell = vbox([self.command, tools], "mlprov-shell")
        heading = title(state.pages[-1])
        self.everything = html_widget("", "mlprov-review")
        choices = [self.choices, self.everything]
        parts = [heading, self.problems, *choices, self.file, recording, shell]
        self.widget = vbox(parts, "mlprov-page")

    def choices_file(self) -> tuple[str, bytes]:
        """Name and content of a file from which a wizard takes these choices over."""
        data = {**self._state.to_dict(), "page": "task"}
        text = json.dumps(data, indent=2, ensure_ascii=True) + "\n"
        return f"{self._state.pack.name}-choices.json", text.encode()

    def show(self, state: WizardState) -> None:
        """Bring the page up to date with the state."""
        with self.quietly():
            # What is being typed stays as it is.
            if with_ending(self.name.value) != state.file_name:
                self.name.value = state.file_name
            self.plain.value = state.plain
        problem = state.file_problem
        mark(self.file, "mlprov-wrong", bool(problem))
        html = (
            messages_html([problem])
            if problem
            else messages_html(text=_written(state, self.name.value))
        )
        self.name_messages.value = html
        self.problems.value = _problems(state)
        hide(self.problems, not self.problems.value)
        update(self.choices, value=_choices(state))
        # Set only where something has changed, so that it stays open.
        update(self.everything, value=_everything(state))
        command = state.command()
        self.copy.text = command
        self.command.value = (
            "<h3>The same from a shell</h3>"
            f'<pre class="mlprov-command">{escape(command, 20_000)}</pre>'
        )


def _problems(state: WizardState) -> str:
    found = state.all_problems
    if not found:
        return ""
    items = "".join(
        f"<li><b>{escape(state.page_called(parameter.page).title)}, {escape(parameter.label)}:</b> "
        f"{escape(message, 900)}</li>"
        for parameter, message in found
    )
    return (
        f'<div class="mlprov-banner" role="alert">Before it can be written:<ul>{items}</ul></div>'
    )


def _written(state: WizardState, typed: str) -> str:
    cells = format_count(len(state.rendered.cells), "cell")
    place = f" in {plain(state.folder, 300)}" if not state.place.confined else ""
    if typed.strip() != state.file_name:
        cells = f"{plain(state.file_name)}: {cells}"
    if state.plain:
        return f"{cells}{place}. Its runs are not recorded."
    return f"{cells}{place}. Each run writes its record beside it, in a file ending in .prov.json."


def _choices(state: WizardState) -> str:
    values, own = state.checked.values, state.changed_parameters
    parts = [_since_the_run(state)] if state.origin is not None else []
    rows = "".join(
        _row(p, values[p.name], _default(p, state.checked.defaults[p.name]), True) for p in own
    )
    nothing = "<p>Nothing: these are the usual settings.</p>"
    body = f"<dl>{rows}</dl>" if own else nothing
    parts.append(f"<h3>Different from the usual settings</h3>{body}")
    return "".join(parts)


def _everything(state: WizardState) -> str:
    """All choices, page by page, for those who open it: the preview has them as well."""
    values, changed, parts = state.checked.values, state.checked.changed, []
    count = 0
    for page in state.pack.pages:
        shown = state.parameters(page.name)
        count += len(shown)
        if shown:
            rows = "".join(_row(p, values[p.name], "", p.name in changed) for p in shown)
            parts.append(f"<h4>{escape(page.title)}</h4><dl>{rows}</dl>")
    return folded(f"All {format_count(count, 'choice')}", "".join(parts))


def _since_the_run(state: WizardState) -> str:
    assert state.origin is not None
    rows = ""
    for name, change in state.changes.items():
        parameter = state.pack.parameters[name]
        was, now = changed_texts(parameter, change, state.origin)
        rows += (
            f'<div class="mlprov-differs"><dt>{escape(parameter.label)}</dt>'
            f'<dd><del>{escape(was)}</del><span class="mlprov-to" aria-hidden="true">→</span>'
            f'<span class="mlprov-sr">now</span><ins>{escape(now)}</ins></dd></div>'
        )
    left = state.origin.unmapped
    nothing = "No field. That run has more than the fields hold: " if left else ""
    nothing += "; ".join(left) if left else "Nothing: these are the values of that run."
    body = f"<dl>{rows}</dl>" if rows else f"<p>{escape(nothing, 600)}</p>"
    return (
        f"<h3>Changed from the original run</h3>"
        f"{remark(f'Started from {plain(state.origin.name, 120)}.')}{body}"
    )


def _row(parameter: Parameter, value: Any, usual: str = "", mark: bool = False) -> str:
    words = parameter_text(parameter, value)
    extra = f"<small>{escape(usual, 120)}</small>" if usual else ""
    kind = ' class="mlprov-differs"' if mark else ""
    return f"<div{kind}><dt>{escape(parameter.label)}</dt><dd>{escape(words)}{extra}</dd></div>"


def _default(parameter: Parameter, value: Any) -> str:
    return f"default {parameter_text(parameter, value)}" if value not in ("", []) else ""
