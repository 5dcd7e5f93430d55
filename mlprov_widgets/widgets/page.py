"""One of the pack's pages: its title and its fields."""

from __future__ import annotations

import ipywidgets as widgets

from mlprov_widgets.packs import WizardPage
from mlprov_widgets.widgets.fields import OnAnswer, make_field
from mlprov_widgets.widgets.markup import escape
from mlprov_widgets.widgets.parts import hide, html_widget, vbox
from mlprov_widgets.widgets.state import WizardState


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
