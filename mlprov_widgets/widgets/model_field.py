"""The field for a model: the pack's own choices, or any of torchvision's found by typing."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from mlprov_widgets.images import torchvision_models
from mlprov_widgets.widgets.fields import FormField
from mlprov_widgets.widgets.guard import guarded
from mlprov_widgets.widgets.parts import classed, hbox, hide
from mlprov_widgets.widgets.state import WizardState

_OTHER = ""


class ModelField(FormField):
    """A list of choices, whose last opens a box that finds every other model as one types."""

    def _make_control(self) -> Any:
        choices = [(choice.label, choice.value) for choice in self.parameter.choices]
        self._own = {value for _, value in choices}
        default = self.parameter.default
        return widgets.Dropdown(
            options=[*choices, ("Another model of torchvision…", _OTHER)],
            value=default if default in self._own else _OTHER,
            description=self.parameter.label,
        )

    def _parts(self) -> list[widgets.Widget]:
        self._searching = self.parameter.default not in self._own
        self._names = list(torchvision_models())
        hint = f"Type to find one of {len(self._names)} models, such as efficientnet_b0"
        search = widgets.Combobox(options=self._names, placeholder=hint, description="Its name")
        self.search = classed(search, "mlprov-control")
        self.on_change(self.search, guarded(self._say)(self._typed))
        self.search_row = hbox([self.search], "mlprov-row", "mlprov-under")
        return [self.row, self.search_row, self.messages]

    def _changed(self, value: str) -> None:
        self._searching = value == _OTHER
        if self._searching:
            hide(self.search_row, False)
            self.messages.value = ""
        else:
            super()._changed(value)

    def _typed(self, name: str) -> None:
        if self._searching:
            self._answer(self.parameter.name, name.strip(), True)

    def _show_value(self, state: WizardState) -> None:
        name = self.parameter.name
        value = state.checked.values[name]
        if name not in state.wrong:
            typed = self.search.value.strip()
            self._searching = value not in self._own or (self._searching and typed in ("", value))
            if value not in self._own and typed != value:
                self.search.value = value
        self.control.value = _OTHER if self._searching else value
        hide(self.search_row, not self._searching)

    def _remark(self, state: WizardState) -> str:
        value = state.checked.values[self.parameter.name]
        words = self.parameter.choice(value).help
        if self._searching and self.search.value.strip() != value:
            return f"Until you name one it is {value}."
        return words
