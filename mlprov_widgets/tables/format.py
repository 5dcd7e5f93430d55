"""How a table is written in its file: one dictionary that code can be generated from."""

from __future__ import annotations

import codecs
import copy
import re
from collections.abc import Callable
from typing import Any

from mlprov_widgets.errors import MlprovError, TableError
from mlprov_widgets.tables.amounts import is_style
from mlprov_widgets.wording import shorten

# Key to a test of its values, what that asks for in words, and a value for want of another.
Rules = dict[str, tuple[Callable[[Any], bool], str, Any]]
# A run of blanks and tabs between the cells; every other separator is one character.
BLANKS = r"\s+"

_MOST_NAMES = 20_000
_LONGEST_NAME = 10_000
# Codecs that call themselves text encodings but do more, or less, than to decode a file.
_NOT_FOR_FILES = {
    "idna",
    "punycode",
    "unicode-escape",
    "raw-unicode-escape",
    "undefined",
    "mbcs",
    "oem",
}


def _is_encoding(value: Any) -> bool:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", value):
        return False
    try:
        codec = codecs.lookup(value)
    except LookupError:
        return False
    is_text = getattr(codec, "_is_text_encoding", True)
    return bool(is_text) and codec.name.replace("_", "-") not in _NOT_FOR_FILES


def _is_separator(value: Any) -> bool:
    if value == BLANKS:
        return True
    return isinstance(value, str) and len(value) == 1 and value not in '"\r\n\0'


def _is_quote(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 1 and value in "\"'"


def _is_list_of_text(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= _MOST_NAMES
        and all(isinstance(item, str) and len(item) <= _LONGEST_NAME for item in value)
    )


def _is_missing_spellings(value: Any) -> bool:
    if isinstance(value, dict):
        return _is_list_of_text(list(value)) and all(map(_is_list_of_text, value.values()))
    return _is_list_of_text(value)


def _are_styles(value: Any) -> bool:
    if not isinstance(value, dict) or not _is_list_of_text(list(value)):
        return False
    return all(map(is_style, value.values()))


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_names(value: Any) -> bool:
    return value is None or (_is_list_of_text(value) and 0 < len(value) == len(set(value)))


def _is_line_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1_000_000


_RULES: Rules = {
    "sep": (_is_separator, "must be one character, or '\\s+' for blanks", ","),
    "encoding": (_is_encoding, "must be the name of a text encoding such as 'utf-8'", "utf-8"),
    "decimal": (lambda value: value in (".", ","), "must be '.' or ','", "."),
    "thousands": (
        lambda value: value in (None, *",.' _"),
        "must be a comma, a point, a blank or the like, or nothing",
        None,
    ),
    "skiprows": (_is_line_count, "must be a whole number of lines from 0", 0),
    "skipinitialspace": (_is_flag, "must be true or false", False),
    "quotechar": (_is_quote, "must be a single or a double quote", '"'),
    "escapechar": (lambda value: value in (None, "\\"), "must be a backslash, or nothing", None),
    "header": (_is_flag, "must be true or false", True),
    "names": (_is_names, "must be a list of different column names, or nothing", None),
    "na_values": (_is_missing_spellings, "must be a list of texts, or such a list per column", []),
    "keep_default_na": (_is_flag, "must be true or false", True),
    "text": (_is_list_of_text, "must be a list of column names", []),
    "floats": (_is_list_of_text, "must be a list of column names", []),
    "numeric": (_is_list_of_text, "must be a list of column names", []),
    "amounts": (_are_styles, "must say for columns how their numbers are written", {}),
    "ignore": (_is_list_of_text, "must be a list of column names", []),
}
# Those that `pandas.read_csv` has by the same name.
_OPTIONS = (
    "sep",
    "encoding",
    "quotechar",
    "escapechar",
    "decimal",
    "thousands",
    "skiprows",
    "skipinitialspace",
)
DEFAULTS = {key: default for key, (_, _, default) in _RULES.items()}


def check_format(value: object) -> dict[str, Any]:
    """Check that a value, which may come from a stranger, is the format of a table.

    Parameters
    ----------
    value : object
        A dictionary with some or all of the keys of `Table.format`.

    Returns
    -------
    dict
        A copy with every key; those that were left out have their defaults.

    Raises
    ------
    TableError
        That names the key at fault.
    """
    complete = {**copy.deepcopy(DEFAULTS), **check_keys(value, _RULES, "a table", TableError)}
    if bool(complete["names"]) == complete["header"]:
        raise TableError("format_names_and_header")
    return complete


def check_keys(
    value: object, rules: Rules, what: str, kind: type[MlprovError], complete: bool = False
) -> dict[str, Any]:
    """A copy of a dictionary of which each value keeps the rule of its key.

    Parameters
    ----------
    value : object
        Anything, also a stranger's.
    rules : dict
        For each key that it may have the test, what it asks for in words, and another value.
    what : str
        What it is the format of.
    kind : type of MlprovError
        What is raised.
    complete : bool, default False
        Whether no key may be left out.

    Raises
    ------
    MlprovError
        That names the key at fault.
    """
    if not isinstance(value, dict):
        raise kind("format_not_a_dictionary", what=what)
    for key in value:
        if key not in rules:
            raise kind("format_key_unknown", what=what, key=key, keys=", ".join(rules))
    for key, (allowed, rule, _) in rules.items():
        if key not in value:
            if complete:
                raise kind("format_key_missing", what=what, key=key, rule=rule)
        elif not allowed(value[key]):
            shown = shorten(repr(value[key]), 60)
            raise kind("format_key_not_allowed", what=what, key=key, rule=rule, value=shown)
    return copy.deepcopy(value)


def read_csv_options(format: dict[str, Any], target: str | None = None) -> dict[str, Any]:
    """Build the keyword arguments with which `pandas.read_csv` reads a table.

    Parameters
    ----------
    format : dict
        As in `Table.format`; keys that are left out have their defaults.
    target : str, optional
        The column with the labels. It is read as text, so that 001, 01 and 1 stay different.

    Returns
    -------
    dict
        Only what differs from pandas' own defaults; the types in `dtype` are the strings
        ``"str"`` and ``"float64"``, so that every value is a literal.
    """
    given = {**DEFAULTS, **format}
    options: dict[str, Any] = {}
    for key in _OPTIONS:
        if given[key] != DEFAULTS[key]:
            options[key] = given[key]
    if given["names"]:
        options["header"] = None
        options["names"] = list(given["names"])
    types = {} if target is None else {target: "str"}
    types |= dict.fromkeys([*given["text"], *given["numeric"], *given["amounts"]], "str")
    types |= {name: "float64" for name in given["floats"] if name != target}
    if types:
        options["dtype"] = types
    if not given["keep_default_na"]:
        options["keep_default_na"] = False
    if given["na_values"]:
        options["na_values"] = copy.deepcopy(given["na_values"])
    return options
