"""The rows of a ``pack.toml``: which fields each kind may have, and in which line they are."""

from __future__ import annotations

import re
import tomllib
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from mlprov_widgets.errors import InvalidValueError, PackError
from mlprov_widgets.packs.choices import Choice
from mlprov_widgets.packs.conditions import Condition
from mlprov_widgets.packs.files import read_text
from mlprov_widgets.packs.model import Rule, WizardPage
from mlprov_widgets.packs.parameters import Parameter
from mlprov_widgets.record.fields import DIRECTIONS, MEASURED_ON
from mlprov_widgets.record.fields import KINDS as KINDS_OF_FIELDS
from mlprov_widgets.tables.roles import ROLES

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
TABLES = ("pack", "pages", "parameters", "rules", "metrics", "fields")


def _declared(kind: Any, *given: str) -> tuple[set[str], set[str]]:
    """What a table of this kind has to say, and what it may; `given` is what it need not either."""
    names = {one.name for one in fields(kind)}
    no_default = {one.name for one in fields(kind) if one.default is one.default_factory is MISSING}
    required = no_default - set(given)
    return required, names - required


FIELDS: dict[str, tuple[set[str], set[str]]] = {
    # table: required fields, optional fields
    "pack": ({"title", "summary", "version", "task_type"}, {"order"}),
    "pages": _declared(WizardPage),
    "parameters": _declared(Parameter, "default"),
    "choices": _declared(Choice),
    "rules": _declared(Rule),
    "metrics": ({"name", "label"}, {"unit", "direction", "headline", "part", "baseline_of"}),
    "fields": ({"name", "step", "label"}, {"unit", "kind"}),
}
_NUMBER = ((int, float), "a number")
# What a field has to be where it is no text; the type of a default is the parameter's.
KINDS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "choices": (list, "a list"),
    "steps": (list, "a list"),
    "roles": (list, "a list"),
    "constant": (bool, "true or false"),
    "error": (bool, "true or false"),
    "headline": (bool, "true or false"),
    "optional": (bool, "true or false"),
    "target": (bool, "true or false"),
    "order": (int, "a whole number"),
    "sets": (dict, "a table"),
    "minimum": _NUMBER,
    "maximum": _NUMBER,
    "exclusive_minimum": _NUMBER,
    "default": (object, ""),
}
# Of what is one of a few words, these.
WORDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("metrics", "direction"): DIRECTIONS,
    ("metrics", "part"): MEASURED_ON,
    ("fields", "kind"): KINDS_OF_FIELDS,
    ("parameters", "roles"): ROLES,
}
_MOST_DOTS = 100


def read_toml(file: Path, folder: Path) -> tuple[str, dict[str, Any]]:
    """A file's text, and what it says.

    Parameters
    ----------
    file, folder : Path
        The file, and the folder that it has to be in.

    Raises
    ------
    PackError
        If there is none, or it is not TOML.
    """
    try:
        text = read_text(file, folder)
        for number, row in enumerate(text.splitlines(), start=1):
            # tomllib takes quadratic time for a key of many names with dots between them.
            if row.count(".") > _MOST_DOTS:
                raise PackError("toml_too_many_dots", file, number, most=_MOST_DOTS)
        return text, tomllib.loads(text)
    except FileNotFoundError:
        raise PackError("pack_toml_missing", file) from None
    except tomllib.TOMLDecodeError as error:
        # Python 3.14 has the line as an attribute; before, only the sentence says it.
        found = re.search(r" \(at line (\d+)[^)]*\)$", str(error))
        reason = str(error)[: found.start()] if found else str(error)
        line = int(found[1]) if found else None
        raise PackError("toml_unreadable", file, line, reason=reason) from None
    except RecursionError:
        raise PackError("toml_too_deep", file) from None
    except ValueError:  # a whole number of more than 4,300 digits
        raise PackError("toml_number_too_long", file) from None


@dataclass(frozen=True)
class Row:
    """One table of the file: what it says, and where.

    Parameters
    ----------
    file : Path
    text : str
        Of the whole file.
    table : str
        ``pack``, ``pages``, ``parameters`` or ``rules``.
    number : int
        Which of the tables of this name, from 0.
    field : str
        How errors call it.
    values : dict
    """

    file: Path
    text: str
    table: str
    number: int
    field: str
    values: dict[str, Any]

    def error(
        self, code: str, name: str = "", field: str = "", /, **arguments: object
    ) -> PackError:
        """An error about one of its fields; `field` is how to call it, by default its name."""
        called = field or (f"{self.field}.{name}" if name else self.field)
        return PackError(code, self.file, self.line(name), called, **arguments)

    def moved(self, error: PackError | InvalidValueError, name: str, field: str = "") -> PackError:
        """An error that something else found in one of its fields."""
        return self.error(error.code, name, field, **error.arguments)

    def check_fields(self, kind: str = "") -> None:
        """Refuse what is missing, unknown or of a wrong type."""
        required, optional = FIELDS[kind or self.table]
        for name in sorted(required - set(self.values)):
            raise self.error("field_missing", called=name)
        for name, value in self.values.items():
            if name not in required | optional:
                allowed = sorted(required | optional)
                raise self.error("field_unknown", name, called=name, allowed=", ".join(allowed))
            expected: Any
            expected, words = KINDS.get(name, (str, "a text"))
            if not isinstance(value, expected) or (
                isinstance(value, bool) and expected not in (bool, object)
            ):
                raise self.error("field_of_wrong_type", name, called=name, wanted=words)
            if name == "steps" and any(not isinstance(step, str) for step in value):
                raise self.error("steps_of_wrong_type", name)
            allowed_words = WORDS.get((kind or self.table, name))
            for word in value if isinstance(value, list) else [value]:
                if allowed_words and word not in allowed_words:
                    known = ", ".join(allowed_words)
                    raise self.error("word_unknown", name, word=str(word)[:80], allowed=known)

    def condition(self, names: set[str]) -> Condition:
        """Its ``when``, about parameters that there are."""
        try:
            when = Condition(self.values.get("when", ""))
        except PackError as error:
            raise self.moved(error, "when") from None
        for name in sorted(when.names - names):
            raise self.error("parameter_missing", "when", called=name)
        return when

    def line(self, name: str) -> int | None:
        """Line of a field: tomllib forgets lines, so the table headers are counted again."""
        header = re.compile(r"\s*\[\[?\s*" + re.escape(self.table) + r"\s*\]\]?\s*(#.*)?$")
        lines = self.text.splitlines()
        starts = [index for index, line in enumerate(lines) if header.match(line)]
        if self.number >= len(starts):
            return None
        start = starts[self.number]
        field = re.compile(rf"\s*(?:{re.escape(name)}|\"{re.escape(name)}\")\s*=")
        for index in range(start + 1, len(lines)):
            if re.match(rf"\s*\[\[?\s*({'|'.join(TABLES)})\s*\]", lines[index]):
                break
            if name and field.match(lines[index]):
                return index + 1
        return start + 1
