"""What is said to people of an error or a problem: a code and its arguments become a sentence.

Each ``.toml`` file beside this module has the sentences of one room, by their code. What stands in
braces is an argument; after a colon, separated by commas, how it is written:

============  ==================================================================================
``q``         in quotes, as it is; of a list each entry
``or``        the last entries of a list are joined by this word, ``and`` where none is given
``plain``     a number without groups of digits: a line, a year, a port
``size``      a number of bytes
``duration``  a number of seconds
``one|many``  a number with its noun in the singular or the plural
``!is|are``   only the word that fits the number
``80``        at most so many characters of a text, or entries of a list
============  ==================================================================================

What stands in square brackets is left out where an argument in it is missing; of several
alternatives, separated by bars, the first one whose arguments are all there is taken.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

from mlprov_widgets import wording

MAX_SENTENCE = 900
# Brackets without an argument are brackets.
_OPTIONAL = re.compile(r"\[([^\[\]{]*\{[^\[\]]*)\]")
# Inside braces a bar is between the singular and the plural.
_BAR = re.compile(r"\|(?![^{]*\})")


def message(code: str, arguments: Mapping[str, object]) -> str:
    """The sentence of a code, in one line of visible characters.

    Parameters
    ----------
    code : str
        A key in one of the files beside this module.
    arguments : mapping
        What the sentence has in braces; may be anybody's text.

    Raises
    ------
    KeyError
        If there is no such code.
    """
    return shortened(fill(catalogue()[code], arguments))


def shortened(sentence: str) -> str:
    """A sentence of bearable length, in one line of visible characters."""
    text = wording.visible(" ".join(sentence.split("\n")))
    if len(text) <= MAX_SENTENCE:
        return text
    # What is wrong is said first, and what to do last.
    return f"{text[: MAX_SENTENCE - 301]} … {text[-298:]}"


def fill(sentence: str, arguments: Mapping[str, object]) -> str:
    """A sentence with its arguments in it, as `message` writes them, but of any length."""
    there = {name: one for name, one in arguments.items() if one not in (None, "", [], {})}
    sentence = _OPTIONAL.sub(lambda found: _alternative(found[1], there), sentence)
    return _Sentence().vformat(sentence, (), arguments)


def _alternative(text: str, arguments: Mapping[str, object]) -> str:
    for one in _BAR.split(text):
        if all(name in arguments for _, name, _, _ in Formatter().parse(one) if name):
            return one
    return ""


class Note(str):
    """What is worth knowing, in a sentence that remembers its code and arguments.

    Parameters
    ----------
    code : str
        A key in one of the files beside this module.
    **arguments
        What the sentence names.
    """

    code: str
    arguments: dict[str, object]

    def __new__(cls, code: str, /, **arguments: object) -> Note:
        made = super().__new__(cls, message(code, arguments))
        made.code, made.arguments = code, arguments
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        # A copy is made of what the note was made of, not of its sentence.
        return (self.code,), self.arguments


@lru_cache(maxsize=1)
def catalogue() -> dict[str, str]:
    """All sentences by their code."""
    found: dict[str, str] = {}
    for file in Path(__file__).parent.glob("*.toml"):
        found |= tomllib.loads(file.read_text(encoding="utf-8"))
    return found


class _Sentence(Formatter):
    def get_field(self, field_name: str, args: Any, kwargs: Any) -> tuple[object, str]:
        # Names only: an argument's attributes and entries are nobody's to reach.
        value = kwargs.get(field_name)
        return "unknown" if value is None else value, field_name

    def format_field(self, value: object, format_spec: str) -> str:
        return _written(value, [one for one in format_spec.split(",") if one])


def _written(value: object, manners: list[str]) -> str:
    limit = next((int(one) for one in manners if one.isdecimal()), 0)
    if isinstance(value, list | tuple | set | frozenset):
        inner = [one for one in manners if one == "plain"]
        inner += ["q", "60"] if "q" in manners else []
        last = next((one for one in manners if one in ("or", "and")), "and")
        return wording.format_list([_written(one, inner) for one in value], limit or 6, last)
    if isinstance(value, Mapping):
        return wording.format_value(value, limit or 200)
    if isinstance(value, bool):
        return wording.format_number(value)
    if isinstance(value, int | float):
        return _number(value, manners)
    if "q" in manners:
        return wording.quote(str(value), limit or 200)
    # An error inside an error is a sentence already.
    return wording.one_line(value, limit or (MAX_SENTENCE if isinstance(value, Exception) else 200))


def _number(value: float, manners: list[str]) -> str:
    if "plain" in manners:
        return wording.format_value(value) if isinstance(value, int) else repr(value)
    if "size" in manners:
        return wording.format_size(value)
    if "duration" in manners:
        return wording.format_duration(value)
    noun = next((one for one in manners if "|" in one), "")
    if noun:
        one, many = noun.removeprefix("!").split("|")
        if noun.startswith("!"):
            return one if value == 1 else many
        return wording.format_count(value, one, many)
    return wording.format_number(value)
