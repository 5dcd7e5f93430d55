"""On the first page: which data, so that two answers are enough for a notebook."""

from __future__ import annotations

from mlprov_widgets.packs import Pack, Parameter
from mlprov_widgets.widgets.fields import FormField, OnAnswer, make_field
from mlprov_widgets.widgets.parts import hide, update, vbox
from mlprov_widgets.widgets.state import WizardState


class QuickStart:
    """The first choice of a pack's first page, with the file or folder that it asks for.

    Parameters
    ----------
    answer : callable
        Takes what a person answered: ``answer(name, value, typed)``.

    Attributes
    ----------
    fields : dict of str to FormField
        Those that have been shown, by the parameter's name.
    """

    def __init__(self, answer: OnAnswer) -> None:
        self._answer = answer
        self._pack: Pack | None = None
        self.fields: dict[str, FormField] = {}
        self.widget = vbox((), "mlprov-quick")

    def show(self, state: WizardState) -> None:
        """Bring it up to date with the state."""
        if self._pack is not state.pack:
            self._pack, self.fields = state.pack, {}
        asked = _asked(state)
        for parameter in asked:
            if parameter.name not in self.fields:
                self.fields[parameter.name] = make_field(parameter, state, self._answer)
            self.fields[parameter.name].show(state)
        shown = tuple(self.fields[parameter.name].widget for parameter in asked)
        update(self.widget, children=shown)
        hide(self.widget, not shown)


def _asked(state: WizardState) -> list[Parameter]:
    if not state.pack.pages:
        return []
    shown = state.parameters(state.pack.pages[0].name)
    choices = [parameter for parameter in shown if parameter.type == "choice"]
    return [*choices[:1], *(parameter for parameter in shown if parameter.is_path)]
