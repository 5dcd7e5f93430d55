"""The fields of a page, one a parameter: what is asked, answered, and wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pkgutil import resolve_name
from typing import Any

import ipywidgets as widgets

from mlprov_widgets.errors import InvalidValueError
from mlprov_widgets.packs import Parameter, WizardPage
from mlprov_widgets.widgets.markup import escape, note, paragraph, remark
from mlprov_widgets.widgets.parts import Quiet, classed, hbox, hide, html_widget, mark, update, vbox
from mlprov_widgets.widgets.state import WizardState

# name of the parameter, the answer, whether it is text still to be read
OnAnswer = Callable[[str, Any, bool], None]


class FormField(Quiet):
    """What all fields have: a control with its label, help, and a place for words.

    Parameters
    ----------
    parameter : Parameter
    answer : callable
        Called as ``answer(name, value, typed)`` when a person has changed the field.
    state : WizardState
    """

    typed = False  # whether the answer is text still to be read

    def __init__(self, parameter: Parameter, answer: OnAnswer, state: WizardState) -> None:
        self.parameter = parameter
        self._answer = answer
        self.control = classed(self._make_control(), "mlprov-control")
        self.messages = html_widget("", "mlprov-said")
        row: list[widgets.Widget] = [self.control]
        if parameter.unit:
            row.append(html_widget(escape(parameter.unit), "mlprov-unit"))
        if parameter.help:
            row.append(html_widget(self._help(), "mlprov-tip-box"))
        self.row = hbox(row, "mlprov-row")
        self.widget = vbox(self._parts(), "mlprov-field", f"mlprov-field-{parameter.name}")
        self.on_change(self.control, self._changed)

    def _make_control(self) -> Any:
        raise NotImplementedError

    def _parts(self) -> list[widgets.Widget]:
        return [self.row, self.messages]

    def _changed(self, value: Any) -> None:
        self._answer(self.parameter.name, value, self.typed)

    def _say(self, text: str) -> None:
        self.messages.value = messages_html([text])

    def _help(self) -> str:
        parameter = self.parameter
        words = [parameter.help]
        if parameter.kind.is_number:
            words.append(f"Allowed is {parameter.allowed}.")
        if parameter.default not in ("", [], {}):
            words.append(f"Default: {parameter.describe(parameter.default)}.")
        text = " ".join(words)
        return (
            f'<span class="mlprov-tip" tabindex="0" role="note" '
            f'aria-label="{escape(f"{parameter.label}: {text}", 600)}">?'
            f'<span class="mlprov-tip-text" aria-hidden="true">{escape(text, 600)}</span></span>'
        )

    def show(self, state: WizardState) -> None:
        """Bring the field up to date with the state."""
        name = self.parameter.name
        hide(self.widget, name not in state.checked.shown)
        if name not in state.checked.shown:
            return
        with self.quietly():
            self._show_value(state)
        problems = state.messages(name)
        mark(self.widget, "mlprov-wrong", bool(problems))
        text = self._remark(state) if not problems else ""
        words = messages_html(problems, state.notes(name), text)
        if was := state.was(name):
            words += f'<p class="mlprov-was">In the original run: {escape(was, 160)}</p>'
        update(self.messages, value=words)

    def _show_value(self, state: WizardState) -> None:
        self.control.value = state.checked.values[self.parameter.name]

    def _remark(self, state: WizardState) -> str:
        return ""


class ChoiceField(FormField):
    """A list to choose from, with what the choice means underneath."""

    def _make_control(self) -> Any:
        options = [(choice.label, choice.value) for choice in self.parameter.choices]
        return widgets.Dropdown(
            options=options, value=self.parameter.default, description=self.parameter.label
        )

    def _remark(self, state: WizardState) -> str:
        return self.parameter.choice(state.checked.values[self.parameter.name]).help


class TextField(FormField):
    """A value as it is typed, of any type: what is none is said, not changed."""

    typed = True

    def _make_control(self) -> Any:
        # Not IntText and its kin: those drop what they cannot read and clamp what is out of bounds.
        text = self.parameter.write(self.parameter.default)
        return widgets.Text(value=text, description=self.parameter.label)

    def _show_value(self, state: WizardState) -> None:
        if self.parameter.name in state.wrong:
            return
        value = state.checked.values[self.parameter.name]
        try:
            same = self.parameter.parse(self.control.value) == value
        except InvalidValueError:
            same = False
        if not same:
            self.control.value = self.parameter.write(value)

    def _remark(self, state: WizardState) -> str:
        zero, value = self.parameter.zero, state.checked.values[self.parameter.name]
        if self.parameter.kind.is_number and not _is_plain(self.control.value):
            return f"Read as {self.parameter.write(value)}."
        return f"0: {zero}." if zero and state.checked.values[self.parameter.name] == 0 else ""


def _is_plain(text: str) -> bool:
    """Whether a number is written as Python writes them."""
    return not set(text.strip()) & set(", \u00a0\u202f")


class FlagField(FormField):
    """Yes or no."""

    def _make_control(self) -> Any:
        return widgets.Checkbox(
            value=self.parameter.default, description=self.parameter.label, indent=False
        )


# The field for each type of parameter, by module and class: imported when one is shown, as most
# wizards never show data of one's own.
_FIELDS = {
    "choice": "fields:ChoiceField",
    "flag": "fields:FlagField",
    "csv_file": "table_fields:CsvField",
    "column": "table_fields:ColumnField",
    "columns": "table_fields:ColumnsField",
    "column_roles": "table_fields:RolesField",
    "missing_words": "table_fields:WordsField",
    "folder": "path_fields:FolderField",
    "image_folder": "image_fields:ImageFolderField",
    "array_file": "image_fields:ArrayField",
    "torchvision_model": "model_field:ModelField",
}


def make_field(parameter: Parameter, state: WizardState, answer: OnAnswer) -> FormField:
    """The field that fits a parameter's type; of a type without one of its own, a text field."""
    place = _FIELDS.get(parameter.type, "fields:TextField")
    kind: type[FormField] = resolve_name(f"mlprov_widgets.widgets.{place}")
    return kind(parameter, answer, state)


