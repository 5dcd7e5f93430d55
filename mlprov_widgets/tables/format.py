"""How a table is written in its file: one dictionary that code can be generated from."""

from __future__ import annotations

import codecs
import copy
import re
from typing import Any

# A run of blanks and tabs between the cells; every other separator is one character.
BLANKS = r"\s+"

DEFAULTS: dict[str, Any] = {
    "sep": ",",
    "encoding": "utf-8",
    "decimal": ".",
    "skiprows": 0,
    "skipinitialspace": False,
    "header": True,
    "names": None,
    "na_values": [],
    "text": [],
    "floats": [],
    "numeric": [],
    "ignore": [],
}

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


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_names(value: Any) -> bool:
    if value is None:
        return True
    return _is_list_of_text(value) and 0 < len(value) == len(set(value))


def _is_line_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1_000_000


_RULES = {
    "sep": (_is_separator, "must be one character, or '\\s+' for blanks"),
    "encoding": (_is_encoding, "must be the name of a text encoding such as 'utf-8'"),
    "decimal": (lambda value: value in (".", ","), "must be '.' or ','"),
    "skiprows": (_is_line_count, "must be a whole number of lines from 0"),
    "skipinitialspace": (_is_flag, "must be true or false"),
    "header": (_is_flag, "must be true or false"),
    "names": (_is_names, "must be a list of different column names, or nothing"),
    "na_values": (_is_missing_spellings, "must be a list of texts, or such a list per column"),
    "text": (_is_list_of_text, "must be a list of column names"),
    "floats": (_is_list_of_text, "must be a list of column names"),
    "numeric": (_is_list_of_text, "must be a list of column names"),
    "ignore": (_is_list_of_text, "must be a list of column names"),
}


def check_format(value: Any) -> dict[str, Any]:
    """Check that a value, which may come from a stranger, is the format of a table.

    Parameters
    ----------
    value : Any
        A dictionary with some or all of the keys of `Table.format`.

    Returns
    -------
    dict
        A copy with every key; those that were left out have their defaults.

    Raises
    ------
    ValueError
        With a sentence that names the key at fault.
    """
    if not isinstance(value, dict):
        raise ValueError("The format of a table must be a dictionary.")
    unknown = sorted(str(key)[:40] for key in value if key not in DEFAULTS)
    if unknown:
        raise ValueError(
            f"The format of a table has no key {unknown[0]!r}; its keys are {', '.join(DEFAULTS)}."
        )
    for key, given in value.items():
        allowed, rule = _RULES[key]
        if not allowed(given):
            shown = repr(given)
            shown = shown if len(shown) <= 60 else shown[:60] + "…"
            raise ValueError(f"In the format of a table, {key!r} {rule}, but it is {shown}.")
    complete = copy.deepcopy({**DEFAULTS, **value})
    if bool(complete["names"]) == complete["header"]:
        raise ValueError(
            "In the format of a table, 'names' must be given if 'header' is false, and only then."
        )
    return complete


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
    for key in ("sep", "encoding", "decimal", "skiprows", "skipinitialspace"):
        if given[key] != DEFAULTS[key]:
            options[key] = given[key]
    if given["names"]:
        options["header"] = None
        options["names"] = list(given["names"])
    types = {} if target is None else {target: "str"}
    types |= dict.fromkeys([*given["text"], *given["numeric"]], "str")
    types |= {name: "float64" for name in given["floats"] if name != target}
    if types:
        options["dtype"] = types
    if given["na_values"]:
        options["na_values"] = copy.deepcopy(given["na_values"])
    return options
