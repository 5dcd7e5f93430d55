"""What a type of parameter has to say, and which types there are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from mlprov_widgets.errors import InvalidValueError
from mlprov_widgets.wording import format_number, shorten

if TYPE_CHECKING:
    from mlprov_widgets.packs.checking import Checked
    from mlprov_widgets.packs.choices import Choice
    from mlprov_widgets.packs.model import Pack
    from mlprov_widgets.packs.parameters import Parameter

# What no title, path or column name needs, and what would choke a browser.
MAX_TEXT = 20_000


class ParameterType:
    """A type of parameter; this one is a text, from which the others differ.

    Attributes
    ----------
    name : str
        The ``type`` in a ``pack.toml``.
    words : str
        What is allowed, where that is the same for all parameters.
    empty : object
        The value of a parameter whose pack gives no default.
    needs_default : bool
        Whether a pack has to give one: *Next* must work with nothing changed.
    choices : str
        Whether a parameter has choices: ``never``, ``always`` or ``maybe``.
    is_number : bool
        Whether its values can be compared with bounds.
    is_path : bool
        Whether its values are paths of files or folders.
    is_filled : bool
        Whether a run writes into what the path leads to.
    outside : str
        The code of what is said where a visitor may not use a path.
    is_hidden : bool
        Whether its value is found out by looking at data, and never asked for.
    tells_nothing : bool
        Whether a notebook tells that there is none, too.
    belongs_to : str
        The type of the parameter that ``table`` has to name; empty where there is none.
    roles : tuple of str
        What its columns may be where a pack does not say it.
    """

    name: ClassVar[str] = ""
    words: ClassVar[str] = "a text"
    empty: ClassVar[Any] = ""
    needs_default: ClassVar[bool] = False
    choices: ClassVar[Literal["never", "always", "maybe"]] = "never"
    is_number: ClassVar[bool] = False
    is_path: ClassVar[bool] = False
    is_filled: ClassVar[bool] = False
    outside: ClassVar[str] = "file_outside"
    is_hidden: ClassVar[bool] = False
    tells_nothing: ClassVar[bool] = True
    belongs_to: ClassVar[str] = ""
    roles: ClassVar[tuple[str, ...]] = ()

    def check(self, parameter: Parameter, value: object) -> Any:
        """The value in its own type.

        Raises
        ------
        InvalidValueError
            If it is not allowed.
        """
        return self.checked_text(parameter, value)

    def parse(self, parameter: Parameter, text: str) -> Any:
        """The value that a text from a shell or a form means, checked.

        Raises
        ------
        InvalidValueError
            If it means none that is allowed.
        """
        return self.check(parameter, text)

    def write(self, value: Any) -> str:
        """A value as `parse` reads it back."""
        return str(value)

    def allowed(self, parameter: Parameter) -> str:
        """What is allowed, in words."""
        return self.words

    def schema(self, parameter: Parameter) -> dict[str, Any]:
        """What is allowed, as JSON Schema says it."""
        return {"type": "string", "maxLength": MAX_TEXT}

    def choice(self, parameter: Parameter, value: object) -> Choice:
        """The choice with this value.

        Raises
        ------
        KeyError
            If there is none.
        """
        for choice in parameter.choices:
            if choice.value == value:
                return choice
        raise KeyError(value)

    def describe(self, parameter: Parameter, value: Any) -> str:
        """A value as a person would write it in a table."""
        if parameter.zero and value == 0:
            return parameter.zero
        text = format_number(value, 6) if isinstance(value, int | float) else str(value)
        return f"{text} {parameter.unit}" if parameter.unit else text

    def look(
        self, parameter: Parameter, members: list[Parameter], checked: Checked, folder: Path
    ) -> None:
        """Look at the data that a value names, and complete the values with what is found.

        Parameters
        ----------
        parameter : Parameter
        members : list of Parameter
            Those that belong to it.
        checked : Checked
            Its values are those to use; problems and notes are added.
        folder : Path
            What relative paths are relative to.
        """

    def fingerprint(
        self, path: Path, members: list[Parameter], values: Mapping[str, Any]
    ) -> dict[str, Any]:
        """By what the data at a path are known again; empty where they are not looked at.

        Parameters
        ----------
        path : Path
        members : list of Parameter
            Those that belong to it.
        values : mapping
            Of all parameters.
        """
        return {}

    def template_names(self, parameter: Parameter) -> set[str]:
        """The names that `render` gives."""
        return {parameter.name}

    def render(
        self, pack: Pack, parameter: Parameter, values: Mapping[str, Any]
    ) -> dict[str, object]:
        """What templates see of a value, by name; it comes out as a Python literal.

        Parameters
        ----------
        pack : Pack
        parameter : Parameter
        values : mapping
            Of all parameters.
        """
        return {parameter.name: values[parameter.name]}

    def refuse(self, parameter: Parameter, value: object) -> InvalidValueError:
        """The error that says what was given and what is allowed."""
        try:
            shown = shorten(repr(value), 80)
        except ValueError:  # Python writes no whole number of more than 4,300 digits
            shown = "a number too large to be written"
        return InvalidValueError(
            "value_not_allowed", parameter=parameter.name, value=shown, allowed=parameter.allowed
        )

    def checked_text(self, parameter: Parameter, value: object) -> str:
        """A text of bearable length.

        Raises
        ------
        InvalidValueError
            If it is something else.
        """
        if type(value) is not str:
            raise self.refuse(parameter, value)
        if len(value) > MAX_TEXT:
            raise InvalidValueError(
                "text_too_long", parameter=parameter.name, length=len(value), most=MAX_TEXT
            )
        return value


_Type = TypeVar("_Type", bound=type[ParameterType])
_TYPES: dict[str, ParameterType] = {}


def register(kind: _Type) -> _Type:
    """Make a type known by its name; a class decorator."""
    _TYPES[kind.name] = kind()
    return kind


def type_of(name: str) -> ParameterType:
    """The type of this name.

    Raises
    ------
    KeyError
        If there is none.
    """
    return _TYPES[name]


def type_names() -> list[str]:
    """The names of all types."""
    return list(_TYPES)
