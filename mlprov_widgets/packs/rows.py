"""The rows of a ``pack.toml``: which fields each kind may have, and in which line they are."""

from __future__ import annotations

import contextlib
import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator
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
    "pack": ({"title", "summary", "version", "task_type"}, {"question", "needs", "order"}),
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
_OTHERS = [[table] for table in TABLES]


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
        code = "toml_value_unreadable" if _has_bare_word(text, line) else "toml_unreadable"
        raise PackError(code, file, line, reason=reason) from None
    except RecursionError:
        raise PackError("toml_too_deep", file) from None
    except ValueError:  # a whole number of more than 4,300 digits
        raise PackError("toml_number_too_long", file) from None


def _has_bare_word(text: str, line: int | None) -> bool:
    """Whether a line gives a word that is no value of TOML: a text without quotes, or ``True``."""
    row = text.splitlines()[line - 1] if line and line <= text.count("\n") + 1 else ""
    found = re.match(r"[^=]*=\s*([A-Za-z_][\w-]*)\s*(?:#.*)?$", row)
    return found is not None and found[1] not in ("true", "false", "inf", "nan")


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
    choice : int or None
        Which choice of the table's parameter it is, from 0, where it is one.
    """

    file: Path
    text: str
    table: str
    number: int
    field: str
    values: dict[str, Any]
    choice: int | None = None

    def error(
        self, code: str, name: str = "", field: str = "", /, **arguments: object
    ) -> PackError:
        """An error about one of its fields; `field` is how to call it, by default its name."""
        called = field or (f"{self.field}.{name}" if name else self.field)
        return PackError(code, self.file, self.line(name), called, **arguments)

    def moved(self, error: PackError | InvalidValueError, name: str, field: str = "") -> PackError:
        """An error that something else found in one of its fields."""
        return self.error(error.code, name, field, **error.arguments)

    def check_fields(self) -> None:
        """Refuse what is missing, unknown or of a wrong type."""
        for fault in self.faults():
            raise fault

    def faults(self) -> Iterator[PackError]:
        """What is unknown, of a wrong type, or missing."""
        kind = self.table if self.choice is None else "choices"
        required, optional = FIELDS[kind]
        allowed = sorted(required | optional)
        for name, value in self.values.items():
            if name in allowed:
                yield from self._faults_of(kind, name, value)
            else:
                near = difflib.get_close_matches(name, allowed, 1)
                said = {"called": name, "near": near, "allowed": ", ".join(allowed)}
                yield self.error("field_unknown", name, **said)
        for name in sorted(required - set(self.values)):
            yield self.error("field_missing", called=name)

    def _faults_of(self, kind: str, name: str, value: object) -> Iterator[PackError]:
        expected: Any
        expected, words = KINDS.get(name, (str, "a text"))
        if not isinstance(value, expected) or (
            isinstance(value, bool) and expected not in (bool, object)
        ):
            yield self.error("field_of_wrong_type", name, called=name, wanted=words)
            return
        items = value if isinstance(value, list) else [value]
        if name == "steps" and any(not isinstance(step, str) for step in items):
            yield self.error("steps_of_wrong_type", name)
        allowed = WORDS.get((kind, name))
        for word in items if allowed else ():
            if allowed and word not in allowed:
                known = ", ".join(allowed)
                yield self.error("word_unknown", name, word=str(word)[:80], allowed=known)

    def missing_parameter(
        self, name: str, called: str, names: Iterable[str], field: str = ""
    ) -> PackError:
        """An error about a field that is about a parameter that there is not."""
        near = difflib.get_close_matches(called, names, 1)
        return self.error("parameter_missing", name, field, called=called, near=near)

    def condition(self, names: set[str]) -> Condition:
        """Its ``when``, about parameters that there are."""
        try:
            when = Condition(self.values.get("when", ""))
        except PackError as error:
            raise self.moved(error, "when") from None
        for name in sorted(when.names - names):
            raise self.missing_parameter("when", name, names)
        return when

    def line(self, name: str) -> int | None:
        """Line of a field: tomllib forgets lines, so the table headers are counted again."""
        lines = self.text.splitlines()
        headers = [at for at, line in enumerate(lines) if header_of(line) == [self.table]]
        if self.number >= len(headers):
            return None
        start = headers[self.number]
        later = (at for at in range(start + 1, len(lines)) if header_of(lines[at])[:1] in _OTHERS)
        end = next(later, len(lines))
        if self.choice is not None:
            return self._line_of_choice(lines[start:end]) + start
        for at in range(start + 1, end):
            if header_of(lines[at]):  # of a choice, whose fields are its own
                break
            if name and key_of(lines[at]) == name:
                return at + 1
        return start + 1

    def _line_of_choice(self, lines: list[str]) -> int:
        """The line of a choice, from 1; that of all choices where each has no line of its own."""
        own = [at for at, line in enumerate(lines, 1) if header_of(line)[1:] == ["choices"]]
        listed = next((at for at, line in enumerate(lines, 1) if key_of(line) == "choices"), 1)
        rows = enumerate(lines[listed:], listed + 1)
        found = own or [at for at, line in rows if line.lstrip().startswith("{")]
        assert self.choice is not None
        return found[self.choice] if self.choice < len(found) else listed


def header_of(line: str) -> list[str]:
    """The names in the header of a table, such as ``[[parameters]]``; none of another line."""
    found = re.match(r"\s*\[\[?([^\[\]]+)\]\]?\s*(?:#.*)?$", line)
    return _keys(found[1]) if found else []


def key_of(line: str) -> str:
    """The name before the equals sign of a line; empty where there is none."""
    found = re.match(r"\s*([\w-]+|\"[^\"]*\"|'[^']*')\s*=", line)
    return "".join(_keys(found[1])) if found else ""


def _keys(text: str) -> list[str]:
    """The names of a key with dots, as TOML reads it."""
    names: list[str] = []
    with contextlib.suppress(tomllib.TOMLDecodeError, RecursionError):
        inner: Any = tomllib.loads(f"{text.strip()} = 0")
        while isinstance(inner, dict):
            name, inner = next(iter(inner.items()))
            names.append(name)
    return names
