"""What a parameter is: a question with a type, what is allowed, and how a text becomes a value."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlprov_widgets.packs.conditions import Condition

TYPES = (
    "choice",
    "integer",
    "number",
    "flag",
    "text",
    "csv_file",
    "column",
    "columns",
    "table_format",
    "folder",
    "image_folder",
    "image_format",
    "array_file",
    "array_format",
    "torchvision_model",
)
# Values of these are paths; the data behind all but a plain folder are looked at.
PATHS = ("csv_file", "folder", "image_folder", "array_file")
# Values of these are found out by looking at the data, and never asked for.
FORMATS = ("table_format", "image_format", "array_format")
# What belongs to the data that another parameter names, and the types of that parameter.
BELONGS = {
    "column": "csv_file",
    "columns": "csv_file",
    "table_format": "csv_file",
    "image_format": "image_folder",
    "array_format": "array_file",
}
# What no title, path or column name needs, and what would choke a browser.
MAX_TEXT = 20_000
MAX_INTEGER = 2**63 - 1


@dataclass(frozen=True)
class Choice:
    """One value that a ``choice`` or ``torchvision_model`` parameter can take.

    Parameters
    ----------
    value : str
        As it stands in files, on the command line and in the record.
    label : str
        As it is shown.
    help : str
        What it means, in a sentence.
    code : str
        The Python name or expression that templates write for it; the only way in which a
        choice can become code.
    sets : Mapping
        Defaults that other parameters take when this is chosen.
    """

    value: str
    label: str
    help: str = ""
    code: str = ""
    sets: Mapping[str, Any] = field(default_factory=dict)


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
        One of `TYPES`.
    page, step : str
        The wizard's page and the pipeline step it belongs to.
    default : object
        Allowed by the parameter itself.
    choices : tuple of Choice
        For the type ``choice``; for ``torchvision_model`` those that come before all others.
    minimum, maximum : float or None
        Inclusive bounds, unless `above` says that the minimum itself is excluded.
    above : float or None
        Exclusive lower bound.
    when : Condition
        The parameter is asked for only if this holds.
    constant : bool
        A tunable value: a named constant in the notebook's parameter cell.
    term : str
        The provenance term it is recorded under, beside its own name.
    table : str
        For columns and formats: the parameter that names the file or folder they belong to.
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
    above: float | None = None
    when: Condition = field(default_factory=lambda: Condition(""))
    constant: bool = False
    term: str = ""
    table: str = ""

    @property
    def symbol(self) -> str:
        """Its name as a constant of the notebook."""
        return self.name.upper()

    @property
    def is_path(self) -> bool:
        """Whether its value is the path of a file or folder."""
        return self.type in PATHS

    @property
    def is_hidden(self) -> bool:
        """Whether its value is found out by looking at data, and never asked for."""
        return self.type in FORMATS

    @property
    def has_choices(self) -> bool:
        """Whether `choice` gives something for each of its values."""
        return self.type in ("choice", "torchvision_model")

    def choice(self, value: Any) -> Choice:
        """The choice with this value; for a model of torchvision that is none, one made for it.

        Raises
        ------
        KeyError
            If there is none.
        """
        for choice in self.choices:
            if choice.value == value:
                return choice
        if self.type == "torchvision_model":
            from mlprov_widgets.images import torchvision_models

            # Its name is that of a function in the installed torchvision: safe to be code.
            return Choice(value, value, torchvision_models()[value].help, value)
        raise KeyError(value)

    def check(self, value: Any) -> Any:
        """The value in its own type.

        Raises
        ------
        ValueError
            With a sentence that names the parameter, what was given and what is allowed.
        """
        checked = getattr(self, f"_check_{self.type}")(value)
        if self.type in ("integer", "number"):
            self._check_bounds(checked)
        return checked

    def parse(self, text: str) -> Any:
        """The value that a text on a command line means, checked.

        Raises
        ------
        ValueError
            As `check` does.
        """
        stripped = text.strip()
        match self.type:
            case "integer":
                try:
                    return self.check(int(stripped))
                except ValueError as error:
                    if "is" in str(error) and self.name in str(error):
                        raise
                    raise self._refuse(text) from None
            case "number":
                try:
                    number = float(stripped)
                except ValueError:
                    raise self._refuse(text) from None
                return self.check(number)
            case "flag":
                words = {"true": True, "yes": True, "on": True, "1": True}
                words |= {"false": False, "no": False, "off": False, "0": False}
                if stripped.lower() not in words:
                    raise self._refuse(text)
                return words[stripped.lower()]
            case "columns":
                return self.check(parse_list(text))
            case "table_format" | "image_format" | "array_format":
                raise ValueError(f"{self.name} is found out by looking at the data; leave it out.")
        return self.check(text)

    @property
    def allowed(self) -> str:
        """What is allowed, in words."""
        match self.type:
            case "choice":
                return "one of " + ", ".join(choice.value for choice in self.choices)
            case "flag":
                return "true or false"
            case "columns":
                return "a list of column names"
            case "torchvision_model":
                own = ", ".join(choice.value for choice in self.choices)
                every = "a classification model of torchvision, such as resnet18"
                return f"{own}, or {every}" if own else every
            case "folder" | "image_folder":
                return "a text, the path of a folder"
            case "csv_file" | "array_file":
                return "a text, the path of a file"
            case "integer" | "number":
                kind = "a whole number" if self.type == "integer" else "a number"
                parts = []
                if self.above is not None:
                    parts.append(f"above {_plain(self.above)}")
                if self.minimum is not None and self.maximum is not None:
                    parts.append(f"from {_plain(self.minimum)} to {_plain(self.maximum)}")
                elif self.minimum is not None:
                    parts.append(f"of at least {_plain(self.minimum)}")
                elif self.maximum is not None:
                    parts.append(f"{'and ' if parts else ''}up to {_plain(self.maximum)}")
                return " ".join([kind, *parts])
        return "a text"

    def _refuse(self, value: Any) -> ValueError:
        try:
            shown = repr(value)
        except ValueError:  # Python writes no whole number of more than 4,300 digits
            shown = "a number too large to be written"
        shown = shown if len(shown) <= 80 else shown[:77] + "..."
        return ValueError(f"{self.name} is {shown}; it must be {self.allowed}.")

    def _check_bounds(self, value: float) -> None:
        too_low = (self.minimum is not None and value < self.minimum) or (
            self.above is not None and value <= self.above
        )
        if too_low or (self.maximum is not None and value > self.maximum):
            raise self._refuse(value)

    def _check_choice(self, value: Any) -> str:
        if type(value) is not str or all(choice.value != value for choice in self.choices):
            raise self._refuse(value)
        return value

    def _check_integer(self, value: Any) -> int:
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) is not int or abs(value) > MAX_INTEGER:
            raise self._refuse(value)
        return value

    def _check_number(self, value: Any) -> float:
        try:
            if type(value) in (int, float) and math.isfinite(value):
                return float(value)
        except OverflowError:  # a whole number beyond the largest float
            pass
        raise self._refuse(value)

    def _check_flag(self, value: Any) -> bool:
        if type(value) is not bool:
            raise self._refuse(value)
        return value

    def _check_text(self, value: Any) -> str:
        if type(value) is not str:
            raise self._refuse(value)
        if len(value) > MAX_TEXT:
            raise ValueError(
                f"{self.name} has {len(value):,} characters; at most {MAX_TEXT:,} are allowed."
            )
        return value

    _check_column = _check_text

    def _check_path(self, value: Any) -> str:
        text = self._check_text(value)
        if "\0" in text:
            raise ValueError(f"{self.name} has a character in it that no path can have.")
        return text

    _check_csv_file = _check_text
    _check_folder = _check_path
    _check_image_folder = _check_path
    _check_array_file = _check_path

    def _check_columns(self, value: Any) -> list[str]:
        if type(value) not in (list, tuple) or any(type(name) is not str for name in value):
            raise self._refuse(value)
        return list(dict.fromkeys(value))

    def _check_torchvision_model(self, value: Any) -> str:
        if type(value) is not str:
            raise self._refuse(value)
        if any(choice.value == value for choice in self.choices):
            return value
        from mlprov_widgets.images import torchvision_models

        models = torchvision_models()
        if value in models:
            return value
        if not models:
            raise ValueError(f"{self.name} is {value[:80]!r}, but torchvision is not installed.")
        known = [*(choice.value for choice in self.choices), *models]
        wanted = value[:80].strip().lower()
        near = [name for name in known if wanted and wanted in name.lower()]
        near = near or difflib.get_close_matches(wanted, known, 3, 0.5)
        named = [*near[:4], *([f"one of {len(near) - 4} more"] if len(near) > 4 else [])]
        listed = " or ".join([", ".join(named[:-1]), named[-1]] if named[1:] else named)
        hint = f"; did you mean {listed}?" if near else "."
        raise ValueError(f"{self.name} is {value[:80]!r}; torchvision has no such model{hint}")

    def _check_table_format(self, value: Any) -> dict[str, Any]:
        from mlprov_widgets.tables import check_format

        return self._check_format(value, check_format)

    def _check_image_format(self, value: Any) -> dict[str, Any]:
        from mlprov_widgets.images import check_image_format

        return self._check_format(value, check_image_format)

    def _check_array_format(self, value: Any) -> dict[str, Any]:
        from mlprov_widgets.images import check_array_format

        return self._check_format(value, check_array_format)

    def _check_format(self, value: Any, check: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        if value == {}:
            return {}
        try:
            return check(value)
        except ValueError as error:
            raise ValueError(f"{self.name}: {error}") from None


def parse_list(text: str) -> list[str]:
    """Names from one line: a JSON list, else separated by commas."""
    import json

    stripped = text.strip()
    if stripped.startswith("["):
        try:
            found = json.loads(stripped)
        except ValueError:
            found = None
        if isinstance(found, list):
            return found
    return [name.strip() for name in stripped.split(",") if name.strip()]


def _plain(number: float) -> str:
    return f"{number:g}" if abs(number) < 1e6 else f"{number:,.0f}"
