"""What a parameter is: a question with a type, from which everything else about it follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mlprov_widgets.packs.choices import Choice
from mlprov_widgets.packs.conditions import Condition
from mlprov_widgets.packs.types import ParameterType, type_of
from mlprov_widgets.tables.roles import USED


@dataclass(frozen=True)
class Parameter:
    """One question of the wizard, and everything that follows from it.

    Parameters
    ----------
    name : str
        The same in the pack, on the command line, in the notebook and in the record.
    label, help, unit, zero : str
        Words for people; ``zero`` is what the number 0 means, where it is no amount: ``never``.
    type : str
        The name of one of `mlprov_widgets.packs.types`.
    page, step : str
        The wizard's page and the pipeline step it belongs to.
    default : object
        Allowed by the parameter itself.
    choices : tuple of Choice
        Where its type has any; for ``torchvision_model`` those that come before all others.
    minimum, maximum : float or None
        Inclusive bounds.
    exclusive_minimum : float or None
        A lower bound that is itself not allowed.
    when : Condition
        The parameter is asked for only if this holds.
    constant : bool
        A tunable value: a named constant in the notebook's parameter cell.
    term : str
        The provenance term it is recorded under, beside its own name.
    table : str
        For columns and formats: the parameter that names the file or folder they belong to.
    roles : tuple of str
        For columns: what they may be, of `mlprov_widgets.tables.roles.ROLES`.
    target : bool
        For columns: whether these are to be predicted.
    optional : bool
        For a column: whether there need be none.
    """

    name: str
    label: str
    type: str
    page: str
    step: str
    default: Any
    help: str = ""
    unit: str = ""
    zero: str = ""
    choices: tuple[Choice, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: float | None = None
    when: Condition = field(default_factory=lambda: Condition(""))
    constant: bool = False
    term: str = ""
    table: str = ""
    roles: tuple[str, ...] = ()
    target: bool = False
    optional: bool = False

    @property
    def kind(self) -> ParameterType:
        """Its type, which knows what is allowed and how values are read and written."""
        return type_of(self.type)

    @property
    def symbol(self) -> str:
        """Its name as a constant of the notebook."""
        return self.name.upper()

    @property
    def is_path(self) -> bool:
        """Whether its value is the path of a file or folder."""
        return self.kind.is_path

    @property
    def is_hidden(self) -> bool:
        """Whether its value is found out by looking at data, and never asked for."""
        return self.kind.is_hidden

    @property
    def is_target(self) -> bool:
        """Whether its columns are to be predicted: classes or numbers, and not said otherwise."""
        return self.target or (self.type == "column" and set(self.roles) <= set(USED))

    def is_told(self, value: object) -> bool:
        """Whether a value is among the choices that a notebook tells at its top.

        Parameters
        ----------
        value : object
            A value that `check` gave.
        """
        return not self.is_hidden and (bool(value) or self.kind.tells_nothing)

    @property
    def has_choices(self) -> bool:
        """Whether `choice` gives something for each of its values."""
        return self.kind.choices != "never"

    @property
    def allowed(self) -> str:
        """What is allowed, in words."""
        return self.kind.allowed(self)

    def choice(self, value: object) -> Choice:
        """The choice with this value; for a model of torchvision that is none, one made for it.

        Parameters
        ----------
        value : object
            A value of the parameter.

        Raises
        ------
        KeyError
            If there is none.
        """
        return self.kind.choice(self, value)

    def check(self, value: object) -> Any:
        """The value in its own type.

        Parameters
        ----------
        value : object
            Anything, also what a stranger's file has.

        Raises
        ------
        InvalidValueError
            That names the parameter, what was given and what is allowed.
        """
        return self.kind.check(self, value)

    def parse(self, text: str) -> Any:
        """The value that a text on a command line or in a form means, checked.

        Parameters
        ----------
        text : str

        Raises
        ------
        InvalidValueError
            As `check` does.
        """
        return self.kind.parse(self, text)

    def write(self, value: Any) -> str:
        """A value as `parse` reads it back.

        Parameters
        ----------
        value : object
            A value that `check` gave.
        """
        return self.kind.write(value)

    def describe(self, value: Any) -> str:
        """A value as a person would write it in a table.

        Parameters
        ----------
        value : object
            A value that `check` gave.
        """
        return self.kind.describe(self, value)
