"""One field for one parameter: what is asked, what was answered, what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from mlprov_widgets.notebooks import describe
from mlprov_widgets.packs import Parameter
from mlprov_widgets.widgets.markup import escape
from mlprov_widgets.widgets.state import WizardState

# name of the parameter, the answer, whether it is text still to be read
Answer = Callable[[str, Any, bool], None]


class Field:
    """What all fields have: a control with its label, help, and a place for words.

    Parameters
    ----------
    parameter : Parameter
    answer : callable
        Called as ``answer(name, value, typed)`` when a person has changed the field.
    """

    def __init__(self, parameter: Parameter, answer: Answer) -> None:
        self.parameter = parameter
        self._answer = answer
        self._quiet = False
        self.control = self._make_control()
        self.control.add_class("mlprov-control")
        self.said = widgets.HTML()
        self.said.add_class("mlprov-said")
        self._words = ""
        row: list[widgets.Widget] = [self.control]
        if parameter.unit:
            row.append(_html(escape(parameter.unit), "mlprov-unit"))
        if parameter.help:
            row.append(_html(self._help(), "mlprov-tip-box"))
        self.row = widgets.HBox(row)
        self.row.add_class("mlprov-row")
        self.widget = widgets.VBox(self._parts())
        self.widget.add_class("mlprov-field")
        self.widget.add_class(f"mlprov-field-{parameter.name}")
        self.control.observe(self._changed, "value")

    def _make_control(self) -> Any:
        raise NotImplementedError

    def _parts(self) -> list[widgets.Widget]:
        return [self.row, self.said]

    def _changed(self, change: Any) -> None:
        if not self._quiet:
            self._answer(self.parameter.name, change["new"], False)

    def _help(self) -> str:
        parameter = self.parameter
        words = [parameter.help]
        if parameter.type in ("integer", "number"):
            words.append(f"Allowed is {parameter.allowed}.")
        if parameter.default not in ("", [], {}):
            words.append(f"Default: {describe(parameter, parameter.default)}.")
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
        self._quiet = True
        try:
            self._show_value(state)
        finally:
            self._quiet = False
        problems = state.messages(name)
        if problems:
            self.widget.add_class("mlprov-wrong")
        else:
            self.widget.remove_class("mlprov-wrong")
        words = said(problems, state.notes(name), self._remark(state) if not problems else "")
        if was := state.was(name):
            words += f'<p class="mlprov-was">In the original run: {escape(was, 160)}</p>'
        if words != self._words:
            self.said.value = self._words = words

    def _show_value(self, state: WizardState) -> None:
        self.control.value = state.checked.values[self.parameter.name]

    def _remark(self, state: WizardState) -> str:
        return ""


class ChoiceField(Field):
    """A list to choose from, with what the choice means underneath."""

    def _make_control(self) -> Any:
        options = [(choice.label, choice.value) for choice in self.parameter.choices]
        return widgets.Dropdown(
            options=options, value=self.parameter.default, description=self.parameter.label
        )

    def _remark(self, state: WizardState) -> str:
        return self.parameter.choice(state.checked.values[self.parameter.name]).help


class NumberField(Field):
    """A number as it is typed: what is not one is said, not changed."""

    def _make_control(self) -> Any:
        # Not IntText and its kin: those drop what they cannot read and clamp what is out of bounds.
        return widgets.Text(value=str(self.parameter.default), description=self.parameter.label)

    def _changed(self, change: Any) -> None:
        if not self._quiet:
            self._answer(self.parameter.name, change["new"], True)

    def _show_value(self, state: WizardState) -> None:
        if self.parameter.name in state.wrong:
            return
        value = state.checked.values[self.parameter.name]
        try:
            same = self.parameter.parse(self.control.value) == value
        except ValueError:
            same = False
        if not same:
            self.control.value = str(value)

    def _remark(self, state: WizardState) -> str:
        zero = self.parameter.zero
        return f"0: {zero}." if zero and state.checked.values[self.parameter.name] == 0 else ""


class FlagField(Field):
    """Yes or no."""

    def _make_control(self) -> Any:
        return widgets.Checkbox(
            value=self.parameter.default, description=self.parameter.label, indent=False
        )


class TextField(Field):
    """Free text."""

    def _make_control(self) -> Any:
        return widgets.Text(value=self.parameter.default, description=self.parameter.label)


def said(problems: list[str], notes: list[str], remark: str = "") -> str:
    """Words beside a field as HTML: what is wrong, what is worth knowing, what a choice means."""
    parts = [f'<p class="mlprov-error">{escape(text, 900)}</p>' for text in problems]
    parts += [f'<p class="mlprov-remark">{escape(remark, 600)}</p>'] if remark else []
    parts += [f'<p class="mlprov-note">{escape(text, 900)}</p>' for text in notes]
    return f'<div role="status">{"".join(parts)}</div>' if parts else ""


def hide(widget: widgets.DOMWidget, hidden: bool) -> None:
    """Take a widget out of sight, or back, without building anything anew."""
    if hidden:
        widget.add_class("mlprov-hidden")
    else:
        widget.remove_class("mlprov-hidden")


def _html(value: str, name: str) -> widgets.HTML:
    made = widgets.HTML(value)
    made.add_class(name)
    return made
