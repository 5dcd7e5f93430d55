"""One of the pack's pages: its title and its fields."""

from __future__ import annotations

import ipywidgets as widgets

from mlprov_widgets.packs import Parameter
from mlprov_widgets.widgets.fields import (
    Answer,
    ChoiceField,
    Field,
    FlagField,
    NumberField,
    TextField,
)
from mlprov_widgets.widgets.markup import escape
from mlprov_widgets.widgets.state import Stop, WizardState

_FIELDS: dict[str, type[Field]] = {
    "choice": ChoiceField,
    "integer": NumberField,
    "number": NumberField,
    "flag": FlagField,
    "text": TextField,
}


class PackPage:
    """The fields of a page, made once and then brought up to date.

    Parameters
    ----------
    stop : Stop
    state : WizardState
    answer : callable
        Takes what a person answered: ``answer(name, value, typed)``.
    """

    def __init__(self, stop: Stop, state: WizardState, answer: Answer) -> None:
        self.stop = stop
        self.fields = {
            parameter.name: make_field(parameter, state, answer)
            for parameter in state.parameters(stop.name, shown_only=False)
        }
        self._empty = widgets.HTML("<p>There is nothing to choose here for these values.</p>")
        fields = [field.widget for field in self.fields.values()]
        self.widget = widgets.VBox([title(stop), *fields, self._empty])
        self.widget.add_class("mlprov-page")

    def show(self, state: WizardState) -> None:
        """Bring all fields up to date with the state."""
        for field in self.fields.values():
            field.show(state)
        shown = bool(state.parameters(self.stop.name))
        if shown:
            self._empty.add_class("mlprov-hidden")
        else:
            self._empty.remove_class("mlprov-hidden")


def make_field(parameter: Parameter, state: WizardState, answer: Answer) -> Field:
    """The field that fits a parameter's type."""
    # Imported here: most wizards never show data of one's own.
    from mlprov_widgets.widgets.image_fields import ArrayField, ImageFolderField
    from mlprov_widgets.widgets.model_field import ModelField
    from mlprov_widgets.widgets.path_fields import FolderField, PathField
    from mlprov_widgets.widgets.table_fields import ColumnField, ColumnsField, CsvField

    paths: dict[str, type[PathField]] = {
        "csv_file": CsvField,
        "folder": FolderField,
        "image_folder": ImageFolderField,
        "array_file": ArrayField,
    }
    if parameter.type in paths:
        return paths[parameter.type](parameter, answer, state)
    others: dict[str, type[Field]] = {
        "column": ColumnField,
        "columns": ColumnsField,
        "torchvision_model": ModelField,
    }
    return {**_FIELDS, **others}[parameter.type](parameter, answer)


def title(stop: Stop) -> widgets.HTML:
    """Heading of a page."""
    words = f"<p>{escape(stop.help, 400)}</p>" if stop.help else ""
    made = widgets.HTML(f"<h2>{escape(stop.title)}</h2>{words}")
    made.add_class("mlprov-title")
    return made
