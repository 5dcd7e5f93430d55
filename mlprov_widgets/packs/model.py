"""What a pack declares: pages, parameters, choices and rules."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
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
)
# What no title, path or column name needs, and what would choke a browser.
MAX_TEXT = 20_000
MAX_INTEGER = 2**63 - 1


@dataclass(frozen=True)
class Choice:
    """One value that a ``choice`` parameter can take.

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
    label, help, unit : str
        Words for people.
    type : str
        One of `TYPES`.
    page, step : str
        The wizard's page and the pipeline step it belongs to.
    default : object
        Allowed by the parameter itself.
    choices : tuple of Choice
        For the type ``choice``.
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
        For ``column``, ``columns`` and ``table_format``: the ``csv_file`` parameter meant.
    """

    name: str
    label: str
    type: str
    page: str
    step: str
    default: Any
    help: str = ""
    unit: str = ""
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

    def choice(self, value: Any) -> Choice:
        """The choice with this value.

        Raises
        ------
        KeyError
            If there is none.
        """
        for choice in self.choices:
            if choice.value == value:
                return choice
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
            case "table_format":
                raise ValueError(f"{self.name} is found out by looking at the table; leave it out.")
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

    _check_csv_file = _check_text
    _check_column = _check_text

    def _check_columns(self, value: Any) -> list[str]:
        if type(value) not in (list, tuple) or any(type(name) is not str for name in value):
            raise self._refuse(value)
        return list(dict.fromkeys(value))

    def _check_table_format(self, value: Any) -> dict[str, Any]:
        from mlprov_widgets.tables import check_format

        if value == {}:
            return {}
        try:
            return check_format(value)
        except ValueError as error:
            raise ValueError(f"{self.name}: {error}") from None


@dataclass(frozen=True)
class Rule:
    """Something to say about a combination of values.

    Parameters
    ----------
    when : Condition
        The combination.
    parameter : str
        Beside which field it is said.
    message : str
        One or two sentences.
    error : bool
        True refuses the combination, False is a note.
    """

    when: Condition
    parameter: str
    message: str
    error: bool = False


@dataclass(frozen=True)
class Page:
    """A page of the wizard; `steps` are the pipeline steps whose cells it shows."""

    name: str
    title: str
    help: str = ""
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class CellTemplate:
    """One Jinja file: a cell of the notebook.

    Parameters
    ----------
    name : str
        The file's name without its endings, such as ``060_data_ingestion``.
    kind : str
        ``code`` or ``markdown``.
    step : str
        The word behind the number.
    file : Path
        The file.
    """

    name: str
    kind: str
    step: str
    file: Path


@dataclass(frozen=True, eq=False)
class Pack:
    """An experiment, declared.

    Parameters
    ----------
    name, title, summary, version, task_type : str
        Words for people and for the record.
    folder, common : Path
        Where its files are, and where those are that packs share.
    sha256 : str
        Over the names and bytes of all these files.
    pages : tuple of Page
    parameters : dict of str to Parameter
    rules : tuple of Rule
    cells : tuple of CellTemplate
    examples : dict of str to dict
        Named value sets.
    """

    name: str
    title: str
    summary: str
    version: str
    task_type: str
    folder: Path
    common: Path
    sha256: str
    pages: tuple[Page, ...]
    parameters: dict[str, Parameter]
    rules: tuple[Rule, ...]
    cells: tuple[CellTemplate, ...]
    examples: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Pack({self.name!r}, version {self.version}, {len(self.parameters)} parameters)"

    def page_of(self, step: str) -> Page | None:
        """The page that shows the cells of a pipeline step."""
        return next((page for page in self.pages if step in page.steps), None)


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
