"""What came of checking values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlprov_widgets.errors import Problem

if TYPE_CHECKING:
    from mlprov_widgets.tables import Table


@dataclass
class Checked:
    """What came of checking values.

    Parameters
    ----------
    values : dict
        Every parameter with a value; wrong ones are replaced by their default.
    problems : list of Problem
        What has to be changed, parameter by parameter.
    notes : list of Problem
        What is worth knowing.
    shown : set of str
        Parameters whose condition holds: the questions that matter for these values.
    found : dict of str to object
        The user's data by the parameter that names them, where they could be looked at: a
        `Table`, `ImageFolder` or `ArrayFile`.
    defaults : dict
        What each parameter has when nobody chooses it, given the other values.
    """

    values: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)
    found: dict[str, Any] = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)

    @property
    def table(self) -> Table | None:
        """The user's table, where one was looked at."""
        from mlprov_widgets.tables import Table

        return next((data for data in self.found.values() if isinstance(data, Table)), None)

    def messages(self, parameter: str) -> list[str]:
        """What is wrong with one parameter."""
        return [p.message for p in self.problems if p.parameter == parameter]

    @property
    def changed(self) -> dict[str, Any]:
        """The values that matter and differ from what they are by default."""
        return {
            name: value
            for name, value in self.values.items()
            if name in self.shown and value != self.defaults.get(name)
        }