def messages_html(problems: Sequence[str] = (), notes: Sequence[str] = (), text: str = "") -> str:
    """Words beside a field as HTML: what is wrong, what is worth knowing, what a choice means."""
    parts = [paragraph(one, "mlprov-error", 900) for one in problems]
    parts += [remark(text), *(note(one, 900) for one in notes)]
    html = "".join(parts)
    return f'<div role="status">{html}</div>' if html else ""


class PackPage:
    """The fields of a page, made once and then brought up to date.

    Parameters
    ----------
    page : WizardPage
    state : WizardState
    answer : callable
        Takes what a person answered: ``answer(name, value, typed)``.
    """

    def __init__(self, page: WizardPage, state: WizardState, answer: OnAnswer) -> None:
        self.page = page
        self.fields = {
            parameter.name: make_field(parameter, state, answer)
            for parameter in state.parameters(page.name, shown_only=False)
        }
        self._empty = html_widget("<p>There is nothing to choose here for these values.</p>")
        fields = [field.widget for field in self.fields.values()]
        self.widget = vbox([title(page), *fields, self._empty], "mlprov-page")

    def show(self, state: WizardState) -> None:
        """Bring all fields up to date with the state."""
        for field in self.fields.values():
            field.show(state)
        hide(self._empty, bool(state.parameters(self.page.name)))


def title(page: WizardPage) -> widgets.HTML:
    """Heading of a page."""
    words = f"<p>{escape(page.help, 400)}</p>" if page.help else ""
    return html_widget(f"<h2>{escape(page.title)}</h2>{words}", "mlprov-title")
